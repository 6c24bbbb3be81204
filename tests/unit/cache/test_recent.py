"""Which deltas a load finds that came while it was under way."""

import pytest

from syncv3.cache.recent import DELTAS_KEPT, RecentDeltas
from syncv3.store.stream import Delta


def deltas(*stretches: tuple[int, int]) -> list[Delta]:
    return [Delta(after, upto, 1) for after, upto in stretches]


THREE = deltas((10, 20), (20, 25), (25, 40))


@pytest.mark.parametrize(
    ("top", "found"),
    [
        pytest.param(40, [], id="the-snapshot-is-as-new-as-the-cache"),
        pytest.param(41, [], id="it-is-newer"),
        pytest.param(30, THREE[2:], id="inside-the-last"),
        pytest.param(25, THREE[2:], id="between-two"),
        pytest.param(10, THREE, id="before-all"),
        pytest.param(9, None, id="something-is-missing"),
    ],
)
def test_between(top: int, found: list[Delta] | None) -> None:
    recent = RecentDeltas()
    with recent.loading():
        for delta in THREE:
            recent.note(delta)
        assert recent.between(top, 40) == found


def test_nothing_is_kept_when_nobody_loads() -> None:
    recent = RecentDeltas()
    recent.note(THREE[0])
    assert len(recent) == 0
    with recent.loading():
        with recent.loading():
            recent.note(THREE[0])
        assert len(recent) == 1  # somebody still loads
    assert len(recent) == 0


def test_a_load_that_takes_too_long_finds_less_than_all() -> None:
    recent = RecentDeltas()
    with recent.loading():
        for n in range(DELTAS_KEPT + 1):
            recent.note(Delta(n, n + 1, 1))
        assert recent.between(0, DELTAS_KEPT + 1) is None
        assert len(recent.between(1, DELTAS_KEPT + 1) or ()) == DELTAS_KEPT


def test_a_cache_that_starts_anew_has_no_deltas() -> None:
    recent = RecentDeltas()
    with recent.loading():
        recent.note(THREE[0])
        recent.forget()
        assert recent.between(10, 20) is None
