-- Stores reports of account data and tells which of them are changes.
--
-- Each device of a user is polled, and each poll reports the account data of the same user. A poll
-- may lag: it then reports a value that another one has reported as replaced. An example: a tag
-- list is A. At 10 the phone's poll reports B: a change. At 11 the laptop's poll, which has not
-- reported B yet, reports A: it lags, and nothing has changed. At 12 it reports B, which is noted.
-- If it reports A at 13, somebody has set A again: a change. So the values of the last minute are
-- kept with who has reported each (``earlier``, the newest first, at most nine of them).

DROP FUNCTION IF EXISTS ss_put_account_data;
CREATE FUNCTION ss_put_account_data(p_rows json, p_pos bigint)
    RETURNS TABLE (user_key int, device_key int, room_key int) LANGUAGE plpgsql VOLATILE AS $$
-- One report after the other, as their order decides what is a change: a device that has
-- not reported an earlier value yet, and now does, lags behind; it changes nothing.
-- A type may be of any length, so the index (ss_account_data_type) has its digest.
#variable_conflict use_column
DECLARE
    n record;
    held ss_account_data;
    entry jsonb;
    i int;
    lags int;
    young jsonb;
    users int[] := '{}';
    rooms int[] := '{}';
BEGIN
    FOR n IN
        SELECT r.user_key, r.device_key, coalesce(s.room_key, 0) AS room_key, r.type, r.json,
            r.generated_us
        FROM ROWS FROM (json_to_recordset(p_rows) AS (user_key int, device_key int,
            room_id text, type text, json text, generated_us bigint))
            WITH ORDINALITY r (user_key, device_key, room_id, type, json, generated_us, nr)
        LEFT JOIN ss_rooms s ON s.room_id = r.room_id
        WHERE r.room_id IS NULL OR s.room_key IS NOT NULL ORDER BY r.nr
    LOOP
        SELECT a.* INTO held FROM ss_account_data a
            WHERE a.user_key = n.user_key AND a.room_key = n.room_key
                AND md5(a.type) = md5(n.type) AND a.type = n.type;
        IF NOT FOUND THEN
            INSERT INTO ss_account_data
                (user_key, room_key, type, json, generated_us, pos, reported_by, earlier)
                VALUES (n.user_key, n.room_key, n.type, n.json, n.generated_us, p_pos,
                    ARRAY[n.device_key], '[]');
            users := users || n.user_key;
            rooms := rooms || n.room_key;
            CONTINUE;
        END IF;
        CONTINUE WHEN n.generated_us < held.generated_us;
        IF held.json = n.json THEN
            IF held.earlier <> '[]' AND n.device_key <> ALL (held.reported_by) THEN
                UPDATE ss_account_data a SET reported_by = a.reported_by || n.device_key
                    WHERE a.user_key = n.user_key AND a.room_key = n.room_key
                        AND md5(a.type) = md5(n.type) AND a.type = n.type;
            END IF;
            CONTINUE;
        END IF;
        young := '[]';
        lags := NULL;
        i := 0;
        FOR entry IN SELECT e FROM jsonb_array_elements(held.earlier) e LOOP
            EXIT WHEN i = 8 OR (entry->>'until')::bigint < n.generated_us - 60000000;
            young := young || entry;
            i := i + 1;
        END LOOP;
        IF n.device_key <> ALL (held.reported_by) THEN
            i := 0;
            FOR entry IN SELECT e FROM jsonb_array_elements(young) e LOOP
                EXIT WHEN entry->'by' @> to_jsonb(n.device_key);
                IF entry->>'hash' = md5(n.json) THEN
                    lags := i;
                END IF;
                i := i + 1;
            END LOOP;
        END IF;
        IF lags IS NOT NULL THEN
            UPDATE ss_account_data a SET earlier = jsonb_insert(
                    young, ARRAY[lags::text, 'by', '0'], to_jsonb(n.device_key))
                WHERE a.user_key = n.user_key AND a.room_key = n.room_key
                    AND md5(a.type) = md5(n.type) AND a.type = n.type;
            CONTINUE;
        END IF;
        UPDATE ss_account_data a SET json = n.json, generated_us = n.generated_us, pos = p_pos,
            reported_by = ARRAY[n.device_key],
            earlier = jsonb_build_array(jsonb_build_object('hash', md5(held.json),
                'until', n.generated_us, 'by', to_jsonb(held.reported_by))) || young
            WHERE a.user_key = n.user_key AND a.room_key = n.room_key
                AND md5(a.type) = md5(n.type) AND a.type = n.type;
        users := users || n.user_key;
        rooms := rooms || n.room_key;
    END LOOP;
    RETURN QUERY
        SELECT DISTINCT c.user_key, NULL::int,
            CASE WHEN c.room_key = 0 OR c.several > 20 THEN NULL ELSE c.room_key END
        FROM (SELECT t.user_key, t.room_key, count(*) OVER (PARTITION BY t.user_key) AS several
            FROM unnest(users, rooms) t (user_key, room_key)) c;
END $$;
