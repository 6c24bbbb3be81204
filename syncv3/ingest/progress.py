"""How far a poller is, for the requests that wait for it (rules U-22, U-25, U-17G).

The poller writes here what happens to it; requests read it, or wait for the next ``change``. So a
poller knows nothing of who waits, and a request nothing of how polling goes.
"""

import asyncio
from enum import IntEnum
from typing import Final

from syncv3.errors import HomeserverError

PARKED_S: Final = 0.1
"""A homeserver that has news answers sooner: that is the longest way there and back."""
LOOK_S: Final = 0.02  # between two looks, while a request waits for the poll to settle
WAITS_S: Final = 35.0
"""A long poll, and five seconds for its way."""
TOLD_S: Final = 60.0
"""The longest poll of a client: by then each that waits was told what a first answer ended with."""


class Stage(IntEnum):
    """How far a poller is. The stage of one poller only ever grows."""

    STARTED = 0
    SERVING = 1  # the first rooms are stored: lists can be shown
    CURRENT = 2  # a whole answer of this process is stored
    ENDED = 3


class PollerProgress:
    """Where one run of a poller is. All times are the loop's.

    - ``error``: why it has ended; None: it was stopped, or goes on.
    - ``unreachable``: how many tries in a row had no answer at all. ``failures``: how many in a row
      failed, for whatever reason.
    - ``failing_since``: when the first of these failed; None: the last try went well. ``failure``:
      the error of the last.
    - ``asking_since``: when the question was put that has no answer yet; None: there is none.
    - ``resting``: the poll pauses, or has not caught up since (``syncv3.ingest.pauses``).
    """

    def __init__(self) -> None:
        self.stage = Stage.STARTED
        self.error: BaseException | None = None
        self.unreachable = self.failures = 0
        self.failing_since: float | None = None
        self.failure: BaseException | None = None
        self.asking_since: float | None = None
        self.resting = False
        self._current_since: float | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def reach(self, stage: Stage) -> None:
        """The poller is so far now. A stage before the one that is reached changes nothing."""
        if stage > self.stage:
            self.stage = stage
            if stage is Stage.CURRENT:
                self._current_since = asyncio.get_running_loop().time()
            self._wake()

    @property
    def importing(self) -> bool:
        """Whether the first answer is being taken in, or its end may be news for a client.

        The last rooms are stored a moment before the stage is ``CURRENT``. A client hears of
        them only when the cache has followed, and perhaps in its next request.
        """
        if self._current_since is None:
            return self.stage < Stage.CURRENT
        return asyncio.get_running_loop().time() - self._current_since < TOLD_S

    def failed(self, error: BaseException) -> None:
        """A try failed, and is to be repeated."""
        # Without a status there was no HTTP answer. Other errors are ours: it did answer.
        answered = not isinstance(error, HomeserverError) or error.status is not None
        self.unreachable = 0 if answered else self.unreachable + 1
        self.failures += 1
        self.failure = error
        if self.failing_since is None:
            self.failing_since = asyncio.get_running_loop().time()
        self._wake()

    def succeeded(self) -> None:
        """An answer is stored."""
        self.unreachable = self.failures = 0
        self.failing_since = self.failure = None

    def lag_s(self, now: float) -> float:
        """For how long there has been no answer that was due: 0 if all is well.

        A poll may wait for news for a while; only what it takes beyond that counts.
        """
        if self.failing_since is not None:
            return now - self.failing_since
        if self.asking_since is not None:
            return max(0.0, now - self.asking_since - WAITS_S)
        return 0.0

    def rest(self) -> None:
        """The poll begins to pause: nobody waits for the device."""
        self.resting = True

    def go_on(self) -> None:
        """The device is waited for, and what came during the pause is stored."""
        if self.resting:
            self.resting = False
            self._wake()

    @property
    def is_behind(self) -> bool:
        """Whether the poll has paused and has still to catch up, and can be expected to: it does
        not fail."""
        can = self.failing_since is None and self.stage is not Stage.ENDED
        return self.resting and can

    async def caught_up(self, most_s: float) -> None:
        """Wait until the poll is not behind any more, ``most_s`` seconds at most."""
        deadline = asyncio.get_running_loop().time() + most_s
        while self.is_behind:
            if not await self.change(deadline - asyncio.get_running_loop().time()):
                return

    def end(self, error: BaseException | None) -> None:
        """The poller has ended, by ``error`` or because it was stopped (None)."""
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

    async def settled(self, most_s: float) -> bool:
        """Wait until the homeserver has been asked for ``PARKED_S`` and has not answered: then it
        has nothing to say. At most ``most_s`` seconds; whether it is so."""
        now = asyncio.get_running_loop().time
        deadline = now() + most_s
        while self.stage is not Stage.ENDED:
            since = self.asking_since
            if since is not None and not self.resting and now() - since >= PARKED_S:
                return True
            if now() >= deadline:
                return False
            await asyncio.sleep(min(LOOK_S, max(deadline - now(), 0)))
        return False

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
