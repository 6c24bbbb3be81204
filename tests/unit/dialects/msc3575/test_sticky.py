"""Sticky parameters: what a request leaves out stays as it was."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.dialects.msc3575 import sticky
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.errors import InvalidParam
from syncv3.protocol.request import Ask, Filters, ListSpec, RoomConfig, Sort, union
from syncv3.types import RoomID, UserID

ME = UserID("@me:hs")
DIALECT = MSC3575(frozenset({"to_device", "e2ee", "typing"}))
ROOM = RoomID("!r:hs")

Json = Mapping[str, object]


def ask(*bodies: Json, previous: Ask | None = None) -> Ask:
    """What the engine sees after these requests of one connection."""
    for body in bodies:
        previous = DIALECT.ask(DIALECT.read(json.dumps(body).encode(), {}), previous, me=ME)
    assert previous is not None
    return previous


def restored(sticky: bytes, me: UserID = ME) -> Ask:
    """What is known of a connection of which nothing but the stored bytes is left."""
    ask = DIALECT.restore(sticky, me=me)
    assert ask is not None
    return ask


def the_list(*entries: Json) -> ListSpec:
    """The list ``a`` after requests that said this of it, one after the other."""
    return ask(*({"lists": {"a": entry}} for entry in entries)).lists["a"]


def the_extension(*requests: Json) -> Json:
    return ask(*({"extensions": {"to_device": each}} for each in requests)).extensions["to_device"]


def config(timeline_limit: int = 0, *state: tuple[str, str], lazy: bool = False) -> RoomConfig:
    return RoomConfig(timeline_limit, (RequiredState(state, lazy),) if state or lazy else ())


FULL: Json = {
    "ranges": [[0, 9]],
    "sort": ["by_name", "by_recency"],
    "filters": {"is_dm": True, "tags": ["m.favourite"]},
    "timeline_limit": 5,
    "required_state": [["m.room.name", ""]],
    "include_old_rooms": {"timeline_limit": 1},
    "include_heroes": True,
    "slow_get_all_rooms": True,
    "bump_event_types": ["m.room.message"],
}


@pytest.mark.rules("R-3", "R-10", "R-11", "R-12", "R-13", "R-14", "R-15", "R-16", "R-17", "R-18")
def test_a_new_list_has_the_defaults() -> None:
    assert the_list({}) == ListSpec()


@pytest.mark.rules("R-10", "R-11", "R-12", "R-13", "R-14", "R-15", "R-16", "R-17", "R-18")
def test_a_list_is_read_whole() -> None:
    assert the_list(FULL) == ListSpec(
        ranges=((0, 10),),
        sort=(Sort.NAME, Sort.RECENCY),
        filters=Filters(is_dm=True, tags=("m.favourite",)),
        bump_types=frozenset({"m.room.message"}),
        all_rooms=True,
        config=RoomConfig(
            5, (RequiredState((("m.room.name", ""),)),), heroes=True, old_rooms=config(1)
        ),
    )


@pytest.mark.rules("R-10", "R-11", "R-12", "R-13", "R-14", "R-15", "R-16", "R-17", "R-18")
@pytest.mark.parametrize("field", FULL)
def test_absent_and_null_fields_keep_their_values(field: str) -> None:
    assert the_list(FULL, {}) == the_list(FULL, {field: None}) == the_list(FULL)


@pytest.mark.rules("R-10", "R-11", "R-12", "R-13", "R-14", "R-15", "R-16", "R-17", "R-18")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ranges", [[5, 7], [0, 2]]),
        ("ranges", []),
        ("sort", ["by_notification_level"]),
        ("sort", []),
        ("filters", {"is_invite": True}),
        ("filters", {}),
        ("timeline_limit", 3),
        ("required_state", [["m.room.topic", ""]]),
        ("required_state", []),
        ("include_old_rooms", {}),
        ("include_heroes", False),
        ("slow_get_all_rooms", False),
        ("bump_event_types", ["m.sticker"]),
        ("bump_event_types", []),
    ],
)
def test_a_given_field_replaces_only_itself_and_as_a_whole(field: str, value: object) -> None:
    assert the_list(FULL, {field: value}) == the_list({**FULL, field: value}) != the_list(FULL)


@pytest.mark.rules("R-13")
def test_timeline_limit_cannot_be_set_back_to_0() -> None:
    assert the_list({"timeline_limit": 4}, {"timeline_limit": 0}).config.timeline_limit == 4


@pytest.mark.rules("R-23")
def test_timeline_limit_is_capped() -> None:
    assert the_list({"timeline_limit": 51}).config.timeline_limit == 50


@pytest.mark.rules("R-22", "Z-3")
@pytest.mark.parametrize(
    ("names", "sort"),
    [
        (["by_magic", "by_name"], (Sort.NAME,)),
        (["by_magic"], (Sort.RECENCY,)),
        (["by_name", "by_recency", "by_name"], (Sort.NAME, Sort.RECENCY)),
        (
            ["by_highlight_count", "by_notification_count"],
            (Sort.HIGHLIGHT_COUNT, Sort.NOTIFICATION_COUNT),
        ),
    ],
)
def test_unknown_sorts_are_left_out(names: list[str], sort: tuple[Sort, ...]) -> None:
    assert the_list({"sort": names}).sort == sort


@pytest.mark.rules("D-52", "D-53")
def test_special_state_keys_are_resolved() -> None:
    state = [["m.room.member", "$ME"], ["*", "$ME"], ["m.room.member", "$LAZY"], ["x", "$LAZY"]]
    assert the_list({"required_state": state}).config == config(
        0, ("m.room.member", ME), ("*", ME), ("x", "$LAZY"), lazy=True
    )


@pytest.mark.rules("D-52")
def test_what_is_stored_names_no_user() -> None:
    stored = ask({"lists": {"a": {"required_state": [["m.room.member", "$ME"]]}}}).sticky
    other = restored(stored, me=UserID("@other:hs"))
    assert other.lists["a"].config == config(0, ("m.room.member", "@other:hs"))


@pytest.mark.rules("S-2")
def test_lists_stay_in_the_order_of_their_creation() -> None:
    asked = ask({"lists": {"b": {}, "a": {}}}, {"lists": {"c": {}, "a": {"ranges": [[0, 1]]}}})
    assert list(asked.lists) == ["b", "a", "c"]


@pytest.mark.rules("R-19")
def test_a_deleted_list_is_gone() -> None:
    asked = ask({"lists": {"a": FULL, "b": {}}}, {"lists": {"a": {"deleted": True}}})
    assert list(asked.lists) == ["b"]


@pytest.mark.rules("R-19")
def test_a_deleted_list_can_be_made_again_without_its_old_parameters() -> None:
    assert the_list(FULL, {"deleted": True}, {"sort": ["by_name"]}) == the_list(
        {"sort": ["by_name"]}
    )


@pytest.mark.rules("R-19")
def test_deleting_an_unknown_list_that_is_described_creates_it() -> None:
    assert the_list({"deleted": True, "ranges": [[0, 1]]}, {}) == ListSpec(ranges=((0, 2),))


@pytest.mark.rules("R-19", "P-0")
def test_a_repeated_deletion_does_not_bring_the_list_back() -> None:
    delete = {"lists": {"a": {"deleted": True}}}
    assert not ask({"lists": {"a": FULL}}, delete, delete).lists


@pytest.mark.rules("R-4", "R-30", "R-31")
def test_a_subscription_replaces_that_rooms_old_one_whole() -> None:
    first = {"room_subscriptions": {ROOM: {"timeline_limit": 5}, "!other:hs": {}}}
    second = {"room_subscriptions": {ROOM: {"required_state": [["m.room.name", ""]]}}}
    assert ask(first, second).subscriptions == {
        ROOM: config(0, ("m.room.name", "")),
        "!other:hs": config(),
    }


@pytest.mark.rules("R-5", "R-32")
def test_unsubscribing_has_the_last_word_and_is_not_sticky() -> None:
    subscribe: dict[str, object] = {"room_subscriptions": {ROOM: {}}}
    assert not ask(subscribe | {"unsubscribe_rooms": [ROOM]}).subscriptions
    assert list(ask({"unsubscribe_rooms": [ROOM]}, subscribe).subscriptions) == [ROOM]


@pytest.mark.rules("R-30")
def test_a_subscription_has_old_rooms_of_its_own() -> None:
    entry = {"include_old_rooms": {"timeline_limit": 99}, "include_heroes": True}
    subscribed = ask({"room_subscriptions": {ROOM: entry}}).subscriptions[ROOM]
    assert subscribed == RoomConfig(heroes=True, old_rooms=config(50))


EVERYWHERE = {"lists": ["*"], "rooms": ["*"]}


@pytest.mark.rules("E-1", "E-2")
@pytest.mark.parametrize(
    ("requests", "merged"),
    [
        pytest.param([{"enabled": True}], {"enabled": True, **EVERYWHERE}, id="first seen"),
        pytest.param(
            [{"lists": None, "rooms": []}], {"lists": ["*"], "rooms": []}, id="null, none"
        ),
        pytest.param(
            [{"rooms": ["!a"]}, {"lists": [], "rooms": None}],
            {"rooms": ["!a"], "lists": []},
            id="sticky",
        ),
        pytest.param(
            [{"enabled": True, "limit": 5, "since": "4"}, {"enabled": False}],
            {"enabled": False, "limit": 5, "since": "4", **EVERYWHERE},
            id="switched off",
        ),
        pytest.param(
            [{"limit": 5, "since": "4"}, {"limit": 0, "since": ""}],
            {"limit": 5, "since": "4", **EVERYWHERE},
            id="zero values keep",
        ),
        pytest.param(
            [{"limit": 0, "since": ""}, {"mine": 0}, {"mine": [0]}],
            {"mine": [0], **EVERYWHERE},
            id="its own fields",
        ),
    ],
)
def test_extensions_are_merged_field_by_field(requests: list[Json], merged: Json) -> None:
    assert the_extension(*requests) == merged


@pytest.mark.rules("E-4")
def test_an_extension_that_is_not_mentioned_keeps_everything() -> None:
    first = {"extensions": {"typing": {"enabled": True, "rooms": [ROOM]}}}
    asked = ask(first, {"extensions": {"e2ee": {"enabled": True}, "typing": None}}, {})
    assert asked.extensions["typing"] == {"enabled": True, "rooms": [ROOM], "lists": ["*"]}


@pytest.mark.rules("H-6")
def test_an_extension_that_is_not_known_any_more_is_forgotten() -> None:
    asked = ask({"lists": {"a": {}}, "extensions": {"typing": {}, "e2ee": {}}})
    left = MSC3575(frozenset({"e2ee"})).restore(asked.sticky, me=ME)
    assert left is not None and list(left.extensions) == ["e2ee"]
    assert left == restored(left.sticky)


@pytest.mark.rules("R-2", "P-20")
def test_txn_id_is_the_requests_own() -> None:
    assert ask({"txn_id": "t"}).txn_id == "t"
    assert ask({"txn_id": "t"}, {}).txn_id is None
    assert ask({"txn_id": "t"}, {"txn_id": ""}).txn_id is None


@pytest.mark.rules("P-0")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="empty"),
        pytest.param({"txn_id": "other"}, id="txn_id"),
        pytest.param({"lists": {"a": {"ranges": [[0, 9]]}}}, id="the same again"),
        pytest.param({"extensions": {"typing": {"enabled": True}}}, id="the same extension"),
    ],
)
def test_a_request_that_changes_nothing_leaves_nothing_to_store(body: Json) -> None:
    before = ask({"lists": {"a": FULL}, "extensions": {"typing": {"enabled": True}}})
    after = ask(body, previous=before)
    assert after.sticky is before.sticky
    assert after.lists is before.lists


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda n: {"lists": {str(n): {}}}, id="lists"),
        pytest.param(lambda n: {"extensions": {"e2ee": {str(n): True}}}, id="fields"),
    ],
)
def test_many_small_requests_do_not_add_up_to_too_much(body) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidParam):
        ask(*(body(n) for n in range(101)))


@pytest.mark.rules("Z-18")
def test_many_subscriptions_do_not_add_up_to_too_much() -> None:
    def subscribe(first: int) -> Json:
        return {"room_subscriptions": {f"!{n}": {} for n in range(first, first + 9_000)}}

    with pytest.raises(InvalidParam, match="10000 room subscriptions"):
        ask(subscribe(0), subscribe(5_000))


@pytest.mark.rules("Z-18")
def test_what_is_remembered_has_a_size() -> None:
    entry = {"required_state": [["x" * 900, "y"]] * 1_000}
    with pytest.raises(InvalidParam, match="bytes"):
        ask(*({"lists": {str(n): entry}} for n in range(6)))


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize(
    ("entry", "what"),
    [
        pytest.param(
            lambda n: {"required_state": [[f"t{n}", str(i)] for i in range(100)]},
            "5000 entries of required_state",
            id="required_state",
        ),
        pytest.param(
            lambda n: {"bump_event_types": [f"t{n}.{i}" for i in range(200)]},
            "1000 entries of bump_event_types",
            id="bump_event_types",
        ),
        pytest.param(
            lambda n: {"filters": {"tags": [f"t{n}.{i}" for i in range(200)]}},
            "5000 entries of filters",
            id="filters",
        ),
    ],
)
def test_the_lists_of_a_request_do_not_multiply(entry, what) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidParam, match=f"more than {what}"):
        ask({"lists": {str(n): entry(n) for n in range(100)}})
    ask({"lists": {str(n): entry(0) for n in range(100)}})


@pytest.mark.rules("Z-18")
def test_the_subscriptions_of_many_requests_do_not_multiply() -> None:
    def subscribe(room: int) -> Json:
        state = [[f"t{room}", str(n)] for n in range(900)]
        return {"room_subscriptions": {f"!{room}": {"required_state": state}}}

    with pytest.raises(InvalidParam, match="required_state"):
        ask(*(subscribe(room) for room in range(6)))


@pytest.mark.rules("Z-18", "R-30", "R-31")
def test_subscriptions_that_are_alike_are_held_and_stored_once() -> None:
    state = [["m.room.name", ""], ["m.room.member", "$ME"]] * 10

    def subscribe(first: int) -> Json:
        entry = {"timeline_limit": 20, "required_state": state}
        return {"room_subscriptions": {f"!{n}:hs": entry for n in range(first, first + 5_000)}}

    asked = ask(subscribe(0), subscribe(5_000), {"lists": {"a": {}}})
    assert len(asked.subscriptions) == 10_000
    assert len({id(config) for config in asked.subscriptions.values()}) == 1
    assert len(asked.sticky) < 10_000 * 20
    assert restored(asked.sticky) == asked


@pytest.mark.rules("Z-18")
def test_lists_that_are_alike_share_their_values() -> None:
    lists = ask({"lists": {str(n): FULL for n in range(100)}}).lists.values()
    for value in ("config", "filters", "bump_types", "ranges"):
        assert len({id(getattr(spec, value)) for spec in lists}) == 1


STORED = (
    b'{"lists":{"a":{"ranges":[[0,9]],"sort":["by_name"],"filters":{"is_dm":true,"tags":[],'
    b'"not_tags":["m.lowpriority"],"room_types":[null],"not_room_types":[],"spaces":[]},'
    b'"timeline_limit":20,"required_state":[["m.room.topic",""],["m.room.member","$ME"],'
    b'["m.room.member","$LAZY"]]},"b":{"timeline_limit":1,"required_state":[["*","*"],'
    b'["m.room.member","$LAZY"]],"include_old_rooms":{"timeline_limit":2}},"c":{}},'
    b'"rooms":{"!r:hs":0},"configs":[{"timeline_limit":3}],'
    b'"extensions":{"e2ee":{"lists":["*"],"rooms":["*"],"enabled":true}}}'
)
"""A connection of version 0.1: its row says this, and the rooms' rows say ``NUMBERS``."""
NUMBERS = {"a": 400352646, "b": 1985330109, "c": 1812576311}
OF_BOTH = 425369416


