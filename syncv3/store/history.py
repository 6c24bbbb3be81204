"""What must be known before older events of a room are asked for, and before they are stored.

Older events precede the *stretch*: what is stored for all members, behind the newest gap and the
user's own join (docs/architecture.md, "History"). While a page of them is fetched the room may
change: the stretch may have another beginning, and one of the events may be redacted. So all of it
is looked at once more before the page is stored.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from syncv3.store.loads import HEAD
from syncv3.store.rows import EventRow, HistoryRow, RoomRow, UserRoomRow
from syncv3.types import EventID, RoomID

LOOKED_AT: Final = 100
"""Events of the stretch that are looked at for a token: as many as one page may repeat."""

STRETCH = f"""
SELECT {HEAD}, (SELECT epoch FROM ss_stream_fence), x, r, ARRAY(
        SELECT ROW(t.ord, t.prev_batch) FROM ss_events t
        WHERE t.room_key = r.room_key AND NOT t.history
            AND t.ord >= greatest(coalesce(r.gap_ord, 0), coalesce(x.joined_ord, 0))
        ORDER BY t.ord LIMIT $3),
    (SELECT t FROM ss_events t
        WHERE t.room_key = r.room_key AND NOT t.history
            AND t.ord >= greatest(coalesce(r.gap_ord, 0), coalesce(x.joined_ord, 0))
        ORDER BY t.ord LIMIT 1),
    ARRAY(
        SELECT h FROM ss_history h WHERE h.user_key = x.user_key AND h.room_key = x.room_key
        ORDER BY h.number)
FROM ss_user_rooms x JOIN ss_rooms r ON r.room_key = x.room_key
WHERE x.user_key = $1 AND x.room_key = $2
"""
"""Uses ss_user_rooms_pkey, ss_events_timeline, ss_history_pkey."""

# A page may be older than a redaction that a sync has brought since it was asked for.
REDACTIONS = """
SELECT r.version, ARRAY(
    SELECT ROW(e.redacts, e.json) FROM ss_events e
    WHERE e.pos > $2 AND e.room_key = r.room_key AND e.redacts = ANY ($3::text[])
    ORDER BY e.pos)
FROM ss_rooms r WHERE r.room_id = $1
"""
"""Uses ss_events_pos."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is stored of a room's timeline for one user behind their join and the newest gap.

    ``head`` is the stream's head, of an ``epoch`` (None: the database has just crashed).
    ``tokens`` has, for the oldest events of the stretch, their orders and the tokens from before
    them; ``first`` is the oldest event. ``chunks`` is the user's own history, of whatever
    stretch it was.
    """

    head: int
    epoch: int | None
    stay: UserRoomRow
    room: RoomRow
    tokens: tuple[tuple[int, str | None], ...]
    first: EventRow | None
    chunks: tuple[HistoryRow, ...]

    @property
    def start(self) -> int:
        """The order from which on the room is the user's."""
        return max(self.room.gap_ord or 0, self.stay.joined_ord or 0)


async def load_stretch(pool: asyncpg.Pool, user_key: int, room_key: int) -> Stretch | None:
    """A user's stretch of a room, read in one snapshot; None: they have nothing to do with it."""
    found = await pool.fetchrow(STRETCH, user_key, room_key, LOOKED_AT)
    if found is None:
        return None
    head, epoch, stay, room, tokens, first, chunks = found
    return Stretch(
        head=head or 0,
        epoch=epoch,
        stay=UserRoomRow.of(stay),
        room=RoomRow.of(room),
        tokens=tuple((row[0], row[1]) for row in tokens),
        first=None if first is None else EventRow.of(first),
        chunks=tuple(map(HistoryRow.of, chunks)),
    )


async def load_redactions(
    db: asyncpg.Connection, room_id: RoomID, after: int, targets: Collection[EventID]
) -> tuple[int, Mapping[EventID, bytes]]:
    """The room's version, and the redactions of some events that came after a position."""
    found = await db.fetchrow(REDACTIONS, room_id, after, list(targets))
    if found is None:
        return 0, {}
    return found[0], {EventID(target): json for target, json in found[1]}
