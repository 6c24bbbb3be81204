"""The long poll's HTTP client: one request at a time on a kept-alive connection.

Hundreds of answers arrive in one turn of the loop when a busy room gets a message, so
what one answer costs decides how late the last client hears of it. Less than half of what
aiohttp costs (about 85 against 190 us of CPU, of which system calls are the most), and as
much as pycurl without a loop around it: ``tests/integration/upstream/measure_clients.py``
prints the figures. Everything else upstream uses aiohttp.

A connection is handed out, carries one request and its whole answer, and is put back if the
homeserver keeps it open. The homeserver may close a connection that is kept, at the very moment at
which it is used again. That shows as an end without a single byte of an answer (``BrokenOff``), and
the request is then sent once more, on a new connection: asking ``/sync`` twice with the same
``since`` does no harm.
"""

import asyncio
import ssl
from typing import NamedTuple, cast

from syncv3.errors import HomeserverError
from syncv3.upstream.address import HomeserverAddress
from syncv3.upstream.body import BodySink
from syncv3.upstream.http1 import ResponseReader

CONNECT_TIMEOUT_S = 30.0  # with the TLS handshake
IDLE_LIMIT_S = 120.0  # a connection that was not used for so long has most likely been closed


class Response(NamedTuple):
    """One answer. ``sink`` has its body; ``first_byte`` is the loop's time when it began to
    arrive."""

    status: int
    headers: dict[str, str]
    sink: BodySink
    first_byte: float


class BrokenOff(HomeserverError):
    """The connection ended before the answer was whole; ``begun``: some of it had come."""

    def __init__(self, message: str, *, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


class LongPollConnection(asyncio.Protocol):
    """One connection to the homeserver; at most one request on it at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._reader: ResponseReader | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._first_byte = 0.0
        self.idle_since = 0.0
        self.lost = loop.create_future()

    @property
    def usable(self) -> bool:
        transport = self._transport
        return transport is not None and not transport.is_closing()

    async def request(self, head: bytes, limit: int, timeout_s: float) -> Response:
        """Send a request and give its answer; raises ``HomeserverError``.

        ``timeout_s`` is for the whole exchange; 0 means no limit.
        """
        assert self._transport is not None and self._waiter is None
        self._reader, self._first_byte = ResponseReader(limit), 0.0
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout_s, self._expire) if timeout_s else None
        try:
            self._transport.write(head)
            return await self._waiter
        except BaseException:  # also when cancelled: what comes now belongs to nobody
            self.abort()
            self._reader.sink.discard()
            raise
        finally:
            if timer is not None:
                timer.cancel()
            self._reader = self._waiter = None
            self.idle_since = self._loop.time()

    def abort(self) -> None:
        """Close it without waiting for what was sent."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class

    def data_received(self, data: bytes) -> None:
        reader, waiter = self._reader, self._waiter
        if reader is None or waiter is None or waiter.done():
            self.abort()  # nobody asked: a stale or hostile peer
            return
        self._first_byte = self._first_byte or self._loop.time()
        try:
            reader.feed(data)
        except HomeserverError as error:
            waiter.set_exception(error)
            return
        if reader.done:
            self._answer(reader, waiter)

    def eof_received(self) -> None:
        self._ended("the homeserver closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended("the connection to the homeserver broke")
        if not self.lost.done():
            self.lost.set_result(None)

    def _answer(self, reader: ResponseReader, waiter: asyncio.Future[Response]) -> None:
        if not reader.keep_alive and self._transport is not None:
            self._transport.close()
        waiter.set_result(Response(reader.status, reader.headers, reader.sink, self._first_byte))

    def _ended(self, message: str) -> None:
        """The connection has ended: that may be the end of the answer, or break it off."""
        reader, waiter = self._reader, self._waiter
        if reader is None or waiter is None or waiter.done():
            return
        try:
            complete = reader.end_of_stream()
        except HomeserverError as error:
            waiter.set_exception(error)
            return
        if complete:
            self._answer(reader, waiter)
        else:
            waiter.set_exception(BrokenOff(message, begun=self._first_byte > 0))

    def _expire(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(HomeserverError("the homeserver took too long"))


class LongPollClient:
    """Sends GET requests to one homeserver and keeps its connections alive.

    No redirect is followed: an access token goes to no other host.
    """

    def __init__(
        self, address: HomeserverAddress, user_agent: str, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._address = address
        self._tls = (tls or ssl.create_default_context()) if address.tls else None
        # Unpacking costs more than a local network saves; the Internet is another matter.
        encoding = "gzip" if address.tls else "identity"
        self._fixed = (
            f" HTTP/1.1\r\nHost: {address.authority}\r\nUser-Agent: {user_agent}\r\n"
            f"Accept: application/json\r\nAccept-Encoding: {encoding}\r\n"
        )
        self._idle: list[LongPollConnection] = []
        self._open: set[LongPollConnection] = set()

    async def get(self, target: str, token: str, *, limit: int, timeout_s: float) -> Response:
        """The answer to GET ``target`` (path and query); raises ``HomeserverError``.

        ``token`` has been through ``check_token``. A kept connection that turns out to be
        closed is replaced by a new one, once: GET /sync can be repeated.
        """
        target = self._address.base_path + target
        head = f"GET {target}{self._fixed}Authorization: Bearer {token}\r\n\r\n".encode("ascii")
        connection = self._take_idle()
        if connection is not None:
            try:
                return await self._exchange(connection, head, limit, timeout_s)
            except BrokenOff as error:
                if error.begun:  # the homeserver was at work: the poller waits, and asks again
                    raise
        return await self._exchange(await self._connect(), head, limit, timeout_s)

    async def close(self) -> None:
        """Close all connections and wait until they are."""
        closing = list(self._open)
        for connection in closing:
            connection.abort()
        await asyncio.gather(*(connection.lost for connection in closing))

    async def _exchange(
        self, connection: LongPollConnection, head: bytes, limit: int, timeout_s: float
    ) -> Response:
        response = await connection.request(head, limit, timeout_s)
        if connection.usable:
            self._idle.append(connection)
        return response

    def _take_idle(self) -> LongPollConnection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()  # the one used last is the least likely to be closed
            if connection.usable and now - connection.idle_since < IDLE_LIMIT_S:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> LongPollConnection:
        loop, address = asyncio.get_running_loop(), self._address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                if address.socket_path is not None:
                    _, connection = await loop.create_unix_connection(
                        lambda: LongPollConnection(loop), address.socket_path
                    )
                else:
                    _, connection = await loop.create_connection(
                        lambda: LongPollConnection(loop), address.host, address.port, ssl=self._tls
                    )
        except (OSError, TimeoutError) as error:  # also failed certificates and names
            raise HomeserverError(f"cannot connect to the homeserver: {error}") from error
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection
