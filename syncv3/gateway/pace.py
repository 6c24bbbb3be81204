"""Lets everybody else run between the pieces of transfers, however many there are.

Moving bytes costs the processor and the event loop that answers need. At full speed one
download takes all of a core, and the slowest of a hundred answers twice as long. At the
speed of a gigabit line it is hardly noticed; so all transfers of a process share that.
"""

import asyncio
from typing import Final

BYTES_PER_S: Final = 100 * 1024 * 1024
FREE_BYTES: Final = 256 * 1024  # of each transfer: what is small does not wait
SLACK_S: Final = 0.004
"""So far ahead a transfer may be: timers count milliseconds, and are late rather than early."""


class Line:
    """What all transfers of a process share: a line of so many bytes a second."""

    def __init__(self, bytes_per_s: float = BYTES_PER_S) -> None:
        self._bytes_per_s = bytes_per_s
        self._busy_until = 0.0

    async def carry(self, size: int) -> None:
        """Return when so many bytes, and all that were carried before them, are nearly through."""
        now = asyncio.get_running_loop().time()
        self._busy_until = max(self._busy_until, now) + size / self._bytes_per_s
        await asyncio.sleep(max(self._busy_until - now - SLACK_S, 0))


class TransferPace:
    """Of one transfer. What is small does not wait."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._moved = 0

    async def moved(self, size: int) -> None:
        """So many bytes were moved; return when it may go on."""
        self._moved += size
        if self._moved > FREE_BYTES:
            await self._line.carry(size)
