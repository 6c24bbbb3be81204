"""Which entries make a group, and what leaving something out does to one."""

import asyncio
from collections import deque
from typing import Any

import pytest

from syncv3.batch import AccountData, JoinedRoom, LeftRoom, StrippedRoom
from syncv3.ingest.entries import GROUP_EVENTS, Entry, take_group
from syncv3.types import RoomID
from tests.integration.core.build import event
from tests.unit.ingest.build import GARDEN, KITCHEN, part

HALF = GROUP_EVENTS // 2


async def queue_of(*entries: tuple[int, int]) -> deque[Entry]:
    """Entries of (device, size)."""
    queue = deque(Entry.of(part(device)) for device, _ in entries)
    for entry, (_, size) in zip(queue, entries, strict=True):
        entry.size = size
    return queue


@pytest.mark.parametrize(
    ("entries", "devices"),
    [
        pytest.param([], [], id="nothing-waits"),
        pytest.param([(1, 1), (2, 1), (3, 1)], [1, 2, 3], id="all-of-a-few"),
        pytest.param([(1, HALF), (2, HALF), (3, 1)], [1, 2], id="until-it-is-full"),
        pytest.param([(1, 10 * GROUP_EVENTS), (2, 1)], [1], id="a-large-one-alone"),
        pytest.param([(1, 1), (2, GROUP_EVENTS), (3, 1)], [1], id="none-is-passed-by"),
        pytest.param([(1, 1), (2, 1), (1, 1), (3, 1)], [1, 2], id="one-part-a-device"),
    ],
)
async def test_a_group_is_the_first_entries(
    entries: list[tuple[int, int]], devices: list[int]
) -> None:
    queue = await queue_of(*entries)
    assert [entry.device_key for entry in take_group(queue)] == devices
    assert [entry.device_key for entry in queue] == [key for key, _ in entries[len(devices) :]]


async def test_an_entry_for_which_nobody_waits_is_dropped() -> None:
    queue = await queue_of((1, GROUP_EVENTS), (2, 1))
    queue[0].done.cancel()
    assert [entry.device_key for entry in take_group(queue)] == [2]
    assert not queue


@pytest.mark.parametrize(
    ("sections", "emptied", "excluded"),
    [
        pytest.param({"joined": {KITCHEN: JoinedRoom()}}, {KITCHEN}, {KITCHEN}, id="joined"),
        pytest.param({"left": {KITCHEN: LeftRoom()}}, {KITCHEN}, {KITCHEN}, id="left"),
        pytest.param({"invited": {KITCHEN: StrippedRoom()}}, set(), {KITCHEN}, id="invited"),
        pytest.param({"ahead": {KITCHEN: JoinedRoom()}}, set(), {KITCHEN}, id="ahead"),
    ],
)
async def test_a_room_is_told_as_a_gap_where_it_can_be_and_then_not_at_all(
    sections: dict[str, Any], emptied: set[RoomID], excluded: set[RoomID]
) -> None:
    entry = Entry.of(part(**sections))
    entry.leave_out(KITCHEN)
    assert (entry.emptied, entry.excluded) == (emptied, set() if emptied else excluded)
    entry.leave_out(KITCHEN)
    assert (entry.emptied, entry.excluded) == (emptied, excluded)


async def test_leaving_a_room_out_changes_no_other() -> None:
    garden = JoinedRoom(limited=True)
    before = part(joined={KITCHEN: JoinedRoom(timeline=(event("m1"),)), GARDEN: garden})
    entry = Entry.of(before)
    entry.leave_out(KITCHEN)
    assert entry.part.joined[GARDEN] is garden
    assert entry.part.joined[KITCHEN].holes and not before.joined[KITCHEN].holes


async def test_leaving_account_data_out_keeps_the_rooms() -> None:
    rooms = {KITCHEN: JoinedRoom()}
    entry = Entry.of(part(joined=rooms, account_data=(AccountData("m.direct", b"{}"),)))
    entry.leave_out_account_data()
    assert (entry.part.account_data, entry.part.joined) == ((), rooms)


async def test_the_first_outcome_counts() -> None:
    entry = Entry.of(part())
    entry.resolve(ValueError("first"))
    entry.resolve(None)
    with pytest.raises(ValueError, match="first"):
        await entry.done
    gone = Entry.of(part())
    gone.done.cancel()
    gone.resolve(None)
    with pytest.raises(asyncio.CancelledError):
        await gone.done
