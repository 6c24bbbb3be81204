"""Which value stands where: all cases, and as many of them as are asked for."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tests.integration.hostile import events, sections
from tests.integration.hostile.scene import Place
from tests.integration.hostile.values import VALUES, Value

HOUSE_CASES: Final = 25


@dataclass(frozen=True, slots=True)
class Case:
    """``first``: it comes in the users' first answers."""

    place: Place
    value: Value
    first: bool

    def __str__(self) -> str:
        when = "a first" if self.first else "a later"
        return f"place {self.place.name!r}, value {self.value.name!r}, in {when} answer"


def _named(*groups: Iterator[Place]) -> dict[str, Place]:
    return {place.name: place for group in groups for place in group}


PLACES: Final = _named(
    events.places(),
    sections.room_places(),
    sections.stripped_places(),
    sections.user_places(),
    sections.device_places(),
)


def cases_of(place: Place) -> list[Case]:
    """All cases of a place."""
    return [
        Case(place, value, first)
        for value in VALUES.values()
        for first in ((True,) if place.first_only else (True, False))
        if sections.suits(place, value)
    ]


def choose(places: Sequence[Place], count: int, seed: int) -> list[Case]:
    """So many cases, of each place about as many; the same for the same seed."""
    chance = random.Random(seed)
    decks = [cases_of(place) for place in places]
    for deck in decks:
        chance.shuffle(deck)
    chance.shuffle(decks)
    rounds = [case for dealt in zip_longest(*decks) for case in dealt if case is not None]
    return rounds[:count]


def houses(cases: Sequence[Case], size: int = HOUSE_CASES) -> list[list[Case]]:
    """The cases in groups that can be played at once for two users."""
    taken = Counter(case.place.section for case in cases if case.place.section is not None)
    count = max(-(-len(cases) // size), *taken.values(), 1)
    groups: list[list[Case]] = [[] for _ in range(count)]
    for case in cases:
        free = [group for group in groups if _has_room_for(group, case)]
        min(free, key=len).append(case)
    return [group for group in groups if group]


def _has_room_for(group: Sequence[Case], case: Case) -> bool:
    section = case.place.section
    return section is None or all(other.place.section != section for other in group)
