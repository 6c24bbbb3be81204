"""Access tokens: dead ones are found out, and unknown ones keep nobody from logging in."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.answers import read
from tests.support.client import PATH, SlidingClient, SyncError, window
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.service import Service

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALL = {"all": window(0, 20)}
WHOAMI = "/account/whoami"
SLOW_S = 2.0
FLOOD = 400


@pytest_asyncio.fixture(loop_scope="module")
async def own_homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def own(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, postgres: Postgres
) -> AsyncIterator[Service]:
    url = await postgres.clone()
    service = await Service.start(http, homeserver=own_homeserver.url, database=url)
    yield service
    service.close()
    await postgres.drop(url)


async def asked_about(homeserver: FakeHomeserver) -> int:
    return sum(seen.path.endswith(WHOAMI) for seen in homeserver.seen)


@pytest.mark.rules("U-2", "U-12", "H-25")
async def test_a_superseded_token_is_refused_and_the_connection_goes_on_with_the_new_one(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, own: Service
) -> None:
    alice = await Account.register(http, own_homeserver.url, "alice")
    room = await alice.create_room("Kitchen")
    client = SlidingClient(http, own.url, alice.token)
    await client.sync(lists=ALL)
    stale = SlidingClient(http, own.url, alice.token, conn_id="stale")
    await stale.sync(lists=ALL)
    client.token = (await alice.login(alice.device_id)).token
    await client.sync()
    await own.stop()
    own_homeserver.world.expire(alice.token, soft_logout=True)
    await own.launch()  # its poll uses the token that was seen last
    with pytest.raises(SyncError) as refused:
        await stale.sync()
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")
    assert refused.value.body["soft_logout"] is True
    event_id = own_homeserver.world.send(room, alice.user_id, "m.room.message", {"body": "hi"})
    await client.until_event(room, event_id)


async def log_in(http: aiohttp.ClientSession, homeserver: FakeHomeserver, own: Service) -> float:
    """How long the first answer to a newcomer takes, who has an address of its own."""
    account = await Account.register(http, homeserver.url, f"new{len(homeserver.world.users)}")
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with aiohttp.ClientSession(connector=connector) as elsewhere:
        begun = time.monotonic()
        await SlidingClient(elsewhere, own.url, account.token).sync(lists=ALL)
        return time.monotonic() - begun


@pytest.mark.rules("U-2", "S-329")
async def test_a_flood_of_bad_tokens_keeps_nobody_from_logging_in(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, own: Service
) -> None:
    own_homeserver.break_(Fault(delay_s=SLOW_S), path=WHOAMI, times=None)
    undisturbed_s = await log_in(http, own_homeserver, own)
    before = await asked_about(own_homeserver)
    flood = [asyncio.create_task(bad_token(http, own, n)) for n in range(FLOOD)]
    await asyncio.sleep(SLOW_S)  # the flood is at the homeserver
    disturbed_s = await log_in(http, own_homeserver, own)
    statuses = Counter(await asyncio.gather(*flood))
    asked = await asked_about(own_homeserver) - before - 1
    print(f"undisturbed {undisturbed_s:.2f} s, in the flood {disturbed_s:.2f} s, {statuses}")
    assert disturbed_s < 2 * undisturbed_s
    assert asked < FLOOD / 4
    assert statuses.keys() == {401, 429}


async def bad_token(http: aiohttp.ClientSession, own: Service, number: int) -> int:
    headers = {"Authorization": f"Bearer bad{number}"}
    async with http.post(f"{own.url}{PATH}", json={}, headers=headers) as response:
        body = await response.json()
        if response.status == 429:
            assert body["errcode"] == "M_LIMIT_EXCEEDED" and body["retry_after_ms"] > 0
        return response.status


@pytest.mark.rules("U-2", "H-26")
async def test_a_limit_of_the_homeserver_is_passed_on_and_not_run_against(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, own: Service
) -> None:
    known = await Account.register(http, own_homeserver.url, "known")
    client = SlidingClient(http, own.url, known.token)
    await client.sync(lists=ALL)
    trap = own_homeserver.break_(Fault(status=429, retry_after_s=3), path=WHOAMI, times=None)
    newcomer = await Account.register(http, own_homeserver.url, "newcomer")
    headers = {"Authorization": f"Bearer {newcomer.token}"}
    for _ in range(5):
        refused = await read(http.post(f"{own.url}{PATH}", json={}, headers=headers))
        assert (refused.status, (await refused.json())["errcode"]) == (429, "M_LIMIT_EXCEEDED")
        assert 0 < int(refused.headers["Retry-After"]) <= 3
    assert trap.hits <= own.shape.serving
    await client.sync()
    trap.clear()
    await asyncio.sleep(3)  # as long as it said
    await SlidingClient(http, own.url, newcomer.token).sync(lists=ALL)
