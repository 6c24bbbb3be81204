"""Which requests of the unstable dialect are taken, and what they ask for."""

import json
from typing import Any

import pytest

from syncv3.dialects.simplified.bodies import Body
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.dialects.simplified.values import MAX_TIMELINE_LIMIT
from syncv3.errors import BadJSON, InvalidParam, MatrixError, MissingParam, NotJSON
from syncv3.protocol.request import CompleteRequest, Filters, Request
from syncv3.types import RoomID, UserID
from tests.support import recorded

ME = UserID("@me:hs")
ROOM = RoomID("!kitchen:hs.example")
EXTENSIONS = frozenset({"to_device", "e2ee", "account_data", "receipts", "typing"})
DIALECT = Simplified(EXTENSIONS)
LIST = {"timeline_limit": 1, "required_state": []}
"""The least that a list has to say."""


def read(body: object = None, **query: str) -> Request:
    return DIALECT.read(json.dumps(body or {}).encode(), query)


def ask(previous: CompleteRequest | None = None, **body: object) -> CompleteRequest:
    return DIALECT.ask(read(body), previous, me=ME)


def ask_list(**entry: object) -> Any:
    return ask(lists={"a": LIST | entry}).lists["a"]


EXAMPLE: dict[str, Any] = {
    "conn_id": "room-list",
    "lists": {
        "all_rooms": {
            "ranges": [[0, 99]],
            "timeline_limit": 1,
            "required_state": [
                ["m.room.name", ""],
                ["m.room.member", "$ME"],
                ["m.room.member", "$LAZY"],
            ],
            "filters": {},
        }
    },
    "room_subscriptions": {
        "!kitchen:hs.example": {"timeline_limit": 20, "required_state": [["m.room.topic", ""]]}
    },
    "extensions": {"account_data": {"enabled": True}, "typing": {"enabled": True}},
}


@pytest.mark.rules("S-20", "S-22", "S-25", "S-230")
def test_the_specifications_example() -> None:
    request = read(EXAMPLE, timeout="30000", pos="p1")
    assert (request.conn_id, request.pos, request.blank) == ("room-list", "p1", False)
    assert DIALECT.timeout_ms(request) == 30_000
    asked = DIALECT.ask(request, None, me=ME)
    spec = asked.lists["all_rooms"]
    assert spec.ranges == ((0, 100),) and not spec.all_rooms and spec.filters == Filters()
    wanted = spec.config.wanted
    assert wanted.pairs == {("m.room.name", ""), ("m.room.member", ME)} and wanted.lazy
    subscribed = asked.subscriptions[ROOM]
    assert subscribed.timeline_limit == 20 and not subscribed.wanted.lazy
    assert asked.extensions == {"account_data": {"enabled": True}, "typing": {"enabled": True}}
    assert asked.sticky == b""


@pytest.mark.rules("S-6")
@pytest.mark.parametrize("raw", [b"", b"{}", b' \n{"lists": null, "extensions": null} '])
def test_an_empty_body_asks_for_nothing_and_is_no_probe(raw: bytes) -> None:
    request = DIALECT.read(raw, {})
    assert not request.blank and request.said == Body()
    assert DIALECT.ask(request, None, me=ME) == CompleteRequest()


@pytest.mark.rules("S-20")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 0),
        ({"timeout": ""}, 0),
        ({"timeout": "0"}, 0),
        ({"timeout": "-5"}, 0),
        ({"timeout": "30000"}, 30_000),
        ({"timeout": "60001"}, 60_000),
        ({"timeout": "9" * 18}, 60_000),
    ],
)
def test_how_long_it_waits(given: dict[str, str], expected: int) -> None:
    assert DIALECT.timeout_ms(read(pos="p", **given)) == expected
    assert DIALECT.timeout_ms(read(**given)) == 0, "a first request waited"


@pytest.mark.rules("S-20", "S-4")
@pytest.mark.parametrize("timeout", ["1.5", "soon", "1e3", "0x1", "9" * 19, "٣"])
def test_what_is_no_number_is_refused(timeout: str) -> None:
    with pytest.raises(InvalidParam, match="timeout"):
        read(pos="p", timeout=timeout)


@pytest.mark.rules("S-20")
@pytest.mark.parametrize(
    ("given", "expected"),
    [("", None), ("p", "p")],
)
def test_an_empty_pos_is_none(given: str, expected: str | None) -> None:
    assert read(pos=given).pos == expected


