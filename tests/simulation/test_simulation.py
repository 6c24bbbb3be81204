"""Random stories: nothing lost, nothing leaked, nobody expired.

``STORIES`` are told in each run, always the same; ``make stories`` tells more of them. A seed
that fails is shortened and printed; ``python -m tests.simulation.tell SEED`` does it again, and
gives the line to be added to ``found.jsonl``.
"""

import asyncio
import os
from pathlib import Path

import pytest

from tests.simulation.database import Database
from tests.simulation.shrink import shrink
from tests.simulation.soak import failure_of, run, soak
from tests.simulation.story import NUMBERS, Action, Setting, Story, read, tell, write

STORIES = int(os.environ.get("STORIES", "80"))
FIRST = 1
FOUND = [read(line) for line in (Path(__file__).parent / "found.jsonl").read_text().splitlines()]
"""The short forms of stories that have failed once; they do not depend on the generator."""


@pytest.mark.timeout(600)
@pytest.mark.rules("X-1", "X-2", "X-4", "P-2", "P-12", "L-81", "U-91", "U-92", "U-74")
async def test_in_random_stories_nothing_is_lost_or_leaked_and_nobody_expires(
    database_url: str,
) -> None:
    report = await soak(database_url, FIRST, STORIES)
    print(f"{report.stories} stories, {report.events} events, {dict(report.done)}")
    assert report.older > report.stories  # or histories would be a small part of it
    assert await shortest(database_url, list(report.failures)) == ""


@pytest.mark.parametrize("story", [pytest.param(s, id=what) for what, s in FOUND])
async def test_a_story_that_has_failed_once_fails_no_more(database_url: str, story: Story) -> None:
    async with Database.open(database_url) as database:
        await run(database, story)


TWO_IN_A_ROOM = Setting(
    users=2, devices=(0, 1), rooms=1, joined=frozenset({(1, 0)}), limit=1, state_after=False,
    workers=1, deaf=False, faults=True, warm=True, prompt=True,
)  # fmt: skip


def action(kind: str, *numbers: int) -> Action:
    """Numbers that are left out are 0."""
    return Action(kind, (*numbers, *[0] * (NUMBERS - len(numbers))))


async def test_an_answer_that_is_lost_before_a_kill_is_given_again(database_url: str) -> None:
    room, alice, bob, worker = 0, 0, 1, 0
    actions = (
        action("message", room, alice),
        action("hear", bob),
        action("lose_answer", bob, worker),
        action("kill", worker),
        action("message", room, alice),
        action("hear", bob),
        action("sync", bob, worker),
    )
    async with Database.open(database_url) as database:
        tally = await run(database, Story(0, TWO_IN_A_ROOM, actions))
    assert tally.done == {"message": 2, "hear": 2, "lose_answer": 1, "kill": 1, "sync": 1}


def test_a_stored_story_is_read_as_it_was_written() -> None:
    assert read(write("why", tell(3))) == ("why", tell(3))


async def shortest(url: str, seeds: list[int]) -> str:
    """The first failing story, shortened; nothing when there is none."""
    if not seeds:
        return ""
    async with Database.open(url) as database:

        async def fails(story: Story) -> str | None:
            return await failure_of(database, story)

        found = await shrink(tell(seeds[0]), fails)
    return f"seeds {seeds} fail; {found[0]}\n{found[1]}" if found else f"seeds {seeds} fail"


def test_a_seed_always_tells_the_same_story() -> None:
    assert tell(7) == tell(7)
    assert tell(7) != tell(8)


async def test_a_story_goes_the_same_way_each_time(database_url: str) -> None:
    async with Database.open(database_url) as database:
        first, again = [await run(database, tell(5)) for _ in range(2)]
    assert first == again


def test_shrinking_leaves_what_a_failure_needs() -> None:
    story = tell(1)
    needed = (Action("kick", (1, 2)), Action("join", (3, 4)))
    whole = (*story.actions[:9], needed[0], *story.actions[9:], needed[1])

    async def fails(part: Story) -> str | None:
        return "gone: so" if set(needed) <= set(part.actions) else None

    found = asyncio.run(shrink(story.only(whole), fails))
    assert found is not None
    assert found[0].actions == needed
