"""``syncv3 migrate``: the schema, and what the Go proxy has left; with the Go proxy's words.

The Go proxy had ``migrate up``, ``down-to`` and so on, and scripts of operators have them: the
words mean the same here. A start of the service applies all migrations by itself, so they are only
needed to do it beforehand, to go back to an earlier version, and to move from the Go proxy and
back.

What changes the schema runs under the lock of migrations, so two commands, or a command and a
start, cannot meet. What destroys something asks before it does.
"""

import os
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from syncv3.cli.bar import progress
from syncv3.cli.surroundings import alone, cipher, connection, opened_database, run
from syncv3.config import EXTENSIONS, one
from syncv3.errors import ConfigError
from syncv3.plugins import load_extensions
from syncv3.store import old_proxy, schema
from syncv3.store.migrate import apply_migrations
from syncv3.takeover import GoProxy, drop_old, give_back

# The second question of a command that cannot be undone: a habitual "y" does not answer it.
AGAIN: Final = "This cannot be undone. Type the name of the database to go on"
ANY_SESSION: Final = typer.Option(
    False, "--any-session", help="Go on although other sessions of this role might be its."
)
YES: Final = typer.Option(False, "--yes", help="Do not ask.")

app = typer.Typer(add_completion=False)
out = Console(markup=False, highlight=False)


@app.callback(invoke_without_command=True)
def migrate(
    ctx: typer.Context,
    drop: bool = typer.Option(
        False, "--drop-old", help="Drop the tables of a Go proxy that was taken over. Asks twice."
    ),
) -> None:
    """The database's schema, and taking over the Go proxy's database.

    Of the variables only SYNCV3_DB is needed, and SYNCV3_SECRET for what the Go proxy has.
    """
    if drop:
        run(_drop)
    elif ctx.invoked_subcommand is None:
        print(ctx.get_help())


@app.command()
def status() -> None:
    """Which migrations are in force, and whether there are tables of the Go proxy."""

    async def work() -> None:
        async with connection() as db:
            table = Table("migration", "in force")
            for one_of in await schema.migrations(db):
                table.add_row(one_of.name, "yes" if one_of.applied else "no")
            out.print(table)
            out.print(_of_old(await old_proxy.is_here(db), await old_proxy.state(db)))

    run(work)


@app.command()
def version() -> None:
    """The number of the newest migration that is in force."""

    async def work() -> int:
        async with connection() as db:
            done = [m.number for m in await schema.migrations(db) if m.applied]
            return max(done, default=-1)

    print(run(work))


@app.command()
def up(any_session: bool = ANY_SESSION) -> None:
    """Apply all migrations, and take over what the Go proxy has left, as a start does."""

    async def work() -> None:
        names = one(os.environ, "SYNCV3_EXTENSIONS") or EXTENSIONS
        extensions = load_extensions(names)
        schemas = {e.name: (e.schema.models, e.schema.migrations) for e in extensions if e.schema}
        async with opened_database() as url:
            with progress() as bar:
                # Shown only if there is something to take over.
                task = bar.add_task("taking over messages", total=None, visible=False)

                def told(done: int, total: int) -> None:
                    bar.update(task, completed=done, total=total, visible=True)

                before = GoProxy(cipher(), told, any_session=any_session)
                await apply_migrations(url, schemas, before)

    run(work)
    status()


@app.command("up-by-one")
def up_by_one() -> None:
    """Apply the next migration."""

    async def work() -> list[str]:
        async with alone() as (url, db):
            waiting = [m.number for m in await schema.migrations(db) if not m.applied]
            return await schema.step_up(url, waiting[0]) if waiting else []

    _tell("applied", run(work))


@app.command("up-to")
def up_to(number: int) -> None:
    """Apply migrations up to this number."""

    async def work() -> list[str]:
        async with alone() as (url, _):
            return await schema.step_up(url, number)

    _tell("applied", run(work))


@app.command()
def down(yes: bool = YES) -> None:
    """Take back the newest migration. The next start applies it again."""
    _sure(yes, "Take back the newest migration?")

    async def work() -> list[str]:
        async with alone() as (url, db):
            done = [m.number for m in await schema.migrations(db) if m.applied]
            return await schema.step_down(url, max(done)) if done else []

    _tell("taken back", run(work))


@app.command("down-to")
def down_to(number: int, yes: bool = YES) -> None:
    """Take back all migrations with a greater number."""
    _sure(yes, f"Take back all migrations after {number}?")

    async def work() -> list[str]:
        async with alone() as (url, db):
            later = [m.number for m in await schema.migrations(db) if m.applied]
            later = [found for found in later if found > number]
            return await schema.step_down(url, min(later)) if later else []

    _tell("taken back", run(work))


@app.command()
def redo(yes: bool = YES) -> None:
    """Take back the newest migration and apply it again."""
    down(yes)
    up_by_one()


@app.command()
def reset(yes: bool = YES) -> None:
    """Take back everything: all tables of this service are gone. Asks twice."""
    _sure(yes, "Delete all tables of this service, with messages that no client has yet?")
    down_to(-1, yes)


@app.command()
def create(name: str) -> None:
    """Only from the source tree: `make migration NAME=…`."""
    raise ConfigError(f"A migration is made in the source tree: make migration NAME={name}")


@app.command()
def back(
    any_session: bool = ANY_SESSION,
    rooms_anew: bool = typer.Option(
        False, "--rooms-anew", help="Let the Go proxy ask for all rooms again (docs/moving.md)."
    ),
    yes: bool = YES,
) -> None:
    """Give everything back to the Go proxy. The service must be stopped."""
    _sure(yes, "Write what no client has yet into the Go proxy's tables, and empty ours?")

    async def work() -> None:
        async with alone() as (_, db):
            done = await give_back(db, cipher(), rooms_anew=rooms_anew, any_session=any_session)
            out.print(
                f"Given back: {done.devices} devices, {done.tokens} tokens,"
                f" {done.messages} to-device messages, {done.lists} device list changes."
                " Start the Go proxy now, and not this service."
            )

    run(work)


async def _drop() -> None:
    async with alone() as (_, db):
        name = await db.fetchval("SELECT current_database()")
        typer.confirm(
            "Drop all tables of the Go proxy? There is no way back to it afterwards.", abort=True
        )
        if typer.prompt(AGAIN) != name:
            raise ConfigError("That is not its name: nothing was dropped.")
        await drop_old(db)
    out.print("The Go proxy's tables are gone. Restart the service when it suits you.")


def _of_old(here: bool, state: old_proxy.TakeoverState | None) -> str:
    if not here:
        return "There are no tables of a Go proxy."
    if state is None or state.returned:
        return "There are tables of the Go proxy, which the next start takes over."
    return "The Go proxy's tables were taken over. They are still there, for the way back."


def _sure(yes: bool, question: str) -> None:
    if not yes:
        typer.confirm(question, abort=True)


def _tell(done: str, names: list[str]) -> None:
    out.print(f"{done}: {', '.join(names) or 'nothing'}")
