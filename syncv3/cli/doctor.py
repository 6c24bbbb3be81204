"""``syncv3 doctor``: looks at everything around the service, and says what to change.

It runs beside the service, or before that was ever started. The checks are in ``syncv3.doctor``;
here is only how they are asked for and shown. The token comes from a file, because other users of
the machine can read a process's arguments.
"""

import asyncio
import json
import os
from dataclasses import asdict
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from syncv3.doctor.examination import Wishes, examine
from syncv3.doctor.finding import Finding
from syncv3.settings import file_path
from syncv3.settings import public_url as as_url

STATUS: Final = {"ok": 0, "warning": 0, "error": 1}  # what the process ends with
STYLES: Final = {"ok": "green", "warning": "yellow", "error": "bold red"}

app = typer.Typer()
out = Console(markup=False, highlight=False)  # what is shown is nobody's markup


@app.command()
def doctor(
    public_url: str = typer.Option("", help="The service's address as clients reach it."),
    server_name: str = typer.Option("", help="The name in user IDs: its well-known file."),
    token_file: str = typer.Option(
        "", help="A file with an access token, of a test account: for whoami and a long poll."
    ),
    wait_s: float = typer.Option(120.0, "--wait", min=1, help="Seconds of that long poll."),
    as_json: bool = typer.Option(False, "--json", help="A JSON array, for scripts."),
) -> None:
    """Check configuration, homeserver, database, and the way that clients take.

    Status 1 if something is wrong.
    """
    wishes = Wishes(
        public_url=as_url("--public-url", public_url) if public_url else None,
        server_name=server_name or None,
        token=_token(token_file) if token_file else None,
        wait_s=wait_s,
    )
    found = asyncio.run(examine(os.environ, wishes))
    if as_json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        _show(found)
    # Warnings end with 0: a script that runs this before a start must not stop for them.
    raise typer.Exit(max(STATUS[finding.level] for finding in found))


def _token(file: str) -> str:
    return file_path("--token-file", file).read_text().strip()


def _show(found: list[Finding]) -> None:
    table = Table("check", "", "found", "what to change")
    for finding in found:
        row = (finding.check, finding.level, _plain(finding.said), _plain(finding.advice))
        table.add_row(*row, style=STYLES[finding.level])
    out.print(table)


def _plain(text: str) -> str:
    """Without what would do something to a terminal: others have written some of it."""
    return "".join(c if c.isprintable() else "?" for c in text)
