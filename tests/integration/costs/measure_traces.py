"""What traces cost while they are on: processor time for one message, with them and without.

    .venv/bin/python -m tests.integration.costs.measure_traces [--messages 300] [--times 3]

A message is taken in and delivered to the client that waits, which asks on: what ``counted`` counts
as well. Each time is of a process of its own, with and without by turns, and the least of
each counts, as other work on the machine only adds. With traces the time of the thread that
sends spans is counted, too. What they cost while they are off needs no measurement: then nothing is
put in the place of any function (``tests/unit/tracing``), so it is what ``counted`` has recorded.
"""

import argparse
import asyncio
import io
import sys
import threading
from pathlib import Path
from typing import Final

import uvloop

from syncv3 import logs
from syncv3.config import Config
from syncv3.store.migrate import apply_migrations
from tests.integration.costs.counted import Scene
from tests.support.homeserver import FakeHomeserver
from tests.support.inside import Outside, service_inside
from tests.support.postgres import Postgres
from tests.support.service import SECRET
from tests.support.sink import sink

WARM: Final = 30
SENDER: Final = "OtelBatchSpanRecordProcessor"
"""The name of the SDK's thread that sends spans."""


def used_s(thread: threading.Thread) -> float:
    """Processor time of a thread of this process."""
    stat = Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text()
    return int(stat.split()[0]) / 1e9


def threads(traced: bool) -> list[threading.Thread]:
    """Those that work for the service."""
    senders = [each for each in threading.enumerate() if each.name == SENDER]
    assert len(senders) == int(traced)
    return [threading.main_thread(), *senders]


async def per_message_s(database: str, messages: int, collector: str | None) -> float:
    logs.set_up("info", "text", io.StringIO())
    with Outside() as outside:
        homeserver = FakeHomeserver()
        await outside.run(homeserver.up())
        environ = {
            "SYNCV3_SERVER": homeserver.url, "SYNCV3_SECRET": SECRET, "SYNCV3_DB": database,
            "SYNCV3_OTLP_URL": collector or "",
        }  # fmt: skip
        async with service_inside(Config.from_environ(environ)) as url:
            scene = Scene(url, homeserver)
            await outside.run(scene.begin())
            await outside.run(scene.alone())
            await outside.run(say(scene, WARM))
            working = threads(collector is not None)
            before = sum(map(used_s, working))
            await outside.run(say(scene, messages))
            used = sum(map(used_s, working)) - before
            await outside.run(scene.end())
        await outside.run(homeserver.down())
    return used / messages


async def say(scene: Scene, messages: int) -> None:
    for _ in range(messages):
        await scene.message()


def child(database: str, messages: int, traced: bool) -> None:
    with sink() as collector:
        work = per_message_s(database, messages, collector.url if traced else None)
        print(uvloop.run(work))
        assert bool(collector.taken) == traced


async def measure(messages: int, times: int) -> None:
    postgres = await asyncio.to_thread(Postgres.start)
    try:
        await postgres.make_template(apply_migrations)
        found: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(times):
            for traced, each in found.items():
                database = await postgres.clone()
                command = [sys.executable, "-m", __spec__.name, "--messages", str(messages),
                           "--database", database, *(["--traced"] if traced else [])]  # fmt: skip
                done = await asyncio.create_subprocess_exec(
                    *command, stdout=asyncio.subprocess.PIPE
                )
                said, _ = await done.communicate()
                assert done.returncode == 0
                each.append(float(said.splitlines()[-1]))
    finally:
        postgres.close()
    off, on = (min(each) for each in found.values())
    print(f"{off * 1e3:.2f} ms of the processor for a message, {on * 1e3:.2f} ms with traces:"
          f" {on / off:.2f} times as much")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--traced", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.database:
        child(asked.database, asked.messages, asked.traced)
    else:
        asyncio.run(measure(asked.messages, asked.times))
