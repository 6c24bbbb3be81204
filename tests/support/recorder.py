"""A reverse proxy that remembers what a client asks of sliding sync, and what it is told.

Everything is passed on as it comes, both ways; of requests to an endpoint of sliding sync
an ``Exchange`` is kept. The homeserver's address in a login answer (``well_known``) is
replaced by the proxy's, or else the client would go on without the proxy.
"""

import asyncio
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from tests.support.room import JSON

SYNC: Final = re.compile(
    r"/_matrix/client/(unstable/org\.matrix\.(simplified_msc3575|msc3575)|v4)/sync"
)
LOGIN: Final = re.compile(r"/_matrix/client/[^/]+/(login|register)")
HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade"}
)
CHUNK_BYTES: Final = 64 * 1024
MOST_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Exchange:
    """A request to sliding sync and its answer.

    ``device`` is a number: devices count from 1 on, in the order of their first requests.
    ``asked_at`` and ``answered_at`` are seconds since the recorder began. While nobody has
    answered, and for ever when the client hung up first, ``status`` is None.
    """

    device: int
    path: str
    query: dict[str, str]
    body: JSON
    asked_at: float
    answered_at: float | None = None
    status: int | None = None
    answer: JSON | None = None
    hung_up: bool = False

    @property
    def conn_id(self) -> str:
        return str(self.body.get("conn_id", ""))

    @property
    def pos(self) -> str | None:
        return self.query.get("pos")


@dataclass(slots=True)
class Recorder:
    """Use as ``async with recording(upstream) as recorder``; ``recorder.url`` is for clients.

    ``others`` counts requests to everything else by method and path, with identifiers
    left out: ``POST /_matrix/client/v3/rooms/…/send/m.room.message/…``.
    """

    upstream: str
    url: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    _devices: dict[str, int] = field(default_factory=dict, repr=False)  # token → number
    _session: aiohttp.ClientSession | None = None
    _began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        return time.monotonic() - self._began

    def begin_anew(self) -> None:
        """Forget what was recorded."""
        self.exchanges.clear()
        self.others.clear()
        self._began = time.monotonic()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "POST" and SYNC.fullmatch(request.path):
                return await self._record(request)
            return await self._pass_on(request)
        except aiohttp.ClientError:  # the homeserver is away: let it look like that
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=502)

    async def _record(self, request: web.Request) -> web.StreamResponse:
        body: JSON = json.loads(await request.read() or b"{}")
        device = self._device_of(request)
        exchange = Exchange(device, request.path, dict(request.query), body, self.now())
        self.exchanges.append(exchange)
        try:
            async with self._ask(request) as upstream:
                raw = await upstream.read()
        except asyncio.CancelledError:
            exchange.hung_up = True
            raise
        exchange.status, exchange.answered_at = upstream.status, self.now()
        exchange.answer = json.loads(_plain(raw, upstream))
        return web.Response(status=upstream.status, headers=_kept(upstream.headers), body=raw)

    def _device_of(self, request: web.Request) -> int:
        token = request.headers.get("Authorization", "")
        return self._devices.setdefault(token, len(self._devices) + 1)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        self.others[f"{request.method} {anonymous(request.rel_url.raw_path)}"] += 1
        async with self._ask(request) as upstream:
            headers = _kept(upstream.headers)
            if LOGIN.fullmatch(request.path):
                text = _plain(await upstream.read(), upstream).decode()
                headers.popall("Content-Encoding", None)
                text = text.replace(self.upstream, self.url)
                return web.Response(status=upstream.status, headers=headers, body=text.encode())
            answer = web.StreamResponse(status=upstream.status, headers=headers)
            await answer.prepare(request)
            async for chunk in upstream.content.iter_chunked(CHUNK_BYTES):
                await answer.write(chunk)
            await answer.write_eof()
            return answer

    @asynccontextmanager
    async def _ask(self, request: web.Request) -> AsyncIterator[aiohttp.ClientResponse]:
        assert self._session is not None
        async with self._session.request(
            request.method, URL(self.upstream + request.raw_path, encoded=True),
            data=await request.read() if request.body_exists else None,
            headers=_kept(request.headers), allow_redirects=False,
            skip_auto_headers=("Accept-Encoding", "User-Agent", "Content-Type"),
        ) as answer:  # fmt: skip
            yield answer

    async def serve(self, session: aiohttp.ClientSession) -> web.AppRunner:
        self._session = session
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return runner


def anonymous(path: str) -> str:
    """The path with identifiers, versions of a key backup and numbers left out."""
    parts = (unquote(part) for part in path.split("/"))
    return "/".join(
        "…" if re.match(r"[!$@#]|\d+$|txn|m\d+|[0-9a-f]{32}$", part) else part for part in parts
    )


def _kept(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict(pair for pair in headers.items() if pair[0].lower() not in HOP_BY_HOP)


def _plain(body: bytes, answer: aiohttp.ClientResponse) -> bytes:
    encoding = answer.headers.get("Content-Encoding", "identity")
    assert encoding in ("gzip", "identity"), f"this recorder does not know {encoding}"
    return gzip.decompress(body) if encoding == "gzip" else body


@asynccontextmanager
async def recording(upstream: str) -> AsyncIterator[Recorder]:
    """A recorder in front of ``upstream``, for as long as the block lasts."""
    recorder = Recorder(upstream.rstrip("/"))
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)  # upstream may be restarted
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, auto_decompress=False
    ) as session:
        runner = await recorder.serve(session)
        try:
            yield recorder
        finally:
            await runner.cleanup()
