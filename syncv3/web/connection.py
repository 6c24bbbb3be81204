"""One client's connection: the framework's HTTP/1.1, with bounds on what a stranger can cost.

Before a token is known nobody can be told from anybody. So a connection gets its turn
among all others (``RequestTurns``), may run only a little ahead of its answers, must send a head
and a body within their times, and shares one bound on unfinished bodies with all others
(``Bodies``). What is no plain HTTP is refused (``strict``).

The framework calls into an ``Exchange`` for each request of a connection: ``init_for_request``,
``http1_request_header`` for the head, ``read`` for each piece of the body. Each of these does here
what the framework does, and what bounds it. Three kinds of bodies are told apart: those that the
handler reads whole (nearly all), those that are streamed on to the homeserver (``stream_body``),
and those of clients without a token, of which little is read.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

from sanic.exceptions import BadRequest, PayloadTooLarge, RequestTimeout, SanicException
from sanic.headers import format_http1_response
from sanic.http import Http, Stage
from sanic.http.http1 import HTTP_CONTINUE
from sanic.response import BaseHTTPResponse
from sanic.server import HttpProtocol

from syncv3.config import Limits
from syncv3.web.bodies import PIECE_BYTES, Bodies
from syncv3.web.strict import CHUNK_LINE_BYTES, check_head, is_chunk_line, strict_int
from syncv3.web.turns import RequestTurns

HEAD_S: Final = 60.0
CHUNKS_IN_A_TURN: Final = 32  # then others run: a body may be one chunk a byte
LINGER_S: Final = 5.0
LINGER_BYTES: Final = 16 * 1024 * 1024
FREE_CHUNKS: Final = 1000
SMALL_CHUNK_BYTES: Final = 64
"""Beyond the free ones, chunks of a body must be this large on average: reading a chunk costs
some 5 us, however small it is."""


class BodyWithoutToken(PayloadTooLarge):
    """A body larger than is read of callers who do not say who they are."""

    status_code = 401


class Shared:
    """What all connections of a process have in common."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.turns = RequestTurns()
        self.bodies = Bodies(max(limits.unfinished_bytes, 2 * limits.body_bytes))


