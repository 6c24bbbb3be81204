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
            r.members_complete
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
            members_complete = excluded.members_complete;
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
    "eJztXXtzGzeS/yoo/mOnitbasmPnlKqrkmJt4qwt5SzlstnYRYFDiMRyBuAOQNG83Xz3Qw"
    "OYJ2eoAZ8gPVX7sGbQmGE3Bv3rRj/+3Yn4gITi5DwI+JTJt1hOo84Z+neH4Yiof1Te76IO"
    "nkyyu3BB4n6oCYToYTO4N8AS68F9IWMcSHX7HoeCqEsDIoKYTiTlDIiuGUFyPiGI3yOu/j"
    "0VJH4ikJ0IwURdNAx5H4foacx5hMZkjp5/g3gMJBjBtRN41oAH6mGUDTc37Sf2id3dERyH"
    "lMR3d2iEBZIjgh5wOCUCBsJfIRYSRZRNJUGYDdBsxPXImEx4LAlcoMGoiwRXw7FE+BMbkA"
    "caEPNniIcC9cmIKlIqEOMSSTwmDN2rd8EoGGE2JKiPgzGSXP8Y81zzq6eM/mtKepIPiboW"
    "q9/+x2d1WU1GvhCR/DkZ9+4pCQcFAQNPeupnwzT6bg84BnfeMflXPRzY2u8FPJxGrEwymc"
    "sRZykNZRKuDgkjMVa/OidyNg1Du0iSS+a11QUZT0n6voPswoDc42kICweozXtk1zq93tX1"
    "be/m8rbX6ywsqoQityDspYAzWJDqXYVmxRBe4dnpi1dvXn338vWr79QQ/ZrplTd/mkdn/D"
    "GEmktXt50/9X21mswIzfCMw7CIHDmcJ9kMh5MLGYuzT3F1Hneen9nvp/ztbZPVGWs1UxbY"
    "eku+1PA1GV/iqXpFf3jaeN0u4dTt5d9vYeZIiH+FcOHqf88//vDT+cenH87//o2+M7d33l"
    "9f/ZgM52qXNrv41Q/vry9KzP6nUO/nwOxkvM/M7sDWTR6I0gZqr6YSBfBjvWR/yrDeVCyK"
    "4YIOa3eTMqXXO8pspJQeSMUoTqPmlEbU2hbNlJQiPGgoIrvd/Nfp6cuXb06fv3z93bev3r"
    "z59rvn6b6zeGvZBnTx7kfYgwqiWtyUJtxRPpbAa7God6Tw7wLcMajEZ1kk6KvXr1C/53GM"
    "5zUKuEhXEk1IhU+yMThSGCA5wg8kA53Zp7P2pqaY+8fnEnstKF5k7c8311fVnM2RlLg6oI"
    "FE/0GeMZeRGVFL/Z7GQgKsU5heoXhlPlBlM0zFN13Un6vrFssrzCY+//l5bWYD/5ZrkLKy"
    "6OpvVA5jPYueADQI4P77cQ6XwgUwI2Y4HvQW7vBTXjd28VZ0GpWvYIaHmvfwi+H3WfvxB7"
    "NTVFiWP6R7yFKb0mw1opk5ecMjZQcp1itLDCl8QpiArUtIHqtvwkw1OEG/xVSqe0qAiMLk"
    "sovUowl8N+pSrP7BYMZFu3IL869hwdGBm7ox4x/XNtYG891u24lGqbfufNP2xyqBnNJJPr"
    "hFvqvNJK5RO3kiny2S5syP8JdeSNhQjtSfr18t4WuiO16/KqsOe+dU3yqyeR+OIbt4t67T"
    "FcmZ9rExHMd8BkCJI6z9g/txZBj44MjuIpHHDN+xK26/rrcjZKkvIJIzRgLLgEUgmd19FE"
    "ymQxsCSjhIyIiS4wTz/VUfO9SONqcJMVGLQ8i7O3D2gz0tJA3GAAr19e/R3Z1dZmoGNQpO"
    "FO7uGGcBUX/BL9dUmIkZieGsQZBPTIAbS0i1NGFWi0YpU4SF39yDJS7u7rrak4KUzXh3p0"
    "DJ3V0dEP2jtNPAVD2FIj83Rai5Z1d+jMvg0iJti1w3g1z3pXO8A1IbVjrJ57HA1HpXeY7k"
    "KLDprn3jA4pDtUm4GAQ5kqNgedEceNHAGnhRawy8KNsCQUw0Jxb4+1ZdljQiNcs6Iyv7+i"
    "zdSfKPA+T4skX+7sPlze35h18KK/3t+e0l3DktrPLk6tPXJXmkk6Df3t3+hOBP9I/rq8uy"
    "qy8dd/uPDrwTnkreY3zWw4M8T5LLyaWCgMGd31Pmj7OIC4StkL0WsgWXVfhL2cG1JyEpUU"
    "m8/bk0DtnjEemF9aSn0lRb4sW7q/OPv1drp4sKz/vF77eX59Vnt5U+qwYnt9Vuq4NGWzv2"
    "GWrLyY33KUnL9vYo/HBYTiY8GLkxPSVp2V7P9lLg2TR23MoTit3x+PlhMfiRdT1TP5XPKr"
    "eTevCSI1oRvOzoRAKCHpB92y4ak4nUgb+CPKiXC9GMx2MSi2ZnEzvCN945hT9yXhm7XhrR"
    "bewcNo7SZh7icx0rbkJwwDMbhBS8sTqKPOcLhojwPiEMga+2q926Iz5bdCGvP90aAQW7dt"
    "ceSoT4nv21RxxHvjdf7fEbZh0bsGmPiigziSgmxBb2mD6BmGcU0gevIznVS9zTocPazwi8"
    "Fo+VBo1ISBmIIaJSb+TgeKFwgmdP9KQOftZnfDMqR06y2tj3EpGob4FIcxSWI/IbhUHOVs"
    "rkEP8fDect5FqEXG/1GeDfyFxUwa3c3cegVnaY2BBl/ZbgoRGPiCCxQscmEl1gOjDoyMz5"
    "RMCZ+zP4rPTHpOYLdfIcPGsRbm1w3jVwlzcHsj6Ara2l4yn59UB+6bJrvpEtkHq9nfnsEE"
    "++G/s4Jyks0rZiWFEMx+ifLacq0fhQkpXACQTZ82PGZyEZDKtOY5cJp5reW4djZzqBsNuZ"
    "0pIECaV4y54Nm1OjfWO5/A+fxOcVInuvGPXrBA7b63FZbsxydDZnwcPLBKGBCHpTTdYQqd"
    "0qMGVTpxbFmIREShwrlKTDrrtI426TLZOFSyq8NeFhSOJFzLaVJ6yB3va7l/oA2fbsH9PZ"
    "B25xdzmSowgC23ncndke3JheIGrZvgLbza7WW2HBL1K2AlhdANozt8j+m0hZKPUHwSVar7"
    "H0iySbtYtOUUjupRMAe3n65nWqAuCPZZv+zYfz9++9QlWXUBekCkqZG8vxk+jpsiIOCSZ6"
    "/Am6AOs1hTEsnJtk4QEOqpORm5Oa1BOd6qFrTKlfa9F3VgVF157q88Fc4SKFrgR6qjPfEe"
    "DBrCZWV1eienZPw/CbE5iUxwMzKZUKT4VYoTHK0jMGNVfi4P7ePBYOtw1/EFgrTGMz7eeG"
    "114XiumZ3c8uC2QtLGuPLT3zae7J1vDMTbYf34za4Nw4bglajq/K8RGFDMaqLZzzkGBWzf"
    "YcVdkrrMi2tXWkVxyg1QMVVD3S6GntB+OCWF8E6sd8OhwpddwQcC3j9vX1+wIAvnhXRri/"
    "fri4TPKB1CAqa0RiFGR1vZF6f32eyu8Ugo4gBBnP1190+uxfkncXJxO/joLbKoh7Mv00Sq"
    "3GM/UcLxCtxHbPVMKuuW6MmArQU8/zHEnLcXeOT2Ly0OtjWZVMUM/0IlXL901VWV2mX2vq"
    "rPqmWzMfA4Sv8anUvoIpE3TIzEmll8o1/4LNZZKn8jo6oTOD0Cd+nwpCFyRRj05cNPEcvE"
    "FeiccT9+CPeNKpcA7C5e4jrsEhnjR0DF4aJxmOCYqoEFBzsE9CPkPW5waVYiQfEygSM1Hv"
    "KUyN+PtYZw+QWE0Jgry7S2pz2TIvBRfith6yhgvPC6+RD9677cXB7dKj4ZvVsB+Xhv6GnC"
    "y1hKBFUu5IyovOFn6s82Oo/vY3OCcyQUxVajd/+zH1awtmNz+aswFGuTYy1edwNeMqa6rl"
    "11oWEtG4ptpKweJHVvp3a7qx3Tq2VuK0jRXavhb0ZMf+YPK+RrTSTsrdfWy/jtKhDffsn8"
    "wpEGzEOVr4M+QBDvXOLLp6k46VmZP01zpB55MJUetikIUhFPb4Dc7btuza+97UxiwcbcyC"
    "p8zcsb0ZFbbYIufrK2MWqY5C6ZZq5S9hbFoqv75Sfrk45t6izTyz77+6rJtfdKxGFbaxdx"
    "7DNSbYwyGjZjpRowiOdJhIsbD4GVR+UbQxVAqgops2IY2nDMIyqxNo1p2wzXb2QsvWIxlB"
    "KwsfLglVoNVlD1uX45H2aDyuMnF8xqr60dWv95SgXe/u6z0kWJAe425rPU/VrvMVc8Xbgt"
    "3un8AhFOz2BNt+JAFRzK8Ct8mtx9BtbMY1hLe/5ooBJIcnugqAgqcDm3aEeKz+JUf6kgKr"
    "CoQuNlmscd1tYf42vMFj4Ntmg+8hZJQ+VCbELs3YyFHtMGNjhUi56AT2hRP7vmc65AlCGD"
    "WC1LtCedPZZ66G2cVc08PzRD5/Ax0STeT8TPdw1Fmp5s3XFsBWvov6tJl6SSxJmvFKEN5u"
    "RlXJAkvrs3t/2NBR4IUldUBhtXdRJHRVmyy0WuC5dzWSDt1BsqqkdPY7mfDYSAyaLfosmm"
    "M8nyvXgvO5Epw3ht8/SaDkdlPfabU8pPuoIWjG94RT09W3CtqbCviYobR/Nwr4NBxoxS/x"
    "GMpMnCFB1BhBB2oSwbOi+fpMwwwfclRVO2M7j1jDLqzOra3/Bo8soG/PpSrazvJVp+Ub7y"
    "x/3M3ObXd5pXCS7i25cON9tECvapqzJG22ul+OVyvZJK0BqJIc9Yltdd0F953upW3VjMbG"
    "P99cX3lqFsYxdzqqSgl8lo23BmHbw7ZqtwE78hpcV2Z7PJDTE7uTe3t4UtOJqlH/KYemU9"
    "fM9nCB0BydqytHkLyp4amuBq3AamzaidzTUEJhmXnzI5PNTg/V5/JtrWhS+k0XwNG5pAqE"
    "U/ZAoduJQFht69P+Gbq7G4FPMq0wB7xuj198P37R7HJzeeZIWgW3goJTH2i17bLMgMwRHZ"
    "4jZ6Z2GvK93WWgNYsaHql9iQaQjzH2zcPzNXvbzCW1fSv7wme5KPxBZM9ZOgWyw5PREE/O"
    "TNcrZTFRpgYosxXfSxMZ56usElzgJqo8lc9uBPWKcKxspGQbHUCTPnPS47Nc1GpyF0uO6G"
    "CkYkojm5M3/bXkZTU0dWB8FRLUbiYrfD5FOp9FFXItByMxiHi0RW209eG5dL62c1L7zQSj"
    "KRunp6VdBOZFHwvof+w5ntP/72DsJOPbqHN3QweHFDv5tFOCltsrcPtBfYROfuqMouX3Cq"
    "VOwQ2iOebA8gJRy/UVuV7rQXmE8fVOlJb3TQ7CWBDPJ5VnM0sjhwt0fld73wTvNxgcPInJ"
    "gARECLcDyBJZu9ZXKB8+Ddz5XiBqub5CUWVOK0v41lpRGcHRJChuLKLEHNG5cDNH0bJz0Y"
    "sZc9cW2BmN50W/IfoGqh3qbLt3b5VFT8UkxHMEv76LjKXwuYtOTk7U/2KJIi4ket3M0l+m"
    "K7dUDdz4KdyEldEchLDg7dCz/1ZCg5gWIXE06cLZwIDEnxM/jXZ8dpGccXtHfPZWZMGIho"
    "O4qu7ueRzjGpnliUpSg8AHbzRu5wGHdICiEzHBATnRr20b6Y3JXJjcKH1vbfmApv3jc4Xb"
    "y/20LE/ls3/Sy/DlsmfGnf1FulYAKwsg4FP1fHcBFOlaAawsAFuqTrE2moTEOfW4irz1Iz"
    "ziR/AoxvJG91CuCbS8SRosPxptmfVibhZyqXTuNC3ynSrbro1hRGmEheT5v56avIBgGitc"
    "Ib+pDrfc3NRt+9xD2tLaUrS7NLldT1fWOljxjZk793jup2Hi18520BjuyDRP5fPW0Xl+hh"
    "SuixmkfUGirokybVgAZF/df9zlkdF4HGnlpUYtFCmEdeLO/BKhz9+DhyLwyE64nU8MTyoN"
    "BXv3MUtBZsMetRJ+G3HdR1GTIMqS+nKMz7r6T4Z+vXp//eOPl2+RfsaiNeA+BSRYXetm4q"
    "O0j7iOdRQTPk6CVdWUI7Ws1a45ZZKGUE6GsIGA1Fm13B+IKSYDTzpDHAwH8YlFeI5CPDQV"
    "oO0LzXTNg/uQBuP6JkdtOpYv6VhHnnI/G3GRrvlkiX+PjFmM2VxZ00/2lH9f3c+3HvnWdP"
    "P1CvTmevlCvohCXzaa1T8YzHjSvtbBL5gR+V2RkJqCX2aXNy+d6Yz1D+Q2F2/0tYWzt2W/"
    "9iuItuyXK0y+meDKWl/6+mPQWKhBDUsWnCM1gshgZI6mAcY9UTsWjUhIGbG1uExxZoCdgh"
    "DTfNrm/8Nbo9mIhgSZEK1F4LyVJ7Td2jwGt16YD37Y9RuDrdoR6J4cmKM6Jrbu3lPozPqM"
    "xmNDzUO++6J/dRuuH3gU0cqmC4X7j+pjPRjCGtRoh1pChkCtETSM+XRi/D3amWTglLb1JO"
    "fjUkNTcCYNbPazebauv1F9xL2Nh6yhnnU/FHfXcI7qeDT0no+6tYdyhTOrPFmrdVbWOspm"
    "DUZurE9JWrbXs90zHXOpZVarYi4TkTbRMFr+DgomZ5nltvEZVYtnClZZEGOR3k2S/6vVyG"
    "pTmSJ0jMyQfnUIsYqlQNDlEve5Ka6SlbkjiIcDHYoVYIZGWN0fYaOQphIKQX9iuSgsBrQo"
    "IsoW1pHxehYBxmWiLUwBO9ODKD+7VnJrR23t/fM9RhXWaiyPNdaesNsO60hbT5Q+b9EbFo"
    "UqdyYvxVepwPu519nNqNoyu22ZXQc881cCDYtr8Yy53RDP3KeDG9benUEiYwoW1BI2n2nT"
    "II9VJgEI84uR4c3/vEfQCIsSbTRD5wqNemIScMAxXTSJecQ1OgEzW0kdKqUrRnL9WItVRl"
    "h+Ypn5DV5xjXX6RL3KlD0b4Yn+OE0ACM7Bp2gqJBRgNx9vi2B81KFVCMaTD/iWv9UhJh+I"
    "EHhY+RGXhyz/kOcseHip1l7Phq5EhsrBQpH8maFFlraLxmQibbQUfKBBSHXgQwDVq0MyGO"
    "qPr/rbXmu2Nb6k5GN2PtlNqdqWMpvxabVtSHce8mO/fTemF4hatq/c5dI1taZI1TJ+lQQb"
    "XYHBhekZRcvwFRgeZVikKcdzJC3LV2C5xUKOWWRFqrZw1grFP4NqGHkT4TCsLzARNIeRm1"
    "rsjuWeOs9NekMXvVBmsXoM1LM5BT9/QNSLJO/fGGa+PH3zOgWW8McyKHnz4fz9+0XHmbB1"
    "3R0ilRMSv6sWdHDC4yT8zpo9ECA7pA9N/Zm7CVb2PyLWda3bw7HEvjtTfB8T0dXdlLhpZC"
    "r52D+vsjduCuBNpXPCMm154hiMcnBBYF3s0Uiki9IipyfoFqJkQiUHc0+LT585mv6H1S6I"
    "tWZbwwUxwqLCl1ffRjUZvxl4tA3PQ2dEvqCbn86fnX77OjlYdvlsttJV1b+UrwY72uEFH+"
    "djM8dVteSWFI9ICFrgvwIA1Ye1glSxfPl5YoHwCI8UD+QIMeHJwhli25r1yAXsC3iLMRPW"
    "IK2CcLnbjwK5L82znIwifSKSpGQFb9Q16N+lsJXphAe9T7X7s6vD1iAFPwtfk9l7IVqZ5b"
    "SFJ6wB97xBGz6cOW0t08mfymz7DqjZT17OF+Z4rJRRtN5Hd/Dnvyfm6JZ4C8Xa8L0dIbNf"
    "hYYYC5BMX38Mi0GQhINPLeQBDnXSt4VC4LzBgS7ErLMD8k3tGalzpq02zW6TxyvVzeHG72"
    "wNS9VG5tT7KDcembNfBhcckqffftvAI6lG1bok9b1DU+Bb7hKzY+09oDEJKs4Ql3S6yEhW"
    "63OxI12tKzYI3TZmAHHR0Un24ptva2Hmdi5WVCDzdg0nZYqg247l4kFUKqJDBgdTTqs7R+"
    "P38tZ4Bk6VohP7zhri9JLX3Pwazx7jtsiLdN6ucg93ao9wN9Q97dRgb32vCf7WzRMcQDjQ"
    "PBEoJia+BpoYcGaKjZ6ga51CgvqmfKkdCg5M696EEhDVoHz9aSGl5u7OlHuyZaBOTiBvl9"
    "xL+7fO28UynSWpHZUcBJfLTAnKAvKJmeJjEiJfYHpIBn6ggio+2nlhGmVdBiN0P43BOkAg"
    "5FyOcO6VIb0BDdb31bYVqdqKVIfC40OyJVZQ+0sKFZpLat+J+cxnWGabKI3oxMWULlIdRW"
    "hEKcCnSXxPfXhP2ZKOiSAr5LoXyA75SyiuF1+/ha+0zm2fjKit4pXJ6SBsygzzuYmrSOdx"
    "FQkPzaA8/3Ng2E0AJcJWAqtKILFx3Nifp2p5v/JhK2f3NI5W2YAWSD2WQodxNMQTW2FLY1"
    "r1n/QX+KwfMjav0OS1ROqtq8zoc2q8wOlrowkgMAyS81lCVhNLR+kUyPyVDI/pkLKeIPED"
    "idXbJugYXt9nqRgY2KtufnJBGY5rHPYlwnJe21yaYh5+7GvglNNdkyCyso+zYMsRD9fvh5"
    "I0uE+jSJR1ePHu6vzj79UxVcn4fITIxe+3l+cLDRnVT5hUHaQsE0yeym+pUPZApRbJmPFg"
    "bNronqmd7Oeb6yuE4bDIW9kwLuk9DbQju6fDShxciNXE3m5ue/MkjuhwFKr/SmcOV1C27C"
    "2zd8ogXM4dMBXpjoavO9a8louu/qcCWcv7FePD8bCC7UvCExICr2MTNhUevhCBAL/eeaHm"
    "iNplutoyvefxkEtZlVO5tNhEgc7vihObWLNrlpTwJNrjNx6Pq+Os7Z3uI5EeMz2sceJbPG"
    "UMaplOYm4KD+g4MzzPBV0IGzxNpenUKfsEVxRQXHOuNQIkZilnmh5nZhRHFxi8/UoFugi/"
    "e85JjuwIc04OJMck4cnS/G74Jl2lm9C0ovVOtJ5otnMS0+pOJvbOUs2GszGPabV6wa6hY6"
    "oyT9qcnjXj7h4UIKisV1evuXMkRxiFtJWsHvioHDhshx8hd188f96Au2pULXf1vYUjR1lZ"
    "CBDc17VHjbK6EOCABhL9Bx2fQwGYUdCRC/nm5dTykvKDCS72bab9+f99Ksrp"
)
