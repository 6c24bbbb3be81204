"""Two users, the service between them, and a reader that lives through what happens."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.support.account import Account
from tests.support.client import SlidingClient, SyncError, window
from tests.support.homeserver import FakeHomeserver
from tests.support.ports import free_port
from tests.support.room import JSON
from tests.support.service import Service

ALL = {"all": window(0, 20)}
PATIENCE_S = 40.0
REST_S = 0.2  # of a client after a refusal


@dataclass
class Reader:
    """A client that goes on through refusals, as clients do.

    ``inbox`` has the to-device messages as they came, ``refusals`` what the service said
    while it could not answer. It never starts anew: ``M_UNKNOWN_POS`` ends it.
    """

    client: SlidingClient
    inbox: list[str] = field(default_factory=list)
    refusals: list[SyncError] = field(default_factory=list)
    since: str | None = None
    slowest_s: float = 0.0
    _task: asyncio.Task[None] | None = None

    async def begin(self, *, timeout_ms: int = 1000) -> None:
        """The first answer; from then on it reads by itself."""
        await self._sync(0, lists=ALL)
        self._task = asyncio.create_task(self._read(timeout_ms))

    async def until(self, room_id: str, event_id: str, message: str | None) -> float:
        """Wait for an event, and perhaps a to-device message; how long that took, in seconds."""
        started = time.monotonic()
        async with asyncio.timeout(PATIENCE_S):
            while event_id not in self.client.event_ids(room_id) or (
                message is not None and message not in self.inbox
            ):
                self._look()
                await asyncio.sleep(0.02)  # between two looks
        return time.monotonic() - started

    async def end(self) -> None:
        self._look()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _look(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()

    async def _read(self, timeout_ms: int) -> None:
        while True:
            started = time.monotonic()
            try:
                await self._sync(timeout_ms)
            except SyncError as refused:
                assert refused.status == 503, refused
                self.refusals.append(refused)
                await asyncio.sleep(REST_S)  # its pause after a refusal
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)

    async def _sync(self, timeout_ms: int, lists: JSON | None = None) -> None:
        asked: JSON = {"enabled": True} | ({"since": self.since} if self.since else {})
        answer = await self.client.sync(
            lists=lists, extensions={"to_device": asked}, timeout_ms=timeout_ms
        )
        told = answer.extensions.get("to_device")
        if told is not None:
            self.since = told["next_batch"]
            self.inbox += [event["content"]["body"] for event in told.get("events", ())]


@dataclass(frozen=True)
class Stage:
    """``alice`` writes, ``bob`` reads; ``room`` is where. ``metrics`` is an address."""

    homeserver: FakeHomeserver
    service: Service
    http: aiohttp.ClientSession
    alice: Account
    bob: Account
    room: str
    reader: Reader
    metrics: str

    async def say(self, texts: Sequence[str]) -> list[str]:
        """Alice sends each as a message and to bob's device; the events' IDs."""
        sent = []
        for text in texts:
            sent.append(await self.alice.send(self.room, text))
            await self.alice.send_to_device(self.bob, "m.test", {"body": text})
        return sent

    async def metric(self, name: str) -> float:
        """The sum of all samples of a metric whose line begins so."""
        async with self.http.get(self.metrics) as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def first_syncs(self) -> int:
        return sum(
            seen.path.endswith("/sync") and "since" not in seen.query
            for seen in self.homeserver.seen
        )


@asynccontextmanager
async def stage(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, database: str, *,
    python: str | None = None, **settings: str,
) -> AsyncIterator[Stage]:  # fmt: skip
    """The service on this database; bob's reader is reading.

    With ``FRESH`` as its ``python`` the memory of its process is all its own: it can be measured.
    """
    prom = f"127.0.0.1:{free_port()}"
    service = await Service.start(
        http, homeserver=homeserver.url, database=database, python=python, SYNCV3_PROM=prom,
        **settings,
    )  # fmt: skip
    reader = None
    try:
        alice = await Account.register(http, homeserver.url, "alice")
        bob = await Account.register(http, homeserver.url, "bob")
        room = await alice.create_room("Kitchen")
        await bob.join(room)
        reader = Reader(SlidingClient(http, service.url, bob.token))
        await reader.begin()
        yield Stage(homeserver, service, http, alice, bob, room, reader, f"http://{prom}/metrics")
        await reader.end()
    finally:
        if reader is not None:
            await asyncio.gather(reader.end(), return_exceptions=True)
        print(service.output[-8000:])
        service.close()
