"""``make bench SSBENCH=program``: both dialects beside each other under a neutral load.

The program is the benchmark's (its README has the scenarios); it brings its own homeserver. Each
scenario runs for one dialect after the other, each time with a new homeserver and database, and
what comes out is a table of ratios: times of two runs say something only beside each other.
"""

import argparse
import asyncio
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

from syncv3.store.migrate import apply_migrations
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.service import FRESH, Service
from tests.support.shapes import Shape

DIALECTS: Final = ("msc3575", "simplified")
SHORT: Final[Mapping[str, Sequence[str]]] = {
    "first": (),
    "warm": ("-k", "40", "-k-all", "4"),
    "live": ("-clients", "30", "-events", "60", "-rate", "5"),
    "soak": ("-clients", "30", "-rate", "5", "-secs", "20"),
}
LONG: Final[Mapping[str, Sequence[str]]] = {
    "first": (),
    "warm": (),
    "live": ("-clients", "100", "-events", "300"),
    "soak": ("-clients", "100", "-secs", "120"),
}
RUN_S: Final = 1800


@contextmanager
def homeserver(program: str, rooms: int) -> Iterator[str]:
    """The benchmark's homeserver with a new world; its address."""
    address = f"127.0.0.1:{free_port()}"
    command = [program, "homeserver", "-addr", address, "-rooms", str(rooms), "-users", "120"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://{address}"
        finally:
            process.terminate()


async def measure(program: str, dialect: str, rooms: int, long: bool) -> dict[str, Any]:
    """The results of all scenarios in one dialect, which must find nothing wrong."""
    results: dict[str, Any] = {}
    server = await asyncio.to_thread(Postgres.start)
    try:
        await server.make_template(apply_migrations)
        with homeserver(program, rooms) as upstream:
            async with aiohttp.ClientSession() as http:
                service = await Service.deploy(
                    Shape("one"), http, homeserver=upstream, database=await server.clone(),
                    python=FRESH, SYNCV3_LOG_LEVEL="warn",
                )  # fmt: skip
                try:
                    for scenario, more in (LONG if long else SHORT).items():
                        command = [program, "load", "-proxy", service.url, "-hs", upstream,
                                   "-scenario", scenario, "-dialect", dialect, *more]  # fmt: skip
                        results[scenario] = await run(command)
                finally:
                    service.close()
    finally:
        server.close()
    return results


async def run(command: Sequence[str]) -> dict[str, Any]:
    """One scenario's result. Raises what the benchmark finds wrong."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        process = await asyncio.create_subprocess_exec(*command, "-o", str(file))
        async with asyncio.timeout(RUN_S):
            status = await process.wait()
        if status:
            raise RuntimeError(f"{' '.join(command)} ended with {status}")
        result: dict[str, Any] = json.loads(file.read_text())
    return result


def numbers(found: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """All numbers of a result, with their places."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from numbers(value, f"{path}.{name}" if path else name)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield path, float(found)


def table(old: Mapping[str, Any], new: Mapping[str, Any], names: Sequence[str]) -> str:
    """Ratios of the second dialect to the first, of numbers whose place ends with a name."""
    rows = ["| measure | simplified : MSC3575 |", "|---|---|"]
    for scenario in old:
        before = dict(numbers(old[scenario]["result"]))
        after = dict(numbers(new[scenario]["result"]))
        for place, value in before.items():
            if place.rpartition(".")[2] in names and value and place in after:
                rows.append(f"| {scenario}: {place} | {after[place] / value:.2f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the benchmark")
    parser.add_argument("--rooms", type=int, default=300, help="of the heavy user")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--dialect", choices=DIALECTS, help="only this one: its own figures")
    asked = parser.parse_args()
    chosen = (asked.dialect,) if asked.dialect else DIALECTS
    results = {
        dialect: asyncio.run(measure(asked.program, dialect, asked.rooms, asked.long))
        for dialect in chosen
    }
    if asked.dialect:
        print(json.dumps(results[asked.dialect], indent=1))
    else:
        print(
            table(
                results[DIALECTS[0]],
                results[DIALECTS[1]],
                names=("p50_ms", "p95_ms", "p99_ms", "complete_s", "bytes"),
            )
        )


if __name__ == "__main__":
    main()
