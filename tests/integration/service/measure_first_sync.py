"""How long a first sync takes, what it costs, and what it leaves in the database.

    .venv/bin/python -m tests.integration.service.measure_first_sync PROGRAM
        [--rooms 1000] [--runs 3] [--tables]

``PROGRAM`` is the benchmark's (see ``tests/bench.py``). Each run has a new homeserver, database
and service; the least of several counts, as other work on the machine only adds. Processor time
is that of the service and of all of PostgreSQL. "Above an empty one" is the database's size
less what it was before the first event. ``--tables`` shows where that is.
"""

import argparse
import asyncio
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp
import asyncpg

from syncv3.store.migrate import apply_migrations
from tests.bench import homeserver
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import ONE
from tests.support.usage import children_of, processor_s

SIZE: Final = "SELECT pg_database_size(current_database())"
TABLES: Final = """
SELECT c.relname, c.relkind = 'i' AS is_index, pg_table_size(c.oid) AS bytes,
    coalesce((SELECT t.reltuples FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        WHERE i.indexrelid = c.oid), c.reltuples)::bigint AS rows
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'i')
ORDER BY bytes DESC LIMIT 30
"""


class Found(NamedTuple):
    """What one first sync took and left."""

    complete_s: float
    service_s: float
    database_s: float
    bytes: int


def tree_processor_s(pid: int) -> float:
    """The processor's time of a process and of those that it has started, which go on."""
    return sum(map(processor_s, (pid, *children_of(pid))))


def first_sync(program: str, service: str, upstream: str) -> float:
    """Seconds until the client has its window, and the right number of rooms."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        subprocess.run(
            [program, "load", "-proxy", service, "-hs", upstream, "-scenario", "first",
             "-o", str(file)], check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return float(json.loads(file.read_text())["result"]["complete_s"])


async def one_run(program: str, rooms: int, *, tables: bool) -> Found:
    postgres = await asyncio.to_thread(Postgres.start)
    try:
        await postgres.make_template(apply_migrations)
        database = await postgres.clone()
        with homeserver(program, rooms) as upstream:
            async with aiohttp.ClientSession() as http:
                service = await Service.deploy(
                    ONE, http, homeserver=upstream, database=database, SYNCV3_LOG_LEVEL="warn"
                )
                try:
                    return await _measured(program, service, postgres, upstream, tables=tables)
                finally:
                    service.close()
    finally:
        postgres.close()


async def _measured(
    program: str, service: Service, postgres: Postgres, upstream: str, *, tables: bool
) -> Found:
    db = await asyncpg.connect(service.database)
    empty = await db.fetchval(SIZE)
    before = processor_s(service.pid), tree_processor_s(postgres.pid)
    seconds = await asyncio.to_thread(first_sync, program, service.url, upstream)
    after = processor_s(service.pid), tree_processor_s(postgres.pid)
    await db.execute("ANALYZE")
    if tables:
        for name, is_index, size, rows in await db.fetch(TABLES):
            each = f"{size / rows:.0f} a row" if rows > 0 else ""
            print(f"  {'  ' if is_index else ''}{name}: {size:,} bytes, {rows:,} rows, {each}")
    size = await db.fetchval(SIZE) - empty
    await db.close()
    return Found(seconds, after[0] - before[0], after[1] - before[1], size)


async def measure(program: str, rooms: int, runs: int, *, tables: bool) -> None:
    found = [await one_run(program, rooms, tables=tables and number == 0) for number in range(runs)]
    least = Found(*(min(column) for column in zip(*found, strict=True)))
    print(f"{rooms} rooms: complete in {least.complete_s:.2f} s, {least.service_s:.2f} s of the"
          f" processor in the service, {least.database_s:.2f} s in PostgreSQL,"
          f" {least.bytes / 1e6:.1f} MB above an empty one")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the benchmark")
    parser.add_argument("--rooms", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tables", action="store_true")
    wanted = parser.parse_args()
    asyncio.run(measure(wanted.program, wanted.rooms, wanted.runs, tables=wanted.tables))
