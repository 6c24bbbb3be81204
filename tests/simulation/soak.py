"""``python -m tests.simulation.soak --schedules N --seed S``: many stories, one after another.

With ``--processes P`` as many at a time, each process with a database of its own.
"""

import argparse
import asyncio
import logging
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from syncv3.store.migrate import apply_migrations
from tests.simulation.database import Database
from tests.simulation.simplified.simulation import Mixture
from tests.simulation.simplified.story import tell_simplified
from tests.simulation.simulation import Simulation, Tally
from tests.simulation.story import Story, tell
from tests.support.postgres import Postgres

CHUNK: Final = 500
"""Stories after which a process reports."""
STORY_S: Final = 30.0


@dataclass(slots=True)
class Report:
    """What many stories came to. ``failures`` maps seeds to what went wrong."""

    stories: int = 0
    answers: int = 0
    events: int = 0
    older: int = 0
    done: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, tally: Tally) -> None:
        self.answers += tally.answers
        self.events += tally.events
        self.older += tally.older
        self.done.update(tally.done)

    def merge(self, other: "Report") -> None:
        self.stories += other.stories
        self.answers += other.answers
        self.events += other.events
        self.older += other.older
        self.done.update(other.done)
        self.failures.update(other.failures)


async def run(
    database: Database, story: Story, simulated: type[Simulation] = Simulation
) -> Tally:  # fmt: skip
    """Carries one story out on an empty database. Raises what goes wrong."""
    await database.empty()
    simulation = simulated(database, story)
    try:
        async with asyncio.timeout(STORY_S):
            return await simulation.run()
    finally:
        await simulation.close()


async def failure_of(
    database: Database, story: Story, simulated: type[Simulation] = Simulation
) -> str | None:  # fmt: skip
    """What goes wrong in a story, in one line; None: nothing."""
    try:
        await run(database, story, simulated)
    except Exception as error:
        return describe(error)
    return None


def describe(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {where.name}: {error}"


async def soak(url: str, first: int, count: int, *, simplified: bool = False) -> Report:
    """Tells the stories of ``count`` seeds. ``simplified``: those of all dialects."""
    report = Report()
    started = time.monotonic()
    async with Database.open(url) as database:
        for seed in range(first, first + count):
            try:
                report.add(await run(database, *told(seed, simplified=simplified)))
            except Exception as error:
                report.failures[seed] = describe(error)
            report.stories += 1
    report.seconds = time.monotonic() - started
    return report


def told(seed: int, *, simplified: bool) -> tuple[Story, type[Simulation]]:
    """The story of a seed, and what carries it out."""
    return (tell_simplified(seed), Mixture) if simplified else (tell(seed), Simulation)


def soak_chunk(url: str, first: int, count: int, simplified: bool) -> Report:
    """``soak`` in a process of its own."""
    logging.disable(logging.CRITICAL)
    return asyncio.run(soak(url, first, count, simplified=simplified))


async def soak_all(
    server: Postgres, first: int, count: int, processes: int, *, simplified: bool = False
) -> Report:
    """All stories, shared out among processes; says what each chunk came to."""
    await server.make_template(apply_migrations)
    report = Report()
    started = time.monotonic()
    chunks = iter(range(first, first + count, CHUNK))

    async def work(pool: ProcessPoolExecutor, url: str) -> None:
        loop = asyncio.get_running_loop()
        for chunk in chunks:
            size = min(CHUNK, first + count - chunk)
            part = await loop.run_in_executor(pool, soak_chunk, url, chunk, size, simplified)
            report.merge(part)
            for seed, what in part.failures.items():
                print(f"seed {seed}: {what[:600]}")
            print(f"{report.stories} told, {len(report.failures)} failed", flush=True)

    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        urls = [await server.clone() for _ in range(processes)]
        await asyncio.gather(*(work(pool, url) for url in urls))
    report.seconds = time.monotonic() - started
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--simplified", action="store_true", help="clients of all dialects")
    asked = parser.parse_args()
    server = Postgres.start()
    try:
        report = asyncio.run(soak_all(
            server, asked.seed, asked.schedules, asked.processes, simplified=asked.simplified
        ))  # fmt: skip
    finally:
        server.close()
    print(f"{report.stories} stories in {report.seconds:.0f} s, {len(report.failures)} failed;"
          f" {report.answers} answers, {report.events} events checked,"
          f" {report.older} older ones fetched")  # fmt: skip
    print(dict(sorted(report.done.items())))
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main()
