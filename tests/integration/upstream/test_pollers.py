"""Who polls: leases in a real database, a homeserver over real HTTP."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from syncv3.batch import Part
from syncv3.errors import BadGateway, Forbidden, Unavailable, UnknownToken
from syncv3.ingest import claims
from syncv3.ingest.admission import Admission
from syncv3.ingest.options import SILENCE
from syncv3.ingest.running import Running
from syncv3.store.pollers import Claim, claim_free_pollers, claim_poller
from syncv3.store.workers import soonest_expiry
from tests.integration.upstream.fakes import TinyHomeserver, refusal
from tests.integration.upstream.stage import QUICK, SYNC, Deployment, Guarded, hang
from tests.support.waiting import until


@pytest.mark.rules("U-20", "U-22")
async def test_requests_at_the_same_time_start_one_poller(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        await asyncio.gather(*(worker.ensure("me/D") for _ in range(5)))
        assert [part.next_since for part in worker.parts] == ["s1"]
        await until(lambda: len(fake.paths("/sync")) == 2)


@pytest.mark.rules("U-24", "U-75")
async def test_a_slow_first_sync_holds_up_nobody_else(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    slow = asyncio.Event()

    async def sync(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"].endswith("slow/D"):
            await slow.wait()
        return await fake.sync(request)

    fake.handlers[SYNC] = sync
    async with deployment.worker() as worker:
        waiting = asyncio.create_task(worker.ensure("slow/D"))
        await worker.ensure("me/D")
        assert not waiting.done()
        slow.set()
        await waiting


@pytest.mark.rules("U-27", "UZ-9")
async def test_nobody_waits_for_ever(deployment: Deployment, fake: TinyHomeserver) -> None:
    fake.handlers[SYNC] = hang
    async with deployment.worker(first_wait_s=0.2) as worker:
        with pytest.raises(Unavailable):
            await worker.ensure("me/D")


@pytest.mark.rules("U-25", "H-27", "U-17E", "U-14")
async def test_a_token_rejected_at_the_first_sync_is_unknown_and_a_good_one_starts_anew(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async def reject(request: web.Request) -> web.Response:
        return refusal(401, "M_UNKNOWN_TOKEN", soft_logout=True)

    async with deployment.worker() as worker:
        fake.handlers[SYNC] = reject
        with pytest.raises(UnknownToken) as error:
            await worker.ensure("me/D/1")
        assert error.value.soft_logout
        assert [device.device_id for device in worker.expired] == ["D"]
        del fake.handlers[SYNC]
        await worker.ensure("me/D/2")
        assert len(worker.parts) == 1


async def test_an_unreachable_homeserver_is_a_bad_gateway(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async def slam(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    fake.handlers[SYNC] = slam
    async with deployment.worker() as worker:
        with pytest.raises(BadGateway):
            await worker.ensure("me/D")


@pytest.mark.rules("U-13", "U-53", "U-17F", "U-17G")
async def test_a_new_token_goes_on_from_the_stored_since(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D/1")
    async with deployment.worker("w2") as worker:
        fake.rejected = {"me/D/1"}
        await worker.ensure("me/D/2")
        await until(lambda: fake.requests[-1].headers["Authorization"].endswith("me/D/2"))
        await until(lambda: fake.requests[-1].path == SYNC)
        assert fake.requests[-1].query["since"] >= "s1"


async def test_a_device_that_was_polled_before_waits_a_moment_at_most(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
    fake.handlers[SYNC] = hang
    async with deployment.worker("w2") as worker:
        started = time.monotonic()
        await worker.ensure("me/D")
        assert time.monotonic() - started < 2


@pytest.mark.rules("U-23")
async def test_a_second_device_waits_for_nothing_and_fetches_no_rooms(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D1")
        fake.handlers[SYNC] = hang
        await worker.ensure("me/D2")

        def filters() -> list[str]:
            return [asked.query["filter"] for asked in fake.requests if asked.path == SYNC
                    and asked.headers["Authorization"].endswith("me/D2")]  # fmt: skip

        await until(lambda: bool(filters()))
        assert '"rooms":[]' in filters()[0]


@pytest.mark.rules("U-23")
async def test_what_is_the_devices_own_is_waited_for_but_not_long(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        first = await worker.ensure("me/D1")
        started = time.monotonic()
        assert not await worker.pollers.first_answer(first)
        second = await worker.ensure("me/D2")
        assert await worker.pollers.first_answer(second)
        assert {part.device_id for part in worker.parts} == {"D1", "D2"}
        assert time.monotonic() - started < QUICK.current_wait_s
        fake.handlers[SYNC] = hang
        third = await worker.ensure("me/D3")
        assert await worker.pollers.first_answer(third)
        assert time.monotonic() - started >= QUICK.current_wait_s


@pytest.mark.rules("U-23")
async def test_what_another_worker_brings_is_waited_for_too(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker("w1") as one, deployment.worker("w2") as two:
        await one.ensure("me/D1")
        device = await one.ensure("me/D2")
        await two.pollers.first_answer(device)
        assert {part.device_id for part in one.parts} == {"D1", "D2"}
        assert not await two.pollers.first_answer(device)


@pytest.mark.rules("U-26")
async def test_a_client_that_hangs_up_stops_no_poller(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        waiting = asyncio.create_task(worker.ensure("me/D"))
        await until(lambda: fake.paths("/sync"))
        waiting.cancel()
        await asyncio.wait((waiting,))
        await worker.ensure("me/D")
        assert len(worker.parts) == 1


@pytest.mark.rules("U-21", "U-7")
async def test_pollers_start_with_the_process(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        for token in ("a/D", "b/D", "c/D"):
            await worker.ensure(token)
    await database.execute(
        "UPDATE ss_tokens SET token = 'damaged' WHERE device_key = (SELECT min(id) FROM ss_devices)"
    )
    stored = {row["since"] for row in await database.fetch("SELECT since FROM ss_pollers")}
    async with deployment.worker("w2") as worker:
        await until(lambda: len(worker.parts) == 2)
        assert {part.since for part in worker.parts} <= stored - {None}


@pytest.mark.rules("U-20", "S-355")
async def test_two_workers_never_poll_the_same_device(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker("w1") as one, deployment.worker("w2") as two:
        tokens = [f"u{n}/D" for n in range(6)]
        await asyncio.gather(*(worker.ensure(t) for t in tokens for worker in (one, two)))
        assert len(one.parts) + len(two.parts) == len(tokens)
        owners = await database.fetch("SELECT owner, lease_no FROM ss_pollers")
        assert {owner["owner"] for owner in owners} <= {"w1", "w2"}
        assert {owner["lease_no"] for owner in owners} == {1}


async def test_workers_that_claim_at_once_share_and_do_not_wait_for_each_other(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        await asyncio.gather(*(worker.ensure(f"u{n}/D") for n in range(5)))
    year, lease = timedelta(days=365), timedelta(seconds=10)
    other = await asyncpg.connect(deployment.url)
    try:
        async with asyncio.timeout(10), database.transaction():
            first = await claim_free_pollers(database, "w1", lease, idle=year, limit=2, besides=[])
            rest = await claim_free_pollers(other, "w2", lease, idle=year, limit=9, besides=[])
    finally:
        await other.close()
    assert (len(first), len(rest)) == (2, 3)
    assert not {c.device.device_key for c in first} & {c.device.device_key for c in rest}


async def test_stopping_gives_the_leases_back(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
    assert await database.fetchval("SELECT owner FROM ss_pollers") is None
    assert await database.fetchval("SELECT count(*) FROM ss_workers") == 0


async def test_what_is_claimed_while_a_worker_stops_is_not_polled(
    deployment: Deployment, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the last commit of busy/D is waited for, a round of claims finds me/D."""
    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
    begun, commit = asyncio.Event(), Guarded.commit

    async def slowly(ingest: Guarded, part: Part) -> None:
        begun.set()
        await asyncio.sleep(0.3)  # a slow database
        await commit(ingest, part)

    closing, close = asyncio.Event(), Running.close

    def closed(running: Running) -> None:
        close(running)
        closing.set()

    async def claimed_late(*arguments: Any, **others: Any) -> list[Claim]:
        await closing.wait()
        return await claim_free_pollers(*arguments, **others)

    monkeypatch.setattr(Running, "close", closed)
    monkeypatch.setattr(claims, "claim_free_pollers", claimed_late)
    monkeypatch.setattr(Guarded, "commit", slowly)
    async with deployment.worker() as worker:
        asking = asyncio.create_task(worker.ensure("busy/D"))
        await begun.wait()
    assert not worker.pollers.is_running(device.device_key)
    await asyncio.gather(asking, return_exceptions=True)
    assert await database.fetchval("SELECT count(owner) FROM ss_pollers") == 0


