"""Which lines hold memory: what was allocated while it was watched, and is still there.

Python does not note which line has allocated an object, unless it is told to (``tracemalloc``), and
then everything is slow. So it is told only while somebody watches. What was there before does not
show; what leaks does, as it goes on being allocated.
"""

import asyncio
import time
import tracemalloc
from functools import lru_cache
from typing import Final

from syncv3.profiling.pprof import CodeLine, Profile, Stack, Unit

DEPTH: Final = 16  # calls that are noted of each allocation, the innermost ones
UNITS: Final = (Unit("inuse_objects", "count"), Unit("inuse_space", "bytes"))


async def heap(seconds: float) -> Profile:
    """What has been allocated in so many seconds and not freed.

    If the process traces memory since its start (``PYTHONTRACEMALLOC=16``), it is all that
    it holds, at once.
    """
    if tracemalloc.is_tracing():
        return await asyncio.to_thread(_profile_of, tracemalloc.take_snapshot(), 0.0)
    tracemalloc.start(DEPTH)
    try:
        await asyncio.sleep(seconds)
        snapshot = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()  # before it is counted, which would be traced as well
    return await asyncio.to_thread(_profile_of, snapshot, seconds)


def _profile_of(snapshot: tracemalloc.Snapshot, seconds: float) -> Profile:
    held: dict[Stack, tuple[int, ...]] = {}
    for each in snapshot.statistics("traceback"):
        stack = tuple(_place(frame.filename, frame.lineno) for frame in each.traceback)
        held[stack] = (each.count, each.size)
    return Profile(UNITS, held, time.time_ns(), int(seconds * 1e9))


@lru_cache(maxsize=10_000)
def _place(file: str, line: int) -> CodeLine:
    """The line in the place of a function: ``tracemalloc`` does not note functions."""
    return CodeLine(f"{_short(file)}:{line}", file, line)


def _short(file: str) -> str:
    """The end of a path: a package and its module."""
    return "/".join(file.split("/")[-2:])
