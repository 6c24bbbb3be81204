"""Everything that runs: homeserver, PostgreSQL, service processes, clients, and life."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg

from syncv3.store import retention
from syncv3.store.migrate import apply_migrations
from tests.crashes.clients import PATIENCE_S, Addresses, Client, Tally
from tests.crashes.ledger import Ledger
from tests.crashes.life import Life, Size
from tests.support.homeserver import FakeHomeserver
from tests.support.link import Link
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import Shape

RECOVERY_S = 90.0  # until a client that gets nothing after a fault is a finding
COMPLETE_S = 60.0  # until a client must have everything once nothing happens any more
LOOK_S = 0.1
RESTING = {"SYNCV3_PAUSE_AFTER_SECS": "1", "SYNCV3_LONGEST_POLL_SECS": "1"}
"""Polls pause two seconds after the last request, when what they wait for has come."""
CAME_IN_S = 1.0  # until what was sent is stored
ALIVE = "SELECT worker FROM ss_workers WHERE beat > clock_timestamp() - interval '3 s'"


@dataclass(slots=True)
class Stage:
    """One deployment under test. Faults act on it; ``clients`` watch.

    ``link`` leads to ``postgres`` where that can be replaced by its ``standby``, which gets all
    there is through ``replication``.
    """

    postgres: Postgres
    database: str
    homeserver: FakeHomeserver
    services: Sequence[Service]
    addresses: Addresses
    life: Life
    tally: Tally
    clients: list[Client]
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    link: Link | None = None
    replication: Link | None = None
    standby: Postgres | None = None

    async def begun(self) -> None:
        """Wait until each client has had its first answer."""
        deadline = time.monotonic() + COMPLETE_S
        while any(client.pos is None for client in self.clients):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no first answers: {self.tally.findings[:3]} {self.output}")
            await asyncio.sleep(LOOK_S)  # between two looks

    async def recovered(self, kind: str) -> None:
        """Wait until each client that is present had an event that was sent after the fault."""
        watch = self.tally.watch
        assert watch is not None
        deadline = time.monotonic() + RECOVERY_S
        while late := watch.present - watch.after_end.keys():
            if time.monotonic() > deadline:
                self.tally.findings.append(f"{kind}: nothing for {sorted(late)} afterwards")
                return
            await asyncio.sleep(LOOK_S)  # between two looks

    async def complete(self) -> None:
        """Nothing happens any more: each client must come to have exactly what is true."""
        await self.life.stop()
        for client in self.clients:
            client.present.set()
            client.grow()
        deadline = time.monotonic() + COMPLETE_S
        while late := [client for client in self.clients if client.missing()]:
            if time.monotonic() > deadline:
                self.tally.findings += [
                    f"client {c.number}, {c.device.key}, at the end: {c.missing()}" for c in late
                ]
                return
            await asyncio.sleep(LOOK_S)  # between two looks

    async def relaunch(self, service: Service) -> None:
        """Start it until it runs, as a supervisor does."""
        while True:
            try:
                await service.launch()
                return
            except (RuntimeError, TimeoutError):  # the database is away as well
                await service.kill9()
                await asyncio.sleep(0.5)  # the pause of a supervisor

    async def workers(self) -> list[int]:
        """The process numbers of all workers that are alive: a worker's name has it."""
        connection = await asyncpg.connect(self.database)
        try:
            names = [row[0] for row in await connection.fetch(ALIVE)]
        finally:
            await connection.close()
        return [pid for name in names if is_running(pid := int(name.split("-")[1]))]

    async def prepare(self) -> None:
        """Before a fault: a service that lacks a worker is restarted, and a database that can
        be replaced gets a standby."""
        for service in self.services:
            if service.shape.workers > len(await self.workers()):
                await service.restart()
        if self.replication is not None and self.standby is None:
            self.replication.target = self.postgres.port
            through = self.replication.port
            self.standby = await asyncio.to_thread(self.postgres.standby, through=through)

    async def fail_over(self, *, behind_s: float) -> None:
        """The database dies and its standby takes over, at the same address.

        ``behind_s``: the standby lacks what was committed for so long; 0: it has everything
        that anybody was told. People only talk until all are served again. The homeserver sends
        to-device messages once, so those that were committed and lost would be lost for ever;
        and who leaves a room before it is sent anew is told of the end as well as can be.
        """
        assert self.link and self.replication and self.standby
        if behind_s:
            self.life.only_talk = True
            await asyncio.sleep(CAME_IN_S)  # what was sent comes in
            self.replication.stall()
            await asyncio.sleep(behind_s)  # so far it falls behind
        else:
            await self.postgres.follow_synchronously()
        dead, self.postgres, self.standby = self.postgres, self.standby, None
        self.link.target = self.postgres.port
        await asyncio.to_thread(dead.stop, crash=True)
        self.link.cut()
        self.replication.cut()
        self.replication.resume()
        await self.postgres.execute("SELECT pg_promote()")
        await asyncio.to_thread(dead.close)

    async def forget_the_past(self, seconds: float) -> None:
        """Delete what is older than that, and so what no connection in use can need.

        It is what the hourly clean-up would delete if those who are away were no more.
        """
        async with asyncpg.create_pool(self.database, min_size=1, max_size=1) as pool:
            floor: int = await pool.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
            await asyncio.sleep(seconds)  # what is older than that
            await retention.clean(pool, floor)

    @property
    def output(self) -> str:
        """The end of what the services said."""
        return "\n".join(service.output[-4000:] for service in self.services)


