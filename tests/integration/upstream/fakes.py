"""A homeserver of a few lines, for what is asked of it here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(status: int, errcode: str, **more: Any) -> web.Response:
    return web.json_response({"errcode": errcode} | more, status=status)


class TinyHomeserver:
    """Tokens are ``USER/DEVICE``. A first sync answers at once; a later one waits until
    ``news`` is set, then says the same. Paths in ``handlers`` are answered by these instead.
    """

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.requests: list[web.Request] = []
        self.rejected: set[str] = set()
        self.soft_logout = False
        self.first: dict[str, Any] = {"to_device": {"events": [{"type": "m.first"}]}}
        self.whoami_gate = asyncio.Event()
        self.whoami_gate.set()
        self.news = asyncio.Event()
        self.asked = asyncio.Event()
        self.url = ""
        self._counter = 0

    @asynccontextmanager
    async def serve(self, socket_path: str | None = None) -> AsyncIterator["TinyHomeserver"]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        if socket_path is None:
            site: web.BaseSite = web.TCPSite(runner, "127.0.0.1", 0)
        else:
            site = web.UnixSite(runner, socket_path)
        await site.start()
        self.url = socket_path or f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.news.set()
            await runner.cleanup()

    def paths(self, ending: str = "") -> list[str]:
        return [request.path for request in self.requests if request.path.endswith(ending)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.asked.set()
        path = request.path
        if (handler := self.handlers.get(path)) is not None:
            return await handler(request)
        if path == "/_matrix/client/versions":
            return web.json_response({"versions": ["v1.11"]})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if token in self.rejected:
            return refusal(401, "M_UNKNOWN_TOKEN", soft_logout=self.soft_logout)
        if path.endswith("/whoami"):
            await self.whoami_gate.wait()
            user, device = token.split("/")[:2]
            return web.json_response({"user_id": f"@{user}:x", "device_id": device})
        if path.endswith("/sync"):
            return await self.sync(request)
        return refusal(404, "M_UNRECOGNIZED")

    async def sync(self, request: web.Request) -> web.Response:
        """The answer to a sync where no handler of a test gives another."""
        if request.query["timeout"] != "0":
            await self.news.wait()
        self._counter += 1
        more = self.first if self.news.is_set() or "since" not in request.query else {}
        return web.json_response({"next_batch": f"s{self._counter}"} | more)
