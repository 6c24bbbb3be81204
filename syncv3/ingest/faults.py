"""Faults of the database that pass: counted, told to the log ever more rarely, waited for.

A database that is down for an hour is one line in the log, then another after ever longer times,
and not one for each try. ``syncv3.store.faults`` says which faults pass.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Final

import asyncpg

from syncv3.complaints import Complaints, reason_of
from syncv3.store.faults import let_sessions_go

log = logging.getLogger(__name__)

# A deadlock is over at once; a server that restarts takes seconds.
FIRST_S: Final = 0.05
MOST_S: Final = 2.0


def pauses() -> Iterator[float]:
    """How many seconds to wait before each further try: twice as long each time."""
    pause_s = FIRST_S
    while True:
        yield pause_s
        pause_s = min(pause_s * 2, MOST_S)


class Faults:
    """Those that a committer meets. ``on_fault`` counts them."""

    def __init__(self, pool: asyncpg.Pool, on_fault: Callable[[Exception], None]) -> None:
        self._pool = pool
        self._on_fault = on_fault
        self._complaints = Complaints()

    async def meet(self, error: Exception) -> None:
        """Counts a fault that passes. Drops the pool's sessions if they would keep the fault."""
        self._on_fault(error)
        await let_sessions_go(self._pool, error)

    def complain(self, error: Exception) -> None:
        """Tells the log that a group could not be written, unless it has heard that lately."""
        times = self._complaints.due(reason_of(error))
        if times is not None:
            log.warning("Writing a group failed, trying again: %r, %d times", error, times)

    def over(self) -> None:
        """A group is written: the next fault is told at once."""
        self._complaints.over()
