"""Requests that continue by ``pos``, and whether somebody polls their devices (rule U-60).

Such a request is answered from what is stored and then waits for news, so it must not wait
for a poll that nobody makes. If this worker polls the device, that is known at once. If not,
the database is looked at, at most once in ten seconds for a device: either another worker
polls it, or the poll is begun here. If nobody can poll it, the request is refused with the
reason instead of waiting.

A poll may also go on and fail each time. That is told too, but only in place of an empty
answer: what other users' polls bring is news all the same. Say the homeserver refuses Alice's
sync, and answers Bob's. A message in a room of both comes with Bob's poll, so Alice is told of it;
after a minute of failures, a request of hers for which there is no news ends with the reason.
"""

import asyncio
from collections import OrderedDict
from http import HTTPStatus
from typing import NamedTuple

import asyncpg

from syncv3.errors import (
    BadGateway,
    HomeserverError,
    LeaseLost,
    MatrixError,
    Refused,
    Unavailable,
    UnknownToken,
)
from syncv3.ingest.claims import Claims
from syncv3.ingest.imports import Imports
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.poller import LONG_POLL_MS, Poller
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.ingest.running import Running
from syncv3.store.pollers import PollerRow, load_poller
from syncv3.types import Device, DeviceKey
from syncv3.upstream.failures import DEAD_TOKEN

REMEMBERED = 10_000  # devices that others poll; for one that is forgotten the row is read anew
FORGOTTEN_S = 600.0
"""A device that was not looked at for so long is looked at as if for the first time."""

# What clients are told, where the homeserver has said nothing that could be passed on.
NOBODY = "nobody syncs this device at the moment; try again"
CRASHED = "the sync of this device has failed here; try again"
UNANSWERED = "the homeserver does not answer the sync of this device"
REFUSED = "the homeserver refuses to sync this device"
NOT_STORED = "what the homeserver says cannot be stored at the moment"


class _Look(NamedTuple):
    """What was ``seen`` of a poll elsewhere at the time ``at``; it has been the same ``since``."""

    at: float
    since: float
    seen: PollerRow


