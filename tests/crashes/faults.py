"""What breaks. Each fault does it, waits as long as it lasts, and ends it.

A fault returns when whoever looks after the machine has done their part; until clients
are served again may take longer, and is what is measured.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg

from tests.crashes.stage import Stage

LEASE_S = 10.0
NOTICED_S = 3.0  # until a load balancer leaves out an address that does not answer
BEHIND_S = 2.0  # what a standby lacks that takes over
APART_S = 3.0  # between two faults that overlap, at most
BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = $1
    AND application_name = 'syncv3'
"""


@dataclass(frozen=True, slots=True)
class Times:
    """How long faults last, in seconds. ``unreplaced``: until a killed worker is started
    again where others go on without it. ``past``: what is older than this is cleaned up."""

    homeserver_gone: float = 60.0
    paused: float = LEASE_S + 5.0
    unreplaced: float = LEASE_S + 10.0
    past: float = 5.0


async def kill_service(stage: Stage, _times: Times) -> None:
    """``kill -9`` of a service process, which is started again at once."""
    service = stage.chance.choice(stage.services)
    await service.kill9()
    await stage.relaunch(service)


async def kill_worker(stage: Stage, times: Times) -> None:
    """``kill -9`` of one of several, which stays away for longer than its lease."""
    number = stage.addresses.pick(stage.chance)
    await stage.services[number].kill9()
    await asyncio.sleep(times.unreplaced)  # so long nobody takes its place
    await stage.relaunch(stage.services[number])


async def kill_backend(stage: Stage, _times: Times) -> None:
    """``kill -9`` of one PostgreSQL backend: the server ends all others and recovers."""
    name = stage.database.rsplit("/", 1)[1]
    while True:
        try:
            connection = await asyncpg.connect(stage.postgres.url())
            pids = [row[0] for row in await connection.fetch(BACKENDS, name)]
            await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pids = []  # another fault is on
        if pids:
            break
        await asyncio.sleep(0.1)  # between two looks
    os.kill(stage.chance.choice(pids), signal.SIGKILL)


async def stop_database(stage: Stage, _times: Times) -> None:
    """An immediate stop of PostgreSQL, which is started again at once and recovers."""
    await asyncio.to_thread(stage.postgres.stop, crash=True)
    await asyncio.to_thread(stage.postgres.launch)


async def pause_worker(stage: Stage, times: Times) -> None:
    """One of several stands still for longer than its lease, then goes on."""
    number = stage.addresses.pick(stage.chance)
    pid = stage.services[number].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(min(NOTICED_S, times.paused))  # so long nobody notices
        stage.addresses.out.add(number)
        await asyncio.sleep(max(0.0, times.paused - NOTICED_S))  # the rest of it
    finally:
        os.kill(pid, signal.SIGCONT)
        stage.addresses.out.discard(number)


async def kill_one_of_several(stage: Stage, times: Times) -> None:
    """``kill -9`` of one worker of a service; its manager starts no other in its place."""
    os.kill(stage.chance.choice(await stage.workers()), signal.SIGKILL)
    await asyncio.sleep(times.unreplaced)  # so long nobody takes its place


async def pause_one_of_several(stage: Stage, times: Times) -> None:
    """One worker of a service stands still for longer than its lease, with all connections
    that it has accepted; nobody tells clients to go elsewhere."""
    pid = stage.chance.choice(await stage.workers())
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(times.paused)  # the fault
    finally:
        os.kill(pid, signal.SIGCONT)


async def fail_over(stage: Stage, _times: Times) -> None:
    """PostgreSQL dies, and its synchronous standby is promoted, while all workers go on."""
    await stage.fail_over(behind_s=0.0)


async def fail_over_behind(stage: Stage, _times: Times) -> None:
    """The same with a standby that is behind: what clients were told is lost."""
    await stage.fail_over(behind_s=BEHIND_S)


async def lose_homeserver(stage: Stage, times: Times) -> None:
    """The homeserver cannot be reached; what happens there goes on."""
    await stage.homeserver.down()
    await asyncio.sleep(times.homeserver_gone)  # the fault
    await stage.homeserver.up()


async def two_at_once(stage: Stage, times: Times) -> None:
    """Two different ones, the second a moment after the first has begun."""
    first, second = stage.chance.sample([*MIXED.values()], 2)

    async def later() -> None:
        await asyncio.sleep(stage.chance.uniform(0, APART_S))  # how far they are apart
        await second(stage, times)

    await asyncio.gather(first(stage, times), later())


Fault = Callable[[Stage, Times], Awaitable[None]]
MIXED: Mapping[str, Fault] = {
    "kill service": kill_service,
    "kill backend": kill_backend,
    "stop database": stop_database,
    "pause worker": pause_worker,
    "homeserver gone": lose_homeserver,
}
KINDS: Mapping[str, Fault] = {
    **MIXED,
    "kill worker": kill_worker,
    "two at once": two_at_once,
    "kill one of three": kill_one_of_several,
    "pause one of three": pause_one_of_several,
    "fail over": fail_over,
    "fail over, behind": fail_over_behind,
}
