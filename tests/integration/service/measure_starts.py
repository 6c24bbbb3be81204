"""How long a start takes, and what the service needs at rest, by how much is stored.

    .venv/bin/python -m tests.integration.service.measure_starts [--events 0 100000 1000000]
        [--starts 5]

Each size has a database of its own, in which so many events of a hundred rooms lie. The time runs
from the process's start to the first 200 of ``/health``; the least of several starts
counts, as other work on the machine only adds. Memory and processor time are the process's.
"""

import argparse
import asyncio
import time
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
from aiohttp import web

from syncv3.store.migrate import apply_migrations
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.service import FRESH, Service
from tests.support.shapes import ONE
from tests.support.usage import processor_s

ROOMS: Final = 100
REST_S: Final = 3.0
EVENTS: Final = """
INSERT INTO ss_events (event_key, room_key, pos, ord, history, event_id, type, json)
SELECT n, n % $2 + 1, 0, n, false, sha256(n::text::bytea), 'm.room.message',
    convert_to('{"type":"m.room.message","sender":"@u' || n % 50 || ':hs","content":{"body":"'
        || repeat('message ', 20) || n || '"},"origin_server_ts":1700000000000}', 'UTF8')
FROM generate_series(1, $1::bigint) n
"""


async def versions(_request: web.Request) -> web.Response:
    return web.json_response({"versions": ["v1.11"]})


async def homeserver() -> tuple[web.AppRunner, str]:
    app, port = web.Application(), free_port()
    app.router.add_get("/_matrix/client/versions", versions)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, f"http://127.0.0.1:{port}"


async def fill(url: str, events: int) -> None:
    db = await asyncpg.connect(url)
    await db.execute(EVENTS, events, ROOMS)
    await db.execute("VACUUM ANALYZE ss_events")
    await db.close()


def resident_mib(pid: int) -> float:
    [line] = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in x]
    return int(line.split()[1]) / 1024


async def one_start(http: aiohttp.ClientSession, server: str, database: str) -> tuple[float, ...]:
    """Seconds until ready, processor seconds until then, MiB at rest."""
    began = time.monotonic()
    service = await Service.deploy(
        ONE, http, homeserver=server, database=database, python=FRESH, SYNCV3_LOG_LEVEL="warn"
    )
    ready_s = time.monotonic() - began
    used_s = processor_s(service.pid)
    await asyncio.sleep(REST_S)  # memory at rest
    memory = resident_mib(service.pid)
    await service.stop()
    service.close()
    return ready_s, used_s, memory


async def measure(sizes: list[int], starts: int) -> None:
    runner, server = await homeserver()
    postgres = await asyncio.to_thread(Postgres.start)
    try:
        await postgres.make_template(apply_migrations)
        async with aiohttp.ClientSession() as http:
            for events in sizes:
                database = await postgres.clone()
                await fill(database, events)
                found = [await one_start(http, server, database) for _ in range(starts)]
                ready_s, used_s, memory = (min(column) for column in zip(*found, strict=True))
                print(f"{events:>9} events: ready in {ready_s:.2f} s, {used_s:.2f} s of the"
                      f" processor, {memory:.0f} MiB at rest", flush=True)  # fmt: skip
    finally:
        postgres.close()
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[0, 100_000, 1_000_000])
    parser.add_argument("--starts", type=int, default=5)
    wanted = parser.parse_args()
    asyncio.run(measure(wanted.events, wanted.starts))