@pytest.mark.rules("S-20", "S-600")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "online"),
        ({"set_presence": "unavailable"}, "unavailable"),
        ({"set_presence": "offline"}, "offline"),
        ({"set_presence": "busy"}, "online"),
    ],
)
def test_an_unknown_presence_is_ignored(query: dict[str, str], expected: str) -> None:
    assert read(**query).presence == expected


@pytest.mark.rules("S-20")
def test_what_belongs_into_the_query_is_ignored_in_the_body() -> None:
    request = read({"pos": "p", "timeout": "x", "set_presence": 7})
    assert request.pos is None and request.presence == "online"


@pytest.mark.rules("S-20")
def test_a_txn_id_is_echoed_unless_it_is_long() -> None:
    assert read({"txn_id": "t"}).txn_id == "t"
    assert read({"txn_id": "t" * 65}).txn_id is None


@pytest.mark.rules("S-5")
def test_unknown_fields_are_ignored_everywhere() -> None:
    asked = ask(
        unsubscribe_rooms=7,
        delta_token=[],
        lists={"a": LIST | {"sort": 1, "include_old_rooms": 2, "filters": {"is_tombstoned": 3}}},
        room_subscriptions={ROOM: LIST | {"include_heroes": 4}},
        extensions={"profiles": 5, "typing": {"enabled": True, "own": [6]}},
    )
    assert asked.lists["a"].filters == Filters()
    assert asked.extensions == {"typing": {"enabled": True, "own": [6]}}


@pytest.mark.rules("S-4")
@pytest.mark.parametrize(
    "raw", [b"x", b" ", b"{", b'{"conn_id": 1', b'{"lists": {} ,}', b"{}{", b'"\xff"', b"[NaN]"]
)
def test_what_is_no_json(raw: bytes) -> None:
    with pytest.raises(NotJSON):
        DIALECT.read(raw, {})


@pytest.mark.rules("S-4", "S-22", "S-24", "S-26", "S-340")
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "object"),
        ({"conn_id": 1}, "conn_id"),
        ({"lists": []}, "lists"),
        ({"lists": {"a": 7}}, "lists"),
        ({"lists": {"a": LIST | {"timeline_limit": True}}}, "timeline_limit"),
        ({"lists": {"a": LIST | {"timeline_limit": 1.0}}}, "timeline_limit"),
        ({"lists": {"a": LIST | {"timeline_limit": "1"}}}, "timeline_limit"),
        ({"lists": {"a": LIST | {"required_state": {}}}}, "required_state"),
        ({"lists": {"a": LIST | {"required_state": [["a"]]}}}, "required_state"),
        ({"lists": {"a": LIST | {"required_state": [["a", "b", "c"]]}}}, "required_state"),
        ({"lists": {"a": LIST | {"required_state": [["a", None]]}}}, "required_state"),
        ({"lists": {"a": LIST | {"ranges": [[0, 1.5]]}}}, "ranges"),
        ({"lists": {"a": LIST | {"ranges": [0, 1]}}}, "ranges"),
        ({"lists": {"a": LIST | {"slow_get_all_rooms": 1}}}, "slow_get_all_rooms"),
        ({"lists": {"a": LIST | {"filters": {"is_dm": "yes"}}}}, "is_dm"),
        ({"lists": {"a": LIST | {"filters": {"tags": [None]}}}}, "tags"),
        ({"lists": {"a": LIST | {"filters": {"room_types": [1]}}}}, "room_types"),
        ({"lists": {"a": LIST | {"filters": {"room_name_like": 1}}}}, "room_name_like"),
        ({"room_subscriptions": {ROOM: None}}, "room_subscriptions"),
        ({"room_subscriptions": {ROOM: LIST | {"timeline_limit": "1"}}}, "timeline_limit"),
        ({"extensions": {"typing": True}}, "typing"),
        ({"extensions": {"typing": {"enabled": 1}}}, "typing"),
        ({"extensions": {"to_device": {"since": 5}}}, "to_device"),
        ({"extensions": {"receipts": {"rooms": "*"}}}, "receipts"),
    ],
)
def test_what_is_of_the_wrong_type(body: Any, where: str) -> None:
    with pytest.raises(BadJSON, match=where):
        DIALECT.read(json.dumps(body).encode(), {})


@pytest.mark.rules("S-4")
def test_a_list_must_name_its_timeline_limit() -> None:
    entries: list[dict[str, Any]] = [{"required_state": []}, {"timeline_limit": None}]
    for entry in entries:
        with pytest.raises(MissingParam, match="timeline_limit"):
            read({"lists": {"a": entry}})


