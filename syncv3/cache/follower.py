"""Keeps the cache at the stream's head: on every hint, and once a second without one.

After a hint it waits until what is being ingested right now is in, at most five
milliseconds: a message and the unread count it causes then reach a client in one answer.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from syncv3.bus.local import STREAM, Bus
from syncv3.cache.cache import Cache
from syncv3.store.faults import DATABASE_FAULTS

log = logging.getLogger(__name__)

TICK_S: Final = 1.0  # a hint may be lost: then a change is noticed so much later
GATHER_S: Final = 0.005
RETRY_S: Final = 0.5


class Follower:
    """``dry`` is set while the ingest of this process has nothing to do."""

    def __init__(self, cache: Cache, bus: Bus, dry: asyncio.Event) -> None:
        self._cache = cache
        self._dry = dry
        self._hint = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        bus.subscribe(self._heard)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="follower")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self, topic: str, _payload: str) -> None:
        if topic == STREAM:
            self._hint.set()

    async def _run(self) -> None:
        while True:
            await self._next_hint()
            self._hint.clear()
            try:
                await self._cache.refresh()
            except DATABASE_FAULTS as error:
                log.warning("The stream cannot be read, trying again: %s", error)
                await asyncio.sleep(RETRY_S)
            except Exception:  # whoever is told of a change may fail: all clients wait for this
                log.exception("Following the stream failed")
                await asyncio.sleep(RETRY_S)

    async def _next_hint(self) -> None:
        """Returns at a hint, when nothing is being ingested or a moment later; or after a tick."""
        loop = asyncio.get_running_loop()
        handle = loop.call_later(TICK_S, self._hint.set)
        try:
            await self._hint.wait()
        finally:
            handle.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER_S):
                await self._dry.wait()
