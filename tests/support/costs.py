"""What work costs, counted: calls instead of seconds, so that a busy machine changes nothing.

Where the work is done inside of one call, by a sort of a million rooms say, only time tells:
then the time of this thread for more work is compared with that for less.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any, Self

import pytest

CALLS = ("call", "c_call")
STEP = asyncio.Handle._run.__code__
"""What the event loop calls for each of its steps."""


class Calls:
    """Counts the calls of functions, Python's and C's, while it is entered.

    ``number`` is how many there were, ``longest`` the most of them in one step of the event loop:
    so long nobody else ran. They are those of this thread: of the whole event loop.
    """

    def __init__(self) -> None:
        self.number = 0
        self.longest = 0
        self._step = 0

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event in CALLS:
            self.number += 1
            self._step = 0 if frame.f_code is STEP else self._step + 1
            self.longest = max(self.longest, self._step)


def calls(work: Callable[[], object]) -> int:
    """How many calls a piece of work makes."""
    with Calls() as counted:
        work()
    return counted.number


async def calls_of(work: Awaitable[object]) -> int:
    """How many calls are made until something awaited has come, whoever makes them."""
    with Calls() as counted:
        await work
    return counted.number


def counted(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> list[object]:
    """The arguments of each call of a function from now on: of one that a class or module has."""
    made: list[object] = []
    whole = getattr(where, name)

    def counting(*arguments: Any, **others: Any) -> Any:
        made.append(arguments)
        return whole(*arguments, **others)

    monkeypatch.setattr(where, name, counting)
    return made


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """How long this thread is busy with a piece of work, in the best of some runs."""
    found = []
    for _ in range(runs):
        began = time.thread_time()
        work()
        found.append(time.thread_time() - began)
    return min(found)
