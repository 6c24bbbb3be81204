"""All pollers of this process: who polls, since when, and who waits for it.

Each device has exactly one owner in the whole deployment, by a lease in the database.
This starts pollers for devices nobody owns (at boot, after a crash elsewhere) and for
clients that ask; restarts what crashed; stops what nobody uses; and gives the leases back
at the end.
"""

import asyncio
import logging
from collections.abc import Callable, Container
from functools import partial
from typing import Protocol

import asyncpg

from syncv3.batch import Lease
from syncv3.errors import (
    BadGateway,
    HomeserverError,
    LeaseLost,
    MatrixError,
    Unavailable,
    UnknownToken,
)
from syncv3.ingest.attendance import Attendance, refusal
from syncv3.ingest.backoff import Backoff, Rests
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.gate import BootGate
from syncv3.ingest.intake import Ingest, Sinks
from syncv3.ingest.leases import Connect, Heartbeat
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.poller import NoUsableToken, Poller, Sources, Tokens, Upstream
from syncv3.ingest.presences import Presences
from syncv3.ingest.progress import Progress, Stage
from syncv3.store import accounts as store
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.pieces import load_pieces
from syncv3.types import Device, DeviceKey
from syncv3.upstream.client import Versions
from syncv3.upstream.native import NativeNotice

logger = logging.getLogger(__name__)

UNREACHABLE_AFTER = 3
"""Tries without any answer until a client that waits for a first sync is told."""

CLAIM_ROUNDS = 8  # a lease; one more when a silent worker may be dead
MORE_CLAIMS_S = 0.2  # between two rounds when there are more than one round takes
NOT_YET_S = 0.2  # between looks whether this worker may claim by now
AFTER_EXPIRY_S = 0.02

VERSIONS_WAIT_S = 5.0
VERSIONS_RETRY_S = 30.0

Expired = Callable[[Device, UnknownToken], None]


class Homeserver(Upstream, Protocol):
    """What is asked of the homeserver here; see ``syncv3.upstream.client``."""

    async def versions(self) -> Versions: ...


class Accounts(Tokens, Protocol):
    async def find_anew(self, token: str) -> Device: ...


