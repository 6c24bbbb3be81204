"""What kinds of news a part has, under the names of the Go proxy's messages (O-7F).

There such messages went between two halves of the program; here nothing is sent, and what is
counted is what came in: for a room's kind the rooms that had it, for a device's one each.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from syncv3.batch import JoinedRoom, Part
from syncv3.types import Event

KINDS: Final = (
    "V2Initialise",
    "V2Accumulate",
    "V2TransactionID",
    "V2UnreadCounts",
    "V2AccountData",
    "V2LeaveRoom",
    "V2InviteRoom",
    "V2InitialSyncComplete",
    "V2DeviceData",
    "V2Typing",
    "V2Receipt",
    "V2DeviceMessages",
    "V2ExpiredToken",
    "V2StateRedaction",
    "V2InvalidateRoom",
)
EXPIRED: Final = "V2ExpiredToken"


def payloads_of(part: Part) -> Iterator[tuple[str, int]]:
    """Kinds of news, each with how many a part has; some may be 0."""
    for room in part.joined.values():
        yield from _of_room(room, known=not part.imports)
    device = part.device
    yield "V2LeaveRoom", len(part.left)
    yield "V2InviteRoom", len(part.invited)
    yield "V2AccountData", bool(part.account_data)
    yield "V2DeviceMessages", bool(device.to_device)
    yield "V2DeviceData", bool(device.changed or device.left or device.one_time_keys)
    yield "V2InitialSyncComplete", part.imports and part.next_since is not None


def _of_room(room: JoinedRoom, *, known: bool) -> Iterator[tuple[str, int]]:
    yield "V2Initialise", bool(room.state)
    yield "V2Accumulate", bool(room.timeline)
    yield "V2TransactionID", sum(event.transaction_id is not None for event in room.timeline)
    yield "V2StateRedaction", _redactions(room.timeline)
    yield "V2UnreadCounts", room.notification_count is not None
    yield "V2AccountData", bool(room.account_data)
    yield "V2InvalidateRoom", known and room.limited
    for raw in room.ephemeral:
        # Not decoded: it is only counted, and a wrong guess counts one more of a kind.
        if b'"m.typing"' in raw:
            yield "V2Typing", 1
        elif b'"m.receipt"' in raw:
            yield "V2Receipt", 1


def _redactions(timeline: Sequence[Event]) -> int:
    return sum(event.redacts is not None for event in timeline)
