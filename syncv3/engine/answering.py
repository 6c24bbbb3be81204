"""Answers one request: computes until there is something to say, or the time is over.

A client's request is a long poll. If the first computation has no news, the request waits until
something changes that may concern it, or its timeout is over, and is computed again from the
*same* view. An example with the view at position 10: the first computation is at 12, and finds
nothing. At 15 a message comes. The second computation compares 10 with 15. So nothing that
happened between the two is lost, whatever woke the request.

Three more things end or prolong a wait. An own event is held back until its transaction ID is
known, a second at most (``computed.waits``). A room whose user may have left it behind a gap is
waited for as long (``computed.unconfirmed``). And a room that was just opened may get more
history within ``OPENED_S``.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol

from syncv3 import logs
from syncv3.cache.cache import Cache
from syncv3.engine.added import add_members
from syncv3.engine.computed import Computed, Want
from syncv3.engine.computing import HOLD_S, Computing, Question
from syncv3.engine.connection import Connection, Waiter
from syncv3.engine.extensions import ExtensionAnswers, ExtensionRunner
from syncv3.engine.manners import Active
from syncv3.engine.positions import Positions
from syncv3.engine.view import View
from syncv3.engine.waiting import Waiters
from syncv3.errors import MatrixError
from syncv3.metrics import Metrics
from syncv3.protocol.response import SyncResponse
from syncv3.types import Device

CONFIRM_S: Final = 1.0  # so long a doubt about a membership may delay an answer
SHORTEST_PAUSE_S: Final = 0.005  # or a bound that is nearly over would be waited for in a loop
OPENED_S: Final = 0.3
"""How long a room that was just opened is waited for to be fetched further back."""
OPENED_MOST: Final = 1_000
"""Rooms of which a connection remembers that they were waited for; then all are forgotten."""


class Troubles(Protocol):
    """Knows what is wrong with the polls of devices."""

    def trouble(self, device: Device) -> MatrixError | None:
        """Why nothing has come in lately; None: all is well."""

    def importing(self, device: Device) -> bool:
        """Whether the first answer to a device of a new user is still being taken in, or was a
        moment ago."""


class FetchesPast(Protocol):
    """Fetches what is older than what is stored of rooms."""

    async def fetched(self, device: Device, rooms: Mapping[int, Want], most_s: float) -> None:
        """Return when it has been fetched or cannot be, or after so long."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, the view that it leaves behind, the epoch of that, and the rooms of which more
    history is wanted."""

    answer: SyncResponse
    view: View
    epoch: int
    wants: Mapping[int, Want] = field(default_factory=dict)


@dataclass(slots=True)
class Waited:
    """How long one request has been waiting. ``began``: for its first computation, until that
    has been measured."""

    began: float | None
    doubtful_since: float | None = None
    waited_s: float = 0.0

    def doubtful(self, now: float) -> bool:
        """Whether it is waited, and not for too long, until a doubt about a room is cleared."""
        if self.doubtful_since is None:
            self.doubtful_since = now
        return now - self.doubtful_since < CONFIRM_S


class WaitBounds(NamedTuple):
    """How long an answer may wait, and for what. ``epoch``: of its view."""

    waiter: Waiter
    waited: Waited
    deadline: float
    epoch: int


class Answering:
    """Computes, asks extensions, and waits for news."""

    def __init__(
        self,
        cache: Cache,
        computing: Computing,
        positions: Positions,
        extensions: ExtensionRunner,
        waiters: Waiters,
        troubles: Troubles,
        past: FetchesPast,
        metrics: Metrics,
    ) -> None:
        self._cache = cache
        self.computing = computing
        self._positions = positions
        self._extensions = extensions
        self.waiters = waiters
        self._troubles = troubles
        self._past = past
        self._metrics = metrics

    async def answer(
        self,
        question: Question,
        epoch: int,
        active: Sequence[Active],
        waiter: Waiter,
        deadline: float,
    ) -> Outcome:
        """The answer to a question whose view is one of that epoch."""
        connection, waited = question.connection, Waited(time.monotonic())
        connection.waiting = waiter
        with self.waiters.one(connection.device.user_key) as waiting:
            try:
                while True:
                    waiter.clear()
                    waiting[waiter] = None  # while it computes, any change makes it look again
                    computed, told = await self._computed(question, active)
                    if self._cache.epoch != epoch:  # what this view was told may be lost
                        view = await self._positions.carry_over(connection, question.view, epoch)
                        question, epoch = replace(question, view=view), self._cache.epoch
                        continue
                    waiting[waiter] = told.grounds
                    limits = WaitBounds(waiter, waited, deadline, epoch)
                    if not await self._still_holds(question, computed, told, limits):
                        continue
                    if not await self._has_gone_back(connection, computed, waiter):
                        break
            finally:
                waiter.close()
                waiting.pop(waiter, None)
                if connection.waiting is waiter:
                    connection.waiting = None
        logs.note(waited_s=waited.waited_s, **told.counts)
        _remember(connection, computed, keeps=question.dialect.manners.keeps_unshown)
        answer = SyncResponse("", computed.lists, computed.rooms, told.bodies)
        keeps = question.dialect.manners.keeps_unshown
        view = told.view(question.view, computed.view, question.naming, keeps=keeps)
        # A later connection may be begun with a token of this view: ``engine.resuming``.
        if question.ask.resumable:
            view = view.made_from(question.view)
        return Outcome(answer, view, epoch, computed.wants)

    async def _still_holds(
        self, question: Question, computed: Computed, told: ExtensionAnswers, limits: WaitBounds
    ) -> bool:
        """Waits for news as long as it may; whether the answer can then be given as it is.

        Most waits end in vain. When nothing at all has changed meanwhile for who waits, another
        computation would give the same.
        """
        waiter = limits.waiter
        while (pause := self._pause(question, computed, told, limits)) is not None:
            limits.waited.waited_s += await _wait(waiter, pause)
            doubtful = computed.waits or computed.unconfirmed
            if waiter.behind or doubtful or self._cache.epoch != limits.epoch:
                return False
            waiter.clear()
        return True

    def _pause(
        self, question: Question, computed: Computed, told: ExtensionAnswers, limits: WaitBounds
    ) -> float | None:
        """How long to wait at most before computing again; None: this is the answer.

        Raises why it would be waited for in vain.
        """
        now, waiter, waited = time.monotonic(), limits.waiter, limits.waited
        remaining = limits.deadline - now
        doubtful = computed.unconfirmed and waited.doubtful(now)
        manners, device = question.dialect.manners, question.connection.device
        changed = manners.is_news(computed, importing=self._troubles.importing(device))
        if waited.began is not None:  # what follows a wait would count the wait
            self._measure(now - waited.began, news=changed, first=question.view.first)
            waited.began = None
        news = changed or told.news or question.view.first
        if (news and not doubtful) or self.waiters.stopping or waiter.ended:
            return None
        if not news:
            over = remaining <= 0 and manners.tells_troubles
            self._raise_if_in_vain(waiter, device, over=over)
        if remaining <= 0:
            return None
        return _until_next(question.connection, computed, remaining, doubtful=doubtful)

    async def _has_gone_back(
        self, connection: Connection, computed: Computed, waiter: Waiter
    ) -> bool:
        """Whether it was waited until rooms that were just opened show more (S-611).

        Only where an answer has nothing but such rooms, as the others would wait with them; and
        only for a room's first, as live messages must not be late where older ones cannot be had.
        """
        opened = {key: want for key, want in computed.wants.items() if want.opened}
        new = {key: want for key, want in opened.items() if key not in connection.opened}
        if len(connection.opened) >= OPENED_MOST:
            connection.opened.clear()
        connection.opened.update(new)
        alone = len(opened) == len(computed.rooms)
        if not new or not alone or self.waiters.stopping or waiter.ended:
            return False
        await self._past.fetched(connection.device, new, OPENED_S)
        await self._cache.refresh()
        return True

    def _raise_if_in_vain(self, waiter: Waiter, device: Device, *, over: bool) -> None:
        """There is no news, because none can come in: raises why.

        If nobody can poll the device that is said at once. If its poll fails, the request
        waits as usual, as other users' polls may have news for it, and is told in the end.
        """
        waiter.raise_if_unpolled()
        trouble = self._troubles.trouble(device) if over else None
        if trouble is not None:
            raise trouble

    async def _computed(
        self, question: Question, active: Sequence[Active]
    ) -> tuple[Computed, ExtensionAnswers]:
        """The answer as of now, with what extensions add to it."""
        computed, sources = await self.computing.compute(question)
        told = await self._extensions.respond(active, question, computed, sources)
        if told.members and question.dialect.manners.names_members:
            sent = question.connection.members
            await add_members(self._cache, computed, sources, sent, told.members)
        return computed, told

    def _measure(self, seconds: float, *, news: bool, first: bool) -> None:
        logs.note(process_s=seconds)
        if news:
            self._metrics.process_duration.labels("1" if first else "0").observe(seconds)


def _until_next(
    connection: Connection, computed: Computed, remaining: float, *, doubtful: bool
) -> float:
    """When something may be said that nothing new tells of: what was held back, say."""
    pause = min(remaining, CONFIRM_S) if doubtful else remaining
    for event_key in computed.waits:
        left = HOLD_S - (time.monotonic() - connection.hold[event_key])
        pause = min(pause, max(left, SHORTEST_PAUSE_S))
    return pause


async def _wait(waiter: Waiter, seconds: float) -> float:
    """Waits until the waiter is set, at most so long; how long it was."""
    began = time.monotonic()
    handle = asyncio.get_running_loop().call_later(seconds, waiter.set)
    try:
        await waiter.wait()
    finally:
        handle.cancel()
    return time.monotonic() - began


def _remember(connection: Connection, computed: Computed, *, keeps: bool) -> None:
    """Notes what the answer says of members, and drops what need not be held any more."""
    connection.hold = {k: t for k, t in connection.hold.items() if k in computed.waits}
    if keeps:  # they count when the client comes back with the answer's view
        return
    at = computed.view.position
    for key, members in computed.members.items():
        unmet = computed.unmet.get(key, frozenset())
        connection.sent_members(key, members, unmet, at, anew=key in computed.renewed)
