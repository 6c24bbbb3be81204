"""The sync endpoint: authenticate, decode, sync, encode. No rule of the protocol is here.

Which dialect a request is in is told by its path alone. In one dialect a request that cannot be
read is refused before anybody is asked whose the token is; in the others a stranger learns nothing
about their request (``reads_after_token``).
"""

from collections.abc import Awaitable, Callable, Iterable

from sanic import HTTPResponse, Request

from syncv3 import logs
from syncv3.errors import MissingToken
from syncv3.protocol.request import Request as Asked
from syncv3.web.answers import CORS, sync_answer
from syncv3.web.callers import caller_of_request
from syncv3.web.edge import Edge
from syncv3.web.ports import Dialect

V3_SYNC = "/_matrix/client/v3/sync"
NATIVE_PATHS = (
    "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
    "/_matrix/client/v4/sync",
)
"""Where homeservers have sliding sync of their own."""
PATHS = ("/_matrix/client/unstable/org.matrix.msc3575/sync", V3_SYNC, *NATIVE_PATHS)
"""Where the dialects are served; which is which, the service says (H-1, S-1)."""


def served(paths: Iterable[str], *, left: bool) -> list[str]:
    """Those of ``paths`` that are answered here; ``left``: not what homeservers can (S-575)."""
    return [path for path in paths if not (left and path in NATIVE_PATHS)]


def sync_at(path: str) -> Callable[[Request, Edge], Awaitable[HTTPResponse]]:
    """Answers the requests to one path, in its dialect."""

    async def sync(request: Request, edge: Edge) -> HTTPResponse:
        return await answer(request, edge, edge.service.dialects[path])

    return sync


async def answer(request: Request, edge: Edge, dialect: Dialect) -> HTTPResponse:
    """One request, its checks in the dialect's order (H-10, S-9)."""
    if not dialect.reads_after_token:
        asked = read(request, dialect)
    token = _token(request, dialect)
    caller = caller_of_request(request, edge.config.trusted_proxies)
    device = await edge.service.auth.device_of(token, caller.address)
    logs.note(u=device.user_id, dev=device.device_id)
    if dialect.reads_after_token:
        asked = read(request, dialect)
    edge.pace.take(device, asked.conn_id)
    # The framework's own time limits are made for waits of at most this length.
    longest_ms = edge.config.limits.longest_poll_s * 1000
    timeout_ms = min(dialect.timeout_ms(asked), longest_ms)
    answer = await edge.service.engine.sync(device, token, dialect, asked, timeout_ms=timeout_ms)
    logs.note(q=answer.pos, r=len(answer.rooms))
    return await sync_answer(request, dialect.write(answer))


def read(request: Request, dialect: Dialect) -> Asked:
    """What the client asks."""
    query = request.args
    asked = dialect.read(request.body, {name: query.get(name) for name in query})
    logs.note(c=asked.conn_id, p=asked.pos or 0)
    if asked.txn_id:
        logs.note(t=asked.txn_id)
    if asked.lists:
        logs.note(l=asked.lists)
    if asked.subscriptions:
        logs.note(sub=asked.subscriptions)
    if asked.unsubscribed:
        logs.note(usub=asked.unsubscribed)
    return asked


def _token(request: Request, dialect: Dialect) -> str:
    """The access token, which may stand in the query of some dialects (S-2)."""
    header = request.headers.get("authorization")
    if header is None and dialect.takes_token_in_query:
        header = request.args.get("access_token")
    return token_of(header)


async def preflight(_request: Request, **_path: str) -> HTTPResponse:
    """Just the headers that a browser asks for before it lets a page in (O-47)."""
    return HTTPResponse(b"", headers=dict(CORS))


def token_of(header: str | None) -> str:
    """The access token in an ``Authorization`` header (H-4); raises ``MissingToken``."""
    token = (header or "").removeprefix("Bearer ").strip()
    if token in ("", "Bearer"):
        raise MissingToken("missing access token")
    return token
