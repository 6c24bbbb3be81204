"""Connections that several workers answer: from where the other stopped, and one at a time."""

import asyncio

import pytest

from syncv3.bus.local import DROPPED, TURN
from syncv3.dialects.msc3575.operations import Delete, Insert
from syncv3.dialects.msc3575.windows import list_operations
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    WITH_TOPIC,
    World,
    both_in,
    chunk,
    event,
    founding,
    member,
    messages,
    says,
    state_told,
    told,
    topic,
)
from tests.support.waiting import still


@pytest.mark.rules("P-2")
async def test_any_worker_answers_from_where_the_other_stopped(world: World, second: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    workers = [second, world, second, second, world]
    seen: list[str] = []
    for number, worker in enumerate(workers):
        await says(world, 20 + number, f"m{number + 2}")
        answer = await worker.sync(ALICE, pos)
        pos = answer.pos
        seen += told(answer)
        assert not answer.rooms[ROOM].initial
    assert seen == ["m2", "m3", "m4", "m5", "m6"]


async def test_an_older_request_on_another_worker_is_not_believed(
    world: World, second: World
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    older = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=1500))
    await world.until_waiting(ALICE)
    newer = await second.sync(ALICE, pos)
    await says(world, 20, "m2")
    assert (await older).pos == pos
    assert told(await second.sync(ALICE, newer.pos)) == ["m2"]


async def carol_speaks(world: World) -> str:
    """Who is sent Carol's member event with what she says; the ``pos`` afterwards."""
    room = chunk(*messages("m1", sender=BOB), state=founding(ALICE, BOB, CAROL))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)
    lazily = {"all": {**ALL_ROOMS["lists"]["all"], "timeline_limit": 1,
                      "required_state": [["m.room.member", "$LAZY"]]}}  # fmt: skip
    pos = (await world.sync(ALICE, body={"lists": lazily})).pos
    await says(world, 20, "m2")
    answer = await world.sync(ALICE, pos)
    assert state_told(answer) == [f"in-{CAROL}"]
    return answer.pos


@pytest.mark.rules("D-61")
async def test_a_member_who_was_sent_is_not_sent_again_by_another_worker(
    world: World, second: World
) -> None:
    pos = await carol_speaks(world)
    await says(world, 30, "m3")
    answer = await second.sync(ALICE, pos)
    assert (told(answer), state_told(answer)) == (["m3"], [])


@pytest.mark.rules("D-61")
async def test_a_member_who_was_sent_is_not_sent_again_after_a_kill(
    world: World, database_url: str
) -> None:
    pos = await carol_speaks(world)
    await world.flush()
    await says(world, 30, "m3")
    await world.kill()
    successor = await World.start(database_url)
    try:
        answer = await successor.sync(ALICE, pos)
        assert (told(answer), state_told(answer)) == (["m3"], [])
    finally:
        await successor.stop()


@pytest.mark.rules("C-2", "C-8")
async def test_a_new_connection_ends_the_wait_of_the_old_one_on_another_worker(
    world: World, database_url: str
) -> None:
    await both_in(world)
    other = await World.start(database_url, bus=world.bus)
    try:
        world.connections.alone = other.connections.alone = False
        pos = (await world.sync(ALICE)).pos
        older = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=30_000))
        await world.until_waiting(ALICE)
        await other.sync(ALICE)
        assert (await asyncio.wait_for(older, 5)).pos == pos
    finally:
        await other.stop()


@pytest.mark.rules("C-8")
async def test_a_late_hint_of_an_earlier_request_ends_no_wait(world: World, second: World) -> None:
    """Hints take their time: that of the first request may come when the second waits already."""
    await both_in(world)
    said: list[str] = []
    world.bus.subscribe(lambda topic, payload: said.append(payload) if topic == TURN else None)
    pos = (await world.sync(ALICE)).pos
    pos = (await world.sync(ALICE, pos)).pos
    newer = asyncio.create_task(second.sync(ALICE, pos, timeout_ms=10_000))
    await second.until_waiting(ALICE)
    assert said
    for payload in list(said):
        world.bus.publish(TURN, payload)
    await still(newer, for_s=0.1)
    await says(world, 20, "m2")
    assert told(await newer) == ["m2"]


