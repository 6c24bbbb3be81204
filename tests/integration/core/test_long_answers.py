"""Answers that take long: computed in slices, and what many lists cost."""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import FrameType
from typing import Any

import pytest

from syncv3.cache.index import ListIndex
from syncv3.engine.frame import compute
from syncv3.engine.turns import Slice
from syncv3.errors import InvalidParam
from syncv3.protocol.response import SyncResponse
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    World,
    account_data,
    chunk,
    event,
    founding,
    left,
    member,
    messages,
    names,
)
from tests.support.costs import counted

ROOMS = tuple(RoomID(f"!{number:02}:hs") for number in range(30))
ALL = {"lists": {"all": {"ranges": [[0, 99]], "timeline_limit": 5,
                         "required_state": [["m.room.name", ""]]}}}  # fmt: skip


def room(number: int) -> Any:
    name = event(f"name{number}", "m.room.name", content={"name": f"Room {number:02}"}, key="")
    return chunk(name, event(f"m{number}", at=100 + number), state=founding(ALICE, BOB))


async def many_rooms(world: World) -> None:
    await world.poll(ALICE, 10, joined={r: room(n) for n, r in enumerate(ROOMS)})


def in_slices(world: World, then: Callable[[int], Awaitable[None]] | None = None) -> list[int]:
    """Every slice is over after one room; ``then`` happens after each, with its number."""
    slices: list[int] = []
    clock = itertools.count()

    async def between_slices(_device_key: int, _seconds: float) -> None:
        slices.append(len(slices))
        if then is not None:
            await then(slices[-1])

    turns: Any = world.engine.turns
    turns.slice = lambda: Slice(lambda: float(next(clock)))
    turns.between_slices = between_slices
    return slices


def shown(world: World, answer: SyncResponse) -> bytes:
    return world.dialect.write(answer).partition(b'"lists"')[2]


async def test_an_answer_in_slices_is_the_same_as_in_one_go(world: World) -> None:
    await many_rooms(world)
    whole = shown(world, await world.sync(ALICE, None, ALL))
    slices = in_slices(world)
    assert shown(world, await world.sync(ALICE, None, ALL)) == whole
    assert len(slices) >= len(ROOMS) - 1


@pytest.mark.rules("D-32")
async def test_what_the_last_slice_finds_missing_is_in_the_answer(world: World) -> None:
    await many_rooms(world)
    await world.sync(ALICE, None, {"lists": {"all": ALL["lists"]["all"] | {"ranges": [[0, 28]]}}})

    async def happens(number: int) -> None:
        if number == 10:
            turns: Any = world.engine.turns
            turns.slice = lambda: Slice(lambda: 0.0)  # the next slice is the last

    in_slices(world, happens)
    answer = await world.sync(ALICE, None, ALL)  # of the last room nothing is loaded yet
    assert names(answer.rooms[ROOMS[0]])[-1] == "m0"
    assert len(answer.rooms[ROOMS[0]].required_state) == 1


@pytest.mark.rules("D-32", "X-2", "S-328", "C-22", "W-5")
async def test_what_happens_between_slices_is_in_the_answer_once(world: World) -> None:
    await many_rooms(world)
    await world.sync(ALICE, None, ALL)  # all is loaded

    async def happens(number: int) -> None:
        if number == 10:
            joined = {ROOMS[-1]: chunk(*messages("late", sender=BOB)),
                      ROOMS[0]: chunk(*messages("early", sender=BOB))}  # fmt: skip
            kick = {ROOMS[5]: left(member("kick", ALICE, "leave", sender=BOB, before="join"))}
            await world.poll(ALICE, 20, joined=joined, left=kick)

    in_slices(world, happens)
    answer = await world.sync(ALICE, None, ALL)
    assert names(answer.rooms[ROOMS[-1]])[-1] == "late"
    assert names(answer.rooms[ROOMS[0]])[-1] == "early"
    assert ROOMS[5] not in answer.rooms
    assert answer.lists["all"].count == len(ROOMS) - 1
    later = await world.sync(ALICE, answer.pos)
    assert not later.rooms


@pytest.mark.rules("TX-1")
async def test_a_transaction_id_that_comes_between_slices_is_told(world: World) -> None:
    await many_rooms(world)
    own = event("own", transaction_id="mine")
    await world.poll(BOB, 11, joined={ROOMS[-1]: chunk(event("own"))})
    await world.sync(ALICE, None, ALL)

    async def happens(number: int) -> None:
        if number == 10:
            await world.poll(ALICE, 20, joined={ROOMS[-1]: chunk(own)})

    in_slices(world, happens)
    answer = await world.sync(ALICE, None, ALL)
    assert b'"transaction_id":"mine"' in answer.rooms[ROOMS[-1]].timeline[-1]