class Pollers:
    """The pollers of the worker named ``worker``.

    ``expired`` is called when a device's last token was rejected: its waiting clients
    must be told (rules U-13, U-17F).
    """

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
        expired: Expired = lambda device, error: None,
    ) -> None:
        self._pool = pool
        self._homeserver = homeserver
        self._accounts = accounts
        self._measures = measures
        self._worker = worker
        self._options = options or PollerOptions()
        self._expired = expired
        clock = DatabaseClock()
        self._presences = Presences()
        self._sources = Sources(homeserver, accounts, extra_filter or {}, self._presences)
        noted = partial(load_pieces, pool)
        self._sinks = Sinks(ingest, clock, measures, self._mark_begun, sections, noted)
        self._gate = BootGate(self._options.starting)
        self._silence = self._options.silence
        self._heartbeat = Heartbeat(connect, worker, self._silence, clock, self._lose_all)
        self._attendance = Attendance(pool, self, worker, self._silence, self._options.patience)
        self._rests = Rests()
        self._unreleased: set[DeviceKey] = set()
        self._running: dict[DeviceKey, Poller] = {}
        self._starting: dict[DeviceKey, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._poll_tasks: dict[DeviceKey, asyncio.Task[None]] = {}
        self._all_polls: set[asyncio.Task[None]] = set()  # also those that others replace
        self._stopping = False
        self._asked_versions = False
        self._native = NativeNotice()

    async def start(self) -> None:
        """Begin to beat, then to poll for every device that nobody polls."""
        await self._ask_versions()
        await self._heartbeat.beat()
        for work in (self._heartbeat.run(), self._claim_for_ever(), self._tend_for_ever()):
            self._tasks.add(asyncio.create_task(work))

    async def stop(self) -> None:
        """Let running commits finish, stop all pollers and give their leases back."""
        self._stopping = True
        await self._attendance.stop()
        for poller in self._running.values():
            poller.stop()
        await asyncio.gather(*self._all_polls, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._heartbeat.let_go()
        await store.release_worker(self._pool, self._worker)

    def is_running(self, device_key: DeviceKey) -> bool:
        return device_key in self._running

    # -- requests that continue by pos: see Attendance ---------------------------------

    def attend(self, device: Device, token: str) -> "asyncio.Future[None] | None":
        return self._attendance.attend(device, token)

    def present(self, device: Device, presence: str, *, for_s: float) -> None:
        """A request that may wait for so long wants others to be told this of the user."""
        self._presences.say(device.device_key, presence, for_s=for_s)

    def trouble(self, device: Device) -> MatrixError | None:
        return self._attendance.trouble(device)

    def running(self, device_key: DeviceKey) -> Poller | None:
        return self._running.get(device_key)

    async def ended(self, device_key: DeviceKey) -> None:
        """Wait until a poller that has ended is cleared away."""
        if (task := self._poll_tasks.get(device_key)) is not None:
            await asyncio.wait((task,))

    async def begin(self, device: Device, token: str) -> Poller | None:
        """Start the poller of a device whose client has data already: it waits its turn at
        the gate. None when another worker has it, or may have it."""
        return await self._begin(device, token, gated=True)

    async def has_tokens(self, device_key: DeviceKey) -> bool:
        return bool(await self._accounts.tokens_of(device_key))

    # -- requests that begin a connection ---------------------------------------------

    async def ensure(self, device: Device, token: str) -> None:
        """Return when ``device`` is polled and there is something to serve (rule U-22).

        A device that was polled before waits at most a second for its first answer, one
        whose user is polled for another device not at all (U-23), any other until the
        first rooms are stored. Raises ``UnknownToken`` when its tokens are rejected,
        ``BadGateway`` when a first sync finds no homeserver, ``Unavailable`` after 100 s.
        """
        deadline = asyncio.get_running_loop().time() + self._options.first_wait_s
        with self._measures.metrics.devices_pending.track_inprogress():
            while not await self._serve(device, token, deadline):
                if asyncio.get_running_loop().time() >= deadline:
                    raise Unavailable("the first sync takes long; try again")

    async def first_answer(self, device: Device) -> bool:
        """Wait until the device's own poll has had its first answer, at most a second (U-23).

        Other devices' polls bring the rooms, but not what is this device's: without its key
        counts some clients upload no keys for a minute. Whether there was need to wait.
        """
        now = asyncio.get_running_loop().time
        deadline, waited = now() + self._options.current_wait_s, False
        while now() < deadline and not await self._has_answer(device):
            waited = True
            poller = self._running.get(device.device_key)
            if poller is not None:
                await poller.progress.change(deadline - now())
            else:
                await asyncio.sleep(self._options.remote_look_s)
        return waited

    async def _has_answer(self, device: Device) -> bool:
        """Whether a whole answer to the device's poll was taken in, or none will be."""
        poller = self._running.get(device.device_key)
        if poller is not None:
            return poller.progress.stage >= Stage.CURRENT
        row = await store.load_poller(self._pool, device.device_key, self._silence)
        return row is None or row.since is not None

    async def _serve(self, device: Device, token: str, deadline: float) -> bool:
        """One try of ``ensure``; False: look again."""
        key = device.device_key
        poller = self._running.get(key)
        if poller is not None and poller.progress.stage is Stage.ENDED:
            await asyncio.wait((self._poll_tasks[key],))  # its failure is not ours (U-14)
            poller = self._running.get(key)
        if poller is None:
            poller = await self._begin(device, token)
        if poller is not None:
            self._gate.hurry(key)
            return await self._wait_for(poller, deadline)
        row = await store.load_poller(self._pool, key, self._silence)
        if row is not None and (row.since is not None or row.generated_us > 0):
            return True
        await asyncio.sleep(self._options.remote_look_s)
        return False

    async def _wait_for(self, poller: Poller, deadline: float) -> bool:
        """Whether the poller's device can be served; False: it ended, begin anew."""
        progress, now = poller.progress, asyncio.get_running_loop().time
        if poller.resumed:
            deadline = min(deadline, poller.created + self._options.current_wait_s)
        while progress.stage < (Stage.CURRENT if poller.resumed else Stage.SERVING):
            if poller.no_rooms:
                return True
            if not poller.resumed and progress.unreachable >= UNREACHABLE_AFTER:
                raise BadGateway("the homeserver cannot be reached")
            refused = refusal(progress.failure)
            if refused and not poller.resumed and progress.failures >= UNREACHABLE_AFTER:
                raise refused
            if not await progress.change(deadline - now()):
                return poller.resumed
        return progress.stage < Stage.ENDED or self._after_end(progress)

    def _after_end(self, progress: Progress) -> bool:
        """The poller has ended: tell the client why (U-25, U-17G), or look again."""
        if isinstance(progress.error, UnknownToken):
            error = progress.error
            raise UnknownToken(error.message, soft_logout=error.soft_logout)
        if self._stopping:
            raise Unavailable("the service is stopping")
        return False

    async def _begin(self, device: Device, token: str, *, gated: bool = False) -> Poller | None:
        """Start the poller of a client that waits; None when another worker has it."""
        lock = self._starting.setdefault(device.device_key, asyncio.Lock())
        try:
            async with lock:
                running = self._running.get(device.device_key)
                return running or await self._claim(device, token, gated=gated)
        finally:
            if not lock.locked():
                self._starting.pop(device.device_key, None)

    async def _claim(self, device: Device, token: str, *, gated: bool) -> Poller | None:
        if self._stopping or not self._heartbeat.alive:
            raise Unavailable("no database, or stopping")
        if not await self.has_tokens(device.device_key):
            found = await self._accounts.find_anew(token)  # asks the homeserver, stores it again
            if found != device:
                raise Unavailable("the database has lost this device; try again")
        claim = await store.claim_poller(
            self._pool,
            device,
            self._worker,
            self._silence,
            take_over=self._heartbeat.may_take_over,
        )
        if claim is None:
            return None
        no_rooms = claim.since is None and await store.has_polled_sibling(
            self._pool, device, self._silence, self._options.fresh
        )
        return self._run(claim, no_rooms=no_rooms, gated=gated)

    def _run(self, claim: store.Claim, *, no_rooms: bool = False, gated: bool = False) -> Poller:
        device = claim.device
        if (before := self._running.get(device.device_key)) is not None:
            if before.lease.number > claim.lease_no:
                return before
            before.stop()  # claimed a moment ago, and again now: the newest lease counts
        poller = Poller(
            self._sources,
            self._sinks,
            device,
            Lease(device.device_key, self._worker, claim.lease_no),
            claim.since,
            no_rooms=no_rooms,
            gate=self._gate if gated else None,
        )
        self._running[device.device_key] = poller
        task = asyncio.create_task(self._supervise(poller))
        self._poll_tasks[device.device_key] = task
        self._all_polls.add(task)
        task.add_done_callback(self._all_polls.discard)
        self._measures.metrics.pollers.set(len(self._running))
        return poller

    async def _supervise(self, poller: Poller) -> None:
        """Run one poller to its end, whatever that is, and clean up behind it (U-28, U-29)."""
        key = poller.device.device_key
        try:
            await poller.run()
        except asyncio.CancelledError:
            logger.debug("poller stopped", extra={"device_key": key})
        except UnknownToken as error:
            if isinstance(error, NoUsableToken):
                self._rests.needs_client(key)
            self._expired(poller.device, error)
        except LeaseLost:
            logger.warning("lost a lease", extra={"device_key": key})
        except Exception:
            logger.exception("a poller crashed", extra={"device_key": key})
            self._rests.crashed(key)
            await asyncio.sleep(Backoff().next_wait_s())
        finally:
            await self._forget(poller)

    async def _forget(self, poller: Poller) -> None:
        key = poller.device.device_key
        await self._release(poller)
        if self._running.get(key) is poller:
            del self._running[key]
            del self._poll_tasks[key]
        self._gate.forget(key)
        self._measures.metrics.pollers.set(len(self._running))

    async def _release(self, poller: Poller) -> None:
        """Give the lease back, unless another run of ours has it; if need be later."""
        key = poller.device.device_key
        if self._running.get(key) is not poller:
            return
        try:
            await store.release_pollers(self._pool, [key], self._worker)
        except DATABASE_FAULTS as error:
            self._unreleased.add(key)
            logger.warning("cannot give a lease back", extra={"reason": type(error).__name__})

    def _lose_all(self) -> None:
        """No heartbeat for too long: others may have our pollers by now."""
        logger.error("no heartbeat for too long: stopping all pollers")
        for poller in self._running.values():
            poller.stop()

    async def _claim_for_ever(self) -> None:
        """Take pollers that nobody runs, a bounded number a round."""
        while True:
            pause_s = self._options.lease.total_seconds() / CLAIM_ROUNDS
            try:
                if not self._heartbeat.may_take_over:
                    pause_s = min(pause_s, NOT_YET_S)
                elif await self._claim_round() == self._options.claims_a_round:
                    pause_s = MORE_CLAIMS_S
                else:
                    pause_s = min(pause_s, await self._expiry_s())
            except DATABASE_FAULTS as error:
                logger.warning("cannot claim pollers", extra={"reason": type(error).__name__})
            await asyncio.sleep(pause_s)

    async def _expiry_s(self) -> float:
        """Until just after the first lease that ends unless its owner beats: its pollers
        stand still for so long and no longer."""
        expiry_s = await store.soonest_expiry(self._pool, self._worker, self._silence)
        return float("inf") if expiry_s is None else max(expiry_s, 0.0) + AFTER_EXPIRY_S

    async def _release_late(self) -> None:
        """Give back what the database did not take when it was due."""
        due = self._unreleased - self._running.keys() - self._starting.keys()
        if due:
            await store.release_pollers(self._pool, [*due], self._worker)
        self._unreleased -= due

    async def _claim_round(self) -> int:
        await self._release_late()
        claims = await store.claim_free_pollers(
            self._pool,
            self._worker,
            self._silence,
            idle=self._options.idle,
            limit=self._options.claims_a_round,
            besides=[*self._running, *self._starting, *self._rests.resting()],
        )
        if not self._heartbeat.may_take_over:  # the claim had stood still with the database
            keys = {claim.device.device_key for claim in claims} - self._running.keys()
            await store.release_pollers(self._pool, [*keys], self._worker)
            return 0
        for claim in claims:
            self._run(claim, gated=True)
        return len(claims)

    async def _tend_for_ever(self) -> None:
        """Hourly: stop what nobody uses (U-60) and see what the homeserver can do now."""
        while True:
            pause_s = self._options.tend_s if self._asked_versions else VERSIONS_RETRY_S
            await asyncio.sleep(pause_s)
            await self._ask_versions()
            try:
                await self._drop_idle()
            except DATABASE_FAULTS as error:
                logger.warning("cannot tend pollers", extra={"reason": type(error).__name__})

    async def _drop_idle(self) -> None:
        for key in await store.load_idle_pollers(self._pool, self._worker, self._options.idle):
            if (poller := self._running.get(key)) is not None:
                poller.stop()
        dropped = await store.delete_idle_tokens(self._pool, self._options.idle)
        if dropped:
            logger.info("forgot tokens of unused devices", extra={"tokens": dropped})
        await store.delete_dead_workers(self._pool)

    async def _ask_versions(self) -> None:
        """Rule U-31: only a sanity check, and what polls may ask for."""
        try:
            async with asyncio.timeout(VERSIONS_WAIT_S):
                self._native.look(await self._homeserver.versions())
            self._asked_versions = True
        except (HomeserverError, UnknownToken, TimeoutError) as error:
            logger.warning("the homeserver does not answer", extra={"reason": str(error)})

    async def _mark_begun(self, lease: Lease, generated_us: int) -> None:
        await store.mark_begun(
            self._pool, lease.device_key, lease.owner, lease.number, generated_us
        )
