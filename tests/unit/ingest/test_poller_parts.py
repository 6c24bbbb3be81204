"""The small pieces of a poller: waiting, clocks, filters, doors."""

import asyncio
import json

import pytest

from syncv3.ingest.backoff import LONGEST_INITIAL_S, LONGEST_S, Backoff
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.filters import filter_json, merge_filters
from syncv3.ingest.gate import BootGate
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.types import DeviceKey


@pytest.mark.rules("UZ-5", "U-40")
def test_waits_grow_up_to_a_bound_and_start_anew() -> None:
    backoff = Backoff()
    waits = [backoff.next_wait_s() for _ in range(20)]
    assert waits[0] <= 1 and all(LONGEST_S / 2 <= wait <= LONGEST_S for wait in waits[6:])
    assert backoff.next_wait_s(initial=True) <= LONGEST_INITIAL_S
    assert backoff.next_wait_s(60.0) == 60
    backoff.reset()
    assert backoff.next_wait_s() <= 1


def test_the_quickest_reading_of_the_clock_counts() -> None:
    clock = DatabaseClock()
    clock.read(5_000_000, asked=1.0, answered=1.5)
    clock.read(9_000_000, asked=2.0, answered=4.0)
    assert clock.at(1.25) == 5_000_000
    assert clock.at(2.25) == 6_000_000


@pytest.mark.rules("U-34", "U-33", "U-139")
def test_the_filter_loads_members_lazily_and_no_presence() -> None:
    first = json.loads(filter_json({}, since=None))
    assert first["presence"] == {"not_types": ["*"]}
    assert first["room"]["timeline"]["limit"] == 10
    assert first["room"]["state"]["lazy_load_members"] is True
    assert "include_redundant_members" not in json.dumps(first)
    assert json.loads(filter_json({}, since="s"))["room"]["timeline"]["limit"] == 50
    assert json.loads(filter_json({}, since=None, no_rooms=True))["room"]["rooms"] == []


def test_extensions_add_to_the_filter_but_do_not_change_it() -> None:
    extra = {
        "presence": {"types": ["m.presence"]},
        "room": {"timeline": {"limit": 1, "unread_thread_notifications": True}},
    }
    merged = json.loads(filter_json(extra, since="s"))
    assert merged["presence"] == {"types": ["m.presence"]}
    assert merged["room"]["timeline"]["limit"] == 50
    assert merged["room"]["timeline"]["unread_thread_notifications"] is True


def test_what_no_extension_wants_is_not_fetched() -> None:
    asked = json.loads(filter_json({}, since="s"))
    assert asked["room"]["ephemeral"] == {"not_types": ["*"]}
    assert asked["account_data"] == {"types": ["m.direct", "m.ignored_user_list"]}
    assert asked["room"]["account_data"] == {"types": ["m.tag"]}


def test_what_several_extensions_want_is_fetched() -> None:
    extra = merge_filters(
        {"room": {"ephemeral": {"types": ["m.typing"]}}},
        {"room": {"ephemeral": {"types": ["m.receipt"]}}, "account_data": {"types": ["*"]}},
    )
    asked = json.loads(filter_json(extra, since="s"))
    assert asked["room"]["ephemeral"] == {"types": ["m.typing", "m.receipt"]}
    assert asked["account_data"] == {}


@pytest.mark.rules("U-21", "U-17L")
async def test_the_gate_lets_in_so_many_and_the_urgent() -> None:
    gate, inside = BootGate(2), []

    async def pass_gate(key: int) -> None:
        await gate.enter(DeviceKey(key))
        inside.append(key)

    tasks = [asyncio.create_task(pass_gate(key)) for key in range(5)]
    await asyncio.sleep(0)
    assert inside == [0, 1]
    gate.hurry(DeviceKey(4))
    await asyncio.sleep(0)
    assert inside == [0, 1, 4]
    gate.leave()
    await asyncio.sleep(0)
    assert inside == [0, 1, 4]  # the place that the urgent one had taken in advance
    gate.leave()
    await asyncio.sleep(0)
    assert inside == [0, 1, 4, 2]
    tasks[3].cancel()
    await asyncio.wait(tasks)


async def test_who_gives_up_waiting_at_the_gate_takes_no_place() -> None:
    gate = BootGate(1)
    await gate.enter(DeviceKey(1))
    waiting = asyncio.create_task(gate.enter(DeviceKey(2)))
    await asyncio.sleep(0)
    gate.leave()
    waiting.cancel()
    await asyncio.wait((waiting,))
    await asyncio.wait_for(gate.enter(DeviceKey(3)), 1)


async def test_progress_only_grows_and_wakes() -> None:
    progress = PollerProgress()
    waiting = asyncio.create_task(progress.change(5))
    await asyncio.sleep(0)
    progress.reach(Stage.CURRENT)
    assert await waiting
    progress.reach(Stage.SERVING)
    assert progress.stage is Stage.CURRENT
    assert not await progress.change(0)
