"""The tasks that code under test has begun, found without asking it.

A killed process ends in the middle of whatever it does, and says nothing. ``begun`` has the tasks
of a part that was started, and ``cut_off`` ends them like that. ``settled`` waits for what a part
does by itself when it was told something, and gives back nothing to wait for.
"""

import asyncio
from collections.abc import Awaitable, Iterable

Tasks = frozenset[asyncio.Task[object]]


async def begun(starting: Awaitable[object]) -> Tasks:
    """The tasks that have been begun while this was awaited, and that still run."""
    before = asyncio.all_tasks()
    await starting
    return frozenset(asyncio.all_tasks() - before)


async def cut_off(tasks: Iterable[asyncio.Task[object]]) -> None:
    """End these wherever they are, as the end of their process does."""
    ended = list(tasks)
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


def others() -> Tasks:
    """All tasks of this event loop but the one that asks."""
    return frozenset(asyncio.all_tasks() - {asyncio.current_task()})


async def settled(timeout_s: float = 5) -> None:
    """Wait until no other task is left. Raises what they raise, and ``TimeoutError``."""
    async with asyncio.timeout(timeout_s):
        while running := others():
            await asyncio.gather(*running)
