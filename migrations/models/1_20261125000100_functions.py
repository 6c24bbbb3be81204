"""The functions that write the stream.

``ss_commit_group`` is the only writer of rooms, events, state and memberships: one call
is one group of batches in one transaction. It takes the stream lock in its first
statement, so that everything after it sees what the previous group committed (each
statement of a VOLATILE function has a snapshot of its own), checks that the plan was made
from what is stored now, and only then writes. No client round trip happens while the lock
is held: a paused worker cannot stop the deployment.

Positions in the rows are relative: -1 is the group's first, -2 its second; others stand.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = """
CREATE TYPE ss_w_guard AS (
    device_key int, owner text, lease_no bigint, since text, next_since text,
    advance boolean, generated_us bigint);
CREATE TYPE ss_w_expect AS (room_key int, version bigint);
CREATE TYPE ss_w_state AS (
    room_key int, type text, state_key text, event_key bigint, pos bigint, learned boolean,
    replaces boolean);
CREATE TYPE ss_w_redacted AS (event_key bigint, json bytea, unsigned bytea);
CREATE TYPE ss_w_unread AS (
    user_key int, room_key int, notification_count int, highlight_count int,
    generated_us bigint);
CREATE TYPE ss_w_tags AS (user_key int, room_key int, tags text[], generated_us bigint);
CREATE TYPE ss_w_user AS (
    user_key int, direct text[], ignored text[], generated_us bigint);
CREATE TYPE ss_w_txn AS (device_key int, event_key bigint, txn_id text);
CREATE TYPE ss_w_hook AS (
    extension text, statement text, rows json, durable boolean, tells boolean);
CREATE TYPE ss_w_change AS (extension text, user_key int, device_key int, room_key int);

CREATE FUNCTION ss_at(base bigint, x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN x < 0 THEN base - x ELSE x END $$;

CREATE FUNCTION ss_stream_lock() RETURNS void LANGUAGE sql VOLATILE AS
$$ SELECT pg_advisory_xact_lock(7310579611262) $$;

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

CREATE FUNCTION ss_run_hook(p_hook ss_w_hook, p_pos bigint) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
-- Runs an extension's statement and returns why its rows were set aside (NULL: they were
-- not). Raises SS001 if it is a durable extension's that fails on its data or is wrong.
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
    RETURN NULL;
EXCEPTION WHEN data_exception OR integrity_constraint_violation
        OR syntax_error_or_access_rule_violation OR cardinality_violation
        OR feature_not_supported OR plpgsql_error THEN
    IF p_hook.durable THEN
        RAISE EXCEPTION USING ERRCODE = 'SS001', MESSAGE = p_hook.extension || ': ' || SQLERRM;
    END IF;
    INSERT INTO ss_rejected_sections (extension, rows, error)
        VALUES (p_hook.extension, p_hook.rows::text, SQLERRM);
    RETURN SQLERRM;
END $$;

