"""A known token is believed for a while only: then the homeserver is asked again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from aiohttp import web

from syncv3.bus.local import LocalBus
from syncv3.errors import UnknownToken
from syncv3.ingest.accounts import Accounts
from syncv3.ingest.confirmations import Belief
from tests.integration.upstream.fakes import TinyHomeserver, refusal
from tests.integration.upstream.stage import WHOAMI, Deployment, accounts_of, hang
from tests.support.tasks import begun
from tests.support.waiting import until

BRIEF = Belief(confirm_s=0.3, ahead_s=0.0, wait_s=5.0, again_s=0.3, tell_s=0.0)
OVER_S = BRIEF.confirm_s + 0.05

pytestmark = pytest.mark.rules("U-2", "U-12")


@pytest.fixture
async def accounts(pool: asyncpg.Pool, fake: TinyHomeserver) -> AsyncIterator[Accounts]:
    async with accounts_of(pool, fake, belief=BRIEF) as accounts:
        yield accounts


async def test_a_superseded_token_is_refused_though_the_device_lives_on(
    fake: TinyHomeserver, accounts: Accounts, pool: asyncpg.Pool
) -> None:
    for token in ("me/D/old", "me/D/new"):
        await accounts.device_of(token)
    fake.rejected, fake.soft_logout = {"me/D/old"}, True
    await accounts.device_of("me/D/old")  # it was confirmed a moment ago
    await asyncio.sleep(OVER_S)  # its confirmation is too old
    with pytest.raises(UnknownToken) as rejected:
        await accounts.device_of("me/D/old")
    assert rejected.value.soft_logout
    device = await accounts.device_of("me/D/new")
    assert await accounts.tokens_of(device.device_key) == ["me/D/new"]


async def test_a_superseded_token_is_refused_after_a_restart(
    fake: TinyHomeserver, accounts: Accounts, pool: asyncpg.Pool
) -> None:
    await accounts.device_of("me/D/old")
    fake.rejected = {"me/D/old"}
    async with accounts_of(pool, fake) as restarted:  # which believes for five minutes
        with pytest.raises(UnknownToken):
            await restarted.device_of("me/D/old")


async def test_a_token_is_asked_about_once_for_all_who_come(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    await accounts.device_of("me/D")
    await asyncio.sleep(OVER_S)  # its confirmation is too old
    fake.whoami_gate.clear()
    asking = [asyncio.create_task(accounts.device_of("me/D")) for _ in range(10)]
    await until(lambda: len(fake.paths("/whoami")) == 2)
    fake.whoami_gate.set()
    await asyncio.gather(*asking)
    assert len(fake.paths("/whoami")) == 2


async def test_it_is_asked_about_in_time_while_requests_go_on(
    fake: TinyHomeserver, pool: asyncpg.Pool
) -> None:
    belief = replace(BRIEF, confirm_s=60.0, ahead_s=60.0 - 0.1)
    async with accounts_of(pool, fake, belief=belief) as accounts:
        await accounts.device_of("me/D")
        await asyncio.sleep(0.15)  # its confirmation is soon too old
        fake.whoami_gate.clear()
        async with asyncio.timeout(5):
            [asking] = await begun(accounts.device_of("me/D"))
        await until(lambda: len(fake.paths("/whoami")) == 2)
        fake.whoami_gate.set()
        await asyncio.wait_for(asking, 5)
        await accounts.device_of("me/D")
        assert len(fake.paths("/whoami")) == 2


@pytest.mark.parametrize(
    ("status", "errcode"), [(500, ""), (401, ""), (403, "M_FORBIDDEN"), (401, "M_USER_LOCKED")]
)
async def test_a_homeserver_that_does_not_say_leaves_a_token_valid(
    fake: TinyHomeserver, accounts: Accounts, status: int, errcode: str
) -> None:
    async def trouble(request: web.Request) -> web.Response:
        return refusal(status, errcode)

    device = await accounts.device_of("me/D")
    fake.handlers[WHOAMI] = trouble
    await asyncio.sleep(OVER_S)  # its confirmation is too old
    for _ in range(3):
        assert await accounts.device_of("me/D") == device
    assert len(fake.paths("/whoami")) == 2  # not with each request
    await asyncio.sleep(BRIEF.again_s)  # it is asked about again
    assert await accounts.device_of("me/D") == device
    assert len(fake.paths("/whoami")) == 3


async def test_a_homeserver_that_hangs_holds_up_a_moment_and_then_nobody(
    fake: TinyHomeserver, pool: asyncpg.Pool
) -> None:
    async with accounts_of(pool, fake, belief=replace(BRIEF, wait_s=0.2)) as accounts:
        device = await accounts.device_of("me/D")
        fake.handlers[WHOAMI] = hang
        await asyncio.sleep(OVER_S)  # its confirmation is too old
        async with asyncio.timeout(5):
            assert await accounts.device_of("me/D") == device
        begun = asyncio.get_running_loop().time()
        assert await accounts.device_of("me/D") == device
        assert asyncio.get_running_loop().time() - begun < 0.2
        assert len(fake.paths("/whoami")) == 2


async def test_a_token_that_became_another_devices_is_refused(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    async def other(request: web.Request) -> web.Response:
        return web.json_response({"user_id": "@other:x", "device_id": "D"})

    await accounts.device_of("me/D")
    fake.handlers[WHOAMI] = other
    await asyncio.sleep(OVER_S)  # its confirmation is too old
    with pytest.raises(UnknownToken):
        await accounts.device_of("me/D")


async def test_the_token_that_polls_needs_no_question(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker("w1") as worker:
        await worker.ensure("me/D")
    async with deployment.worker("w2") as worker:
        await until(lambda: bool(worker.parts))
        await worker.accounts.device_of("me/D")
    assert len(fake.paths("/whoami")) == 1


async def test_other_workers_hear_which_token_polls(
    pool: asyncpg.Pool, fake: TinyHomeserver
) -> None:
    bus = LocalBus()
    bus.others = True
    async with (
        accounts_of(pool, fake, bus=bus, belief=BRIEF) as owner,
        accounts_of(pool, fake, bus=bus, belief=BRIEF) as other,
    ):
        await owner.device_of("me/D")
        await asyncio.sleep(OVER_S)  # its confirmation is too old
        owner.confirm("me/D", asyncio.get_running_loop().time())
        await other.device_of("me/D")
        assert len(fake.paths("/whoami")) == 1
