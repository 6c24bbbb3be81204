"""Polls that rest because nobody waits, and workers that share them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from aiohttp import web

from syncv3.bus.local import LocalBus
from syncv3.ingest.pauses import PausePace
from syncv3.types import Device
from tests.integration.upstream.fakes import TinyHomeserver
from tests.integration.upstream.stage import SYNC, Deployment, Worker, hang
from tests.support.waiting import until

PAUSE = PausePace(grace_s=0.2, first_s=60, longest_s=60, together_s=0.01, longest_wait_s=0)
LONG_S = 30.0
PATIENCE_S = 20.0


def shared() -> LocalBus:
    """The bus of workers that know of each other."""
    bus = LocalBus()
    bus.others = True
    return bus


def timeouts(fake: TinyHomeserver) -> list[str]:
    return [request.query["timeout"] for request in fake.requests if request.path == SYNC]


async def wake(worker: Worker, device: Device) -> bool:
    """A request comes to this worker; whether there is something that it waits for."""
    behind = worker.pollers.wake(device, for_s=LONG_S)
    if behind is not None:
        await behind
    return behind is not None


@asynccontextmanager
async def resting(worker: Worker, fake: TinyHomeserver) -> AsyncIterator[Device]:
    """A device of this worker, whose poll has begun to rest."""
    device = await worker.ensure("me/D")
    await asyncio.sleep(PAUSE.grace_s)  # nobody waits for it any more
    fake.news.set()  # the last long poll ends
    await until(lambda: worker.pollers.is_resting(device.device_key))
    fake.news.clear()
    yield device


@pytest.mark.rules("S-620", "S-538")
async def test_a_request_is_answered_with_what_came_during_the_pause(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        stored, asked = len(worker.parts), len(timeouts(fake))
        fake.first = {"to_device": {"events": [{"type": "m.pushed"}]}}
        fake.news.set()
        assert await wake(worker, device)
        assert b"m.pushed" in worker.parts[stored].device.to_device[0]
        fake.news.clear()
        await until(lambda: timeouts(fake)[asked:][-1:] == ["30000"])
        assert timeouts(fake)[asked] == "0"
        assert not await wake(worker, device)


@pytest.mark.rules("S-620", "S-538")
async def test_a_request_at_another_worker_wakes_the_owner(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    bus = shared()
    async with (
        deployment.worker("w1", bus=bus, pace=PAUSE) as owner,
        deployment.worker("w2", bus=bus, pace=PAUSE) as other,
        resting(owner, fake) as device,
    ):
        stored = len(owner.parts)
        fake.news.set()
        assert await wake(other, device)
        assert len(owner.parts) > stored and not other.parts
        assert not owner.pollers.is_resting(device.device_key)


@pytest.mark.rules("S-620")
async def test_a_pause_keeps_the_lease(
    deployment: Deployment, fake: TinyHomeserver, database: asyncpg.Connection
) -> None:
    lease = timedelta(seconds=0.5)
    async with (
        deployment.worker("w1", pace=PAUSE, lease=lease) as owner,
        deployment.worker("w2", pace=PAUSE, lease=lease),
        resting(owner, fake) as device,
    ):
        query = "SELECT owner, lease_no FROM ss_pollers"
        before = await database.fetchrow(query)
        await asyncio.sleep(4 * lease.total_seconds())  # another could have taken it
        assert await database.fetchrow(query) == before
        assert owner.pollers.is_resting(device.device_key)


@pytest.mark.rules("S-620")
async def test_a_worker_that_takes_over_during_a_pause_asks_at_once(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker("w2", pace=PAUSE) as heir:
        async with deployment.worker("w1", pace=PAUSE) as owner, resting(owner, fake) as device:
            asked = len(timeouts(fake))
        await until(lambda: heir.pollers.is_running(device.device_key), PATIENCE_S)
        await until(lambda: timeouts(fake)[asked:][:1] == ["0"])
        fake.first = {"to_device": {"events": [{"type": "m.missed"}]}}
        fake.news.set()
        await until(lambda: any(b"m.missed" in p.device.to_device[0] for p in heir.parts[1:]))


@pytest.mark.rules("S-620")
async def test_an_owner_that_has_died_delays_one_request_and_is_succeeded(
    deployment: Deployment, fake: TinyHomeserver, database: asyncpg.Connection
) -> None:
    bus = shared()
    async with deployment.worker("w2", bus=bus, pace=PAUSE) as other:
        device = await other.accounts.device_of("me/D")
        await database.execute("INSERT INTO ss_workers VALUES ('dead', now(), clock_timestamp())")
        await database.execute(
            "INSERT INTO ss_pollers (device_key, owner, last_used) VALUES ($1, 'dead', now())",
            device.device_key,
        )
        assert await wake(other, device)
        assert not await wake(other, device)
        await until(lambda: other.pollers.is_running(device.device_key), PATIENCE_S)


@pytest.mark.rules("S-620")
async def test_requests_do_not_wait_for_a_homeserver_that_is_down(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=502)

    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.handlers[SYNC] = refuse
        assert await wake(worker, device)
        assert not await wake(worker, device)


@pytest.mark.rules("S-620")
async def test_one_request_waits_for_a_homeserver_that_hangs_and_the_next_does_not(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.handlers[SYNC] = hang
        assert await wake(worker, device)
        assert not await wake(worker, device)


@pytest.mark.rules("S-620", "U-13")
async def test_a_token_that_died_during_the_pause_is_noticed_by_the_request(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.rejected = {"me/D"}
        assert await wake(worker, device)
        await until(lambda: worker.expired == [device])


@pytest.mark.rules("S-620")
async def test_many_devices_that_are_called_at_once_ask_a_few_at_a_time(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    inside = most = 0

    async def slowly(request: web.Request) -> web.Response:
        nonlocal inside, most
        if request.query["timeout"] != "0":
            return await hang(request)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)  # others come meanwhile
        inside -= 1
        return web.json_response({"next_batch": "s"})

    async with deployment.worker(pace=PAUSE, catching_up=3) as worker:
        devices = [await worker.ensure(f"u{n}/D") for n in range(12)]
        await asyncio.sleep(PAUSE.grace_s)  # nobody waits for it any more
        fake.news.set()
        await until(lambda: all(worker.pollers.is_resting(d.device_key) for d in devices))
        fake.handlers[SYNC] = slowly
        await asyncio.gather(*(wake(worker, device) for device in devices))
        await until(lambda: not any(worker.pollers.is_resting(d.device_key) for d in devices))
        assert most == 3
