"""Deletes what nobody can ask for any more, in small batches.

A client that comes back with a ``pos`` is told what changed after its position. So what lies below
the lowest position of any stored connection, the *floor*, is needed by nobody: notes of extensions'
changes, values of state that have been replaced, removed children of spaces, rows of commits. An
example: connections are at 50 and 70, so the floor is 50. A topic that held from 20 to 40 goes; one
that held from 20 to 60 stays, and so does whatever is the current value.

Events are never deleted here.
"""

from typing import Final

import asyncpg

from syncv3.store.room_state import pos_before_hole

BATCH: Final = 5000
TXN_LIFE: Final = "2 hours"

# Without connections all is below the head. One that was only made has told nothing: its 0 is left
# out.
FLOOR = """
SELECT least(
    (SELECT min(pos) FROM ss_connections WHERE pos > 0 AND conn_id IS NOT NULL),
    (SELECT max(last_pos) FROM ss_stream_commits))
"""
RAISE = "UPDATE ss_stream_fence SET floor = $1 WHERE floor < $1"
BELOW_FLOOR = (
    "DELETE FROM ss_changes WHERE ctid IN (SELECT ctid FROM ss_changes WHERE pos < $1 LIMIT $2)",
    f"""DELETE FROM ss_room_state WHERE ctid IN (
        WITH ended AS MATERIALIZED (
            SELECT u.room_key, u.left_ord,
                {pos_before_hole("u.room_key", "u.left_ord", "u.reset_pos")} AS pos
            FROM ss_user_rooms u
            WHERE u.room_key IN (SELECT s.room_key FROM ss_room_state s WHERE s.to_pos < $1)
                AND u.membership IN ('leave', 'ban')
                AND u.joined_ord IS NOT NULL AND NOT u.forgotten)
        SELECT s.ctid FROM ss_room_state s WHERE s.to_pos < $1 AND NOT EXISTS (
            SELECT FROM ended u WHERE u.room_key = s.room_key AND u.pos < s.to_pos
                AND (s.learned_pos <= u.pos OR u.left_ord >= (
                    SELECT e.ord FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1)))
        LIMIT $2)""",
    """DELETE FROM ss_space_children WHERE ctid IN (
        SELECT ctid FROM ss_space_children WHERE pos < $1 AND NOT valid LIMIT $2)""",
    """DELETE FROM ss_stream_commits WHERE last_pos IN (
        SELECT last_pos FROM ss_stream_commits WHERE last_pos < $1
        ORDER BY last_pos LIMIT $2)""",
)
"""A value of a state key stays that was the current one when somebody left the room, or was put
out of it: they may look at the room again, and see it as it was then (S-162, S-241)."""

TXNS = f"""
DELETE FROM ss_txns WHERE ctid IN (
    SELECT ctid FROM ss_txns WHERE created < now() - interval '{TXN_LIFE}' LIMIT $1)
"""


async def floor(pool: asyncpg.Pool) -> int:
    """The oldest position that a stored connection may still be answered from.

    Those that were replaced do not count: what goes on from their rooms needs nothing of what is
    deleted, and a client may come back with the same token for ever.
    """
    return int(await pool.fetchval(FLOOR) or 0)


async def clean(pool: asyncpg.Pool, below: int) -> int:
    """Deletes old transaction ids and what lies below a floor; gives the rows deleted.

    The floor is raised first: a worker that has slept must know that it missed something.
    """
    deleted = await _all(pool, TXNS)
    await pool.execute(RAISE, below)
    for statement in BELOW_FLOOR:
        deleted += await _all(pool, statement, below)
    return deleted


async def _all(pool: asyncpg.Pool, statement: str, *arguments: object) -> int:
    total, count = 0, BATCH
    while count == BATCH:
        status = await pool.execute(statement, *arguments, BATCH)
        count = int(status.rsplit(" ", 1)[-1])
        total += count
    return total
