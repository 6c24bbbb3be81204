"""A database that cannot write, or takes its time: told, waited for, nothing lost."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio

from syncv3.store.migrate import apply_migrations
from tests.resources.stage import Stage, stage
from tests.support.client import SlidingClient, SyncError, window
from tests.support.homeserver import FakeHomeserver
from tests.support.link import Link
from tests.support.postgres import NoSmallDisk, Postgres

pytestmark = pytest.mark.asyncio(loop_scope="module")

BREAK_S = 1.0
STALLS_S = [float(text) for text in os.environ.get("RESOURCES_STALLS", "5").split(",")]
"""``make resources`` has one that is longer than a lease."""
PIECE = 5
PAGE_BYTES = 8192
DISK_MIB = 48
NEWCOMERS = 400


async def broken_off(here: Stage, error: str) -> None:
    """While the database does not write: what clients, log and metrics say."""
    refused = await refusal(here)
    assert (refused.status, refused.errcode) == (503, "M_UNKNOWN")
    assert "database" in refused.body["error"]
    for work in ("request", "ingest"):
        name = f'sliding_sync_database_num_faults{{error="{error}",work="{work}"}}'
        assert await here.metric(name) > 0, name
    assert await here.metric("sliding_sync_api_num_unhandled_errors") == 0
    assert error in here.service.output


async def refusal(here: Stage) -> SyncError:
    """Of a new connection. The first few may find a place that is free already."""
    for number in range(NEWCOMERS):
        newcomer = SlidingClient(here.http, here.service.url, here.bob.token, conn_id=f"{number}")
        try:
            await newcomer.sync(lists={"all": window(0, 9)})
        except SyncError as refused:
            return refused
    raise AssertionError("new connections find a place, as if nothing were wrong")


async def all_is_told(here: Stage, texts: list[str], sent: list[str]) -> float:
    """Everything has come, in order, once each; how long the last took."""
    took = await here.reader.until(here.room, sent[-1], texts[-1])
    assert here.reader.client.bodies(here.room)[-len(texts) :] == texts
    assert here.reader.inbox == texts
    assert await here.metric("sliding_sync_poller_num_skipped_rooms") == 0
    return took


# A full disk


@pytest.fixture(scope="module")
def small() -> Iterator[Postgres]:
    """A server with a tablespace on a small disk, where the tests' databases are."""
    try:
        server = Postgres.start(small_disk_mib=DISK_MIB)
    except NoSmallDisk as reason:
        pytest.skip(str(reason))
    try:
        asyncio.run(server.make_template(apply_migrations))
        asyncio.run(
            server.execute(f"CREATE TABLESPACE small LOCATION '{server.small_disk.folder}'")
        )
        yield server
    finally:
        server.close()


@pytest.mark.rules("U-42", "U-17H", "H-33")
async def test_a_full_disk_is_told_and_nothing_is_lost(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, small: Postgres
) -> None:
    database = await small.clone(tablespace="small")
    async with stage(http, homeserver, database) as here:
        texts = [f"message {number} {secrets.token_hex(4000)}" for number in range(40)]
        first = await here.say(texts[:1])
        await here.reader.until(here.room, first[0], texts[0])
        before = here.first_syncs()
        small.small_disk.fill()
        sent = await here.say(texts[1:])
        await asyncio.sleep(BREAK_S)  # it stays broken so long
        await broken_off(here, "DiskFullError")
        small.small_disk.free()
        took = await all_is_told(here, texts, sent)
        assert here.first_syncs() == before
        print(f"full disk: everything was there {took:.2f} s after there was room")


