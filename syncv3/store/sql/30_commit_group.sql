-- The only writer of rooms, events, state and memberships: one call is one group of batches
-- in one transaction.
--
-- It takes the stream lock in its first statement, so that everything after it sees what the
-- previous group committed (each statement of a VOLATILE function has a snapshot of its own).
-- It checks that the plan was made from what is stored now, and only then writes. No client
-- round trip happens while the lock is held: a paused worker cannot stop the deployment.
--
-- Positions in the rows are relative: -1 is the group's first, -2 its second; others stand.
--
-- ``status`` says what came of it: 'ok', or why nothing was written. 'epoch': the database has lost
-- something since the plan was made. 'fenced': a part was fetched under a lease, or from a since,
-- that is not the stored one any more; ``keys`` has the devices. 'stale': a room has changed since
-- the plan was made; ``keys`` has the rooms. ``base`` is the position before the group's first.
--
-- Of two reports on one thing (a count, tags, account data) the one that was made later wins
-- (``generated_us``), in whatever order they are written.

DROP FUNCTION IF EXISTS ss_commit_group;
DROP TYPE IF EXISTS ss_w_guard, ss_w_expect, ss_w_state, ss_w_redacted,
    ss_w_unread, ss_w_tags, ss_w_user, ss_w_txn, ss_w_change;

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
CREATE TYPE ss_w_change AS (extension text, user_key int, device_key int, room_key int);

