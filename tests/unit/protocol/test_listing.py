"""Filters and sorts of lists."""

from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.protocol.listing import canonical_name, make_filter, make_key
from syncv3.protocol.request import Filters, Sort
from syncv3.types import RoomID


@dataclass(frozen=True)
class Room:
    room_id: str = "!a:hs"
    is_dm: bool = False
    is_encrypted: bool = False
    is_invite: bool = False
    is_tombstoned: bool = False
    name: str = "Kitchen"
    canonical_name: str = "kitchen"
    tags: frozenset[str] = frozenset()
    room_type: str | None = None
    parents: frozenset[str] = frozenset()
    highlight_count: int = 0
    notification_count: int = 0


PLAIN = Room()
SPACE, OTHER = RoomID("!space:hs"), RoomID("!other:hs")


@pytest.mark.rules("L-10", "L-11", "L-12", "L-13")
@pytest.mark.parametrize("field", ["is_dm", "is_encrypted", "is_invite", "is_tombstoned"])
def test_a_flag_filter_wants_the_flag_to_be_equal(field: str) -> None:
    for asked, has in product((True, False), repeat=2):
        filters = replace(Filters(), **{field: asked})  # type: ignore[arg-type]
        room = replace(PLAIN, **{field: has})  # type: ignore[arg-type]
        assert make_filter(filters)(room) is (asked == has)


@pytest.mark.parametrize(
    ("filters", "room", "expected"),
    [
        pytest.param(Filters(), PLAIN, True, id="no filter"),
        pytest.param(Filters(room_name_like="KITCH"), PLAIN, True, id="L-14 any case"),
        pytest.param(Filters(room_name_like="garden"), PLAIN, False, id="L-14 other name"),
        pytest.param(Filters(tags=("u.x", "u.y")), Room(tags=frozenset({"u.y"})), True, id="L-15"),
        pytest.param(Filters(tags=("u.x",)), PLAIN, False, id="L-15 no tag"),
        pytest.param(Filters(not_tags=("u.x",)), PLAIN, True, id="L-16 no tag"),
        pytest.param(
            Filters(tags=("u.x",), not_tags=("u.y",)),
            Room(tags=frozenset({"u.x", "u.y"})),
            False,
            id="L-16 beats L-15",
        ),
        pytest.param(Filters(room_types=(None,)), PLAIN, True, id="L-17 typeless"),
        pytest.param(Filters(room_types=("m.space",)), PLAIN, False, id="L-17 typed"),
        pytest.param(Filters(not_room_types=(None,)), PLAIN, False, id="L-18 typeless"),
        pytest.param(
            Filters(room_types=("m.space",), not_room_types=("m.space",)),
            Room(room_type="m.space"),
            False,
            id="L-18 beats L-17",
        ),
        pytest.param(
            Filters(spaces=(SPACE, OTHER)), Room(parents=frozenset({SPACE})), True, id="L-19"
        ),
        pytest.param(
            Filters(spaces=(OTHER,)), Room(parents=frozenset({SPACE})), False, id="L-19 no"
        ),
        pytest.param(
            Filters(room_types=(None,), spaces=(SPACE,)), PLAIN, False, id="L-20 both hold"
        ),
        pytest.param(
            Filters(is_dm=True, is_encrypted=False, room_types=(None,)),
            Room(is_dm=True, is_encrypted=True),
            False,
            id="all hold",
        ),
    ],
)
@pytest.mark.rules("L-14", "L-15", "L-16", "L-17", "L-18", "L-19", "L-20", "Z-17")
def test_a_room_passes_if_all_filters_hold(filters: Filters, room: Room, expected: bool) -> None:
    assert make_filter(filters)(room) is expected
    assert make_filter(filters)(room) is expected


VALUES = ("tags", "not_tags", "room_types", "not_room_types", "spaces")


@pytest.mark.parametrize("field", VALUES)
def test_each_filter_with_values_counts(field: str) -> None:
    """What all lists of a request ask for is bounded by this number."""
    assert replace(Filters(room_name_like="x" * 9, is_dm=True), **{field: ("a", "b")}).number == 2  # type: ignore[arg-type]


@pytest.mark.rules("L-32")
@pytest.mark.parametrize(
    ("name", "expected"),
    [("#Alpha:hs", "alpha:hs"), ("_@(Émile)!:", "émile"), ("", ""), ("a_b", "a_b"), ("###", "")],
)
def test_a_canonical_name_lacks_signs_at_its_ends(name: str, expected: str) -> None:
    assert canonical_name(name) == expected


def in_order(*sort: Sort, rooms: dict[str, tuple[Room, int]]) -> str:
    """The names of the rooms as the sort orders them."""
    key = make_key(sort)
    return "".join(sorted(rooms, key=lambda name: key(*rooms[name])))


@pytest.mark.rules("L-30", "L-31", "Z-9")
def test_recent_rooms_come_first_and_ties_go_by_room_id() -> None:
    rooms = {
        "old": (Room(room_id="!a"), 1),
        "new": (Room(room_id="!c"), 2),
        "tie": (Room(room_id="!b"), 2),
    }
    assert in_order(Sort.RECENCY, rooms=rooms) == "tienewold"


@pytest.mark.rules("L-30", "L-32")
def test_names_ascend_by_code_point_and_later_keys_break_ties() -> None:
    rooms = {
        "1": (Room(canonical_name="b"), 5),
        "2": (Room(canonical_name="a"), 1),
        "3": (Room(canonical_name="a"), 9),
        "4": (Room(canonical_name="é"), 99),
    }
    assert in_order(Sort.NAME, Sort.RECENCY, rooms=rooms) == "3214"


@pytest.mark.rules("L-33", "L-35")
def test_notification_levels_are_tiers_in_which_counts_do_not_matter() -> None:
    rooms = {
        "q": (Room(), 9),
        "n": (Room(notification_count=50), 1),
        "e": (Room(notification_count=1, is_encrypted=True), 1),
        "h": (Room(highlight_count=1), 1),
        "i": (Room(is_invite=True), 2),
        "H": (Room(highlight_count=7, notification_count=9, is_encrypted=True), 3),
    }
    assert in_order(Sort.NOTIFICATION_LEVEL, Sort.RECENCY, rooms=rooms) == "Hihenq"


@pytest.mark.rules("L-34", "L-35")
def test_larger_counts_come_first() -> None:
    rooms = {
        "0": (Room(notification_count=3), 0),
        "2": (Room(highlight_count=2), 0),
        "i": (Room(is_invite=True, notification_count=9), 0),
        "1": (Room(notification_count=5), 0),
    }
    assert in_order(Sort.HIGHLIGHT_COUNT, Sort.NOTIFICATION_COUNT, rooms=rooms) == "2i10"


@pytest.mark.rules("L-30", "Z-9")
@given(
    st.lists(st.sampled_from(Sort), max_size=5),
    st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 2)), max_size=8),
)
def test_every_sort_orders_all_rooms_the_same_whatever_came_first(
    sort: list[Sort], drawn: list[tuple[bool, int, int]]
) -> None:
    rooms = [
        (Room(room_id=f"!{i}", is_invite=invite, notification_count=count), activity)
        for i, (invite, count, activity) in enumerate(drawn)
    ]
    key = make_key(tuple(sort))
    keys = [key(*room) for room in rooms]
    assert len(set(keys)) == len(rooms)
    assert sorted(keys) == sorted(reversed(keys))
