"""What is the same for every request: errors, access line, CORS headers, shutting down.

A handler either gives an answer or raises. ``answered`` makes of each error what a client is told.
A ``MatrixError`` says that itself. The database's own faults are told as such by the service
(``Service.excuse``). Everything else is a bug: the client is told nothing but that there is one,
the log has the traceback. While the service is being stopped an error is no failure: requests meet
parts that are stopped already, and their clients are told to come again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed, SanicException
from sanic.http import Http
from sanic.response import BaseHTTPResponse

from syncv3 import logs
from syncv3.config import Config
from syncv3.errors import MatrixError, MissingToken, Stopping, TooLarge, UnknownPosition
from syncv3.metrics import Metrics
from syncv3.web.answers import CORS, NO_STORE, error_answer, not_found
from syncv3.web.connection import BodyWithoutToken
from syncv3.web.pace import RequestPace
from syncv3.web.ports import Service

log = logging.getLogger(__name__)

VERSIONS = "/_matrix/client/versions"  # S-571

REFUSALS_LOGGED = 50
REFUSALS_S = 10.0

SLOW_S = 50.0  # O-76
DRAIN_S = 5.0  # how long answers that are being written may take at shutdown

FIELDS = ("u", "dev", "p", "q", "t", "r", "d", "ag", "dl_c", "dl_l", "sub", "usub", "l", "c")
"""The access line in the order of O-62 to O-6C; ``_`` stands for ``-``.

There is no queue, so no ``b`` (O-69)."""

Handler = Callable[[Request, "Edge"], Awaitable[HTTPResponse]]
_R = TypeVar("_R", bound=BaseHTTPResponse)


class Edge:
    """What all handlers share, and which requests are under way."""

    def __init__(self, config: Config, metrics: Metrics, service: Service) -> None:
        self.config = config
        self.metrics = metrics
        self.service = service
        self.draining = False
        self.pace = RequestPace(config.limits)
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._held_back = 0
        self._refusals = logs.Seldom(REFUSALS_LOGGED, REFUSALS_S)

    def log_refusal(self, **said: object) -> None:
        """One line about a request that was at fault: of so many, as anybody can make them."""
        self._refusals.log(log, logging.WARNING, "request refused", said)

    def begin(self) -> None:
        """Count a request in; raises ``Stopping`` once the service is being stopped."""
        if self.draining:
            raise Stopping
        self._under_way += 1
        self._idle.clear()

    def end(self) -> None:
        """Count a request out: it has its answer, or an error."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()

    async def drain(self) -> None:
        """Take no more requests, stop the service, let the answers out (O-C0)."""
        self.draining = True
        await self.service.stop()
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._idle.wait()
        except TimeoutError:
            log.warning("some requests were not answered", extra={"requests": self._under_way})

    async def hold_back(self, error: MatrixError) -> None:
        """Slow down a client that hammers with a bad token (H-9, only for 401).

        Each one held back costs memory, so beyond a number they are answered at once.
        """
        limits = self.config.limits
        if error.status != 401 or self._held_back >= limits.delayed_errors:
            return
        self._held_back += 1
        try:
            await asyncio.sleep(limits.error_delay_ms / 1000)
        finally:
            self._held_back -= 1


def observed(handler: Handler) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    """A Sanic handler that answers errors, has CORS headers and leaves an access line."""

    @wraps(handler)
    async def observing(request: Request, **_path: str) -> HTTPResponse:
        edge: Edge = request.app.ctx.edge
        started = time.perf_counter()
        logs.begin_request()
        response = await answered(handler, request, edge)
        response.headers.update(CORS)
        if edge.draining and isinstance(request.stream, Http):
            request.stream.keep_alive = False
        size = len(response.body or b"")
        leave_access_line(request, response.status, size, edge, time.perf_counter() - started)
        return response

    return observing


