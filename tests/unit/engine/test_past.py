"""What a user's own history comes to, and how it precedes the timeline."""

import pytest

from syncv3.cache.events import CachedEvent
from syncv3.engine.past import NO_PAST, Past, read_past, with_past
from syncv3.store.event_ids import pack_event_id
from syncv3.store.rows import HistoryRow
from syncv3.types import EventID

pytestmark = pytest.mark.rules("S-611", "S-605")
BASE = 100


def cached(name: str, ord_: int | None = None) -> CachedEvent:
    return CachedEvent(1, None, ord_, EventID(name), "m.room.message", None, "@a:hs", 1, None,
                       None, b"{}", False)  # fmt: skip


def row(number: int, events: str, *, next: str | None = None, done: bool = False) -> HistoryRow:
    ids = tuple(pack_event_id(name) for name in events)
    return HistoryRow(1, 1, BASE, number, 1, ids, f"s{number}", next, done)


ALL = {name: cached(name) for name in "abcdef"}


def tokens(past: Past) -> list[tuple[str, str | None]]:
    return [(event.event_id, event.prev_batch) for event in past.events]


def test_no_chunks_are_no_past() -> None:
    assert read_past((), ALL) is NO_PAST


def test_events_come_oldest_first_each_with_a_token_that_skips_none() -> None:
    past = read_past((row(0, "abc", next="s1"), row(1, "de", next="s2")), ALL)
    assert tokens(past) == [("e", "s2"), ("d", "s1"), ("c", "s1"), ("b", "s0"), ("a", "s0")]
    assert (past.done, past.stuck) == (False, False)


@pytest.mark.parametrize(("done", "stuck"), [(True, False), (False, True)])
def test_without_a_token_to_go_on_with_it_is_at_its_end_or_stuck(done: bool, stuck: bool) -> None:
    past = read_past((row(0, "ab", done=done),), ALL)
    assert (past.done, past.stuck) == (done, stuck)
    assert tokens(past)[0] == ("b", "s0")


def test_an_event_that_is_not_stored_ends_it() -> None:
    past = read_past((row(0, "axb", next="s1"), row(1, "cd", done=True)), ALL)
    assert ([e.event_id for e in past.events], past.done, past.stuck) == (["a"], False, True)


def test_an_event_that_two_pages_have_comes_once() -> None:
    past = read_past((row(0, "abc", next="s1"), row(1, "cd", next="s2")), ALL)
    assert [event.event_id for event in past.events] == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([("x", 100), ("y", 101)], "bcaxy", id="before-the-timeline"),
        pytest.param([("c", 99), ("x", 100)], "bcax", id="what-came-in-between-has-the-old-place"),
        pytest.param([("w", 99), ("x", 100)], "bcawx", id="others-between-come-behind"),
        pytest.param([("x", 100), ("c", 105)], "baxc", id="what-came-late-has-the-new-place"),
    ],
)
def test_each_event_is_shown_once(seen: list[tuple[str, int]], expected: str) -> None:
    past = Past(BASE, (ALL["b"], ALL["c"], ALL["a"]))
    found = with_past(past, [cached(name, ord_) for name, ord_ in seen])
    assert "".join(event.event_id for event in found) == expected
