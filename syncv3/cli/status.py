"""``syncv3 status``: who is served, by whom, how far behind, and what has stopped and why.

It asks the database only, so it works whether the service runs or not, and on any machine that
reaches the database. What a worker has in memory it cannot know: for a poll that fails it names the
worker whose log says why.
"""

import json
from typing import Any, Final, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from syncv3.cli.surroundings import connection, run
from syncv3.errors import ConfigError
from syncv3.store import overview
from syncv3.store.migrate import APP, applied
from syncv3.store.overview import Behind, Counts, TableSize, WorkerRow

BEHIND_S: Final = 180  # a poll without news stores something every 90 s: this one has stopped
MOST: Final = 20  # rows of a table, unless more are asked for

app = typer.Typer()
out = Console(markup=False, highlight=False)


class Report(NamedTuple):
    """All that is told."""

    counts: Counts
    workers: list[WorkerRow]
    behind: list[Behind]
    sizes: list[TableSize]


@app.command()
def status(
    as_json: bool = typer.Option(False, "--json", help="One JSON object, for scripts."),
    most: int = typer.Option(MOST, min=1, help="Rows of each table at most."),
) -> None:
    """Users, devices, pollers and their lag, connections, table sizes, and what has stopped.

    Status 1 if polls that should go on have stopped.
    """
    report = run(lambda: _look(most))
    if as_json:
        print(json.dumps(_plain(report)))
    else:
        _show(report)
    if report.behind:
        raise typer.Exit(1)


async def _look(most: int) -> Report:
    async with connection() as db:
        if not await applied(db, APP):
            raise ConfigError("The service was never started on this database.")
        return Report(
            await overview.counts(db),
            await overview.workers(db),
            await overview.behind(db, BEHIND_S, most),
            await overview.sizes(db, most),
        )


def why(device: Behind, workers: int) -> str:
    """Why a device's poll has stopped, as far as the database tells.

    The first cause that fits counts, the plainest ones first. ``workers`` is how many live.
    """
    if device.tokens == 0:
        return "the homeserver has rejected its tokens: its client must come back"
    if not workers:
        return "no worker runs"
    if not device.leased:
        return "no worker has it: its tokens may be unreadable (SYNCV3_SECRET), or it rests"
    if device.rooms_due:
        return "it was taken over, and its rooms are on their way"
    if device.lag_s is None:
        return "its first answer is on its way"
    return "the homeserver does not answer, or answers cannot be stored: see its worker's log"


def _plain(report: Report) -> dict[str, Any]:
    """The report as JSON can have it."""
    # The others have ended, or have lost the database: their leases hold no more.
    live = sum(worker.beat_s < 30 for worker in report.workers)
    return {
        "counts": report.counts._asdict(),
        "workers": [worker._asdict() for worker in report.workers],
        "behind": [one._asdict() | {"why": why(one, live)} for one in report.behind],
        "tables": [size._asdict() for size in report.sizes],
    }


def _show(report: Report) -> None:
    plain = _plain(report)
    counts = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in plain["counts"].items())
    out.print(counts)
    _table("worker", plain["workers"])
    _table("behind", plain["behind"])
    _table("table", plain["tables"])


def _table(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(*(str(name).replace("_", " ") for name in rows[0]), title=title)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def _cell(value: object) -> str:
    """As a terminal may be given it: names of devices are their users' choice."""
    if isinstance(value, float):
        return f"{value:.1f}"
    return "-" if value is None else "".join(c if c.isprintable() else "?" for c in str(value))
