"""The gateway on loopback, a homeserver that a test scripts behind it, no database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from yarl import URL

from syncv3.config import Config
from syncv3.gateway.gateway import Gateway
from tests.support.ports import free_port
from tests.unit.web.fakes import FakeService, Proxy, config, proxy

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
MIB = 1024 * 1024
MEDIA = "/_matrix/media/v3/upload"
PIECE = bytes(64 * 1024)


async def echo(request: web.Request) -> web.StreamResponse:
    """What arrived, as JSON: the request line's target, headers, the body's length."""
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
    return web.json_response(
        {
            "method": request.method,
            "target": request.raw_path,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "size": size,
        }
    )


@dataclass
class Home:
    """``answer`` makes all answers; ``asked`` has the targets of all requests."""

    port: int
    answer: Answer = echo
    asked: list[str] = field(default_factory=list)
    was_asked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_asked(self, times: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(10), self.was_asked:
            await self.was_asked.wait_for(lambda: len(self.asked) >= times)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def home() -> AsyncIterator[Home]:
    made = Home(free_port())

    async def handle(request: web.Request) -> web.StreamResponse:
        async with made.was_asked:
            made.asked.append(request.raw_path)
            made.was_asked.notify_all()
        return await made.answer(request)

    app = web.Application(client_max_size=0)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    try:
        yield made
    finally:
        await runner.cleanup()


@dataclass
class Stage:
    home: Home
    proxy: Proxy
    config: Config

    @property
    def http(self) -> Any:
        return self.proxy.http

    @property
    def service(self) -> FakeService:
        return self.proxy.service

    @property
    def own_url(self) -> str:
        host, port = self.proxy.address
        return f"http://{host}:{port}"

    async def echoed(self, method: str, path: str | URL, **more: Any) -> Any:
        async with self.http.request(method, path, **more) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def raw(self, *pieces: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which these bytes were sent."""
        reader, writer = await asyncio.open_connection(*self.proxy.address)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        return reader, writer


@asynccontextmanager
async def gateway(server: str | None = None, **fields: Any) -> AsyncIterator[Stage]:
    """``server`` replaces the scripted homeserver; ``fields`` are those of ``Config``."""
    async with home() as behind:
        made = config(**{"server": server or behind.url, "gateway": True, **fields})
        async with proxy(FakeService(), made, Gateway(made)) as running:
            yield Stage(behind, running, made)


def headers_of(echoed: Any) -> dict[str, str]:
    return dict(echoed["headers"])


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of the next answer."""
    async with asyncio.timeout(10):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, _, value in pairs}
