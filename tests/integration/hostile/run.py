"""Plays cases: all at once in one service, with a restart in the middle."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from tests.integration.hostile.cases import Case, houses
from tests.integration.hostile.house import Failure, House
from tests.support.homeserver import FakeHomeserver
from tests.support.service import Service

_NUMBERS = itertools.count(1)


async def play(
    cases: Sequence[Case], homeserver: FakeHomeserver, http: aiohttp.ClientSession, service: Service
) -> list[Failure]:
    """What goes wrong in these cases; every other house has large answers."""
    run = next(_NUMBERS)
    groups = houses(cases)
    built = [
        House(homeserver, http, service.url, f"{run}x{n}", large=n % 2 == 1)
        for n in range(len(groups))
    ]
    for house, group in zip(built, groups, strict=True):
        house.build(group, lambda: next(_NUMBERS))
    await _each(built, House.all_arrives)
    for house in built:
        house.provoke()
    await _each(built, House.all_arrives)
    await service.restart(kill=run % 2 == 0)
    for house in built:
        house.go_on()
    await _each(built, House.all_arrives)
    for house in built:
        house.heal()
    await _each(built, House.all_arrives)
    await _each(built, House.is_healed)
    for house in built:
        await _look_at_polls(homeserver, house)
        house.look_at_values()
    return [failure for house in built for failure in house.failures]


async def _each(built: Sequence[House], stage: Callable[[House], Awaitable[None]]) -> None:
    await asyncio.gather(*map(stage, built))


async def _look_at_polls(homeserver: FakeHomeserver, house: House) -> None:
    """Whether the polls of both users go on."""
    try:
        await homeserver.settled(*house.readers)
    except TimeoutError:
        house.fail("a poll stands still")
