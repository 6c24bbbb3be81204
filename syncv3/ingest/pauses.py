"""Devices that nobody waits for are polled at pauses; a request ends the pause at once.

Most devices are offline, and each of their long polls returns at each message of their rooms. What
these answers bring can wait: the homeserver keeps it, and gives all of it to whoever asks later.

A device is *waited for* from a request on until some minutes (``grace_s``) after the time that this
request may take. As long as it is, its poll is a long poll, as ever: a client that asks again and
again never meets a pause. When the time is over the poll *rests*: it asks with ``timeout=0``, for
what has come since, then it pauses, then it asks again. The pauses double, from ``first_s`` to
``longest_s``, each shortened by chance, so that devices do not ask all together. But those of one
worker ask at whole multiples of ``together_s``: what their answers bring is then stored in a few
groups. Stored one by one, they cost the database twice as much as long polls do, whose answers come
together by themselves, when a message has come.

A request for a resting device ends the pause. What counts is an answer to a question that was put
*after* the request came. A: the pause ends by itself, and the poll is asked. B: a message arrives,
and a push tells the client. C: the client asks. The answer to A may have been made before B, so the
poll goes on with ``timeout=0`` once more; that answer has B, and with it the poll has *caught up*:
its next question is a long poll. The client's first answer waits until then, but ``WAIT_S`` at most
after the device was called, and not at all while the poll fails. After that it is answered with
what is stored, and hears of the rest as it does of all news.

Nothing is lost by a pause. To-device messages and device lists stay at the homeserver until
``since`` moves past them. If a room in which nobody is waited for has more events in one pause than
``PAUSED_TIMELINE``, the newest are stored behind a gap, as after any absence. The lease is the
worker's: its heartbeat keeps it, whether polls rest or not, and a worker that takes a poll over
begins with a full grace, since it cannot know who waits. A poll that has not had its first answer
never rests, since there is nothing to show yet.

Roles (U-131): who speaks for a room's typing is heard for half a minute after its last word. So a
poll whose rest is nearer than that (``is_ending``) speaks for no room any more, and when it begins
to rest it has no role left that another poller would have to wait for.
"""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from syncv3.ingest.gate import Places, PollSlot
from syncv3.ingest.progress import PollerProgress, Stage

WAIT_S: Final = 1.0
"""A request waits for so long, from when its device was called, for what a pause has left."""
ROLE_S: Final = 35.0
"""More than a poller's role for a room lasts after its last word (``extensions.typing``)."""


@dataclass(frozen=True, slots=True)
class PausePace:
    """How polls rest, in seconds. ``grace_s``: until a device that nobody asks for rests;
    ``longest_wait_s``: the longest that a request can take; ``together_s``: between the times at
    which resting polls ask."""

    grace_s: float = 300.0
    first_s: float = 5.0
    longest_s: float = 60.0
    together_s: float = 5.0
    longest_wait_s: float = 120.0


NEVER: Final = PausePace(grace_s=float("inf"))  # devices are waited for for ever: no poll rests


class Bounds(Protocol):
    """What an operator decides of pauses; see ``syncv3.config``. ``pause_after_s`` 0: no poll
    rests."""

    @property
    def pause_after_s(self) -> int: ...

    @property
    def longest_poll_s(self) -> int: ...


def pace_of(bounds: Bounds) -> PausePace:
    """How polls rest in a service with these bounds."""
    if not bounds.pause_after_s:
        return NEVER
    return PausePace(grace_s=bounds.pause_after_s, longest_wait_s=bounds.longest_poll_s)


def due_at(now: float, until: float, polls: int, pace: PausePace, chance: float) -> float:
    """When a poll is due whose device is waited for until ``until``; times are the loop's, seconds.

    ``polls``: how many there were since nobody waits; ``chance``: from 0 to 1. At once while the
    device is waited for; else at the last multiple of ``together_s`` within the pause, or the next.
    """
    if until > now:
        return now
    whole_s = min(pace.first_s * 2.0 ** min(polls, 10), pace.longest_s)
    at = now + whole_s * (0.75 + 0.25 * chance)
    with_others = at // pace.together_s * pace.together_s
    return with_others if with_others > now else with_others + pace.together_s


class Attention:
    """How long one poller's device is waited for, and when its next poll is due."""

    def __init__(self, pace: PausePace, places: Places, progress: PollerProgress) -> None:
        self._pace = pace
        self._places = places
        self._progress = progress
        self._until = _now() + pace.longest_wait_s + pace.grace_s
        self._polls = 0  # since nobody waits
        self._called_at = float("-inf")  # when a request came for which nobody had waited before
        self._called = asyncio.Event()
        self._in_time = True  # the latest question was put while the device was waited for

    @property
    def is_ending(self) -> bool:
        """Whether the poll rests, or may rest before a role that it took now would have ended."""
        return self._until - _now() < ROLE_S

    def want(self, for_s: float) -> Coroutine[Any, Any, None] | None:
        """A request came that may take ``for_s`` seconds: the device is waited for.

        Gives what the request has to wait for, if the poll has rested and has not caught up; None:
        nothing.
        """
        now = _now()
        if self._until <= now:  # the poll may rest: what it brings next must be newer than this
            self._called_at = now
        self._until = max(self._until, now + for_s + self._pace.grace_s)
        self._called.set()
        self._places.hurry(self)
        left_s = self._called_at + WAIT_S - now
        if left_s <= 0 or not self._progress.is_behind:
            return None
        return self._progress.caught_up(left_s)

    async def pause(self) -> None:
        """Wait until the next question is due. To be called before each.

        It returns at once after a failure: that has been waited for already, and requests do not
        wait for a poll that fails, so one that gets through again must catch up without delay.
        """
        now = _now()
        due = due_at(now, self._until, self._polls, self._pace, random.random())
        is_well = self._progress.failing_since is None
        if due <= now or not is_well or self._progress.stage is not Stage.CURRENT:
            return
        self._progress.rest()
        self._called.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._called.wait()

    async def turn(self) -> PollSlot:
        """Wait for a place among the resting polls that ask. To be called before each question
        of one that rests."""
        return await self._places.enter(self, called=self._until > _now())

    def asks(self) -> None:
        """The homeserver is asked now.

        Only a question that is put while the device is waited for brings all that its client may
        have heard of; an answer to an earlier one may be older than that (see the module).
        """
        self._in_time = self._until > _now()

    def answered(self) -> None:
        """The answer is taken in."""
        self._polls = 0 if self._in_time else self._polls + 1
        if self._in_time:
            self._progress.go_on()


def _now() -> float:
    return asyncio.get_running_loop().time()
