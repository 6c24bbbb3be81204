"""Sticky parameters, for whatever requests there may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.dialects.msc3575.asking import Json, ask, restored

text = st.sampled_from(["", "a", "$ME", "$LAZY", "*", "m.room.member", "é\U0001f600"])
boolean = st.none() | st.booleans()
limit = st.none() | st.integers(0, 60)
selectors = st.none() | st.lists(st.tuples(text, text), max_size=3)
shown = {"required_state": selectors, "timeline_limit": limit, "include_heroes": boolean}
old_rooms = st.none() | st.fixed_dictionaries({}, optional=shown)
filters = st.fixed_dictionaries(
    {},
    optional={
        "is_dm": boolean,
        "room_name_like": text,
        "not_tags": st.lists(text, max_size=2),
        "room_types": st.lists(st.none() | text, max_size=2),
        "spaces": st.lists(text, max_size=2),
    },
)
list_entries = st.fixed_dictionaries(
    {},
    optional=shown
    | {
        "ranges": st.none() | st.sampled_from([[], [[0, 3]], [[5, 9], [0, 4]]]),
        "sort": st.none() | st.lists(st.sampled_from(["by_name", "by_recency", "?"]), max_size=3),
        "filters": st.none() | filters,
        "include_old_rooms": old_rooms,
        "slow_get_all_rooms": boolean,
        "bump_event_types": st.none() | st.lists(text, max_size=2),
    },
) | st.just({"deleted": True})
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | text
    | st.floats(allow_nan=False, allow_infinity=False)
)
extension_requests = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "enabled": boolean,
        "lists": st.none() | st.lists(text, max_size=2),
        "rooms": st.none() | st.lists(text, max_size=2),
        "limit": limit,
        "since": st.none() | text,
        "mine": st.recursive(scalars, lambda inner: st.lists(inner, max_size=2), max_leaves=3),
    },
)
keys = st.sampled_from("abc")
bodies = st.fixed_dictionaries(
    {},
    optional={
        "lists": st.dictionaries(keys, st.none() | list_entries),
        "room_subscriptions": st.dictionaries(
            keys, st.fixed_dictionaries({}, optional=shown | {"include_old_rooms": old_rooms})
        ),
        "unsubscribe_rooms": st.lists(keys, max_size=2),
        "extensions": st.dictionaries(st.sampled_from(["e2ee", "typing"]), extension_requests),
    },
)


@pytest.mark.rules("R-10", "R-31", "E-2", "Z-7")
@given(st.lists(bodies, min_size=1, max_size=5))
def test_what_was_stored_gives_the_same_request(requests: list[Json]) -> None:
    asked = ask(*requests)
    assert restored(asked.sticky) == asked


@pytest.mark.rules("P-0")
@given(st.lists(bodies, min_size=1, max_size=5))
def test_a_request_that_is_repeated_changes_nothing_more(requests: list[Json]) -> None:
    asked = ask(*requests)
    assert ask(requests[-1], previous=asked) is asked


@pytest.mark.rules("R-10", "R-13", "R-30", "E-1")
@given(st.lists(bodies, max_size=3), bodies)
def test_a_connection_depends_on_its_memory_alone(requests: list[Json], last: Json) -> None:
    before = ask({}, *requests)
    assert ask(last, previous=restored(before.sticky)) == ask(last, previous=before)
