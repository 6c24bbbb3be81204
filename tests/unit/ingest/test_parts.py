"""How large a part counts as, and what is left of it without a room."""

from dataclasses import replace
from typing import Any

import pytest

from syncv3.batch import AccountData, DeviceData, Hole, JoinedRoom, LeftRoom, StrippedRoom
from syncv3.ingest.parts import (
    emptied,
    only,
    rooms_of,
    rows_of_device,
    sections_of,
    size,
    tellable,
)  # fmt: skip
from syncv3.types import EventID, UserID
from tests.integration.core.build import event
from tests.unit.ingest.build import GARDEN, KITCHEN, part

FIVE = tuple(event(f"m{n}") for n in range(5))
EVERYWHERE = part(
    ahead={KITCHEN: JoinedRoom(state=FIVE)},
    joined={KITCHEN: JoinedRoom(timeline=FIVE), GARDEN: JoinedRoom()},
    left={GARDEN: LeftRoom(timeline=FIVE)},
    invited={GARDEN: StrippedRoom()},
    knocked={KITCHEN: StrippedRoom()},
)


@pytest.mark.parametrize(
    ("sections", "events"),
    [
        pytest.param({}, 1, id="nothing"),
        pytest.param({"joined": {KITCHEN: JoinedRoom()}}, 3, id="a-room-without-events"),
        pytest.param({"joined": {KITCHEN: JoinedRoom(FIVE, timeline=FIVE)}}, 11, id="all-of-it"),
        pytest.param({"left": {KITCHEN: LeftRoom(holes=(Hole(0, EventID("$x")),) * 3)}}, 4,
                     id="holes-are-events"),
        pytest.param({"invited": {KITCHEN: StrippedRoom()}, "knocked": {GARDEN: StrippedRoom()}}, 5,
                     id="stripped-rooms"),
    ],
)  # fmt: skip
def test_size(sections: dict[str, Any], events: int) -> None:
    assert size(part(**sections)) == events


def test_what_planning_may_need_keys_for() -> None:
    assert sections_of(EVERYWHERE) == 6
    assert sections_of(part()) == 0


def test_what_extensions_may_store_for_the_device() -> None:
    some = DeviceData(to_device=(b"{}",), changed=(UserID("@b:hs"),), left=(UserID("@c:hs"),) * 2)
    assert (rows_of_device(part()), rows_of_device(part(device=some))) == (0, 4)


def test_each_room_counts_once() -> None:
    assert rooms_of(EVERYWHERE) == [KITCHEN, GARDEN]


def test_a_gap_is_told_of_rooms_with_a_timeline() -> None:
    assert tellable(EVERYWHERE) == {KITCHEN, GARDEN}
    assert tellable(part(invited={KITCHEN: StrippedRoom()})) == set()


def test_an_emptied_room_has_a_hole_and_nothing_else() -> None:
    rest = emptied(EVERYWHERE, KITCHEN)
    kitchen = rest.joined[KITCHEN]
    assert (kitchen.timeline, kitchen.state, len(kitchen.holes)) == ((), (), 1)
    assert emptied(EVERYWHERE, GARDEN).left[GARDEN] == LeftRoom()
    assert rest.left == EVERYWHERE.left


def test_one_room_of_a_part_moves_no_since() -> None:
    whole = replace(EVERYWHERE, account_data=(AccountData("m.direct", b"{}"),), next_batch="s2")
    alone = only(whole, GARDEN)
    assert rooms_of(alone) == [GARDEN]
    assert (alone.since, alone.next_since, alone.next_batch) == ("s1", None, "s2")
    assert (alone.account_data, alone.left) == ((), whole.left)
