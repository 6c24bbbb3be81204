"""Who is told of what a written group has shown."""

from typing import Any

import pytest

from syncv3.batch import JoinedRoom, LeftRoom
from syncv3.ingest.findings import Listeners, doubtful_in, gaps_in, strangers_in
from syncv3.ingest.group import Group
from syncv3.types import EventID, RoomID, UserID
from tests.unit.ingest.build import GARDEN, KITCHEN, part

KEYS = {KITCHEN: 1, GARDEN: 2}
BOBS = {UserID("@bob:hs"): EventID("$bob")}


class Row:
    """As much of a room's row as counts here."""

    def __init__(self, room_id: RoomID) -> None:
        self.room_id = room_id
        self.room_key = KEYS[room_id]


def group(*gaps: RoomID, **more: Any) -> Group:
    """Wrote both rooms, with gaps in some."""
    rooms: Any = [Row(KITCHEN), Row(GARDEN)]
    return Group(rooms=rooms, gaps=[(KEYS[room_id], 1024) for room_id in gaps], **more)


def joined(device: int, *room_ids: RoomID, **more: Any) -> Any:
    return part(device, joined=dict.fromkeys(room_ids, JoinedRoom()), **more)


@pytest.mark.parametrize(
    ("parts", "gaps", "told"),
    [
        pytest.param([joined(1, KITCHEN)], [], [], id="no-gap"),
        pytest.param([joined(1, KITCHEN, GARDEN)], [GARDEN], [(1, GARDEN)], id="one-of-two"),
        pytest.param(
            [joined(1, KITCHEN), joined(2, KITCHEN)], [KITCHEN], [(1, KITCHEN)],
            id="each-room-once",
        ),
        pytest.param(
            [joined(1, KITCHEN), joined(2, GARDEN)], [GARDEN, KITCHEN],
            [(1, KITCHEN), (2, GARDEN)], id="whose-sync-it-was",
        ),
        pytest.param([part(left={KITCHEN: LeftRoom()})], [KITCHEN], [], id="nobody-is-in-it"),
    ],
)  # fmt: skip
def test_of_a_gap_one_device_in_the_room_is_told(
    parts: list[Any], gaps: list[RoomID], told: list[tuple[int, RoomID]]
) -> None:
    assert list(gaps_in(parts, group(*gaps))) == told


def test_senders_are_told_with_the_first_device_whose_sync_had_them() -> None:
    parts = [joined(1, KITCHEN), joined(2, GARDEN, next_batch="s9"), joined(3, GARDEN)]
    found = group(strangers={GARDEN: BOBS}, doubtful={GARDEN: BOBS})
    assert list(strangers_in(parts, found)) == [(2, GARDEN, BOBS)]
    assert list(doubtful_in(parts, found)) == [(2, GARDEN, BOBS, "s9")]


def test_senders_in_a_room_that_its_user_has_left_are_told_too() -> None:
    """Whoever is still in the room is rather asked."""
    left, inside = part(1, left={GARDEN: LeftRoom()}), joined(2, GARDEN)
    found = group(strangers={GARDEN: BOBS})
    assert list(strangers_in([left], found)) == [(1, GARDEN, BOBS)]
    assert list(strangers_in([left, inside], found)) == [(2, GARDEN, BOBS)]


def test_without_a_token_nobody_can_be_asked_about_doubtful_senders() -> None:
    assert list(doubtful_in([joined(1, GARDEN)], group(doubtful={GARDEN: BOBS}))) == []


def test_each_listener_is_told_its_own() -> None:
    told: list[Any] = []
    listeners = Listeners(
        delivered=lambda users: told.append(users),
        gaps=lambda *gap: told.append(gap),
        strangers=lambda *senders: told.append(senders),
        doubtful=lambda *senders: told.append(senders),
    )
    parts = [joined(1, KITCHEN, next_batch="s9"), part(2)]
    listeners.tell(parts, group(KITCHEN, strangers={KITCHEN: BOBS}, doubtful={KITCHEN: BOBS}))
    assert told == [(1, KITCHEN), (1, KITCHEN, BOBS), (1, KITCHEN, BOBS, "s9"), {1, 2}]
    Listeners().tell(parts, group(KITCHEN))  # nobody listens
