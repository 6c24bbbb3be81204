"""Who may compute, when, and for how long: so that nobody's requests hold up the others.

All answers are computed in one event loop. Two rules keep it free for everybody.

*Nothing takes long in one go.* A computation stops after ``SLICE_S`` and goes on when others
have had their turn (see ``progress.py``). Long ones of the same user come one after another.

*Who takes much waits.* The time that a device's requests have taken is its debt. It is
forgiven at ``SHARE`` of real time. Beyond ``CALM_S`` the device's requests come one after
another, ``PACE_S`` apart: ten connections that ask at the same time are no burst. Beyond
``FREE_S``, which is more than a first answer with a thousand rooms takes, the next slice waits
until the debt is back there. So a device that asks for all it can, on however many
connections, gets a tenth of the time. All this only as long as others are served, too.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

SLICE_S: Final = 0.005
SHARE: Final = 0.1
FREE_S: Final = 0.5
CALM_S: Final = 0.02
PACE_S: Final = 0.01
LONGEST_PAUSE_S: Final = 2.0  # no debt makes a slice wait longer
LATELY_S: Final = 1.0  # others are being served if one of them was within this time
KEPT: Final = 1_000  # so many debts are held; then those that are paid are dropped


@dataclass(slots=True)
class Charged:
    """What a piece of computing has taken, when it is over."""

    seconds: float = 0.0


class Slice:
    """Tells, when called, whether a slice of a computation is over.

    The first call begins what is new in it. Until then it has only found again what earlier
    slices had found; it may take as long again, or most of the time would go into that.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._end: float | None = None

    def __call__(self) -> bool:
        now = self._clock()
        if self._end is None:
            self._end = now + max(SLICE_S, now - self._began)
        return now >= self._end


class DeviceTurns:
    """Debts of devices, in seconds of computing."""

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._debts: dict[int, tuple[float, float]] = {}  # how much, and when it was that
        self._newest: tuple[int, float] | None = None  # which device was served last, and when
        self._before: tuple[int, float] | None = None  # which other one before that
        self._locks: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()

    def slice(self) -> "Slice":
        """Begins a slice."""
        return Slice(self._clock)

    def charge(self, device_key: int, seconds: float) -> None:
        """A request of the device has been computed for so long."""
        now = self._clock()
        self._debts[device_key] = (self.debt(device_key) + seconds, now)
        if self._newest is not None and self._newest[0] != device_key:
            self._before = self._newest
        self._newest = (device_key, now)
        if len(self._debts) > KEPT:
            self._debts = {key: debt for key, debt in self._debts.items() if self.debt(key) > 0}

    @contextmanager
    def charged(self, device_key: int) -> Iterator[Charged]:
        """What a device's request makes us compute counts as its debt."""
        charged, started = Charged(), time.perf_counter()
        try:
            yield charged
        finally:
            charged.seconds = time.perf_counter() - started
            self.charge(device_key, charged.seconds)

    def debt(self, device_key: int) -> float:
        """What is left of what the device's requests have taken."""
        owed, at = self._debts.get(device_key, (0.0, 0.0))
        return max(0.0, owed - SHARE * (self._clock() - at))

    async def pause(self, device_key: int) -> None:
        """Returns when it is the device's turn: nearly always at once.

        The requests of a device that has just taken some time come one after another.
        """
        if self.debt(device_key) <= CALM_S or not self._others_are_served(device_key):
            return
        async with self._lock(("device", device_key)):
            owed = self.debt(device_key) - FREE_S
            await self._sleep(min(max(owed / SHARE, PACE_S), LONGEST_PAUSE_S))

    async def between_slices(self, device_key: int, seconds: float) -> None:
        """Lets others go on after a slice that took so long."""
        await self._sleep(seconds if self._others_are_served(device_key) else 0)

    def long(self, user_key: int) -> asyncio.Lock:
        """What a user's long computation holds from its second slice on."""
        return self._lock(("user", user_key))

    def _lock(self, whose: tuple[str, int]) -> asyncio.Lock:
        lock = self._locks.get(whose)
        if lock is None:
            lock = self._locks[whose] = asyncio.Lock()
        return lock

    def _others_are_served(self, device_key: int) -> bool:
        for served in (self._newest, self._before):
            if served is not None and served[0] != device_key:
                return self._clock() - served[1] < LATELY_S
        return False
