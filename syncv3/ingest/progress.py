"""How far a poller is, for the requests that wait for it (rules U-22, U-25, U-17G)."""

import asyncio
from enum import IntEnum


class Stage(IntEnum):
    """Only ever grows."""

    STARTED = 0
    SERVING = 1  # the first rooms are stored: lists can be shown
    CURRENT = 2  # a whole answer of this process is stored
    ENDED = 3


class Progress:
    """Where one run of a poller is. ``error`` says, once ended, why; None: it was stopped.

    ``unreachable`` counts tries in a row that got no answer at all.
    """

    def __init__(self) -> None:
        self.stage = Stage.STARTED
        self.error: BaseException | None = None
        self.unreachable = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def reach(self, stage: Stage) -> None:
        if stage > self.stage:
            self.stage = stage
            self._wake()

    def failed(self, *, answered: bool) -> None:
        self.unreachable = 0 if answered else self.unreachable + 1
        self._wake()

    def end(self, error: BaseException | None) -> None:
        self.error = error
        self.reach(Stage.ENDED)

    async def change(self, timeout_s: float) -> bool:
        """Wait for the next change, at most ``timeout_s``; whether there was one."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            done, _ = await asyncio.wait((waiter,), timeout=max(timeout_s, 0))
            return bool(done)
        finally:
            self._waiting.discard(waiter)
            waiter.cancel()

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
