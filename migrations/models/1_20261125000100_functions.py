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

CREATE FUNCTION ss_open_epoch() RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    open_epoch int;
    ended bigint;
BEGIN
    PERFORM ss_stream_lock();
    SELECT f.epoch INTO open_epoch FROM ss_stream_fence f;
    IF FOUND THEN
        RETURN open_epoch;
    END IF;
    SELECT coalesce(max(last_pos), 0) INTO ended FROM ss_stream_commits;
    UPDATE ss_stream_epochs SET last_pos = ended WHERE last_pos IS NULL;
    SELECT coalesce(max(epoch), 0) + 1 INTO open_epoch FROM ss_stream_epochs;
    IF open_epoch > 1 THEN
        ended := ended + 4294967296;
    END IF;
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
    p_epoch int,
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
    "eJztXXuT27a1/yoY/eNkRt7aa8fO3cx0Zh1vE6f2bm5207SNPRJEYSVUJKAS0Mq6bb77xQ"
    "HAp0gtoSckc6YPL4kDUueAOL9zcB7/6UR8SEJxdhkEfMbkWyxnUecC/afDcETUPyrvd1EH"
    "T6fZXbgg8SDUBEL0sBncG2KJ9eCBkDEOpLp9j0NB1KUhEUFMp5JyBkQ3jCC5mBLE7xFX/5"
    "4JEj8RyE6EYKIuGoV8gEP0Vcx5hCZkgZ59jXgMJBjBtTN41pAH6mGUjbY37Uf2kfX7BMch"
    "JXG/j8ZYIDkm6AGHMyJgIPwVYiFRRNlMEoTZEM3HXI+MyZTHksAFGoy7SHA1HEuEP7Ihea"
    "ABMX+GeCTQgIypIqUCMS6RxBPC0L16F4yCMWYjggY4mCDJ9Y8xzzW/esbov2ekJ/mIqGux"
    "+u2/f1KX1WTkMxHJn9NJ756ScFgQMPCkp342TKPv9oBjcOcdk3/Rw4Gtg17Aw1nEyiTThR"
    "xzltJQJuHqiDASY/WrcyJnszC0iyS5ZF5bXZDxjKTvO8wuDMk9noWwcIDavEd2rdPrXd/c"
    "9W6v7nq9ztKiSihyC8JeCjiDBaneVWhWjOAVnp4/f/n65bcvXr38Vg3Rr5leef2HeXTGH0"
    "OouXR91/lD31eryYzQDM84DIvIkcN5ku1wOLmQsTj7FNfncefZhf1+yt/eLlmdsVYzZYmt"
    "d+RzDV+T8SWeqlf0h6eN1+0KTt1d/f0OZo6E+HcIF67/dvnL9z9e/vLVh8u/f63vLOyd9z"
    "fXPyTDudqlzS5+/f37mzclZv9LqPdzYHYy3mdmd2DrJg9EaQO1V1OJAvixXrI/ZVhvJpbF"
    "8IaOaneTMqXXO8p8rJQeSMUoTqPmlEbU2hbNlZQiPGwoIrvd/M/5+YsXr8+fvXj17TcvX7"
    "/+5ttn6b6zfGvVBvTm3Q+wBxVEtbwpTbmjfCyB12JR70jh3wW4Y1CJz7JI0FdvUKF+L+MY"
    "L2oUcJGuJJqQCp9kY3CkMEByjB9IBjqzT2fjTU0x9/dPJfZaULzM2p9ub66rOZsjKXF1SA"
    "OJ/os8Yy4jc6KW+j2NhQRYpzC9QvHKfKDKZpiJr7tosFDXLZZXmE18+uPTxswG/q3WIGVl"
    "0dXfqBzFehY9AWgQwP33kxwuhQtgRsxxPOwt3eHnvG7s8q3oPCpfwQyPNO/hF8Pvs/bj92"
    "anqLAsv0/3kJU2pdlqRDNz8pZHyg5SrFeWGFL4hDABW5eQPFbfhJlqeIZ+i6lU95QAEYXJ"
    "ZRepRxP4btSlWP2DwYzLduUO5t/AgqNDN3Vjxj+ubawN5rvdtheNUm/d+abtT1UCOaWTfH"
    "DLfFebSVyjdvJEPlskzZkf4c+9kLCRHKs/X71cwddEd7x6WVYd9s65vlVk8yEcQ3bx7lyn"
    "K5IL7WNjOI75HIASR1j7Bw/jyDDwwZHdRSKPGb5nV9xhXW8nyFJfQCRnjASWActAMrv7KJ"
    "hMhzYElHCQkBElxwnm+6s+dqgdbU4TYqIWh5D9Pjj7wZ4WkgYTAIX6+neo37fLTM2gRsGJ"
    "Qr/POAuI+gt+uabCTMxJDGcNgnxkAtxYQqqlCbNaNEqZIiz85h4scdHvd7UnBSmbsd9XoK"
    "TfrwOiv5d2Gpiqp1Dkp6YINffsyo9xFVxapm2R63aQ66F0jndAastKJ/k8lpha7yrPkZwE"
    "Nt23b3xIcag2CReDIEdyEiwvmgPPG1gDz2uNgedlWyCIiebEEn/fqsuSRqRmWWdkZV+fpT"
    "tL/nGEHF+1yN99uLq9u/zwc2Glv728u4I754VVnlz96lVJHukk6Ld3dz8i+BP98+b6quzq"
    "S8fd/bMD74RnkvcYn/fwMM+T5HJyqSBgcOf3lPnjLOICYStkr4VswWUV/lJ2cO1JSEpUEu"
    "9gIY1D9nRE+sZ60lNpqi3xzbvry1/+Ua2d3lR43t/84+7qsvrsttJn1eDkttptddRoa88+"
    "Q205ufE+JWnZ3h6FHw/LyZQHYweDLh1/SjzfXoDZLHbcshOK/bHz2Umt37n6qXxeuW3Ug5"
    "Qc0ZogZU8nDxDcgOzbdtGETKUO8BXkQb1ciOY8npBYNDuD2BOO8c75+wvnlTHqpRHdxk5g"
    "4xBt5gm+1DHhJtQGPLBBSMHrqqPFcz5fiPweEMIQ+GS72n075vNlV/Hm020QOLBvt+yxRI"
    "If2C97wvHiB9Pjp2+AdWxgpj0SoswknJhQWthjBgRim1FIH7yO2FQvcU9HDms/I/BaPFYa"
    "NCIhZSCGiEq9kYODhcJJnT25kzrIWZ/lzakcO8lqa99LRKKBBSLNUViOyG8UBrlZKZND/H"
    "80XLSQaxlyvdVnfX8lC1EFt3J3H4Na2aFhQ5T1W4KHxjwigsQKHZuIc4Hp0KAjM+cTAWfr"
    "T+Gz0h+Tmi/USXLwrGW4tcV5N8Bd3hy8+gC2dpZ2p+TXA/mly675RrZE6vV25rPjO/lu7O"
    "OcpLBM24phTTGcoh+2nJJE42NJSgInEGTJTxifh2Q4qjp1XSWcanpvHY6d2RTCa+dKSxIk"
    "lOItezZs7oz2jeXyPHwSn1eI7L1i1K9TOFSvx2W5MavR2YIFDy8ShAYi6M00WUOkdqfAlE"
    "2RWhZjEvoocaxQkg6v7iKNu01WTBYWqfDWlIchiZcx206esAF6O+xe6gNkO7B/TGcZuMXX"
    "5UhOIthr7/F1ZntwY3qBqGX7Gmw3u1pvjQW/TNkKYH0BaM/cMvtvI2Wh1B8El2i9xtLPk6"
    "zVLjpHIbmXTgDsxfnrV6kKgD9Wbfq3Hy7fv/cKVV1B/Y8qKGVurMZPoqfLhzgkkujxZ+gN"
    "WK8pjGHhwiQFD3FQnXTcnNSkmOiUDl1LSv1ai76zaie6xtSADxcKFyl0JdBXOsMdAR7Mal"
    "91dcWpp/c0DL8+g0l5PDSTUqnwVIgVGqMsPWNQcyUO7u/MY+Fw2/AHgbXCNDbTfm547U2h"
    "mJ7Z/eyyQNbCsvbY0jOf5oFsDc/cZIfxzagNzo3jlqDl+LocH1PIVKzawjkPCWbVbM9Rlb"
    "3CimxXW0d6xQFaPVBB1SONntZ+MC6I9UWgQcxno7FSxw0B1ypu39y8LwDgN+/KCPfXD2+u"
    "krwfNYjKGpEYBVldV6TeX5+n8jtVoCMIQcbz9SedJvun5N3F2dSvo+C22uGBTD+NUqvxTD"
    "3HC0Rrsd0zlbBvrhsjpgL01PM8R9Jy3J3j05g89AZYViUN1DO9SNXyfVvVVFfp15p6qr7p"
    "1szHAOFrfCa1r2DGBB0xc1LppXLNv2BzmeSpvI5O6Mwh9Infp4LQhUfUoxMXTbwAb5BX4v"
    "HEPfgDnnYqnINwufuIa3CEpw0dg1fGSYZjgiIqBNQWHJCQz5H1uUFFGMknBIrBTNV7ClML"
    "/j7W2QMkVlOCIPv9pAaXLedScCHu6iEbuPC88Br54L3bXRzcPj0avlkNh3Fp6G/IyVJLCF"
    "ok5Y6kvOhg4cc6P4Uqb3+FcyITxFSldvO3H1O/tjB286M5G2CUaxdTfQ5XM66ydlp+rWUh"
    "EY1rp60VLH5iJX53phvbrWNnpUzbWKHda0FPduwPJu9rTCvtpNzdx/brKB3acM/+0ZwCwU"
    "aco4U/Qx7gUO/Moqs36ViZOUkfrTN0OZ0StS6GWRhCYY/f4rxta66D701tzMLJxix4ysw9"
    "25tRYYstcr6+AmaR6iSUbqkm/grGpiXx6yvil4tgHizazDP7/ovLuvlZx2pUYRt75zFcY4"
    "I9HDJqZlM1iuBIh4kUC4hfQOUXRRtDpQAqummz0XjGICyzOoFm0wnbbGcvtGw9khG0ssDh"
    "ilAFWl3esHU5nmgvxtMqE8fnrKrvXP16Twna9e6+3kOCBekx7rbW81TtOl8zV7wtzO3+CR"
    "xDYW5PsO0vJCCK+VXgNrn1GLqNzbiG8PbXXDGA5PBEVwFQ8HRo046Q7nkvx/qSAqsKhC43"
    "U6xx3e1g/ja8wWPg22aDHyBklD5UJsSuzNjIUe0xY2ONSLnoDPaFM/u+FzrkCUIYNYLUu0"
    "J50zlkrobZxVzTw/NEPn8DHRJN5eJC92rUWanmzTcWwE6+i/q0mXpJrEia8UoQ3m5GVckC"
    "K+uze3/Y0FHghSV1QGG1d1EkdFWbLLRa4IV3NZKO3UGyrqR09juZ8thIDJoq+iyaUzyfK9"
    "eC87kSnDeG379IoOR2W99RtTyk+6ghaMb3hFNz1bcK2psK+JihtE83CvgsHGrFL/EEykxc"
    "IEHUGEGHahLBs6L5+kzDDB9xVFU7YzeP2MAurM6trf8GTyyg78ClKtoO8lWn5VvvIH/aTc"
    "1tF3mlcJLuLblw40O0Oq9qmrMibba6X45XK9kkrQGokhwNiG1p3QX3ne6ZbdWMxsY/3d5c"
    "e2oWxjF3OqpKCXyWjbcGYdurtmq3ATvyBlxXZns8ktMTu5N7e3hS04mqUf8ph6ZTN8z2cI"
    "HQHJ2rK8eQvKnhqa4GrcBqbNqJ3NNQQmGZRfMjk+1OD9Xn8m2taFL6TRfA0bmkCoRT9kCh"
    "24lAWG3rs8EF6vfH4JNMK8wBr9vjF9+PXzS73FyeOZJWwa2h4NQHWm27rDIgc0TH58iZq5"
    "2GfGd3GWjNooZHal+iAeRjTHzz8HzJ3jZzSW3fyr7wWS4KfxDZc5ZOgez4ZDTC0wvT9UpZ"
    "TJSpAcpsxffSRMb5KqsEF7iJKk/lsxtBvSIcKxsp2UYH0KTPnPT4LBe1mtzFkiM6GqmY0s"
    "jm5E1/LXlZjUwdGF+FBLWbyRqfT5HOZ1GFXMvBSAwiHm1RG219eC6dL+2c1H4zwXjGJulp"
    "aReBeTHAAvofe47n9P87GDvJ+Dbq3N3QwSHFTj7tlKDl9hrcflAfoZOfOqNo+b1GqVNwg2"
    "iOObC8QNRyfU2u13pQHmF8vROl5X2TgzAWxItp5dnMysjhAp3f1d63wfstBgdPYzIkARHC"
    "7QCyRNau9TXKh88Cd74XiFqur1FUmdPKEr61VlRGcDIJiluLKDFHdC7czFG07Fz2YsbctQ"
    "V2RuN50W+IvoFqhzrb7t1bZdFTMQ3xAsGv7yJjKXzqorOzM/W/WKKIC4leNbP0V+nKHVUD"
    "N34KN2FlNEchLHg79PTPSmgQ0yIkjqZdOBsYkvhT4qfRjs8uknNu74hP3oosGNNwGFfV3b"
    "2MY1wjszxRSWoQ+OCNxu084JAOUXQmpjggZ/q1bSO9CVkIkxul720sH9C0v3+qcHu5n5bl"
    "qXz2T3oZvlz2zLizv0jXCmBtAQR8pp7vLoAiXSuAtQVgS9Up1kbTkDinHleRt36ER/wIHs"
    "VY3uoeyjWBlrdJg+VHoy2zXszNQi6Vzp2lRb5TZdu1MYwojbCQPP/XVyYvIJjFClfIr6vD"
    "Lbc3dds+95i2tLYU7T5NbtfTlY0OVnxj5t49nodpmPilsx00hjsyzVP5vHV0nl0ghetiBm"
    "lfkKhrokwbFgA5VPcfd3lkNB5HWnmpUQtFCmGduDO/ROjz9+ChCDyyE+4WU8OTSkPB3n3M"
    "UpDZsEethN/GXPdR1CSIsqS+HOPzrv6ToV+v39/88MPVW6SfsWwNuE8BCVY3upn4OO0jrm"
    "MdxZRPkmBVNeVYLWu1a86YpCGUkyFsKCB1Vi33B2KKycCTLhAHw0F8ZBFeoBCPTAVo+0Jz"
    "XfPgPqTBpL7JUZuO5Us61omn3M/HXKRrPlni3yFjFmO2UNb0kwPl31f3861HvjXdfL0Cvb"
    "levpAvotCXjWb1DwYznrSvdfALZkR+VySkpuCX2eXNS2c6Y/MDue3FG31p4ext2a/DCqIt"
    "++UKk2+nuLLWl77+GDQWalDDkgWXSI0gMhibo2mAcU/UjkUjElJGbC0uU5wZYKcgxDSftv"
    "n/8NZoPqYhQSZEaxk47+QJbbc2j8GtF+aDH3b91mCrdgS6JwfmqE6Jrfv3FDqzPqPx2FDz"
    "kO++6F/dhut7HkW0sulC4f6j+lgPhrAGNdqhlpAhUGsEjWI+mxp/j3YmGTilbT3J+aTU0B"
    "ScSUOb/WyeretvVB9x7+IhG6hn3Q/F3TWcozodDX3go27toVzjzCpP1mqdtbWOslmDsQOG"
    "SsefEs83AlBe6ZIrLZ5aVXKVSK+JJtGidlAkOQsst13PqVonM7C+ghiL9G6S5F+tLtabyh"
    "SbY2SO9KtDKFUsBYJulnjATRGVrJwdQTwc6pCrADM0xur+GBvFM5NQ8Pkjy0VbMaBFEVE2"
    "r46A17MIMCITrWAK1ZleQ/nZtTLbODrrsJ+pD3pqZ5Zkq4EO39Ru/1hsj3WhrWdJn5/ojY"
    "lC1TqTZ+KrVOD93OvmZlRt2dy2bK4DbvkLgQbEtbjF3G6IW+7TwQ1r6c4hMTEFBWoJm8+0"
    "adDGOpMAVPnZyPD2f98jaGxFiTaCoROFRjcxCTjglS6axjziGoWA2aykDpXPFSO5fqzFJG"
    "MsP7LMnAYvt8Y0A6JeZcaejvFUf5wmoAPnYFI0ExIKqpuPt0UqviEVTz7UO/5Wh4Z8IELg"
    "UeXHWh6y+oNdsODhhVpjPRtyEhkqB4tD8qeGFlnaLpqQqbRRTvAhBiHVAQsBVJ0OyXBE0i"
    "72S9/wRrNt8MUkH63ziWxK1baC2Y4vqm0fuvdQHfvtuzG9QNSyfe3ulK4pMUWqlvHrJMbo"
    "ygkuTM8oWoavwfAowyJNOZ4jaVm+BsstFnLM/ipStQWv1ijaGVTDyNsIh2F9YYigOYzc1m"
    "J3LNPUeWbSErrouTJ/1WOgDs05+O0Dol4kef/GMPPF+etXKbCEP1ZBydsPl+/fLzvIhK3H"
    "7hBhnJD4XW2ggxMeJ2Fz1uyBwNYRfWjqt9xPkLH/kayua90ediX23YXi+4SIru6CxE0DUs"
    "kn/nmPvXFTAG8qnROWaasTvmCUgwsC6yKNRiJdlBYnPUN3EN0SKjmYe1p8+gzR9C2sdkFs"
    "NNsGLogxFhU+u/r2p8n47cCjXXgeOmPyGd3+ePn0/JtXyUGxy2ezk26o/qVqNdjRjs+Bmo"
    "+pnFTVgFtR9CEhaIH/GgBUH8oKUsXy1eeGBcITPDo8kqPChCdLZ4VtS9UTF7Av4C3GTFiD"
    "tArC5W4/CuQ+N89OMor0iUiSiRW8Udeg75bCVqaDHfQs1e7Prg5Dg9T5LBxNZu+FaGV20g"
    "6esAHc8wZt+HDmtLO4Mn8qqh06cOYw+TSfmeOxUkbReh/dwZ//npiTW+ItFGvD9PaEzH4V"
    "GmIsQTJ9/TEsBkESDj61kAc41MnaFgqB8wYHuoCyjvbPN6NnpM6Ztt40+036rlQ3xxu/sz"
    "MsVRuZU++j3HpkzmEZXHBInn/zTQOPpBpV65LU945Nge+4u8uetfeQxiSoOENc0aEiI1mv"
    "P8WedLWutCB0u5chxD9HZ9mLb78dhZnbuchQgczbNZyUF4IuOZaLR1FhiI4YHEw5re4cjd"
    "/LW+MZOFWKzuw7a4jTS15z+2s8e4zbIi/SebvKPdypPcLdUK+0U4O99b0m+Fs3PXAA4UDz"
    "RKCYmPgaaD7AmSkSeoZudKoIGpiyo3YoODCtexNKN1SD8s2nhdSZft+UabLlm87OIA+X3E"
    "v7t87DxTKdJan5lBwEl8tDCcoC8pGZomESIl9gekjufaCCKj7aeWEaZV0GY3Q/i8E6QCDk"
    "XM5v7pUhvQENN/fVtpWk2kpSx8LjY7Il1lD7KwoMmktq34n53GdYZpsfjenUxZQuUp1EaE"
    "QpwKdJfE99eE/Zko6JIGvktBfIjvlLKK4XX7+FL7Q+7YCMqa2+lcnpKGzKDPO5iatI53G1"
    "CA/NoDz/c2DYTQAlwlYC60ogsXHc2J+nanm/9mErZ/c0jtbZgJZIPZZCh3E0wlNbMUtjWv"
    "Wf9Bf4rB8yNq/RnLVE6q2rzOhzarzA6WujKSAwDJLzWUJWE0tH6RTI/JUMj+mIsp4g8QOJ"
    "1dsm6Bhe32epGBjYq25asqrJfYlwzU73e9rXwCmnux1BZOUAZ8GWYx5u3sdkV43s4Y2m06"
    "qDlFWCyVP5LRXKHqjUIpkwHkxM+9sLtZP9dHtzjTAcFnkrG8YlvaeBdmT3dFiJgwuxmtjb"
    "ze1gnsQxHY1D9V/pzOEKypa9ZfbOGITLuQOmIt3J8HXPmtdy0dX/VCBreb9mfDgeVbB9RX"
    "hCQuB1bMK2wsOXIhDg1zsv1BxRu0zXW6b3PB5xKatyKlcWmyjQ+V1xYhtrdsOSEp5Ee/zG"
    "40l1nLW9030k0mOuhzVOfItnjEHN0mnMTeEBHWeGF7mgC2GDp6k0HTblgOCKAoobzrVBgM"
    "Q85UzT48yM4uQCg3dfqUAX1XfPOcmRnWDOyZHkmCQ8WZnfDd+kq3QTmla03onWE812SWJa"
    "3ZnE3lmp2XA25jGtVi/YDXRMVeZJm9OzYdzdgwIElfXq6jV3juQEo5B2ktUDH5UDh+3wE+"
    "Tu82fPGnBXjarlrr63dOQoKwsBgvu69qhRVhcCHNJAov+i03MoADMKOnIp37ycWl5SfjDB"
    "m0ObaX/8P1WKtIk="
)
