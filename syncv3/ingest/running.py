"""The pollers that run in this worker: each has a task, and a lease that it gives back.

A poller ends by itself when its tokens are rejected, its lease is lost, or it crashes. Its
supervisor (``_supervise``) then tells whom it concerns, says when the device may be polled again,
and clears up.

A device may have two pollers here for a moment. Say A runs and is stopped, because the device was
claimed anew, and B is begun before A has stored what it was storing. The lease of B has a higher
number, so A's next write is refused; and A, when it clears up, sees that it is B that is noted, and
leaves the lease alone.
"""

import asyncio
import logging
from collections.abc import Callable, Collection

import asyncpg

from syncv3.batch import Lease
from syncv3.errors import LeaseLost, UnknownToken
from syncv3.ingest.backoff import Backoff, Rests
from syncv3.ingest.gate import BootGate
from syncv3.ingest.intake import Sinks
from syncv3.ingest.poller import NoUsableToken, Poller, PollerTools
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.pollers import Claim, release_pollers
from syncv3.types import Device, DeviceKey

logger = logging.getLogger(__name__)

Expired = Callable[[Device, UnknownToken], None]
"""Told when a device's last token was rejected: its waiting clients must hear of it (rules
U-13, U-17F)."""


class Running:
    """The pollers of the worker named ``worker``, and their ends.

    ``gate`` bounds how many get their first answer at the same time. ``rests`` has the devices
    whose polls do not begin by themselves for a while. ``closed``: the worker is ending.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        sources: PollerTools,
        sinks: Sinks,
        gate: BootGate,
        *,
        worker: str,
        expired: Expired,
    ) -> None:
        self.gate = gate
        self.rests = Rests()
        self.closed = False
        self._pool = pool
        self._sources = sources
        self._sinks = sinks
        self._worker = worker
        self._expired = expired
        self._gauge = sinks.measures.metrics.pollers
        self._pollers: dict[DeviceKey, Poller] = {}
        self._tasks: dict[DeviceKey, asyncio.Task[None]] = {}
        self._all_tasks: set[asyncio.Task[None]] = set()  # also those that others replace
        self._unreleased: set[DeviceKey] = set()

    @property
    def device_keys(self) -> Collection[DeviceKey]:
        return self._pollers.keys()

    def measure(self) -> None:
        """Sets the metrics: how many devices nobody waits for, and how far behind the worst poller
        is."""
        now = asyncio.get_running_loop().time()
        found = [poller.progress for poller in self._pollers.values()]
        metrics = self._sinks.measures.metrics
        metrics.resting.set(sum(progress.resting for progress in found))
        metrics.poller_lag.set(max((progress.lag_s(now) for progress in found), default=0.0))

    def get(self, device_key: DeviceKey) -> Poller | None:
        return self._pollers.get(device_key)

    async def ended(self, device_key: DeviceKey) -> None:
        """Wait until a poller that has ended is cleared away, so that a new one may begin."""
        if (task := self._tasks.get(device_key)) is not None:
            await asyncio.wait((task,))

    def close(self) -> None:
        """Notes that the worker ends: from now on no poller is begun for a client."""
        self.closed = True

    async def stop(self) -> None:
        """Stops all pollers, and waits until they have stored what they are storing."""
        for poller in self._pollers.values():
            poller.stop()
        await asyncio.gather(*self._all_tasks, return_exceptions=True)

    def lose_all(self) -> None:
        """Stops all pollers, because no beat got through for too long: other workers may have them
        by now."""
        logger.error("no heartbeat for too long: stopping all pollers")
        for poller in self._pollers.values():
            poller.stop()

    def run(self, claim: Claim, *, no_rooms: bool = False, gated: bool = False) -> Poller:
        """Start the poller of a device that was claimed; ``gated``: it waits at the gate.

        Gives the one that runs if that has a newer lease than ``claim``.
        """
        device = claim.device
        if (before := self._pollers.get(device.device_key)) is not None:
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
            rooms_due=claim.rooms_due,
            gate=self.gate if gated else None,
        )
        self._pollers[device.device_key] = poller
        task = asyncio.create_task(self._supervise(poller))
        self._tasks[device.device_key] = task
        self._all_tasks.add(task)
        task.add_done_callback(self._all_tasks.discard)
        self._gauge.set(len(self._pollers))
        return poller

    async def _supervise(self, poller: Poller) -> None:
        """Run one poller to its end, whatever that is, and clean up behind it (U-28, U-29)."""
        key = poller.device.device_key
        try:
            await poller.run()
        except asyncio.CancelledError:
            logger.debug("poller stopped", extra={"device_key": key})
        except UnknownToken as error:
            if isinstance(error, NoUsableToken):  # a new try would find none, either
                self.rests.needs_client(key)
            self._expired(poller.device, error)
        except LeaseLost:
            logger.warning("lost a lease", extra={"device_key": key})
        except Exception:
            logger.exception("a poller crashed", extra={"device_key": key})
            self.rests.crashed(key)
            # Clients that wait for the device begin a new poller as soon as this one is gone.
            await asyncio.sleep(Backoff().next_wait_s())
        finally:
            await self._forget(poller)

    async def _forget(self, poller: Poller) -> None:
        """Clears up behind a poller, unless another one of the device has taken its place."""
        key = poller.device.device_key
        await self._release(poller)
        if self._pollers.get(key) is poller:
            del self._pollers[key]
            del self._tasks[key]
        self.gate.forget(key)
        self._gauge.set(len(self._pollers))

    async def _release(self, poller: Poller) -> None:
        """Give the lease back, unless a newer poller here has it. If the database fails, that is
        done later."""
        key = poller.device.device_key
        if self._pollers.get(key) is not poller:
            return
        try:
            await release_pollers(self._pool, [key], self._worker)
        except DATABASE_FAULTS as error:
            self._unreleased.add(key)  # while it stands, no other worker would poll the device
            logger.warning("cannot give a lease back", extra={"reason": type(error).__name__})

    async def release_late(self, starting: Collection[DeviceKey]) -> None:
        """Give back leases that could not be given back before, but not those of devices that are
        ``starting``."""
        due = self._unreleased - self._pollers.keys() - set(starting)
        if due:
            await release_pollers(self._pool, [*due], self._worker)
        self._unreleased -= due
