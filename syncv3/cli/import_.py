"""``syncv3 import``: takes in what ``syncv3 export`` wrote, into a database that has none.

The file is read twice: first to see that it is whole, then to take it in. All rows go in by one
transaction, so an import that fails leaves nothing behind. Into a database that has devices or
messages it does not go: nobody could say which of two ``since`` of a device is the right one.
"""

from pathlib import Path

import typer

from syncv3.cli.surroundings import run, stopped
from syncv3.cli.transfer import check, read
from syncv3.errors import ConfigError
from syncv3.store import transfer
from syncv3.store.stream import take_position

app = typer.Typer()


@app.command("import")
def import_(file: Path) -> None:
    """Take in what was exported, in one transaction. The service must be stopped.

    Devices then go on from where they were, and fetch their rooms anew.
    """
    if not file.is_file():
        raise ConfigError(f"There is no file {file}.")
    total = check(file)

    async def work() -> None:
        async with stopped() as db:
            if not await transfer.is_empty(db):
                raise ConfigError(
                    "The database has devices or messages already: import into an empty one,"
                    " after `syncv3 migrate up`."
                )
            # The changes of device lists are news at one new position of the stream.
            await read(db, file, await take_position(db), total)

    run(work)
    print(f"{total} rows taken in.")
