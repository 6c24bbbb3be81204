"""All that is not sync: what the homeserver can, which it is, the stub client, health."""

import asyncio
import logging
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

from sanic import HTTPResponse, Request

from syncv3.errors import BadGateway
from syncv3.version import VIA, service_commit, service_version
from syncv3.web.answers import json_answer, not_found
from syncv3.web.edge import Edge

log = logging.getLogger(__name__)

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}

PROBE_S: Final = 5.0
INDEX: Final = "index.html"
HARMLESS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
        " connect-src 'self' https: http:; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On all that a browser may take for a page: somebody types an access token into ours, so no
other site may put it into a frame, and nothing that is not ours may run in it."""


class Page(NamedTuple):
    """One file of the stub client."""

    body: bytes
    content_type: str


Pages = Mapping[str, Page]
"""The stub client by path below ``/client/``: read once, so that a request for it needs no
file, no thread and no look at names that a stranger chose."""


def read_pages(folder: Path) -> Pages:
    """All files below ``folder`` (O-44), and its index page as ``""``; nothing if it is absent."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    pages = {
        path.relative_to(folder).as_posix(): Page(path.read_bytes(), _type_of(path))
        for path in files
    }
    return pages | ({"": pages[INDEX]} if INDEX in pages else {})


async def versions(request: Request, edge: Edge) -> HTTPResponse:
    """What the homeserver can, and this service beside it (S-572)."""
    hops = [hop.strip() for via in request.headers.getall("via", ()) for hop in via.split(",")]
    if VIA in hops:
        raise BadGateway("SYNCV3_SERVER leads back to this service")
    reply = await edge.service.versions.answer(request.headers.get("authorization"))
    headers = dict(reply.headers)
    content_type = headers.pop("content-type", "application/json")
    return HTTPResponse(reply.body, reply.status, headers, content_type)


async def server_json(_request: Request, edge: Edge) -> HTTPResponse:
    """Where the homeserver is, for the stub client, and which version this is (O-43)."""
    version = f"{service_version()} ({service_commit()})"
    return _harmless(json_answer({"server": edge.config.shown_server(), "version": version}))


async def client_file(request: Request, _edge: Edge) -> HTTPResponse:
    """A file of the stub client (O-44)."""
    pages: Pages = request.app.ctx.pages
    page = pages.get(unquote(request.path.removeprefix("/client/")))
    if page is None:
        return _harmless(not_found())
    return _harmless(HTTPResponse(page.body, content_type=page.content_type))


async def health(request: Request) -> HTTPResponse:
    """200 when clients can be served, else 503 (O-C1)."""
    edge: Edge = request.app.ctx.edge
    return await _probed(edge, edge.service.health)


async def live(_request: Request) -> HTTPResponse:
    """200 as long as the process answers at all: a restart would mend nothing else (O-C1).

    That the database is away, or that the service is being stopped, is no reason to kill it.
    """
    return json_answer({"status": "ok"})


async def ready(request: Request) -> HTTPResponse:
    """200 when requests may be sent here, else 503; in each case what is how (O-C1, S-326)."""
    edge: Edge = request.app.ctx.edge
    return await _probed(edge, edge.service.ready)


async def _probed(edge: Edge, look: Callable[[], Awaitable[Mapping[str, object]]]) -> HTTPResponse:
    if edge.draining:
        return json_answer({"status": "stopping"}, 503)
    try:
        async with asyncio.timeout(PROBE_S):
            facts = await look()
    except Exception:
        log.warning("the service is not healthy", exc_info=True)
        return json_answer({"status": "unavailable", "database": "away"}, 503)
    if facts.get("schema", "ok") != "ok":
        return json_answer({"status": "unavailable", **facts}, 503)
    return json_answer({"status": "ok", **facts})


def _harmless(response: HTTPResponse) -> HTTPResponse:
    for name, value in HARMLESS.items():
        response.headers.setdefault(name, value)
    return response


def _type_of(path: Path) -> str:
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    guessed = guessed or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
