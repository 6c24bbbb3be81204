"""A client that goes on by ``pos`` gets what happens, however its device's poll has ended."""

from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.client import SlidingClient, SyncError, window
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import chosen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALL = {"all": window(0, 20)}
PATIENCE_S = 45.0
LONG_AGO = "now() - interval '31 days'"


@pytest_asyncio.fixture(loop_scope="module")
async def pair(
    http: aiohttp.ClientSession, homeserver_url: str, postgres: Postgres
) -> AsyncIterator[tuple[Service, Service]]:
    """Two services that share a database, as behind a load balancer."""
    url = await postgres.clone()
    first, second = [
        await Service.deploy(
            chosen().alone(), http, homeserver=homeserver_url, database=url, SYNCV3_BUS="postgres"
        )
        for _ in range(2)
    ]
    yield first, second
    first.close()
    second.close()
    await postgres.drop(url)


async def run(service: Service, *statements: str) -> None:
    connection = await asyncpg.connect(service.database)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def forget_use(service: Service) -> None:
    await run(
        service,
        f"UPDATE ss_pollers SET last_used = {LONG_AGO}",
        f"UPDATE ss_tokens SET last_seen = {LONG_AGO}",
    )


@pytest.mark.rules("U-60", "U-21")
@pytest.mark.parametrize("asked", [0, 1], ids=["there", "elsewhere"])
async def test_a_device_that_counts_as_unused_is_polled_for_its_client(
    alice: Account, bob: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession,
    homeserver: FakeHomeserver, asked: int,
) -> None:  # fmt: skip
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = SlidingClient(http, pair[0].url, bob.token)
    await client.sync(lists=ALL)
    for service in pair:
        await service.stop()
    await forget_use(pair[0])
    for service in pair:
        await service.launch()
    client.url = pair[asked].url
    event_id = await alice.send(room, "hello")
    await client.until_event(room, event_id, patience_s=PATIENCE_S)
    assert client.bodies(room) == ["hello"]
    firsts = [s for s in homeserver.seen if s.device_id == bob.device_id
              and s.path.endswith("/sync") and "since" not in s.query]  # fmt: skip
    assert len(firsts) == 1


@pytest.mark.rules("U-61", "U-9")
async def test_a_device_whose_tokens_were_forgotten_goes_on_where_it_was(
    alice: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession
) -> None:
    room = await alice.create_room("Kitchen")
    client = SlidingClient(http, pair[0].url, alice.token)
    await client.sync(lists=ALL)
    await pair[0].stop()
    await run(pair[0], "UPDATE ss_pollers SET owner = NULL", "DELETE FROM ss_tokens")
    client.url = pair[1].url
    event_id = await alice.send(room, "hello")
    await client.until_event(room, event_id, patience_s=PATIENCE_S)


@pytest.mark.rules("U-41", "U-60")
async def test_a_client_whose_token_has_died_meanwhile_is_told(
    alice: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession,
    homeserver: FakeHomeserver,
) -> None:  # fmt: skip
    client = SlidingClient(http, pair[0].url, alice.token)
    await client.sync(lists=ALL)
    await pair[0].stop()
    await forget_use(pair[0])
    homeserver.world.expire(alice.token)
    client.url = pair[1].url
    with pytest.raises(SyncError) as refused:
        await client.until(lambda: False, patience_s=PATIENCE_S)
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")