@pytest.mark.rules("P-2", "R-13", "R-18", "R-30")
def test_a_stored_request_means_what_it_meant_when_it_was_stored() -> None:
    ask = restored(STORED)
    members = (("m.room.topic", ""), ("m.room.member", str(ME)))
    assert ask.lists == {
        "a": ListSpec(
            ranges=((0, 10),),
            sort=(Sort.NAME,),
            filters=the_filters(is_dm=True, not_tags=["m.lowpriority"], room_types=[None]),
            config=config(20, *members, lazy=True),
        ),
        "b": ListSpec(
            config=RoomConfig(1, config(1, ("*", "*"), lazy=True).required_state, False, config(2))
        ),
        "c": ListSpec(),
    }
    assert ask.subscriptions == {ROOM: config(3)}
    assert ask.sticky == STORED


def the_filters(**fields: object) -> Filters:
    return the_list({"filters": fields}).filters


@pytest.mark.rules("P-2")
def test_the_stored_numbers_of_configs_stay_as_they_are() -> None:
    """Other numbers would make every room of every connection be sent anew."""
    lists = restored(STORED).lists
    assert {name: spec.config.number for name, spec in lists.items()} == NUMBERS
    assert union([lists["a"].config, lists["b"].config]).number == OF_BOTH


@pytest.mark.rules("L-14", "L-16", "L-18")
def test_an_empty_filter_lets_everything_pass() -> None:
    for name in ("tags", "not_tags", "room_types", "not_room_types", "spaces"):
        assert the_filters(**{name: []}) == the_filters()


def test_subscriptions_that_were_stored_one_by_one_are_read() -> None:
    stored = b'{"room_subscriptions":{"!r:hs":{"timeline_limit":3}}}'
    assert restored(stored).subscriptions == {ROOM: config(3)}


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


def test_nothing_remembered_is_an_empty_request() -> None:
    assert sticky.restore(b"", me=ME, known=frozenset()) == Ask()
