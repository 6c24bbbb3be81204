"""Parts of one answer, stored in their order: while one is written, the next is planned.

Say an answer has the parts A, B and C. While the database writes A, B is planned; B is handed to
be written when A is durable, and then C is read and planned. If A cannot be stored, neither is B,
so nothing is stored behind something that is missing. One part at most waits behind the one that
is being written: a large answer is not held in memory as a whole.
"""

import asyncio
from collections.abc import Awaitable, Callable

from syncv3.batch import Part

Store = Callable[[Part, Awaitable[None] | None], Awaitable[None]]
"""Stores a part, not before what is given has ended; raises what that raises."""


class Relay:
    """One answer's parts on their way. ``close`` must be called."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before: asyncio.Task[None] | None = None
        self._last: asyncio.Task[None] | None = None
        self._slice = False

    async def add(self, part: Part) -> None:
        """Goes on when the next part may be read. With an answer's last part all is stored.

        Slices of one room's state change the same room, so none can be planned before the
        former is written. Raises what storing a former part has raised.
        """
        if self._slice or part.ahead:
            await self.end()
        if part.next_since is not None:
            return await self._store(part, self._last)
        if self._before is not None:
            await self._before
        self._slice = bool(part.ahead)
        self._before = self._last
        self._last = asyncio.create_task(self._run(part, self._last))

    async def end(self) -> None:
        """Waits until all parts are stored."""
        if self._last is not None:
            await self._last
            self._before = self._last = None

    async def close(self) -> None:
        """Gives up what is not stored yet, as its answer is not taken in to the end."""
        tasks = [task for task in (self._before, self._last) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, part: Part, after: Awaitable[None] | None) -> None:
        await self._store(part, after)
