"""Requests that begin a connection: they wait until there is something to serve (rule U-22).

How long depends on what is stored already:

- A, whose device was polled before: its rooms are there, perhaps a little old. It waits for the
  first answer of the new poll, but a second at most.
- B, a new device of a user who is polled for another device: that one's poll brings the rooms. It
  does not wait (U-23).
- C, a new user: nothing is stored. It waits until the first rooms are, a hundred seconds at most.
  The largest account would take longer as a whole; its most recent rooms come first.

If another worker polls the device, this one looks into the database every quarter of a second.
Requests that continue by ``pos`` are another matter; see ``attendance``.
"""

import asyncio
from datetime import timedelta
from typing import Final

import asyncpg
from prometheus_client import Gauge

from syncv3.errors import BadGateway, MatrixError, Stopping, Unavailable, UnknownToken
from syncv3.ingest.attendance import refusal
from syncv3.ingest.claims import Claims
from syncv3.ingest.imports import Imports
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.poller import Poller
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.ingest.running import Running
from syncv3.store.pollers import load_poller
from syncv3.types import Device

UNREACHABLE_AFTER: Final = 3
"""Tries without any answer until a client that waits for a first sync is told."""


class Newcomers:
    """Has requests wait, each for its device. ``pending`` counts those that wait now."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        running: Running,
        claims: Claims,
        imports: Imports,
        pending: Gauge,
        options: PollerOptions,
    ) -> None:
        self._pool = pool
        self._running = running
        self._claims = claims
        self._imports = imports
        self._pending = pending
        self._options = options

    async def ensure(self, device: Device, token: str) -> None:
        """Return when ``device`` is polled and there is something to serve.

        Raises ``UnknownToken`` when its tokens are rejected, ``BadGateway`` when a first sync
        finds no homeserver, ``Unavailable`` after 100 s.
        """
        deadline = _now() + self._options.first_wait_s
        with self._pending.track_inprogress():
            while not await self._serve(device, token, deadline):
                if _now() >= deadline:
                    raise Unavailable("the first sync takes long; try again")

    async def first_answer(self, device: Device) -> bool:
        """Wait until the device's own poll has had its first answer, at most a second (U-23).

        Other devices' polls bring the rooms, but not what is this device's: without its key
        counts some clients upload no keys for a minute. True if there was need to wait: what is
        stored may have changed meanwhile.
        """
        deadline, waited = _now() + self._options.current_wait_s, False
        while _now() < deadline and not await self._has_answer(device):
            waited = True
            poller = self._running.get(device.device_key)
            if poller is not None:
                await poller.progress.change(deadline - _now())
            else:
                await asyncio.sleep(self._options.remote_look_s)
        return waited

    async def catch_up(self, device: Device, most_s: float) -> None:
        """Wait until the device's poll stands waiting for news, as far as it runs here (S-538).

        A client that was told of an event by a push asks for it a moment later. The homeserver
        sends it to us at the same time; so it has come in when the poll waits again. ``most_s``
        bounds the wait. A device that another worker polls is not waited for.
        """
        poller = self._running.get(device.device_key)
        if poller is not None:
            await poller.progress.settled(most_s)

    def importing(self, device: Device) -> bool:
        """Whether the first answer to a device of a new user is still being taken in, or what
        it ended with may not have been told yet (S-327)."""
        poller = self._running.get(device.device_key)
        if poller is None:
            return self._imports.lately(device.device_key)
        return not poller.resumed and poller.progress.importing

    async def _has_answer(self, device: Device) -> bool:
        """Whether a whole answer to the device's poll was taken in. Also true if nobody polls
        it: none will come."""
        poller = self._running.get(device.device_key)
        if poller is not None:
            return poller.progress.stage >= Stage.CURRENT
        row = await load_poller(self._pool, device.device_key, self._silence)
        return row is None or row.complete

    @property
    def _silence(self) -> timedelta:
        return self._options.silence

    async def _serve(self, device: Device, token: str, deadline: float) -> bool:
        """One look of ``ensure``, with a wait. True: the device can be served. False: look
        again."""
        key = device.device_key
        poller = self._running.get(key)
        if poller is not None and poller.progress.stage is Stage.ENDED:
            await self._running.ended(key)  # its failure is not ours (U-14)
            poller = self._running.get(key)
        if poller is None:
            poller = await self._claims.begin(device, token)
        if poller is not None:
            self._running.gate.hurry(key)  # it may stand in a queue with those nobody waits for
            return await self._wait_for(poller, deadline)
        row = await load_poller(self._pool, key, self._silence)
        self._imports.look(key, row)
        if row is not None and row.has_rooms:
            return True
        await asyncio.sleep(self._options.remote_look_s)
        return False

    async def _wait_for(self, poller: Poller, deadline: float) -> bool:
        """Whether the poller's device can be served. False: the poller has ended, or time is
        over."""
        progress = poller.progress
        if poller.resumed:
            deadline = min(deadline, poller.created + self._options.current_wait_s)
        while progress.stage < (Stage.CURRENT if poller.resumed else Stage.SERVING):
            if poller.no_rooms:
                return True
            if not poller.resumed and (hopeless := why_hopeless(progress)) is not None:
                raise hopeless
            if not await progress.change(deadline - _now()):
                return poller.resumed  # time is over: then what is stored of before is served
        if progress.stage < Stage.ENDED:
            return True
        if (error := why_ended(progress, stopping=self._running.closed)) is not None:
            raise error
        return False


def why_hopeless(progress: PollerProgress) -> MatrixError | None:
    """What a client that waits for a first sync is told when that keeps failing; None: it waits
    on."""
    # One try may fail by chance: a client that is told of it shows an error.
    if progress.unreachable >= UNREACHABLE_AFTER:
        return BadGateway("the homeserver cannot be reached")
    return refusal(progress.failure) if progress.failures >= UNREACHABLE_AFTER else None


def why_ended(progress: PollerProgress, *, stopping: bool) -> MatrixError | None:
    """What a client is told when the poller it waits for has ended (U-25, U-17G); None: another
    one is begun."""
    error = progress.error
    if isinstance(error, UnknownToken):
        return UnknownToken(error.message, soft_logout=error.soft_logout)
    return Stopping() if stopping else None


def _now() -> float:
    return asyncio.get_running_loop().time()