async def test_a_client_that_comes_while_a_worker_stops_is_refused(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping: list[asyncio.Task[None]] = []

    async def claimed_late(*arguments: Any, **others: Any) -> Claim | None:
        found = await claim_poller(*arguments, **others)
        stopping.append(asyncio.create_task(worker.pollers.stop()))
        await asyncio.sleep(0)  # it begins
        return found

    monkeypatch.setattr(claims, "claim_poller", claimed_late)
    async with deployment.worker() as worker:
        with pytest.raises(Unavailable):
            await worker.ensure("me/D")
        await asyncio.gather(*stopping)
        assert stopping and not worker.parts


@pytest.mark.rules("U-29")
async def test_pollers_of_a_dead_worker_are_taken_over_after_the_lease_time(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
    await database.execute("INSERT INTO ss_workers VALUES ('dead', now(), clock_timestamp())")
    await database.execute("UPDATE ss_pollers SET owner = 'dead'")
    async with deployment.worker("w2") as worker:
        await asyncio.sleep(0.5)  # less than the lease time
        assert not worker.pollers.is_running((await worker.ensure("me/D")).device_key)
        await until(lambda: bool(worker.parts))
        row = await database.fetchrow("SELECT owner, lease_no FROM ss_pollers")
        assert row["owner"] == "w2"
        assert row["lease_no"] >= 2  # more if the new owner's own beats were late, too


async def test_a_dead_workers_device_is_polled_again_before_the_lease_time_is_over(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
    lease = timedelta(seconds=5)
    async with deployment.worker("w2", lease=lease) as worker:
        await database.execute("INSERT INTO ss_workers VALUES ('dead', now(), clock_timestamp())")
        died = time.monotonic()
        await database.execute("UPDATE ss_pollers SET owner = 'dead'")
        await until(lambda: bool(worker.parts), timeout_s=20)
        assert SILENCE - 0.01 < (time.monotonic() - died) / lease.total_seconds() < 1


async def test_a_worker_claims_as_soon_as_it_has_beaten_for_long_enough(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
    await database.execute("UPDATE ss_pollers SET owner = 'dead'")  # it died long ago
    await database.execute(
        "INSERT INTO ss_workers VALUES ('dead', now(), now() - interval '9 s'),"
        " ('beating', now(), now() + interval '1 minute')"
    )
    lease = timedelta(seconds=5)
    async with deployment.worker("w2", lease=lease) as worker:
        begun = time.monotonic()
        await until(lambda: bool(worker.parts), timeout_s=20)
        assert SILENCE - 0.01 < (time.monotonic() - begun) / lease.total_seconds() < 1


async def test_the_next_claim_is_when_the_first_lease_of_a_silent_worker_ends(
    database: asyncpg.Connection,
) -> None:
    lease = timedelta(seconds=100)
    assert await soonest_expiry(database, "me", lease) is None
    for name, silent_s in (("me", 90), ("beating", 1), ("silent", 40), ("dead", 101)):
        await database.execute(
            "INSERT INTO ss_workers VALUES ($1, now(), clock_timestamp() - $2::interval)",
            name, timedelta(seconds=silent_s),
        )  # fmt: skip
    expiry_s = await soonest_expiry(database, "me", lease)
    assert expiry_s is not None and 30 < expiry_s <= 60


async def test_after_a_stall_nobody_takes_over_before_a_full_lease_of_beats(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    """The others' beats are late like ours; the first to wake must not take all."""
    async with deployment.worker("w1") as one, deployment.worker("w2") as two:
        key = (await one.ensure("me/D")).device_key

        def running() -> int:
            return one.pollers.is_running(key) + two.pollers.is_running(key)

        async with database.transaction():
            await database.execute("LOCK TABLE ss_workers IN ACCESS EXCLUSIVE MODE")
            await until(lambda: not running())
            freed = asyncio.get_running_loop().time()
        await until(lambda: running() == 1)
        lease_s = QUICK.lease.total_seconds()
        assert (
            asyncio.get_running_loop().time() - freed >= lease_s * 0.5
        )  # the beat that got through was asked for earlier


async def test_a_worker_without_heartbeat_stops_its_pollers_and_comes_back(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
        async with database.transaction():
            await database.execute("LOCK TABLE ss_workers IN ACCESS EXCLUSIVE MODE")
            await until(lambda: not worker.pollers.is_running(device.device_key))
        await until(lambda: worker.pollers.is_running(device.device_key))


async def test_a_lost_lease_stops_the_poller(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        device = await worker.ensure("me/D")
        await database.execute("INSERT INTO ss_workers VALUES ('thief', now(), now() + '1 h')")
        await database.execute("UPDATE ss_pollers SET owner = 'thief', lease_no = 9")
        fake.news.set()
        await until(lambda: not worker.pollers.is_running(device.device_key))
        assert await database.fetchval("SELECT count(*) FROM ss_tokens") == 1


@pytest.mark.rules("U-60")
async def test_a_device_whose_token_is_in_use_is_polled_however_long_ago_it_was_claimed(
    deployment: Deployment, database: asyncpg.Connection
) -> None:
    old = "UPDATE ss_pollers SET last_used = now() - interval '31 days'"
    async with deployment.worker() as worker:
        await worker.ensure("me/D")
        await database.execute(old)
    async with deployment.worker("w2", tend_s=0.1) as worker:
        device = await worker.accounts.device_of("me/D")  # which writes down that it is used
        await until(lambda: worker.pollers.is_running(device.device_key))
        await asyncio.sleep(0.3)  # it is looked after three times
        assert worker.pollers.is_running(device.device_key)
        await database.execute(old)
        await asyncio.sleep(0.3)  # it is looked after three times
        assert worker.pollers.is_running(device.device_key)
        assert await database.fetchval("SELECT count(*) FROM ss_tokens") == 1


@pytest.mark.rules("U-60", "U-61", "U-182")
async def test_unused_devices_are_no_longer_polled_until_they_come_back(
    deployment: Deployment, database: asyncpg.Connection, fake: TinyHomeserver
) -> None:
    async with deployment.worker(tend_s=0.1) as worker:
        device = await worker.ensure("me/D")
        await database.execute("UPDATE ss_pollers SET last_used = now() - interval '31 days'")
        await database.execute("UPDATE ss_tokens SET last_seen = now() - interval '31 days'")
        await until(lambda: not worker.pollers.is_running(device.device_key))
        await asyncio.sleep(0.3)  # it is looked after three times
        await worker.ensure("me/D")
        assert len(fake.paths("/whoami")) == 2
        syncs = [asked for asked in fake.requests if asked.path.endswith("/sync")]
        assert syncs[-1].query.get("since") == "s1"


async def test_who_is_turned_away_is_not_polled_any_more(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker() as worker:
        bad, good = [await worker.ensure(token) for token in ("bad/D", "good/D")]
    asked = len(fake.paths("/sync"))
    admission = Admission(denied=["@b*:x"])
    async with deployment.worker(admission=admission) as worker:
        with pytest.raises(Forbidden) as refused:
            await worker.ensure("bad/D")
        assert refused.value.limit == "user"
        await until(lambda: len(fake.paths("/sync")) > asked)
        await asyncio.sleep(0.5)  # rounds of claims
        assert worker.pollers.is_running(good.device_key)
        assert not worker.pollers.is_running(bad.device_key)
