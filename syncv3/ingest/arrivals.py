"""Answers that have arrived are taken in a few at a time, so that clients are told meanwhile.

One message in a room of a hundred users makes a hundred polls answer at the same moment. If all of
these answers were taken in first, and all clients told after that, nobody would hear of the message
before the last answer is in. So only ``places`` of them are taken in at the same time: when they
are stored their clients are woken, and compute while the next ones are taken in. The other answers
wait here, in the order in which they came.

Say A, B and C arrive together, and there is one place. A is stored; the client of A is told of the
message, then B is taken in, and so on. The clients of B and C could be told of the message, too, as
A has brought it. But their unread counts come with B and C, and a second answer for a count alone
costs as much as the first. So they wait for B and C, of which ``is_here`` tells.

Nobody waits for a place longer than ``WAIT_S``: what keeps some answers, say a slow database, must
not keep all others.
"""

import asyncio
from collections import Counter, deque
from typing import Final

WAIT_S: Final = 0.25  # nobody waits for a place longer: see above
SMALL: Final = 65_536
"""Larger answers, of so many bytes, need no place: they take turns with others by themselves."""


class Arrivals:
    """``places`` answers are taken in at the same time, the others in the order of arrival."""

    def __init__(self, places: int = 8) -> None:
        self._free = places
        self._queue: deque[asyncio.Future[None]] = deque()
        self._here: Counter[int] = Counter()

    def is_here(self, user_key: int) -> bool:
        """Whether an answer to a user has arrived that is not stored yet."""
        return user_key in self._here

    async def enter(self, user_key: int) -> None:
        """An answer to this user has arrived: wait until it may be taken in. The caller must call
        ``leave`` once, also if this is cancelled."""
        self._here[user_key] += 1
        if self._free > 0:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._queue.append(turn)
        late = loop.call_later(WAIT_S, self._let_in, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._free -= 1  # as if it had come in, since it leaves
            raise
        finally:
            late.cancel()

    def leave(self, user_key: int) -> None:
        """The answer is stored, or given up."""
        self._here[user_key] -= 1
        if not self._here[user_key]:
            del self._here[user_key]
        self._free += 1
        while self._queue and self._free > 0:
            self._let_in(self._queue.popleft())

    def _let_in(self, turn: asyncio.Future[None]) -> None:
        """Also called when one has waited too long: then more than ``places`` are in for a while,
        and as many must leave before the next has a place."""
        if not turn.done():
            self._free -= 1
            turn.set_result(None)