async def answered(
    handler: Callable[[Request, Edge], Awaitable[_R]], request: Request, edge: Edge
) -> _R | HTTPResponse:
    """The handler's answer, or that to the error it raised."""
    try:
        edge.begin()
    except Stopping as error:
        return error_answer(error)
    try:
        return await handler(request, edge)
    except MatrixError as error:
        if edge.draining and error.status >= 500:
            return error_answer(_stopped(error))
        if isinstance(error, UnknownPosition):
            edge.metrics.expired(error.reason)
        if error.limit:
            edge.metrics.refused.labels(error.limit).inc()
        _log_refusal(edge, error)
        await edge.hold_back(error)
        return error_answer(error)
    except Exception as error:
        if edge.draining:
            return error_answer(_stopped(error))
        excuse = await edge.service.excuse(error)
        if excuse is None:
            edge.metrics.unhandled_errors.inc()
            log.exception("request failed")
            excuse = MatrixError("internal server error")
        else:
            _log_refusal(edge, excuse, reason=repr(error))
        return error_answer(excuse)
    finally:
        edge.end()


def _stopped(error: Exception) -> Stopping:
    """What a client is told whose request met parts that are stopped already: no failure."""
    log.info("a request was cut short", extra={"reason": repr(error)})
    return Stopping()


def _log_refusal(edge: Edge, error: MatrixError, **more: object) -> None:
    """Client errors are warnings, ours and the homeserver's are errors (O-6H)."""
    said = {"errcode": error.errcode, "error": error.message} | more
    if error.status < 500:
        edge.log_refusal(**said)
    else:
        log.error("request refused", extra=said)


def leave_access_line(
    request: Request, status: int, size: int, edge: Edge, duration_s: float
) -> None:
    """Count and log a request that was answered with a body of ``size`` bytes."""
    edge.metrics.http_responses.labels(str(status)).inc()
    if duration_s > SLOW_S:
        edge.metrics.slow_requests.inc()
    noted = logs.noted()
    waited_s = noted.get("waited_s")
    if isinstance(waited_s, float):
        edge.metrics.answer_duration.observe(duration_s - waited_s)
    if not log.isEnabledFor(logging.INFO):  # it need not be put together
        return
    line = {name.replace("_", "-"): noted[name] for name in FIELDS if name in noted}
    if not request.path.endswith("/sync"):
        line["path"] = request.path  # without its query, which may have a token
    line["status"] = status
    line["size"] = size
    line["duration"] = _duration(duration_s, noted)
    log.info("", extra=line)


def _duration(total_s: float, noted: dict[str, object]) -> str:
    """``total`` or, for a computed response, ``total(setup+processing)``, in seconds."""
    setup_s, process_s = noted.get("setup_s"), noted.get("process_s")
    if setup_s is None or process_s is None:
        return f"{total_s:.3f}"
    return f"{total_s:.3f}({setup_s:.3f}+{process_s:.3f})"


def has_cors(path: str) -> bool:
    """Whether answers at a path have the headers that let a page of any origin read them."""
    return path.startswith("/client/") or path.endswith("/sync") or path == VERSIONS


async def framework_error(request: Request, error: SanicException) -> HTTPResponse:
    """What never reached a handler: no such route, wrong method, too large, malformed."""
    edge: Edge = request.app.ctx.edge
    response = _refusal(request, error)
    if response.status == 404:
        return response
    if has_cors(request.path):
        response.headers.update(CORS)
    edge.log_refusal(path=request.path, status=response.status)
    return response


def _refusal(request: Request, error: SanicException) -> HTTPResponse:
    """What a client is told of an error that the framework has found."""
    status = error.status_code
    if isinstance(error, MethodNotAllowed):  # H-2
        headers = NO_STORE | {"Allow": error.headers.get("Allow", "")}
        return HTTPResponse(status=405, headers=headers)
    if status == 404:  # O-45
        return not_found()
    if isinstance(error, BodyWithoutToken):
        return error_answer(MissingToken("missing access token"))
    if status == 413:
        request.app.ctx.edge.metrics.refused.labels("body").inc()
        return error_answer(TooLarge("the request is larger than this service takes"))
    return error_answer(_as_ours(error))


def _as_ours(error: SanicException) -> MatrixError:
    """The framework's error in the form of Matrix, with the status that it has."""
    refusal = MatrixError(str(error) or "request refused")
    refusal.status = type(refusal.status)(error.status_code)
    return refusal
