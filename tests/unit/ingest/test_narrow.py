"""Finding which of many things fail, in few tries."""

from collections.abc import Sequence
from itertools import combinations

import pytest

from syncv3.ingest.narrow import ROUNDS, narrow


class Scale:
    """Fails for some numbers, and for some pairs of them."""

    def __init__(self, bad: Sequence[int], pairs: Sequence[tuple[int, int]] = ()) -> None:
        self.bad = set(bad)
        self.pairs = [set(pair) for pair in pairs]
        self.tries = 0

    async def __call__(self, things: Sequence[int]) -> str | None:
        self.tries += 1
        together = any(pair <= set(things) for pair in self.pairs)
        return "bad" if together or self.bad & set(things) else None


@pytest.mark.parametrize("bad", [c for n in (1, 2, 3, 6) for c in combinations(range(6), n)])
async def test_what_is_bad_is_found_and_the_rest_keeps_its_order(bad: tuple[int, ...]) -> None:
    found = await narrow(range(6), "bad", Scale(bad))
    assert [n for n, _ in found.bad] == list(bad)
    assert found.good == [n for n in range(6) if n not in bad]


async def test_one_of_many_takes_few_tries() -> None:
    scale = Scale([617])
    found = await narrow(range(1000), "bad", scale)
    assert found.bad == [(617, "bad")]
    assert scale.tries <= 25


async def test_of_those_that_fail_only_together_the_last_goes() -> None:
    found = await narrow(range(100), "bad", Scale([5], [(10, 90), (20, 30)]))
    assert [n for n, _ in found.bad] == [5, 30, 90]
    assert len(found.good) == 97


async def test_what_fails_together_in_too_many_ways_is_all_bad() -> None:
    pairs = [(n, n + 50) for n in range(ROUNDS)]
    assert (await narrow(range(100), "bad", Scale([], pairs))).good == []


async def test_when_time_is_over_what_is_not_known_to_be_good_is_bad() -> None:
    found = await narrow(range(8), "bad", Scale([3]), budget_s=0.0)
    assert [n for n, _ in found.bad] == list(range(8))
