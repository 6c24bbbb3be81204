"""A service that answers as a test tells it, and the web edge running on loopback."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from syncv3.config import Config, Limits
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.errors import BadJSON, LimitExceeded, MatrixError, Unavailable, UnknownToken
from syncv3.metrics import Metrics
from syncv3.protocol.request import Request
from syncv3.protocol.response import SyncResponse
from syncv3.types import Device, DeviceID, DeviceKey, PageTokens, Reply, RoomID, UserID, UserKey
from syncv3.web.connection import HttpConnection
from syncv3.web.ports import Mount
from syncv3.web.server import build
from syncv3.web.sync import PATHS
from tests.support.answers import read

SYNC = "/_matrix/client/unstable/org.matrix.msc3575/sync"
ALICE = Device(UserID("@alice:hs"), DeviceID("PHONE"), UserKey(1), DeviceKey(2))


CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, Authorization",
}
VERSIONS = Reply(200, {"vary": "Authorization"}, b'{"versions":["v1.11"]}')


class FakeDialect:
    """Reads little; its query is that of MSC3575."""

    def __init__(
        self,
        padding: int = 0,
        *,
        reads_after_token: bool = False,
        takes_token_in_query: bool = False,
    ) -> None:
        self.padding = padding
        self.reads_after_token = reads_after_token
        self.takes_token_in_query = takes_token_in_query

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        try:
            body = json.loads(raw or b"{}")
        except ValueError as error:
            raise BadJSON("not JSON") from error
        pos, timeout = query.get("pos") or None, query.get("timeout")
        return Request(
            body.get("conn_id", ""),
            pos,
            timeout,
            body.get("txn_id"),
            lists=len(body.get("lists", ())),
            subscriptions=len(body.get("room_subscriptions", ())),
            unsubscribed=len(body.get("unsubscribe_rooms", ())),
        )

    def timeout_ms(self, request: Request) -> int:
        return MSC3575().timeout_ms(request)

    def write(self, answer: SyncResponse) -> bytes:
        return json.dumps({"pos": answer.pos, "padding": "x" * self.padding}).encode()


@dataclass
class FakeService:
    """Knows the token ``good``; ``respond`` makes the answers, ``reply`` is /versions."""

    dialect: FakeDialect = field(default_factory=FakeDialect)
    respond: Callable[[], Any] | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    healthy: bool = True
    schema: str = "ok"
    facts: dict[str, object] = field(default_factory=dict)  # more that its health tells
    polled: set[str] = field(default_factory=set)  # tokens of devices that are synced here
    reply: Reply = VERSIONS
    addresses: list[str] = field(default_factory=list)
    forgotten: list[tuple[str, str, str]] = field(default_factory=list)
    key_counts: list[tuple[str, bytes, str]] = field(default_factory=list)
    notes: asyncio.Event = field(default_factory=asyncio.Event)  # set: it has time for key counts
    positions: dict[tuple[str, str, str], PageTokens] = field(default_factory=dict)
    asked_versions: list[str | None] = field(default_factory=list)

    @property
    def auth(self) -> Self:
        return self

    @property
    def dialects(self) -> Mapping[str, FakeDialect]:
        return dict.fromkeys(PATHS, self.dialect)

    @property
    def engine(self) -> Self:
        return self

    @property
    def versions(self) -> Self:
        return self

    @property
    def key_uploads(self) -> Self:
        return self

    async def told(self, token: str, counts: bytes, address: str = "") -> None:
        await self.notes.wait()
        if token == "broken":
            raise ConnectionError("no database")
        await self.device_of(token)
        self.key_counts.append((token, counts, address))

    @classmethod
    async def start(cls, config: Config, metrics: Metrics) -> Self:
        return cls()

    async def device_of(self, token: str, address: str = "") -> Device:
        self.addresses.append(address)
        if token == "flood":
            raise LimitExceeded("too many tokens", retry_after_s=1.5)
        if token != "good":
            raise UnknownToken("unknown access token")
        return ALICE

    async def sync(
        self, device: Device, token: str, dialect: Any, request: Request, *, timeout_ms: int
    ) -> SyncResponse:
        self.calls.append({"device": device, "pos": request.pos, "timeout_ms": timeout_ms})
        self.called.set()
        if self.respond is not None:
            return await self.respond()  # type: ignore[no-any-return]
        return SyncResponse("2")

    async def answer(self, authorization: str | None) -> Reply:
        self.asked_versions.append(authorization)
        return self.reply

    async def polls(self, token: str, address: str = "") -> bool:
        return token in self.polled

    async def forget(self, token: str, room_id: RoomID, asked: float, address: str = "") -> None:
        if token == "flood":
            raise LimitExceeded("too many tokens", retry_after_s=1.5)
        self.forgotten.append((token, room_id, address))

    async def page_tokens(
        self, pos: str, token: str, room_id: RoomID, address: str = ""
    ) -> PageTokens | None:
        return self.positions.get((pos, token, room_id))

    async def excuse(self, error: Exception) -> MatrixError | None:
        return Unavailable("no database") if isinstance(error, ConnectionError) else None

    async def health(self) -> Mapping[str, object]:
        if not self.healthy:
            raise ConnectionError("no database")
        return {"position": 7, **self.facts}

    async def ready(self) -> Mapping[str, str]:
        await self.health()
        return {"schema": self.schema, "homeserver": "failing"}

    async def stop(self) -> None:
        self.stopping.set()


def config(**fields: Any) -> Config:
    """A configuration for a test: no waiting, no embedded database."""
    limits = Limits(**{"error_delay_ms": 0, "body_bytes": 2000} | fields.pop("limits", {}))
    known: dict[str, Any] = {
        "server": "https://hs.test",
        "secret": "s",
        "db": "postgresql:///?host=nowhere",
    }
    return Config(**known | {"data_dir": Path("unused"), "limits": limits} | fields)


class Proxy:
    """The running edge: ``http`` is a client of it, ``service`` the fake behind it."""

    def __init__(
        self,
        address: tuple[str, int],
        http: aiohttp.ClientSession,
        service: FakeService,
        server: Any,
    ) -> None:
        self.address = address
        self.http = http
        self.service = service
        self.server = server

    async def sync(self, body: str = "{}", token: str | None = "good", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        headers |= more.pop("headers", {})
        return await read(self.http.post(SYNC, data=body, headers=headers, **more))


@asynccontextmanager
async def proxy(
    service: FakeService, config: Config, mount: Mount | None = None
) -> AsyncIterator[Proxy]:
    async def start(_config: Config, _metrics: Metrics) -> FakeService:
        return service

    sock = socket.create_server(("127.0.0.1", 0))
    app = build(config, start, mount=mount, name=f"test{id(service)}")
    app.config.TOUCHUP = False  # it rewrites the framework, which works once in a process
    server: Any = await app.create_server(
        sock=sock, return_asyncio_server=True, protocol=HttpConnection
    )
    await server.startup()
    await server.before_start()
    base = f"http://127.0.0.1:{sock.getsockname()[1]}"
    try:
        async with aiohttp.ClientSession(base) as http:
            yield Proxy(sock.getsockname(), http, service, server)
    finally:
        await server.before_stop()
        server.close()
        await server.wait_closed()
        await server.after_stop()


def cors_of(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k.startswith("Access-Control-")}