CREATE FUNCTION ss_commit_group(
    p_epoch bigint,
    p_positions bigint,
    p_guards ss_w_guard[],
    p_expect ss_w_expect[],
    p_new_rooms text[],
    p_rooms ss_rooms[],
    p_children ss_space_children[],
    p_taken bigint[],
    p_events ss_events[],
    p_history ss_history[],
    p_state ss_w_state[],
    p_redacted ss_w_redacted[],
    p_gaps ss_gaps[],
    p_user_rooms ss_user_rooms[],
    p_unread ss_w_unread[],
    p_tags ss_w_tags[],
    p_users ss_w_user[],
    p_txns ss_w_txn[],
    p_hooks ss_w_hook[],
    p_changes ss_w_change[],
    p_complete int[],
    OUT status text,
    OUT base bigint,
    OUT keys bigint[]
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    hook ss_w_hook;
BEGIN
    PERFORM ss_stream_lock();
    -- May it be written? Positions of another epoch mean something else.
    PERFORM 1 FROM ss_stream_fence f WHERE f.epoch = p_epoch;
    IF NOT FOUND THEN
        status := 'epoch';
        RETURN;
    END IF;
    -- A part whose since has moved was taken in already; one whose lease has, another polls now.
    SELECT array_agg(g.device_key::bigint) INTO keys
        FROM unnest(p_guards) g
        LEFT JOIN ss_pollers p ON p.device_key = g.device_key AND p.owner = g.owner
            AND p.lease_no = g.lease_no AND p.since IS NOT DISTINCT FROM g.since
        WHERE p.device_key IS NULL;
    IF keys IS NOT NULL THEN
        status := 'fenced';
        RETURN;
    END IF;
    -- The plan holds only for what it was made from. A room that was to be new may be there by now.
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

    -- The positions. From here on nothing is refused: a statement that fails undoes all of it.
    SELECT c.last_pos INTO base FROM ss_stream_commits c ORDER BY c.last_pos DESC LIMIT 1;
    INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)
        VALUES (base + p_positions, base + 1, p_epoch);
    status := 'ok';

    -- With what it stands for, in one transaction: so nothing is taken in twice, or never.
    UPDATE ss_pollers p SET since = g.next_since, generated_us = g.generated_us,
            rooms_due = CASE WHEN p.device_key = ANY (p_complete) THEN 0 ELSE p.rooms_due END
        FROM unnest(p_guards) g WHERE p.device_key = g.device_key AND g.advance;

    IF cardinality(p_rooms) > 0 THEN
        INSERT INTO ss_rooms AS t SELECT
            r.room_key, r.room_id, base + p_positions, ss_at(base, r.pos),
            ss_at(base, r.reset_pos), r.head_ord, r.gap_ord, r.filled_ord, r.generated_us,
            r.name, r.alias, r.avatar, r.room_type, r.room_version, r.encrypted,
            r.predecessor, r.successor, r.joined, r.invited, r.heroes, r.newest,
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
            name_pos = excluded.name_pos, avatar_pos = excluded.avatar_pos, counts_pos = excluded.counts_pos,
            members_complete = excluded.members_complete, head_token = excluded.head_token,
            history_hidden = excluded.history_hidden;
    END IF;
    IF cardinality(p_children) > 0 THEN
        -- A child that a space names no longer keeps its row for a while: caches must hear of it.
        INSERT INTO ss_space_children AS t (room_key, child, valid, pos)
            SELECT n.room_key, n.child, true, ss_at(base, n.pos)
            FROM unnest(p_children) n WHERE n.valid
            ON CONFLICT (room_key, child) DO UPDATE SET valid = true, pos = excluded.pos
                WHERE NOT t.valid;
        UPDATE ss_space_children t SET valid = false, pos = ss_at(base, n.pos)
            FROM unnest(p_children) n
            WHERE NOT n.valid AND t.room_key = n.room_key AND t.child = n.child AND t.valid;
    END IF;
    IF cardinality(p_taken) > 0 THEN
        -- What a sync brings takes the place of a copy that only somebody's history has.
        DELETE FROM ss_events e
            WHERE e.event_key = ANY (p_taken) AND e.history AND e.ord IS NULL;
    END IF;
    IF cardinality(p_events) > 0 THEN
        -- None of them is stored: the plan was made from this very state of the room.
        INSERT INTO ss_events SELECT
            e.event_key, e.room_key, ss_at(base, e.pos), e.ord, e.history, e.event_id, e.type,
            e.state_key, e.redacts, e.prev_batch, e.json, e.unsigned
        FROM unnest(p_events) e;
    END IF;
    IF cardinality(p_history) > 0 THEN
        -- Chunks that precede another event than these are of a stretch that nobody is shown now.
        DELETE FROM ss_history h USING unnest(p_history) n
            WHERE h.user_key = n.user_key AND h.room_key = n.room_key
                AND h.base_ord <> n.base_ord;
        INSERT INTO ss_history SELECT
            n.user_key, n.room_key, n.base_ord, n.number, ss_at(base, n.pos), n.events, n.start,
            n.next, n.done
        FROM unnest(p_history) n ON CONFLICT DO NOTHING;
    END IF;
    IF cardinality(p_state) > 0 THEN
        -- The value that was current until now ends where the new one begins. Each is found by the
        -- index on its key: OFFSET 0 keeps the planner from making a join of that.
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
            ss_at(base, u.unread_pos), u.unread_us, u.tags, u.tags_us, u.forgotten, u.stamp
        FROM unnest(p_user_rooms) u
        ON CONFLICT (user_key, room_key) DO UPDATE SET
            pos = excluded.pos, membership = excluded.membership,
            reset_pos = excluded.reset_pos, generated_us = excluded.generated_us,
            joined_ord = excluded.joined_ord, visible_ord = excluded.visible_ord,
            left_ord = excluded.left_ord, confirmed_ord = excluded.confirmed_ord,
            confirmed_pos = excluded.confirmed_pos, joined_ts = excluded.joined_ts, member_json = excluded.member_json,
            stripped = excluded.stripped, forgotten = excluded.forgotten, stamp = excluded.stamp,
            -- Counts and tags have reports of their own: an older one must not come back with the row.
            notification_count = CASE WHEN excluded.unread_us >= t.unread_us
                THEN excluded.notification_count ELSE t.notification_count END,
            highlight_count = CASE WHEN excluded.unread_us >= t.unread_us
                THEN excluded.highlight_count ELSE t.highlight_count END,
            unread_pos = greatest(excluded.unread_pos, t.unread_pos),
            unread_us = greatest(excluded.unread_us, t.unread_us),
            tags = CASE WHEN excluded.tags_us >= t.tags_us THEN excluded.tags ELSE t.tags END,
            tags_us = greatest(excluded.tags_us, t.tags_us);
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
        -- The ID may be told later than the event. It is never taken back.
        INSERT INTO ss_txns AS t (device_key, event_key, txn_id, pos)
            SELECT n.device_key, n.event_key, n.txn_id, base + p_positions
            FROM unnest(p_txns) n
            ON CONFLICT (device_key, event_key) DO UPDATE
                SET txn_id = excluded.txn_id, pos = excluded.pos
                WHERE t.txn_id IS NULL AND excluded.txn_id IS NOT NULL;
    END IF;
    IF cardinality(p_hooks) > 0 THEN
        FOREACH hook IN ARRAY p_hooks LOOP
            PERFORM ss_run_hook(hook, base + p_positions);
        END LOOP;
    END IF;
    IF cardinality(p_changes) > 0 THEN
        INSERT INTO ss_changes (pos, extension, user_key, device_key, room_key)
            SELECT base + p_positions, c.extension, c.user_key, c.device_key, c.room_key
            FROM unnest(p_changes) c;
    END IF;
END $$;
