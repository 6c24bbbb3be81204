"""A client's body on its way to the homeserver, never more than a piece of it in memory.

The HTTP client reads it when the homeserver is ready to take more. Only then are bytes read from
the client's connection. What has been read is gone, so a body can be sent once: where the HTTP
client would try again on another connection, it must not.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Self

from sanic.exceptions import SanicException

from syncv3.errors import InvalidParam, MatrixError, TooSlow
from syncv3.gateway.pace import TransferPace
from syncv3.web.connection import Exchange

PART_BYTES: Final = 256 * 1024
"""So much arrives at once, and is best sent on in one go: in four parts it takes twice the
processor's time. One such piece holds the loop for less than a millisecond."""
COSTS: Final = 2
"""Moving an upload takes about twice the time of a download of its size."""
STALL_S: Final = 60.0
"""Without a byte of a streamed body, its homeserver being ready for it."""


class Upload(AsyncIterator[bytes]):
    """The pieces of a body, as they arrive; to be sent once.

    ``error`` is what was wrong with it.
    """

    def __init__(self, exchange: Exchange, pace: TransferPace) -> None:
        self._exchange = exchange
        self._pace = pace
        self._begun = False
        self._rest = b""
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self.error: MatrixError | None = None
        exchange.stream_body(STALL_S)

    @property
    def complete(self) -> bool:
        """Whether all of it has been read and handed on."""
        return not self._exchange.request_body and not self._rest

    def __aiter__(self) -> Self:
        if self._begun:  # the HTTP client tries again, on a new connection
            raise ConnectionResetError("what has been sent is gone")
        return self

    async def __anext__(self) -> bytes:
        if not self._rest:
            self._rest = await self._read()
        if not self._rest:
            raise StopAsyncIteration
        part, self._rest = self._rest[:PART_BYTES], self._rest[PART_BYTES:]
        await self._pace.moved(COSTS * len(part))
        return part

    async def _read(self) -> bytes:
        """What has arrived; nothing at the end."""
        self._begun = True
        self._at_rest.clear()
        try:
            return await self._exchange.read() or b""
        except SanicException as error:
            self.error = as_ours(error)
            raise
        finally:
            self._at_rest.set()

    async def at_rest(self) -> None:
        """Wait until nobody reads the body any more."""
        await self._at_rest.wait()


async def small_body(exchange: Exchange) -> bytes:
    """All of a body; raises ``MatrixError`` when it does not arrive."""
    pieces = []
    try:
        while piece := await exchange.read():
            pieces.append(piece)
    except SanicException as error:
        raise as_ours(error) from error
    return b"".join(pieces)


def as_ours(error: SanicException) -> MatrixError:
    """What a client is told of a body that could not be read."""
    if error.status_code == 408:
        return TooSlow("the body did not arrive in time")
    return InvalidParam("the body cannot be read")
