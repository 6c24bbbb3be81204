"""Tokens of the homeserver around a position of ours, in one room.

An event that began a chunk of some poller's has a token from before it. An example: A and C have
tokens, B and D have not, and the client was told up to B. The *older* token is A's: paging forward
from there repeats A and B, and skips nothing. The *newer* one is C's: it is from behind B, so
paging back from there begins with B. Which one is right depends on the direction: both are given.
"""

from collections.abc import Mapping

import asyncpg

from syncv3.types import DeviceID, PageTokens, RoomID, UserID

CONN_IDS = """
SELECT c.conn_id FROM ss_users u
JOIN ss_devices d ON d.user_key = u.id
JOIN ss_connections c ON c.device_key = d.id
WHERE u.user_id = $1 AND d.device_id = $2
"""

TOKENS = """
WITH room AS (
    SELECT r.room_key, r.head_token, b.bound,
        x.joined_ord IS NOT NULL AND x.reset_pos <= b.bound AS was_known
    FROM ss_rooms r
    JOIN ss_user_rooms x ON x.room_key = r.room_key
    JOIN ss_users u ON u.id = x.user_key
    CROSS JOIN LATERAL (
        SELECT coalesce(min(h.bound), $3) AS bound
        FROM unnest($4::bigint[], $5::bigint[]) h (room_key, bound)
        WHERE h.room_key = r.room_key) b
    WHERE r.room_id = $2 AND u.user_id = $1
), told AS (
    SELECT room.*, (
        SELECT t.ord FROM (
            SELECT e.ord, e.pos FROM ss_events e
            WHERE e.room_key = room.room_key AND e.ord IS NOT NULL AND NOT e.history
            ORDER BY e.ord DESC LIMIT $6) t
        WHERE t.pos <= room.bound OR (t.pos IS NULL AND room.was_known)
        ORDER BY t.ord DESC LIMIT 1) AS last_ord
    FROM room
)
SELECT (
    SELECT t.prev_batch FROM (
        SELECT e.ord, e.prev_batch FROM ss_events e
        WHERE e.room_key = told.room_key AND e.ord <= told.last_ord AND NOT e.history
        ORDER BY e.ord DESC LIMIT $6) t
    WHERE t.prev_batch IS NOT NULL ORDER BY t.ord DESC LIMIT 1) AS older,
coalesce((
    SELECT t.prev_batch FROM (
        SELECT e.ord, e.prev_batch FROM ss_events e
        WHERE e.room_key = told.room_key AND e.ord > told.last_ord AND NOT e.history
        ORDER BY e.ord LIMIT $6) t
    WHERE t.prev_batch IS NOT NULL ORDER BY t.ord LIMIT 1), told.head_token) AS newer
FROM told
"""
"""Uses ss_rooms_room_id, ss_user_rooms_pkey, ss_events_timeline.

Events of a room's first chunk have no position: they were known when the user's stay was. A chunk
begins with a token from before it; so the newest token up to the last event that was told
is from before some events that were told, and the first one after it is from behind all of them.
"""


async def conn_ids(pool: asyncpg.Pool, user_id: UserID, device_id: DeviceID) -> set[str]:
    """The names of a device's connections."""
    return {row[0] for row in await pool.fetch(CONN_IDS, user_id, device_id)}


async def page_tokens(
    pool: asyncpg.Pool,
    user_id: UserID,
    room_id: RoomID,
    position: int,
    held: Mapping[int, int],
    looked_at: int,
) -> PageTokens:
    """The homeserver's tokens around a position; ``held`` has that of some rooms by their key.

    At most ``looked_at`` events are looked at, beginning with the newest, in search of the
    position, and as many again in search of each token.
    """
    row = await pool.fetchrow(
        TOKENS, user_id, room_id, position, list(held), list(held.values()), looked_at
    )
    return PageTokens(None, None) if row is None else PageTokens(row["older"], row["newer"])
