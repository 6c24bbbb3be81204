"""How often somebody may do something, in seconds and with a number for each."""

import time
from collections.abc import Callable, Hashable
from typing import Final

KEPT: Final = 10_000
"""Beyond so many who have done something lately, those are forgotten whose rest is over."""


class Rate:
    """So many times a second, and ``burst_s`` seconds' worth of that at once.

    One number is kept for each who comes: the time at which what they have used is refilled
    (the generic cell rate algorithm). So a look costs a look into a dict. ``per_s`` 0: as often
    as they like.

    An example with 2 a second and a burst of 3 seconds, so 6 at once (and one more, as the look is
    at what was used before). Each one moves the time on by half a second. Who has come seven times
    at 0 is refilled at 3.5: at 0 they must wait for half a second.
    """

    def __init__(
        self, per_s: float, burst_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._step_s = 1.0 / per_s if per_s else 0.0
        self._burst_s = burst_s
        self._clock = clock
        self._full: dict[Hashable, float] = {}  # who: when they are refilled
        self._most = KEPT

    def take(self, who: Hashable) -> float:
        """Count one more; 0.0, or in how many seconds they may come again: then none counts."""
        if not self._step_s:
            return 0.0
        now, full = self._clock(), self._full.get(who, 0.0)
        if full > now + self._burst_s:
            return full - now - self._burst_s
        self._full[who] = (full if full > now else now) + self._step_s
        if len(self._full) > self._most:
            self._forget(now)
        return 0.0

    def wait_s(self, who: Hashable) -> float:
        """The same, without counting."""
        return max(0.0, self._full.get(who, 0.0) - self._clock() - self._burst_s)

    def _forget(self, now: float) -> None:
        self._full = {who: full for who, full in self._full.items() if full > now}
        self._most = max(KEPT, 2 * len(self._full))
