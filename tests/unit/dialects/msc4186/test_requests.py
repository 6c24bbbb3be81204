"""Which requests of the stable dialect are taken, and what they ask for."""

import json
from typing import Any

import pytest

from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.bodies import Body
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.errors import BadJSON, InvalidParam, MissingParam, NotJSON
from syncv3.protocol.request import CompleteRequest, Filters, Request
from syncv3.types import RoomID, UserID

ME = UserID("@me:hs.example")
ROOM = RoomID("!kitchen:hs.example")
DIALECT = MSC4186(frozenset({"to_device", "typing"}))
LIST: dict[str, Any] = {"timeline_limit": 1, "required_state": {}}


def read(body: object = None, **query: str) -> Request:
    return DIALECT.read(json.dumps(body or {}).encode(), query)


def ask(previous: CompleteRequest | None = None, **body: object) -> CompleteRequest:
    return DIALECT.ask(read(body), previous, me=ME)


def ask_list(**entry: object) -> Any:
    return ask(lists={"a": LIST | entry}).lists["a"]


EXAMPLE = {
    "conn_id": "room-list",
    "pos": "p1",
    "timeout": 30000,
    "set_presence": "online",
    "lists": {
        "all_rooms": {
            "range": [0, 99],
            "timeline_limit": 1,
            "required_state": {
                "include": [
                    {"type": "m.room.name", "state_key": ""},
                    {"type": "m.room.member", "state_key": "@me:hs.example"},
                ],
                "lazy_members": True,
            },
        }
    },
    "room_subscriptions": {
        "!kitchen:hs.example": {
            "timeline_limit": 20,
            "required_state": {"include": [{"type": "m.room.topic", "state_key": ""}]},
        }
    },
}


@pytest.mark.rules("S-20", "S-235", "S-500")
def test_the_specifications_example_asks_the_same_as_that_of_the_unstable_dialect() -> None:
    request = read(EXAMPLE)
    assert (request.conn_id, request.pos, request.presence) == ("room-list", "p1", "online")
    assert DIALECT.timeout_ms(request) == 30_000
    members = [["m.room.member", "$ME"], ["m.room.member", "$LAZY"]]
    unstable = {
        "conn_id": "room-list",
        "lists": {
            "all_rooms": {
                "ranges": [[0, 99]],
                "timeline_limit": 1,
                "required_state": [["m.room.name", ""], *members],
            }
        },
        "room_subscriptions": {
            ROOM: {"timeline_limit": 20, "required_state": [["m.room.topic", ""]]}
        },
    }
    other = Simplified()
    theirs = other.ask(other.read(json.dumps(unstable).encode(), {}), None, me=ME)
    assert DIALECT.ask(request, None, me=ME) == theirs


@pytest.mark.rules("S-6")
@pytest.mark.parametrize("raw", [b"", b"{}", b'{"lists": null, "timeout": null, "pos": null}'])
def test_an_empty_body_asks_for_nothing(raw: bytes) -> None:
    request = DIALECT.read(raw, {})
    assert not request.blank and request.said == Body() and request.pos is None


@pytest.mark.rules("S-20")
def test_the_query_says_nothing() -> None:
    request = read({}, pos="p", timeout="soon", set_presence="busy")
    assert request.pos is None and request.presence == "online"
    assert DIALECT.timeout_ms(request) == 0


@pytest.mark.rules("S-20")
@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(None, 0), (0, 0), (-5, 0), (30_000, 30_000), (60_001, 60_000), (10**30, 60_000)],
)
def test_how_long_it_waits(timeout: int | None, expected: int) -> None:
    assert DIALECT.timeout_ms(read({"pos": "p", "timeout": timeout})) == expected
    assert DIALECT.timeout_ms(read({"timeout": timeout})) == 0, "a first request waited"


