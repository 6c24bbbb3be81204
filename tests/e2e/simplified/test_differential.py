"""Random histories: a client of ours and one of Synapse's own sliding sync must know the same.

``DIFFERENTIAL`` is how many stories are told, from seed ``DIFFERENTIAL_SEED`` on; ``make
differential`` tells many. What may differ is in docs/differences.md.
"""

import os
from typing import Final

import aiohttp
import pytest

from tests.support.fixtures import Person
from tests.support.simplified.compare import unexplained
from tests.support.simplified.faulty import MISTAKES, FaultyConnection
from tests.support.simplified.known import Truth
from tests.support.simplified.model import Contradiction
from tests.support.simplified.oracle import mistakes
from tests.support.simplified.playing import Player, play
from tests.support.simplified.stage import Stage
from tests.support.simplified.story import Action, story
from tests.support.simplified.target import NATIVE, Target
from tests.support.simplified.wire import Dialect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

FIRST: Final = int(os.environ.get("DIFFERENTIAL_SEED", "1"))
SEEDS: Final = range(FIRST, FIRST + int(os.environ.get("DIFFERENTIAL", "3")))
REVEALING: Final = [
    Action(kind, numbers)
    for kind, numbers in (
        ("create", (1, 1, 1, 1)),  # a room of the account's own
        ("create", (0, 0, 1, 1)),  # and one of Bob's
        ("join", (1, 0, 0, 0)),
        ("others_come", (0, 0, 0, 0)),
        ("ask", ()),
        ("message", (0, 0, 1, 0)),
        ("message", (0, 1, 2, 0)),
        ("ask", ()),
        ("talk", (0, 0, 11, 0)),
        ("ask", ()),
        ("name", (0, 0, 3, 0)),
        ("others_come", (0, 1, 0, 0)),
        ("ask", ()),
        ("kick", (1, 0, 0, 0)),
        ("ask", ()),
        ("message", (0, 1, 4, 0)),
    )
]
"""A story in which every mistake shows."""


@pytest.fixture
def native(http: aiohttp.ClientSession, homeserver_url: str) -> Target:
    return Target(NATIVE, Dialect.U, http, homeserver_url)


async def cast(person: Person) -> Stage:
    me = await person("alice")
    return Stage(me, (await person("bob"), await person("carol"), await person("dave")))


def true_of(stage: Stage) -> Truth:
    return Truth(stage.membership, stage.entered, stage.joined_anew, stage.outside_data)


@pytest.mark.rules("S-500", "S-537")
@pytest.mark.parametrize("seed", SEEDS)
async def test_clients_know_the_same_and_it_is_true(
    seed: int, person: Person, native: Target, target: Target
) -> None:
    stage = await cast(person)
    theirs = Player(native, native.connect(stage.me, "theirs"))
    ours = Player(target, target.connect(stage.me, "ours"))
    await play(story(seed), stage, (theirs, ours))
    print(f"seed {seed}: {len(stage.rooms)} rooms, {stage.membership}")
    wrong = await mistakes(stage, ours)
    assert not wrong, "\n".join(wrong)
    found = unexplained(theirs.learned, ours.learned, true_of(stage))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("name", MISTAKES)
async def test_a_server_that_makes_mistakes_is_found_out(
    name: str, person: Person, native: Target, target: Target
) -> None:
    stage = await cast(person)
    spoiled = FaultyConnection(target.http, target.url, target.dialect, stage.me, "spoiled")
    spoiled.spoil(MISTAKES[name])
    right, wrong = Player(native, native.connect(stage.me)), Player(target, spoiled)
    try:
        await play(REVEALING, stage, (right, wrong))
    except Contradiction:
        return
    untrue = await mistakes(stage, wrong)
    assert untrue or unexplained(right.learned, wrong.learned, true_of(stage))