CREATE FUNCTION ss_commit_group(
    p_epoch bigint,
    p_positions bigint,
    p_guards ss_w_guard[],
    p_expect ss_w_expect[],
    p_new_rooms text[],
    p_rooms ss_rooms[],
    p_events ss_events[],
    p_state ss_w_state[],
    p_redacted ss_w_redacted[],
    p_gaps ss_gaps[],
    p_user_rooms ss_user_rooms[],
    p_memberships ss_memberships[],
    p_spans_closed ss_spans[],
    p_spans_opened ss_spans[],
    p_unread ss_w_unread[],
    p_tags ss_w_tags[],
    p_users ss_w_user[],
    p_txns ss_w_txn[],
    p_hooks ss_w_hook[],
    p_changes ss_w_change[],
    OUT status text,
    OUT base bigint,
    OUT keys bigint[],
    OUT failed text[]
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    hook ss_w_hook;
    reason text;
BEGIN
    PERFORM ss_stream_lock();
    PERFORM 1 FROM ss_stream_fence f WHERE f.epoch = p_epoch;
    IF NOT FOUND THEN
        status := 'epoch';
        RETURN;
    END IF;
    SELECT array_agg(g.device_key::bigint) INTO keys
        FROM unnest(p_guards) g
        LEFT JOIN ss_pollers p ON p.device_key = g.device_key AND p.owner = g.owner
            AND p.lease_no = g.lease_no AND p.since IS NOT DISTINCT FROM g.since
        WHERE p.device_key IS NULL;
    IF keys IS NOT NULL THEN
        status := 'fenced';
        RETURN;
    END IF;
    SELECT array_agg(e.room_key::bigint) INTO keys
        FROM unnest(p_expect) e
        JOIN ss_rooms r ON r.room_key = e.room_key
        WHERE r.version <> e.version;
    IF keys IS NULL AND cardinality(p_new_rooms) > 0 THEN
        SELECT array_agg(r.room_key::bigint) INTO keys
            FROM ss_rooms r WHERE r.room_id = ANY (p_new_rooms);
    END IF;
    IF keys IS NOT NULL THEN
        status := 'stale';
        RETURN;
    END IF;

    SELECT c.last_pos INTO base FROM ss_stream_commits c ORDER BY c.last_pos DESC LIMIT 1;
    INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)
        VALUES (base + p_positions, base + 1, p_epoch);
    status := 'ok';

    UPDATE ss_pollers p SET since = g.next_since, generated_us = g.generated_us
        FROM unnest(p_guards) g WHERE p.device_key = g.device_key AND g.advance;

    IF cardinality(p_rooms) > 0 THEN
        INSERT INTO ss_rooms AS t SELECT
            r.room_key, r.room_id, base + p_positions, ss_at(base, r.pos),
            ss_at(base, r.reset_pos), r.head_ord, r.gap_ord, r.filled_ord, r.generated_us,
            r.name, r.alias, r.avatar, r.room_type, r.room_version, r.encrypted,
            r.predecessor, r.successor, r.joined, r.invited, r.heroes, r.newest, r.children,
            ss_at(base, r.name_pos), ss_at(base, r.avatar_pos), ss_at(base, r.counts_pos),
            r.members_complete, r.head_token, r.history_hidden
        FROM unnest(p_rooms) r
        ON CONFLICT (room_key) DO UPDATE SET
            version = excluded.version, pos = excluded.pos, reset_pos = excluded.reset_pos,
            head_ord = excluded.head_ord, gap_ord = excluded.gap_ord,
            filled_ord = excluded.filled_ord, generated_us = excluded.generated_us,
            name = excluded.name, alias = excluded.alias, avatar = excluded.avatar,
            room_type = excluded.room_type, room_version = excluded.room_version,
            encrypted = excluded.encrypted, predecessor = excluded.predecessor,
            successor = excluded.successor, joined = excluded.joined,
            invited = excluded.invited, heroes = excluded.heroes, newest = excluded.newest,
            children = excluded.children, name_pos = excluded.name_pos,
            avatar_pos = excluded.avatar_pos, counts_pos = excluded.counts_pos,
            members_complete = excluded.members_complete, head_token = excluded.head_token,
            history_hidden = excluded.history_hidden;
    END IF;
    IF cardinality(p_events) > 0 THEN
        INSERT INTO ss_events SELECT
            e.event_key, e.room_key, ss_at(base, e.pos), e.ord, e.history, e.event_id, e.type,
            e.state_key, e.redacts, e.prev_batch, e.json, e.unsigned
        FROM unnest(p_events) e;
    END IF;
    IF cardinality(p_state) > 0 THEN
        UPDATE ss_room_state s SET to_pos = ss_at(base, n.pos)
            FROM (
                SELECT w.pos, (
                    SELECT t.ctid FROM ss_room_state t
                    WHERE t.room_key = w.room_key AND t.type = w.type
                        AND t.state_key = w.state_key AND t.to_pos IS NULL) AS at
                FROM unnest(p_state) w WHERE w.replaces OFFSET 0) n
            WHERE s.ctid = n.at;
        INSERT INTO ss_room_state
            (event_key, room_key, type, state_key, from_pos, to_pos, learned_pos)
            SELECT n.event_key, n.room_key, n.type, n.state_key,
                CASE WHEN n.learned THEN 0 ELSE ss_at(base, n.pos) END, NULL,
                ss_at(base, n.pos)
            FROM unnest(p_state) n WHERE n.event_key IS NOT NULL;
    END IF;
    IF cardinality(p_redacted) > 0 THEN
        UPDATE ss_events e SET json = n.json, unsigned = n.unsigned
            FROM unnest(p_redacted) n WHERE e.event_key = n.event_key;
    END IF;
    IF cardinality(p_gaps) > 0 THEN
        INSERT INTO ss_gaps SELECT g.* FROM unnest(p_gaps) g ON CONFLICT DO NOTHING;
    END IF;
    IF cardinality(p_user_rooms) > 0 THEN
        INSERT INTO ss_user_rooms AS t SELECT
            u.user_key, u.room_key, ss_at(base, u.pos), u.membership, ss_at(base, u.reset_pos),
            u.generated_us, u.joined_ord, u.visible_ord, u.left_ord, u.confirmed_ord,
            ss_at(base, u.confirmed_pos), u.joined_ts, u.member_json, u.stripped, u.notification_count, u.highlight_count,
            ss_at(base, u.unread_pos), u.unread_us, u.tags, u.tags_us, u.forgotten
        FROM unnest(p_user_rooms) u
        ON CONFLICT (user_key, room_key) DO UPDATE SET
            pos = excluded.pos, membership = excluded.membership,
            reset_pos = excluded.reset_pos, generated_us = excluded.generated_us,
            joined_ord = excluded.joined_ord, visible_ord = excluded.visible_ord,
            left_ord = excluded.left_ord, confirmed_ord = excluded.confirmed_ord,
            confirmed_pos = excluded.confirmed_pos, joined_ts = excluded.joined_ts, member_json = excluded.member_json,
            stripped = excluded.stripped, forgotten = excluded.forgotten,
            notification_count = CASE WHEN excluded.unread_us >= t.unread_us
                THEN excluded.notification_count ELSE t.notification_count END,
            highlight_count = CASE WHEN excluded.unread_us >= t.unread_us
                THEN excluded.highlight_count ELSE t.highlight_count END,
            unread_pos = greatest(excluded.unread_pos, t.unread_pos),
            unread_us = greatest(excluded.unread_us, t.unread_us),
            tags = CASE WHEN excluded.tags_us >= t.tags_us THEN excluded.tags ELSE t.tags END,
            tags_us = greatest(excluded.tags_us, t.tags_us);
    END IF;
    IF cardinality(p_memberships) > 0 THEN
        INSERT INTO ss_memberships SELECT
            m.user_key, m.room_key, ss_at(base, m.pos), m.membership, m.event_key
        FROM unnest(p_memberships) m ON CONFLICT DO NOTHING;
    END IF;
    IF cardinality(p_spans_closed) > 0 THEN
        UPDATE ss_spans s SET to_ord = n.to_ord FROM unnest(p_spans_closed) n
            WHERE s.user_key = n.user_key AND s.room_key = n.room_key AND s.to_ord IS NULL;
    END IF;
    IF cardinality(p_spans_opened) > 0 THEN
        INSERT INTO ss_spans SELECT n.* FROM unnest(p_spans_opened) n
            ON CONFLICT (user_key, room_key, from_ord) DO UPDATE SET to_ord = excluded.to_ord;
    END IF;
    IF cardinality(p_unread) > 0 THEN
        UPDATE ss_user_rooms u SET
            notification_count = n.notification_count, highlight_count = n.highlight_count,
            unread_us = n.generated_us, unread_pos = base + p_positions,
            pos = base + p_positions
        FROM unnest(p_unread) n
        WHERE u.user_key = n.user_key AND u.room_key = n.room_key
            AND u.unread_us <= n.generated_us
            AND (u.notification_count, u.highlight_count)
                IS DISTINCT FROM (n.notification_count, n.highlight_count);
    END IF;
    IF cardinality(p_tags) > 0 THEN
        UPDATE ss_user_rooms u SET tags = n.tags, tags_us = n.generated_us,
            pos = base + p_positions
        FROM unnest(p_tags) n
        WHERE u.user_key = n.user_key AND u.room_key = n.room_key
            AND u.tags_us <= n.generated_us AND u.tags IS DISTINCT FROM n.tags;
    END IF;
    IF cardinality(p_users) > 0 THEN
        UPDATE ss_users u SET direct = n.direct, direct_us = n.generated_us,
            pos = base + p_positions
        FROM unnest(p_users) n
        WHERE u.id = n.user_key AND n.direct IS NOT NULL
            AND u.direct_us <= n.generated_us AND u.direct IS DISTINCT FROM n.direct;
        UPDATE ss_users u SET ignored = n.ignored, ignored_us = n.generated_us,
            pos = base + p_positions
        FROM unnest(p_users) n
        WHERE u.id = n.user_key AND n.ignored IS NOT NULL
            AND u.ignored_us <= n.generated_us AND u.ignored IS DISTINCT FROM n.ignored;
    END IF;
    IF cardinality(p_txns) > 0 THEN
        INSERT INTO ss_txns AS t (device_key, event_key, txn_id, pos)
            SELECT n.device_key, n.event_key, n.txn_id, base + p_positions
            FROM unnest(p_txns) n
            ON CONFLICT (device_key, event_key) DO UPDATE
                SET txn_id = excluded.txn_id, pos = excluded.pos
                WHERE t.txn_id IS NULL AND excluded.txn_id IS NOT NULL;
    END IF;
    IF cardinality(p_hooks) > 0 THEN
        FOREACH hook IN ARRAY p_hooks LOOP
            reason := ss_run_hook(hook, base + p_positions);
            IF reason IS NOT NULL THEN
                failed := failed || (hook.extension || ': ' || reason);
            END IF;
        END LOOP;
    END IF;
    IF cardinality(p_changes) > 0 THEN
        INSERT INTO ss_changes (pos, extension, user_key, device_key, room_key)
            SELECT base + p_positions, c.extension, c.user_key, c.device_key, c.room_key
            FROM unnest(p_changes) c;
    END IF;