@pytest.mark.rules("S-4", "S-20", "S-21", "S-22", "S-24")
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"timeout": "5"}, "timeout"),
        ({"timeout": 1.5}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"set_presence": "busy"}, "set_presence"),
        ({"conn_id": "c" * 256}, "conn_id"),
        ({"lists": {"a b": LIST}}, "name"),
        ({"lists": {"é": LIST}}, "name"),
        ({"lists": {"": LIST}}, "name"),
        ({"lists": {"a\n": LIST}}, "name"),
        ({"lists": {"n" * 256: LIST}}, "name"),
        ({"lists": {str(n): LIST for n in range(101)}}, "100 lists"),
        ({"lists": {"a": LIST | {"range": [-1, 1]}}}, "range"),
        ({"lists": {"a": LIST | {"timeline_limit": -1}}}, "timeline_limit"),
        ({"room_subscriptions": {f"!{n}:hs": LIST for n in range(101)}}, "room_subscriptions"),
        ({"lists": {"a": LIST | {"required_state": {"include": [{}] * 1001}}}}, "include"),
        ({"lists": {"a": LIST | {"required_state": {"exclude": [{}] * 1001}}}}, "exclude"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_out_of_range(body: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidParam, match=where):
        read(body)


@pytest.mark.rules("S-4", "S-24", "S-26", "S-232")
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"pos": 1}, "pos"),
        ({"set_presence": 1}, "set_presence"),
        ({"lists": {"a": LIST | {"range": [0, 1, 2]}}}, "range"),
        ({"lists": {"a": LIST | {"range": [0]}}}, "range"),
        ({"lists": {"a": LIST | {"range": ["0", 1]}}}, "range"),
        ({"lists": {"a": LIST | {"required_state": []}}}, "required_state"),
        ({"lists": {"a": LIST | {"required_state": {"include": {}}}}}, "include"),
        ({"lists": {"a": LIST | {"required_state": {"include": [{"type": 1}]}}}}, "type"),
        ({"lists": {"a": LIST | {"required_state": {"lazy_members": 1}}}}, "lazy_members"),
        ({"lists": {"a": LIST | {"filters": {"is_invited": 1}}}}, "is_invited"),
    ],
)
def test_what_is_of_the_wrong_type(body: Any, where: str) -> None:
    with pytest.raises(BadJSON, match=where):
        read(body)


@pytest.mark.rules("S-4", "S-9")
def test_what_is_no_json_is_found_out_first() -> None:
    with pytest.raises(NotJSON):
        DIALECT.read(b'{"pos": 1, ', {})


@pytest.mark.rules("S-4", "S-22")
@pytest.mark.parametrize("field", ["timeline_limit", "required_state"])
@pytest.mark.parametrize("null", [False, True])
def test_what_must_be_there(field: str, null: bool) -> None:
    entry = {name: value for name, value in LIST.items() if name != field}
    entry |= {field: None} if null else {}
    for body in ({"lists": {"a": entry}}, {"room_subscriptions": {ROOM: entry}}):
        with pytest.raises(MissingParam, match=field):
            read(body)


@pytest.mark.rules("S-24", "S-115")
@pytest.mark.parametrize(
    ("entry", "ranges", "all_rooms"),
    [
        ({}, (), True),
        ({"range": None}, (), True),
        ({"ranges": [[0, 1]]}, (), True),
        ({"range": [0, 0]}, ((0, 1),), False),
        ({"range": [5, 2]}, ((5, 3),), False),
    ],
)
def test_ranges(entry: dict[str, Any], ranges: Any, all_rooms: bool) -> None:
    spec = ask_list(**entry)
    assert (spec.ranges, spec.all_rooms) == (ranges, all_rooms)


@pytest.mark.rules("S-26", "S-137")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"is_invited": True}, Filters(is_invite=True)),
        ({"is_invite": True}, Filters(is_invite=True)),
        ({"room_name_like": 7}, Filters()),
    ],
)
def test_filters(filters: Any, expected: Filters) -> None:
    assert ask_list(filters=filters).filters == expected


@pytest.mark.rules("S-22")
def test_a_large_timeline_limit_is_cut() -> None:
    assert ask_list(timeline_limit=10**6).config.timeline_limit == 50


@pytest.mark.rules("S-20")
def test_a_txn_id_means_nothing() -> None:
    assert read({"txn_id": 7}).txn_id is None
