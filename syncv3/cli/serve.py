"""``syncv3 serve``: the service itself.

It becomes ``sanic app serve`` by ``exec``. A child process would have to be given each signal, and
a supervisor that kills the parent would leave it running.
"""

import os
import sys

import typer

app = typer.Typer()


@app.command()
def serve(
    workers: int = typer.Option(1, min=1, help="Processes that share one port."),
) -> None:
    """Start the service, as `sanic app serve` does.

    It takes the place of this process, so signals reach it directly.
    """
    command = [sys.executable, "-m", "sanic", "app", "serve"]
    if workers > 1:
        command.append(f"--workers={workers}")
    os.execv(sys.executable, command)
