"""What commands find in the environment, and how they wait for the database.

Commands read the service's own variables, and only those that they need: one that looks at the
database runs where ``SYNCV3_SERVER`` is not set. There are three ways to the database, each
stricter than the one before. ``connection`` is for what only reads. ``alone`` holds the lock of
migrations, so that nothing else changes the schema. ``stopped`` also refuses while workers of the
service live.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from syncv3.config import default_data_dir, one, secrets_in
from syncv3.crypt import TokenCipher
from syncv3.dsn import database_url as as_url
from syncv3.embedded import opened
from syncv3.errors import ConfigError
from syncv3.store.migrate import APP, applied, locked
from syncv3.store.pool import SETTINGS
from syncv3.store.way_back import live_workers
from syncv3.takeover import ALIVE

T = TypeVar("T")


def cipher() -> TokenCipher:
    """For access tokens. Raises ``ConfigError``."""
    return TokenCipher(*secrets_in(os.environ))


@asynccontextmanager
async def opened_database() -> AsyncIterator[str]:
    """The service's database: SYNCV3_DB, or its embedded one. Raises ``ConfigError``."""
    data_dir = one(os.environ, "SYNCV3_DATA_DIR") or default_data_dir()
    async with opened(one(os.environ, "SYNCV3_DB"), data_dir) as url:
        yield url


@asynccontextmanager
async def connection() -> AsyncIterator[Any]:
    """A connection to it. Raises ``ConfigError``."""
    async with opened_database() as url:
        try:
            connected = await asyncpg.connect(url, server_settings=SETTINGS)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(f"The database cannot be reached: {reason}") from error
        try:
            yield connected
        finally:
            await connected.close()


@asynccontextmanager
async def alone() -> AsyncIterator[tuple[str, Any]]:
    """The database's URL, and a connection in a transaction with the migrations' lock."""
    async with opened_database() as text:
        url = as_url(text)
        async with locked(url) as db:
            yield url, db


@asynccontextmanager
async def stopped() -> AsyncIterator[Any]:
    """The same, of a service that does not run. Raises ``ConfigError``."""
    async with alone() as (_, db):
        if not await applied(db, APP):
            raise ConfigError("The service was never started on this database.")
        if workers := await live_workers(db, ALIVE):
            raise ConfigError(
                f"{len(workers)} workers of this service run, or ended without a word less than"
                f" {ALIVE.seconds} s ago: stop them first."
            )
        yield db


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Runs a command's work to its end, in a loop of its own; gives what it gives."""

    # ``asyncio.run`` takes a coroutine only, and ``work`` may give any awaitable.
    async def working() -> T:
        return await work()

    return asyncio.run(working())