class Exchange(Http):
    """Requests and answers of one connection, one after the other."""

    __slots__ = (
        "_body_since",
        "_chunks",
        "_given_up",
        "_in_a_row",
        "_kept_bytes",
        "_last_piece",
        "_shared",
        "_stall_s",
        "_waiting",
        "reads_a_body",
    )

    def __init__(self, protocol: "HttpConnection") -> None:
        super().__init__(protocol)
        self._receive_more = self._receive
        self._shared: Shared = protocol.app.ctx.shared
        self._in_a_row = 0
        self._waiting: asyncio.Timeout | None = None
        self.reads_a_body = False
        self._forget_the_body()

    async def http1(self) -> None:
        """Serve the connection until it ends."""
        try:
            await super().http1()
        finally:
            self._shared.bodies.let_go(self)

    def init_for_request(self) -> None:
        """Called before each request, also before the first."""
        super().init_for_request()
        self._end_the_body()
        self._forget_the_body()
        self._in_a_row = self._in_a_row + 1 if self.recv_buffer else 0

    async def http1_request_header(self) -> None:
        """Receive a head; raises ``BadRequest`` or ``RequestTimeout``."""
        pipelined = self._in_a_row > 0
        try:
            async with asyncio.timeout(HEAD_S):
                await self._shared.turns.take(pipelined=pipelined)
                await super().http1_request_header()
        except TimeoutError as error:
            raise RequestTimeout("the request did not arrive in time") from error
        self.upgrade_websocket = False  # it would switch the framework's time limits off
        try:
            check_head(self.request.head)
        except BadRequest:
            self.request_body = None  # nobody knows where it ends
            raise
        if self._in_a_row >= self._shared.limits.pipelined:
            self.keep_alive = False  # the connection ends with this answer
        self.reads_a_body = bool(self.request_body)
        self._body_since = self._last_piece = asyncio.get_running_loop().time()
        if "authorization" not in self.request.headers:  # who may be anybody
            self.request_max_size = min(
                self.request_max_size, self._shared.limits.anonymous_body_bytes
            )

    async def read(self) -> bytes | None:
        """The next piece of the body, None at its end; raises ``BadRequest`` and others."""
        coding: object = self.request_body
        if coding == "chunked" and self.request_bytes_left == 0:
            await self._receive_chunk_line()
        try:
            piece = await super().read()
        except PayloadTooLarge as error:
            if int(self.request_bytes or 0) > self.protocol.request_max_size:
                raise
            raise BodyWithoutToken("missing access token") from error
        if self.request_body is None:
            self._end_the_body()
        elif piece and self.stage is Stage.HANDLER and not self._stall_s:  # else nobody keeps it
            self._kept_bytes += len(piece) + PIECE_BYTES
        return piece

    def give_up(self) -> None:
        """See ``Unfinished``."""
        self._given_up = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    def stream_body(self, stall_s: float) -> None:
        """The body goes elsewhere piece by piece: it is kept by nobody, of any length, and as
        slow as who takes it; only it must not stall for so long.

        It no longer counts among the unfinished ones, of which the oldest may be given up.
        """
        self._stall_s = stall_s
        self._shared.bodies.let_go(self)

    def expects_nothing(self) -> None:
        """The client waits for leave to send its body (``Expect``) and does not get it."""
        if self.expecting_continue:
            self.expecting_continue = False
            self.refuse_the_rest()

    async def linger(self) -> None:
        """The answer is out, and the client still sends its body: take some of that.

        Closing at once would make its kernel drop the answer before it has been read.
        """
        if not self.request_body:
            return
        self.keep_alive = False
        left = LINGER_BYTES
        with suppress(SanicException, TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while left > 0 and (piece := await self.read()):
                    left -= len(piece)
        self.refuse_the_rest()

    def cut(self) -> None:
        """End the connection so that the client sees that its answer is not whole."""
        self.keep_alive = False
        self._end_the_answer()
        if self.protocol.transport is not None:
            self.protocol.transport.abort()

    async def send_until_closed(self, response: BaseHTTPResponse) -> None:
        """The head of an answer that ends with the connection: HTTP/1.0 knows no chunks."""
        self.response, response.stream = response, self
        self.keep_alive = False
        response.headers["connection"] = "close"
        await self._send(format_http1_response(response.status, response.processed_headers))
        self.stage = Stage.RESPONSE
        self.response_func = self._send_plainly

    async def _send_plainly(self, data: bytes, end_stream: bool) -> None:
        """A piece of an answer without chunks around it."""
        if data and not self.head_only:
            await self._send(data)
        if end_stream:
            self._end_the_answer()

    def _end_the_answer(self) -> None:
        nothing_more: Any = None
        self.response_func = nothing_more
        self.stage = Stage.IDLE

    @staticmethod
    def _safe_int(value: str, base: int = 10) -> int:
        """What the framework reads the length of a body or of a chunk with."""
        return strict_int(value, base)

    def _forget_the_body(self) -> None:
        self._kept_bytes = self._chunks = 0
        self._body_since = self._last_piece = 0.0
        self._given_up = False
        self._stall_s = 0.0

    async def _receive(self) -> None:
        """Wait for more bytes; for those of a body only as long as it is worth it."""
        if not self.reads_a_body:
            await self.protocol.receive_more()
            return
        loop = asyncio.get_running_loop()
        if not self._stall_s:
            self._shared.bodies.hold(self, self._kept_bytes + len(self.recv_buffer))
        try:
            async with asyncio.timeout_at(self._patience()) as self._waiting:
                if self._given_up:
                    self._waiting.reschedule(loop.time())
                await self.protocol.receive_more()
        except TimeoutError as error:
            self.refuse_the_rest()
            if self.stage is not Stage.HANDLER:  # it was answered already
                raise BadRequest("the rest of the body did not arrive") from error
            raise RequestTimeout("the body did not arrive in time") from error
        finally:
            self._waiting = None
        self._last_piece = loop.time()

    def _patience(self) -> float:
        """The loop's time until when the next piece of the body must be there."""
        if self._stall_s:
            return asyncio.get_running_loop().time() + self._stall_s
        # A piece must come before ``body_stall_s`` is over, and the body as a whole must not be
        # slower than ``body_bytes_per_s``: one byte a second would keep it for days.
        limits = self._shared.limits
        received = int(self.request_bytes or 0) - int(self.request_bytes_left or 0)
        slowest = self._body_since + received / limits.body_bytes_per_s
        return min(self._last_piece, slowest) + limits.body_stall_s

    async def _receive_chunk_line(self) -> None:
        """Wait for the line with the next chunk's size, which the framework then reads."""
        if self.expecting_continue:
            self.expecting_continue = False
            await self._send(HTTP_CONTINUE)
        self._chunks += 1
        if self._chunks % CHUNKS_IN_A_TURN == 0:
            await asyncio.sleep(0)
        enough = (self._chunks - FREE_CHUNKS) * SMALL_CHUNK_BYTES
        if int(self.request_bytes or 0) < enough:
            self.refuse_the_rest()
            raise BadRequest("too many small chunks")
        while (end := self.recv_buffer.find(b"\r\n", 2)) < 0:
            if len(self.recv_buffer) > CHUNK_LINE_BYTES:
                break
            await self._receive()
        if not is_chunk_line(bytes(self.recv_buffer[: max(end, 0)])):
            self.refuse_the_rest()
            raise BadRequest("Bad chunked encoding")

    def refuse_the_rest(self) -> None:
        """Read nothing more of this connection: it is closed after the answer."""
        self._end_the_body()
        self.request_body = None
        self.keep_alive = False

    def _end_the_body(self) -> None:
        self.reads_a_body = False
        self._shared.bodies.let_go(self)


class HttpConnection(HttpProtocol):
    """A TCP connection with an ``Exchange`` on it."""

    HTTP_CLASS = Exchange

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, which wait in memory while an earlier one is answered."""
        super().data_received(data)
        http = self.http
        if http and not http.reads_a_body and len(self.recv_buffer) > self._most_ahead():
            self.abort()  # it does not wait for answers

    def _most_ahead(self) -> int:
        """So many bytes may wait, of requests that come before the answer to an earlier one."""
        most: Any = self.app.config.REQUEST_BUFFER_SIZE
        return int(most)
