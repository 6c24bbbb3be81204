"""The stream of positions: its head, its epochs, and what changed after a position.

A position is a number that each change is given when it is committed; a reader that is at one
reads what has a higher one (docs/architecture.md, "One stream"). Positions of one commit become
visible together: ``head`` is always the last of a commit, so no reader stops within one.

``changes_after`` reads all tables in one statement, so in one snapshot. That matters because rows
are updated in place. Say a room's row changes at 7 and at 9, and a reader comes from 5: it sees the
row once, as of 9. Had it read the rooms at head 8, and the events a moment later at 9, it would
hold a room of 8 with the events of 9, and believe that it is at one of both.
"""

from dataclasses import dataclass

import asyncpg

from syncv3.store.rows import (
    ChangeRow,
    ChildRow,
    EventRow,
    FilledRow,
    RoomRow,
    TxnRow,
    UserRoomRow,
    UserRow,
)

OPEN_EPOCH = "SELECT ss_open_epoch()"
HEAD = """
SELECT last_pos, coalesce((SELECT epoch FROM ss_stream_fence), 0)
FROM ss_stream_commits ORDER BY last_pos DESC LIMIT 1
"""
# Few: one for each crash, promotion or restore that there ever was.
EPOCHS = "SELECT epoch, first_pos, last_pos FROM ss_stream_epochs ORDER BY epoch"

CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint"

CHANGES = "SELECT * FROM ss_changes_after($1, $2)"
"""One statement is one snapshot; see ``sql/50_changes_after.sql``."""

# Rows of one table. A worker that has missed more is better off with an empty cache.
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Delta:
    """All that changed after ``after``, as of the head ``upto``.

    ``complete`` is False when there was too much, or some of it is deleted already: the
    reader starts anew.
    """

    after: int
    upto: int
    epoch: int
    rooms: tuple[RoomRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    user_rooms: tuple[UserRoomRow, ...] = ()
    users: tuple[UserRow, ...] = ()
    txns: tuple[TxnRow, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    children: tuple[ChildRow, ...] = ()
    filled: tuple[FilledRow, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch; ``last_pos`` None while it is open."""

    epoch: int
    first_pos: int
    last_pos: int | None


async def open_epoch(db: asyncpg.Pool | asyncpg.Connection) -> int:
    """The open epoch; a new one after a crash, promotion or restore of the database."""
    return int(await db.fetchval(OPEN_EPOCH))


# A commit of one position. ``open_epoch`` has taken the stream's lock, to the transaction's end.
_POSITION = """
INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)
SELECT last_pos + 1, last_pos + 1, $1 FROM ss_stream_commits ORDER BY last_pos DESC LIMIT 1
RETURNING last_pos
"""


async def take_position(db: asyncpg.Connection) -> int:
    """A new position, for who writes while no committer does; holds the stream's lock."""
    return int(await db.fetchval(_POSITION, await open_epoch(db)))


async def load_epochs(db: asyncpg.Pool | asyncpg.Connection) -> dict[int, Epoch]:
    """All epochs by number."""
    return {row[0]: Epoch(*row) for row in await db.fetch(EPOCHS)}


async def head(db: asyncpg.Pool | asyncpg.Connection) -> tuple[int, int]:
    """The newest position and the open epoch (0: the fence is down)."""
    row = await db.fetchrow(HEAD)
    return (0, 0) if row is None else (row[0], row[1])


async def clock_us(db: asyncpg.Pool | asyncpg.Connection) -> int:
    """The database's clock: microseconds since the epoch of 1970."""
    return int(await db.fetchval(CLOCK))


async def changes_after(db: asyncpg.Pool | asyncpg.Connection, after: int) -> Delta:
    """Everything that changed after a position, up to the head.

    Changes of state are in it as the timeline's state events; what changed behind the
    timeline is told by the room's ``reset_pos``.
    """
    found = await db.fetchrow(CHANGES, after, LIMIT)
    assert found is not None
    upto, epoch, floor, rooms, events, user_rooms, users, txns, changes, children, filled = found
    # Below the floor retention has deleted what a reader from there would have had to see.
    complete = after + 1 >= (floor or 0) and all([len(rows) < LIMIT for rows in found[3:]])
    return Delta(
        after=after,
        upto=upto or 0,
        epoch=epoch or 0,
        rooms=tuple(map(RoomRow.of, rooms)),
        events=tuple(map(EventRow.of, events)),
        user_rooms=tuple(map(UserRoomRow.of, user_rooms)),
        users=tuple(map(UserRow.of, users)),
        txns=tuple(map(TxnRow.of, txns)),
        changes=tuple(map(ChangeRow.of, changes)),
        children=tuple(map(ChildRow.of, children)),
        filled=tuple(map(FilledRow.of, filled)),
        complete=complete,
    )
