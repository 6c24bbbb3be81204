"""Clients that keep rooms which they are not shown: across restarts, kills, workers, epochs."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.engine.connection import Connection
from syncv3.engine.limits import ConnectionLimits
from syncv3.engine.view import View
from syncv3.errors import UnknownPosition
from syncv3.protocol.response import SyncResponse
from syncv3.store import connections as store
from syncv3.types import Device, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    names,
)
from tests.support.keeping import Keeping
from tests.support.waiting import until

OTHER = RoomID("!other:hs")
KEEPING = Keeping()
CONNECTION = "SELECT xmin FROM ss_connections"
ROWS = "SELECT room_key, xmin FROM ss_connection_rooms ORDER BY 1"


def window(last: int, **more: Any) -> dict[str, Any]:
    shown = {"ranges": [[0, last]], "sort": ["by_recency"], "timeline_limit": 5}
    return {"lists": {"all": shown | more}}


async def keeps(
    world: World, pos: str | None = None, body: Mapping[str, Any] | None = None,
    *, user: UserID = ALICE, device: str = "PHONE",
) -> SyncResponse:  # fmt: skip
    """The answer to a client that keeps rooms."""
    asked = json.dumps(body if body is not None else window(0)).encode()
    request = KEEPING.read(asked, {"pos": pos or ""})
    who: Device = await world.device(user, device)
    return await world.engine.sync(who, "token", KEEPING, request, timeout_ms=0)


async def two_rooms(world: World) -> str:
    """The ``pos`` of a client that was shown both rooms, and now only ``ROOM``; all is stored."""
    create = event("create2", "m.room.create", content={"room_version": "10"}, key="")
    older = chunk(event("o1", sender=CAROL, at=1), create)
    await world.poll(ALICE, 10, joined={OTHER: older})
    await world.poll(ALICE, 11, chunk(event("m1", sender=CAROL, at=2), state=founding(ALICE)))
    both = await keeps(world, None, window(1))
    assert both.rooms.keys() == {ROOM, OTHER}
    one = await keeps(world, both.pos, window(0))
    await world.flush()
    return one.pos


async def happens(world: World, at: int, name: str, room: RoomID = OTHER) -> None:
    """Somebody writes; ``ROOM`` stays above ``OTHER``."""
    said = chunk(event(name, sender=CAROL, at=1 if room == OTHER else 50))
    await world.poll(ALICE, at, joined={room: said})
    for worker in world.others:
        await worker.cache.refresh()


async def successor(
    world: World, database_url: str, *, stored: bool, limits: ConnectionLimits | None = None
) -> World:
    """The service ends, in order or by a kill, and is started again."""
    if stored:
        await world.stop()
    else:
        await world.kill()
    return await World.start(database_url, limits=limits)


@pytest.mark.rules("S-54", "S-56", "S-172")
@pytest.mark.parametrize("stored", [True, False])
async def test_a_room_that_comes_back_is_sent_what_happened_across_a_restart(
    world: World, database_url: str, stored: bool
) -> None:
    pos = await two_rooms(world)
    await happens(world, 20, "o2")
    seen = await keeps(world, pos, window(0))
    world = await successor(world, database_url, stored=stored)
    try:
        await happens(world, 30, "o3")
        back = await keeps(world, seen.pos, window(1))
        assert names(back.rooms[OTHER]) == ["o2", "o3"]
        assert not any(room.initial for room in back.rooms.values())
    finally:
        await world.stop()


@pytest.mark.rules("S-56", "S-54")
async def test_what_a_lost_answer_told_is_told_again_after_a_restart(
    world: World, database_url: str
) -> None:
    pos = await two_rooms(world)
    await happens(world, 20, "o2")
    lost = await keeps(world, pos, window(1))
    assert names(lost.rooms[OTHER]) == ["o2"]
    world = await successor(world, database_url, stored=True)
    try:
        again = await keeps(world, pos, window(1))
        assert names(again.rooms[OTHER]) == ["o2"]
    finally:
        await world.stop()


@pytest.mark.rules("S-54")
async def test_a_room_that_only_a_lost_answer_sent_is_sent_again_after_a_kill(
    world: World, database_url: str
) -> None:
    """The lost answer is stored, and what the client was answered afterwards is not."""
    pos = await two_rooms(world)
    third = RoomID("!third:hs")
    create = event("create3", "m.room.create", content={"room_version": "10"}, key="")
    await world.poll(ALICE, 20, joined={third: chunk(event("t1", sender=CAROL, at=0), create)})
    lost = await keeps(world, pos, window(2))
    assert third in lost.rooms
    await world.flush()
    had = await keeps(world, pos, window(0, timeline_limit=6))
    had = await keeps(world, had.pos, window(0, timeline_limit=6))
    world = await successor(world, database_url, stored=False)
    try:
        answer = await keeps(world, had.pos, window(2))
        assert answer.rooms[third].initial
        assert "t1" in names(answer.rooms[third])
    finally:
        await world.stop()


@pytest.mark.rules("S-533", "S-59")
@pytest.mark.parametrize("stored", [True, False])
async def test_a_position_is_good_for_the_clients_next_process_days_later(
    world: World, database_url: str, stored: bool
) -> None:
    pos = await two_rooms(world)
    world = await successor(world, database_url, stored=stored)
    try:
        days = "UPDATE ss_connections SET last_used = now() - interval '6 days'"
        assert await world.pool.execute(days) == "UPDATE 1"
        await world.connections.expire()
        await happens(world, 30, "o3")
        back = await keeps(world, pos, window(1))
        assert {room: names(told) for room, told in back.rooms.items()} == {OTHER: ["o3"]}
        assert not back.rooms[OTHER].initial
    finally:
        await world.stop()


@pytest.mark.rules("C-6", "S-59", "U-183")
async def test_a_connection_that_was_not_used_for_a_week_is_forgotten(
    world: World, database_url: str
) -> None:
    pos = await two_rooms(world)
    world = await successor(world, database_url, stored=True)
    try:
        days = "UPDATE ss_connections SET last_used = now() - interval '8 days'"
        assert await world.pool.execute(days) == "UPDATE 1"
        await world.connections.expire()
        with pytest.raises(UnknownPosition):
            await keeps(world, pos, window(1))
    finally:
        await world.stop()


@pytest.mark.rules("S-57")
async def test_a_config_is_known_after_a_restart(world: World, database_url: str) -> None:
    pos = await two_rooms(world)
    world = await successor(world, database_url, stored=True)
    try:
        same = await keeps(world, pos, window(1))
        assert same.rooms == {}
        more = await keeps(world, same.pos, window(1, timeline_limit=6))
        assert more.rooms.keys() == {ROOM, OTHER}
    finally:
        await world.stop()


@pytest.mark.rules("S-50", "S-59")
async def test_a_connection_without_sticky_parameters_stores_none_and_survives(
    world: World, database_url: str
) -> None:
    pos = (await keeps(world)).pos
    world = await successor(world, database_url, stored=False)
    try:
        answer = await keeps(world, pos)
        assert await world.pool.fetchval("SELECT request FROM ss_connections") == b""
        assert answer.pos
    finally:
        await world.stop()


@pytest.mark.rules("S-64")
async def test_after_a_crash_of_the_database_rooms_go_on(world: World) -> None:
    pos = await two_rooms(world)
    await happens(world, 20, "o2")
    live = await keeps(world, pos, window(1))
    await world.pool.execute("TRUNCATE ss_stream_fence")
    await world.cache.refresh()
    await happens(world, 30, "o3")
    answer = await keeps(world, live.pos, window(1))
    assert names(answer.rooms[OTHER]) == ["o3"]
    assert not answer.rooms[OTHER].initial


@pytest.mark.rules("S-50", "S-501", "C-2")
async def test_dialects_have_connections_of_their_own(world: World) -> None:
    """One device uses one name in two dialects: neither replaces the other."""
    pos = await two_rooms(world)
    other = (await world.sync(ALICE)).pos
    await happens(world, 20, "o2")
    assert names((await keeps(world, pos, window(1))).rooms[OTHER]) == ["o2"]
    assert names((await world.sync(ALICE, other)).rooms[OTHER]) == ["o2"]
    for ask, foreign in ((world.sync(ALICE, pos), pos), (keeps(world, other), other)):
        with pytest.raises(UnknownPosition):
            await ask
        assert foreign
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connections") == 2


@pytest.mark.rules("S-501")
async def test_a_probe_of_one_dialect_begins_no_connection_in_another(world: World) -> None:
    request = KEEPING.read(b"", {})
    device = await world.device(ALICE)
    probe = await world.engine.sync(device, "token", KEEPING, request, timeout_ms=0)
    with pytest.raises(UnknownPosition):
        await world.sync(ALICE, probe.pos, ALL_ROOMS)
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connections") == 0


@pytest.mark.rules("S-61")
@pytest.mark.parametrize("limits", [ConnectionLimits(per_device=3)])
async def test_a_devices_connections_are_counted_over_all_dialects(world: World) -> None:
    for number in range(3):
        await keeps(world, None, {**window(1), "conn_id": f"{number}"})
    pos = (await world.sync(ALICE, body={**ALL_ROOMS, "conn_id": "0"})).pos
    kept = await world.pool.fetch("SELECT conn_id, dialect FROM ss_connections ORDER BY 2, 1")
    assert [tuple(row) for row in kept] == [("1", "k"), ("2", "k"), ("0", "m")]
    assert (await world.sync(ALICE, pos, {"conn_id": "0"})).pos


@pytest.mark.parametrize("limits", [ConnectionLimits(per_device=2, rooms=3)])
async def test_of_a_devices_connections_the_least_used_goes_when_rooms_are_too_many(
    world: World,
) -> None:
    await two_rooms(world)
    old = next(iter(world.connections))
    old.used -= 60
    await keeps(world, None, {**window(0), "conn_id": "small"})
    assert old in list(world.connections)
    large = await keeps(world, None, {**window(1), "conn_id": "large"})
    assert {c.conn_id for c in world.connections} == {"small", "large"}
    await world.flush()
    assert await world.pool.fetchval("SELECT sum(rooms) FROM ss_connections") == 3
    assert (await keeps(world, large.pos, {**window(1), "conn_id": "large"})).pos


ANY_NEWS, ONE_WITH_NEWS, TWO_WITH_NEWS = (ConnectionLimits(stale_rooms=n) for n in range(3))
"""In how many rooms a client that was away may have news."""


@pytest.mark.rules("S-60")
@pytest.mark.parametrize(
    ("limits", "hours", "stored", "goes_on"),
    [
        pytest.param(ConnectionLimits(stale_rooms=0), 48, False, True, id="not limited"),
        pytest.param(ConnectionLimits(stale_rooms=1), 0, False, True, id="not away"),
        pytest.param(ConnectionLimits(stale_rooms=2), 48, False, True, id="not so much news"),
        pytest.param(ConnectionLimits(stale_rooms=1), 48, False, False, id="too much news"),
        pytest.param(
            ConnectionLimits(stale_rooms=1), 48, True, False, id="too much news, after a restart"
        ),
    ],
)
async def test_who_was_away_for_long_begins_anew_if_that_is_asked_for(
    world: World,
    database_url: str,
    limits: ConnectionLimits,
    hours: int,
    stored: bool,
    goes_on: bool,
) -> None:
    pos = await two_rooms(world)
    next(iter(world.connections)).used -= hours * 3600
    if stored:
        world = await successor(world, database_url, stored=True, limits=limits)
        away = "UPDATE ss_connections SET last_used = now() - interval '2 days'"
        await world.pool.execute(away)
    try:
        for at, room in ((20, ROOM), (30, OTHER)):
            await happens(world, at, f"n{at}", room)
        if goes_on:
            assert (await keeps(world, pos, window(1))).rooms.keys() == {ROOM, OTHER}
        else:
            with pytest.raises(UnknownPosition):
                await keeps(world, pos, window(1))
    finally:
        if stored:
            await world.stop()


@pytest.mark.rules("S-58", "P-21")
async def test_a_pos_that_is_repeated_leaves_rows_and_memory_as_they_are(world: World) -> None:
    """Each time with another config, so that each answer has other rooms."""
    pos = await two_rooms(world)
    connection = next(iter(world.connections))
    for number in range(200):
        await keeps(world, pos, window(number % 2, timeline_limit=number % 7))
        if number % 20 == 0:
            await world.flush()
    await world.flush()
    assert len(connection.views) <= 12
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connection_rooms") == 2
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connections") == 1


async def test_a_message_stores_nothing_of_a_room_that_is_shown(world: World) -> None:
    pos = await two_rooms(world)
    before = await world.pool.fetchval(CONNECTION), await world.pool.fetch(ROWS)
    await happens(world, 20, "m2", ROOM)
    answer = await keeps(world, pos)
    await world.flush()
    assert names(answer.rooms[ROOM]) == ["m2"]
    assert (await world.pool.fetchval(CONNECTION), await world.pool.fetch(ROWS)) == before


async def test_of_a_room_that_is_not_shown_only_the_first_message_is_stored(world: World) -> None:
    pos = await two_rooms(world)
    await happens(world, 20, "o2")
    pos = (await keeps(world, pos)).pos
    await world.flush()
    first = await world.pool.fetch(ROWS)
    await happens(world, 30, "o3")
    await keeps(world, pos)
    await world.flush()
    assert await world.pool.fetch(ROWS) == first


@pytest.mark.rules("S-54")
async def test_workers_that_take_turns_send_nothing_twice_and_read_what_was_written_since(
    world: World, second: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pos = await two_rooms(world)
    read: list[tuple[bool, int]] = []

    async def load(*arguments: Any) -> store.StoredConnection | None:
        stored = await load_all(*arguments)
        if stored is not None:
            read.append((stored.partial, len(stored.rooms)))
        return stored

    load_all = store.load_connection
    monkeypatch.setattr(store, "load_connection", load)
    told: list[str] = []
    for number, worker in enumerate([second, world, second, world, second]):
        await happens(world, 20 + number, f"n{number}", ROOM if number % 2 else OTHER)
        answer = await keeps(worker, pos, window(1 if number == 4 else 0))
        pos = answer.pos
        told += [name for room in answer.rooms.values() for name in names(room)]
        assert not any(room.initial for room in answer.rooms.values())
    assert told == ["n1", "n3", "n0", "n2", "n4"]
    assert read == [(False, 2), (True, 1), (True, 0), (True, 0), (True, 0)]


async def test_a_worker_reads_all_rooms_if_some_were_deleted(world: World, second: World) -> None:
    pos = (await world.sync(ALICE, body=window(1))).pos
    await two_rooms(world)
    pos = (await world.sync(ALICE, pos)).pos
    pos = (await second.sync(ALICE, pos, window(0))).pos
    assert await world.pool.fetchval(
        "SELECT dropped = turn FROM ss_connections WHERE dialect = 'm'"
    )
    back = await world.sync(ALICE, pos, window(1))
    assert back.rooms[OTHER].initial


@pytest.mark.parametrize("between", [False, True])
async def test_a_worker_reads_all_rooms_if_an_older_version_has_stored_some(
    world: World, second: World, database_url: str, between: bool
) -> None:
    """During an upgrade: it deletes rooms, and does not say so."""
    pos = (await world.sync(ALICE, body=window(1))).pos
    await two_rooms(world)
    pos = (await world.sync(ALICE, pos)).pos
    said = await world.pool.fetchval("SELECT told FROM ss_connections WHERE dialect = 'm'")
    pos = (await second.sync(ALICE, pos, window(0))).pos
    await world.pool.execute("UPDATE ss_connections SET told = $1, dropped = 0", said)
    if between:
        third = await World.start(database_url)
        third.connections.alone = False
        pos = (await third.sync(ALICE, pos, window(0, timeline_limit=6))).pos
        await third.stop()
    assert (await world.sync(ALICE, pos, window(1))).rooms[OTHER].initial


@pytest.mark.rules("S-58")
async def test_a_request_that_a_newer_one_ended_stores_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pos = await two_rooms(world)
    await happens(world, 20, "o2")
    kept: list[int] = []
    keep = Connection.keep

    def keeping(connection: Connection, view: View, epoch: int) -> None:
        kept.append(view.generation)
        keep(connection, view, epoch)

    monkeypatch.setattr(Connection, "keep", keeping)
    connection = next(iter(world.connections))
    asked = connection.asked
    async with connection.lock:
        older, newer = (
            asyncio.create_task(keeps(world, pos)),
            asyncio.create_task(keeps(world, pos)),
        )
        await until(lambda: connection.asked == asked + 2)
    answers = [await older, await newer]
    assert kept == [connection.generation]
    await world.flush()
    assert await world.pool.fetchval("SELECT generation FROM ss_connections") == kept[0]
    assert len({answer.pos for answer in answers}) == 2
    assert (await keeps(world, answers[0].pos)).pos  # it can be used nevertheless
