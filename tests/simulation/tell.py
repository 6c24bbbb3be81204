"""``python -m tests.simulation.tell [--simplified] SEED...``: shortens failing stories."""

import argparse
import asyncio
import logging

from syncv3.store.migrate import apply_migrations
from tests.simulation.database import Database
from tests.simulation.shrink import shrink
from tests.simulation.simulation import Simulation
from tests.simulation.soak import failure_of, told
from tests.simulation.story import Story, write
from tests.support.postgres import Postgres


async def shortest(
    url: str, story: Story, simulated: type[Simulation]
) -> tuple[Story, str] | None:  # fmt: skip
    """The shortest part of a story that fails, and how; None if it does not fail."""
    async with Database.open(url) as database:

        async def fails(part: Story) -> str | None:
            return await failure_of(database, part, simulated)

        return await shrink(story, fails)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--simplified", action="store_true", help="clients of all dialects")
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    server = Postgres.start()
    try:
        asyncio.run(server.make_template(apply_migrations))
        url = asyncio.run(server.clone())
        for seed in asked.seeds:
            found = asyncio.run(shortest(url, *told(seed, simplified=asked.simplified)))
            if found is None:
                print(f"seed {seed} does not fail")
            else:
                print(f"{found[0]}\n  -> {found[1]}\n{write(found[1][:60], found[0])}")
    finally:
        server.close()


if __name__ == "__main__":
    main()
