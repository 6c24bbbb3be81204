"""Finds which of many things make a step fail, by trying some of them at a time.

Say A to H fail together because of F. The halves A-D and E-H are tried, then E-F and G-H, then E
and F: six tries. Things may also be well in all halves, and fail only together, say when two of
them are equal and a statement allows each once. So at the end all that seems good is tried
together, and if it fails, the first that fails with those before it is taken out, a few times.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Generic, TypeVar

BUDGET_S: Final = 10.0
ROUNDS: Final = 3
"""How many things are looked for that fail only together with others."""

_T = TypeVar("_T")
_W = TypeVar("_W")
Fails = Callable[[Sequence[_T]], Awaitable[_W | None]]
"""Why some of the things fail together; None if they do not."""


@dataclass(slots=True)
class Parted(Generic[_T, _W]):
    """Things in their order: the good ones, which do not fail together, and the bad ones, each
    with why."""

    good: list[_T]
    bad: list[tuple[_T, _W]] = field(default_factory=list)


async def narrow(
    things: Sequence[_T], why: _W, fails: Fails[_T, _W], budget_s: float = BUDGET_S
) -> Parted[_T, _W]:
    """Parts ``things``, which fail together because of ``why``, into good and bad ones.

    ``fails`` tries some of them. Of n things with one bad one, about 2 log n tries are made. When
    ``budget_s`` seconds are over, what is not known to be good counts as bad.
    """
    deadline = monotonic() + budget_s
    bad: dict[int, _W] = {}
    await _halve(list(range(len(things))), why, things, fails, deadline, bad)
    # Each round takes out one thing that is well alone and not together with others.
    for _ in range(ROUNDS):
        good = [n for n in range(len(things)) if n not in bad]
        together = await fails([things[n] for n in good]) if good else None
        if together is None:
            break
        bad[await _first_bad(good, things, fails, deadline)] = together
    else:  # after so many rounds nothing is known to be good
        bad |= {n: why for n in range(len(things)) if n not in bad}
    good = [n for n in range(len(things)) if n not in bad]
    return Parted([things[n] for n in good], [(things[n], bad[n]) for n in sorted(bad)])


async def _halve(
    numbers: list[int],
    why: _W,
    things: Sequence[_T],
    fails: Fails[_T, _W],
    deadline: float,
    bad: dict[int, _W],
) -> None:
    """Puts into ``bad`` which of the things with these numbers fail; together they do, because
    of ``why``."""
    if len(numbers) == 1 or monotonic() >= deadline:
        bad.update(dict.fromkeys(numbers, why))
        return
    middle = len(numbers) // 2
    for half in (numbers[:middle], numbers[middle:]):
        failure = await fails([things[n] for n in half])
        if failure is not None:
            await _halve(half, failure, things, fails, deadline, bad)


async def _first_bad(
    numbers: list[int], things: Sequence[_T], fails: Fails[_T, _W], deadline: float
) -> int:
    """The number of the first thing that fails together with those before it; all do together.

    By halving: ``well`` things from the beginning do not fail, ``fail`` things do.
    """
    well, fail = 0, len(numbers)
    while fail - well > 1 and monotonic() < deadline:
        middle = (well + fail) // 2
        if await fails([things[n] for n in numbers[:middle]]) is None:
            well = middle
        else:
            fail = middle
    return numbers[fail - 1]
