"""Connections: lost answers, hang-ups, several requests, kill -9."""

import asyncio
from typing import Any, ClassVar

import pytest

from syncv3.engine.sources import Loaded, Sources
from syncv3.engine.timeline import live_timeline
from syncv3.errors import InvalidParam, UnknownPosition
from syncv3.extension import Extension
from syncv3.store.connections import save_connections
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    ROOM,
    WITH_TOPIC,
    World,
    both_in,
    says,
    state_told,
    told,
)

TOPICLESS = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "required_state": []}}}


@pytest.mark.rules("P-12", "P-3", "P-9")
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
    await world.until_waiting(ALICE)
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
        await world.flush()
        more = {"extensions": {"choosy": {"limit": 1}}}
        hung_up = asyncio.create_task(world.sync(ALICE, pos, more, timeout_ms=20_000))
        await world.until_waiting(ALICE)
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
    await world.flush()
    await says(world, 20, "m2")
    second = await world.sync(ALICE, first.pos)
    if flushed:
        await world.flush()
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
    await world.flush()
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
    await world.flush()
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connection_rooms") == 0


async def test_saves_of_one_connection_do_not_overtake_each_other(world: World) -> None:
    await both_in(world)
    answer = await world.sync(ALICE, body=TOPICLESS)
    connection = next(iter(world.connections))
    async with connection.storing:
        later = asyncio.create_task(world.sync(ALICE, answer.pos, WITH_TOPIC))
        await world.flush()
        _, waiting = await asyncio.wait({later}, timeout=0.1)
        assert waiting, "its new parameters must be stored before it is answered"
    await later
    stored = await world.pool.fetchval("SELECT request FROM ss_connections")
    assert b"m.room.topic" in stored


async def test_a_connection_in_use_is_not_taken_for_an_idle_one(world: World) -> None:
    await both_in(world)
    answer = await world.sync(ALICE)
    await world.flush()
    await world.pool.execute("UPDATE ss_connections SET last_used = now() - interval '6 days'")
    connection = next(iter(world.connections))
    connection.saved_at -= 2 * 3600
    await world.sync(ALICE, answer.pos)
    await world.flush()
    assert await world.pool.fetchval(
        "SELECT last_used > now() - interval '1 hour' FROM ss_connections"
    )


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
