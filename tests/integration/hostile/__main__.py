"""``python -m tests.integration.hostile N --seed S``: so many hostile values.

``--place`` and ``--value`` choose those whose names contain a text. Ends with 1 if a case fails.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Final

import aiohttp

from syncv3.store.migrate import apply_migrations
from tests.integration.hostile.cases import PLACES, Case, cases_of, choose
from tests.integration.hostile.house import Failure
from tests.integration.hostile.run import play
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.service import Service

WAVE: Final = 250
"""Cases that are played at once, with a service and a database of their own."""


async def wave(postgres: Postgres, cases: Sequence[Case]) -> list[Failure]:
    """What goes wrong in these cases."""
    url = await postgres.clone()
    connector = aiohttp.TCPConnector(limit=0)
    async with FakeHomeserver() as homeserver, aiohttp.ClientSession(connector=connector) as http:
        service = await Service.start(
            http, homeserver=homeserver.url, database=url, SYNCV3_LOG_LEVEL="warn"
        )
        try:
            return await play(cases, homeserver, http, service)
        finally:
            service.close()
            await postgres.drop(url)


async def narrowed(postgres: Postgres, cases: Sequence[Case]) -> list[Failure]:
    """The same; where any of several cases may be at fault, halves of them are played again."""
    found = []
    for failure in await wave(postgres, cases):
        suspects = failure.suspects
        if len(suspects) == 1:
            found.append(failure)
            continue
        half = len(suspects) // 2
        again = [await narrowed(postgres, part) for part in (suspects[:half], suspects[half:])]
        found += [f for part in again for f in part] or [failure]
    return list({str(failure): failure for failure in found}.values())


async def run(postgres: Postgres, cases: Sequence[Case]) -> list[Failure]:
    """Plays wave after wave, and says how it goes."""
    await postgres.make_template(apply_migrations)
    failures: list[Failure] = []
    started = time.monotonic()
    for first in range(0, len(cases), WAVE):
        found = await narrowed(postgres, cases[first : first + WAVE])
        for failure in found:
            print(f"FAILED {failure}", flush=True)
        failures += found
        done, seconds = min(first + WAVE, len(cases)), time.monotonic() - started
        print(f"{done} of {len(cases)} cases in {seconds:.0f} s, {len(failures)} failures",
              flush=True)  # fmt: skip
    return failures


def chosen(arguments: argparse.Namespace) -> list[Case]:
    places = [place for place in PLACES.values() if arguments.place in place.name]
    if not arguments.value:
        return choose(places, arguments.cases, arguments.seed)
    found = [case for place in places for case in cases_of(place)]
    return [case for case in found if arguments.value in case.value.name][: arguments.cases]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=int, nargs="?", default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", default="")
    parser.add_argument("--value", default="")
    cases = chosen(parser.parse_args())
    postgres = Postgres.start()
    try:
        return 1 if asyncio.run(run(postgres, cases)) else 0
    finally:
        postgres.close()


if __name__ == "__main__":
    sys.exit(main())
