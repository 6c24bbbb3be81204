"""The process ends before or after any statement of ingest and of acknowledgement.

The homeserver here gives a message until the poll shows with a later ``since`` that it was
taken; the client keeps its ``since`` and its position. Whatever happens, every message and
every device-list change arrives at least once.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from extensions.e2ee import E2EE
from extensions.to_device import ToDevice
from syncv3.batch import DeviceData, Lease, Part
from syncv3.bus.local import LocalBus
from syncv3.cache.cache import Cache
from syncv3.engine.asking import Marks
from syncv3.extension import Arrival, Extension, Scope
from syncv3.ingest.committer import Committer
from syncv3.types import Device, UserID
from tests.integration.extensions.stage import Stage

STATEMENTS = 15
"""Of taking in an answer and telling it twice; what has not changed is not looked up again."""


class Killed(Exception):
    """The process is gone."""


class MortalPool:
    """A pool whose process ends at the n-th statement: ``late``: when it has been run."""

    def __init__(self, pool: Any, at: int, *, late: bool) -> None:
        self.pool = pool
        self.left = at
        self.late = late

    def __getattr__(self, name: str) -> Any:
        return self.mortal(getattr(self.pool, name))

    def mortal(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left < 0 or (self.left == 0 and not self.late):
                raise Killed
            result = await method(*arguments, **options)
            if self.left == 0:
                raise Killed
            return result

        return run

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        async with self.pool.acquire() as connection:
            yield MortalConnection(self, connection)


class MortalConnection:
    def __init__(self, pool: MortalPool, connection: Any) -> None:
        self.pool = pool
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return self.pool.mortal(getattr(self.connection, name))


def message(n: int) -> bytes:
    """The n-th message; every other one asks for a key, which is kept track of."""
    if n % 2:
        return b'{"type":"x","content":{"n":%d}}' % n
    asked = b'"action":"request","requesting_device_id":"D","request_id":"r%d"' % n
    return b'{"type":"m.room_key_request","sender":"@a:hs","content":{%s,"n":%d}}' % (asked, n)


@dataclass
class Homeserver:
    """Gives number n with the token n, until a poll with ``since`` n or later."""

    newest: int = 0
    taken: int = 0

    def poll(self, since: int) -> range:
        self.taken = max(self.taken, since)
        return range(self.taken + 1, self.newest + 1)


@dataclass
class Client:
    """What a device knows and has been told."""

    pos: int | None = None
    since: str | None = None
    messages: list[int] = field(default_factory=list)
    users: set[str] = field(default_factory=set)


class Life:
    """One life of the process: ``pool`` may end it at any statement."""

    def __init__(self, pool: Any, device: Device) -> None:
        self.pool = pool
        self.device = device
        self.extensions: tuple[Extension, ...] = (ToDevice(), E2EE())
        self.committer = Committer(pool, LocalBus(), self.extensions)
        self.cache = Cache(pool)
        self.told: set[str] = set()

    async def take_in(self, homeserver: Homeserver) -> None:
        row = await self.pool.fetchrow("SELECT since FROM ss_pollers")
        since = int(row["since"])
        numbers = homeserver.poll(since)
        if not numbers:
            return
        part = Part(
            user_id=self.device.user_id,
            device_id=self.device.device_id,
            user_key=self.device.user_key,
            lease=Lease(self.device.device_key, "worker", 1),
            since=str(since),
            next_since=str(homeserver.newest),
            generated_us=homeserver.newest,
            device=DeviceData(
                to_device=tuple(map(message, numbers)),
                changed=tuple(UserID(f"@u{n}:hs") for n in numbers),
            ),
        )
        await self.committer.start()
        try:
            await self.committer.commit(part)
        finally:
            await self.committer.stop()

    async def answer(self, client: Client) -> Client:
        """The client as it is after a request, if its answer arrives."""
        await self.cache.start()
        given = Client(self.cache.position, client.since, [*client.messages], {*client.users})
        for extension in self.extensions:
            config = extension.configure({"since": client.since} if client.since else {})
            known = extension.name in self.told
            await extension.accept(
                Arrival(self.device, config, client.pos if known else None), self.pool
            )
            marks = Marks(
                self.cache.changes, extension.name, self.device.user_key,
                self.device.device_key, frozenset(),
            )  # fmt: skip
            scope = Scope(
                self.device, config, client.pos, self.cache.position, self.cache.epoch,
                told=known and client.pos is not None, watermarks=marks,
            )  # fmt: skip
            body: Any = extension.respond(scope, await extension.load(scope, self.pool)).body or {}
            if extension.name == "to_device":
                given.since = body["next_batch"]
                given.messages += [
                    int(bytes(e).split(b'"n":')[1].split(b"}")[0]) for e in body.get("events", ())
                ]
            else:
                given.users |= set(body.get("device_lists", {}).get("changed", ()))
        self.told = {extension.name for extension in self.extensions}
        return given


@pytest.mark.rules("U-144", "U-120", "TD-10", "EE-4a", "U-170", "UZ-11")
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_whatever_statement_is_the_last_nothing_is_lost(
    pool: asyncpg.Pool, late: bool
) -> None:
    device = await Stage(pool, ToDevice()).device()
    homeserver, client = Homeserver(), Client()
    for step in range(1, 3 * STATEMENTS):
        homeserver.newest += 1
        life = Life(MortalPool(pool, step % STATEMENTS + 1, late=late), device)
        with suppress(Killed):
            await life.take_in(homeserver)
            client = await life.answer(client)
            client = await life.answer(client)  # acknowledges what the first one gave
    life = Life(pool, device)
    await life.take_in(homeserver)
    client = await life.answer(client)
    everything = set(range(1, homeserver.newest + 1))
    assert set(client.messages) == everything
    assert client.users == {f"@u{n}:hs" for n in everything}
    assert sorted(set(client.messages), key=client.messages.index) == sorted(everything)


async def test_the_tests_above_do_reach_every_statement(pool: asyncpg.Pool) -> None:
    device = await Stage(pool, ToDevice()).device()
    counting = MortalPool(pool, 10**6, late=False)
    life = Life(counting, device)
    client = Client()
    await life.take_in(Homeserver(newest=2))
    client = await life.answer(client)
    await life.answer(client)
    assert 10**6 - counting.left == STATEMENTS