def is_running(pid: int) -> bool:
    """Whether the process is there and has not ended, though nobody may have looked after it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@asynccontextmanager
async def staged(
    postgres: Postgres, *, instances: int, size: Size, workers: int = 1, standby: bool = False,
    seed: int = 1, rests: bool = False,
) -> AsyncIterator[Stage]:  # fmt: skip
    """Start all of it; the clients have synced once and life goes on.

    ``standby``: a database server of its own is used, which can be replaced. ``rests``: the polls
    of clients that are away pause at once.
    """
    async with AsyncExitStack() as stack:
        link = replication = None
        if standby:
            postgres = await asyncio.to_thread(Postgres.start)
            stack.callback(postgres.close)
            await postgres.make_template(apply_migrations)
        database = await postgres.clone()
        if standby:
            link = await stack.enter_async_context(Link(postgres.port))
            database = database.replace(f":{postgres.port}/", f":{link.port}/")
            replication = await stack.enter_async_context(Link(postgres.port))
        else:
            stack.push_async_callback(postgres.drop, database)
        homeserver = await stack.enter_async_context(FakeHomeserver())
        http = await _session(stack, total_s=PATIENCE_S)
        health = await _session(stack, total_s=5.0)
        services = []
        for _ in range(instances):
            service = await Service.deploy(
                Shape(f"{workers} workers", workers=workers), health,
                homeserver=homeserver.url, database=database, SYNCV3_LOG_LEVEL="warn",
                **(RESTING if rests else {}),
            )  # fmt: skip
            stack.callback(service.close)
            services.append(service)
        life, tally = Life(homeserver.world, size, seed), Tally()
        addresses = Addresses([url for service in services for url in service.addresses])
        ledger = Ledger(homeserver.world)
        clients = [Client(n, device, addresses, ledger, life, tally, http)
                   for n, device in enumerate(life.devices)]  # fmt: skip
        stage = Stage(postgres, database, homeserver, services, addresses, life, tally, clients,
                      link=link, replication=replication)  # fmt: skip
        stack.callback(_close_servers, stage, besides=postgres)
        tasks = [asyncio.create_task(client.run()) for client in clients]
        stack.push_async_callback(_end, tasks)
        await stage.begun()
        yield stage


def _close_servers(stage: Stage, *, besides: Postgres) -> None:
    """Those that have come since the start."""
    for server in (stage.postgres, stage.standby):
        if server is not None and server is not besides:
            server.close()


async def _session(stack: AsyncExitStack, *, total_s: float) -> aiohttp.ClientSession:
    return await stack.enter_async_context(aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=total_s),
    ))  # fmt: skip


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End the clients. Raises what one of them ended with by itself."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


@asynccontextmanager
async def away(clients: Sequence[Client], counter: "itertools.count[int]") -> AsyncIterator[None]:
    """These clients ask nothing meanwhile; ``counter`` counts those that come back."""
    for client in clients:
        client.present.clear()
    try:
        yield
    finally:
        for client in clients:
            client.present.set()
            next(counter)
