"""Polls that rest because nobody waits, and workers that share them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from syncv3.bus.local import LocalBus
from syncv3.ingest.pauses import Pace
from syncv3.types import Device
from tests.integration.upstream.fakes import TinyHomeserver
from tests.integration.upstream.stage import SYNC, Deployment, Worker, hang, until

PAUSE = Pace(grace_s=0.2, first_s=60, longest_s=60, longest_wait_s=0)
LONG_S = 30.0
LATE_S = 0.9
"""A request that is answered later than this has waited in vain."""


def shared() -> LocalBus:
    """The bus of workers that know of each other."""
    bus = LocalBus()
    bus.others = True
    return bus


def timeouts(fake: TinyHomeserver) -> list[str]:
    return [request.query["timeout"] for request in fake.requests if request.path == SYNC]


async def wake(worker: Worker, device: Device) -> float:
    """A request comes to this worker; how long it waits, in seconds."""
    began = time.monotonic()
    behind: Awaitable[Any] | None = worker.pollers.wake(device, for_s=LONG_S)
    if behind is not None:
        await behind
    return time.monotonic() - began


@asynccontextmanager
async def resting(worker: Worker, fake: TinyHomeserver) -> AsyncIterator[Device]:
    """A device of this worker, whose poll has begun to rest."""
    device = await worker.ensure("me/D")
    await asyncio.sleep(PAUSE.grace_s)
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
        assert await wake(worker, device) < LATE_S
        assert b"m.pushed" in worker.parts[stored].device.to_device[0]
        fake.news.clear()
        await until(lambda: timeouts(fake)[asked:][-1:] == ["30000"])
        assert timeouts(fake)[asked] == "0"
        assert await wake(worker, device) < 0.05


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
        assert await wake(other, device) < LATE_S
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
        await asyncio.sleep(4 * lease.total_seconds())
        assert await database.fetchrow(query) == before
        assert owner.pollers.is_resting(device.device_key)


@pytest.mark.rules("S-620")
async def test_a_worker_that_takes_over_during_a_pause_asks_at_once(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker("w2", pace=PAUSE) as heir:
        async with deployment.worker("w1", pace=PAUSE) as owner, resting(owner, fake) as device:
            asked = len(timeouts(fake))
        await until(lambda: heir.pollers.is_running(device.device_key))
        await until(lambda: timeouts(fake)[asked:][:1] == ["0"])
        fake.first = {"to_device": {"events": [{"type": "m.missed"}]}}
        fake.news.set()
        await until(lambda: any(b"m.missed" in p.device.to_device[0] for p in heir.parts[1:]))


@pytest.mark.rules("S-620")
async def test_an_owner_that_has_died_delays_a_request_by_a_second(
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
        assert LATE_S < await wake(other, device) < 3
        assert await wake(other, device) < 0.05
        await until(lambda: other.pollers.is_running(device.device_key), timeout_s=10)


@pytest.mark.rules("S-620")
async def test_a_request_does_not_wait_for_a_homeserver_that_is_down(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=502)

    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.handlers[SYNC] = refuse
        assert await wake(worker, device) < LATE_S
        assert await wake(worker, device) < 0.05


@pytest.mark.rules("S-620")
async def test_a_request_waits_a_second_for_a_homeserver_that_hangs_and_the_next_not_at_all(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.handlers[SYNC] = hang
        assert LATE_S < await wake(worker, device) < 3
        assert await wake(worker, device) < 0.05


@pytest.mark.rules("S-620", "U-13")
async def test_a_token_that_died_during_the_pause_is_noticed_by_the_request(
    deployment: Deployment, fake: TinyHomeserver
) -> None:
    async with deployment.worker(pace=PAUSE) as worker, resting(worker, fake) as device:
        fake.rejected = {"me/D"}
        assert await wake(worker, device) < LATE_S
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
        await asyncio.sleep(0.02)
        inside -= 1
        return web.json_response({"next_batch": "s"})

    pace = Pace(grace_s=0.2, first_s=60, longest_s=60, longest_wait_s=0, places=3)
    async with deployment.worker(pace=pace) as worker:
        devices = [await worker.ensure(f"u{n}/D") for n in range(12)]
        await asyncio.sleep(pace.grace_s)
        fake.news.set()
        await until(lambda: all(worker.pollers.is_resting(d.device_key) for d in devices))
        fake.handlers[SYNC] = slowly
        waits = await asyncio.gather(*(wake(worker, device) for device in devices))
        assert most == 3 and max(waits) < LATE_S
        assert not any(worker.pollers.is_resting(device.device_key) for device in devices)
