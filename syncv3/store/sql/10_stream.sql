-- Positions and epochs of the stream (docs/architecture/positions.md).

-- A position as it is written in a planned group: -1 is the group's first, -2 its second;
-- a value that is not negative is a position already.
DROP FUNCTION IF EXISTS ss_at;
CREATE FUNCTION ss_at(base bigint, x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN x < 0 THEN base - x ELSE x END $$;

-- One writer at a time, from here to the end of its transaction.
DROP FUNCTION IF EXISTS ss_stream_lock;
CREATE FUNCTION ss_stream_lock() RETURNS void LANGUAGE sql VOLATILE AS
$$ SELECT pg_advisory_xact_lock(7310579611262) $$;

-- The open epoch; after a crash, a promotion or a restore of the database a new one.
--
-- The fence is an UNLOGGED table, which PostgreSQL empties in each of these cases: if it has no
-- row, commits may have been lost. Then the old epoch ends with what is left of it, and the new
-- one begins 2^32 positions higher: beyond any that clients may have been told of.
DROP FUNCTION IF EXISTS ss_open_epoch;
CREATE FUNCTION ss_open_epoch() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    open_epoch bigint;
    ended bigint;
BEGIN
    PERFORM ss_stream_lock();
    SELECT f.epoch INTO open_epoch FROM ss_stream_fence f;
    IF FOUND THEN
        RETURN open_epoch;
    END IF;
    SELECT coalesce(max(last_pos), 0) INTO ended FROM ss_stream_commits;
    UPDATE ss_stream_epochs SET last_pos = ended WHERE last_pos IS NULL;
    IF EXISTS (SELECT 1 FROM ss_stream_epochs) THEN
        ended := ended + 4294967296;
        -- Clients may have tokens of messages that are lost: none may get such a number again. By
        -- the clock (microseconds), because the same backup may be put back twice.
        PERFORM setval('ss_to_device_messages_seq', greatest(
            nextval('ss_to_device_messages_seq') + 4294967296,
            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint));
    END IF;
    -- By the clock: a restored backup must not use the number of a lost epoch again.
    SELECT greatest(coalesce(max(epoch), 0) + 1,
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
        INTO open_epoch FROM ss_stream_epochs;
    INSERT INTO ss_stream_epochs (epoch, first_pos) VALUES (open_epoch, ended + 1);
    INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)
        VALUES (ended + 1, ended + 1, open_epoch);
    INSERT INTO ss_stream_fence (epoch) VALUES (open_epoch);
    RETURN open_epoch;
END $$;
