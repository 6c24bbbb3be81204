"""Parts of answers: how large they are, and what is left of them without a bad room.

Sizes are upper bounds, known before anything is planned. A group is as many parts as fit, and keys
are reserved by them: so planning can never need more keys than there are.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from syncv3.batch import JoinedRoom, LeftRoom, Part
from syncv3.ingest.planning.lost import whole_room_lost
from syncv3.types import RoomID

_T = TypeVar("_T")

ROOM_EVENTS: Final = 2
"""A room counts as so many events at least: its row, and its user's, are written without any."""


def size(part: Part) -> int:
    """How many events planning may store at most for a part. A room without events counts as
    ``ROOM_EVENTS``."""
    rooms: tuple[JoinedRoom | LeftRoom, ...]
    rooms = (*part.joined.values(), *part.left.values(), *part.ahead.values())
    events = (len(room.state) + len(room.timeline) + len(room.holes) for room in rooms)
    stripped = ROOM_EVENTS * (len(part.invited) + len(part.knocked))
    return 1 + sum(max(ROOM_EVENTS, number) for number in events) + stripped


def rows_of_device(part: Part) -> int:
    """How many rows extensions may store for the device alone."""
    device = part.device
    return len(device.to_device) + len(device.changed) + len(device.left)


def sections_of(part: Part) -> int:
    """How many rooms may need a key. A room that is in two sections counts twice: this is an
    upper bound."""
    sections = (part.ahead, part.joined, part.left, part.invited, part.knocked)
    return sum(map(len, sections))


def rooms_of(part: Part) -> list[RoomID]:
    """The rooms of all sections, each once."""
    sections = (part.ahead, part.joined, part.left, part.invited, part.knocked)
    return list(dict.fromkeys(room_id for section in sections for room_id in section))


def tellable(part: Part) -> set[RoomID]:
    """The rooms in which a gap can be noted, or of which it can be told that they were left."""
    return {*part.joined, *part.left}


def emptied(part: Part, room_id: RoomID) -> Part:
    """The part as if nothing could be read of a room: only that something is missing in it.

    The made-up name for that is ``otherwise`` in a room without a last event to name it by: it must
    be the same when this answer is fetched again.
    """
    joined, left = dict(part.joined), dict(part.left)
    if room_id in joined:
        otherwise = f"{room_id} {part.next_batch} {part.lease.device_key}"
        joined[room_id] = whole_room_lost(joined[room_id], otherwise)
    if room_id in left:
        left[room_id] = LeftRoom()
    return replace(part, joined=joined, left=left)


def only(part: Part, room_id: RoomID) -> Part:
    """One room of a part, in all its sections, without what belongs to the device.

    ``since`` does not move with it (``next_since`` is None): the rest of the part is still to come.
    """
    return Part(
        user_id=part.user_id,
        device_id=part.device_id,
        user_key=part.user_key,
        lease=part.lease,
        since=part.since,
        next_since=None,
        generated_us=part.generated_us,
        ahead=_pick(part.ahead, room_id),
        joined=_pick(part.joined, room_id),
        left=_pick(part.left, room_id),
        invited=_pick(part.invited, room_id),
        knocked=_pick(part.knocked, room_id),
        next_batch=part.next_batch,
        anew=part.anew,
    )


def _pick(section: Mapping[RoomID, _T], room_id: RoomID) -> dict[RoomID, _T]:
    return {room_id: section[room_id]} if room_id in section else {}
