"""What the web edge needs from the rest, as the shapes it is handed at the start.

The edge imports none of the parts that these shapes describe: its tests hand it others.
"""

from collections.abc import Mapping
from typing import Any, Protocol, Self

from sanic import Sanic

from syncv3.config import Config
from syncv3.errors import MatrixError
from syncv3.metrics import Metrics
from syncv3.protocol.request import Request
from syncv3.protocol.response import SyncResponse
from syncv3.types import Device, PageTokens, Reply, RoomID


class Auth(Protocol):
    async def device_of(self, token: str, address: str = "") -> Device:
        """Whose access token this is; asks the homeserver about one it has not met.

        ``address`` is the IP address that the request came from, "" if there is none: tokens
        that must be asked about take turns by it. Raises ``UnknownToken`` when the homeserver
        does not know the token, ``BadGateway`` when it cannot be asked (H-25, H-26), and
        ``LimitExceeded`` when too many are being asked about.
        """


class Dialect(Protocol):
    """One dialect of sliding sync at the edge: bytes in, bytes out, and nothing waits."""

    @property
    def reads_after_token(self) -> bool:
        """Whether a request is read only when its token is known to be good."""

    @property
    def takes_token_in_query(self) -> bool:
        """Whether ``access_token`` in the query counts, if there is no header."""

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        """One valid request. Raises ``BadJSON`` and ``InvalidParam``."""

    def timeout_ms(self, request: Request) -> int:
        """How long the client would wait. Raises ``InvalidParam`` for what is no number."""

    def write(self, answer: SyncResponse) -> bytes:
        """The response body."""


class Engine(Protocol):
    async def sync(
        self, device: Device, token: str, dialect: Any, request: Request, *, timeout_ms: int
    ) -> SyncResponse:
        """The answer to one request, after waiting at most ``timeout_ms`` for news.

        ``request`` is what ``dialect.read`` gave. Raises ``MatrixError``. The call is cancelled
        when the client hangs up: what must be completed is shielded in there, so that a long poll
        ends with its client.
        """


class VersionsRelay(Protocol):
    async def answer(self, authorization: str | None) -> Reply:
        """What the homeserver says to ``/versions``, with what the service adds (S-572).

        ``authorization`` is the client's header, if it sent one. Raises ``BadGateway`` when
        the homeserver cannot be asked, ``UnknownToken`` for what can be no such header.
        """


class KeyUploads(Protocol):
    async def told(self, token: str, counts: bytes, address: str = "") -> None:
        """The homeserver has answered an upload of keys with these counts of one-time keys.

        ``counts`` is JSON, of which nothing is known yet. ``address`` and errors are those of
        ``Auth.device_of``, and the database's.
        """


class Service(Protocol):
    """The running service, as ``syncv3.service`` starts it."""

    @classmethod
    async def start(cls, config: Config, metrics: Metrics) -> Self:
        """Connect, migrate, load; clients are served when this returns.

        ``config.db`` is never None here. Raises ``ConfigError``: refuse to start.
        """

    @property
    def auth(self) -> Auth: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def versions(self) -> VersionsRelay: ...

    @property
    def key_uploads(self) -> KeyUploads: ...

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """Which dialect is spoken at a path."""

    async def polls(self, token: str, address: str = "") -> bool:
        """Whether the token's device is synced here, so that nobody else may sync it.

        ``address`` and errors are those of ``Auth.device_of``.
        """

    async def forget(self, token: str, room_id: RoomID, asked: float, address: str = "") -> None:
        """The homeserver has let the token's user forget a room: it is in no list any more.

        ``asked`` is the loop's time before the homeserver was asked. ``address`` and errors are
        those of ``Auth.device_of``.
        """

    async def page_tokens(
        self, pos: str, token: str, room_id: RoomID, address: str = ""
    ) -> PageTokens | None:
        """The homeserver's tokens around a ``pos`` in a room (S-605).

        None if it is no ``pos`` that the token's device was given. ``address`` and errors are
        those of ``Auth.device_of``.
        """

    async def excuse(self, error: Exception) -> MatrixError | None:
        """What a client is told of an error that is no bug: the database's, say."""

    async def health(self) -> Mapping[str, object]:
        """A small object about what works; raises when clients cannot be served."""

    async def ready(self) -> Mapping[str, str]:
        """The state of each part: clients are served if ``schema`` is ``ok``, whatever the
        ``homeserver`` does (S-326). Raises when there is no database.
        """

    async def stop(self) -> None:
        """End all waits, so that they answer; finish and store what was begun (O-C0).

        It takes a bounded time, also when the database has vanished.
        """


App = Sanic[Any, Any]


class Mount(Protocol):
    """Further routes of the application, and what they need while it runs."""

    def mount(self, app: App) -> None:
        """Add the routes, before the application starts."""

    async def start(self) -> None: ...

    def interrupt(self) -> None:
        """The service is being stopped: answer what waits."""

    async def close(self) -> None: ...
