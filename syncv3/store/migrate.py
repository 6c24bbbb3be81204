"""The schema: aerich's migrations, applied at every start by whoever comes first (O-90).

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
from typing import Any, Final

import asyncpg

from syncv3.dsn import database_url
from syncv3.errors import ConfigError
from syncv3.resources import folder
from syncv3.store.functions import apply_functions

log = logging.getLogger(__name__)

APP = "models"
LOCATION = folder("migrations")
OLDEST_POSTGRESQL = 13
Plugins = Mapping[str, tuple[str, Path]]
NO_PLUGINS: Final[Plugins] = {}
LOCK = 0x73796E637633  # "syncv3": one key for all processes that migrate

_TAKE_LOCK = "SELECT pg_advisory_xact_lock($1)"
_HAS_HISTORY = "SELECT to_regclass('aerich') IS NOT NULL"
_HISTORY = "SELECT version FROM aerich WHERE app = $1"


def __getattr__(name: str) -> Any:
    """``TORTOISE_ORM`` is made when aerich asks for it: only then is the variable needed."""
    if name == "TORTOISE_ORM":
        return tortoise_config(database_url(os.environ.get("SYNCV3_DB", "")))
    raise AttributeError(name)


def tortoise_config(url: str, plugins: Plugins = NO_PLUGINS) -> dict[str, Any]:
    """What Tortoise takes for a database given as ``database_url`` makes it.

    Tortoise knows only some of the ways to name a database, so every connection of its
    pool is made by us from the whole URL.
    """
    credentials = {"connect": partial(_connect, url), "minsize": 1, "maxsize": 2}
    connection = {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
    apps = {APP: {"models": ["models", "aerich.models"], "default_connection": "default"}}
    for name, (module, _) in plugins.items():
        apps[name] = {"models": [module], "default_connection": "default"}
    return {"connections": {"default": connection}, "apps": apps, "use_tz": True}


async def apply_migrations(dsn: str, plugins: Plugins = NO_PLUGINS) -> None:
    """Bring the schema of ``dsn`` (a form of O-11) up to date, one process at a time.

    Raises ``ConfigError`` when the database cannot be reached, is older than PostgreSQL
    13, or was migrated by a newer version of this service, and when an installation lacks
    the migrations. ``plugins`` are extensions with tables of their own: name to module of
    models and folder of migrations, in which aerich keeps those of one name in a folder of
    that name.
    """
    for app, location in _locations(plugins).items():
        refuse_none(_files(location, app), location / app)
    url = database_url(dsn)
    async with _locked(url) as connection:
        _refuse_old_server(connection.get_server_version().major)
        _refuse_newer_schema(await _applied(connection, APP), _files(LOCATION, APP))
        done: list[str] = []
        if await _pending(connection, plugins):
            done = await _upgrade(tortoise_config(url, plugins), plugins)
        if await apply_functions(connection):
            done.append("functions")
    log.info("schema is up to date", extra={"applied": ",".join(done) or "none"})


async def _pending(connection: Any, plugins: Plugins) -> bool:
    """Whether any migration, ours or an extension's, has not been applied yet."""
    for app, location in _locations(plugins).items():
        if set(_files(location, app)) - set(await _applied(connection, app)):
            return True
    return False


def _locations(plugins: Plugins) -> dict[str, Path]:
    return {APP: LOCATION} | {name: location for name, (_, location) in plugins.items()}


async def _upgrade(config: dict[str, Any], plugins: Plugins) -> list[str]:
    """Loads aerich and the ORM only now: a start without news has no use for their 15 MiB."""
    upgrade = importlib.import_module("syncv3.store.upgrade").upgrade
    done: list[str] = await upgrade(config, _locations(plugins))
    return done


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[Any]:
    """A connection that holds the lock. The lock ends with its transaction, so it is safe
    behind a pooler which gives each transaction a connection of its own."""
    try:
        connection = await _connect(url)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ConfigError(f"The database cannot be reached: {_reason(error)}") from error
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await connection.execute(_TAKE_LOCK, LOCK)
            yield connection
    finally:
        await connection.close()


async def _connect(url: str, _dsn: str | None = None, **asked: Any) -> Any:
    """Connect to ``url``; of what a pool asks, all but the address and the login counts."""
    for name in ("host", "port", "user", "password", "database"):
        asked.pop(name, None)
    return await asyncpg.connect(url, **asked)


def _reason(error: BaseException) -> str:
    """The error in one line. PostgreSQL never repeats a password."""
    return " ".join(str(error).split()) or type(error).__name__


async def _applied(connection: Any, app: str) -> list[str]:
    if not await connection.fetchval(_HAS_HISTORY):
        return []
    return [row["version"] for row in await connection.fetch(_HISTORY, app)]


def _files(location: Path, app: str) -> list[str]:
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