@pytest.mark.rules("S-4", "S-20", "S-21", "S-22", "S-24")
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"conn_id": "é" * 128}, "conn_id"),
        ({"conn_id": "\x00"}, "U\\+0000"),
        ({"lists": {"n" * 65: LIST}}, "name"),
        ({"lists": {str(n): LIST for n in range(101)}}, "100 lists"),
        ({"lists": {"a": LIST | {"timeline_limit": -1}}}, "timeline_limit"),
        ({"lists": {"a": LIST | {"timeline_limit": 1001}}}, "timeline_limit"),
        ({"lists": {"a": LIST | {"ranges": [[-1, 5]]}}}, "range"),
        ({"lists": {"a": LIST | {"ranges": [[0, 2**53]]}}}, "range"),
        ({"lists": {"a": LIST | {"ranges": [[0, 1]] * 101}}}, "ranges"),
        ({"lists": {"a": LIST | {"required_state": [["a", "b"]] * 1001}}}, "required_state"),
        ({"lists": {"a": LIST | {"filters": {"tags": ["t"] * 1001}}}}, "tags"),
        ({"lists": {"a": LIST | {"filters": {"room_name_like": "n" * 1001}}}}, "room_name_like"),
        ({"room_subscriptions": {f"!{n}:hs": LIST for n in range(1001)}}, "room_subscriptions"),
        ({"extensions": {"typing": {"enabled": True, "rooms": ["r"] * 10_001}}}, "rooms"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_out_of_range(body: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidParam, match=where):
        read(body)


@pytest.mark.rules("S-4")
def test_all_lists_together_may_not_ask_for_too_much() -> None:
    lists = {
        str(n): LIST | {"required_state": [["t", f"{n}-{i}"] for i in range(1000)]}
        for n in range(6)
    }
    with pytest.raises(InvalidParam, match="required_state"):
        ask(lists=lists)
    alike = {
        str(n): LIST | {"required_state": [["t", str(i)] for i in range(1000)]} for n in range(100)
    }
    assert len(ask(lists=alike).lists) == 100
    lists = {
        str(n): LIST | {"filters": {"tags": [f"{n}-{i}" for i in range(1000)]}} for n in range(6)
    }
    with pytest.raises(InvalidParam, match="filters"):
        ask(lists=lists)


@pytest.mark.rules("S-24", "S-115")
@pytest.mark.parametrize(
    ("entry", "ranges", "all_rooms"),
    [
        ({}, (), True),
        ({"ranges": None}, (), True),
        ({"ranges": []}, (), False),
        ({"ranges": [[0, 0], [0, 9]]}, ((0, 1), (0, 10)), False),
        ({"ranges": [[5, 2]]}, ((5, 3),), False),
        ({"ranges": [[0, 5]], "slow_get_all_rooms": True}, (), True),
        ({"ranges": [[0, 5]], "slow_get_all_rooms": False}, ((0, 6),), False),
        ({"ranges": [[0, 5]], "slow_get_all_rooms": None}, ((0, 6),), False),
    ],
)
def test_ranges(entry: dict[str, Any], ranges: Any, all_rooms: bool) -> None:
    spec = ask_list(**entry)
    assert (spec.ranges, spec.all_rooms) == (ranges, all_rooms)


@pytest.mark.rules("S-26", "S-130", "S-134", "S-135", "S-136", "S-137")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, Filters()),
        ({}, Filters()),
        ({"is_dm": None, "tags": None}, Filters()),
        ({"is_dm": False}, Filters(is_dm=False)),
        ({"is_invite": True}, Filters(is_invite=True)),
        ({"is_invited": False}, Filters(is_invite=False)),
        ({"tags": [], "not_tags": []}, Filters(tags=(), not_tags=())),
        ({"room_types": [None, "m.space"]}, Filters(room_types=(None, "m.space"))),
        ({"not_room_types": []}, Filters(not_room_types=())),
        ({"spaces": ["!s:hs"]}, Filters(spaces=(RoomID("!s:hs"),))),
        ({"spaces": []}, Filters(spaces=())),
        ({"room_name_like": "Kit"}, Filters(room_name_like="Kit")),
    ],
)
def test_filters(filters: Any, expected: Filters) -> None:
    assert ask_list(filters=filters).filters == expected


@pytest.mark.rules("S-22")
def test_a_null_list_is_none() -> None:
    assert ask(lists={"a": None, "b": LIST}).lists.keys() == {"b"}


