"""A homeserver that trickles or floods: bounded time and memory, and nobody else notices."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.resources.stage import ALL, Stage, stage
from tests.resources.tricklers import EXCESSES, FLOODS, TRICKLES
from tests.support.account import Account
from tests.support.client import SlidingClient, SyncError
from tests.support.faults import Fault, Raw
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.service import FRESH
from tests.support.usage import memory_mib

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMEOUT_S = 2
SOON_S = 5.0  # of what takes milliseconds, on a machine that is busy with other things
GROWTH_MIB = 40.0
LOGINS_GROWTH_MIB = 120.0
LOGINS = 60


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(http: aiohttp.ClientSession, postgres: Postgres) -> AsyncIterator[Stage]:
    """One stage for all: requests to its homeserver may take two seconds."""
    database = await postgres.clone()
    limits = {"SYNCV3_HTTP_TIMEOUT_SECS": f"{TIMEOUT_S}",
              "SYNCV3_HTTP_INITIAL_TIMEOUT_SECS": f"{TIMEOUT_S}"}  # fmt: skip
    async with (
        FakeHomeserver() as homeserver,
        stage(http, homeserver, database, python=FRESH, **limits) as running,
    ):
        yield running
    await postgres.drop(database)


async def others_notice_nothing(here: Stage) -> None:
    """A message from alice is with bob as fast as ever."""
    [sent] = await here.say([f"at {time.monotonic()}"])
    assert await here.reader.until(here.room, sent, None) < SOON_S


async def own_room(client: SlidingClient, account: Account) -> None:
    """What only the account's own poll can bring has come."""
    room = await account.create_room("Study", public=False)
    await client.until(lambda: room in client.rooms, patience_s=40)


async def struck(here: Stage, name: str, raw: Raw) -> None:
    """Somebody's next two polls are answered so; the poll goes on afterwards."""
    account = await Account.register(here.http, here.homeserver.url, name)
    client = SlidingClient(here.http, here.service.url, account.token)
    await client.sync(lists=ALL)
    trap = here.homeserver.break_(Fault(raw=raw), user_id=account.user_id, times=2)
    while trap.hits < 2:
        await own_room(client, account)
    await own_room(client, account)


@pytest.mark.rules("U-36", "U-40", "U-24")
async def test_a_poll_that_trickles_is_given_up_in_time_and_repeated(here: Stage) -> None:
    started = time.monotonic()
    slow = [
        asyncio.create_task(struck(here, f"slow-{kind}", raw)) for kind, raw in TRICKLES.items()
    ]
    while not all(task.done() for task in slow):
        await others_notice_nothing(here)
        await asyncio.sleep(0.2)  # the pace of the others
    await asyncio.gather(*slow)
    took = time.monotonic() - started
    print(f"trickle: two polls each, all was there after {took:.1f} s")
    assert took > 2 * TIMEOUT_S


@pytest.mark.rules("U-36", "U-40")
@pytest.mark.parametrize("kind", FLOODS)
async def test_a_poll_that_floods_costs_no_memory_and_is_repeated(here: Stage, kind: str) -> None:
    most = before = memory_mib(here.service.pid)
    flooded = asyncio.create_task(struck(here, f"flood-{kind}", FLOODS[kind]))
    while not flooded.done():
        await others_notice_nothing(here)
        most = max(most, memory_mib(here.service.pid))
        await asyncio.sleep(0.05)  # the pace of the others
    await flooded
    print(f"flood of {kind}: {most - before:.1f} MiB more at most")
    assert most - before < GROWTH_MIB


@pytest.mark.rules("U-36", "H-26", "U-2")
@pytest.mark.parametrize(
    "raw",
    [TRICKLES["headers"], *EXCESSES.values()],
    ids=["trickle", *(f"flood of {name}" for name in EXCESSES)],
)
async def test_logins_that_the_homeserver_cannot_confirm_are_refused_in_time(
    here: Stage, raw: Raw
) -> None:
    trap = here.homeserver.break_(Fault(raw=raw), path="/account/whoami", times=None)
    before = memory_mib(here.service.pid)
    newcomers = [asyncio.create_task(_refused(here, f"unknown-{n}")) for n in range(LOGINS)]
    started = time.monotonic()
    await others_notice_nothing(here)
    await asyncio.gather(*newcomers)
    took = time.monotonic() - started
    trap.clear()
    grown = memory_mib(here.service.pid) - before
    print(f"logins: refused after {took:.1f} s, {grown:.1f} MiB more")
    assert took < 2 * TIMEOUT_S + 20
    assert grown < LOGINS_GROWTH_MIB
    await SlidingClient(here.http, here.service.url, here.alice.token).sync(lists=ALL)


async def _refused(here: Stage, token: str) -> None:
    with pytest.raises(SyncError) as refused:
        await SlidingClient(here.http, here.service.url, token).sync(lists=ALL)
    assert refused.value.status in (429, 502)  # it is not even asked about all at a time
