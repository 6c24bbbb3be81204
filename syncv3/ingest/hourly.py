"""What may happen thousands of times is told to the log once an hour."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Final

AGAIN_S: Final = 3600.0
REMEMBERED: Final = 10_000


class Hourly:
    """Remembers what was told lately, by keys of the caller's choice."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
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
