"""Waiting for what comes about by itself, without guessing how long that takes.

A fixed sleep is wrong twice: a busy machine needs longer and the test fails, all others need less
and each run of the tests is slow. So a test waits *until* something is true, and says when that is
too late. What cannot be awaited is looked at again and again, 10 ms apart.

A sleep stays right where the time is what happens: a client that is slow, a homeserver that holds
an answer back, a moment in which *nothing* must happen (``still``). ``tests/test_style.py`` wants a
comment at each.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

LOOK_S = 0.01


async def until(
    condition: Callable[[], object | Awaitable[object]],
    timeout_s: float = 10,
    *,
    every_s: float = LOOK_S,
) -> None:
    """Wait until a condition holds; it may have to be awaited. Raises ``TimeoutError``."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = condition()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(every_s)  # it tells nobody when it changes


async def still(*tasks: "asyncio.Task[object]", for_s: float) -> None:
    """Make sure that these tasks do not end for a while: what they wait for must not come."""
    done, _ = await asyncio.wait(tasks, timeout=for_s)
    assert not done, f"ended too early: {[task.get_name() for task in done]}"
