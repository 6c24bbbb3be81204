"""Background tasks: whatever happens once does not end them for ever."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from syncv3.batch import Lease, Part
from syncv3.bus.local import HELLO, TURN, LocalBus
from syncv3.bus.postgres import PostgresBus
from syncv3.cache.cache import Cache
from syncv3.cache.follower import Follower
from syncv3.ingest.committer import Committer
from syncv3.store.rows import ChangeRow
from syncv3.types import DeviceID, DeviceKey, UserKey
from tests.integration.core.build import ALICE, World, chunk, founding, messages
from tests.support.postgres import Postgres
from tests.support.waiting import until


async def test_the_stream_is_followed_on_after_somebody_failed_to_hear_of_it(
    world: World,
) -> None:
    heard: list[set[int]] = []
    again = asyncio.Event()

    def fail_once(users: set[int], _changes: Sequence[ChangeRow]) -> None:
        heard.append(users)
        if len(heard) == 1:
            raise RuntimeError("not today")
        again.set()

    cache = Cache(world.pool)
    cache.listeners.append(fail_once)
    await cache.start()
    bus = LocalBus()
    follower = Follower(cache, bus, world.committer.dry)
    await follower.start()
    try:
        await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
        await until(lambda: heard)
        await world.poll(ALICE, 20, chunk(*messages("m2")))
        async with asyncio.timeout(5):
            await again.wait()
    finally:
        await follower.stop()


async def test_a_worker_that_says_nothing_hears_again_after_the_database_restarted(
    postgres: Postgres, database_url: str
) -> None:
    heard = asyncio.Event()
    buses = [PostgresBus(lambda: asyncpg.connect(database_url), name) for name in "ab"]
    for bus in buses:
        bus.others = True
        await bus.start()
    try:
        killed = 0
        while killed < len(buses):
            await asyncio.sleep(0.1)  # between two kills
            killed += await postgres.kill_backends(database_url)
        buses[1].subscribe(lambda topic, payload: heard.set() if topic == TURN else None)
        async with asyncio.timeout(8):
            while not heard.is_set():
                buses[0].publish(TURN, "7")
                with suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), 0.2)
    finally:
        for bus in buses:
            await bus.stop()


async def test_a_worker_has_greeted_the_others_when_its_bus_has_started(
    database_url: str,
) -> None:
    async def late() -> asyncpg.Connection:
        await asyncio.sleep(0.3)  # the bus takes so long to connect
        return await asyncpg.connect(database_url)

    first = PostgresBus(lambda: asyncpg.connect(database_url), "a")
    second = PostgresBus(late, "b")
    heard: list[str] = []
    await first.start()
    first.subscribe(lambda topic, payload: heard.append(topic))
    try:
        await second.start()
        await until(lambda: HELLO in heard, 0.2)  # the bus had 0.3 s more to connect
    finally:
        for bus in (first, second):
            await bus.stop()


async def test_stopping_does_not_wait_for_a_database_that_is_gone(
    database_url: str,
) -> None:
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=1)
    committer = Committer(pool, LocalBus(), stop_s=0.2)
    await committer.start()
    await pool.close()
    lease = Lease(DeviceKey(1), "worker", 1)
    part = Part(ALICE, DeviceID("PHONE"), UserKey(1), lease, None, "s1", 10)
    waiting = asyncio.create_task(committer.commit(part))
    await until(lambda: not committer.dry.is_set())
    async with asyncio.timeout(5):
        await committer.stop()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_the_third_worker_to_come_knows_that_it_is_not_alone(database_url: str) -> None:
    def bus(name: str) -> PostgresBus:
        return PostgresBus(lambda: asyncpg.connect(database_url), name)

    workers = [await World.start(database_url, bus=bus(name)) for name in "abc"]
    try:
        for worker in workers:
            await worker.bus.start()
        await until(lambda: not any(worker.connections.alone for worker in workers))
        assert all(worker.bus.others for worker in workers)
    finally:
        for worker in workers:
            await worker.bus.stop()
            await worker.stop()