async def test_ignoring_somebody_between_slices_holds_for_the_whole_answer(world: World) -> None:
    await many_rooms(world)
    await world.poll(ALICE, 12, joined={r: chunk(*messages(f"bob{r}", sender=BOB)) for r in ROOMS})
    await world.sync(ALICE, None, ALL)

    async def happens(number: int) -> None:
        if number == 10:
            ignored = account_data("m.ignored_user_list", {"ignored_users": {BOB: {}}})
            await world.poll(ALICE, 20, account_data=(ignored,))

    in_slices(world, happens)
    answer = await world.sync(ALICE, None, ALL)
    assert not [name for r in answer.rooms.values() for name in names(r) if "bob" in name]


async def calls(world: World, body: Mapping[str, Any]) -> int:
    """How many calls of functions an answer takes, once all that it needs is loaded."""
    await world.sync(ALICE, None, body)
    counted = 0

    def count(frame: FrameType, kind: str, _argument: object) -> None:
        nonlocal counted
        counted += kind in ("call", "c_call")

    sys.setprofile(count)
    try:
        await world.sync(ALICE, None, body)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(lambda n: {"required_state": [[f"m.{n}", str(i)] for i in range(49)]},
                     id="required_state"),
        pytest.param(lambda n: {"bump_event_types": [f"m.{n}.{i}" for i in range(9)]},
                     id="bump_event_types"),
        pytest.param(lambda n: {"timeline_limit": n % 50}, id="timeline_limit"),
        pytest.param(lambda n: {"sort": ["by_name"]}, id="alike"),
    ],
)  # fmt: skip
async def test_a_hundred_lists_cost_little_more_than_one(
    world: World, kind: Callable[[int], dict[str, Any]]
) -> None:
    await many_rooms(world)

    def asked(count: int) -> dict[str, Any]:
        shape = {"ranges": [[0, 99]], "timeline_limit": 1}
        return {"lists": {f"l{n}": {**shape, **kind(n)} for n in range(count)}}

    one, hundred = await calls(world, asked(1)), await calls(world, asked(100))
    print(f"calls: {one} for one list, {hundred} for a hundred")
    assert hundred < 12 * one


@pytest.mark.rules("Z-18")
async def test_lists_with_different_filters_keep_their_order_between_requests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_rooms(world)
    lists = {f"l{n}": {"ranges": [[0, 99]], "filters": {"not_tags": [str(n)]}} for n in range(100)}
    answer = await world.sync(ALICE, None, {"lists": lists})
    built = counted(monkeypatch, ListIndex, "build")
    await world.sync(ALICE, answer.pos, {"lists": {"l0": {"timeline_limit": 2}}})
    assert not built
    more = {"lists": {"l0": {"filters": {"not_tags": ["another"]}}}}
    await world.sync(ALICE, answer.pos, more)
    assert len(built) == 1


def test_computing_is_a_function_of_values() -> None:
    assert not asyncio.iscoroutinefunction(compute)


# What a device's connections remember


def large(number: int, kib: int) -> dict[str, Any]:
    """A connection of its own whose sticky request has about so many KiB."""
    state = [[f"m.{number}.{n}.{'x' * 1000}", ""] for n in range(kib)]
    return {
        "conn_id": f"c{number}",
        "lists": {"all": {"ranges": [[0, 9]], "required_state": state}},
    }


@pytest.mark.rules("Z-18", "S-61")
async def test_what_all_connections_of_a_device_remember_has_a_limit(world: World) -> None:
    await many_rooms(world)
    for number in range(4):
        await world.sync(ALICE, None, large(number, 900))
    with pytest.raises(InvalidParam, match="all connections of the device"):
        for number in range(4, 8):
            await world.sync(ALICE, None, large(number, 900))
    await world.sync(ALICE, None, ALL | {"conn_id": "small"})
    await world.sync(ALICE, None, large(0, 10))
    await world.sync(ALICE, None, large(9, 800))
    await world.sync(BOB, None, large(1, 900))


@pytest.mark.rules("Z-18", "S-61")
async def test_connections_that_were_not_used_for_long_make_room(world: World) -> None:
    await many_rooms(world)
    first = [(await world.sync(ALICE, None, large(number, 900))).pos for number in range(4)]
    for connection in list(world.connections)[:2]:
        connection.used -= 7200
    await world.pool.execute("UPDATE ss_connections SET last_used = now() - interval '2 hours'")
    await world.sync(ALICE, None, large(5, 900))
    stored = await world.pool.fetchval("SELECT count(*) FROM ss_connections")
    assert stored == 4 and len(first) == 4


@pytest.mark.rules("S-58")
async def test_siblings_of_a_position_do_not_keep_many_large_requests(world: World) -> None:
    await many_rooms(world)
    first = await world.sync(ALICE, None, ALL | {"conn_id": "c1"})
    for number in range(10):
        body = large(number, 100)
        await world.sync(ALICE, first.pos, body | {"conn_id": "c1"})
    [connection] = world.connections
    kept = {id(view.subscriptions) for view in connection.views.values()}
    assert len(kept) <= 3
