"""Who may begin a request now, so that many requests do not stop all other work.

An event loop runs whatever is ready, one after another. If a thousand requests arrive at once, all
are ready, and a message for a client that waits would come after all of them. So only a few begin
in each turn of the loop, and the rest of its work is done in between.
"""

import asyncio
from collections import deque
from typing import Final

BEGIN_AT_ONCE: Final = 8
"""Refusing a request costs about 0.2 ms, so the requests of strangers delay one turn of the
loop by 2 ms. A message from a poller to a client takes some twenty turns."""


class RequestTurns:
    """Lets requests begin: ``most`` in one turn of the event loop, first come, first served.

    A connection has one request at a time in here, so one that sends a thousand requests
    without waiting for answers gets no more turns than one that sends a single request.
    """

    def __init__(self, most: int = BEGIN_AT_ONCE) -> None:
        self._most = most
        self._begun = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._counting = False

    async def take(self, *, pipelined: bool) -> None:
        """Return when a request may begin; a pipelined one is never in the turn of its answer."""
        if not pipelined and not self._waiting and self._begun < self._most:
            self._begun += 1
            self._count_anew()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._count_anew()
        await turn

    def _count_anew(self) -> None:
        if not self._counting:
            self._counting = True
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        """A turn of the loop is over: as many more may begin, those who waited longest first."""
        self._begun, self._counting = 0, False
        while self._waiting and self._begun < self._most:
            turn = self._waiting.popleft()
            if not turn.done():  # its connection was closed while it waited
                turn.set_result(None)
                self._begun += 1
        if self._begun:
            self._count_anew()
