"""Connections: lost answers, hang-ups, several requests, several workers, kill -9."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest

from syncv3.bus.local import DROPPED
from syncv3.dialects.msc3575.operations import Delete, Insert
from syncv3.dialects.msc3575.windows import list_operations
from syncv3.engine.sources import Loaded, Sources
from syncv3.engine.timeline import live_timeline
from syncv3.errors import InvalidParam, UnknownPosition
from syncv3.extension import Extension
from syncv3.protocol.response import Answer
from syncv3.store.connections import save_connections
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
    state_told,
    told,
    topic,
)

TOPICLESS = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "required_state": []}}}
WITH_TOPIC = {"lists": {"all": {"required_state": [["m.room.topic", ""]]}}}


async def both_in(world: World) -> None:
    room = chunk(topic("t1"), *messages("m1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def says(world: World, at: int, *names: str) -> None:
    """Carol, who is nobody's client here, writes; Bob's poller brings it."""
    await world.poll(BOB, at, chunk(*messages(*names, sender=CAROL)))
    for worker in world.others:
        await worker.cache.refresh()


@pytest.fixture
async def second(world: World, database_url: str) -> AsyncIterator[World]:
    """Another worker on the same database."""
    other = await World.start(database_url)
    other.connections.alone = world.connections.alone = False
    world.others.append(other)
    try:
        yield other
    finally:
        await other.stop()


@pytest.mark.rules("P-12", "P-3")
async def test_after_a_lost_answer_the_same_position_gives_everything_again(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await says(world, 20, "m2")
    await world.sync(ALICE, pos)
    await says(world, 30, "m3")
    again = await world.sync(ALICE, pos)
    assert told(again) == ["m2", "m3"]
    assert told(await world.sync(ALICE, again.pos)) == []


@pytest.mark.rules("C-8")
async def test_of_several_requests_only_the_newest_waits(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    first = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=20_000))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=20_000))
    third = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=20_000))
    done, waiting = await asyncio.wait({first, second, third}, timeout=2)
    assert (done, waiting) == ({first, second}, {third})
    await says(world, 20, "m2")
    assert told(await third) == ["m2"]


class Choosy(Extension):
    """Accepts no size but one."""

    name: ClassVar[str] = "choosy"

    def configure(self, request: Any) -> Any:
        if request.get("limit", 1) != 1:
            raise InvalidParam("not of this size")
        return request


@pytest.mark.rules("P-12")
async def test_parameters_of_a_request_that_was_hung_up_survive_a_kill(
    database_url: str,
) -> None:
    world = await World.start(database_url, [Choosy()])
    try:
        await both_in(world)
        asked = {**ALL_ROOMS, "extensions": {"choosy": {"enabled": True}}}
        pos = (await world.sync(ALICE, body=asked)).pos
        await world.connections._flush()
        more = {"extensions": {"choosy": {"limit": 1}}}
        hung_up = asyncio.create_task(world.sync(ALICE, pos, more, timeout_ms=20_000))
        await asyncio.sleep(0.05)
        hung_up.cancel()
        await asyncio.gather(hung_up, return_exceptions=True)
        await world.sync(ALICE, pos, more)
        stored = await world.pool.fetchval("SELECT request FROM ss_connections")
        assert b'"limit":1' in stored.replace(b" ", b"")
    finally:
        await world.stop()


async def test_invalid_parameters_do_not_stay(database_url: str) -> None:
    world = await World.start(database_url, [Choosy()])
    try:
        await both_in(world)
        asked = {**ALL_ROOMS, "extensions": {"choosy": {"enabled": True}}}
        pos = (await world.sync(ALICE, body=asked)).pos
        with pytest.raises(InvalidParam):
            await world.sync(ALICE, pos, {"extensions": {"choosy": {"limit": 5}}})
        await says(world, 20, "m2")
        assert told(await world.sync(ALICE, pos)) == ["m2"]
    finally:
        await world.stop()


@pytest.mark.rules("P-2")
@pytest.mark.parametrize("flushed", [True, False])
async def test_after_a_kill_nothing_is_missing(
    world: World, database_url: str, flushed: bool
) -> None:
    await both_in(world)
    first = await world.sync(ALICE)
    await world.connections._flush()
    await says(world, 20, "m2")
    second = await world.sync(ALICE, first.pos)
    if flushed:
        await world.connections._flush()
    await says(world, 30, "m3")
    other = await World.start(database_url)
    try:
        assert told(second) == ["m2"]
        assert told(await other.sync(ALICE, second.pos))[-1] == "m3"
    finally:
        await other.stop()


async def test_a_room_that_left_the_window_comes_back_whole_after_a_kill(
    world: World, database_url: str
) -> None:
    await both_in(world)
    first = await world.sync(ALICE, body={"lists": ALL_ROOMS["lists"]})
    gone = await world.sync(ALICE, first.pos, {"lists": {"all": {"filters": {"is_invite": True}}}})
    await says(world, 20, "m2")
    await world.connections._flush()
    other = await World.start(database_url)
    try:
        back = await other.sync(ALICE, gone.pos, {"lists": {"all": {"filters": {}}}})
        assert back.rooms[ROOM].initial
        assert told(back) == ["t1", "m1", "m2"]
    finally:
        await other.stop()


async def test_a_save_that_was_cut_off_leaves_no_rooms_behind(world: World) -> None:
    await both_in(world)
    none = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "filters": {"is_invite": True}}}}
    empty = await world.sync(ALICE, body=none)
    shown = await world.sync(ALICE, empty.pos, {"lists": {"all": {"filters": {}}}})
    connection = next(iter(world.connections))
    save = connection.save(world.cache.epoch, windows=False)
    assert save is not None
    connection.saving(save)
    await save_connections(world.pool, [save])  # the database has it, but nobody hears of it
    await world.sync(ALICE, shown.pos, none)
    await world.connections._flush()
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connection_rooms") == 0


async def test_saves_of_one_connection_do_not_overtake_each_other(world: World) -> None:
    await both_in(world)
    await world.sync(ALICE)
    connection = next(iter(world.connections))
    async with connection.storing:
        later = asyncio.create_task(world.connections._save([connection]))
        await world.connections._flush()
        assert not later.done()
    assert await later


async def test_a_connection_in_use_is_not_taken_for_an_idle_one(world: World) -> None:
    await both_in(world)
    answer = await world.sync(ALICE)
    await world.connections._flush()
    await world.pool.execute("UPDATE ss_connections SET last_used = now() - interval '6 days'")
    connection = next(iter(world.connections))
    connection.saved_at -= 2 * 3600
    await world.sync(ALICE, answer.pos)
    await world.connections._flush()
    assert await world.pool.fetchval(
        "SELECT last_used > now() - interval '1 hour' FROM ss_connections"
    )


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
    await asyncio.sleep(0.1)
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
    await world.connections._flush()
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
        await asyncio.sleep(0.1)
        await other.sync(ALICE)
        assert (await asyncio.wait_for(older, 5)).pos == pos
    finally:
        await other.stop()


@pytest.mark.rules("P-2")
async def test_a_worker_that_hears_another_answer_is_not_alone(
    world: World, database_url: str
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.connections._flush()
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
    await world.connections._flush()
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


async def test_an_event_that_comes_while_others_are_loaded_is_not_lost(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    room = next(iter(world.cache.rooms.values()))
    bound = world.cache.position
    await says(world, 20, "m2")
    room.timeline = None
    user = await world.cache.user((await world.device(ALICE)).user_key)
    seen = user.seen(world.dialect.perspective)
    sources = Sources(world.cache, user, seen, await world.device(ALICE), {}, Loaded())
    view = user.rooms[room.row.room_key]
    live_timeline(sources, room, view, bound)
    await world.engine.loader.load(sources.missing, sources.loaded)
    await says(world, 30, "m3")
    room.timeline = None
    again = Sources(world.cache, user, seen, sources.device, {}, sources.loaded)
    found = live_timeline(again, room, user.rooms[room.row.room_key], bound)
    assert found is not None
    assert again.missing or [e.event_id for e in found.events] == ["$m2", "$m3"]
    assert told(await world.sync(ALICE, pos)) == ["m2", "m3"]


@pytest.mark.rules("TX-3")
async def test_own_events_wait_for_their_transaction_ids_together(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    own = messages("a1", "a2", "a3", sender=ALICE)
    await world.poll(BOB, 20, chunk(*own))
    started = time.monotonic()
    seen: list[str] = []
    while len(seen) < 3 and time.monotonic() < started + 4:
        answer = await world.sync(ALICE, pos, timeout_ms=4000)
        pos, seen = answer.pos, seen + told(answer)
    assert seen == ["a1", "a2", "a3"]
    assert time.monotonic() - started < 1.9


@pytest.mark.rules("TX-3")
async def test_an_own_event_is_sent_once_with_its_transaction_id(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=3000))
    await asyncio.sleep(0.05)
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    await asyncio.sleep(0.05)
    await world.poll(ALICE, 21, chunk(event("a1", sender=ALICE, transaction_id="mine")))
    answer = await waiting
    assert told(answer) == ["a1"]
    assert b'"transaction_id":"mine"' in answer.rooms[ROOM].timeline[0]
    assert told(await world.sync(ALICE, answer.pos)) == []


@pytest.mark.rules("TX-3", "P-12")
async def test_a_held_event_is_sent_again_when_the_answer_that_had_it_is_lost(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    held = await world.sync(ALICE, pos)
    lost = await world.sync(ALICE, held.pos, timeout_ms=3000)
    again = await world.sync(ALICE, held.pos, timeout_ms=3000)
    assert (told(held), told(lost), told(again)) == ([], ["a1"], ["a1"])


@pytest.mark.rules("TX-3")
async def test_what_else_changed_in_a_room_is_told_once_while_an_own_event_waits(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 19, chunk(notification_count=3))
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    answers: list[Answer] = []
    started = time.monotonic()
    while time.monotonic() < started + 0.8:
        answers.append(await world.sync(ALICE, pos, timeout_ms=300))
        pos = answers[-1].pos
    assert sum(ROOM in answer.rooms for answer in answers) == 1


@pytest.mark.rules("L-53")
async def test_more_state_and_new_events_at_once_lose_nothing(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE, body=TOPICLESS)).pos
    await says(world, 20, "m2")
    answer = await world.sync(ALICE, pos, WITH_TOPIC)
    assert "m2" in told(answer)
    assert state_told(answer) == ["t1"]
    await says(world, 30, "m3")
    assert told(await world.sync(ALICE, answer.pos)) == ["m3"]


@pytest.mark.rules("P-2")
async def test_positions_of_others_are_not_known(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    with pytest.raises(UnknownPosition):
        await world.sync(BOB, pos)
    with pytest.raises(UnknownPosition):
        await world.sync(ALICE, pos, {"conn_id": "other"})


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
        await asyncio.sleep(0.1)
        device = await world.device(ALICE)
        other.bus.publish(DROPPED, f"{device.device_key}")
        assert told(await asyncio.wait_for(waiting, 5)) == []
    finally:
        await other.stop()
