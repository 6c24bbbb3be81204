"""All that is not sync: what the homeserver can, which it is, the stub client, health."""

import asyncio
import logging
import mimetypes
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from sanic import HTTPResponse, Request

from syncv3.errors import BadGateway
from syncv3.version import VIA, service_commit, service_version
from syncv3.web.answers import json_answer, not_found
from syncv3.web.edge import Edge

log = logging.getLogger(__name__)

CLIENT = Path("client")  # in the working directory (O-44)

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}


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
    return json_answer({"server": edge.config.shown_server(), "version": version})


async def client_file(request: Request, _edge: Edge) -> HTTPResponse:
    """A file or folder of the stub client (O-44)."""
    return await asyncio.to_thread(_client_file, unquote(request.path.removeprefix("/client/")))


async def health(request: Request) -> HTTPResponse:
    """200 when clients can be served, else 503 (O-C1)."""
    edge: Edge = request.app.ctx.edge
    if edge.draining:
        return json_answer({"status": "stopping"}, 503)
    try:
        async with asyncio.timeout(5):
            facts = await edge.service.health()
    except Exception:
        log.warning("the service is not healthy", exc_info=True)
        return json_answer({"status": "unavailable"}, 503)
    return json_answer({"status": "ok", **facts})


def _client_file(relative: str) -> HTTPResponse:
    root = CLIENT.resolve()
    if "\0" in relative:
        return not_found()
    path = (root / relative).resolve()
    if not path.is_relative_to(root) or not path.exists():
        return not_found()
    if path.is_dir():
        if relative and not relative.endswith("/"):
            return HTTPResponse(status=301, headers={"Location": quote(f"/client/{relative}/")})
        index = path / "index.html"
        if not index.is_file():
            return _listing(path)
        path = index
    return HTTPResponse(path.read_bytes(), content_type=_type_of(path))


def _listing(folder: Path) -> HTTPResponse:
    names = sorted(p.name + "/" * p.is_dir() for p in folder.iterdir())
    links = "".join(f'<a href="{quote(name)}">{escape(name)}</a>\n' for name in names)
    return HTTPResponse(f"<pre>\n{links}</pre>\n", content_type="text/html; charset=utf-8")


def _type_of(path: Path) -> str:
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    guessed = guessed or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
