"""Everything of the homeserver's that is not sliding sync, at this service's own address.

One request goes through these steps: what it asks for (``paths``), who sends it
(``callers``), whether it would compete with a poller, its slot (``slots``), the homeserver's
answer (``upstream``), and the answer's way to the client (``relay``).

Most requests are passed on as they are. An example: ``PUT …/send/m.room.message/1`` comes with a
small body. The body is read, a slot is taken, the homeserver is asked with the same path, query and
headers, and its answer goes back as it comes. A few requests are looked at, because this service
would otherwise not know, or do harm:

- ``/sync`` of a device that is polled here is refused (``guard``);
- a ``pos`` in ``/messages`` and ``/relations`` is replaced by a token (``paging``);
- the answer to a login, and the well-known file, name this service (``discovery``);
- the answer to an upload of keys has the key counts (``key_counts``);
- that a user has forgotten a room is noted before they are told that it is done (``forget``).
"""

import asyncio
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final

from aiohttp import ClientResponse
from sanic import HTTPResponse, Request
from sanic.response import BaseHTTPResponse

from syncv3 import logs
from syncv3.config import Config
from syncv3.errors import BadGateway, InvalidParam, Stopping
from syncv3.gateway.discovery import MOST_BYTES, WellKnown, base_url_of, renamed
from syncv3.gateway.forget import forget_of
from syncv3.gateway.guard import refuse_second_consumer
from syncv3.gateway.headers import comes_back, towards_homeserver
from syncv3.gateway.key_counts import KeyCounts, uploader_of
from syncv3.gateway.pace import Line, TransferPace
from syncv3.gateway.paging import translated
from syncv3.gateway.paths import PREFIXES, WELL_KNOWN, Target, target_of
from syncv3.gateway.relay import Passed, relay, relay_whole
from syncv3.gateway.slots import Slots
from syncv3.gateway.upload import Upload, small_body
from syncv3.gateway.upstream import HomeserverRelay, read_whole
from syncv3.web import sync
from syncv3.web.answers import CORS
from syncv3.web.callers import Caller, caller_of_request
from syncv3.web.connection import Exchange
from syncv3.web.edge import Edge, answered, leave_access_line, observed
from syncv3.web.ports import App, Service

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SMALL_BYTES: Final = 64 * 1024
"""Bodies up to this size are read before a slot is taken: slow clients hold none with them."""
SLOT_WAIT_S: Final = 10.0  # then the client is told that it asks too much


