"""Which state events a room object carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.protocol.request import RequiredState, RoomConfig
from syncv3.protocol.required_state import matches, needs_all_members, select, union, wanted

NAME, TOPIC = ("m.room.name", ""), ("m.room.topic", "")
ME, BOB, EVE = (("m.room.member", user) for user in ("@me:hs", "@bob:hs", "@eve:hs"))
MINE = ("org.example", "@me:hs")
STATE = {key: key for key in (NAME, TOPIC, ME, BOB, EVE, MINE)}
ALL = ("*", "*")


def required(*entries: tuple[str, str], lazy: bool = False) -> RequiredState:
    return RequiredState(entries=entries, lazy_members=lazy)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(required(), set(), id="D-55"),
        pytest.param(required(NAME, ("m.room.avatar", "")), {NAME}, id="D-51 exact"),
        pytest.param(required(NAME, NAME), {NAME}, id="D-51 once"),
        pytest.param(required(("m.room.member", "*")), {ME, BOB, EVE}, id="D-51 type"),
        pytest.param(required(("*", "@me:hs")), {ME, MINE}, id="D-51 and D-52 key"),
        pytest.param(required(("*", ""), BOB), {NAME, TOPIC, BOB}, id="D-51 or"),
        pytest.param(required(("m.room.*", "")), set(), id="D-51 only whole elements"),
        pytest.param(required(("m.room.name", "$LAZY")), set(), id="D-53 a literal elsewhere"),
        pytest.param(required(lazy=True), {BOB}, id="D-53"),
        pytest.param(required(("m.room.member", "*"), lazy=True), {ME, BOB, EVE}, id="D-51 lazy"),
        pytest.param(required(ALL), set(STATE), id="D-54 everything"),
        pytest.param(required(ALL, lazy=True), {NAME, TOPIC, MINE, BOB}, id="D-54 lazy"),
        pytest.param(required(ALL, ME), {NAME, TOPIC, MINE, ME}, id="D-54 of members only me"),
        pytest.param(required(ALL, ME, lazy=True), {NAME, TOPIC, MINE, ME, BOB}, id="D-54 both"),
        pytest.param(
            required(ALL, ("m.room.member", "*"), ("*", "x"), ME),
            {NAME, TOPIC, MINE, ME},
            id="D-54 other wildcards",
        ),
    ],
)
@pytest.mark.rules("D-51", "D-52", "D-53", "D-54", "D-55", "D-60")
def test_the_state_a_client_wants_is_selected(
    asked: RequiredState, expected: set[tuple[str, str]]
) -> None:
    found = select(asked, STATE, lazy_members=["@bob:hs", "@unknown:hs"])
    assert sorted(found) == sorted(expected)


@pytest.mark.rules("D-60")
def test_lazy_members_are_nothing_to_a_client_that_does_not_load_lazily() -> None:
    assert select(required(NAME), STATE, lazy_members=["@bob:hs"]) == [NAME]


@pytest.mark.parametrize(
    ("asked", "event", "expected"),
    [
        pytest.param(required(NAME), NAME, True, id="exact"),
        pytest.param(required(NAME), TOPIC, False, id="another type"),
        pytest.param(required(lazy=True), EVE, True, id="any member under lazy loading"),
        pytest.param(required(ALL, lazy=True), EVE, True, id="also next to everything"),
        pytest.param(required(ALL, ME), EVE, False, id="narrowed"),
        pytest.param(required(), NAME, False, id="nothing"),
    ],
)
@pytest.mark.rules("D-57")
def test_a_live_state_event_matches(
    asked: RequiredState, event: tuple[str, str], expected: bool
) -> None:
    assert matches(asked, *event) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(required(("m.room.member", "*")), True, id="all members"),
        pytest.param(required(ALL), True, id="everything"),
        pytest.param(required(ALL, lazy=True), False, id="everything, members lazily"),
        pytest.param(required(ALL, ME), False, id="everything, of members me"),
        pytest.param(required(("*", "@me:hs"), BOB, lazy=True), False, id="single members"),
        pytest.param(required(("m.room.member", "*"), lazy=True), True, id="all and lazily"),
    ],
)
@pytest.mark.rules("D-51", "D-54")
def test_only_wildcards_over_members_need_them_all(asked: RequiredState, expected: bool) -> None:
    assert needs_all_members(asked) is expected


WORDS = st.sampled_from(["*", "m.room.member", "m.room.name", "", "@me:hs"])


@pytest.mark.rules("D-51", "D-54", "D-57")
@given(st.lists(st.tuples(WORDS, WORDS)), st.tuples(WORDS, WORDS))
def test_selecting_from_a_state_and_matching_one_event_agree(
    entries: list[tuple[str, str]], key: tuple[str, str]
) -> None:
    asked = required(*entries)
    assert (select(asked, {key: 1}) == [1]) is matches(asked, *key)
    assert wanted(asked).covers(*key) is matches(asked, *key)


@pytest.mark.rules("D-56")
def test_a_union_shows_what_anyone_asks() -> None:
    old = RoomConfig(timeline_limit=1, required_state=required(NAME))
    first = RoomConfig(timeline_limit=5, required_state=required(TOPIC, NAME), old_rooms=old)
    second = RoomConfig(
        timeline_limit=3,
        required_state=required(NAME, ALL, lazy=True),
        heroes=True,
        old_rooms=RoomConfig(timeline_limit=2),
    )
    assert union([first, second]) == RoomConfig(
        timeline_limit=5,
        required_state=required(TOPIC, NAME, ALL, lazy=True),
        heroes=True,
        old_rooms=RoomConfig(timeline_limit=2, required_state=required(NAME)),
    )


@pytest.mark.rules("D-55", "D-56")
def test_a_union_of_nothing_asks_nothing() -> None:
    assert union([]) == RoomConfig()
