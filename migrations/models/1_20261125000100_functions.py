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
    room_key int, type text, state_key text, event_key bigint, pos bigint, learned boolean);
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
            FROM unnest(p_state) n
            WHERE s.room_key = n.room_key AND s.type = n.type AND s.state_key = n.state_key
                AND s.to_pos IS NULL;
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
            u.joined_ts, u.member_json, u.stripped, u.notification_count, u.highlight_count,
            ss_at(base, u.unread_pos), u.unread_us, u.tags, u.tags_us, u.forgotten
        FROM unnest(p_user_rooms) u
        ON CONFLICT (user_key, room_key) DO UPDATE SET
            pos = excluded.pos, membership = excluded.membership,
            reset_pos = excluded.reset_pos, generated_us = excluded.generated_us,
            joined_ord = excluded.joined_ord, visible_ord = excluded.visible_ord,
            left_ord = excluded.left_ord, confirmed_ord = excluded.confirmed_ord,
            joined_ts = excluded.joined_ts, member_json = excluded.member_json,
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
    "eJztXf9z2zay/1cw+qXpjKJLHMfpS2fejN340rxz4r7afb27JiNDFCTiRAI8ArKid9f//b"
    "AAKZISKRPUN0jlzH2JSSwI7QLYzy52F//qhHxIAtH7wcdsTDpv0b86DIfwj6U3XdTBUZQ9"
    "hwcSDwLdVIi+p5vpx3ggZIw9qd6McCCIejQkwotpJCln0P6Oh0T6lI0RZoh8lYQJ9QYJyW"
    "MyRKarYQ/9GlOp3qHBHFHoXHaR+jSRqo16FKt/MOixBx8dck99VTXbUf9TRv85JX3Jx6pn"
    "Equv/PZFPaZsSL6qn538GU36I0qCYYGRdAgd6Od9OY/0sys6/sDkn3VbGP2g7/FgGrKsfT"
    "SXPmcLAsokPB0TRmKsRqieyXgKvGXTIEgEkbLbDDZrYkaZoxmSEZ4GICGgNgPInnX6/U+3"
    "9/276/t+v7MivZQix/DkkccZSF4NVWgG6An1/L/Ozl69enP24tXFd6/P37x5/d2L71RbPd"
    "7VV29+N4PJuGW60jz78P7Dp3sYEFfTy8w8ePC7psESGyotjIz7ERd27E8InuZ/yu11Akgf"
    "nL4EMo4vFtwq39VmEpdzvUC0xHv1k7bD+2w72gfzQ/y1HxA2lr768+J8DV//7/LnH368/P"
    "nZxfm3ReZ+St6c6VdFNk8FifsTMl/lcuXUzpM0mt/J5N0xi/UXFSGXiOE45jO1IUuOMILx"
    "L2/2a2f+2cvzN+ffvbo4X0z4xZN183x1Tg/JI/WIJbuLRA4z3HZD2RpbY85DS6bmSVqWGp"
    "YC9BhNcuoPHgywN5nheNhfecPPeFXb1VfhWbj8BDM81oyCXwSDS6EiZ4x4CQNWgWT29kkw"
    "uWhaE1DeMoIyIsRHiKsnZv2twsO1rT+zz+zhISZqcgj58ICoQArwKexIvQmAQv38e/TwkE"
    "wz1YNqhdlQPWKceUT9Bb9cU2EmZiRGM58L8pkJhSdVR2pqQq8JGqVMERZ+cx+muHh46KIQ"
    "D1UfUjVQoOThoQqI/ra000BXfYUiv9RFqLlvly7GdXBplbZFrttBrofSOc4BqS0rnXR5rD"
    "D1XoHQ6kneL7XLjhObruHX/fVf9UwNhfhnkMegzz5e/lXD03CevLm5/fQ+bZ7DrD/c3F4t"
    "wyeKA7VJ2BgEOZKTYHnRHHhZwxp4WWkMvFy2BbyYaE6s8PedeixpSCqmdUa2xONhQtdL/3"
    "GEHF83yT98vL67v/z4U2Gmv7u8v4Y3Z4VZnj59drEkj0Un6NcP9z8i+BP9/fbTtWYnF3Ic"
    "6y9m7e7/3oEx4ankfcZnfTzM8yR9nD4qCDjAQvaV+WMt4gJhK2SnhZyAyzL8pezgeYU9lB"
    "EtiXcwl8YhezoivQLVkpem2hKvPny6/Plv5dopbZ+X1NXf7q8vl/bPDMvbgd8i3SmhrT37"
    "DLXlZMf7BUnL9sZsd805/gdgOYm451sYdIv2p8Tzrdlychpbbtkpxf7Y+eKk5u9M/VQ+K9"
    "02qkFKjqghSNnTyUNAhUTJaLtoQiKJRjxGgjyqwQVoxuMJiUW9M4g94RjnnL8/cx521jqA"
    "dYtubSewcYjW8wRfImiMpI+l9sB6AQWvKx8hnPf5+ligASEMgU+2q923Pp+tuoo3726DwI"
    "F9u2XrbHitX/Ygh1anrsdP3wDrqD0jdyREGZr51PP1M73HDIgHx0YBfSRWZ9x71v9qECM6"
    "tpj7GYHT4kmkQUMSUAZiCKnUGzk4WCic1CUndwofqN1en+XNqPStZLW19RKScJAAkfooLE"
    "fkNgqb+TxjcoD/nwbzFnKtQq53+qzvL2QuyuBW7u1TUCs7NKyJsn5N8ZDPQyJIrNAxAk8z"
    "EpgODToyfX4j4Gz9OSwrvZhUfwH8eATfWoVbW+x3A9zlzMGrC2Brwy2rGkYp+fVBfotpV3"
    "8jWyF1ejtz2fGdrpvkc1ZSWKVtxdBQDK0fdi841im9fUOF/CWCo9dq7Z1rs16Hz5n3+CrV"
    "4+DE6k81WU19fq9ULiMzojSt6QNpR5jJlEgD5CSOlS7VQbhdpNGZyZ3IgueUVo54EJB4Vb"
    "Pv5Asb6PjDrjgXFPuBvSg6Ft0uCitHchIhQXuPwjLbgx3TC0Qt2xuw3exq/QYTfpWyFUBz"
    "AWj/zSr770KFY6uPC5doXUZcnZdpbmMXnaGAjKSVc+rV2ZuLhQqAP9Zt+ncfL29unEJV14"
    "+EyTIoZV6sx0+iT6CVRbqBbt9DV2DjLGAMC+YmdXSIvfLU1PqkJhFBB/5DugD8WjRTKMdk"
    "Fug+9HM+4MO5wkUKXQn0bERjcJcoPGjcJeBa7iLg8PMRDYJve9Apj4emUyoVngqwQmOULT"
    "zRqq/UDfq9+SwcgRr+oAnjM6axmfaGwrA3hWK6Z/sTrgJZC8vawy3HPF8HsjUcc6Yc5pBK"
    "bXB2HE8IWo435bhPIZ+tbAvnPCCYlbM9R7XsO1Rku9o6Fk8soNUjFVR90uhpyU1KX+KLQI"
    "OYT8e+Usc1Adc6bt/e3hQA8NWHZYT7y8er6zQ7RDWiskIkRkGWV5+o9urmqdwOKO8IQpDx"
    "fP1JJ1P+KR276EVuHRgWrBHg5opI1hiBSfvW9Gtg+mmUWo5nqjleIGrEdsdUwr65boyYEt"
    "BTzfMcSctxe45HMXnsD7AsCy2vZnqRquW7Pd//Icoj1qr1a0rhuG7NfAwQ5MSnUvsKpkzQ"
    "MTPJhE4q1/wA68skT+X0GXZnBgEyfLQQhC5PoT6dumjiOXiDnBKPI+7B9zjqlDgH4XH3Cd"
    "fgGEc1HYPXxkmGY4JCKgRUoBuQgM9Q4nODuiGSTwiUDInUOIX2zKFRrGPMSay6BEE+PKSV"
    "mpKiHwUX4q4+soELzwmvkQveu91FS+3To+Ga1XAYl4ZeQ1aWWkrQIil7JHWIcnaOzvNTqA"
    "X2FzgnMkFMZWo3//op9WsiECyO5pIAoySoCGZJ+TlcRbvSClv5uZaFRNSusNUopPjECsHu"
    "TDe2W8fOCl62sUK714KO7NgfTXaQT0vtpNzbp/brcNG05p79ozkFgo04Rwt/BtzDgd6ZRV"
    "dv0rEyc3ASM9FDl1FE1LwYZmEIhT1+i/1uYBs5sTud9P7vhPV5Yvt/m5Gwd3szLGyxRc5X"
    "10ksUp2E0l2qnL6GsYvC6dV105dLJR4s2swx+/4Pl3Xzk47VKMM2yZuncI0J9rDIqJlGqh"
    "XBoQ4TKZaZfgv1QRRtDPnkVJiSIZD2HE8ZhGWWJ9Bs2mGbE+uElq1GMoKWlsFbE6pAy4vg"
    "tS7HGi7HBXf6U0uws0zZFhNrGKc5Y2bjrTvfFwTtfLef7wHBgvQZt5vreap2njeb52355g"
    "ZL4BjKNzuCbatK7tUqtGdRXe+WJcWqAF3qcBNzzZ6ujwcJ3QIJHpu6SSMaSIiNnpdctFfh"
    "sNtu95BAla/fR9PsJR3DrcMhMFMUj9RcyIKRkNPBW/Tw4BOsBJImSQGv2wAJ16GzZpfdcU"
    "WO5CT8JvvGE2qBll/ztw5O5Ihc9hWCdqDp9VAQDKnLUM3UTkO+T3YZqEGlmocU7oaCI4XJ"
    "8obmEgQ5RYduuZCymiJKewg42nFZLgqAENm3lk6B7PhkNMbRW1PeDwu1nFQDHCA8kpb3O+"
    "47yS3BBXaiylM57DmGiEEFqBIpJbV6oBqpiQN3WS5qNtmLJUd0NFIx2f0mLl+vlrysxiaU"
    "2VUhQfkB0mD5FOlcFlXAtRyMxMBoT+KytfXhuHSO0RfaKH+CsPya8fwpm+has3DXZheBeT"
    "HAAgq9O47n9P9bGDtp+9Zxam/o4IBiq2zGBUHL7QbcflSL0OpUIKNo+d0gWxfcILZZ6QWi"
    "lusNuV7pQXmC8dVOlJb3NXhPmBfPo9ILU9eWKynQuV2wZBu832ItkigmQ+IRIbjVxr5E1s"
    "71BhUwpp493wtELdcb1AXgtDQLvdKKyghO5ox9a7HI5ojOhps5ipadq17MmNvW+s9oHK9b"
    "8T93t58gYQ9SKNCHd8qipyIK8BzBr+8iYyl86aJer6f+F0sUciHRRT1L/wAFLYyfwk5YGc"
    "1RCAtGh57/txIaBLEIicOoC2cDQxJ/Sf002vHZRXLGkzfii7Mi83waDOOy1PHLOMYVMssT"
    "LUkNAh+c0bidRxzQIQp7IsIe6elhJ7Vg4TIWU3RWv9tYPqBpf/tS4vayPy3LU7nsn3Q8jM"
    "3snvbsL9K1AmgsAI9P1fftBVCkawWwaY6WYm0YBaSsnPxaB0IZeetHeMKP4FCM5Z2suK4n"
    "e9mtEW2ZXSdQL+RS6dzpok7FQtl2kxhGtIiwkDz/1zP4AW+RN40VrpDflodbbq/rtgL8MW"
    "1pbTb1Pk1u29OVjQ5WXGPm3j2eh6n5+0dnO2gMe2Sap3J56+i8eIsUrosZXK7DeBplWrMS"
    "6qEK2NnLI6NxONLKSY1ayLODeWLP/CVCl9eDgyJwxE64izDrlJgI+vlT1oFQjWrmYl0iKA"
    "YgPT+76Cl3c5MJOsS6xhEK8Rzu0jSFYZPEJhg1mvk0IMicPa3aBzv5QltJ6eC4tMX++8T+"
    "GuHYRz3nqE6JrfuHQNasz2haCHSM+leXyPmBhyGVpXo4//5Jfawbg79WtbZIkjYEao6gcc"
    "ynkc5YhrDz1IMGJXmQ5HyyVGywi6ZwuqnbJrV+IBC93He3i49soJ51rQJ7zJujOh0NfWAf"
    "nj4ub2CM58lardNY65CIl13EU+3ITtufEs9PoYq50RXXWjyVquQ6lV4dTaJFbaFIchZYbr"
    "tO7+TByIuxWLxNs5fK1UWzrkwVDUZmSA8dzohiKRBUmsMDbrJDszodBPFgqM+SPMyQj9V7"
    "HxvFM5VdJPhnljtGYkCLQqJsXh3ao3sRYESmWsFU4MiuPU5718ps42Onwy5TF/TUzizJVg"
    "MdvuDU/rHYnmLQcp4lfU+Z3pgolOMwAXSuSgXGZ18DLKM6wQJgHaWEhrfKKElmz7pTK4cK"
    "giUT3dV6YAaY/Jmw8ttX8q9r4pbRonHNImEziLhegAI1hc0y7SLKoOzWL59ubt+/v36H9L"
    "eqSoHZdQJQ5Scjw7v/vUEkVEMi2ghWWMOgm5h4HPBKF0UxD7lGIWA2K6nDDcKKkVx/NsEk"
    "PpafWWZOg5dbY5oBUUOZsuc+jvTiNOV2cQ4mhVMhVTNkFm+LVFxDKo4s1HtuLkH6SITA49"
    "LFutxk/YLV12GrOZbcmtQPDZWFxSH58+RipIS2iyYkkmq6SxrohegFVBcg8aCcXkCGY1Je"
    "snrj3jZYMemitQNAeaqTuXfpwL4ofQRnV5gvR9KG4jQIxWkvbzpMWrmOR7WN9StStYxvEv"
    "GnU8JsmJ5RtAxvwPAwwyJ1OZ4jaVne5H5Ug4Usw1qLVG0mf4NqRF45jLwLcRBUZ7x59WHk"
    "gfLPOy8QB1TdRS+V+as+Awm2Z+C394gaSDr+2jDz1dmbiwWwhD/WQcm7j5c3N8dYpNaWyS"
    "K9sMcYFm/RDE+I6Oq64lxqA2hxbbRLiN4Z+xh4U2oVJ0xb67zSrLWwfbEue2Ik0kWLcj89"
    "BLcvRYGSg3mnxacPr7TbqCR2cuPeNrB9fSxKnEXVV8il7bejl3dh8nZ88hXd/Xj5/Oz1RX"
    "pCabNsihfKna9ZEYsb5c6rr5Q7//YJk9eZy7JWd7Tj89zlg/kmZVUV1qRRpQQt4mxyXRCc"
    "BgpSxvIal9akhCd4ZnUkZ1QpT1YOqQoVBRQ8Ka2ttF7EObJWwM4J2BXwFmMmEkuoDMLlXj"
    "8J5L7WT4sxivQbgcyFnUjBG/UMKtkrbGXuhIBbgLTfravjnxCPc3FQMhsXoqVpMTv4Qns1"
    "pxNgoxrTuVOj4NARG4dJ5PjKLM8zMorW7WUP/tz3xJzcFG+hWBsftidk9osovwldP38Ki8"
    "HpvIVPLeAeDnSWcAKFwHmDPV2STIeZ5693ZKTKmdasm/1mG5eqm+MNHNkZlqoMCan2UW49"
    "JOSwDC44JM9ev67hkVStKl2S+t2xKfDTuuJ5SGPilRTqXVPzNSNpVvF1T7pap/gLXUB5CI"
    "G3YS8b+PYLvJq+rW+hKpA5O4fT+6eg7nTCxcXlU66dABYqsI8ZHExZze4cjdvTW+MZOFUK"
    "e8mYNcTpp8Pc/hzPPmM3yYt0zs5yB3dqh3B31V3ti3d18Lftpe1A841AMTGBHVDOkyeXrf"
    "fQrc5RgOvTAVMnTcGBmbg3qy9r37xbyNl4eDD1gZK6Qb0eJICSkcyuYJ/Bjpn2khYbSg+C"
    "l+sSCco88pmZu2YlVI+H7iGr9JEKqviY9AvdKOvS89FoGoN1gEDIuWTT3JAhrh4NN/fVti"
    "WM2hJGx8LjY7IlGqj9E7g7PCkn7tPIxpQuUp1EaMRSgE+d+J7q8J5lS/rkb2hPlSho2vQu"
    "9hEcWPpcWycSqi4MiHpE9LJweUn80e4xjknEY8g09WlS/Slb3kdhWmbQz05cRTqHqxU4aA"
    "3l+Z/DxHYCWCJsJdBUAqmpY8f+PFXL+8ZnrpyNaBw22YBWSB2WQodxNMZRUrFJQ1v1n8Uv"
    "OAL9IC21eYHMWU+Z+uV0TFlfmfiPysqXIjVGYPguS8WAjP4/RHmGffXdhEuEDS8o3NOqAc"
    "9PQKDgBwfnUBbR5/Ng8/vtdnX/IIwoisq89esEk6dyWyrmclcQyYRxb2JuLXqLMILrJBGG"
    "EwlnZcO4pCPqaW9pX8cuWPipyomd3dwO5q7y6dgP1H+lNYdLKFv2LrN3yiAmy94hUqQ7Gb"
    "7uWfMmXLT1bhTIWt43DELG4xK2rzkDTwmcPgDfVgzyyjE3/HrriZojaqdps2k64vGYS1mW"
    "uLf2dtICXXst6XFcS/orjyflwbzJm+4T4QQz3ax2dlU8ZQwqMkYxN9ntOpgJz3Mn+yKJ0K"
    "XKnvUJjuWA4JLycBv2tcEp/GzBmbpnZhnFyUWf7j4dXpcMt09syJGdYGLDkSQyVOaY5hUO"
    "rElb6aY0rWidE60jmu2SxLT83oXkzVrNhrM2T2m1asFuoGPK0hvaxJENg7seFSAorcZVrb"
    "lzJCcY6rKT1BFYVBYcTpqfIHdfvnhRg7uqVSV39buVI0dlYpXoS3BfVx41piTL6pJ6Ev0b"
    "nZ5DAZhR0JErSc3L+ctLyg86uDq0mfb7fwD5zPkY"
)
