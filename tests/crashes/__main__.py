"""``python -m tests.crashes --repeat N``: every kind of fault N times, and the figures."""

import argparse
import asyncio
import sys
import time
from dataclasses import replace

from syncv3.store.migrate import apply_migrations
from tests.crashes.faults import KINDS, Times
from tests.crashes.matrix import MATRIX, Deployment, run
from tests.crashes.report import table
from tests.support.postgres import Postgres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--gone", type=float, default=Times().homeserver_gone,
                        help="seconds without a homeserver")  # fmt: skip
    parser.add_argument("--kind", help="only this one", choices=KINDS)
    asked = parser.parse_args()
    matrix = chosen(asked.kind)
    times = Times(homeserver_gone=asked.gone)
    server = Postgres.start()
    try:
        asyncio.run(server.make_template(apply_migrations))
        outcome = asyncio.run(run(server, repeat=asked.repeat, times=times, matrix=matrix, say=say))
    finally:
        server.close()
    print(table(outcome))
    sys.exit(bool(outcome.findings))


def chosen(kind: str | None) -> list[Deployment]:
    """The whole matrix, or only one kind of fault."""
    if kind is None:
        return list(MATRIX)
    return [replace(d, kinds=(kind,)) for d in MATRIX if kind in d.kinds]


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


if __name__ == "__main__":
    main()
