"""What is loaded of a room is put into it."""

import pytest

from syncv3.cache.events import EventReader
from syncv3.cache.fills import TIMELINE_LOADED, put_members, put_state, put_timeline
from syncv3.cache.rooms import CachedRoom
from tests.unit.cache.build import event_row, room_row

GAP = 3


def room(gap_ord: int | None = GAP) -> CachedRoom:
    return CachedRoom(room_row(1, gap_ord=gap_ord), 0)


@pytest.mark.parametrize(
    ("number", "gap_ord", "floor"),
    [
        pytest.param(0, None, 0, id="nothing-there"),
        pytest.param(5, None, 0, id="all-of-a-room-without-gap"),
        pytest.param(5, GAP, GAP, id="all-since-the-gap"),
        pytest.param(TIMELINE_LOADED, GAP, 11, id="there-may-be-older-ones"),
    ],
)
def test_a_timeline_is_complete_from_its_floor_on(
    number: int, gap_ord: int | None, floor: int
) -> None:
    into = room(gap_ord)
    rows = [event_row(f"e{at}", 1, at) for at in range(11, 11 + number)]
    put_timeline(into, EventReader()(reversed(rows)))
    assert into.floor == floor
    assert [event.ord for event in into.timeline or ()] == list(range(11, 11 + number))


def test_state_is_held_by_type_and_key() -> None:
    into = room()
    rows = [event_row("a", 1, 5, "m.room.topic", state_key=""),
            event_row("b", 1, 6, "m.space.child", state_key="!x")]  # fmt: skip
    put_state(into, EventReader()(rows))
    assert set(into.state or ()) == {("m.room.topic", ""), ("m.space.child", "!x")}
    put_state(into, [])
    assert into.state == {}


def test_who_has_no_member_event_is_known_to_have_none() -> None:
    into = room()
    row = event_row("a", 1, 5, "m.room.member", state_key="@a:hs")
    put_members(["@a:hs", "@b:hs"], into, EventReader()([row]))
    assert into.members["@a:hs"] is not None
    assert into.members["@b:hs"] is None
    assert "@c:hs" not in into.members
