"""Which delta tokens count, and for how long (R-7)."""

from dataclasses import replace
from typing import Any

import pytest

from syncv3.engine.positions import RESUME
from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import Signer
from syncv3.protocol.response import SyncResponse
from syncv3.store.retention import clean, floor
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    KEYS,
    ROOM,
    World,
    chunk,
    event,
    messages,
    says,
    state_told,
    told,
    topic,
)
from tests.integration.core.returning import begin, begun, whole

pytestmark = pytest.mark.rules("R-7")


async def foreign(world: World, answer: SyncResponse) -> str:
    return str((await begin(world, user=BOB)).resume)


async def other_device(world: World, answer: SyncResponse) -> str:
    return str((await begin(world, device="TABLET")).resume)


async def forged(world: World, answer: SyncResponse) -> str:
    token = str(answer.resume)
    return token[:30] + ("A" if token[30] != "A" else "B") + token[31:]


async def garbage(world: World, answer: SyncResponse) -> str:
    return "\U0001f600" * 5000


async def a_pos(world: World, answer: SyncResponse) -> str:
    return answer.pos


async def lost_epoch(world: World, answer: SyncResponse) -> str:
    return resigned(answer, epoch=1)


async def future(world: World, answer: SyncResponse) -> str:
    return resigned(answer, position=1 << 60)


async def other_dialect(world: World, answer: SyncResponse) -> str:
    return resigned(answer, dialect="s")


async def unknown_connection(world: World, answer: SyncResponse) -> str:
    return resigned(answer, connection=7)


def resigned(answer: SyncResponse, **changed: Any) -> str:
    whose: dict[str, Any] = {"user_id": ALICE, "device_id": "PHONE", "conn_id": RESUME}
    token = Signer(KEYS).read(str(answer.resume), **whose)
    return Signer(KEYS).sign(replace(token, **changed), **whose)


@pytest.mark.parametrize(
    "make",
    [foreign, other_device, forged, garbage, a_pos, lost_epoch, future, other_dialect,
     unknown_connection],
)  # fmt: skip
async def test_any_other_token_is_as_if_absent(world: World, make: Any) -> None:
    first = await begun(world)
    token = await make(world, first)
    answer = await begin(world, token)
    assert whole(answer) and told(answer) == ["t1", "m1"] and answer.resume


async def test_a_token_is_no_position(world: World) -> None:
    first = await begun(world)
    with pytest.raises(UnknownPosition):
        await world.sync(ALICE, first.resume)


async def test_it_acknowledges_nothing_and_another_name_leaves_the_connection(
    world: World,
) -> None:
    first = await begun(world)
    await says(world, 20, "m2")
    assert told(await begin(world, first.resume, conn_id="second")) == ["m2"]
    live = await world.sync(ALICE, first.pos)
    assert told(live) == ["m2"]


async def test_a_client_with_many_connections_keeps_no_more_than_others(world: World) -> None:
    token = (await begun(world)).resume
    aside = await begin(world, conn_id="aside")
    for _ in range(25):
        assert (await begin(world, token)).rooms == {}  # its use keeps the oldest one
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connections") == 20
    assert await world.pool.fetchval("SELECT count(DISTINCT connection_key) FROM"
                                     " ss_connection_rooms") <= 20  # fmt: skip
    assert (await world.sync(ALICE, aside.pos, {"conn_id": "aside"})).rooms == {}


async def test_another_worker_answers_a_replaced_connection_no_more(
    world: World, second: World
) -> None:
    """It has that in memory, and its turn would be the next. What it stored would go on from rooms
    that a token names as they were when the connection was replaced."""
    first = await begun(world)
    there = await second.sync(ALICE, first.pos)
    newer = await begin(world, there.resume)
    with pytest.raises(UnknownPosition):
        await second.sync(ALICE, there.pos)
    await says(world, 20, "m2")
    assert told(await world.sync(ALICE, newer.pos)) == ["m2"]


async def test_it_is_forgotten_when_connections_are(world: World) -> None:
    token = (await begun(world)).resume
    await begin(world, None)
    await world.pool.execute("UPDATE ss_connections SET last_used = 'epoch'")
    await world.connections.expire()
    assert whole(await begin(world, token))
    assert await world.pool.fetchval("SELECT count(DISTINCT connection_key) FROM"
                                     " ss_connection_rooms") == 1  # fmt: skip


async def test_it_keeps_nothing_from_being_deleted_and_needs_nothing_of_that(
    world: World, database_url: str
) -> None:
    token = (await begun(world)).resume
    await world.poll(BOB, 20, chunk(topic("t2", CAROL), *messages("m2", sender=CAROL)))
    newer = await begin(world, token)
    await world.poll(BOB, 30, chunk(topic("t3", CAROL), *messages("m3", sender=CAROL)))
    await world.sync(ALICE, newer.pos)
    await world.flush()
    lowest = await floor(world.pool)
    replaced = "SELECT max(pos) FROM ss_connections WHERE conn_id IS NULL"
    assert 0 < await world.pool.fetchval(replaced) < lowest
    assert await clean(world.pool, lowest) > 0
    other = await World.start(database_url)
    try:
        answer = await begin(other, token)
        assert told(answer) == ["t2", "m2", "t3", "m3"] and not whole(answer)
        assert state_told(answer) == ["t2", "t3"]
    finally:
        await other.stop()


async def test_a_position_that_was_lost_with_an_epoch_counts_no_more(
    world: World, database_url: str
) -> None:
    first = await begun(world)
    kept = first.resume
    await says(world, 20, "m2")
    second = await world.sync(ALICE, first.pos)
    ended = await world.pool.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
    await world.flush()
    await world.pool.execute("DELETE FROM ss_stream_commits WHERE last_pos = $1", ended)
    await world.pool.execute("TRUNCATE ss_stream_fence")
    await world.kill()
    other = await World.start(database_url)
    try:
        assert whole(await begin(other, second.resume))
        assert not (await begin(other, kept)).rooms.get(ROOM, second.rooms[ROOM]).initial
    finally:
        await other.stop()


async def test_state_that_came_while_away_is_told(world: World) -> None:
    token = (await begun(world)).resume
    await world.poll(BOB, 20, chunk(event("n1", "m.room.name", CAROL, content={"name": "Den"},
                                          key="")))  # fmt: skip
    answer = await begin(world, token)
    assert answer.rooms[ROOM].name == "Den" and not whole(answer)
