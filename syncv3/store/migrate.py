"""The schema: aerich's migrations, applied at every start by whoever comes first (O-90).

Several workers may start at the same time on an empty database. All of it is done under one
advisory lock, so the first makes the tables, and the others find them made. A worker of an older
version that starts on a newer schema is refused: it would not know what it writes into. The
functions of the database are made anew in the same step (``functions.py``).

``aerich upgrade``, ``downgrade``, ``history`` and ``heads`` work on the same database from
the root of the source tree, with ``SYNCV3_DB`` set: aerich reads ``TORTOISE_ORM``.
"""

import importlib
import logging
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import asyncpg

from syncv3.dsn import database_url
from syncv3.errors import ConfigError
from syncv3.resources import folder
from syncv3.store import beside
from syncv3.store.functions import apply_functions
from syncv3.store.pool import NAME

log = logging.getLogger(__name__)

APP = "models"  # what aerich calls our set of migrations; extensions have their own names
LOCATION = folder("migrations")
OLDEST_POSTGRESQL = 13
Plugins = Mapping[str, tuple[str, Path]]
NO_PLUGINS: Final[Plugins] = {}
LOCK = 0x73796E637633  # "syncv3": one key for all processes that migrate


class Predecessor(Protocol):
    """Another service's tables in our database, to be taken over; see ``syncv3.takeover``."""

    async def waits(self, connection: Any) -> bool:
        """Whether there are any that we have not taken over. Raises ``ConfigError``: we may not."""

    async def take_over(self, connection: Any) -> None:
        """Do it, in the connection's transaction, in which our schema is complete."""


_TAKE_LOCK = "SELECT pg_advisory_xact_lock($1)"
# Aerich's own table of what it has applied; it is not there before the first start.
_HAS_HISTORY = "SELECT to_regclass('aerich') IS NOT NULL"
_HISTORY = "SELECT version FROM aerich WHERE app = $1"


def __getattr__(name: str) -> Any:
    """``TORTOISE_ORM`` is made when aerich asks for it: only then is the variable needed."""
    if name == "TORTOISE_ORM":
        return tortoise_config(database_url(os.environ.get("SYNCV3_DB", "")))
    raise AttributeError(name)


