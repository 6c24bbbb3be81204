"""What can be done with migrations besides applying all of them: a look, and single steps.

For ``syncv3 migrate``. Aerich can step down to a number, but not up to one: so for a step up it is
given a folder that has only the migrations up to there.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg
from aerich import Command, TortoiseContext
from aerich.exceptions import DowngradeError
from tortoise.exceptions import BaseORMException

from syncv3.errors import ConfigError
from syncv3.store.functions import drop_functions
from syncv3.store.migrate import APP, LOCATION, applied, connect, files, tortoise_config
from syncv3.store.upgrade import upgrade

FAULTS: Final = (BaseORMException, DowngradeError, asyncpg.PostgresError)


class Migration(NamedTuple):
    """One migration of ours; ``applied``: it is in force."""

    number: int
    name: str
    applied: bool


async def migrations(connection: Any) -> list[Migration]:
    """All that there are here, in order."""
    done = set(await applied(connection, APP))
    names = sorted(files(LOCATION, APP), key=_number)
    return [Migration(_number(name), name.removesuffix(".py"), name in done) for name in names]


async def step_up(url: str, upto: int) -> list[str]:
    """Applies what is not in force yet, up to a number. Raises ``ConfigError``.

    The migrations' lock is held by the caller.
    """
    with _only(upto) as location:
        return await upgrade(tortoise_config(url), {APP: location})


async def step_down(url: str, number: int) -> list[str]:
    """Takes back the migration of a number and all later ones. Raises ``ConfigError``.

    The migrations' lock is held by the caller. Functions of the database are made anew by the
    next start.
    """
    connection = await connect(url)
    try:
        async with connection.transaction():
            await drop_functions(connection)
    finally:
        await connection.close()
    config = tortoise_config(url)
    try:
        async with TortoiseContext(config):
            command = Command(config, APP, str(LOCATION))
            await command.init()
            return list(await command.downgrade(version=number, delete=False))
    except FAULTS as error:
        raise ConfigError(f"A migration could not be taken back: {error}") from error


@contextmanager
def _only(upto: int) -> Iterator[Path]:
    """A folder with the migrations up to a number."""
    with tempfile.TemporaryDirectory(prefix="syncv3-migrations-") as folder:
        target = Path(folder, APP)
        target.mkdir()
        for name in files(LOCATION, APP):
            if _number(name) <= upto:
                shutil.copy(LOCATION / APP / name, target / name)
        yield Path(folder)


def _number(name: str) -> int:
    return int(name.partition("_")[0])