END $$;

CREATE FUNCTION ss_put_account_data(p_rows json, p_pos bigint)
    RETURNS TABLE (user_key int, device_key int, room_key int) LANGUAGE plpgsql VOLATILE AS $$
-- One report after the other, as their order decides what is a change: a device that has
-- not reported an earlier value yet, and now does, lags behind; it changes nothing.
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
            WHERE a.user_key = n.user_key AND a.room_key = n.room_key AND a.type = n.type;
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
                        AND a.type = n.type;
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
                WHERE a.user_key = n.user_key AND a.room_key = n.room_key AND a.type = n.type;
            CONTINUE;
        END IF;
        UPDATE ss_account_data a SET json = n.json, generated_us = n.generated_us, pos = p_pos,
            reported_by = ARRAY[n.device_key],
            earlier = jsonb_build_array(jsonb_build_object('hash', md5(held.json),
                'until', n.generated_us, 'by', to_jsonb(held.reported_by))) || young
            WHERE a.user_key = n.user_key AND a.room_key = n.room_key AND a.type = n.type;
        users := users || n.user_key;
        rooms := rooms || n.room_key;
    END LOOP;
    RETURN QUERY
        SELECT DISTINCT c.user_key, NULL::int,
            CASE WHEN c.room_key = 0 OR c.several > 20 THEN NULL ELSE c.room_key END
        FROM (SELECT t.user_key, t.room_key, count(*) OVER (PARTITION BY t.user_key) AS several
            FROM unnest(users, rooms) t (user_key, room_key)) c;
