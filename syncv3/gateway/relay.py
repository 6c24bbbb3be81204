"""One answer of the homeserver on its way to the client, piece by piece.

What is sent cannot be taken back. So errors are answers until the head has left; after it
they cut the connection, so that no client takes a part for the whole.

A piece is read from the homeserver when the one before has been taken by the client. So a client
that reads slowly slows the homeserver down, and a picture of 100 MB is never in memory.
"""

import logging
from collections.abc import Iterator
from typing import Final

import aiohttp
from sanic import Request
from sanic.helpers import has_message_body
from sanic.response import BaseHTTPResponse

from syncv3.gateway.headers import towards_client
from syncv3.gateway.pace import TransferPace
from syncv3.web.connection import Exchange

log = logging.getLogger(__name__)

_ADDED: Final = {"alt-svc"}
"""By the framework, with an empty value."""


class Passed(BaseHTTPResponse):
    """An answer with just the headers that the homeserver has given it; ``bytes`` were sent."""

    def __init__(self, status: int, headers: list[tuple[str, str]]) -> None:
        super().__init__()
        self.status = status
        self.bytes = 0
        for name, value in headers:
            self.headers.add(name, value)

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers as bytes: as they came, without what the framework adds."""
        for name, value in self.headers.items():
            if name not in _ADDED or value:
                text = self._sanitize_header_value(f"{value}")
                yield name.encode("ascii"), text.encode(errors="surrogateescape")


async def relay_whole(request: Request, answer: aiohttp.ClientResponse, body: bytes) -> Passed:
    """Send the answer with another body."""
    passed = Passed(answer.status, towards_client(answer.raw_headers))
    passed.headers.pop("content-length", None)
    await request.respond(passed)
    await passed.send(body, end_stream=True)
    passed.bytes = len(body)
    return passed


async def relay(
    request: Request, exchange: Exchange, answer: aiohttp.ClientResponse, pace: TransferPace
) -> Passed:
    """Send the answer on as it comes, as fast as the client takes it."""
    passed = Passed(answer.status, towards_client(answer.raw_headers))
    if not has_message_body(answer.status):  # 204, 304: a length would be waited for
        passed.headers.pop("content-length", None)
        await request.respond(passed)
        await passed.send(b"", end_stream=True)
        return passed
    await _send_head(request, exchange, passed)
    try:
        async for piece in answer.content.iter_any():
            await passed.send(piece)
            passed.bytes += len(piece)
            await pace.moved(len(piece))
        await passed.send(b"", end_stream=True)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("the homeserver's answer broke off", extra={"reason": repr(error)})
        exchange.cut()
    return passed


async def _send_head(request: Request, exchange: Exchange, passed: Passed) -> None:
    """The head alone. A client of HTTP/1.0 cannot read chunks: the end of the connection ends the
    answer, where its length is not known."""
    if request.version == "1.0" and "content-length" not in passed.headers:
        request.responded = True
        await exchange.send_until_closed(passed)
    else:
        await request.respond(passed)
        await passed.send(b"", end_stream=False)
