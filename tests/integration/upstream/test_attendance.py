"""However a poll ended, a client that goes on by ``pos`` is polled for again, or told why not.

The table in docs/architecture/pollers.md lists the ways in which a poll ends.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import asyncpg
import pytest
from aiohttp import web

from syncv3.errors import BadGateway, MatrixError, Refused, Unavailable, UnknownToken
from syncv3.ingest import imports
from tests.integration.upstream.fakes import TinyHomeserver, refusal
from tests.integration.upstream.stage import (
    PATIENCE,
    SYNC,
    Deployment,
    Worker,
)
from tests.support.waiting import until

MONTH = "interval '31 days'"


class End(NamedTuple):
    """A way in which a poll ends: what is done to the database, and whether the homeserver
    rejects the token; how it is mended; with which token the client comes again."""

    strikes: tuple[str, ...]
    rejects: bool = False
    mended: str = "SELECT 1"
    token: str = "me/D"


ENDS = {
    "unused for a month": End((
        f"UPDATE ss_pollers SET last_used = now() - {MONTH}",
        f"UPDATE ss_tokens SET last_seen = now() - {MONTH}",
    )),
    "its token is rejected": End((), rejects=True, token="me/D/new"),
    "its lease was taken and given back": End((
        "UPDATE ss_pollers SET owner = NULL, lease_no = lease_no + 1",
    )),
    "its lease has another number": End(("UPDATE ss_pollers SET lease_no = lease_no + 1",)),
    "its lease could not be given back": End(
        ("ALTER TABLE ss_pollers RENAME TO away",), rejects=True,
        mended="ALTER TABLE away RENAME TO ss_pollers", token="me/D/new",
    ),
    "it crashed": End(
        ("ALTER TABLE ss_tokens RENAME TO away",), rejects=True,
        mended="ALTER TABLE away RENAME TO ss_tokens", token="me/D/new",
    ),
    "no heartbeat gets through": End(
        ("ALTER TABLE ss_workers RENAME TO away",),
        mended="ALTER TABLE away RENAME TO ss_workers",
    ),
    "its row is lost": End(("DELETE FROM ss_pollers",)),
}  # fmt: skip


async def strike(
    end: End, worker: Worker, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    """End the poll of this worker's only device."""
    is_running = worker.pollers.is_running
    key = await database.fetchval("SELECT device_key FROM ss_pollers")
    if end.rejects:
        fake.rejected = {"me/D"}
    for statement in end.strikes:
        await database.execute(statement)
    fake.news.set()
    await until(lambda: not is_running(key))
    fake.news.clear()


async def persistently(worker: Worker, token: str) -> list[MatrixError]:
    """As clients do: again after each refusal that says so. What was refused."""
    refusals: list[MatrixError] = []
    async with asyncio.timeout(10):
        while True:
            try:
                await worker.attend(token)
                return refusals
            except Unavailable as refused:
                refusals.append(refused)
                await asyncio.sleep(0.05)  # between two tries


@pytest.mark.rules("U-60", "U-21", "U-28", "U-29", "U-61", "C-5", "UZ-9")
@pytest.mark.parametrize("name", ENDS)
async def test_however_a_poll_ended_a_request_by_pos_begins_it_again(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver, name: str
) -> None:
    end = ENDS[name]
    async with deployment.worker(tend_s=0.1, claims_a_round=0) as worker:
        device = await worker.ensure("me/D")
        await strike(end, worker, database, fake)
        await database.execute(end.mended)
        await persistently(worker, end.token)
        assert worker.pollers.is_running(device.device_key)
        syncs = [asked for asked in fake.requests if asked.path == SYNC]
        assert syncs[-1].headers["Authorization"] == f"Bearer {end.token}"


@pytest.mark.rules("U-29")
@pytest.mark.parametrize(
    "name", ["its lease was taken and given back", "its lease has another number"]
)
async def test_what_no_client_waits_for_is_begun_again_too(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver, name: str
) -> None:
    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
        before = len(worker.parts)
        for statement in ENDS[name].strikes:
            await database.execute(statement)
        fake.news.set()
        await until(lambda: len(worker.parts) > before)
        assert worker.pollers.is_running(device.device_key)


