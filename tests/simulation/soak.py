"""``python -m tests.simulation.soak --schedules N --seed S``: many stories, one after another."""

import argparse
import asyncio
import itertools
import logging
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

import asyncpg

from syncv3.store.migrate import apply_migrations
from tests.simulation.simulation import Simulation, Tally
from tests.simulation.story import Story, tell
from tests.support.postgres import Postgres

RUNS = itertools.count(1)


@dataclass(slots=True)
class Report:
    """What many stories came to. ``failures`` maps seeds to what went wrong."""

    stories: int = 0
    answers: int = 0
    events: int = 0
    done: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, tally: Tally) -> None:
        self.answers += tally.answers
        self.events += tally.events
        self.done.update(tally.done)


async def run(pool: asyncpg.Pool, story: Story) -> Tally:
    """Carries one story out with IDs of its own. Raises what goes wrong."""
    simulation = Simulation(pool, story, f"s{story.seed}r{next(RUNS)}")
    try:
        async with asyncio.timeout(20):
            return await simulation.run()
    finally:
        await simulation.close()


async def failure_of(pool: asyncpg.Pool, story: Story) -> str | None:
    """What goes wrong in a story, in one line; None: nothing."""
    try:
        await run(pool, story)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {where.name}: {error}"
    return None


async def soak(url: str, first: int, count: int, *, seconds: float = float("inf")) -> Report:
    """Tells the stories of ``count`` seeds, or of as many as there is time for."""
    report = Report()
    started = time.monotonic()
    async with asyncpg.create_pool(url, min_size=2, max_size=4) as pool:
        for seed in range(first, first + count):
            if time.monotonic() - started > seconds:
                break
            story = tell(seed)
            try:
                report.add(await run(pool, story))
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                report.failures[seed] = f"{type(error).__name__} at {where.name}: {error}"
            report.stories += 1
    report.seconds = time.monotonic() - started
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    server = Postgres.start()
    try:
        asyncio.run(server.make_template(apply_migrations))
        url = asyncio.run(server.clone())
        report = asyncio.run(soak(url, asked.seed, asked.schedules))
    finally:
        server.close()
    for seed, what in report.failures.items():
        print(f"seed {seed}: {what[:600]}")
    print(f"{report.stories} stories in {report.seconds:.0f} s, {len(report.failures)} failed;"
          f" {report.answers} answers, {report.events} events checked")  # fmt: skip
    print(dict(sorted(report.done.items())))
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main()
