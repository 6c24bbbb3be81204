-- All that changed after a position, as of one snapshot: what a cache reads to move on.
--
-- STABLE: all of it is read in the snapshot of the statement that calls the function. Hence
-- rows that are updated in place are exactly what they are at the head.
--
-- Each table is read by its index on positions, from the position on. Until a table that has
-- grown quickly is analyzed, the planner expects a third of it behind any position, and would
-- read all of it at each change; so it is not asked.

DROP FUNCTION IF EXISTS ss_changes_after;
DROP TYPE IF EXISTS ss_r_txn, ss_r_change, ss_r_filled;

CREATE TYPE ss_r_txn AS (device_key int, event_key bigint, txn_id text, pos bigint);
CREATE TYPE ss_r_change AS (
    pos bigint, extension text, user_key int, device_key int, room_key int);
CREATE TYPE ss_r_filled AS (user_key int, room_key int, base_ord bigint, pos bigint);

CREATE FUNCTION ss_changes_after(
    p_after bigint,
    p_most int,
    OUT head bigint,
    OUT epoch bigint,
    OUT floor bigint,
    OUT rooms ss_rooms[],
    OUT events ss_events[],
    OUT user_rooms ss_user_rooms[],
    OUT users ss_users[],
    OUT txns ss_r_txn[],
    OUT changes ss_r_change[],
    OUT children ss_space_children[],
    OUT filled ss_r_filled[]
) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    SELECT c.last_pos INTO head FROM ss_stream_commits c ORDER BY c.last_pos DESC LIMIT 1;
    SELECT f.epoch, f.floor INTO epoch, floor FROM ss_stream_fence f;
    rooms := ARRAY(
        SELECT r FROM ss_rooms r WHERE r.pos > p_after ORDER BY r.pos, r.room_key LIMIT p_most);
    events := ARRAY(SELECT e FROM ss_events e WHERE e.pos > p_after ORDER BY e.pos LIMIT p_most);
    user_rooms := ARRAY(
        SELECT u FROM ss_user_rooms u WHERE u.pos > p_after
        ORDER BY u.pos, u.room_key LIMIT p_most);
    users := ARRAY(SELECT u FROM ss_users u WHERE u.pos > p_after ORDER BY u.pos LIMIT p_most);
    txns := ARRAY(
        SELECT ROW(t.device_key, t.event_key, t.txn_id, t.pos)::ss_r_txn
        FROM ss_txns t WHERE t.pos > p_after ORDER BY t.pos LIMIT p_most);
    changes := ARRAY(
        SELECT ROW(c.pos, c.extension, c.user_key, c.device_key, c.room_key)::ss_r_change
        FROM ss_changes c WHERE c.pos > p_after ORDER BY c.pos LIMIT p_most);
    children := ARRAY(
        SELECT c FROM ss_space_children c WHERE c.pos > p_after ORDER BY c.pos LIMIT p_most);
    filled := ARRAY(
        SELECT ROW(h.user_key, h.room_key, h.base_ord, h.pos)::ss_r_filled
        FROM ss_history h WHERE h.pos > 0 AND h.pos > p_after ORDER BY h.pos LIMIT p_most);
END $$;
