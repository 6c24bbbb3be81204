"""What is kept of the stripped state of an invite or a knock.

A stranger's server writes it, and no rule says how much. It is stored for each invited user,
loaded with all their rooms, and goes into their first answer: so what is too much is left out,
the least telling events first. An event that is too large for what room is left is passed over, and
smaller ones behind it may still be kept.
"""

from typing import Final

import msgspec

from syncv3.batch import StrippedRoom
from syncv3.types import UserID
from syncv3.untrusted import UNREADABLE

MOST_BYTES: Final = 16 * 1024
"""Of stripped state as homeservers make it there is a third of this."""
LARGEST_EVENT: Final = 64 * 1024
"""An event is not larger by the specification. The user's own is kept up to this size."""

_TELLING: Final = (
    "m.room.create",
    "m.room.name",
    "m.room.encryption",
    "m.room.canonical_alias",
    "m.room.avatar",
    "m.room.join_rules",
    "m.room.member",
    "m.room.topic",
)
"""Types by what they tell of a room, the most telling one first."""


class _Header(msgspec.Struct):
    type: str = ""
    state_key: str = ""


_header = msgspec.json.Decoder(_Header)


def trimmed(room: StrippedRoom, user_id: UserID) -> StrippedRoom:
    """The room with at most ``MOST_BYTES`` of its events, in their order, the most telling ones.

    ``user_id`` is who is invited or has knocked. Their own member event is always kept, up to
    ``LARGEST_EVENT``: without it this would be no invite.
    """
    if sum(map(len, room.events)) <= MOST_BYTES:
        return room
    # The most telling first; of equals the first that came.
    ranked = sorted((_rank(event, user_id), at) for at, event in enumerate(room.events))
    left, kept = MOST_BYTES, []
    for rank, at in ranked:
        size = len(room.events[at])
        if size <= left or (rank < 0 and size <= LARGEST_EVENT):
            kept.append(at)
            left -= size
    return StrippedRoom(tuple(room.events[at] for at in sorted(kept)))


def _rank(event: bytes, user_id: UserID) -> int:
    """The rank of an event: the lower, the more it tells of the room; negative for the user's
    own member event."""
    try:
        header = _header.decode(event)
    except UNREADABLE:
        return len(_TELLING)
    if header.type == "m.room.member" and header.state_key == user_id:
        return -1
    return _TELLING.index(header.type) if header.type in _TELLING else len(_TELLING)
