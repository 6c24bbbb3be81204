"""Lets everybody else run between the pieces of a transfer."""

import asyncio
from typing import Final

FREE_BYTES: Final = 256 * 1024


class Pace:
    """Of one transfer. Small ones do not notice it."""

    def __init__(self) -> None:
        self._moved = 0

    async def moved(self, size: int) -> None:
        """So many bytes were moved; return when it may go on."""
        self._moved += size
        if self._moved > FREE_BYTES:
            await asyncio.sleep(0)
