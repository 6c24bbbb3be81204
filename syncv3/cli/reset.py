"""``syncv3 reset``: all copies are fetched anew; what nobody sends twice stays.

``syncv3 purge`` for everybody: each device's first sync is done again, in which its clients wait.
"""

import typer

from syncv3.cli.surroundings import run, stopped
from syncv3.store.emptying import reset as forget_copies

app = typer.Typer()


@app.command()
def reset(yes: bool = typer.Option(False, "--yes", help="Do not ask.")) -> None:
    """Forget rooms, account data and connections; fetch them anew. The service must be stopped.

    Devices, tokens, to-device messages and device list changes stay: nothing is lost.
    """
    if not yes:
        typer.confirm("Forget all rooms, account data and connections?", abort=True)

    async def work() -> int:
        async with stopped() as db:
            return await forget_copies(db)

    print(f"Done. {run(work)} devices fetch their rooms anew when the service has started.")
