"""Whose token is this: database and homeserver together."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from aiohttp import web

from syncv3.bus.local import DROPPED, LocalBus
from syncv3.crypt import TokenCipher, token_hash
from syncv3.errors import BadGateway, Forbidden, LimitExceeded, MatrixError, Refused, UnknownToken
from syncv3.ingest.accounts import Accounts
from syncv3.ingest.admission import Admission
from syncv3.ingest.consumers import Consumers
from syncv3.ingest.identifier import Identifier
from syncv3.store.tokens import TOKENS_A_DEVICE, delete_idle_tokens
from syncv3.types import DeviceKey
from syncv3.upstream.client import Homeserver
from tests.integration.upstream.fakes import TinyHomeserver, refusal
from tests.integration.upstream.stage import WHOAMI, accounts_of

VERSIONS = "/_matrix/client/versions"
POLLED = "INSERT INTO ss_pollers (device_key, last_used) VALUES ($1, now())"


@pytest.fixture
async def accounts(pool: asyncpg.Pool, fake: TinyHomeserver) -> AsyncIterator[Accounts]:
    async with accounts_of(pool, fake) as accounts:
        yield accounts


@pytest.mark.rules("U-2", "U-3", "U-5")
async def test_an_unknown_token_is_asked_about_once_and_kept_encrypted(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts
) -> None:
    device = await accounts.device_of("me/D")
    assert (device.user_id, device.device_id) == ("@me:x", "D")
    assert await accounts.device_of("me/D") == device
    assert fake.paths("/whoami") == [WHOAMI]
    async with accounts_of(pool, fake) as restarted:
        assert await restarted.device_of("me/D") == device
    row = await pool.fetchrow("SELECT * FROM ss_tokens")
    assert row["hash"] == token_hash("me/D") and "me/D" not in row["token"]


async def no_device(request: web.Request) -> web.Response:
    return web.json_response({"user_id": "@me:x"})


@pytest.mark.rules("S-3")
async def test_a_token_may_have_no_device(fake: TinyHomeserver, accounts: Accounts) -> None:
    fake.handlers[WHOAMI] = no_device
    devices = [await accounts.device_of(token) for token in ("made-by-an-admin", "another")]
    assert (devices[0].user_id, devices[0].device_id) == ("@me:x", "")
    assert devices[0] == devices[1]
    assert fake.paths() == [WHOAMI, VERSIONS, WHOAMI]  # the version is asked for once


async def test_a_token_without_a_device_may_sync_elsewhere_although_it_does_so_here(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts
) -> None:
    """There are no messages that two syncs could take from each other."""
    identifier = Identifier(Homeserver(fake.url, user_agent="test"))
    consumers = Consumers(pool, identifier, timedelta(days=1))
    for token, polled in (("me/D", True), ("bare", False)):
        device = await accounts.device_of(token)
        await pool.execute(POLLED, device.device_key)
        assert await consumers.polls(token, "") is polled
        fake.handlers[WHOAMI] = no_device


@pytest.mark.rules("U-2")
async def test_an_old_homeserver_names_no_device_though_there_is_one(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    async def old(request: web.Request) -> web.Response:
        return web.json_response({"versions": ["r0.6.1", "v1.0"]})

    fake.handlers |= {WHOAMI: no_device, VERSIONS: old}
    with pytest.raises(BadGateway, match="older than 1"):
        await accounts.device_of("me/D")


async def test_requests_at_the_same_time_share_one_question(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    fake.whoami_gate.clear()
    asking = [asyncio.create_task(accounts.device_of("me/D")) for _ in range(10)]
    await fake.asked.wait()
    asking.pop().cancel()
    fake.whoami_gate.set()
    assert len(set(await asyncio.gather(*asking))) == 1 == len(fake.requests)


@pytest.mark.rules("U-3")
async def test_several_workers_may_store_the_same_token(
    pool: asyncpg.Pool, fake: TinyHomeserver
) -> None:
    async def find(token: str) -> DeviceKey:
        async with accounts_of(pool, fake) as accounts:
            return (await accounts.device_of(token)).device_key

    keys = await asyncio.gather(*(find(f"me/D/{n % 2}") for n in range(8)))
    assert len(set(keys)) == 1
    assert await pool.fetchval("SELECT count(*) FROM ss_tokens") == 2


@pytest.mark.rules("H-25")
async def test_a_rejected_token_is_not_asked_about_again_and_again(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    fake.rejected, fake.soft_logout = {"me/D"}, True
    for _ in range(3):
        with pytest.raises(UnknownToken) as error:
            await accounts.device_of("me/D")
        assert error.value.soft_logout
    assert len(fake.requests) == 1


@pytest.mark.rules("H-26", "H-25")
@pytest.mark.parametrize(
    ("status", "errcode", "kind"),
    [
        (500, "", BadGateway),
        (403, "M_FORBIDDEN", BadGateway),
        (401, "", UnknownToken),
        (401, "M_USER_LOCKED", Refused),
        (429, "M_LIMIT_EXCEEDED", LimitExceeded),
    ],
)
async def test_what_is_told_when_a_token_is_not_identified(
    fake: TinyHomeserver, accounts: Accounts, status: int, errcode: str, kind: type[MatrixError]
) -> None:
    async def trouble(request: web.Request) -> web.Response:
        return refusal(status, errcode)

    fake.handlers[WHOAMI] = trouble
    with pytest.raises(kind):
        await accounts.device_of("me/D")
    del fake.handlers[WHOAMI]
    if kind in (BadGateway, Refused):
        assert (await accounts.device_of("me/D")).user_id == "@me:x"


async def test_what_is_no_token_is_not_asked_about(
    fake: TinyHomeserver, accounts: Accounts
) -> None:
    with pytest.raises(UnknownToken):
        await accounts.device_of("a\r\nb")
    assert not fake.requests


@pytest.mark.rules("U-7", "O-C7", "O-9C")
async def test_a_changed_secret_costs_nothing_when_the_token_comes_again(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts
) -> None:
    device = await accounts.device_of("me/D")
    async with accounts_of(pool, fake, "new") as changed:
        assert await changed.tokens_of(device.device_key) == []
        await changed.device_of("me/D")
        assert await changed.tokens_of(device.device_key) == ["me/D"]
    async with accounts_of(pool, fake, "newer", "new") as changed:
        assert await changed.tokens_of(device.device_key) == ["me/D"]


USED = timedelta(hours=1)


async def set_used(pool: asyncpg.Pool, *, seen: timedelta, used: timedelta) -> None:
    """When the tokens were last seen, and the pollers of their devices last used."""
    await pool.execute("UPDATE ss_tokens SET last_seen = now() - $1::interval", seen)
    await pool.execute("UPDATE ss_pollers SET last_used = now() - $1::interval", used)


@pytest.mark.rules("U-8", "U-60")
@pytest.mark.parametrize(
    ("seen", "used", "written"),
    [
        (USED * 0.9, USED * 0.9, False),
        (USED * 1.1, USED * 1.1, True),
        (USED * 0.5, USED * 24 * 31, True),  # as an older version has left it
    ],
    ids=["lately", "an hour ago", "only the token"],
)
async def test_use_is_written_once_an_hour_for_token_and_poller(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts,
    seen: timedelta, used: timedelta, *, written: bool,
) -> None:  # fmt: skip
    device = await accounts.device_of("me/D")
    await pool.execute(
        "INSERT INTO ss_pollers (device_key, last_used) VALUES ($1, now())", device.device_key
    )
    await set_used(pool, seen=seen, used=used)
    async with accounts_of(pool, fake) as restarted:
        await restarted.device_of("me/D")
    for fresh in (
        "SELECT last_seen > now() - interval '1 minute' FROM ss_tokens",
        "SELECT last_used > now() - interval '1 minute' FROM ss_pollers",
    ):
        assert await pool.fetchval(fresh) is written


@pytest.mark.rules("U-60", "U-9")
async def test_only_tokens_that_were_not_used_for_so_long_are_forgotten(
    pool: asyncpg.Pool, accounts: Accounts
) -> None:
    month = timedelta(days=30)
    for token in ("idle/D/1", "idle/D/2", "living/D/1", "living/D/2", "new/D/1"):
        await accounts.device_of(token)
    device = await accounts.device_of("living/D/1")
    await set_used(pool, seen=month * 1.1, used=month * 1.1)
    for token in ("living/D/2", "new/D/1"):
        await pool.execute(
            "UPDATE ss_tokens SET last_seen = now() WHERE hash = $1", token_hash(token)
        )
    assert await delete_idle_tokens(pool, month) == 3
    assert await accounts.tokens_of(device.device_key) == ["living/D/2"]
    assert await pool.fetchval("SELECT count(*) FROM ss_tokens") == 2


async def test_a_device_that_refreshes_its_token_all_the_time_keeps_a_few(
    pool: asyncpg.Pool, accounts: Accounts
) -> None:
    for number in range(TOKENS_A_DEVICE + 5):
        device = await accounts.device_of(f"me/D/{number}")
    kept = await accounts.tokens_of(device.device_key)
    assert kept == [f"me/D/{n}" for n in reversed(range(5, TOKENS_A_DEVICE + 5))]


@pytest.mark.rules("U-4", "U-9", "U-21")
async def test_a_dropped_token_is_forgotten_and_its_device_stays(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts
) -> None:
    device = await accounts.device_of("me/D/1")
    await pool.execute("UPDATE ss_tokens SET last_seen = now() - interval '1 hour'")
    assert await accounts.device_of("me/D/2") == device
    assert await accounts.tokens_of(device.device_key) == ["me/D/2", "me/D/1"]
    await accounts.drop("me/D/2", UnknownToken("gone"))
    assert await accounts.tokens_of(device.device_key) == ["me/D/1"]
    with pytest.raises(UnknownToken):
        await accounts.device_of("me/D/2")
    assert await accounts.device_of("me/D/1") == device


@pytest.mark.rules("U-9", "U-41", "H-25")
async def test_a_token_that_another_worker_drops_is_not_believed_any_more(
    pool: asyncpg.Pool, fake: TinyHomeserver
) -> None:
    bus = LocalBus()
    async with (
        accounts_of(pool, fake, bus=bus) as owner,
        accounts_of(pool, fake, bus=bus) as other,
    ):
        for accounts in (owner, other):
            await accounts.device_of("me/D")
        fake.rejected = {"me/D"}
        await owner.drop("me/D", UnknownToken("gone"))
        with pytest.raises(UnknownToken):
            await other.device_of("me/D")


async def test_what_is_found_while_another_worker_drops_a_token_is_looked_up_again(
    pool: asyncpg.Pool, fake: TinyHomeserver
) -> None:
    bus = LocalBus()
    async with accounts_of(pool, fake, bus=bus) as accounts:
        fake.whoami_gate.clear()
        finding = asyncio.create_task(accounts.device_of("me/D"))
        await fake.asked.wait()
        bus.publish(DROPPED, "7")
        fake.whoami_gate.set()
        await finding
        await pool.execute("DELETE FROM ss_tokens")
        fake.rejected = {"me/D"}
        with pytest.raises(UnknownToken):
            await accounts.device_of("me/D")


async def test_whom_the_operator_does_not_want_is_refused_and_asked_about_once(
    pool: asyncpg.Pool, fake: TinyHomeserver
) -> None:
    admission = Admission(allowed=["@you:x"])
    async with Homeserver(fake.url, user_agent="test") as homeserver:
        identifier = Identifier(homeserver)
        accounts = Accounts(
            pool, identifier, TokenCipher("secret"), LocalBus(), admission=admission
        )
        for _ in range(3):
            with pytest.raises(Forbidden, match="may not use sliding sync here"):
                await accounts.device_of("me/D")
        assert fake.paths("/whoami") == [WHOAMI]
        assert await pool.fetchval("SELECT count(*) FROM ss_tokens") == 0
        assert (await accounts.device_of("you/D")).user_id == "@you:x"
        await accounts.close()


async def test_who_was_turned_away_may_sync_elsewhere(
    pool: asyncpg.Pool, fake: TinyHomeserver, accounts: Accounts
) -> None:
    """Their device was polled here lately, and is not any more."""
    device = await accounts.device_of("me/D")
    await pool.execute(POLLED, device.device_key)
    async with Homeserver(fake.url, user_agent="test") as homeserver:
        identifier = Identifier(homeserver)
        for denied, polled in (((), True), (("@me:*",), False)):
            admission = Admission(denied=denied)
            consumers = Consumers(pool, identifier, timedelta(days=1), admission)
            assert await consumers.polls("me/D", "") is polled
