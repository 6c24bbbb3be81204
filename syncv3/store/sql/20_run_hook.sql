-- Statements of extensions, run inside a group's transaction.

-- ss_commit_group takes hooks too; it is made anew by the next file.
DROP TYPE IF EXISTS ss_w_hook CASCADE;
CREATE TYPE ss_w_hook AS (extension text, statement text, rows json, tells boolean);

DROP FUNCTION IF EXISTS ss_run_hook;
CREATE FUNCTION ss_run_hook(p_hook ss_w_hook, p_pos bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
-- Runs an extension's statement. Raises SS001 with the extension's name, the SQLSTATE and the
-- message if it fails on its data or is wrong; what is a fault of the database stays what it
-- is: a lost connection (08), a database that may not write (25006, 42501), a deadlock (40), a
-- lack of disk or memory (53), a lock that is taken (55P03), a shutdown (57), a file system that
-- fails (58), and what the server has no name for (XX). The caller looks twice at the last, as
-- content may bring it about, too (syncv3/ingest/trial.py). A query that is cancelled is not
-- caught here at all.
DECLARE
    told record;
BEGIN
    IF p_hook.tells THEN
        FOR told IN EXECUTE p_hook.statement USING p_hook.rows, p_pos LOOP
            INSERT INTO ss_changes (pos, extension, user_key, device_key, room_key)
                VALUES (p_pos, p_hook.extension, told.user_key, told.device_key, told.room_key);
        END LOOP;
    ELSE
        EXECUTE p_hook.statement USING p_hook.rows, p_pos;
    END IF;
EXCEPTION WHEN OTHERS OR assert_failure THEN
    IF left(SQLSTATE, 2) IN ('08', '40', '53', '57', '58', 'F0', 'XX')
            OR SQLSTATE IN ('25006', '42501', '55P03') THEN
        RAISE;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'SS001',
        MESSAGE = p_hook.extension || ': ' || SQLSTATE || ' ' || left(SQLERRM, 500);
END $$;
