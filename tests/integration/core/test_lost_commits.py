"""What was committed is lost: a backup is put back, or a standby that was behind takes over."""

import asyncio
from dataclasses import replace
from typing import ClassVar

import asyncpg
import pytest

from syncv3.extension import Extension, Scope
from syncv3.store.connections import create_connection
from syncv3.store.stream import load_epochs, open_epoch
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    ROOM,
    World,
    chunk,
    founding,
    messages,
    told,
)
from tests.integration.core.keeping import Client
from tests.integration.core.lost import OTHER
from tests.simulation.database import Database


async def test_an_epoch_that_was_lost_does_not_lend_its_number_to_another(
    database_url: str,
) -> None:
    async with Database.open(database_url) as database:
        first = await open_epoch(database.pool)
        await database.keep()
        await database.pool.execute("TRUNCATE ss_stream_fence")
        lost = await open_epoch(database.pool)
        await database.put_back()
        now = await open_epoch(database.pool)
        known = await load_epochs(database.pool)
    assert first < lost < now
    assert sorted(known) == [first, now]


@pytest.mark.rules("TD-9a")
async def test_a_message_that_was_lost_does_not_lend_its_number_to_another(
    database_url: str,
) -> None:
    """The same backup is put back twice: no client's token may count for what comes after that."""
    async with Database.open(database_url) as database:
        await open_epoch(database.pool)
        await database.keep()
        numbers = []
        for _ in range(2):
            await database.put_back()
            await open_epoch(database.pool)
            numbers.append(
                await database.pool.fetchval("SELECT nextval('ss_to_device_messages_seq')")
            )
    assert numbers[0] < numbers[1]


async def test_a_connection_that_was_lost_does_not_lend_its_key_to_another(
    database_url: str,
) -> None:
    async with Database.open(database_url) as database:
        await database.keep()
        lost = await connection(database.pool, 1)
        await database.put_back()
        assert await connection(database.pool, 2) != lost


async def test_who_waits_while_commits_are_lost_is_sent_the_room_anew(
    world: World, database_url: str
) -> None:
    async with Database.open(database_url) as database:
        await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
        since = dict(world.since)
        await database.keep()
        pos = (await world.sync(ALICE)).pos
        await world.poll(ALICE, 20, chunk(*messages("m2")))
        live = await world.sync(ALICE, pos)
        waiting = asyncio.create_task(world.sync(ALICE, live.pos, timeout_ms=10_000))
        await world.until_waiting(ALICE)
        await database.put_back()
        world.since = since
        await world.cache.refresh()
        await world.poll(ALICE, 30, chunk(*messages("m2", "m3")))
        answer = await asyncio.wait_for(waiting, 5)  # made before the poll's commit or after it
        rest = await world.sync(ALICE, answer.pos)
        assert answer.rooms[ROOM].initial
        assert (told(live), told(answer) + told(rest)) == (["m2"], ["m1", "m2", "m3"])


async def test_what_a_connection_wants_is_stored_again_when_the_database_has_lost_it(
    world: World, database_url: str
) -> None:
    everything = ALL_ROOMS["lists"]["all"]
    more = {"lists": {"all": everything, "more": everything}}
    async with Database.open(database_url) as database:
        await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
        pos = (await world.sync(ALICE)).pos
        await database.keep()
        pos = (await world.sync(ALICE, pos, more)).pos
        await database.put_back()
        await world.cache.refresh()
        pos = (await world.sync(ALICE, pos, more)).pos  # as the client is not sure
        other = await World.start(database_url)
        try:
            assert (await other.sync(ALICE, pos)).lists.keys() == {"all", "more"}
        finally:
            await other.stop()


async def test_a_worker_that_has_not_noticed_a_new_epoch_goes_on_in_it(
    world: World, database_url: str
) -> None:
    """Twice the same backup: the second epoch begins where the first one, lost, had begun."""
    other = await World.start(database_url)
    try:
        async with Database.open(database_url) as database:
            await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
            for worker in (world, other):
                await worker.connections.share(alone=False)
            pos = (await world.sync(ALICE)).pos
            await database.keep()
            await database.put_back()
            for worker in (world, other):
                await worker.cache.refresh()
            pos = (await other.sync(ALICE, pos)).pos
            await database.put_back()
            await world.cache.refresh()
            pos = (await world.sync(ALICE, pos)).pos
            assert other.cache.position == world.cache.position
            assert other.cache.epoch < world.cache.epoch
            assert (await other.sync(ALICE, pos)).lists["all"].count == 1
    finally:
        await other.stop()


async def test_a_turn_that_was_lost_is_not_taken_for_another_workers_turn_of_that_number(
    world: World, second: World, database_url: str
) -> None:
    """The second worker's turn is lost; the first one takes the next, of the same number."""
    client = Client(world, ALICE)
    async with Database.open(database_url) as database:
        await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
        await client.sync()
        await database.keep()
        client.pos = (await replace(client, world=second).sync()).pos
        await database.put_back()
        for worker in (world, second):
            await worker.cache.refresh()
        await world.poll(ALICE, 20, joined={OTHER: chunk(*messages("o1"), state=founding(ALICE))})
        assert (await client.rooms())[OTHER].initial
        await second.cache.refresh()
        assert await replace(client, world=second).rooms() == {}


class Replaced(Extension):
    """While the first answer is made, the database is replaced."""

    name: ClassVar[str] = "replaced"

    def __init__(self) -> None:
        self.world: World | None = None
        self.answers = 0

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> None:
        assert self.world is not None
        self.answers += 1
        if self.answers == 1:
            await pool.execute("DELETE FROM ss_stream_fence")
            await self.world.cache.refresh()


async def test_a_first_answer_is_made_again_when_the_database_is_replaced_meanwhile(
    database_url: str,
) -> None:
    extension = Replaced()
    world = extension.world = await World.start(database_url, [extension])
    try:
        await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
        asked = {**ALL_ROOMS, "extensions": {"replaced": {"enabled": True}}}
        answer = await world.sync(ALICE, body=asked)
        await world.poll(ALICE, 20, chunk(*messages("m2")))
        assert (told(answer), extension.answers) == (["m1"], 2)
        assert told(await world.sync(ALICE, answer.pos)) == ["m2"]
    finally:
        await world.stop()


async def connection(pool: asyncpg.Pool, device_key: int) -> int:
    made = await create_connection(pool, device_key, "", "m", 1, 20, {})
    return made.connection_key
