"""``syncv3 export``: what no homeserver sends twice, in a file.

Everything else is a copy, which is fetched anew after ``syncv3 import``. All rows are read in one
snapshot, so the file is consistent though the service runs meanwhile. What comes after that is not
in it: who moves to another database stops the service first, or loses these messages.
"""

from pathlib import Path

import typer

from syncv3.cli.surroundings import connection, run
from syncv3.cli.transfer import write
from syncv3.errors import ConfigError
from syncv3.store.migrate import APP, applied

app = typer.Typer()


@app.command()
def export(file: Path) -> None:
    """Write devices, tokens, to-device messages and device list changes to a file.

    The service may run. Access tokens in it are encrypted with SYNCV3_SECRET.
    """

    async def work() -> int:
        async with connection() as db:
            if not await applied(db, APP):
                raise ConfigError("The service was never started on this database.")
            # One snapshot of all kinds of rows: a message and the ``since`` behind it go together.
            async with db.transaction(isolation="repeatable_read", readonly=True):
                return await write(db, file)

    print(f"{run(work)} rows written to {file}.")
