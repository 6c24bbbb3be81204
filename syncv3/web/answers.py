"""Answers as bytes: JSON, errors, the headers that browsers ask for, compression."""

import asyncio
import json
import re
import zlib
from collections.abc import Iterator

from sanic import HTTPResponse, Request

from syncv3.errors import MatrixError

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, Authorization",
}
"""On every answer of O-42 to O-44, errors included (O-46)."""

NO_STORE = {"Cache-Control": "no-store"}
"""On all that is about one user or one moment: a cache on the way must not answer it again."""

GZIP_FROM_BYTES = 8 * 1024
"""Live answers stay below: compressing them would delay them for little."""

GZIP_ALOOF_FROM_BYTES = 64 * 1024
"""From here on a thread compresses, so that nobody else's answer waits (1 ms at 64 KiB)."""

_REFUSES_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class SyncHTTPResponse(HTTPResponse):
    """A success. The framework looks through each header for line breaks; these are all ours."""

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers as bytes."""
        self.headers.setdefault("content-type", self.content_type)
        return iter([(k.encode("ascii"), str(v).encode("ascii")) for k, v in self.headers.items()])


def json_answer(content: object, status: int = 200) -> HTTPResponse:
    """JSON and a newline, which no cache may keep."""
    body = json.dumps(content) + "\n"
    return HTTPResponse(body, status, dict(NO_STORE), content_type="application/json")


def error_answer(error: MatrixError) -> HTTPResponse:
    """The error as clients read it (H-8)."""
    answer = json_answer(error.body(), error.status)
    answer.headers.update(error.headers())
    return answer


def not_found() -> HTTPResponse:
    """There is nothing at this path: a text, as the Go proxy's (O-45)."""
    text = "404 page not found\n"
    return HTTPResponse(text, 404, dict(NO_STORE), content_type="text/plain; charset=utf-8")


async def sync_answer(request: Request, body: bytes) -> HTTPResponse:
    """A success (H-7): one JSON object and a newline, compressed when that is worth it."""
    if not body.endswith(b"\n"):
        body += b"\n"
    if len(body) < GZIP_FROM_BYTES or not accepts_gzip(request.headers.get("accept-encoding")):
        return SyncHTTPResponse(body, headers=dict(NO_STORE), content_type="application/json")
    if len(body) < GZIP_ALOOF_FROM_BYTES:
        body = compress(body)
    else:
        body = await asyncio.to_thread(compress, body)
    headers = NO_STORE | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return SyncHTTPResponse(body, headers=headers, content_type="application/json")


def accepts_gzip(header: str | None) -> bool:
    """Whether an ``Accept-Encoding`` header has gzip, and not with a weight of 0."""
    return bool(header) and "gzip" in str(header) and not _REFUSES_GZIP.search(str(header))


def compress(body: bytes) -> bytes:
    """The lowest level: half the time of the usual one, and JSON still shrinks five-fold."""
    packer = zlib.compressobj(level=1, wbits=31)
    return packer.compress(body) + packer.flush()
