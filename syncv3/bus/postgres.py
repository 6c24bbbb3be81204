"""The bus over PostgreSQL's LISTEN and NOTIFY, for several workers on one database.

Hints are coalesced per tick and sent after the commit on a connection of their own:
NOTIFY inside a writing transaction takes a database-wide lock. A lost connection costs
delay only, as every worker also looks at the stream's head once a second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg

from syncv3.bus.local import HELLO, STREAM, WHO_ELSE, Listener

log = logging.getLogger(__name__)

CHANNEL = "syncv3"
TICK_S = 0.002
RECONNECT_S = 1.0
GREETING_S = 2.0
MAX_PAYLOAD = 7000  # characters; PostgreSQL takes 8,000 bytes, and what is said here is ASCII


class PostgresBus:
    """Publishes to and hears from all workers, this one included (locally, at once)."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], worker: str) -> None:
        self._connect = connect
        self._worker = worker
        self._listeners: list[Listener] = []
        self._pending: dict[tuple[str, str], None] = {}  # what the next tick says, each once
        self._wanted = asyncio.Event()
        self._greeted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.others = False

    def publish(self, topic: str, payload: str = "") -> None:
        self._call(topic, payload)
        if not self.others:  # nobody would hear it: the database is spared a statement
            return
        self._pending[(topic, payload if topic != STREAM else "")] = None
        self._wanted.set()

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def start(self) -> None:
        """Start, and greet the others: who thinks to be alone keeps connections in memory.

        Without a connection the bus goes on trying, and others find this worker later.
        """
        self._task = asyncio.create_task(self._run(), name="bus")
        with suppress(TimeoutError):
            async with asyncio.timeout(GREETING_S):
                await self._greeted.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _call(self, topic: str, payload: str) -> None:
        for listener in self._listeners:
            listener(topic, payload)

    def _heard(self, _connection: object, _pid: int, _channel: str, text: str) -> None:
        """One notification: a line a hint, each with its worker, whose own have been heard."""
        for line in text.split("\n"):
            worker, _, rest = line.partition(" ")
            topic, _, payload = rest.partition(" ")
            if worker != self._worker:
                self._call(topic, payload)

    async def _run(self) -> None:
        while True:
            try:
                connection = await self._connect()
                try:
                    connection.add_termination_listener(lambda _: self._wanted.set())
                    await connection.add_listener(CHANNEL, self._heard)
                    await connection.execute(
                        "SELECT pg_notify($1, $2)",
                        CHANNEL,
                        f"{self._worker} {HELLO} {WHO_ELSE}",
                    )
                    self._greeted.set()
                    self._call(STREAM, "")  # whatever was said meanwhile
                    await self._send(connection)
                finally:
                    connection.terminate()
            except Exception as error:  # the supervisor of this task; it has no other
                log.warning("The bus lost its connection: %r", error)
                await asyncio.sleep(RECONNECT_S)

    async def _send(self, connection: asyncpg.Connection) -> None:
        while True:
            await self._wanted.wait()
            await asyncio.sleep(TICK_S)
            self._wanted.clear()
            if connection.is_closed():  # or a worker that says nothing would stay deaf
                raise asyncpg.InterfaceError("the database has closed the connection")
            pending, self._pending = list(self._pending), {}
            lines = [f"{self._worker} {topic} {payload}" for topic, payload in pending]
            while lines:
                batch, size = [], 0
                while lines and size + len(lines[0]) < MAX_PAYLOAD:
                    size += len(lines[0]) + 1
                    batch.append(lines.pop(0))
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, "\n".join(batch))
