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
            r.members_complete, r.head_token
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
            members_complete = excluded.members_complete, head_token = excluded.head_token;
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
    "eJztXXtz2za2/yoY/ZN0RvEmTpr0ujN3xm68bbqJ3Ru7t9ttMhJEwRLWJKAlICu6u/3uFw"
    "cAnyJlQk9I4cw+YhIHpM4Bgd95/7sT8SEJxcl5EPApk2+xnEadM/TvDsMRUf+ovN9FHTyZ"
    "ZHfhgsSDUBMI0cNmcG+IJdaDB0LGOJDq9h0OBVGXhkQEMZ1IyhkQXTOC5HxCEL9DXP17Kk"
    "j8RCA7EYKJumgU8gEO0dOY8wjdkzl6/g3iMZBgBNdO4FlDHqiHUTba3LSf2CfW7xMch5TE"
    "/T4aY4HkmKAHHE6JgIHwV4iFRBFlU0kQZkM0G3M9MiYTHksCF2gw7iLB1XAsEf7EhuSBBs"
    "T8GeKRQAMypoqUCsS4RBLfE4bu1LtgFIwxGxE0wME9klz/GPNc86unjP5rSnqSj4i6Fqvf"
    "/sdndVlNRr4Qkfw5ue/dURIOCwIGnvTUz4Zp9N0ecAzuvGPyr3o4sHXQC3g4jViZZDKXY8"
    "5SGsokXB0RRmKsfnVO5GwahnaRJJfMa6sLMp6S9H2H2YUhucPTEBYOUJv3yK51er2r69ve"
    "zeVtr9dZWFQJRW5B2EsBZ7Ag1bsKzYoRvMKz0xev3rz67uXrV9+pIfo10ytv/jSPzvhjCD"
    "WXrm47f+r7ajWZEZrhGYdhETlyOE+yGQ4nFzIWZ5/i6jzuPD+z30/529smqzPWaqYssPWW"
    "fKnhazK+xFP1iv7wtPG6XcKp28u/38LMkRD/CuHC1f+ef/zhp/OPTz+c//0bfWdu77y/vv"
    "oxGc7VLm128asf3l9flJj9T6Hez4HZyXifmd2BrZs8EHUaqL2aShTAj/WS/SnDelOxKIYL"
    "OqrdTcqUXu8os7E69EAq5uA0x5w6EfVpi2ZKShEeNhSR3W7+6/T05cs3p89fvv7u21dv3n"
    "z73fN031m8tWwDunj3I+xBBVEtbkoT7igfS+C1WNQ7Uvh3Ae4YVOKzLBL01RtUHL/ncYzn"
    "NQdwka4kmpAKn2RjcKQwQHKMH0gGOrNPZ+1NTTH3j88l9lpQvMjan2+ur6o5myMpcXVIA4"
    "n+gzxjLiMzopb6HY2FBFinML1C8Up9oEpnmIpvumgwV9ctlleYTXz+8/PazAb+LT9ByodF"
    "V3+jchTrWfQEcIIA7r+7z+FSuABqxAzHw97CHX7K68Yu3opOo/IVzPBI8x5+Mfw+qz/+YH"
    "aKCs3yh3QPWapTmq1GNFMnb3ik9CDFeqWJIYVPCBOwdQnJY/VNmKmGJ+i3mEp1TwkQUZhc"
    "dpF6NIHvRl2K1T8YzLioV25h/jU0ODp0O27M+MdPG6uD+a637eREqdfufDvtj1UCuUMn+e"
    "AW+a42k7jm2MkT+ayRNGd+hL/0QsJGcqz+fP1qCV+Ts+P1q/LRYe+c6ltFNu/DMGQX79bP"
    "dEVypm1sDMcxnwFQ4ghr++B+DBkGPjiyu0jkMcN3bIrbr+ntCFnqC4jkjJHAMmARSGZ3Hw"
    "WT6dCGgBIcCRlR4k4w31+126F2tPEmxEQtDiH7fTD2gz4tJA3uARTq69+jft8uMzWDGgUe"
    "hX6fcRYQ9Rf8ck2FmZiRGHwNgnxiAsxYQqqlCbNaNEqZIiz85h4scdHvd7UlBSmdsd9XoK"
    "TfrwOif5R2Gpiqp1Dk56YINffsyo9xGVxapG2R62aQ677OHO+A1IYPneTzWGBqvak8R3IU"
    "2HTXtvEhxaHaJFwUghzJUbC8qA68aKANvKhVBl6UdYEgJpoTC/x9qy5LGpGaZZ2RlW19lu"
    "4k+ccBcnzZIn/34fLm9vzDL4WV/vb89hLunBZWeXL16euSPNJJ0G/vbn9C8Cf6x/XVZdnU"
    "l467/UcH3glPJe8xPuvhYZ4nyeXkUkHAYM7vKfXHWcQFwlbIXgvZgssq/KX04FpPSEpUEu"
    "9gLo1B9nhEemEt6ak01ZZ48e7q/OPv1afTRYXl/eL328vzat9tpc2qgee22mx10GhrxzZD"
    "rTm58T4ladneusIPh+VkwoOxG9NTkpbtK7NdTmPHvT2h2B3Tnx8Vx2fqp/JZ5f5Sj2ZyRC"
    "uimR25KCAKAtm37aJ7MpE6EliQB/VyIZrx+J7EopmzYkeAxzsr8UfOK4PZSyO6ja3FxnLa"
    "zGR8roPHTUwOmGqDkIJ5VoeV54zDECI+IIQhMN52tZ13zGeLNuX1p1sjwmDX9ttDCRnfsw"
    "H3iAPL92a8PX5NrWMjOK3viDKTmWJibmGPGRAIgkYhffA6tFO9xB0dOaz9jMBr8Vhp0IiE"
    "lIEYIir1Rg6WGAouPevikzoaWjv9ZlSOnWS1se8lItHAApHmKCxH5DcKgySulMkh/j8azl"
    "vItQi53mqn4N/IXFTBrdzdx6BW5l1siLJ+S/DQmEdEkFihYxOaLjAdGnRk5nwiwAn/DD4r"
    "/TGp+UKdTQfPWoRbG5x3DdzljYfWB7C1tfw8Jb8eyC9dds03sgVSr7czny3kyXdjH+ckhU"
    "XaVgwriuEYDbbl3CUaH0r2EhiBIJ3+nvFZSIajKvfsMuFU03trcOxMJxCHO1OnJEFCHbxl"
    "y4ZNstG2sVxCiE/i8wqRvVeM+nUC3vd6XJYbsxydzVnw8DJBaCCC3lSTNURqtwpM2VyqRT"
    "EmMZISxwol6TjsLtK426TPZPGTCm9NeBiSeBGzbeUJa6C3/e6lPkC2PdvHdDqCWyBejuQo"
    "osJ2Hohntgc3pheIWravwHazq/VWWPCLlK0AVheAtswtsv8mUhpKvSO4ROs1ln6RpLd20S"
    "kKyZ10AmAvT9+8To8A+GPZpn/z4fz9e69Q1SUUCqmCUubGcvwkerrOiEPGiR5/gi5Ae01h"
    "DAvnJnt4iIPq7OTmpCYXRed+6KJT6tda9J2VRdHFqAZ8OFe4SKErgZ7qVHgEeDArktXVpa"
    "me3dEw/OYEJuXx0ExKpcJTIVZojLLUx6DmSgzc35vHgnPb8AeBtsI0NtN2bnjtdaGYntnd"
    "d1kga2FZ67b0zKa5J13DMzPZfmwzaoNz47glaDm+KsfHFFIaq7ZwzkOCWTXbc1Rlq7Ai29"
    "bWkV5xgFYPVFD1SHNOazsYF8TaItAg5tPRWB3HDQHXMm5fX78vAOCLd2WE++uHi8skQUgN"
    "orJGJOaArC5AUm+vz1P5nVPQEYQgY/n6i86n/Uvy7uJk4pcruC2LuCfVT6PUajxTz/EC0U"
    "ps9+xI2DXXjRJTAXrqeZ4jaTnuzvFJTB56AyyrsgvqmV6kavm+qbKry87XmsKrvp2tmY0B"
    "wtf4VGpbwZQJOmLGU+nl4Zp/weYyyVN5HZ3QmUHoE79LBaErlKhHJyaaeA7WIK/E44l58E"
    "c86VQYB+Fy9xHT4AhPGhoGL42RDMcERVQIKEI4ICGfIWtzg9Ixkt8TqBozUe8pTNH4u1hn"
    "D5BYTQmC7PeTYl227kvBhLith6xhwvPCauSD9W57cXC7tGj4pjXsKWsQviEnTS0haJGUO5"
    "LyotWFH+v8GMrB/Q38RCaIqerYzd9+7Pi1FbSbu+ZsgFGur0y1H65mXGWRtfxay0IiGhdZ"
    "WylY/MhqAW/tbGy3jq3VPG1jhbZ/CnqyY38weV9jWqkn5e4+tl9H6dCGe/ZPxgsEG3GOFv"
    "4MeYBDvTOLrt6kY6XmJA23TtD5ZELUuhhmYQiFPX6D87Y9vPa+N7UxC0cbs+ApM3esb0aF"
    "LbbI+fpSmUWqozh0S8XzlzA2rZ1fXzq/XC1zb9Fmnun3X13WzS86VqMK29g7j+EaE+zhkF"
    "EznahRBEc6TKRYafwMKr8o2hgqBVDRTbuSxlMGYZnVCTTrTthmO3txytYjGUErKyEuCVWg"
    "1XUQW5PjkTZtPK4ycXzGqhrU1a/3lKBd7+7rPSRYkB7jbms9T9Wu8xVzxdsK3u6fwCFU8P"
    "YE234kAVHMrwK3ya3H0G1sxjWEt7/migEkzhNdBUDB06FNO0I8Vv+SY31JgVUFQhe7LtaY"
    "7rYwfxve4DHwbbPB9xAySh8qE2KXZmzkqHaYsbFCpFx0AvvCiX3fMx3yBCGMGkHqXaG86e"
    "wzV8PsYq7p4Xkin7+BDokmcn6mmzrqrFTz5msLYCvfRX3aTL0kliTNeCUIbzejqmSBpfXZ"
    "vXc2dBR4YUkdUFjtXRQJXdUmC60WeO5djaRDN5CsKimd/U4mPDYSg+6LPovmGP1z5VpwPl"
    "eC80bx+ycJlNxu6luvlod0H1UEzfiecOrC+lZBe1MBHzOUNvRGAZ+GQ33wS3wPZSbOkCBq"
    "jKBDNYngWdF87dMww0ccVdXO2M4j1tALq3Nr67/BIwvo23OpirbVfJW3fOOt5o+7+7ltN6"
    "8OnKR7Sy7ceB890aua5ixJm63ul+PVSjZJawCqJEcDYntfd8F8p5tr22NGY+Ofb66vPFUL"
    "45g7uapSAp9l461C2Da1rdptQI+8BtOV2R4PxHtid3JvnSc1naga9Z9yaDp1zWwPFwjN0b"
    "m6cgzJmxqe6mrQCqzGpp3IHQ0lFJaZN3eZbHZ6qD6Xb2tFk9JvugCOziVVIJyyBwrdTgTC"
    "alufDs5Qvz8Gm2RaYQ543bpffHe/aHa5mTxzJO0Bt8IBpz7Qat1lmQKZIzo8Q85M7TTke7"
    "vLQGsWNTxS+xINIB/j3jcLz9dsbTOX1Pat9Auf5aLwB5E9Z+kUyA5PRiM8OTNdr5TGRJka"
    "oNRWfCdNZJyvskpwgZuo8lQ+mxHUK4Jb2UjJNjqAJn3G0+OzXNRqchdLjuhgpGJKIxvPm/"
    "5a8rIamTowvgoJajeTFT6fIp3Pogq5loORGEQ82qI2WvvwXDpfm5/UfjPBeMruU29pF4F6"
    "McAC+h97juf0/zsoO8n4NurcXdHBIcVONu2UoOX2Ctx+UB+hk506o2j5vUKpUzCDaI45sL"
    "xA1HJ9Ra7XWlAeYXy9EaXlfRNHGAvi+aTSN7M0crhA53e1903wfoPBwZOYDElAhHBzQJbI"
    "2rW+QvnwaeDO9wJRy/UViipzWlnCt1aLygiOJkFxYxElxkXnws0cRcvORStmzF1bYGc0nh"
    "f9hugbqHaos+3evVUaPRWTEM8R/PouMprC5y46OTlR/4sliriQ6HUzTX/ZWbmlauDGTuEm"
    "rIzmIIQFb4ee/bcSGsS0CImjSRd8A0MSf07sNNrw2UVyxu0d8dlbkQVjGg7jqrq753GMa2"
    "SWJypJDQIfvDlxOw84pEMUnYgJDsiJfm3bSO+ezIXJjdL31pYPnLR/fK4we7l7y/JUPtsn"
    "vQxfLltm3NlfpGsFsLIAAj5Vz3cXQJGuFcDKArCl6hRro0lInFOPq8hbO4KDHUH70p2r2h"
    "epPNZnTf39xNuLmZhpF6+CqUl/vpzvSruBTUbygNzxGAjWzwg/tprAEAJ7o1tf18TH3iR9"
    "sR8Nks1aaDeLlFVQaZrWZk8xUteGnqI0MEby/F9PTTpHMI0VHJTfVEfJbm7qtuvxIZ1EbQ"
    "XhXVpKXJ1ia/nDfGPmzg3V++lz+bWzHU4Md4UiT+Xz1tF5foYUHI8ZZOsBUjLBwQ3rtuyr"
    "aZO7PDIajwPkvDxRC7UlYZ24M79E6PP34KEIPNITbucTw5NKRcHefUxTkNmwR7WE38Zct7"
    "/UJIiypCwg47Ou/pOhX6/eX//44+VbpJ+xqA24TwF5cde6B/w4bf+udUwxUdqnjTFWUyqt"
    "OVa75pRJGkIVIMKGAjKe1XJ/IKYGEDzpDHFQHMQnFuE5CvHIFO62LzTTpSruQhrc1/emar"
    "PofMmiO/JKCbMxF+maT5b498ioxZjNlTb9ZE9lE6rbMNcj35omzF6B3lwLZkjzUejLBiH7"
    "B4MZT7oOO5hzMyK/C0lSU6fN7PLmpbMzY30/6ubMu19bFkJbrW2/gmirtbnC5JsJrizRpq"
    "8/Bo2FGtSw0sQ5UiOIDMYmogBg3BO1Y9GIhJQRW0LN1NQG2CkIMT3DbdkGeGs0G9OQIBNZ"
    "twict/KEtsmex+DWC/XBD71+Y7BVGwLdczpzVMfE1t1bCp1Zn9F4rKh5yHdfzl/dPe0HHk"
    "W0sldG4f6j57EeDNEoarRDCShDoNYIGsV8OjH2Hm1MMnBK63qS8/tSH1owJg1t0rp5ti6b"
    "Uu3i3sZD1jiedRsbd9Nwjup4Tug9u7q1hXIFn1WerD11Vj51lM4ajN1Yn5K0bD/cQ+dSC7"
    "H2zLlMZNzkyNELwuHEyalquX19RtVqmoKaFsRYpHeTIg7V58pqU5ligozMkH51iLmKpUDQ"
    "rRQPuCmSk5UrJIiHQx2bFWCGxljdH2NzQk0lFPT+xHJhWQxoUUSUcqwzHPQsArTN5PgwhQ"
    "hNL6n87PrUWzuMa+/fc3umtWfann3/+0F3OywQbm1V2iOjdzAK5QtNRLSvUoH3cy+gnFG1"
    "9ZPb+skOAOevBDpR1wIcc7shwLlLBzcsqjyDDNUUPaglbD7TpmEgq0wCmOYXI8Ob/3mPoM"
    "MZJVqthpYkGgbFJOAAbLpoEvOIa7gCiriSOpTAh+wD/VgLXsZYfmKZgg52cw1+BkS9ypQ9"
    "G+OJ/jhNiAjO4aloKiCNAZmPt4U0B3OGliGNJ1/0LX+ro1I+ECHwqPKrLg9Z/mXPWfDwUi"
    "3Gno12iQyVgw4j+TNDiyxtF92TibQBVvDFBiHVsRIB1CkPyXCkv8bqj32t2db4tJKv29kZ"
    "nFK1zYM2ozK0DWd3HiVkv303pheIWrav3M/UNRunSNUyfpWcHF1rw4XpGUXL8BUYHmVYpC"
    "nHcyQty1dgucVCjolnRSqPU8q95TsOqmHkTYTDsL6USNAcRm5qsTsW9uo8NxkRXfRC6cnq"
    "MVC56BQ8AQFRL5K8f2OY+fL0zesUWMIfy6DkzYfz9+8XLWnCVvB3CG5OSPyuT9HBCY+TiD"
    "2r9kBM7Yg+NDVw7ia+2f8gWte1bt1niX53pvh+T0RX983iplxFWnjDJ8XKGzMF8KbSOGGZ"
    "tjzXDEY5mCCwLutpJNJFaTnbE3QLgTWhkoO5p8WnvZKm02W1CWKt2dYwQYyxqDDu1TfMTc"
    "ZvBh5tw/LQGZMv6Oan82en375OXM8un81W+uf6lyXWYEc7vHjlfDinY12j9Uoafe3AX3tv"
    "Bali+XIHY4HwCH2MB+JTTHiy4FRsm/AeuYB9AW8xZsIqpFUQLnf7USD3pXlilDlIn4gkj1"
    "nBG3UNOrUpbGV6HkKXW23+7OrANsjazwLcZPZeiFYmRm3hCWvAPW/Qhg8+p60lR/lTzG3f"
    "ETb7SeX5whzdShlFa310B3/+W2KObom3UKyN59sRMvtVaIixAMn09cewGARJONjUQh7gUO"
    "eJWyikS/cGuuS2zh8whmmo4g9msDpj2mrT7DbfvPK4Odz4na1hqdrInHob5cYjc/bL4IJB"
    "8vTbbxtYJNWoWpOkvndoB/iW+wHt+PQe0pgEFT7EJT1NMpLVOprs6KzWRR6EbhA0hEDp6C"
    "R78c03MDFzO9c3KpB5u4aTykbQV8ly8SCKG9ERA8eU0+rO0fi9vDWeAa9SdGLfWUOcXvKa"
    "m1/j2WPcFnmRzttV7uFO7RHuhlKpnRrsre81wd+634IDCAeaJwLFxMTXQN8Dzkx90hN0rX"
    "NK0MBUPLVDwYBpzZtQNaIalK8/LeTY9PumQpStHHVyApm95E7av3VmL5bpLEm5qcQRXK5M"
    "JSgLyCdm6pVJiHyB6SFd+IEKqvho54VplHYZjNHdNAbtAIGQc1nEuVeG9AY0XN9W2xaxao"
    "tYHQqPD0mXWOHYX1Lb0FxS+07MZz7DMtsua0wnLqp0keooQiNKAT5N4nvqw3vKmnRMBFkh"
    "+b1AdshfQnG9+PotfKWlcQdkTG3hr0xOB6FTZpjPTVxFOo/LSnioBuX5nwPDbgIoEbYSWF"
    "UCiY7jxv48Vcv7lZ2tnN3ROFplA1og9VgKHcbRCE9sDS6NadV/0l/g8/mQsXmFdr4lUm9N"
    "ZeY8p8YKnL42mgACwyA5nyVkT2LpKJ0Cmb+S4TEdUdYTJH4gsXrbBB3D6/ssFQMDe9X9Ui"
    "4ow3GNwb5EWM5rm0tTzMOPfQ2McrrREkRWDnAWbDnm4fotVC4gIKqbiyJR2uHFu6vzj79X"
    "x1Ql4/MRIhe/316eL/RwVD9hUuVIWSaYPJXfUqHsgUotknvGg3vTefdM7WQ/31xfIQzOIm"
    "9lw7ikdzTQhuyeDitxMCFWE3u7ue3Nkjimo3Go/iudOVxB2bK3zN4pg3A5d8BUpDsavu74"
    "5LVcdLU/Fcha3q8YH45HFWxfEp6QEHgdm7Cp8PCFCAT49c4LNUfULtPVlukdj0dcyqqcyq"
    "XFJgp0flec2MSaXbOkhCfRHr/x+L46ztre6T4S6THTwxonvsVTxqC46STmpvCAjjPD81zQ"
    "hbDB01Sa5p5yQHBFAcU151ojQGKWcqapOzOjOLrA4O1XKtBl+t1zTnJkR5hzciA5JglPlu"
    "Z3wzfpKt2EphWtd6L15GQ7JzGt7nVi7yw92XA25rFTrV6wa5wxVZknbU7PmnF3DwoQVNar"
    "qz+5cyRHGIW0lawe+KgcOGyHHyF3Xzx/3oC7alQtd/W9BZejrCwECObrWlejrC4EOKSBRP"
    "9Bx2dQAGYUzsiFfPNyannp8IMJLvatpv35/4Cwayo="
)