END $$;
"""

DOWNGRADE = """
DROP FUNCTION IF EXISTS ss_put_account_data;
DROP FUNCTION IF EXISTS ss_commit_group;
DROP FUNCTION IF EXISTS ss_run_hook;
DROP FUNCTION IF EXISTS ss_open_epoch;
DROP FUNCTION IF EXISTS ss_stream_lock;
DROP FUNCTION IF EXISTS ss_at;
DROP TYPE IF EXISTS ss_w_guard, ss_w_expect, ss_w_state, ss_w_redacted, ss_w_unread,
    ss_w_tags, ss_w_user, ss_w_txn, ss_w_hook, ss_w_change;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UPGRADE


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXXtz2za2/yoY/ZN0RvEmTpr0ujN3xm68bbqJ3Ru7t9ttMhJEQRJWJMAlKCu6u/3uFw"
    "cAnyJlQk9I4cw+YhIHpM4Bgd95/7sT8CHxxdml5/EZi9/ieBZ0LtC/OwwHRP6j8n4XdXAY"
    "ZnfhQowHviIQoof14N4Qx1gNHog4wl4sb4+wL4i8NCTCi2gYU86A6JYRFC9CgvgIcfnvmS"
    "DRE4HMRAgm6qKxzwfYR08jzgM0JQv0/BvEIyDBCK6dwbOG3JMPo2y8vWk/sU+s3yc48imJ"
    "+n00wQLFE4IesD8jAgbCXz4WMQoom8UEYTZE8wlXIyMS8igmcIF6ky4SXA7HMcKf2JA8UI"
    "/oP308FmhAJlSSUoEYj1GMp4ShkXwXjLwJZmOCBtibopirH6Ofq3/1jNF/zUgv5mMir0Xy"
    "t//xWV6Wk5EvRCR/htPeiBJ/WBAw8KQnfzZMo+72gGNw5x2L/6qGA1sHPY/7s4CVScJFPO"
    "EspaEshqtjwkiE5a/OiZzNfN8skuSSfm15IY5mJH3fYXZhSEZ45sPCAWr9Htm1Tq93c3vf"
    "u7u+7/U6S4sqocgtCHPJ4wwWpHxXoVgxhld4dv7i1ZtX3718/eo7OUS9ZnrlzZ/60Rl/NK"
    "Hi0s195091X64mPUIxPOMwLCJLDudJtsPh5ELG4uxTXJ/HnecX5vspf3u7ZHXGWsWUJbbe"
    "ky81fE3Gl3gqX9EdnjZetys4dX/993uYORDiXz5cuPnfy48//HT58emHy79/o+4szJ33tz"
    "c/JsO53KX1Ln7zw/vbqxKz/ynk+1kwOxnvMrM7sHWTByJPA7lX0xh58GOdZH/KsN5MLIvh"
    "io5rd5MypdM7ynwiDz2Qij449TEnT0R12qK5lFKAhw1FZLab/zo/f/nyzfnzl6+/+/bVmz"
    "fffvc83XeWb63agK7e/Qh7UEFUy5tSyC3lYwicFot8Rwr/LsAdjUpclkWCvnqDiuP3Morw"
    "ouYALtKVRONT4ZJsNI4UGkhO8APJQGf26Wy8qUnm/vG5xF4DipdZ+/Pd7U01Z3MkJa4OqR"
    "ej/yDHmMvInMilPqKRiAHWSUwvUbxUH6jUGWbimy4aLOR1g+UlZhOf//y8MbOBf6tPkPJh"
    "0VXfaDyO1CxqAjhBAPePpjlcChdAjZjjaNhbusPPed3Y5VvBeVC+ghkeK97DL4bfZ/THH/"
    "ROUaFZ/pDuISt1Sr3ViGbq5B0PpB4kWS81MSTxCWECti4R80h+E3qq4Rn6LaKxvCcFiChM"
    "HneRfDSB70ZeiuQ/GMy4rFfuYP4NNDg6tDtu9PjHTxujg7mut+3lRKnX7lw77U9VArlDJ/"
    "nglvkuN5Oo5tjJE7mskTRnfoC/9HzCxvFE/vn61Qq+JmfH61flo8PcOVe3imw+hGHILN6d"
    "n+mS5ELZ2BiOIj4HoMQRVvbBwxgyNHywZHeRyGGG79kUd1jT2wmy1BUQyRkjnmHAMpDM7j"
    "4KJtOhDQElOBIyosSdoL+/ardD7WjtTYiIXBwi7vfB2A/6tIipNwVQqK5/j/p9s8zkDHIU"
    "eBT6fcaZR+Rf8MsVFWZiTiLwNQjyiQkwY4lYLk2Y1aBRyiRh4Tf3YImLfr+rLClI6oz9vg"
    "Ql/X4dEP2jtNPAVD2JIj83Rai5Z1d+jKvg0jJti1y3g1wPdeY4B6S2fOgkn8cSU+tN5TmS"
    "k8Cm+7aNDyn25SZhoxDkSE6C5UV14EUDbeBFrTLwoqwLeBFRnFji71t5OaYBqVnWGVnZ1m"
    "fozpJ/HCHHVy3ydx+u7+4vP/xSWOlvL++v4c55YZUnV5++LskjnQT99u7+JwR/on/c3lyX"
    "TX3puPt/dOCd8CzmPcbnPTzM8yS5nFwqCBjM+T2p/liLuEDYCtlpIRtwWYW/pB5c6wlJiU"
    "riHSxibZA9HZFeGUt6Kk25JV69u7n8+Hv16XRVYXm/+v3++rLad1tps2rgua02Wx012tqz"
    "zVBpTna8T0latreu8ONhOQm5N7FjekrSsn1ttsezyHJvTyj2x/TnJ8XxufypfF65v9SjmR"
    "zRmmhmTy4KiIJA5m27aErCWEUCC/IgX85Hcx5NSSSaOSv2BHicsxJ/5LwymL00otvYWqwt"
    "p81MxpcqeFzH5ICp1vMpmGdVWHnOOAwh4gNCGALjbVfZeSd8vmxT3ny6DSIM9m2/PZaQ8Q"
    "MbcE84sPxgxtvT19Q6JoLT+I4o05kpOuYW9pgBgSBo5NMHp0M75UuM6Nhi7WcETovHSIMG"
    "xKcMxBDQWG3kYImh4NIzLr5YRUMrp9+cxhMrWW3tewlIMDBApDkKyxG5jcIgiStlso//j/"
    "qLFnItQ663yin4N7IQVXArd/cxqJV5FxuirN8SPDThAREkkuhYh6YLTIcaHek5nwhwwj+D"
    "z0p9THI+X2XTwbOW4dYW590AdznjoXUBbO0sP0/KrwfyS5dd841sidTp7cxlC3ny3ZjHWU"
    "lhmbYVw5piOEWDbTl3iUbHkr0ERiBIp58yPvfJcFzlnl0lnGp6Zw2OnVkIcbhzeUoSJOTB"
    "W7ZsmCQbZRvLJYS4JD6nENl7yahfQ/C+1+Oy3JjV6GzBvIeXCUIDEfRmiqwhUruXYMrkUi"
    "2LMYmRjHEkUZKKw+4ihbt1+kwWPynxVsh9n0TLmG0nT9gAvR12L3UBsh3YPqbSEewC8XIk"
    "JxEVtvdAPL092DG9QNSyfQ22612tt8aCX6ZsBbC+AJRlbpn9d4HUUOodwSVap7H0iyS9tY"
    "vOkU9GsRUAe3n+5nV6BMAfqzb9uw+X7987haquoVBIFZTSN1bjJ9FTdUYsMk7U+DN0Bdpr"
    "CmOYv9DZw0PsVWcnNyfVuSgq90MVnZK/1qDvrCyKKkY14MOFxEUSXQn0VKXCI8CDWZGsri"
    "pN9WxEff+bM5iUR0M9KY0lnvKxRGOUpT4GOVdi4P5ePxac25o/CLQVprCZsnPDa28KxdTM"
    "9r7LAlkLy1q3pWM2zQPpGo6ZyQ5jm5EbnB3HDUHL8XU5PqGQ0li1hXPuE8yq2Z6jKluFJd"
    "muto70igW0eqCCykfqc1rZwbggxhaBBhGfjSfyOG4IuFZx+/b2fQEAX70rI9xfP1xdJwlC"
    "chCNa0SiD8jqAiT19vo8lds5BR1BCNKWr7+ofNq/JO8uzkK3XMFtWcQDqX4KpVbjmXqOF4"
    "jWYrtjR8K+ua6VmArQU8/zHEnLcXuOhxF56A1wXJVdUM/0IlXL922VXV11vtYUXnXtbM1s"
    "DBC+xmexshXMmKBjpj2VTh6u+RdsLpM8ldPRCZ05hD7xUSoIVaFEPjox0UQLsAY5JR5HzI"
    "M/4rBTYRyEy91HTINjHDY0DF5rIxmOCAqoEFCEcEB8PkfG5galY2I+JVA1JpTvKXTR+FGk"
    "sgdIJKcEQfb7SbEuU/elYELc1UM2MOE5YTVywXq3uzi4fVo0XNMaDpQ1CN+QlaaWELRIyh"
    "5JOdHqwo11fgrl4P4GfiIdxFR17OZvP3b8mgrazV1zJsAo11em2g9XM66yyFp+rWUhEY2L"
    "rK0VLH5itYB3dja2W8fOap62sUK7PwUd2bE/6LyvCa3Uk3J3H9uvg3Rowz37J+0Fgo04Rw"
    "t/+tzDvtqZRVdt0pFUc5KGW2foMgyJXBfDLAyhsMdvcd62h9fB96Y2ZuFkYxYcZeae9c2g"
    "sMUWOV9fKrNIdRKHbql4/grGprXz60vnl6tlHizazDH9/qvLuvlFxWpUYRtz5zFco4M9LD"
    "JqZqEcRXCgwkSKlcYvoPKLpI2gUgAV3bQraTRjEJZZnUCz6YRttrMTp2w9khG0shLiilAF"
    "Wl0HsTU5nmjTxtMqE8fnrKpBXf16Twna9W6/3n2CBekxbrfW81TtOl8zV7yt4G3/CRxDBW"
    "9HsO1H4hHJ/Cpwm9x6DN1GelxDePtrrhhA4jxRVQAkPB2atCPEI/mveKIuSbAqQehy18Ua"
    "090O5m/DGxwGvm02+AFCRulDZULsyoyNHNUeMzbWiJQLzmBfODPve6FCniCEUSFItSuUN5"
    "1D5mroXcw2PTxP5PI30CFBGC8uVFNHlZWq33xjAezku6hPm6mXxIqkGacE4exmVJUssLI+"
    "u/POho4ELyypAwqrvYsCoaraZKHVAi+cq5F07AaSdSWlst9JyCMtMei+6LJoTtE/V64F53"
    "IlOGcUv38ST8rtrr71anlI91FFUI/vCasurG8ltNcV8DFDaUNv5PGZP1QHf4ynUGbiAgki"
    "xwg6lJMInhXNVz4NPXzMUVXtjN08YgO9sDq3tv4bPLGAvgOXqmhbzVd5y7feav60u5+bdv"
    "PywEm6t+TCjQ/RE72qac6KtNnqfjlOrWSdtAagKuZoQEzv6y6Y71RzbXPMKGz8893tjaNq"
    "YRRxK1dVSuCybJxVCNumtlW7DeiRt2C60tvjkXhPzE7urPOkphNVo/5TFk2nbpnp4QKhOS"
    "pXN55A8qaCp6oatASrkW4nMqJ+DIVlFs1dJtudHqrP5dta0aT0myqAo3JJJQin7IFCtxOB"
    "sNzWZ4ML1O9PwCaZVpgDXrfuF9fdL4pddibPHEl7wK1xwMkPtFp3WaVA5oiOz5AzlzsN+d"
    "7sMtCaRQ4P5L5EPcjHmLpm4fmarW36kty+pX7hslwk/iBxz1o6BbLjk9EYhxe665XUmCiT"
    "A6TaikexjoxzVVYJLrATVZ7KZTOCfEVwK2spmUYH0KRPe3pclotcTfZiyREdjVR0aWTteV"
    "NfS15WY10HxlUhQe1mssbnU6RzWVQ+V3LQEoOIR1PURmkfjkvna/OTmm/Gm8zYNPWWdhGo"
    "FwMsoP+x43hO/b+FspOMb6PO7RUd7FNsZdNOCVpur8HtB/kRWtmpM4qW32uUOgUziOKYBc"
    "sLRC3X1+R6rQXlEcbXG1Fa3jdxhDEvWoSVvpmVkcMFOrervW+D91sMDg4jMiQeEcLOAVki"
    "a9f6GuXDZ5493wtELdfXKKrMaWUJ31otKiM4mQTFrUWUaBedDTdzFC07l62YEbdtgZ3ROF"
    "70G6JvoNqhyrZ791Zq9FSEPl4g+PVdpDWFz110dnYm/xfHKOAiRq+bafqrzsodVQPXdgo7"
    "YWU0RyEseDv07L+l0CCmRcQ4CLvgGxiS6HNip1GGzy6K59zcEZ+dFZk3of4wqqq7exlFuE"
    "ZmeaKS1CDwwZkTt/OAfTpEwZkIsUfO1GubRnpTshA6N0rd21g+cNL+8bnC7GXvLctTuWyf"
    "dDJ8uWyZsWd/ka4VwNoC8PhMPt9eAEW6VgBrC8CUqpOsDUKfWKceV5G3dgQLO4LypVtXtS"
    "9SOazP6vr7ibcXMzFXLl4JU5P+fDnflXID64zkARnxCAg2zwjfiTpsmiT2JnQ4rBJdkw6L"
    "OWK3P5mO4AHR1TwEMi+vCn9oSUn5Jp0YY46w7yeVfTcHtJt9Zw7FMt+pXuU1Ac13SSPzR6"
    "Oas57nzUKbJbadpcX0U1DbNbHCKI1kArllfz3V+TfeLJL4Pf6mOqx5e1O3baqPCTq0JZ/3"
    "adqy9WJu5MB0jZl79ywcpjHp1852ODHsNcA8lctbR+f5BZJQMGKQXgmASUdzNyy0c6guW/"
    "byyGgcjmh08kQtFAOFdWLP/BKhy9+DgyJwSE+4X4SaJ5WKgrn7mKYQZ8Me1RJ+m3DVr1SR"
    "IMqSOo6Mz7vqT4Z+vXl/++OP12+ResayNmA/BSQyQspsWgAkMQqIkE+ToHA55UQua7lrzl"
    "hMfSjbRNhQQIq6XO4PRBdtgiddIA6Kg/jEArxAPh7rSuvmheaqtsjIp960vplYm/boStrj"
    "iZe2mE+4SNd8ssS/R1otxmwhteknB6pzUd03ux751nTNdgr05npmQ16WRF8matw9GMx40i"
    "bawpSYEbld+ZPqwnp6l9cvnZ0Zh7YTfs1pI215vcMKoi2vZwuT70JcWVNPXX8MGgs5qGFp"
    "kEskR5DYm+gQEIBxT+SORQPiU0ZMzTtdBB1gpyBEN3k3dTbgrdF8Qn2CdCjkMnDeyRParo"
    "gOg1sn1Ac39PqtwVZlCLRPws1RnRJb928ptGZ9RuOwouYg3105f1W7ux94ENDK5iaF+4+e"
    "x2owhA/J0RY1uzSBXCNoHPFZqO09ypik4ZTS9WLOp6XGwWBMGpoqA/rZqs5NtYt7Fw/Z4H"
    "hWfYfsTcM5qtM5oQ/s6lYWyjV8Vnmy9tRZ+9SROqs3sWN9StKy/XgPnWslxNoz5zqRcZMj"
    "Ry0IixMnp6rl9vU5latpBmqaF2GR3k2qblSfK+tNpas/MjJH6tUh5iqKBYL2snjAdVWjrL"
    "4kQdwfqtgsDzM0wfL+BOsTahZDBfZPLBeWxYAWBUQqxyolRc0iQNtMjg9dOVI3/8rPrk69"
    "jcO4Dv49t2dae6Yd2Pd/GHS3x4ruxlalPDJqB6NQb1IHQLsqFXg/+4rXGVVb8LoteG0BcP"
    "5KoHV4LcDRtxsCnFE6uGEV7DmkFKfoQS5h/Zk2DQNZZxLANL9oGd79z3sELekoUWo19JBR"
    "MCgiHgdg00VhxAOu4Aoo4lLq0LMA0kXUYw14meD4E8sUdLCbK/Cj0hRm7NkEh+rj1CEiOI"
    "engpmAbAakP94W0hzNGboC0vi8qkzISjiTkDhbZqGjvYMirQesl6/JmJKfDpb/N5bY3LVz"
    "1ZGd9p6/VdFCH4gQeFy525aHrN5xF8x7eCk3iZ6JQgo0lYVuGfNnmhYZ2i6akjA2gW+wk3"
    "o+VTEsHhT898lwrHbJ6k14o9k22PKSXdfaSZ9StV24trPvtZ2b9x69Zb59O6YXiFq2r90Y"
    "2DZLqkjVMn6dXClVtMaG6RlFy/A1GB5kWKQpx3MkLcvXYLnBQpYJgUUqh2szOMt37FXDyL"
    "sA+359TR6vOYw8lOr2XGeqdNELFBH5GCgBdg4eGo/IF0nevzHMfHn+5nUKLOGPVVDy7sPl"
    "+/fLFk5hWmFYBJ0nJI5XrcAJj5NISqP2QKzzmD40NTzvJ+7c/eBm27Vu3JqJfnch+T4loq"
    "sa0HFd9yWtYOOSYuWMmQJ4U2mcMExbnQMIoyxMEFjVx9US6aK0LvQZuoeAJ1/KQd9T4lPe"
    "Yt0yttoEsdFsG5ggJlhUGF3rO08n47cDj3ZheehMyBd099Pls/NvXychATafzU4aUbuXvd"
    "dgRzu+OPJ8mK1lgbDNaoN97cBfedUFqWL5asdvgfAEfb9H4utNeLLk7G27WZ+4gF0BbxFm"
    "wiikVRAud/tRIPelecKaPkifiCS/HGr0yTmlriOxlXYWQrtoZf7sqoBDqKaQBR7G2XshWp"
    "mwtoMnbAD3nEEbLvicdpa05k6RvUNHPh0mxeoLs3QrZRSt9dEe/LlviTm5Jd5CsTbOck/I"
    "7FehIMYSJFPXH8NiECRhYVPzuYd9lb9voJCqge2p2vUqr0MbpqEdBpjB6oxp602z3zoAlc"
    "fN8cbv7AxL1Ubm1Nsotx6Zc1gGFwyS599+28AiKUfVmiTVvWM7wHfcWGvPp/eQRsSr8CGu"
    "aA6UkazXGmhPZ7UqviFUp60hBLAHZ9mLb78TkJ7buu5UgczZNZxUnIIGZYaLR1F0io4ZOK"
    "asVneOxu3lrfAMeJWCM/POCuL0ktfc/hrPHmO3yIt0zq5yB3dqh3A3lLDt1GBvda8J/lZ9"
    "MCxAONA8ESgiOr4G+lFwpuvGnqFbleuDBroSrRkKBkxj3oRqHtWgfPNpIfep39eVu0xFr7"
    "MzyLgmo9j8rTKucZzOkpQBSxzB5YphgjKPfGK6jlwMkS8wPaRxmwYtZl6YRmqX3gSNZhFo"
    "BwiEnMvuzr0ypDeg4ea22ra4WFtc7Fh4fEy6xBrH/oqak2lSWcTnLsMy02FqQkMbVbpIdR"
    "KhEaUAnybxPfXhPWVNOiKCrFGUoEB2zF9Ccb24+i18pSWLB2RCTUG2TE5HoVNmmM9OXEU6"
    "h8t9OKgG5fmfA8N2AigRthJYVwKJjmPH/jxVy/u1na2cjWgUrLMBLZE6LIUO42iMQ1MbTW"
    "Fa+Z/0F7h8PmRsXqMvdonUWVOZPs+ptgKnr41CQGAYJOeyhMxJHFtKp0DmrmR4RMeU9QSJ"
    "Hkgk3zZBx/D6LktFw8BedR+bK8pwVGOwLxGW89oWsS7m4ca+BkY51QALIisHOAu2nHB/89"
    "Y2VxAQ1c1FkUjt8OrdzeXH36tjqpLx+QiRq9/vry+XemvKnxBWOVJWCSZP5bZUKHugsRLJ"
    "lHFvqjsiX8id7Oe72xuEwVnkrGwYj+mIesqQ3VNhJRYmxGpiZze3g1kSJ3Q88eV/Y2sOV1"
    "C27C2zd8YgXM4eMBXpToavez55DRdt7U8Fspb3a8aH43EF21eEJyQETscmbCs8fCkCAX69"
    "9ULNEbXLdL1lOuLRmMdxVU7lymITBTq3K05sY81uWFLCkWiP33g0rY6zNne6j0R6zNWwxo"
    "lv0YwxKDobRlwXHlBxZniRC7oQJniaxrrpajwguKKA4oZzbRAgMU8509SdmVGcXGDw7isV"
    "qPYJ9jknObITzDk5khyThCcr87vhm7SVbkLTitY50Tpysl2SiFb3oDF3Vp5sOBvz2KlWL9"
    "gNzpiqzJM2p2fDuLsHCQgq69XVn9w5khOMQtpJVg98VBYcNsNPkLsvnj9vwF05qpa76t6S"
    "yzGuLAQI5utaV2NcXQhwSL0Y/QednkEBmFE4I5fyzcup5aXDDya4OrSa9uf/A1S9dck="
)
