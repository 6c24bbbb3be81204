"""What is done for the pollers once an hour.

A device that nobody has used for 30 days is polled no more, and its tokens are forgotten (U-60): a
client that comes back brings its token. And the homeserver is asked what it can do (U-31), since it
may have been updated.
"""

import asyncio
import logging
from typing import Final, Protocol

import asyncpg

from syncv3.errors import HomeserverError, UnknownToken
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.running import Running
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.pollers import load_idle_pollers
from syncv3.store.tokens import delete_idle_tokens
from syncv3.store.workers import delete_dead_workers
from syncv3.upstream.client import Versions
from syncv3.upstream.native import NativeNotice

logger = logging.getLogger(__name__)

VERSIONS_WAIT_S: Final = 5.0  # at a start the service waits for it
VERSIONS_RETRY_S: Final = 30.0  # as long as the homeserver has not answered once


class Versioned(Protocol):
    """Says what the homeserver can do; see ``Homeserver.versions``."""

    async def versions(self) -> Versions: ...


class Chores:
    """Does them, for the worker named ``worker``. ``native`` tells the log if the homeserver has
    sliding sync of its own, and clients might be better served by that."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        homeserver: Versioned,
        running: Running,
        *,
        worker: str,
        options: PollerOptions,
        native: NativeNotice | None = None,
    ) -> None:
        self._pool = pool
        self._homeserver = homeserver
        self._running = running
        self._worker = worker
        self._options = options
        self._native = native or NativeNotice()
        self._asked_versions = False

    async def run(self) -> None:
        """Do the chores hourly, until cancelled; sooner while the homeserver has not said what it
        can do."""
        while True:
            pause_s = self._options.tend_s if self._asked_versions else VERSIONS_RETRY_S
            await asyncio.sleep(pause_s)
            await self.ask_versions()
            try:
                await self._drop_idle()
            except DATABASE_FAULTS as error:
                logger.warning("cannot tend pollers", extra={"reason": type(error).__name__})

    async def ask_versions(self) -> None:
        """Ask the homeserver what it can do (rule U-31). Nothing depends on an answer, but what
        polls may ask for."""
        try:
            async with asyncio.timeout(VERSIONS_WAIT_S):
                self._native.look(await self._homeserver.versions())
            self._asked_versions = True
        except (HomeserverError, UnknownToken, TimeoutError) as error:
            logger.warning("the homeserver does not answer", extra={"reason": str(error)})

    async def _drop_idle(self) -> None:
        """Stops what nobody uses, and forgets workers that have died long ago."""
        for key in await load_idle_pollers(self._pool, self._worker, self._options.idle):
            if (poller := self._running.get(key)) is not None:
                poller.stop()
        dropped = await delete_idle_tokens(self._pool, self._options.idle)
        if dropped:
            logger.info("forgot tokens of unused devices", extra={"tokens": dropped})
        await delete_dead_workers(self._pool)
