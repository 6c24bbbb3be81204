"""SQL on who is in a room: whose token can look into it, and who is doubtful behind a gap.

Say Alice and Bob are in a room, and Alice's poller brings a timeline with a gap. Alice is in the
room behind it, as her homeserver has just said so. Whether Bob is nobody knows: his leave may be
what is missing. He is doubtful until his own poller reports the room, or the member list is asked
for with the token of an *insider*: somebody of whom it is sure, with an answer that is as new as
what is known of the room.
"""

from typing import NamedTuple

from syncv3.store.database import Database
from syncv3.types import DeviceKey, RoomID, UserID


class Inside(NamedTuple):
    """From where a room can be looked at: a device of somebody in it, how far its poller is,
    and the room's newest gap (its order; None: there is none)."""

    device_key: DeviceKey
    since: str
    gap_ord: int | None


_DOUBTFUL = """
SELECT r.gap_ord, u.user_id FROM ss_rooms r
JOIN ss_user_rooms x ON x.room_key = r.room_key AND x.membership = 'join'
    AND coalesce(x.confirmed_ord, 0) < r.gap_ord
JOIN ss_users u ON u.id = x.user_key
WHERE r.room_id = $1
"""


async def doubtful_users(db: Database, room_id: RoomID) -> tuple[int, list[UserID]]:
    """The newest gap of a room (its order; 0: none), and the users who were in the room, but
    of whom nobody knows behind that gap."""
    rows = await db.fetch(_DOUBTFUL, room_id)
    return (rows[0][0] if rows else 0), [UserID(row[1]) for row in rows]


# An older answer may be from before a gap: a list asked for as of then would lack who came since.
_NEWEST_INSIDE = """
SELECT p.device_key, p.since, r.gap_ord FROM ss_rooms r
JOIN ss_user_rooms x ON x.room_key = r.room_key AND x.membership = 'join'
JOIN ss_devices d ON d.user_key = x.user_key
JOIN ss_pollers p ON p.device_key = d.id AND p.since IS NOT NULL
    AND p.generated_us >= r.generated_us
WHERE r.room_id = $1 AND EXISTS (SELECT FROM ss_tokens t WHERE t.device_key = d.id)
ORDER BY p.generated_us DESC LIMIT 1
"""


async def newest_inside(db: Database, room_id: RoomID) -> Inside | None:
    """Of the devices whose users are in a room the one with the newest answer.

    None while no answer is stored as a whole that is as new as what is known of the room.
    """
    row = await db.fetchrow(_NEWEST_INSIDE, room_id)
    return None if row is None else Inside(*row)
