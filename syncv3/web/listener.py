"""The metrics listener (O-16): a port of its own, for the operator's eyes only.

It lives in a thread with an event loop of its own: a scrape says what is wrong when the
service's own loop is busy, and a connection that says nothing costs nobody else a thread or
a wait.
"""

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Final, Protocol

from syncv3.errors import ConfigError
from syncv3.settings import ListenAddress

PATIENCE_S: Final = 5.0
"""For a whole exchange: a scraper sends its request in one piece and takes the page."""
HEAD_BYTES: Final = 16 * 1024

PAGE_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Counted(Protocol):
    """What was counted: by this process, or by all workers."""

    def exposition(self) -> bytes:
        """The page."""


class MetricsListener:
    """Serves ``/metrics`` from a thread until it is closed."""

    def __init__(
        self, metrics: Counted, address: ListenAddress, *, patience_s: float = PATIENCE_S
    ) -> None:
        """Raises ``ConfigError`` when the address cannot be listened on (O-4)."""
        self._metrics = metrics
        self._patience_s = patience_s
        self._socket = _listening(address)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more scrapes; those under way are cut off."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())  # which cancels what is left of the exchanges

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._exchange, sock=self._socket, limit=HEAD_BYTES)
        await self._closing.wait()
        server.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer. Who sends none in time gets nothing; scrapers try again."""
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(self._patience_s):  # TimeoutError is an OSError
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(answer_to(head, self._metrics))
                    writer.close()
                    await writer.wait_closed()
        finally:
            writer.transport.abort()


def answer_to(head: bytes, metrics: Counted) -> bytes:
    """The whole answer to a request with this head; the connection ends with it."""
    method, _, rest = head.partition(b" ")
    path = rest.split(b" ", 1)[0].partition(b"?")[0]
    if method not in (b"GET", b"HEAD"):
        return _answer("405 Method Not Allowed", "text/plain", b"")
    if path != b"/metrics":
        return _answer("404 Not Found", "text/plain", b"404 page not found\n")
    page = metrics.exposition()
    return _answer("200 OK", PAGE_TYPE, page, has_body=method == b"GET")


def _answer(status: str, content_type: str, body: bytes, *, has_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if has_body else b"")


def _listening(address: ListenAddress) -> socket.socket:
    """A socket that listens; without a host on all addresses, of IPv6 and of IPv4."""
    family = socket.AF_INET6 if ":" in address.listen_host else socket.AF_INET
    where = (address.listen_host, address.port)
    try:
        return socket.create_server(
            where, family=family, dualstack_ipv6=not address.host and family == socket.AF_INET6
        )
    except OSError as error:
        raise ConfigError(f"SYNCV3_PROM: cannot listen on {address}: {error.strerror}.") from error
