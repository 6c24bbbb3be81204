"""One device's poll: ask /sync, take in the answer, again, until told to stop.

One round is ``_step``:

1. Pause, if nobody waits for the device (``pauses``). At a start, wait for a turn at the gate.
2. Ask with the ``since`` of the last answer. A first question, or one after a pause, asks for what
   is there (``timeout=0``), any other is a long poll of 30 seconds.
3. Take the answer in (``intake``). Only then ``since`` moves, here and in the database.

A poller never gives up on a homeserver that fails (UZ-5): it waits a little longer each time, and
asks the same again, so nothing is lost. It ends when its tokens are rejected, when its lease is
lost, or when it is stopped. Two failures are answered otherwise. If a token is rejected, the next
token of the device is tried. If the homeserver answers five times in a row that the request is bad,
the ``since`` itself must be what it does not take (it has lost its database, say), and the poller
asks without ``since``, as if for the first time.

``stop`` may come at any moment. While the poller waits for the homeserver it can be cancelled, as
nothing is lost. While it stores an answer it goes on to the end of that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from syncv3.batch import Lease
from syncv3.complaints import Complaints, reason_of
from syncv3.errors import HomeserverError, LeaseLost, UnknownToken
from syncv3.ingest.arrivals import SMALL, Arrivals
from syncv3.ingest.backoff import Backoff
from syncv3.ingest.filters import UpstreamFilters
from syncv3.ingest.gate import Places
from syncv3.ingest.handover import hand_over
from syncv3.ingest.intake import Intake, Sinks
from syncv3.ingest.pauses import NEVER, Attention, PausePace
from syncv3.ingest.presences import Presences
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.types import Device, DeviceKey
from syncv3.upstream.body import SyncBody

logger = logging.getLogger(__name__)

LONG_POLL_MS = 30_000
LEAST_PACE_S = 0.1
"""Wait after an answer without news that came at once: there are homeservers that do not wait, and
would be asked as fast as they can answer."""
DEAD_SINCE_AFTER = 5
"""Answers 400 in a row after which the since token itself must be the fault."""

_T = TypeVar("_T")


class NoUsableToken(UnknownToken):
    """The device has no token that can be read; the homeserver was not even asked."""


class Upstream(Protocol):
    """Asks the homeserver for one answer; see ``Homeserver.sync``."""

    async def sync(
        self,
        token: str,
        *,
        since: str | None,
        timeout_ms: int,
        filter: str,
        initial: bool,
        presence: str,
    ) -> SyncBody: ...


class Tokens(Protocol):
    """The tokens of a device, the one used last first; see ``Accounts``."""

    async def tokens_of(self, device_key: DeviceKey) -> list[str]: ...

    async def drop(self, token: str, rejection: UnknownToken) -> None: ...

    def confirm(self, token: str, asked: float) -> None: ...


class Gate(Protocol):
    """Bounds how many pollers get their first answer at the same time (rule U-21)."""

    async def enter(self, device_key: DeviceKey) -> None: ...

    def leave(self) -> None: ...


@dataclass(frozen=True, slots=True)
class PollerTools:
    """What all pollers of a process have in common.

    ``upstream`` answers questions, ``tokens`` has what they are asked with, ``filters`` what they
    are asked for. ``presences`` says what others are told of the users meanwhile. ``pace`` says how
    polls rest, ``places`` bounds how many of those that rest ask at the same time, and ``arrivals``
    how many small answers are taken in at the same time.
    """

    upstream: Upstream
    tokens: Tokens
    filters: UpstreamFilters = field(default_factory=UpstreamFilters)
    presences: Presences = field(default_factory=Presences)
    pace: PausePace = NEVER
    places: Places = field(default_factory=lambda: Places(1))
    arrivals: Arrivals = field(default_factory=Arrivals)


class Poller:
    """One run of one device's poll, under one lease.

    ``since`` is the token that is stored; None: the device was never polled. ``no_rooms``: the
    first answer needs no rooms, as another device of the user is polled, which brings them (rule
    U-23). ``rooms_due``: what is stored up to ``since`` has no rooms (``syncv3.ingest.handover``).
    ``gate``, if given, is passed for each try until the first answer is stored.
    """

    def __init__(
        self,
        sources: PollerTools,
        sinks: Sinks,
        device: Device,
        lease: Lease,
        since: str | None,
        *,
        no_rooms: bool = False,
        rooms_due: bool = False,
        gate: Gate | None = None,
    ) -> None:
        self.device = device
        self.lease = lease
        self.progress = PollerProgress()
        self.attention = Attention(sources.pace, sources.places, self.progress)
        self.no_rooms = no_rooms
        self.resumed = since is not None and not rooms_due
        self.created = asyncio.get_running_loop().time()
        self._sources = sources
        self._intake = Intake(sinks, device, lease, since, self.progress, rooms_due=rooms_due)
        self._rooms_due = rooms_due
        self._gate = gate
        self._backoff = Backoff()
        self._complaints = Complaints()
        self._bad_requests = 0
        self._metrics = sinks.measures.metrics
        self._stopping = self._interruptible = False
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Poll until stopped.

        Raises ``UnknownToken`` when no token is left, ``LeaseLost`` when another worker has the
        device, and ``CancelledError`` when it was stopped while it waited. However it ends,
        ``progress`` says so.
        """
        self._task = asyncio.current_task()
        error: BaseException | None = None
        logger.info("poller started", extra={"since": self._intake.since})
        try:
            await self._run()
        except BaseException as reason:
            error = reason
            raise
        finally:
            self._intake.tally.write()
            self.progress.end(error)

    def stop(self) -> None:
        """End soon: at once while waiting, else after the commit that is under way."""
        self._stopping = True
        if self._interruptible and self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        """Poll with the token that was used last; if the homeserver rejects it, with the next
        (UZ-8)."""
        tokens = await self._sources.tokens.tokens_of(self.device.device_key)
        while tokens and not self._stopping:
            try:
                await self._step(tokens[0])
            except UnknownToken as rejection:
                logger.info("token invalidated", extra={"soft_logout": rejection.soft_logout})
                await self._sources.tokens.drop(tokens[0], rejection)
                tokens = await self._sources.tokens.tokens_of(self.device.device_key)
                if not tokens:  # clients are told why the last one was rejected
                    raise
        if not self._stopping:
            raise NoUsableToken("no usable access token")

    async def _step(self, token: str) -> None:
        """One round, and a wait behind it if it has failed in a way that may pass (rules U-40,
        U-42)."""
        try:
            await self._poll(token)
        except (UnknownToken, LeaseLost):
            raise
        except HomeserverError as error:
            self._intake.missed()  # it may have been answered, and the answer got lost
            self._bad_requests = self._bad_requests + 1 if error.status == 400 else 0
            self.progress.failed(error)
            await self._wait_after(str(error), error.retry_after_s)
        except Exception as error:
            self.progress.failed(error)
            reason = reason_of(error)
            # The traceback once; the same failure again and again is one line, now and then.
            if self._complaints.due(f"traceback of {reason}") == 1:
                logger.exception("cannot take in an answer")
            await self._wait_after(f"not taken in: {reason}", None)
        else:
            self._backoff.reset()
            self._complaints.over()
            self.progress.succeeded()
            self._bad_requests = 0

    async def _wait_after(self, reason: str, retry_after_s: float | None) -> None:
        initial = self.progress.stage < Stage.CURRENT
        wait_s = self._backoff.next_wait_s(retry_after_s, initial=initial)
        times = self._complaints.due(reason)
        if times is not None:
            logger.warning(
                "waiting before the poll is repeated",
                extra={
                    "reason": reason,
                    "times": times,
                    "failures": self._backoff.failures,
                    "wait_s": wait_s,
                },
            )
        await self._interruptibly(asyncio.sleep(wait_s))

    async def _poll(self, token: str) -> None:
        """When it is due, ask once and take in the answer, through the gate until the first is
        stored."""
        await self._interruptibly(self.attention.pause())
        if self._gate is None or self.progress.stage >= Stage.CURRENT:
            await self._ask_and_take_in(token)
            return
        await self._interruptibly(self._gate.enter(self.device.device_key))
        try:
            await self._ask_and_take_in(token)
        finally:
            self._gate.leave()

    async def _ask_and_take_in(self, token: str) -> None:
        """One question, or, once for a device taken over from the Go proxy, the whole handover."""
        refused = self._bad_requests >= DEAD_SINCE_AFTER
        if self._rooms_due and not refused:
            await hand_over(self._intake, partial(self._ask, token))
            self.attention.answered()
        else:
            await self._go_on(token, refused=refused)
        self._rooms_due = False

    async def _go_on(self, token: str, *, refused: bool) -> None:
        """One question and its answer. ``refused``: the homeserver refuses the ``since``, so it is
        asked without."""
        asked = asyncio.get_running_loop().time()
        since = None if refused else self._intake.since
        first, rested = self.progress.stage < Stage.CURRENT, self.progress.resting
        ask = self._ask_in_turn if rested else self._ask
        body = await ask(token, since, no_rooms=first and self.no_rooms)
        # One that has rested asks with ``timeout=0``: that its answer comes at once says nothing.
        at_once = body.first_byte - asked < LEAST_PACE_S and not rested
        news = await self._take_in(body, refused=refused and self._intake.since is not None)
        self.attention.answered()
        if at_once and not news and not self._stopping:
            await self._interruptibly(asyncio.sleep(LEAST_PACE_S))

    async def _take_in(self, body: SyncBody, *, refused: bool) -> bool:
        """Store an answer when it is its turn; whether it had news.

        A large one needs no turn (``arrivals``): it is taken in by parts, between which others run.
        """
        user_key, small = self.device.user_key, len(body.data) < SMALL
        try:
            if small:
                await self._sources.arrivals.enter(user_key)
            return await self._intake.take_in(
                body, anew=self._rooms_due, refused=refused, pausing=self.attention.is_ending
            )
        finally:
            if small:
                self._sources.arrivals.leave(user_key)

    async def _ask_in_turn(self, token: str, since: str | None, *, no_rooms: bool) -> SyncBody:
        """Ask when it is this poll's turn: of the polls that rest only so many ask at a time."""
        place = await self._interruptibly(self.attention.turn())
        try:
            return await self._ask(token, since, no_rooms=no_rooms)
        finally:
            place.leave()

    async def _ask(self, token: str, since: str | None, *, no_rooms: bool) -> SyncBody:
        """One answer of the homeserver. It shows that the token is good, and that is noted."""
        asked = asyncio.get_running_loop().time()
        body = await self._interruptibly(self._answer(token, since, no_rooms=no_rooms))
        self._sources.tokens.confirm(token, asked)
        return body

    async def _answer(self, token: str, since: str | None, *, no_rooms: bool) -> SyncBody:
        """Ask, and note when, for whoever watches this poll (``progress``, ``pauses``)."""
        first, rested = self.progress.stage < Stage.CURRENT, self.progress.resting
        self._metrics.polls.inc()
        self.attention.asks()
        self.progress.asking_since = asyncio.get_running_loop().time()
        try:
            with self._metrics.outstanding_polls.track_inprogress():
                return await self._sources.upstream.sync(
                    token,
                    since=since,
                    timeout_ms=0 if first or rested else LONG_POLL_MS,
                    filter=self._sources.filters.of(since, no_rooms=no_rooms, paused=rested),
                    initial=first,
                    presence=self._sources.presences.of(self.device.device_key),
                )
        finally:
            self.progress.asking_since = None

    async def _interruptibly(self, waiting: Awaitable[_T]) -> _T:
        """Wait for what ``stop`` may cut short: nothing is lost by it (rule U-28A)."""
        if self._stopping:
            if isinstance(waiting, Coroutine):
                waiting.close()  # it is never begun
            raise asyncio.CancelledError
        self._interruptible = True
        try:
            return await waiting
        finally:
            self._interruptible = False
