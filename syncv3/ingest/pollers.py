"""All pollers of this process, put together: what starts with them and ends with them.

``claims`` says who polls, ``running`` has the pollers that do, ``newcomers`` and ``attendance``
the clients that wait for them, ``chores`` is what has to be done now and then.
"""

import asyncio
from collections.abc import Container, Coroutine
from functools import partial
from typing import Any, Protocol

import asyncpg

from syncv3.batch import Lease
from syncv3.bus.local import Bus, LocalBus
from syncv3.errors import MatrixError, UnknownToken
from syncv3.ingest.admission import Admission
from syncv3.ingest.arrivals import Arrivals
from syncv3.ingest.attendance import Attendance
from syncv3.ingest.chores import Chores, Versioned
from syncv3.ingest.claims import Accounts, Claims
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.filters import UpstreamFilters
from syncv3.ingest.gate import BootGate, Places
from syncv3.ingest.imports import Imports
from syncv3.ingest.intake import Ingest, Sinks
from syncv3.ingest.leases import Connect, Heartbeat
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.newcomers import Newcomers
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.poller import PollerTools, Upstream
from syncv3.ingest.presences import Presences
from syncv3.ingest.running import Expired, Running
from syncv3.ingest.wakes import Wakes
from syncv3.store.pieces import load_pieces
from syncv3.store.pollers import mark_begun
from syncv3.store.workers import release_worker
from syncv3.types import Device, DeviceKey
from syncv3.upstream.native import NativeNotice


class Homeserver(Upstream, Versioned, Protocol):
    """What is asked of the homeserver here; see ``syncv3.upstream.client``."""


def _nobody_waits(device: Device, error: UnknownToken) -> None:
    """In place of ``expired``."""


class Pollers:
    """The pollers of the worker named ``worker``; see ``Expired``."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        homeserver: Homeserver,
        accounts: Accounts,
        ingest: Ingest,
        measures: PollerMeasures,
        *,
        worker: str,
        connect: Connect,
        options: PollerOptions | None = None,
        extra_filter: dict[str, object] | None = None,
        sections: Container[str] | None = None,
        expired: Expired = _nobody_waits,
        native: NativeNotice | None = None,
        bus: Bus | None = None,
        admission: Admission | None = None,
    ) -> None:
        self._pool = pool
        self._worker = worker
        options = options or PollerOptions()
        clock = DatabaseClock()
        self._presences = Presences()
        pace, places = options.pace, Places(options.catching_up)
        self._arrivals = Arrivals()
        sources = PollerTools(
            homeserver,
            accounts,
            UpstreamFilters(extra_filter or {}),
            self._presences,
            pace,
            places,
            self._arrivals,
        )
        begun, noted = partial(_mark_begun, pool), partial(load_pieces, pool)
        sinks = Sinks(ingest, clock, measures, begun, sections, noted)
        gate = BootGate(options.starting)
        self._running = running = Running(
            pool, sources, sinks, gate, worker=worker, expired=expired
        )
        self._wakes = Wakes(bus or LocalBus(), running, pace)
        self._heartbeat = Heartbeat(connect, worker, options.silence, clock, running.lose_all)
        self._claims = claims = Claims(
            pool,
            accounts,
            running,
            self._heartbeat,
            worker=worker,
            options=options,
            admission=admission,
        )
        pending = measures.metrics.devices_pending
        self._wishes = measures.metrics.api_payloads.labels("V3EnsurePolling")
        imports = Imports()
        self._newcomers = Newcomers(pool, running, claims, imports, pending, options)
        self._attendance = Attendance(
            pool, running, claims, imports, worker=worker, options=options
        )
        self._chores = Chores(
            pool, homeserver, running, worker=worker, options=options, native=native
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._claiming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to beat, then to poll for every device that nobody polls."""
        await self._chores.ask_versions()
        await self._heartbeat.beat()
        self._claiming = asyncio.create_task(self._claims.run())
        for work in (self._heartbeat.run(), self._chores.run()):
            self._tasks.add(asyncio.create_task(work))

    async def stop(self) -> None:
        """Let running commits finish, stop all pollers and give their leases back."""
        self._running.close()
        await self._attendance.stop()
        await self._wakes.stop()
        if self._claiming is not None:  # a round under way would begin polls that nobody stops
            await _cancelled(self._claiming)
        await self._running.stop()
        await _cancelled(*self._tasks)
        await self._heartbeat.let_go()
        await release_worker(self._pool, self._worker)

    def is_running(self, device_key: DeviceKey) -> bool:
        return self._running.get(device_key) is not None

    def is_resting(self, device_key: DeviceKey) -> bool:
        """Whether what the device's poll brings just now comes after a pause."""
        poller = self._running.get(device_key)
        return poller is not None and poller.progress.resting

    # -- clients that wait ---------------------------------------------------------------

    def is_arriving(self, user_key: int) -> bool:
        """Whether an answer to one of the user's devices is here, and not stored yet."""
        return self._arrivals.is_here(user_key)

    def measure(self) -> None:
        """See ``Running``."""
        self._running.measure()

    async def ensure(self, device: Device, token: str) -> None:
        """See ``Newcomers``."""
        self._wishes.inc()
        await self._newcomers.ensure(device, token)

    async def first_answer(self, device: Device) -> bool:
        """See ``Newcomers``."""
        return await self._newcomers.first_answer(device)

    async def catch_up(self, device: Device, most_s: float) -> None:
        """See ``Newcomers``."""
        await self._newcomers.catch_up(device, most_s)

    def importing(self, device: Device) -> bool:
        """See ``Newcomers``."""
        return self._newcomers.importing(device)

    def attend(self, device: Device, token: str) -> "asyncio.Future[None] | None":
        """See ``Attendance``."""
        return self._attendance.attend(device, token)

    def wake(self, device: Device, *, for_s: float) -> Coroutine[Any, Any, None] | None:
        """A request that may take so long came; what it has to wait for, about a second at most,
        if the device's poll has paused. See ``pauses`` and ``wakes``."""
        poller = self._running.get(device.device_key)
        if poller is not None:
            return poller.attention.want(for_s)
        return self._wakes.want(device.device_key, for_s)

    def present(self, device: Device, presence: str, *, for_s: float) -> None:
        """A request that may wait for so long wants others to be told this of the user."""
        self._presences.say(device.device_key, presence, for_s=for_s)

    def trouble(self, device: Device) -> MatrixError | None:
        """See ``Attendance``."""
        return self._attendance.trouble(device)


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _mark_begun(pool: asyncpg.Pool, lease: Lease, generated_us: int) -> None:
    await mark_begun(pool, lease.device_key, lease.owner, lease.number, generated_us)
