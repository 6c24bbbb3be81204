"""What work costs, counted: calls instead of seconds, so that a busy machine changes nothing."""

import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any, Self

CALLS = ("call", "c_call")


class Calls:
    """Counts the calls of functions, Python's and C's, while it is entered.

    ``number`` is how many there were. They are those of this thread: of the whole event loop.
    """

    def __init__(self) -> None:
        self.number = 0

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, _frame: FrameType, event: str, _argument: Any) -> None:
        if event in CALLS:
            self.number += 1


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