class Attendance:
    """Sees to it that the devices of waiting requests are polled. ``worker`` is this one."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        running: Running,
        claims: Claims,
        imports: Imports,
        *,
        worker: str,
        options: PollerOptions,
    ) -> None:
        self._pool = pool
        self._running = running
        self._claims = claims
        self._imports = imports
        self._worker = worker
        self._silence = options.silence
        self._patience = options.patience
        self._seeing: dict[DeviceKey, asyncio.Task[None]] = {}
        self._looks: OrderedDict[DeviceKey, _Look] = OrderedDict()

    async def stop(self) -> None:
        tasks = list(self._seeing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def attend(self, device: Device, token: str) -> "asyncio.Future[None] | None":
        """Has the device polled, if nobody polls it. None: somebody does. Else a future, the same
        for all who ask meanwhile.

        The future ends when the device is polled, here or elsewhere. Its exceptions:
        ``UnknownToken`` if the device's tokens are rejected, ``Unavailable`` if nobody can poll it
        now, and what the homeserver (``MatrixError``) or the database says when it is asked for
        this.
        """
        key = device.device_key
        seeing = self._seeing.get(key)
        if seeing is not None or self._is_seen_to(key):
            return seeing
        task = self._seeing[key] = asyncio.create_task(self._see_to(device, token))
        task.add_done_callback(lambda done: self._saw_to(key, done))
        return task

    def trouble(self, device: Device) -> MatrixError | None:
        """What to tell a client for whom there is no news; None: all is well."""
        now = asyncio.get_running_loop().time()
        poller = self._running.get(device.device_key)
        if poller is not None:
            return trouble_of(poller.progress, now, self._patience.failing_s)
        look = self._looks.get(device.device_key)
        if look is None or not look.seen.complete:  # a first sync is stored when all is there
            return None
        silent_s = look.at - look.since
        return BadGateway(UNANSWERED) if silent_s > self._patience.silent_s else None

    def _is_seen_to(self, key: DeviceKey) -> bool:
        """Whether the device is polled, as far as it is known without asking the database."""
        poller = self._running.get(key)
        if poller is not None:
            return poller.progress.stage is Stage.CURRENT
        look = self._looks.get(key)
        now = asyncio.get_running_loop().time()
        return look is not None and now - look.at < self._patience.look_s

    def _saw_to(self, key: DeviceKey, task: "asyncio.Task[None]") -> None:
        self._seeing.pop(key, None)
        if not task.cancelled():
            task.exception()  # there may be nobody left to be told

    async def _see_to(self, device: Device, token: str) -> None:
        """Try to have the device polled, again and again; see ``attend`` for the errors."""
        now = asyncio.get_running_loop().time
        deadline = now() + self._patience.unpolled_s
        while not await self._is_polled(device, token):
            if now() >= deadline:
                raise Unavailable(NOBODY)
            await asyncio.sleep(self._patience.again_s)

    async def _is_polled(self, device: Device, token: str) -> bool:
        """Whether the device is polled, here or elsewhere. False: not now, so the caller looks
        again."""
        key = device.device_key
        poller = self._running.get(key)
        if poller is not None and poller.progress.stage is Stage.ENDED:
            await self._running.ended(key)  # its failure is not ours (U-14)
            poller = self._running.get(key)
        if poller is None and await self._is_polled_elsewhere(key):
            return True
        if poller is None:
            poller = await self._claims.begin(device, token, gated=True)
        return poller is not None and await self._is_up(poller)

    async def _is_polled_elsewhere(self, key: DeviceKey) -> bool:
        """Whether another worker's lease of the device holds. Notes how its row looked.

        A poll that goes on changes its row at least every 90 seconds. So a row that stays the same
        for long tells that the other worker's poll fails, which nothing else here would show.
        """
        row = await load_poller(self._pool, key, self._silence)
        if row is None or not row.leased or row.owner == self._worker:
            self._looks.pop(key, None)
            return False
        self._imports.look(key, row)
        now = asyncio.get_running_loop().time()
        before = self._looks.pop(key, None)
        same = before is not None and before.seen == row and now - before.at < FORGOTTEN_S
        self._looks[key] = _Look(now, before.since if before and same else now, row)
        if len(self._looks) > REMEMBERED:
            self._looks.popitem(last=False)
        return True

    async def _is_up(self, poller: Poller) -> bool:
        """Wait for the first answer that the poller stores. False: it was stopped, or lost its
        lease."""
        progress = poller.progress
        while progress.stage < Stage.CURRENT:
            await progress.change(FORGOTTEN_S)
        if progress.stage is Stage.CURRENT:
            return True
        error = progress.error
        if error is None or isinstance(error, LeaseLost | asyncio.CancelledError):
            return False  # another worker has it, or this one stops: look again
        if not isinstance(error, UnknownToken):
            raise Unavailable(CRASHED)
        if await self._claims.has_tokens(poller.device.device_key):
            return False  # one that came while the poller ended
        raise UnknownToken(error.message, soft_logout=error.soft_logout)


def trouble_of(progress: PollerProgress, now: float, failing_s: float) -> MatrixError | None:
    """What is wrong with a poll that runs here; None: nothing, or not for longer than
    ``failing_s``."""
    failing, asking = progress.failing_since, progress.asking_since
    if failing is not None and progress.failure is not None and now - failing > failing_s:
        return told_of(progress.failure)
    is_live = progress.stage is Stage.CURRENT  # a first answer may take as long as it likes
    if is_live and asking is not None and now - asking > LONG_POLL_MS / 1000 + failing_s:
        return BadGateway(UNANSWERED)
    return None


def told_of(failure: BaseException) -> MatrixError:
    """What a client is told of a poll that fails because of ``failure`` (rule U-43)."""
    if not isinstance(failure, HomeserverError):
        return Unavailable(NOT_STORED)
    return refusal(failure) or BadGateway(UNANSWERED)


def refusal(failure: BaseException | None) -> Refused | None:
    """The homeserver's own reason not to sync for an account; None: it failed for another reason.

    A 401 or 403 without an errcode comes from a reverse proxy. One whose errcode is about the token
    is not passed on, as it did not come with the status that such an error has: it would end
    clients' sessions (UZ-6).
    """
    if not isinstance(failure, HomeserverError) or failure.errcode in ("", *DEAD_TOKEN):
        return None
    if failure.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return None
    return Refused(REFUSED, status=failure.status, errcode=failure.errcode)
