"""Sticky parameters: what a request leaves out stays as it was."""

import pytest

from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.protocol.request import Filters, ListSpec, RoomConfig, Sort
from syncv3.types import UserID
from tests.unit.dialects.msc3575.asking import (
    FULL,
    ME,
    ROOM,
    Json,
    ask,
    config,
    restored,
    the_extension,
    the_filters,
    the_list,
)


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


@pytest.mark.rules("MSC3575-S-2")
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
    read = MSC3575().read
    named, other = read(b'{"txn_id": "t"}', {}), read(b'{"txn_id": ""}', {})
    assert (named.txn_id, other.txn_id) == ("t", None)
    assert named.said == other.said


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
    assert after is before


@pytest.mark.rules("L-14", "L-16", "L-18")
def test_an_empty_filter_lets_everything_pass() -> None:
    for name in ("tags", "not_tags", "room_types", "not_room_types", "spaces"):
        assert the_filters(**{name: []}) == the_filters()
