"""Who polls: each device has exactly one owner in the whole deployment, by a lease.

A worker claims a device when a client asks for it (``begin``), and in rounds the devices that
nobody owns (``run``): at boot, and when another worker has died. The lease is a row in the
database, so of two workers that claim at once one gets it.

A worker is dead for the others when it has not beaten for a time (``options.silence``). Say A has
100 pollers and is killed. B looks when the first lease can end at the soonest, and comes back just
then: it claims 50 of A's devices, 0.2 s later the other 50. Their polls go through the gate.

Some devices are left alone: those that this worker polls or is just claiming, those whose polls
have failed lately (``rests``), and those of users whom the operator does not admit.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

import asyncpg

from syncv3.errors import Stopping, Unavailable
from syncv3.ingest.admission import Admission
from syncv3.ingest.leases import Heartbeat
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.poller import Poller, Tokens
from syncv3.ingest.running import Running
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.pollers import (
    Claim,
    claim_free_pollers,
    claim_poller,
    has_polled_sibling,
    release_pollers,
)
from syncv3.store.workers import soonest_expiry
from syncv3.types import Device, DeviceKey

logger = logging.getLogger(__name__)

CLAIM_ROUNDS: Final = 8  # a lease; one more when a silent worker may be dead
MORE_CLAIMS_S: Final = 0.2  # between two rounds when there are more than one round takes
NOT_YET_S: Final = 0.2  # between looks whether this worker may claim by now
AFTER_EXPIRY_S: Final = 0.02  # so that the lease has surely ended by the database's clock


class Accounts(Tokens, Protocol):
    """The tokens of devices, and whose a token is; see ``syncv3.ingest.accounts``."""

    async def find_anew(self, token: str) -> Device: ...


class Claims:
    """Claims devices for the worker named ``worker``, and has them run."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        accounts: Accounts,
        running: Running,
        heartbeat: Heartbeat,
        *,
        worker: str,
        options: PollerOptions,
        admission: Admission | None = None,
    ) -> None:
        self._admission = admission or Admission()
        self._pool = pool
        self._accounts = accounts
        self._running = running
        self._heartbeat = heartbeat
        self._worker = worker
        self._options = options
        self._starting: dict[DeviceKey, asyncio.Lock] = {}

    async def has_tokens(self, device_key: DeviceKey) -> bool:
        """Whether the device has a token that can be read."""
        return bool(await self._accounts.tokens_of(device_key))

    # -- for a client that waits ---------------------------------------------------------

    async def begin(self, device: Device, token: str, *, gated: bool = False) -> Poller | None:
        """The running poller of a device, started if need be; None when another worker has
        it, or may have it. ``gated``: it waits its turn at the gate.

        Requests of one device that come together wait for one claim. Raises ``Unavailable`` when no
        lease can be had now, what ``find_anew`` raises, and what the database raises.
        """
        lock = self._starting.setdefault(device.device_key, asyncio.Lock())
        try:
            async with lock:
                running = self._running.get(device.device_key)
                return running or await self._claim(device, token, gated=gated)
        finally:
            if not lock.locked():
                self._starting.pop(device.device_key, None)

    async def _claim(self, device: Device, token: str, *, gated: bool) -> Poller | None:
        if self._running.closed or not self._heartbeat.alive:
            raise Unavailable("no database, or stopping")
        # The caller knows the device from memory. The database may have been restored since, to a
        # time before the device's first request.
        if not await self.has_tokens(device.device_key):
            found = await self._accounts.find_anew(token)  # asks the homeserver, stores it again
            if found != device:
                raise Unavailable("the database has lost this device; try again")
        silence = self._options.silence
        claim = await claim_poller(
            self._pool, device, self._worker, silence, take_over=self._heartbeat.may_take_over
        )
        if claim is None:
            return None
        # Rooms come with the poll of another device of the user, if that is up to date.
        no_rooms = claim.since is None and await has_polled_sibling(
            self._pool, device, silence, self._options.fresh
        )
        if self._running.closed:  # meanwhile; the lease is given back with all others
            raise Stopping
        return self._running.run(claim, no_rooms=no_rooms, gated=gated)

    # -- what nobody polls ---------------------------------------------------------------

    async def run(self) -> None:
        """Claim devices that nobody polls, a bounded number a round, until cancelled."""
        while True:
            pause_s = self._longest_pause_s
            try:
                pause_s = await self._round()
            except DATABASE_FAULTS as error:
                logger.warning("cannot claim pollers", extra={"reason": type(error).__name__})
            await asyncio.sleep(pause_s)

    @property
    def _longest_pause_s(self) -> float:
        return self._options.lease.total_seconds() / CLAIM_ROUNDS

    async def _round(self) -> float:
        """Claims once what nobody polls; gives the seconds until the next round."""
        if not self._heartbeat.may_take_over:
            return min(self._longest_pause_s, NOT_YET_S)
        if await self._claim_some() == self._options.claims_a_round:
            return MORE_CLAIMS_S
        return min(self._longest_pause_s, await self._expiry_s())

    async def _claim_some(self) -> int:
        """Claims devices that nobody polls; gives how many, at most ``claims_a_round``."""
        await self._running.release_late(self._starting.keys())
        besides = (*self._running.device_keys, *self._starting, *self._running.rests.resting())
        claims = await claim_free_pollers(
            self._pool,
            self._worker,
            self._options.silence,
            idle=self._options.idle,
            limit=self._options.claims_a_round,
            besides=[*besides],
        )
        if not self._heartbeat.may_take_over:  # the claim had stood still with the database
            keys = {claim.device.device_key for claim in claims} - set(self._running.device_keys)
            await release_pollers(self._pool, [*keys], self._worker)
            return 0
        for claim in await self._admitted(claims):
            self._running.run(claim, gated=True)
        return len(claims)

    async def _admitted(self, claims: Sequence[Claim]) -> list[Claim]:
        """The claims of users who may use this service. Devices of others are given back, and
        rest."""
        turned_away = [
            claim.device.device_key
            for claim in claims
            if not self._admission.admits(claim.device.user_id)
        ]
        if not turned_away:
            return [*claims]
        for key in turned_away:  # else the next round would claim them again
            self._running.rests.needs_client(key)
        await release_pollers(self._pool, turned_away, self._worker)
        return [claim for claim in claims if claim.device.device_key not in turned_away]

    async def _expiry_s(self) -> float:
        """Seconds until just after the first lease that ends unless its owner beats; infinite if
        there is none. If that owner is dead, its pollers stand still for so long and no longer."""
        expiry_s = await soonest_expiry(self._pool, self._worker, self._options.silence)
        return float("inf") if expiry_s is None else max(expiry_s, 0.0) + AFTER_EXPIRY_S
