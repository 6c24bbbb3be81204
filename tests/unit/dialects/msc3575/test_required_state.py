"""Which state events a room object carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.protocol.request import CompleteRequest, RoomConfig, union
from syncv3.protocol.required_state import wanted

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
        pytest.param(required(lazy=True), set(), id="D-53 not by itself"),
        pytest.param(required(("m.room.member", "*"), lazy=True), {ME, BOB, EVE}, id="D-51 lazy"),
        pytest.param(required(ALL), set(STATE), id="D-54 everything"),
        pytest.param(required(ALL, lazy=True), {NAME, TOPIC, MINE}, id="D-54 lazy"),
        pytest.param(required(ALL, ME), {NAME, TOPIC, MINE, ME}, id="D-54 of members only me"),
        pytest.param(required(ALL, ME, lazy=True), {NAME, TOPIC, MINE, ME}, id="D-54 both"),
        pytest.param(
            required(ALL, ("m.room.member", "*"), ("*", "x"), ME),
            {NAME, TOPIC, MINE, ME},
            id="D-54 other wildcards",
        ),
    ],
)
@pytest.mark.rules("D-51", "D-52", "D-53", "D-54", "D-55")
def test_the_state_a_client_wants_is_selected(
    asked: RequiredState, expected: set[tuple[str, str]]
) -> None:
    assert sorted(asked.wanted.among(STATE)) == sorted(expected)


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
    assert asked.wanted.repeats(*event) is expected


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
    assert asked.wanted.all_members is expected


WORDS = st.sampled_from(["*", "m.room.member", "m.room.name", "", "@me:hs"])


SOURCES = st.builds(
    RequiredState, st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple), st.booleans()
)


@pytest.mark.rules("D-51", "D-54", "D-57")
@given(SOURCES, st.tuples(WORDS, WORDS))
def test_selecting_from_a_state_and_matching_one_event_agree(
    asked: RequiredState, key: tuple[str, str]
) -> None:
    assert (asked.wanted.among({key: 1}) == [1]) is asked.wanted.covers(*key)


# Several sources


@pytest.mark.rules("D-56", "D-54")
def test_what_one_source_narrows_does_not_narrow_another() -> None:
    together = wanted([required(ME), required(ALL)])
    assert sorted(together.among(STATE)) == sorted(STATE)
    assert together.all_members and together.repeats(*EVE)


@pytest.mark.rules("D-56", "D-54")
def test_a_type_is_narrowed_where_all_sources_narrow_it() -> None:
    together = wanted([required(ALL, ME, TOPIC), required(ALL, BOB)])
    assert sorted(together.among(STATE)) == sorted({NAME, TOPIC, MINE, ME, BOB})
    assert not together.all_members


@pytest.mark.rules("D-56", "D-51", "D-53", "D-54", "D-57")
@given(st.lists(SOURCES, max_size=4), st.tuples(WORDS, WORDS))
def test_together_sources_want_what_any_of_them_wants(
    sources: list[RequiredState], key: tuple[str, str]
) -> None:
    together, each = wanted(sources), [source.wanted for source in sources]
    assert together.covers(*key) is any(one.covers(*key) for one in each)
    assert together.repeats(*key) is any(one.repeats(*key) for one in each)
    assert together.all_members is any(one.all_members for one in each)
    assert together.members == frozenset().union(*[one.members for one in each])
    assert together.nothing is all(one.nothing for one in each)


@pytest.mark.rules("D-56")
@given(st.lists(SOURCES, max_size=3), st.lists(SOURCES, max_size=3), st.tuples(WORDS, WORDS))
def test_what_lies_within_another_wants_nothing_that_the_other_does_not(
    sources: list[RequiredState], others: list[RequiredState], key: tuple[str, str]
) -> None:
    one, other = wanted(sources), wanted(others)
    if one.within(other):
        assert other.covers(*key) or not one.covers(*key)
        assert other.repeats(*key) or not one.repeats(*key)
    assert one.within(wanted([*sources, *others]))


@pytest.mark.rules("D-56")
def test_a_union_shows_what_anyone_asks() -> None:
    old = RoomConfig(timeline_limit=1, required_state=(required(NAME),))
    topic, everything = required(TOPIC, NAME), required(NAME, ALL, lazy=True)
    first = RoomConfig(timeline_limit=5, required_state=(topic,), old_rooms=old)
    second = RoomConfig(
        timeline_limit=3,
        required_state=(everything, topic),
        heroes=True,
        old_rooms=RoomConfig(timeline_limit=2),
    )
    assert union([first, second]) == RoomConfig(
        timeline_limit=5,
        required_state=(topic, everything),
        heroes=True,
        old_rooms=RoomConfig(timeline_limit=2, required_state=(required(NAME),)),
    )


@pytest.mark.rules("D-55", "D-56")
def test_a_union_of_nothing_asks_nothing() -> None:
    assert union([]) == RoomConfig()
    assert union([]).wanted.nothing


@pytest.mark.rules("D-56")
def test_the_number_of_a_config_does_not_depend_on_the_order_of_its_sources() -> None:
    first, second = (RoomConfig(1, (required(key),)) for key in (NAME, TOPIC))
    assert union([first, second]).number == union([second, first]).number
    assert len({c.number for c in (first, second, union([first, second]), RoomConfig(1))}) == 4


@pytest.mark.rules("D-56")
def test_a_request_unites_the_same_configs_once() -> None:
    ask, configs = (
        CompleteRequest(),
        tuple(RoomConfig(1, (required(key),)) for key in (NAME, TOPIC)),
    )
    assert ask.united(configs) is ask.united(tuple(configs))
    assert ask.united(configs[:1]) is configs[0]
