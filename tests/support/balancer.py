"""A reverse proxy that sends each request to a worker drawn by lot.

Workers of one process share a listening socket, so none has an address. But a connection
stays with the worker that accepted it, and ``/health`` names the worker. So connections are
opened until one leads to the worker that was drawn; the others are kept for later requests.
Who keeps a connection to the proxy therefore meets another worker with each request.
"""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

HEALTH = b"GET /health HTTP/1.1\r\nHost: balancer\r\n\r\n"
TRIES = 60  # connections opened in search of one worker of several on a port
IDLE_MOST = 8  # kept for each worker
HEAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response as it came, head and body."""

    start: str
    headers: dict[str, str]
    raw: bytes

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"


async def read_message(reader: asyncio.StreamReader, *, has_body: bool = True) -> Message:
    """The next message. Its body must have a ``Content-Length``; without one it has none.

    Raises ``IncompleteReadError`` when the other side closes before the end.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    assert "transfer-encoding" not in headers, "this proxy knows only Content-Length"
    size = int(headers.get("content-length", 0)) if has_body else 0
    return Message(start, headers, head + await reader.readexactly(size))


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to a worker."""

    worker: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: Message) -> Message:
        self.writer.write(request.raw)
        await self.writer.drain()
        return await read_message(self.reader, has_body=not request.start.startswith("HEAD "))

    def close(self) -> None:
        self.writer.transport.abort()


class Balancer:
    """Between the tests and ``workers`` workers that listen on ``ports`` of the loopback.

    ``answered`` counts the answers of each worker.
    """

    def __init__(self, port: int, ports: Sequence[int], workers: int) -> None:
        self.answered: Counter[str] = Counter()
        self._port = port
        self._ports = ports
        self._workers = workers
        self._homes: dict[str, int] = {}  # worker → port
        self._idle: defaultdict[str, list[Line]] = defaultdict(list)
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._port, limit=HEAD_BYTES
        )
        return self

    async def find_workers(self, patience_s: float) -> None:
        """Get to know all workers. Raises ``TimeoutError`` when some do not show."""
        self.forget()
        async with asyncio.timeout(patience_s):
            while len(self._homes) < self._workers:
                for port in self._ports:
                    self._keep(await self._open(port))
                await asyncio.sleep(0.01)  # between two looks

    def forget(self) -> None:
        """The workers are gone."""
        self._homes.clear()
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    def close(self) -> None:
        self.forget()
        for client in self._clients:
            client.close()  # which ends the task that reads from it
        if self._server is not None:
            self._server.close()

    # -- clients ---------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # one side is gone
                more = True
                while more:
                    more = await self._pass_on(reader, writer)
        finally:
            self._clients.discard(writer)
            writer.close()  # and the other is told

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether another may follow."""
        request = await read_message(reader)
        line = await self._draw()
        answer = asyncio.ensure_future(line.ask(request))
        hang_up = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((answer, hang_up), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                return False
            response = answer.result()
        finally:
            hang_up.cancel()
            if answer.cancel() or answer.exception() is not None:
                line.close()
            await asyncio.gather(answer, hang_up, return_exceptions=True)
        self.answered[line.worker] += 1
        self._keep(line, good=response.keeps_alive)
        writer.write(response.raw)
        await writer.drain()
        return response.keeps_alive and request.keeps_alive

    # -- workers ---------------------------------------------------------------------

    async def _draw(self) -> Line:
        """A connection to a worker drawn by lot. Raises ``OSError`` when none is left."""
        while self._homes:
            worker = random.choice(sorted(self._homes))
            try:
                return await self._line_to(worker)
            except (OSError, asyncio.IncompleteReadError):
                self._homes.pop(worker, None)
        raise ConnectionRefusedError("no worker answers")

    async def _line_to(self, worker: str) -> Line:
        idle = self._idle[worker]
        while idle:
            line = idle.pop()
            if not line.reader.at_eof():
                return line
            line.close()
        for _ in range(TRIES):
            line = await self._open(self._homes[worker])
            if line.worker == worker:
                return line
            self._keep(line)
        raise ConnectionRefusedError(f"{worker} takes no connection")

    async def _open(self, port: int) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=HEAD_BYTES)
        try:
            writer.write(HEALTH)
            answer = await read_message(reader)
        except BaseException:
            writer.transport.abort()
            raise
        body = json.loads(answer.raw.partition(b"\r\n\r\n")[2])
        if "worker" not in body:
            writer.transport.abort()
            raise ConnectionRefusedError(f"not healthy: {body}")
        self._homes.setdefault(body["worker"], port)
        return Line(body["worker"], reader, writer)

    def _keep(self, line: Line, *, good: bool = True) -> None:
        idle = self._idle[line.worker]
        if good and line.worker in self._homes and len(idle) < IDLE_MOST:
            idle.append(line)
        else:
            line.close()
