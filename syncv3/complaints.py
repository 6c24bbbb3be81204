"""What goes wrong again and again is told to the log once, and then rarely.

*One thing that is stuck*, a poll say, is tried every few seconds, perhaps for weeks. The log
hears of each reason at once, and then after a minute, two, four and so on up to an hour, with
how often it has happened meanwhile (``Complaints``).

*What each of many may bring about*, each of thousands of devices say, is told once an hour for
each of them (``Hourly``).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

FIRST_S: Final = 60.0
LONGEST_S: Final = 3600.0
REASONS_MOST: Final = 16
"""Reasons that are told apart; further ones are told each time they change."""
AGAIN_S: Final = 3600.0
REMEMBERED: Final = 10_000
"""Keys of which it is remembered that they were told within the hour."""


@dataclass(slots=True)
class _Reason:
    """When a reason was last told, how long it is not told again, how often it has come since."""

    told_at: float
    pause_s: float = FIRST_S
    times: int = 0


class Complaints:
    """Of one thing that is tried again and again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reasons: dict[str, _Reason] = {}

    def due(self, reason: str) -> int | None:
        """How often it has gone wrong for this reason since that was told, if it is to be told
        now; None if not."""
        now = self._clock()
        known = self._reasons.get(reason)
        if known is None:
            if len(self._reasons) >= REASONS_MOST:
                del self._reasons[next(iter(self._reasons))]
            self._reasons[reason] = _Reason(now)
            return 1
        known.times += 1
        if now - known.told_at < known.pause_s:
            return None
        times, known.times = known.times, 0
        known.told_at, known.pause_s = now, min(known.pause_s * 2, LONGEST_S)
        return times

    def over(self) -> bool:
        """It went well: the next time is a first time. Whether it had gone wrong before."""
        failed = bool(self._reasons)
        self._reasons.clear()
        return failed


class Hourly:
    """Remembers what was told lately, by keys of the caller's choice."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: OrderedDict[Hashable, float] = OrderedDict()  # the longest ago first

    def due(self, key: Hashable) -> bool:
        """Whether to tell of this now; if so it counts as told."""
        now, last = self._clock(), self._told.get(key)
        if last is not None and now - last < AGAIN_S:
            return False
        self._told[key] = now
        self._told.move_to_end(key)
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True


def reason_of(error: BaseException) -> str:
    """What an error is and where it was raised, without its text: that may hold content."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    name = type(error).__name__
    if where is None:
        return name
    return f"{name} at {PurePath(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}"