@pytest.mark.rules("U-42", "U-17H", "H-33")
async def test_a_log_that_cannot_be_written_stops_the_database_and_loses_nothing(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver
) -> None:
    """PostgreSQL panics, as with a full disk for its log; its operator starts it again."""
    server = await asyncio.to_thread(Postgres.start)
    try:
        await server.make_template(apply_migrations)
        async with stage(http, homeserver, await server.clone()) as here:
            texts = [f"message {number}" for number in range(40)]
            first = await here.say(texts[:1])
            await here.reader.until(here.room, first[0], texts[0])
            before = here.first_syncs()
            server.limit_files(PAGE_BYTES)
            sent = await here.say(texts[1:])
            await asyncio.sleep(BREAK_S)  # it stays broken so long
            refused = await refusal(here)
            assert (refused.status, refused.errcode) == (503, "M_UNKNOWN")
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.launch)
            took = await all_is_told(here, texts, sent)
            assert here.first_syncs() == before
            print(f"no log: everything was there {took:.2f} s after the restart of the database")
    finally:
        await asyncio.to_thread(server.close)


# A database that may not write


@pytest.mark.rules("U-42", "U-17H", "H-33")
async def test_a_read_only_database_is_told_and_nothing_is_lost(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, postgres: Postgres
) -> None:
    database = await postgres.clone()
    name = database.rsplit("/", 1)[1]
    async with stage(http, homeserver, database) as here:
        texts = [f"message {number}" for number in range(40)]
        first = await here.say(texts[:1])
        await here.reader.until(here.room, first[0], texts[0])
        before = here.first_syncs()
        await postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await postgres.kill_backends(database)  # it counts for new connections
        sent = await here.say(texts[1:])
        await asyncio.sleep(BREAK_S)  # it stays broken so long
        await broken_off(here, "ReadOnlySQLTransactionError")
        await postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        took = await all_is_told(here, texts, sent)
        assert here.first_syncs() == before
        print(f"read-only: everything was there {took:.2f} s after it was writable")
    await postgres.drop(database)


@pytest.mark.rules("U-42", "U-17H", "H-33")
async def test_a_failover_to_a_standby_that_is_promoted_late_loses_nothing(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver
) -> None:
    primary = await asyncio.to_thread(Postgres.start)
    standby = None
    try:
        await primary.make_template(apply_migrations)
        database = await primary.clone()
        standby = await asyncio.to_thread(primary.standby)
        async with Link(primary.port) as link:
            line = database.replace(f":{primary.port}/", f":{link.port}/")
            async with stage(http, homeserver, line) as here:
                texts = [f"message {number}" for number in range(40)]
                first = await here.say(texts[:1])
                await here.reader.until(here.room, first[0], texts[0])
                await standby.has_all_of(primary)
                link.target = standby.port
                await asyncio.to_thread(primary.stop, crash=True)
                link.cut()
                sent = await here.say(texts[1:])
                await asyncio.sleep(BREAK_S)  # it stays broken so long
                await refusal(here)
                await standby.execute("SELECT pg_promote()")
                took = await all_is_told(here, texts, sent)
                print(f"failover: everything was there {took:.2f} s after the promotion")
    finally:
        for server in (standby, primary):
            if server is not None:
                await asyncio.to_thread(server.close)


# A slow database


@pytest_asyncio.fixture(loop_scope="module")
async def link(postgres: Postgres) -> AsyncIterator[Link]:
    async with Link(postgres.port) as link:
        yield link


@pytest.mark.rules("U-42", "U-17H")
async def test_a_slow_database_delays_and_loses_nothing(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, postgres: Postgres, link: Link
) -> None:
    database = await postgres.clone()
    line = database.replace(f":{postgres.port}/", f":{link.port}/")
    async with stage(http, homeserver, line) as here:
        before = here.first_syncs()
        link.round_trip_s = 0.2
        texts = [f"message {number}" for number in range(20 + PIECE * len(STALLS_S))]
        sent = await here.say(texts[:20])
        took = await here.reader.until(here.room, sent[-1], texts[19])
        assert not here.reader.refusals
        for stall_s in STALLS_S:
            link.stall()
            sent += await here.say(texts[len(sent) : len(sent) + PIECE])
            await asyncio.sleep(stall_s)  # it stands still so long
            link.resume()
            await asyncio.sleep(1)  # and goes on so long
        recovery = await all_is_told(here, texts, sent)
        assert here.first_syncs() == before
        assert here.reader.slowest_s < max(STALLS_S) + 10
        print(f"slow: {took:.2f} s; after stalls of {STALLS_S} s: {recovery + 1:.2f} s")
    await postgres.drop(database)