class Gateway:
    """What ``SYNCV3_GATEWAY`` switches on; without it only the well-known file is served."""

    def __init__(self, config: Config) -> None:
        limits = config.limits
        self._config = config
        self._upstream = HomeserverRelay(config.server, config.http_timeout_s)
        self._slots = Slots(limits.gateway_requests, limits.gateway_requests_each, SLOT_WAIT_S)
        self._well_known = WellKnown(self._upstream)
        self._key_counts = KeyCounts()
        self._line = Line()
        self._long_polls: set[asyncio.Timeout] = set()  # of requests that wait in ``/sync``

    async def start(self) -> None:
        """Begins to be able to ask the homeserver."""
        await self._upstream.start()

    def interrupt(self) -> None:
        """The service stops: long polls at the homeserver are answered, not waited for."""
        now = asyncio.get_running_loop().time()
        for patience in self._long_polls:
            if not patience.expired():
                patience.reschedule(now)

    async def close(self) -> None:
        """Ends what is under way."""
        await self._key_counts.close()
        await self._upstream.close()

    def mount(self, app: App) -> None:
        """Add the routes; those of sliding sync are there and keep their methods."""
        app.add_route(
            observed(self._well_known_file), WELL_KNOWN, methods=["GET", "HEAD"], name="well-known"
        )
        app.add_route(sync.preflight, WELL_KNOWN, methods=["OPTIONS"], name="well-known-preflight")
        if not self._config.gateway:
            return

        async def passing(request: Request, **_path: str) -> None:
            await self._passing(request)

        # ``GET /v3/sync`` is the homeserver's, ``POST`` to the same path is sliding sync.
        others = [method for method in METHODS if method not in ("POST", "OPTIONS")]
        app.add_route(passing, sync.V3_SYNC, methods=others, name="gateway-sync", stream=True)
        for index, prefix in enumerate(PREFIXES):
            path, name = f"{prefix}<_path:path>", f"gateway{index}"
            app.add_route(passing, path, methods=METHODS, name=name, stream=True)

    async def _passing(self, request: Request) -> None:
        """A request that is passed on; its answer is sent here."""
        edge: Edge = request.app.ctx.edge
        started = time.perf_counter()
        logs.begin_request()
        response = await answered(self._pass, request, edge)
        exchange = exchange_of(request)
        if edge.draining:
            exchange.keep_alive = False
        if not isinstance(response, Passed):
            await _send(request, exchange, response)
        size = response.bytes if isinstance(response, Passed) else len(response.body or b"")
        leave_access_line(request, response.status, size, edge, time.perf_counter() - started)
        await exchange.linger()

    async def _well_known_file(self, request: Request, _edge: Edge) -> HTTPResponse:
        """``/.well-known/matrix/client``, with this service as the homeserver."""
        _check_loop(request)
        base_url = base_url_of(self._config.base_url, self._caller(request))
        if not base_url:
            raise InvalidParam("the request does not say which host it is for")
        shared = self._config.base_url is not None
        reply = await self._well_known.reply(base_url, shared=shared)
        return HTTPResponse(reply.body, reply.status, dict(reply.headers))

    async def _pass(self, request: Request, edge: Edge) -> BaseHTTPResponse:
        """Takes a request through the steps of the module. Raises ``MatrixError``."""
        _check_loop(request)
        target = target_of(request.raw_url.decode("ascii"))
        caller = self._caller(request)
        exchange = exchange_of(request)
        body = await self._body_of(request, exchange)
        async with self._slots.one(caller.share):
            if target.is_sync:
                await refuse_second_consumer(request, target, caller, edge.service)
            target = await translated(request, target, caller, edge.service)
            edge.metrics.gateway_requests.inc()
            try:
                return await self._ask(request, exchange, target, caller, body)
            except BadGateway:
                if request.method != "OPTIONS":
                    raise
                return HTTPResponse(b"")  # a browser may then ask, and read the error
            finally:
                edge.metrics.gateway_requests.dec()
                # The HTTP client may still be reading the body, and the connection is needed.
                if isinstance(body, Upload):
                    await body.at_rest()

    async def _ask(
        self,
        request: Request,
        exchange: Exchange,
        target: Target,
        caller: Caller,
        body: bytes | Upload | None,
    ) -> BaseHTTPResponse:
        """Asks the homeserver and sends its answer on; what is to be noted of it is noted first."""
        renames = target.logs_in and request.method == "POST"
        headers = towards_homeserver(
            list(request.headers.items()), caller, self._config.base_url or ""
        )
        forget, uploader = forget_of(request, target, caller), uploader_of(request, target)
        if renames or uploader:  # their answers are read here
            headers["Accept-Encoding"] = "identity"
        asking = self._upstream.ask(request.method, target, headers.items(), body)
        async with AsyncExitStack() as stack:
            answer = await self._head_of(stack, asking, target)
            service: Service = request.app.ctx.edge.service
            if forget is not None and 200 <= answer.status < 300:
                await forget.is_done(service)
            if uploader is not None and answer.status == 200:
                whole = await read_whole(answer, MOST_BYTES)
                await self._key_counts.note(service, uploader, whole, caller)
                return await relay_whole(request, answer, whole)
            if renames and answer.status == 200:
                base_url = base_url_of(self._config.base_url, caller)
                return await relay_whole(request, answer, await renamed(answer, base_url))
            return await relay(request, exchange, answer, TransferPace(self._line))

    async def _head_of(
        self,
        stack: AsyncExitStack,
        asking: AbstractAsyncContextManager[ClientResponse],
        target: Target,
    ) -> ClientResponse:
        """Wait for the homeserver; a long poll only for as long as the service runs."""
        if not target.is_sync:
            return await stack.enter_async_context(asking)
        try:
            async with asyncio.timeout(None) as patience:
                self._long_polls.add(patience)
                return await stack.enter_async_context(asking)
        except TimeoutError as error:
            raise Stopping from error
        finally:
            self._long_polls.discard(patience)

    async def _body_of(self, request: Request, exchange: Exchange) -> bytes | Upload | None:
        """The request's body: a small one whole, a large one to be read when it is sent on."""
        if not exchange.request_body:
            return None
        length = request.headers.get("content-length")
        if length is not None and int(length) <= SMALL_BYTES:
            return await small_body(exchange)
        return Upload(exchange, TransferPace(self._line))

    def _caller(self, request: Request) -> Caller:
        return caller_of_request(request, self._config.trusted_proxies)


def exchange_of(request: Request) -> Exchange:
    """The HTTP of a request's connection."""
    assert isinstance(request.stream, Exchange)
    return request.stream


def _check_loop(request: Request) -> None:
    """Raises ``BadGateway`` if ``SYNCV3_SERVER`` is this service itself: it would ask for ever."""
    if comes_back(request.headers.items()):
        raise BadGateway("SYNCV3_SERVER leads back to this service")


async def _send(request: Request, exchange: Exchange, response: BaseHTTPResponse) -> None:
    """An answer of our own; browsers may read it."""
    exchange.expects_nothing()
    if exchange.request_body:  # its rest would be taken for the next request
        exchange.keep_alive = False
    for name, value in CORS.items():
        response.headers.setdefault(name, value)
    await request.respond(response)
    await response.send(end_stream=True)
