"""Workers: the real ingest, cache and engine code, without pollers and HTTP.

What a story cuts is the line between a committer and the database (``Line``); the bus may
lose hints (``Endpoint``). No worker waits: an engine that is stopping answers with what it
has, and all the rest is asked when the story says so.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import asyncpg

from extensions.account_data import AccountData
from extensions.e2ee import E2EE
from extensions.receipts import Receipts
from extensions.to_device import ToDevice
from syncv3.bus.local import Listener
from syncv3.cache.cache import Cache
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.engine.connections import Connections
from syncv3.engine.engine import Engine
from syncv3.engine.extensions import ExtensionRunner
from syncv3.engine.limits import ConnectionLimits
from syncv3.extension import Extension
from syncv3.ingest.committer import Committer
from syncv3.ingest.findings import Listeners
from syncv3.ingest.group_writer import COMMIT
from syncv3.ingest.learning import Learning
from syncv3.metrics import Metrics
from syncv3.protocol.pos import Signer, SigningKeys
from syncv3.types import Device, DeviceKey, RoomID
from tests.integration.core.build import Everybody
from tests.support.tasks import Tasks, begun, cut_off

METRICS = Metrics()
KEYS = SigningKeys.of(b"secret")
NAMES: Final = frozenset(("account_data", "receipts", "to_device", "e2ee"))
DIALECT: Final = MSC3575(NAMES)
DIALECTS: Final[Mapping[str, Any]] = {
    "msc3575": DIALECT, "simplified": Simplified(NAMES), "msc4186": MSC4186(NAMES),
}  # fmt: skip

Gap = Callable[[DeviceKey, RoomID], None]


@dataclass(eq=False)
class Endpoint:
    """One worker's end of a bus. ``deaf``: what others say is not heard."""

    peers: list["Endpoint"]
    deaf: bool = False
    others: bool = False
    listeners: list[Listener] = field(default_factory=list)

    def publish(self, topic: str, payload: str = "") -> None:
        for peer in self.peers:
            if peer is not self and not peer.deaf:
                for listener in peer.listeners:
                    listener(topic, payload)

    def subscribe(self, listener: Listener) -> None:
        self.listeners.append(listener)

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None


class Line:
    """The database as a committer sees it; ``fault`` strikes the next commit.

    ``cut``: the line breaks, and the committer tries again. ``kill``: the process ends.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.fault = ""
        self.left: int | None = None  # statements until the process ends
        self.died = asyncio.Event()
        self.kill: Callable[[], object] = lambda: None

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["_Cut"]:
        async with self.pool.acquire() as connection:
            yield _Cut(connection, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)


class _Cut:
    def __init__(self, connection: asyncpg.Connection, line: Line) -> None:
        self._connection = connection
        self._line = line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetchrow(self, statement: str, *arguments: Any, **more: Any) -> Any:
        if self._line.left is not None:
            self._line.left -= 1
            if self._line.left < 0:
                self._line.died.set()
                await asyncio.Event().wait()  # cancelled here
        fault = self._line.fault
        if statement != COMMIT or not fault:
            return await self._connection.fetchrow(statement, *arguments, **more)
        self._line.fault = ""
        row = None
        if fault.endswith("after"):
            row = await self._connection.fetchrow(statement, *arguments)
        if fault.startswith("cut"):
            raise ConnectionResetError("the line was cut")
        self._line.kill()
        await asyncio.sleep(0)  # cancelled here
        return row


@dataclass(eq=False)
class Worker:
    """One worker. ``name`` is what it is called in leases."""

    name: str
    line: Line
    bus: Endpoint
    committer: Committer
    cache: Cache
    connections: Connections
    engine: Engine
    everybody: Everybody
    tasks: Tasks
    extensions: Sequence[Extension] = ()

    @classmethod
    async def start(
        cls,
        name: str,
        pool: asyncpg.Pool,
        bus: Endpoint,
        *,
        alone: bool,
        on_gap: Gap,
        extended: bool = False,
    ) -> Self:
        """``extended``: with the extensions that have no clock of their own."""
        line = Line(pool)
        extensions = [AccountData(), Receipts(), ToDevice(), E2EE()] if extended else []
        committer = Committer(line, bus, extensions)
        committer.listen(Listeners(gaps=on_gap))
        tasks = await begun(committer.start())
        line.kill = lambda: [task.cancel() for task in tasks]
        cache = Cache(pool)
        connections = Connections(pool, cache, bus, ConnectionLimits())
        connections.alone = alone
        everybody = Everybody()
        engine = Engine(
            pool, cache, connections, everybody, everybody, Signer(KEYS),
            ExtensionRunner(extensions, pool), METRICS, everybody,
        )  # fmt: skip
        engine.stop()  # nothing waits
        await cache.start()
        return cls(
            name, line, bus, committer, cache, connections, engine, everybody, tasks, extensions
        )

    async def stop(self) -> None:
        """Ends as a service does that is told to."""
        await self.committer.stop()
        await self.connections.stop()
        self._deafen()

    async def kill(self) -> None:
        """Ends as a killed process does: nothing is stored any more."""
        await cut_off(self.tasks)
        self._deafen()

    def _deafen(self) -> None:
        self.bus.listeners.clear()
        self.bus.peers.remove(self.bus)

    @property
    def learning(self) -> Learning:
        """Takes in what the homeserver says apart from any sync."""
        return Learning(self.committer.writer)

    async def flush(self) -> None:
        """Writes behind, as happens once a second."""
        await self.connections.share(alone=self.connections.alone)

    async def forget(self, device: Device) -> None:
        """Nobody has used the device's connections for a long time: they are in no memory."""
        await self.flush()
        for connection in self.connections:
            if connection.device == device:
                connection.used = float("-inf")
        self.connections.sweep()

    def release(self) -> None:
        """Own events have been held back for long enough."""
        for connection in self.connections:
            connection.hold = dict.fromkeys(connection.hold, float("-inf"))

    def holds(self, name: str, device: Device, conn_id: str) -> bool:
        """Whether own events are held back from a connection of the device, in this dialect."""
        at = device.device_key, DIALECTS[name].tag, conn_id
        return any(connection.hold for connection in self.connections if connection.at == at)

    async def sync(self, device: Device, pos: str | None, raw: bytes) -> bytes:
        """The response body in MSC3575. Raises what the engine raises."""
        return await self.speak("msc3575", device, {"pos": pos or ""}, raw)

    async def speak(
        self, name: str, device: Device, query: Mapping[str, str], raw: bytes
    ) -> bytes:  # fmt: skip
        """The response body in the dialect of this name."""
        dialect = DIALECTS[name]
        request = dialect.read(raw, query)
        answer = await self.engine.sync(device, "token", dialect, request, timeout_ms=0)
        body: bytes = dialect.write(answer)
        return body


def endpoints(count: int) -> list[Endpoint]:
    peers: list[Endpoint] = []
    peers.extend(Endpoint(peers) for _ in range(count))
    return peers
