"""The database's clock, read from the loop's clock without asking each time.

Answers of several workers must be ordered by when the homeserver made them, and the workers' own
clocks may differ by seconds. So each measures how far its clock is from the database's.
"""

from collections import deque
from typing import NamedTuple

_SAMPLES = 8  # the clocks may drift apart, so older readings count no more


class _Sample(NamedTuple):
    round_trip_s: float
    offset_us: int


class DatabaseClock:
    """Offset between the two clocks, from the quickest of the last few readings.

    A reading says that the database's clock was ``clock_us`` at some moment between question and
    answer. The middle is taken for that moment, so the error is at most half a round trip. It is
    read with each heartbeat.
    """

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)

    def read(self, clock_us: int, *, asked: float, answered: float) -> None:
        """The database said ``clock_us`` between the loop times ``asked`` and ``answered``."""
        middle_us = int((asked + answered) / 2 * 1_000_000)
        self._samples.append(_Sample(answered - asked, clock_us - middle_us))

    def at(self, loop_time: float) -> int:
        """The database's clock at a loop time: microseconds since the epoch."""
        assert self._samples, "the clock has not been read"
        return int(loop_time * 1_000_000) + min(self._samples).offset_us
