"""Random stories with clients of all dialects on one account: nothing lost, leaked or stuck.

A seed that fails is shortened and printed; ``python -m tests.simulation.tell --simplified SEED``
does it again, and gives the line to be added to ``found.jsonl``.
"""

import os
from pathlib import Path

import pytest

from tests.simulation.database import Database
from tests.simulation.shrink import shrink
from tests.simulation.simplified.simulation import Mixture
from tests.simulation.simplified.story import tell_simplified
from tests.simulation.soak import failure_of, run, soak
from tests.simulation.story import Story, read

STORIES = int(os.environ.get("STORIES", "60"))
FOUND = [read(line) for line in (Path(__file__).parent / "found.jsonl").read_text().splitlines()]
"""The short forms of stories that have failed once; they do not depend on the generator."""


@pytest.mark.timeout(600)
@pytest.mark.rules(
    "S-22", "S-50", "S-51", "S-53", "S-54", "S-55", "S-56", "S-80", "S-83", "S-115", "S-117",
    "S-150", "S-170", "S-171", "S-174", "S-175", "S-176", "S-179", "S-191", "S-192", "S-193",
    "S-194", "S-195", "S-196", "S-200", "S-205", "S-240", "S-241", "S-242", "S-243", "S-250",
    "S-260", "S-261", "S-262", "S-267", "S-270", "S-274", "S-276", "S-282", "S-283", "S-310",
    "S-311", "S-313", "S-345", "S-350", "S-351", "S-356", "S-369", "S-376", "S-377", "S-386",
    "S-387", "S-388", "S-531", "S-534", "S-536", "S-537", "S-601", "S-608",
)  # fmt: skip
async def test_in_random_stories_no_client_of_any_dialect_loses_or_is_leaked_anything(
    database_url: str,
) -> None:
    report = await soak(database_url, 1, STORIES, simplified=True)
    print(f"{report.stories} stories, {report.answers} answers, {dict(report.done)}")
    assert await shortest(database_url, list(report.failures)) == ""


@pytest.mark.parametrize("story", [pytest.param(s, id=what) for what, s in FOUND])
async def test_a_story_of_all_dialects_that_has_failed_once_fails_no_more(
    database_url: str, story: Story
) -> None:
    async with Database.open(database_url) as database:
        await run(database, story, Mixture)


async def test_a_story_of_all_dialects_goes_the_same_way_each_time(database_url: str) -> None:
    async with Database.open(database_url) as database:
        first, again = [await run(database, tell_simplified(5), Mixture) for _ in range(2)]
    assert first == again


async def shortest(url: str, seeds: list[int]) -> str:
    """The first failing story, shortened; nothing when there is none."""
    if not seeds:
        return ""
    async with Database.open(url) as database:
        found = await shrink(
            tell_simplified(seeds[0]), lambda story: failure_of(database, story, Mixture)
        )
    return f"seeds {seeds} fail; {found[0]}\n{found[1]}" if found else f"seeds {seeds} fail"
