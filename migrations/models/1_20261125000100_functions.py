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
CREATE TYPE ss_w_hook AS (extension text, statement text, rows json, durable boolean);
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
            BEGIN
                EXECUTE hook.statement USING hook.rows, base + p_positions;
            EXCEPTION WHEN data_exception OR integrity_constraint_violation
                    OR syntax_error_or_access_rule_violation THEN
                IF hook.durable THEN
                    RAISE;
                END IF;
                failed := failed || (hook.extension || ': ' || SQLERRM);
            END;
        END LOOP;
    END IF;
    IF cardinality(p_changes) > 0 THEN
        INSERT INTO ss_changes (pos, extension, user_key, device_key, room_key)
            SELECT base + p_positions, c.extension, c.user_key, c.device_key, c.room_key
            FROM unnest(p_changes) c;
    END IF;
END $$;
"""

DOWNGRADE = """
DROP FUNCTION IF EXISTS ss_commit_group;
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
    "eJztXX2T27bR/yoY/RNnRlbts33O48w8M3fx1XFz9uXJXZ60jT06iIJEVCTAEtDJapvvXi"
    "xAiqRE6gjqDZI50xcfiQWhXQD728Xu4t+dkA9JIHo/+JiNSecN+neH4RD+sfSmizo4irLn"
    "8EDiQaCbCtH3dDP9GA+EjLEn1ZsRDgRRj4ZEeDGNJOUM2t/ykEifsjHCDJEvkjCh3iAheU"
    "yGyHQ17KHfYirVOzSYIwqdyy5SnyZStVGPYvUPBj324KND7qmvqmY76n/K6D+npC/5WPVM"
    "YvWV3z+rx5QNyRf1s5M/o0l/REkwLDCSDqED/bwv55F+dknH75n8s24Lox/0PR5MQ5a1j+"
    "bS52xBQJmEp2PCSIzVCNUzGU+Bt2waBIkgUnabwWZNzChzNEMywtMAJATUZgDZs06///Hm"
    "rn97ddfvd1akl1LkGJ488jgDyauhCs0APaGe/s/Z2YsXr8+evTj/7tXL169ffffsO9VWj3"
    "f11es/zGAybpmuNM/ev3v/8Q4GxNX0MjMPHvyhabDEhkoLI+N+xIUd+xOCx/mfcnudANIH"
    "py+BjOOLBbfKd7WZxOVcLxAt8V79pO3wPtuO9sH8EH/pB4SNpa/+PH+5hq//f/HLDz9e/P"
    "Lk/OW3ReZ+TN6c6VdFNk8FifsTMl/lcuXUzpM0mt/J5N0xi/UXFSGXiOE45jO1IUuOMILx"
    "L2/2a2f+2fOXr19+9+L85WLCL56sm+erc3pIHqhHLNldJHKY4bYbytbYGnMeWjI1T9Ky1L"
    "AUoMdoklN/8GCAvckMx8P+yht+xqvarr4Kz8LlJ5jhsWYU/CIYXAoVOWPESxiwCiSzt4+C"
    "yUXTmoDyhhGUESE+Qlw9MetvFR6ubf2JfWL39zFRk0PI+3tEBVKAT2FH6k0AFOrn36P7+2"
    "SaqR5UK8yG6hHjzCPqL/jlmgozMSMxmvlckE9MKDypOlJTE3pN0ChlirDwm/swxcX9fReF"
    "eKj6kKqBAiX391VA9PelnQa66isU+bkuQs19u3QxroNLq7Qtct0Ocj2UznEOSG1Z6aTLY4"
    "WpdwqEVk/yfqlddpzYdA2/7q7+qmdqKMQ/gzwGffLh4q8anobz5M31zcd3afMcZv3h+uZy"
    "GT5RHKhNwsYgyJGcBMuL5sDzGtbA80pj4PmyLeDFRHNihb9v1WNJQ1IxrTOyJR4PE7pe+o"
    "8j5Pi6Sf7+w9Xt3cWHnwsz/e3F3RW8OSvM8vTpk/MleSw6Qb+9v/sRwZ/o7zcfrzQ7uZDj"
    "WH8xa3f39w6MCU8l7zM+6+Nhnifp4/RRQcABFrKvzB9rERcIWyE7LeQEXJbhL2UHzyvsoY"
    "xoSbyDuTQO2dMR6SWolrw01ZZ4+f7jxS9/K9dOafu8pC7/dnd1sbR/ZljeDvwW6U4Jbe3Z"
    "Z6gtJzveL0hatjdmu2vO8a+A5STinm9h0C3anxLPt2bLyWlsuWWnFPtj57OTmr8z9VP5rH"
    "TbqAYpOaKGIGVPJw8BFRIlo+2iCYkkGvEYCfKgBhegGY8nJBb1ziD2hGOcc/7+wnnYWesA"
    "1i26tZ3AxiFazxN8gaAxkj6W2gPrBRS8rnyEcN7n62OBBoQwBD7Zrnbf+ny26irevLsNAg"
    "f27Zats+G1ftmDHFqduh4/fQOso/aM3JEQZWjmU8/Xz/QeMyAeHBsF9IFYnXHvWf+rQYzo"
    "2GLuZwROiyeRBg1JQBmIIaRSb+TgYKFwUpec3Cl8oHZ7fZY3o9K3ktXW1ktIwkECROqjsB"
    "yR2yhs5vOMyQH+Fw3mLeRahVxv9VnfT2QuyuBW7u1jUCs7NKyJsn5L8ZDPQyJIrNAxAk8z"
    "EpgODToyfX4j4Gz9KSwrvZhUfwH8eATfWoVbW+x3A9zlzMGrC2Brwy2rGkYp+fVBfotpV3"
    "8jWyF1ejtz2fGdrpvkc1ZSWKVtxdBQDK0fdi841im9fU2F/DWCo9dq7Z1rs16Hz5n38CLV"
    "4+DE6k81WU19fqdULiMzojSt6QNpR5jJlEgD5CSOlS7VQbhdpNGZyZ3IgueUVo54EJB4Vb"
    "Pv5Asb6PjDrjgXFPuBvSg6Ft0uCitHchIhQXuPwjLbgx3TC0Qt2xuw3exq/QYTfpWyFUBz"
    "AWj/zSr7b0OFY6uPC5doXUZcnedpbmMXnaGAjKSVc+rF2evzhQqAP9Zt+rcfLq6vnUJVVw"
    "+EyTIoZV6sx0+iT6CVRbqBbt9Dl2DjLGAMC+YmdXSIvfLU1PqkJhFBB/5DugD8WjRTKMdk"
    "Fug+9HM+4MO5wkUKXQn0ZERjcJcoPGjcJeBa7iLg8NMRDYJve9Apj4emUyoVngqwQmOULT"
    "zRqq/UDfq9+SwcgRr+oAnjM6axmfaGwrA3hWK6Z/sTrgJZC8vawy3HPF8HsjUcc6Yc5pBK"
    "bXB2HE8IWo435bhPIZ+tbAvnPCCYlbM9R7XsO1Rku9o6Fk8soNUDFVR90uhpyU1KX+KLQI"
    "OYT8e+Usc1Adc6bt/cXBcA8OX7ZYT764fLqzQ7RDWiskIkRkGWV5+o9urmqdwOKO8IQpDx"
    "fP1JJ1P+KR276EVuHRgWrBHg5opI1hiBSfvW9Gtg+mmUWo5nqjleIGrEdsdUwr65boyYEt"
    "BTzfMcSctxe45HMXnoD7AsCy2vZnqRquW7Pd//Icoj1qr1a0rhuG7NfAwQ5MSnUvsKpkzQ"
    "MTPJhE4q1/wA68skT+X0GXZnBgEyfLQQhC5PoT6dumjiOXiDnBKPI+7BdzjqlDgH4XH3Ed"
    "fgGEc1HYNXxkmGY4JCKgRUoBuQgM9Q4nODuiGSTwiUDInUOIX2zKFRrGPMSay6BEHe36eV"
    "mpKiHwUX4q4+soELzwmvkQveu91FS+3To+Ga1XAYl4ZeQ1aWWkrQIil7JHWIcnaOzvNTqA"
    "X2E5wTmSCmMrWbf/2Y+jURCBZHc0mAURJUBLOk/Byuol1pha38XMtCImpX2GoUUnxihWB3"
    "phvbrWNnBS/bWKHda0FHduwPJjvIp6V2Uu7tY/t1uGhac8/+0ZwCwUaco4U/A+7hQO/Moq"
    "s36ViZOTiJmeihiygial4MszCEwh6/xX43sI2c2J1Oev93wvo8sf2/zUjYu70ZFrbYIuer"
    "6yQWqU5C6S5VTl/D2EXh9Oq66culEg8WbeaYff/VZd38rGM1yrBN8uYxXGOCPSwyaqaRak"
    "VwqMNEimWm30B9EEUbQz45FaZkCKQ9x1MGYZnlCTSbdtjmxDqhZauRjKClZfDWhCrQ8iJ4"
    "rcuxhstxwZ3+1BLsLFO2xcQaxmnOmNl46873BUE73+3ne0CwIH3G7eZ6nqqd583meVu+uc"
    "ESOIbyzY5g26qSe7UK7VlU17thSbEqQJc63MRcs6fr40FCt0CCx6Zu0ogGEmKj5yUX7VU4"
    "7LbbPSRQ5ev30TR7Scdw63AIzBTFAzUXsmAk5HTwBt3f+wQrgaRJUsDrNkDCdeis2WV3XJ"
    "EjOQm/yb7xhFqg5df8rYMTOSKXfYWgHWh6PRQEQ+oyVDO105Dvk10GalCp5iGFu6HgSGGy"
    "vKG5BEFO0aFbLqSspojSHgKOdlyWiwIgRPatpVMgOz4ZjXH0xpT3w0ItJ9UABwiPpOX9jv"
    "tOcktwgZ2o8lQOe44hYlABqkRKSa0eqEZq4sBdlouaTfZiyREdjVRMdr+Jy9erJS+rsQll"
    "dlVIUH6ANFg+RTqXRRVwLQcjMTDak7hsbX04Lp1j9IU2yp8gLL9mPH/KJrrWLNy12UVgXg"
    "ywgELvjuM5/f8Wxk7avnWc2hs6OKDYKptxQdByuwG3H9QitDoVyChafjfI1gU3iG1WeoGo"
    "5XpDrld6UB5hfLUTpeV9Dd4T5sXzqPTC1LXlSgp0bhcs2Qbvt1iLJIrJkHhECG61sS+RtX"
    "O9QQWMqWfP9wJRy/UGdQE4Lc1Cr7SiMoKTOWPfWiyyOaKz4WaOomXnqhcz5ra1/jMax+tW"
    "/OX25iMk7EEKBXr/Vln0VEQBniP49V1kLIXPXdTr9dT/YolCLiQ6r2fpH6CghfFT2Akroz"
    "kKYcHo0NP/VUKDIBYhcRh14WxgSOLPqZ9GOz67SM548kZ8dlZknk+DYVyWOn4Rx7hCZnmi"
    "JalB4IMzGrfzgAM6RGFPRNgjPT3spBYsXMZiis7qdxvLBzTt759L3F72p2V5Kpf9k46HsZ"
    "nd0579RbpWAI0F4PGp+r69AIp0rQA2zdFSrA2jgJSVk1/rQCgjb/0Ij/gRHIqxvJUV1/Vk"
    "L7s1oi2z6wTqhVwqnTtd1KlYKNtuEsOIFhEWkuf/egI/4A3yprHCFfLb8nDL7XXdVoA/pi"
    "2tzabep8lte7qy0cGKa8zcu8fzMDV/v3a2g8awR6Z5Kpe3js6zN0jhupjB5TqMp1GmNSuh"
    "HqqAnb08MhqHI62c1KiFPDuYJ/bMXyJ0eT04KAJH7ITbCLNOiYmgnz9mHQjVqGYu1gWCYg"
    "DS87OLnnI3N5mgQ6xrHKEQz+EuTVMYNklsglGjmU8DgszZ06p9sJMvtJWUDo5LW+y/T+yv"
    "EY591HOO6pTYun8IZM36jKaFQMeof3WJnB94GFJZqofz7x/Vx7ox+GtVa4skaUOg5ggax3"
    "wa6YxlCDtPPWhQkgdJzidLxQa7aAqnm7ptUusHAtHLfXe7+MgG6lnXKrDHvDmq09HQB/bh"
    "6ePyBsZ4nqzVOo21Dol42UU81Y7stP0p8fwUqpgbXXGlxVOpSq5S6dXRJFrUFookZ4Hltu"
    "v0Th6MvBiLxds0e6lcXTTrylTRYGSG9NDhjCiWAkGlOTzgJjs0q9NBEA+G+izJwwz5WL33"
    "sVE8U9lFgn9iuWMkBrQoJMrm1aE9uhcBRmSqFUwFjuza47R3rcw2PnY67DJ1QU/tzJJsNd"
    "DhC07tH4vtKQYt51nS95TpjYlCOQ4TQOeqVGB89jXAMqoTLADWUUpoeKOMkmT2rDu1cqgg"
    "WDLRXa0HZoDJnwkrv30l/7ombhktGtcsEjaDiOsFKFBT2CzTLqIMym79+vH65t27q7dIf6"
    "uqFJhdJwBVfjYyvP2/a0RCNSSijWCFNQy6iYnHAa90URTzkGsUAmazkjrcIKwYyfVnE0zi"
    "Y/mJZeY0eLk1phkQNZQpe+rjSC9OU24X52BSOBVSNUNm8bZIxTWk4shCvePmEqQPRAg8Ll"
    "2sy03WL1h9HbaaY8mtSf3QUFlYHJI/TS5GSmi7aEIiqaa7pIFeiF5AdQESD8rpBWQ4JuUl"
    "qzfubYMVky5aOwCUpzqZe5cO7IvSR3B2hflyJG0oToNQnPbypsOklet4VNtYvyJVy/gmEX"
    "86JcyG6RlFy/AGDA8zLFKX4zmSluVN7kc1WMgyrLVI1WbyN6hG5JXDyNsQB0F1xptXH0Ye"
    "KP+88wxxQNVd9FyZv+ozkGB7Bn57j6iBpOOvDTNfnL0+XwBL+GMdlLz9cHF9fYxFam2ZLN"
    "ILe4xh8QbN8ISIrq4rzqU2gBbXRruE6J2xj4E3pVZxwrS1zivNWgvbF+uyJ0YiXbQo99ND"
    "cPtSFCg5mHdafPrwSruNSmInN+5tA9vXx6LEWVR9hVzafjt6eRcmb8cnX9DtjxdPz16dpy"
    "eUNsumeKHcyzUrYnGj3MvqK+VefvuIyevMZVmrO9rxee7ywXyTsqoKa9KoUoIWcTa5LghO"
    "AwUpY3mNS2tSwhM8szqSM6qUJyuHVIWKAgqelNZWWi/iHFkrYOcE7Ap4izETiSVUBuFyrx"
    "8Fcl/qp8UYRfqNQObCTqTgjXoGlewVtjJ3QsAtQNrv1tXxT4jHuTgomY0L0dK0mB18ob2a"
    "0wmwUY3p3KlRcOiIjcMkcnxhlucZGUXr9rIHf+57Yk5uirdQrI0P2xMy+1WU34Sunz+Gxe"
    "B03sKnFnAPBzpLOIFC4LzBni5JpsPM89c7MlLlTGvWzX6zjUvVzfEGjuwMS1WGhFT7KLce"
    "EnJYBhcckmevXtXwSKpWlS5J/e7YFPhpXfE8pDHxSgr1rqn5mpE0q/i6J12tU/yFLqA8hM"
    "DbsJcNfPsFXk3f1rdQFcicncPp/VNQdzrh4uLyKddOAAsV2McMDqasZneOxu3prfEMnCqF"
    "vWTMGuL002Fuf45nn7Gb5EU6Z2e5gzu1Q7i76q72xbs6+Nv20nag+UagmJjADijnyZPL1n"
    "voRucowPXpgKmTpuDATNyb1Ze1b94t5Gzc35v6QEndoF4PEkDJSGZXsM9gx0x7SYsNpQfB"
    "y3WJBGUe+cTMXbMSqsdD95BV+kAFVXxM+oVulHXp+Wg0jcE6QCDkXLJpbsgQV4+Gm/tq2x"
    "JGbQmjY+HxMdkSDdT+CdwdnpQT92lkY0oXqU4iNGIpwKdOfE91eM+yJf113tCerYTifHF1"
    "LXxtFxjHJOIxpJj6NCn7lMnpKGzKDPPZiatI53CZAgfNoDz/c2DYTgBLhK0EmkogtXHs2J"
    "+nannf+LCVsxGNwyYb0Aqpw1LoMI7GOEpKNWlMq/6z+AUu64eMzQ2uO1oiddZVZvQ5NV7g"
    "xbBRBAgMg+RcllCiiaWldApk7kqGx3RMWV+Q+IHEarQpOobhuywVAwP7/xDlxQ+qr41cIm"
    "x4d+Se9jVwygUEarFw8NtlwZY+Dza/enBXV0PCiKKo7CBlnWDyVG5Lxdy7CyKZMO5NzIVS"
    "b9ROBjd9IgyHRc7KhnFJR9TTjuy+DiuxcCGWEzu7uR3Mk+jTsR+o/0prDpdQtuxdZu+UQb"
    "icPWAq0p0MX/eseRMu2vqfCmQt7xvGh+NxCdvXhCekBE7HJmwrPHwlAgF+vfVEzRG107TZ"
    "NB3xeMylLMupXHtxbIGuvTH2OG6M/Y3Hk/I46+RN95FIj5luVjvxLZ4yBsUyo5ibwgM6zg"
    "zPc0EXIgmepsqe9QmO5YDgksp9G/a1QYDEbMGZuseZGcXJBQbvvlKBruZun3OSIzvBnJMj"
    "yTFJebI2vxvWpK10U5pWtM6J1hHNdkFiWn4lRvJmrWbDWZvHtFq1YDfQMWWZJ21Oz4Zxdw"
    "8KEJQWSqvW3DmSE4xC2klWDywqCw4nzU+Qu8+fPavBXdWqkrv63cqRozKxSvQluK8rjxpT"
    "kmV1ST2J/oNOz6EAzCjoyJV88+XU8iXlBx1cHtpM++O/MWh4vA=="
)