def tortoise_config(
    url: str, plugins: Plugins = NO_PLUGINS, schema: str | None = None
) -> dict[str, Any]:
    """What Tortoise takes for a database given as ``database_url`` makes it.

    Tortoise knows only some of the ways to name a database, so every connection of its
    pool is made by us from the whole URL. ``schema``: the only one to look into.
    """
    connecting = partial(connect, url, schema=schema)
    credentials = {"connect": connecting, "minsize": 1, "maxsize": 2}
    connection = {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
    apps = {APP: {"models": ["models", "aerich.models"], "default_connection": "default"}}
    for name, (module, _) in plugins.items():
        apps[name] = {"models": [module], "default_connection": "default"}
    return {"connections": {"default": connection}, "apps": apps, "use_tz": True}


async def apply_migrations(
    dsn: str, plugins: Plugins = NO_PLUGINS, predecessor: Predecessor | None = None
) -> None:
    """Bring the schema of ``dsn`` (a form of O-11) up to date, one process at a time.

    Raises ``ConfigError`` when the database cannot be reached, is older than PostgreSQL
    13, or was migrated by a newer version of this service, and when an installation lacks
    the migrations. ``plugins`` are extensions with tables of their own: name to module of
    models and folder of migrations, in which aerich keeps those of one name in a folder of
    that name. What a ``predecessor`` has left is taken over in the same transaction.
    """
    for app, location in _locations(plugins).items():
        refuse_none(files(location, app), location / app)
    url = database_url(dsn)
    async with locked(url) as connection:
        _refuse_old_server(connection.get_server_version().major)
        _refuse_newer_schema(await applied(connection, APP), files(LOCATION, APP))
        inherits = predecessor is not None and await predecessor.waits(connection)
        done: list[str] = []
        if inherits and not await applied(connection, APP):
            done = await _upgrade_beside(connection, url, plugins)
        elif await _pending(connection, plugins):
            done = await _upgrade(tortoise_config(url, plugins), plugins)
        if await apply_functions(connection):
            done.append("functions")
        if inherits and predecessor is not None:
            await predecessor.take_over(connection)
    log.info("schema is up to date", extra={"applied": ",".join(done) or "none"})


async def _pending(connection: Any, plugins: Plugins) -> bool:
    """Whether any migration, ours or an extension's, has not been applied yet."""
    for app, location in _locations(plugins).items():
        if set(files(location, app)) - set(await applied(connection, app)):
            return True
    return False


def _locations(plugins: Plugins) -> dict[str, Path]:
    return {APP: LOCATION} | {name: location for name, (_, location) in plugins.items()}


async def _upgrade(config: dict[str, Any], plugins: Plugins) -> list[str]:
    """Loads aerich and the ORM only now: a start without news has no use for their 15 MiB."""
    upgrade = importlib.import_module("syncv3.store.upgrade").upgrade
    done: list[str] = await upgrade(config, _locations(plugins))
    return done


async def _upgrade_beside(connection: Any, url: str, plugins: Plugins) -> list[str]:
    """Makes our schema beside another service's tables: see ``syncv3.store.beside``."""
    other = await connect(url)
    try:
        await beside.prepare(other)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigError(
            "To take the database over, its role must be allowed to make a schema for a moment:"
            " run GRANT CREATE ON DATABASE … TO … as the database's owner."
        ) from error
    finally:
        await other.close()
    done = await _upgrade(tortoise_config(url, plugins, beside.SCHEMA), plugins)
    await beside.move(connection)
    return done


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[Any]:
    """A connection that holds the lock, in a transaction. Raises ``ConfigError``.

    The lock ends with its transaction, so it is safe behind a pooler which gives each
    transaction a connection of its own.
    """
    try:
        connection = await connect(url)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ConfigError(f"The database cannot be reached: {_reason(error)}") from error
    try:
        async with connection.transaction():
            # The migrations run on other connections: this one only holds the lock meanwhile.
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await connection.execute(_TAKE_LOCK, LOCK)
            yield connection
    finally:
        await connection.close()


async def connect(
    url: str, _dsn: str | None = None, schema: str | None = None, **asked: Any
) -> Any:
    """Connect to ``url``; of what a pool asks, all but the address and the login counts."""
    for name in ("host", "port", "user", "password", "database"):
        asked.pop(name, None)
    settings = asked.pop("server_settings", None) or {}
    settings |= {"application_name": NAME} | ({"search_path": schema} if schema else {})
    connection = await asyncpg.connect(url, server_settings=settings, **asked)
    if schema and await connection.fetchval("SELECT current_schema()") != schema:
        await connection.close()
        raise ConfigError(
            "A pooler before the database does not pass search_path on. Taking the database"
            " over needs SYNCV3_DB to name the database itself, once."
        )
    return connection


def _reason(error: BaseException) -> str:
    """The error in one line. PostgreSQL never repeats a password."""
    return " ".join(str(error).split()) or type(error).__name__


async def applied(connection: Any, app: str) -> list[str]:
    """The files of migrations that are in force."""
    if not await connection.fetchval(_HAS_HISTORY):
        return []
    return [row["version"] for row in await connection.fetch(_HISTORY, app)]


def files(location: Path, app: str) -> list[str]:
    """The files of an app's migrations."""
    return [path.name for path in (location / app).glob("[0-9]*_*.py")]


def refuse_none(found: Sequence[str], where: Path) -> None:
    """Raise ``ConfigError`` when there are no migrations at all: tables would be missing."""
    if not found:
        raise ConfigError(f"There are no migrations in {where}: the installation is incomplete.")


def _refuse_old_server(major: int) -> None:
    if major < OLDEST_POSTGRESQL:
        raise ConfigError(
            f"The database is PostgreSQL {major}; version {OLDEST_POSTGRESQL} or newer is needed."
        )


def _refuse_newer_schema(applied: Sequence[str], ours: Sequence[str]) -> None:
    unknown = sorted(set(applied) - set(ours))
    if unknown:
        raise ConfigError(
            "The database was made by a newer version of this service, which must be"
            f" started instead (unknown migrations: {', '.join(unknown)})."
        )
