"""Whether the oracle would notice: it passes a naive server that is right, and finds each of the
things that such a server can do wrong."""

import re
from pathlib import Path

import pytest

from tests.simulation.simplified.faults import FAULTS
from tests.simulation.simplified.played import failure_of
from tests.simulation.simplified.story import tell_played

STORIES = 60
RIGHT = 30
HERE = Path(__file__).parent


async def test_the_oracle_finds_nothing_wrong_with_a_server_that_is_right() -> None:
    failures = {seed: await failure_of(tell_played(seed)) for seed in range(1, RIGHT + 1)}
    assert [(seed, what) for seed, what in failures.items() if what is not None] == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_oracle_finds_what_a_server_does_wrong(fault: str) -> None:
    for seed in range(1, STORIES + 1):
        found = await failure_of(tell_played(seed), fault)
        if found is not None:
            assert found.partition(":")[0] in FAULTS[fault], found
            return
    pytest.fail(f"{STORIES} stories went well")


def test_the_naive_server_does_each_of_these_things_wrong_and_no_others() -> None:
    sources = [path.read_text() for path in HERE.glob("*reference.py")]
    done = {name for source in sources for name in re.findall(r'broken\("([^"]+)"\)', source)}
    assert done == FAULTS.keys()
