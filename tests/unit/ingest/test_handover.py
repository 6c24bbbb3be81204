"""A device whose ``since`` is another proxy's: what is sent once is stored, and told, once."""

import json
from typing import Any

import pytest

from syncv3.errors import HomeserverError
from syncv3.ingest import backoff, poller
from syncv3.ingest.handover import ROUNDS
from syncv3.ingest.progress import Stage
from syncv3.store.pollers import PollerRow
from tests.unit.ingest.test_poller import World, answer, running

ROOM: dict[str, Any] = {"rooms": {"join": {"!r:x": {}}}}
NOTHING: dict[str, Any] = {"to_device": {"events": []}}
BOB: dict[str, Any] = {"device_lists": {"changed": ["@bob:x"]}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_S", 0.0)
    monkeypatch.setattr(poller, "LEAST_PACE_S", 0.0)


def message(n: int) -> dict[str, Any]:
    return {"to_device": {"events": [{"type": "m.x", "content": {"n": n}}]}}


def messages(world: World) -> list[int]:
    """The numbers of all messages that were stored, in order."""
    stored = [raw for part in world.parts for raw in part.device.to_device]
    return [json.loads(raw)["content"]["n"] for raw in stored]


def handed_over() -> World:
    """One message waits; a second and bob's new device come while the rooms are fetched."""
    return World(
        answer("s6", **message(1)),
        answer("s7", **NOTHING),
        answer("s9", **ROOM, **message(2)),
        answer("s10", **BOB, **message(2)),
        answer("s11", **message(3)),
    )


@pytest.mark.rules("U-51")
async def test_messages_come_from_the_old_token_and_rooms_from_a_full_answer_beside_it() -> None:
    world = handed_over()
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(6)
    assert [ask["since"] for ask in world.asked] == ["s5", "s6", None, "s7", "s9", "s11"]
    without_rooms = ["rooms" in json.loads(ask["filter"])["room"] for ask in world.asked]
    assert without_rooms == [True, True, False, True, False, False]
    assert messages(world) == [1, 2, 3]
    assert [p.device.changed for p in world.parts if p.device.changed] == [("@bob:x",)]


async def test_what_is_stored_moves_from_token_to_token_and_the_lists_do_not_move_it() -> None:
    world = handed_over()
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(6)
    moves = [(p.since, p.next_since, p.anew) for p in world.parts if p.next_since]
    assert moves[0] == ("s5", "s6", False)
    assert moves[-2:] == [("s6", "s9", True), ("s9", "s11", False)]
    lists = next(p for p in world.parts if p.device.changed)
    assert (lists.next_since, lists.joined) == (None, {})
    assert world.parts.index(lists) < [p.next_since for p in world.parts].index("s9")


async def test_nobody_is_served_before_the_rooms_are_there() -> None:
    world = World(answer("s6", **message(1)), answer("s7", **NOTHING))
    polling = world.poller("s5", rooms_due=True)
    async with running(polling):
        await world.asks(3)
        assert polling.progress.stage < Stage.SERVING
        assert not polling.resumed


async def test_a_round_that_failed_begins_anew_from_what_is_stored() -> None:
    lost = HomeserverError("gone", status=502)
    world = World(
        answer("s6", **message(1)),
        answer("s7", **NOTHING),
        lost,
        answer("s8", **message(2)),
        answer("s9", **NOTHING),
        answer("s10", **ROOM, **NOTHING),
        answer("s11", **NOTHING),
    )
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(8)
    assert messages(world) == [1, 2]
    assert [a["since"] for a in world.asked] == [*("s5", "s6", None), "s7", "s8", None, "s9", "s10"]


async def test_messages_without_end_do_not_keep_the_rooms_away_and_come_once() -> None:
    flood = [answer(f"s{n}", **message(n)) for n in range(ROUNDS)]
    last = ROUNDS - 1
    both = {"to_device": {"events": [{"type": "m.x", "content": {"n": n}} for n in (last, 77)]}}
    world = World(*flood, answer("s90", **ROOM, **both), answer("s91", **NOTHING))
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(ROUNDS + 3)
    assert messages(world) == [*range(ROUNDS), 77]


async def test_an_old_token_that_the_homeserver_does_not_know_leaves_the_full_answer() -> None:
    refused = [HomeserverError("bad since", status=400)] * poller.DEAD_SINCE_AFTER
    world = World(*refused, answer("s9", **ROOM, **message(1)))
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(len(refused) + 2)
    assert [ask["since"] for ask in world.asked][-2:] == [None, "s9"]
    assert [(p.since, p.next_since, p.anew) for p in world.parts] == [("s5", "s9", True)]


async def test_the_first_rooms_can_be_served_before_the_rest_and_are_told_of_once() -> None:
    events = [
        {"type": "m.room.message", "event_id": f"$e{n}", "sender": "@a:x", "content": {}}
        for n in range(400)
    ]
    join = {f"!{r}:x": {"timeline": {"events": events}} for r in range(3)}
    world = World(
        answer("s6", **NOTHING),
        answer("s9", rooms={"join": join}, **NOTHING),
        answer("s10", **BOB, **NOTHING),
    )
    async with running(world.poller("s5", rooms_due=True)):
        await world.asks(4)
    assert len([part for part in world.parts if part.joined]) > 1
    assert len(world.begun) == 1


@pytest.mark.parametrize(
    ("since", "generated_us", "rooms_due", "complete", "has_rooms"),
    [
        (None, 0, 0, False, False),
        (None, 7, 0, False, True),
        ("s1", 7, 0, True, True),
        ("s1", 7, 1, False, False),
        ("s1", 7, 2, False, True),
    ],
)
def test_another_worker_sees_by_the_row_whether_there_is_something_to_serve(
    since: str | None, generated_us: int, rooms_due: int, complete: bool, has_rooms: bool
) -> None:
    row = PollerRow(since, generated_us, True, "w", 1, rooms_due)
    assert (row.complete, row.has_rooms) == (complete, has_rooms)
