"""All that is not sync: what the homeserver can, which it is, the stub client.

The stub client is a page for developers (``client/``): somebody enters an access token and sees
lists and rooms as they come. So it is as guarded as a page can be.
"""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from sanic import HTTPResponse, Request

from syncv3.errors import BadGateway
from syncv3.version import VIA, service_commit, service_version
from syncv3.web.answers import json_answer, not_found
from syncv3.web.edge import Edge

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}

INDEX: Final = "index.html"
HARMLESS: Final = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On all that a browser may take for a page: somebody types an access token into ours, so no
other site may put it into a frame, and nothing that is not ours may run in it."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:;"
    " connect-src {asked}; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The page's Content-Security-Policy: it may ask this service and the homeserver, which a token is
for anyway, and nobody else; and it makes no markup of strings."""


class ClientFile(NamedTuple):
    """One file of the stub client."""

    body: bytes
    content_type: str


Pages = Mapping[str, ClientFile]
"""The stub client by path below ``/client/``: read once, so that a request for it needs no
file, no thread and no look at names that a stranger chose."""


def read_pages(folder: Path) -> Pages:
    """All files below ``folder`` (O-44), and its index page as ``""``; nothing if it is absent."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    pages = {
        path.relative_to(folder).as_posix(): ClientFile(path.read_bytes(), _type_of(path))
        for path in files
    }
    return pages | ({"": pages[INDEX]} if INDEX in pages else {})


async def versions(request: Request, edge: Edge) -> HTTPResponse:
    """What the homeserver can, and this service beside it (S-572)."""
    hops = [hop.strip() for via in request.headers.getall("via", ()) for hop in via.split(",")]
    if VIA in hops:  # this service has asked itself
        raise BadGateway("SYNCV3_SERVER leads back to this service")
    reply = await edge.service.versions.answer(request.headers.get("authorization"))
    headers = dict(reply.headers)
    content_type = headers.pop("content-type", "application/json")
    return HTTPResponse(reply.body, reply.status, headers, content_type)


async def server_json(_request: Request, edge: Edge) -> HTTPResponse:
    """Where the homeserver is, for the stub client, and which version this is (O-43)."""
    version = f"{service_version()} ({service_commit()})"
    answer = json_answer({"server": edge.config.shown_server(), "version": version})
    return _harmless(answer, edge)


async def client_file(request: Request, edge: Edge) -> HTTPResponse:
    """A file of the stub client (O-44)."""
    pages: Pages = request.app.ctx.pages
    page = pages.get(unquote(request.path.removeprefix("/client/")))
    if page is None:
        return _harmless(not_found(), edge)
    return _harmless(HTTPResponse(page.body, content_type=page.content_type), edge)


def policy(server: str) -> str:
    """The page's Content-Security-Policy when the homeserver's URL is ``server``; "" for none.

    A policy cannot name an IPv6 address: then the page may ask all servers of that scheme.
    """
    url = urlsplit(server)
    named = f"{url.scheme}:" if "[" in url.netloc else f"{url.scheme}://{url.netloc}"
    return POLICY.format(asked=f"'self' {named}" if server else "'self'")


def _harmless(response: HTTPResponse, edge: Edge) -> HTTPResponse:
    """The response with what keeps a browser from doing more with it than showing it."""
    for name, value in HARMLESS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy(edge.config.shown_server()))
    return response


def _type_of(path: Path) -> str:
    """The content type of a file. What the machine knows of types comes last: it differs."""
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    guessed = guessed or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
