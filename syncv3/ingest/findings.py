"""What a written group has shown of rooms, and who is told of it.

Planning finds gaps in timelines, and senders whose member event lacks or may be old. It cannot ask
the homeserver about them, since it is a pure function, and nobody must wait for an answer while a
group is written. So the findings are passed on when the group is stored, each with a device whose
sync it was: the question is put with a token of that device.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncv3.batch import Part
from syncv3.ingest.group import Group
from syncv3.types import DeviceKey, EventID, RoomID, UserID

Senders = Mapping[UserID, EventID]
"""Senders, each with an event of theirs."""


def _nobody(*_: object) -> None:
    """Stands for a listener where there is none."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom to tell what a written group has shown.

    ``delivered``: the keys of the users whose answers were written. ``gaps``: a room in which a gap
    was noted, and a device in it. ``strangers``: a room with senders who have no member event, the
    device whose sync had them, and these. ``doubtful``: the same for senders whose member event may
    be from before a gap, with the ``next_batch`` of the sync.
    """

    delivered: Callable[[set[int]], None] = _nobody
    gaps: Callable[[DeviceKey, RoomID], None] = _nobody
    strangers: Callable[[DeviceKey, RoomID, Senders], None] = _nobody
    doubtful: Callable[[DeviceKey, RoomID, Senders, str], None] = _nobody

    def tell(self, parts: Sequence[Part], group: Group) -> None:
        """Tells the listeners of a group that is written; it was planned from these parts."""
        for device_key, room_id in gaps_in(parts, group):
            self.gaps(device_key, room_id)
        for device_key, room_id, senders in strangers_in(parts, group):
            self.strangers(device_key, room_id, senders)
        for device_key, room_id, senders, upto in doubtful_in(parts, group):
            self.doubtful(device_key, room_id, senders, upto)
        self.delivered({part.user_key for part in parts})


def gaps_in(parts: Sequence[Part], group: Group) -> Iterator[tuple[DeviceKey, RoomID]]:
    """Rooms in which the group has noted a gap, each with one device whose user is in there.

    One is enough: the question is who else is in the room, and anybody in it may ask that.
    """
    gaps = {gap[0] for gap in group.gaps}
    room_ids = {RoomID(row.room_id) for row in group.rooms if row.room_key in gaps}
    for part in parts if gaps else ():
        for room_id in room_ids & part.joined.keys():
            yield part.lease.device_key, room_id
            room_ids.discard(room_id)


def strangers_in(
    parts: Sequence[Part], group: Group
) -> Iterator[tuple[DeviceKey, RoomID, Senders]]:
    """Rooms with senders who have no member event, each with a device whose sync had them."""
    for room_id, senders in group.strangers.items():
        yield _first_in(parts, room_id).lease.device_key, room_id, senders


def doubtful_in(
    parts: Sequence[Part], group: Group
) -> Iterator[tuple[DeviceKey, RoomID, Senders, str]]:
    """Rooms with senders whose member event may be old, if the token up to which the sync was is
    known."""
    for room_id, senders in group.doubtful.items():
        part = _first_in(parts, room_id)
        if part.next_batch is not None:
            yield part.lease.device_key, room_id, senders, part.next_batch


def _first_in(parts: Sequence[Part], room_id: RoomID) -> Part:
    """The first part that has the room as joined; if there is none, the first that has it as
    left."""
    inside = (part for part in parts if room_id in part.joined)
    return next(inside, None) or next(part for part in parts if room_id in part.left)