@pytest.mark.rules("S-25")
@pytest.mark.parametrize("room_id", ["", "kitchen", "#a:hs", "!", "!" + "r" * 255])
def test_what_can_be_no_room_is_ignored(room_id: str) -> None:
    assert ask(room_subscriptions={room_id: LIST, ROOM: LIST}).subscriptions.keys() == {ROOM}


@pytest.mark.rules("S-22")
def test_longer_timelines_than_are_given_are_asked_for_in_vain() -> None:
    assert ask_list(timeline_limit=1000).config.timeline_limit == MAX_TIMELINE_LIMIT


@pytest.mark.rules("S-340", "S-341", "S-350")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, None),
        ({}, None),
        ({"enabled": None}, None),
        ({"enabled": False, "limit": 5}, None),
        ({"enabled": True}, {"enabled": True}),
        (
            {"enabled": True, "lists": None, "rooms": None, "since": None, "limit": None},
            {"enabled": True},
        ),
        ({"enabled": True, "limit": 0}, {"enabled": True, "limit": 1}),
        ({"enabled": True, "limit": -7}, {"enabled": True, "limit": 1}),
        ({"enabled": True, "limit": 101}, {"enabled": True, "limit": 100}),
        (
            {"enabled": True, "lists": ["a", "*"], "rooms": ["!a:hs", "*", "!b:hs"]},
            {"enabled": True, "lists": ["*"], "rooms": ["*"]},
        ),
        (
            {"enabled": True, "rooms": [], "since": "s"},
            {"enabled": True, "rooms": [], "since": "s"},
        ),
    ],
)
def test_extensions(said: Any, expected: Any) -> None:
    assert ask(extensions={"to_device": said}).extensions.get("to_device") == expected


@pytest.mark.rules("S-22")
def test_the_same_request_again_is_the_same_object() -> None:
    first = ask(**EXAMPLE)
    assert ask(first, **EXAMPLE) is first
    assert ask(first, **{**EXAMPLE, "extensions": {"typing": {"enabled": True}}}) is not first


@pytest.mark.rules("S-22")
def test_nothing_is_sticky() -> None:
    first = ask(**EXAMPLE)
    second = ask(first, conn_id="room-list")
    assert not (second.lists or second.subscriptions or second.extensions or second.sticky)
    assert DIALECT.restore(b"", me=ME) == CompleteRequest()


@pytest.mark.rules("S-22", "S-200", "S-250")
def test_what_is_asked_again_is_the_very_same_object() -> None:
    first = ask(**EXAMPLE)
    again = ask(first, **{**EXAMPLE, "extensions": {"to_device": {"enabled": True}}})
    assert again.lists is first.lists and again.subscriptions is first.subscriptions
    assert again.extensions.keys() == {"to_device"}
    wider = {"all_rooms": {**EXAMPLE["lists"]["all_rooms"], "ranges": [[0, 199]]}}
    moved = ask(first, **{**EXAMPLE, "lists": wider})
    assert moved.lists is not first.lists
    assert moved.lists["all_rooms"].config is first.lists["all_rooms"].config
    assert moved.united((*{moved.lists["all_rooms"].config, moved.subscriptions[ROOM]},)) is (
        first.united((*{first.lists["all_rooms"].config, first.subscriptions[ROOM]},))
    )


REQUESTS = recorded.read_all()


@pytest.mark.rules("S-535", "S-551", "S-560", "S-5")
@pytest.mark.parametrize("name", REQUESTS)
def test_what_real_clients_ask_is_taken(name: str) -> None:
    previous: CompleteRequest | None = None
    for one in REQUESTS[name]:
        assert one.path in DIALECT.paths
        request = DIALECT.read(json.dumps(one.body).encode(), one.query)
        previous = DIALECT.ask(request, previous, me=ME)
        assert previous.lists.keys() == (one.body.get("lists") or {}).keys()
        assert previous.subscriptions.keys() == (one.body.get("room_subscriptions") or {}).keys()
        asked = one.body.get("extensions") or {}
        enabled = {each for each in EXTENSIONS & asked.keys() if asked[each].get("enabled")}
        assert previous.extensions.keys() == enabled
        DIALECT.timeout_ms(request)
    assert previous is not None


def test_a_refusal_says_what_was_wrong() -> None:
    with pytest.raises(MatrixError) as raised:
        read({"lists": {"a": LIST | {"timeline_limit": 5000}}})
    assert raised.value.body() == {
        "errcode": "M_INVALID_PARAM",
        "error": "HTTP 400 : timeline_limit is out of range",
    }