@pytest.mark.rules("U-41", "H-27")
async def test_a_request_by_pos_with_a_rejected_token_is_told(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
        await strike(ENDS["its token is rejected"], worker, database, fake)
        with pytest.raises(UnknownToken):
            await worker.attend("me/D")


async def test_a_poll_that_cannot_be_begun_is_told_at_once(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    end = ENDS["no heartbeat gets through"]
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
        await strike(end, worker, database, fake)
        with pytest.raises((Unavailable, asyncpg.PostgresError)):  # of which the edge makes 503
            await worker.attend("me/D")
        await database.execute(end.mended)


async def test_a_device_that_the_database_has_lost_is_found_anew(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        lost = await worker.ensure("me/D")
        await database.execute("DELETE FROM ss_tokens")
        await database.execute("DELETE FROM ss_devices")
        await strike(ENDS["its row is lost"], worker, database, fake)
        assert len(await persistently(worker, "me/D")) == 1
        found = await worker.accounts.device_of("me/D")
        assert found != lost and worker.pollers.is_running(found.device_key)


async def test_a_device_is_never_polled_under_the_keys_of_another(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        mine = await worker.ensure("me/D")
        await database.execute("UPDATE ss_users SET user_id = '@other:x'")  # a restored backup
        await strike(ENDS["its row is lost"], worker, database, fake)
        with pytest.raises(Unavailable):
            await worker.attend("me/D")
        assert not worker.pollers.is_running(mine.device_key)


# Other workers


@pytest.mark.rules("U-20", "U-60")
async def test_a_poll_elsewhere_is_looked_at_now_and_then_and_left_alone(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker("w1") as owner, deployment.worker("w2") as other:
        device = await owner.ensure("me/D")
        assert owner.pollers.attend(device, "me/D") is None
        await other.attend("me/D")
        assert other.pollers.attend(device, "me/D") is None  # believed for a while
        await asyncio.sleep(PATIENCE.look_s + 0.05)  # that is over
        assert other.pollers.attend(device, "me/D") is not None
        await other.attend("me/D")
        assert not other.pollers.is_running(device.device_key)
        assert await database.fetchval("SELECT lease_no FROM ss_pollers") == 1


@pytest.mark.rules("U-60", "U-29")
@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
async def test_the_poll_of_a_worker_that_is_gone_is_begun_here(
    deployment: Deployment, database: asyncpg.Connection, killed: bool
) -> None:
    async with deployment.worker("w2", claims_a_round=0) as other:
        async with deployment.worker("w1", claims_a_round=0) as owner:
            await owner.ensure("me/D")
            await other.attend("me/D")
        if killed:
            await database.execute("INSERT INTO ss_workers VALUES ('w1', now(), now())")
            await database.execute("UPDATE ss_pollers SET owner = 'w1'")
        await asyncio.sleep(PATIENCE.look_s)  # what was seen is not believed any more

        async def asks() -> bool:
            device = await other.attend("me/D")
            return other.pollers.is_running(device.device_key)

        await until(asks, every_s=0.1)


async def test_who_cannot_be_polled_for_as_its_owner_may_be_alive_is_told(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    """After a stall of the database, say: nobody may take over before a while."""
    patience = replace(PATIENCE, unpolled_s=0.3)
    async with deployment.worker("w1") as worker:
        await worker.ensure("me/D")
    await database.execute("UPDATE ss_pollers SET owner = 'silent'")
    await database.execute(
        "INSERT INTO ss_workers VALUES ('silent', now(), now() - interval '40 s')"
    )
    lease = timedelta(seconds=30)
    async with deployment.worker("w2", lease=lease, patience=patience) as worker:
        with pytest.raises(Unavailable):
            await worker.attend("me/D")


async def test_devices_whose_tokens_nobody_can_read_leave_places_for_others(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        for number in range(4):
            await worker.ensure(f"u{number}/D")
    await database.execute("UPDATE ss_tokens SET token = 'damaged'")
    await database.execute("UPDATE ss_pollers SET last_used = now() - interval '1 minute'")
    async with deployment.worker("w2") as worker:
        device = await worker.ensure("late/D")
    await database.execute(
        "UPDATE ss_pollers SET last_used = now() - interval '1 day' WHERE device_key = $1",
        device.device_key,
    )
    async with deployment.worker("w3", claims_a_round=2) as worker:
        await until(lambda: worker.pollers.is_running(device.device_key))
        claims = await database.fetchval("SELECT max(lease_no) FROM ss_pollers")
        await asyncio.sleep(1)  # rounds of claims
        assert await database.fetchval("SELECT max(lease_no) FROM ss_pollers") == claims
        unreadable = await worker.attend("u1/D")  # whose client brings the token
        assert worker.pollers.is_running(unreadable.device_key)


# Polls that go on and fail


def refusing(status: int, errcode: str) -> "web.Response":
    return refusal(status, errcode) if errcode else web.Response(status=status)


@pytest.mark.rules("U-43", "UZ-6")
@pytest.mark.parametrize(
    ("status", "errcode", "kind"),
    [
        (403, "M_CONSENT_NOT_GIVEN", Refused),
        (401, "M_USER_LOCKED", Refused),
        (403, "", BadGateway),
        (403, "M_UNKNOWN_TOKEN", BadGateway),
        (502, "", BadGateway),
        (429, "M_LIMIT_EXCEEDED", BadGateway),
    ],
)
async def test_a_poll_that_fails_all_the_time_is_told_and_keeps_its_tokens(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver,
    status: int, errcode: str, kind: type[MatrixError],
) -> None:  # fmt: skip
    async def answer(request: web.Request) -> web.Response:
        return refusing(status, errcode)

    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
        assert worker.pollers.trouble(device) is None
        fake.handlers[SYNC] = answer
        fake.news.set()
        await until(lambda: worker.pollers.trouble(device) is not None)
        trouble = worker.pollers.trouble(device)
        assert isinstance(trouble, kind)
        if kind is Refused:
            assert (trouble.status, trouble.errcode) == (status, errcode)
        assert worker.pollers.attend(device, "me/D") is None  # it goes on
        assert await database.fetchval("SELECT count(*) FROM ss_tokens") == 1
        del fake.handlers[SYNC]
        await until(lambda: worker.pollers.trouble(device) is None)


@pytest.mark.rules("U-43", "U-27")
async def test_a_first_sync_that_is_refused_is_told(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return refusal(403, "M_CONSENT_NOT_GIVEN")

    fake.handlers[SYNC] = refuse
    async with deployment.worker() as worker:
        with pytest.raises(Refused) as refused:
            await worker.ensure("me/D")
        assert refused.value.errcode == "M_CONSENT_NOT_GIVEN"


@pytest.mark.rules("U-43")
@pytest.mark.parametrize("since", ["s1", None], ids=["later", "first sync"])
async def test_a_poll_elsewhere_that_brings_nothing_for_long_is_told(
    deployment: Deployment, database: asyncpg.Connection, since: str | None
) -> None:
    """A first sync may take long: it says nothing more until all of it is there."""
    async with deployment.worker("w1") as owner, deployment.worker("w2") as other:
        device = await owner.ensure("me/D")
        await database.execute("UPDATE ss_pollers SET since = $1", since)
        begun = asyncio.get_running_loop().time()
        await other.attend("me/D")
        assert other.pollers.trouble(device) is None
        while asyncio.get_running_loop().time() - begun < 4 * PATIENCE.silent_s:
            await asyncio.sleep(0.1)  # the pause of its client
            await other.attend("me/D")
        assert isinstance(other.pollers.trouble(device), BadGateway) is (since is not None)


@pytest.mark.rules("S-327")
@pytest.mark.parametrize("begins", [True, False], ids=["a-new-connection", "by-pos"])
async def test_a_first_sync_is_seen_on_every_worker_until_its_end_was_told(
    deployment: Deployment,
    database: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    begins: bool,
) -> None:
    async with deployment.worker("w1") as owner, deployment.worker("w2") as other:
        device = await owner.ensure("me/D")
        assert owner.pollers.importing(device)
        await other.ensure("me/D")
        assert not other.pollers.importing(device)  # nothing was seen of it
        await database.execute("UPDATE ss_pollers SET since = NULL, generated_us = 1")
        await (other.ensure("me/D") if begins else other.attend("me/D"))
        await database.execute("UPDATE ss_pollers SET since = 's1'")
        await asyncio.sleep(PATIENCE.look_s)  # what was seen is not believed any more
        await other.attend("me/D")
        assert other.pollers.importing(device)
        monkeypatch.setattr(imports, "TOLD_S", 0.0)
        assert not other.pollers.importing(device)


@pytest.mark.rules("S-327")
async def test_a_poll_that_goes_on_is_no_first_sync(deployment: Deployment) -> None:
    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
        assert not worker.pollers.importing(device)