@pytest.mark.rules("P-2")
async def test_a_worker_that_hears_another_answer_is_not_alone(
    world: World, database_url: str
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.flush()
    other = await World.start(database_url, bus=world.bus)
    try:
        other.connections.alone = False
        pos = (await other.sync(ALICE, pos, WITH_TOPIC)).pos
        assert not world.connections.alone
        await world.sync(ALICE, pos)
        ask = next(iter(world.connections)).ask
        assert ask is not None
        assert ask.lists["all"].config.wanted.pairs == {("m.room.topic", "")}
    finally:
        await other.stop()


@pytest.mark.rules("L-72", "L-74")
async def test_a_move_is_told_as_one_by_a_worker_that_did_not_know_the_user(
    world: World, second: World
) -> None:
    rooms = [RoomID(f"!{n}:hs") for n in range(4)]
    for number, room_id in enumerate(rooms):
        said = event(f"m{number}", sender=CAROL, at=10 + number)
        created = event(f"create{number}", "m.room.create", content={}, key="")
        room = chunk(said, state=(created, member(f"in{number}", ALICE)))
        await world.poll(ALICE, 10 + number, joined={room_id: room})
    pos = (await world.sync(ALICE)).pos
    moved = chunk(event("news", sender=CAROL, at=20))
    await world.poll(ALICE, 20, joined={rooms[0]: moved})
    await second.cache.refresh()
    answer = await second.sync(ALICE, pos)
    assert list_operations(answer.lists["all"]) == [Delete(3), Insert(0, rooms[0])]


async def test_a_worker_that_is_alone_again_stores_its_connections(
    world: World, second: World, database_url: str
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    pos = (await second.sync(ALICE, pos)).pos
    world.connections.alone = True  # the second one has ended
    lazily = {"lists": {"all": {"required_state": [["m.room.member", "$LAZY"]]}}}
    answer = await world.sync(ALICE, pos, lazily)
    answer = await world.sync(ALICE, answer.pos, lazily)
    await world.flush()
    third = await World.start(database_url)
    try:
        await third.sync(ALICE, answer.pos)
        ask = next(iter(third.connections)).ask
        assert ask is not None
        assert ask.lists["all"].config.wanted.lazy is True
    finally:
        await third.stop()


async def test_a_worker_behind_the_client_catches_up_first(world: World, second: World) -> None:
    await both_in(world)
    await second.cache.refresh()
    await second.sync(ALICE, body={**ALL_ROOMS, "conn_id": "other"})
    await world.poll(BOB, 20, chunk(*messages("m2", sender=CAROL)))
    answer = await world.sync(ALICE)
    assert second.cache.position < world.cache.position
    assert told(await second.sync(ALICE, answer.pos)) == []
    await says(world, 30, "m3")
    await second.cache.refresh()
    assert told(await second.sync(ALICE, answer.pos)) == ["m3"]


async def test_state_from_another_worker_replaces_what_is_cached(
    world: World, second: World
) -> None:
    """Keys of events come from blocks: another worker's may be lower and yet newer."""
    await both_in(world)  # reserves the first block
    await second.poll(CAROL, 12, chunk(*messages("m1", sender=CAROL), state=founding(CAROL)))
    await second.poll(CAROL, 20, chunk(*messages("m8"), state=[topic("t5")], limited=True))
    await world.poll(ALICE, 21, chunk(*messages("m8"), limited=True))
    assert "t5" in state_told(await world.sync(ALICE))
    await world.poll(ALICE, 22, chunk(topic("t6")))
    assert "t6" in state_told(await world.sync(ALICE))


@pytest.mark.rules("U-17F")
async def test_a_dead_token_ends_its_devices_waits_on_all_workers(
    world: World, database_url: str
) -> None:
    await both_in(world)
    other = await World.start(database_url, bus=world.bus)
    try:
        world.connections.alone = other.connections.alone = False
        pos = (await world.sync(ALICE)).pos
        waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=30_000))
        await world.until_waiting(ALICE)
        device = await world.device(ALICE)
        other.bus.publish(DROPPED, f"{device.device_key}")
        assert told(await asyncio.wait_for(waiting, 5)) == []
    finally:
        await other.stop()
