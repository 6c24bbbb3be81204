"""The sync endpoint: authenticate, decode, sync, encode. No rule of the protocol is here."""

import re

from sanic import HTTPResponse, Request

from syncv3 import logs
from syncv3.errors import InvalidParam, MissingToken
from syncv3.web.answers import CORS, sync_answer
from syncv3.web.edge import Edge

V3_SYNC = "/_matrix/client/v3/sync"
PATHS = ("/_matrix/client/unstable/org.matrix.msc3575/sync", V3_SYNC)  # H-1

DEFAULT_TIMEOUT_MS = 10_000  # W-1
SHORTEST_TIMEOUT_MS = 100  # W-2


async def sync(request: Request, edge: Edge) -> HTTPResponse:
    """One request, its checks in the order of H-10."""
    codec = edge.service.codec
    body = codec.parse(request.body)
    pos = request.args.get("pos") or None
    logs.note(c=body.conn_id, p=pos or 0)
    if body.txn_id:
        logs.note(t=body.txn_id)
    token = token_of(request.headers.get("authorization"))
    device = await edge.service.auth.device_of(token, request.ip)
    logs.note(u=device.user_id, dev=device.device_id)
    timeout_ms = timeout_of(request.args.get("timeout"), edge.config.limits.longest_poll_s)
    answer = await edge.service.engine.sync(
        device, token, codec, body, pos=pos, timeout_ms=timeout_ms
    )
    logs.note(q=answer.pos, r=len(answer.rooms))
    return await sync_answer(request, codec.encode(answer))


async def preflight(_request: Request, **_path: str) -> HTTPResponse:
    """Just the headers that a browser asks for before it lets a page in (O-47)."""
    return HTTPResponse(b"", headers=dict(CORS))


def token_of(header: str | None) -> str:
    """The access token in an ``Authorization`` header (H-4); raises ``MissingToken``."""
    token = (header or "").removeprefix("Bearer ").strip()
    if token in ("", "Bearer"):
        raise MissingToken("missing access token")
    return token


def timeout_of(text: str | None, longest_s: int) -> int:
    """How long to wait, in milliseconds; raises ``InvalidParam`` (H-31, W-1, W-2)."""
    if not text:
        return DEFAULT_TIMEOUT_MS
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise InvalidParam("timeout is not a whole number of milliseconds")
    return min(max(int(text), SHORTEST_TIMEOUT_MS), longest_s * 1000)
