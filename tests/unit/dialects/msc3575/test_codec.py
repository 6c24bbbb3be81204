"""The JSON of MSC3575: which requests are taken, and what responses look like."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.dialects.msc3575 import codec, sticky
from syncv3.dialects.msc3575.bodies import Body, ListBody, SubscriptionBody
from syncv3.errors import BadJSON, InvalidParam, MatrixError
from syncv3.protocol.request import ListSpec
from syncv3.protocol.response import Hero, ListChange, RoomAnswer, SyncResponse
from syncv3.types import RoomID, UserID

KNOWN = frozenset({"to_device", "typing"})
ROOM = RoomID("!r:hs")
A, B, C = RoomID("!a"), RoomID("!b"), RoomID("!c")


def parse(**body: object) -> Body:
    return codec.parse(json.dumps(body).encode(), known=KNOWN)


def parse_list(**entry: object) -> Body:
    return parse(lists={"a": entry})


# Requests


@pytest.mark.rules("H-6", "R-1", "R-2")
@pytest.mark.parametrize("raw", [b"", b"{}", b' \n{"conn_id": null, "lists": null}', b"{}{"])
def test_these_bodies_say_nothing(raw: bytes) -> None:
    assert codec.parse(raw, known=KNOWN) == Body(blank=not raw)


@pytest.mark.rules("H-6")
@pytest.mark.parametrize(
    "rest",
    [b"x", b"{}", b"\n{", b"\xff\xfe", b"\x00", b" \xed\xa0\x80", b'"', b"[" * 9],
)
def test_bytes_behind_the_first_value_are_ignored(rest: bytes) -> None:
    raw = ' {"conn_id": "é\\ud83d\\ude00"}'.encode()
    assert codec.parse(raw + rest, known=KNOWN).conn_id == "é\U0001f600"


@pytest.mark.rules("H-6", "R-7", "E-2")
def test_unknown_keys_and_extensions_are_ignored() -> None:
    body = parse(
        conn_id="c",
        delta_token=5,
        lists={"a": {"colour": 1, "filters": {"is_blue": 2}}},
        extensions={"presence": 7, "typing": {"enabled": True}},
    )
    assert body.lists == {"a": ListBody(filters=body.lists["a"].filters)}
    assert body.extensions == {"typing": {"enabled": True}}


@pytest.mark.rules("R-1", "R-2", "R-3", "R-4", "R-5", "R-6")
def test_a_body_is_read_whole() -> None:
    body = parse(
        conn_id="c" * 16,
        txn_id="t" * 64,
        lists={"a": {"timeline_limit": 3}, "b": None},
        room_subscriptions={ROOM: {"timeline_limit": 1}, "!n:hs": None},
        unsubscribe_rooms=["!u:hs"],
        extensions={"to_device": {"since": "4", "own": [1]}, "typing": None},
    )
    assert body == Body(
        conn_id="c" * 16,
        txn_id="t" * 64,
        lists={"a": ListBody(timeline_limit=3), "b": ListBody()},
        room_subscriptions={ROOM: SubscriptionBody(timeline_limit=1), "!n:hs": SubscriptionBody()},
        unsubscribe_rooms=("!u:hs",),
        extensions={"to_device": {"since": "4", "own": [1]}},
    )


@pytest.mark.rules("H-20", "Z-2")
@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"null",
        b"x",
        b" ",
        b"{",
        b'{"conn_id": "\xff"}',
        b'{"conn_id": "\\ud800"}',
        b'{"lists": [NaN]}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"x":' * 100_000,
        b'{"extensions": {"typing": {"x": ' + b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_what_is_not_a_json_object_is_bad_json(raw: bytes) -> None:
    with pytest.raises(BadJSON):
        codec.parse(raw, known=KNOWN)


@pytest.mark.rules("H-20", "R-21", "E-1")
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"conn_id": 1}, "conn_id"),
        ({"txn_id": True}, "txn_id"),
        ({"lists": []}, "lists"),
        ({"lists": {"a": 1}}, "lists"),
        ({"lists": {"a": {"ranges": [[0, 1.5]]}}}, "ranges"),
        ({"lists": {"a": {"ranges": [[0]]}}}, "ranges"),
        ({"lists": {"a": {"sort": "by_name"}}}, "sort"),
        ({"lists": {"a": {"timeline_limit": "1"}}}, "timeline_limit"),
        ({"lists": {"a": {"required_state": [["m.room.name"]]}}}, "required_state"),
        ({"lists": {"a": {"include_heroes": 1}}}, "include_heroes"),
        ({"lists": {"a": {"filters": {"tags": [None]}}}}, "tags"),
        ({"room_subscriptions": {ROOM: []}}, "room_subscriptions"),
        ({"unsubscribe_rooms": {}}, "unsubscribe_rooms"),
        ({"extensions": {"typing": 1}}, "typing"),
        ({"extensions": {"typing": {"enabled": 1}}}, "enabled"),
        ({"extensions": {"typing": {"rooms": "*"}}}, "rooms"),
        ({"extensions": {"to_device": {"since": 4}}}, "since"),
        ({"extensions": {"to_device": {"limit": "4"}}}, "limit"),
    ],
)
def test_a_wrong_type_is_bad_json_that_says_where(body: dict[str, object], where: str) -> None:
    with pytest.raises(BadJSON, match=where):
        parse(**body)


@pytest.mark.rules("R-20")
@pytest.mark.parametrize(
    "ranges", [[], [[0, 0]], [[0, 20], [21, 40]], [[21, 40], [0, 20]], [[0, 2**53 - 1]]]
)
def test_these_ranges_are_taken(ranges: list[list[int]]) -> None:
    assert parse_list(ranges=ranges).lists["a"].ranges == [tuple(pair) for pair in ranges]


@pytest.mark.rules("H-23", "R-20")
@pytest.mark.parametrize(
    "ranges",
    [[[0, 20], [20, 40]], [[20, 40], [0, 20]], [[-1, 4]], [[4, 3]], [[0, 9], [3, 4]], [[0, 2**70]]],
)
def test_these_ranges_are_rejected(ranges: list[list[int]]) -> None:
    with pytest.raises(InvalidParam):
        parse_list(ranges=ranges)


@pytest.mark.rules("R-20")
@given(st.lists(st.tuples(st.integers(-1, 8), st.integers(-1, 8)), max_size=4))
def test_ranges_are_valid_when_no_index_is_in_two(ranges: list[tuple[int, int]]) -> None:
    indexes = [i for first, last in ranges for i in range(first, last + 1)]
    valid = len(set(indexes)) == len(indexes) and all(0 <= a <= b for a, b in ranges)
    try:
        parse_list(ranges=ranges)
    except InvalidParam:
        assert not valid
    else:
        assert valid


@pytest.mark.rules("H-21", "H-22", "R-3", "R-23", "Z-18", "Z-19")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"conn_id": "c" * 17}, id="conn_id"),
        pytest.param({"conn_id": "é" * 9}, id="conn_id in bytes"),
        pytest.param({"txn_id": "t" * 65}, id="txn_id"),
        pytest.param({"conn_id": "\0"}, id="NUL"),
        pytest.param({"lists": {"\\\0": {}}}, id="NUL behind a backslash"),
        pytest.param({"lists": {"é" * 33: {}}}, id="list key"),
        pytest.param({"lists": {str(n): {} for n in range(101)}}, id="lists"),
        pytest.param({"lists": {"a": {"ranges": [[n, n] for n in range(101)]}}}, id="ranges"),
        pytest.param({"lists": {"a": {"sort": ["by_name"] * 21}}}, id="sort"),
        pytest.param({"lists": {"a": {"bump_event_types": ["x"] * 201}}}, id="bump types"),
        pytest.param({"lists": {"a": {"required_state": [["x", "y"]] * 1001}}}, id="state"),
        pytest.param({"lists": {"a": {"filters": {"tags": ["x"] * 1001}}}}, id="tags"),
        pytest.param({"lists": {"a": {"filters": {"spaces": ["x"] * 1001}}}}, id="spaces"),
        pytest.param({"lists": {"a": {"filters": {"room_name_like": "x" * 1001}}}}, id="name"),
        pytest.param({"lists": {"a": {"timeline_limit": -1}}}, id="timeline_limit"),
        pytest.param({"lists": {"a": {"include_old_rooms": {"timeline_limit": -1}}}}, id="old"),
        pytest.param({"room_subscriptions": {ROOM: {"timeline_limit": -1}}}, id="subscription"),
        pytest.param({"room_subscriptions": {str(n): {} for n in range(10_001)}}, id="rooms"),
        pytest.param({"extensions": {"to_device": {"limit": -1}}}, id="limit"),
        pytest.param({"extensions": {"to_device": {"limit": 2**63}}}, id="large limit"),
    ],
)
def test_values_out_of_range_are_rejected(body: dict[str, object]) -> None:
    with pytest.raises(InvalidParam):
        parse(**body)


@pytest.mark.rules("H-6")
def test_a_backslash_before_u0000_is_text() -> None:
    assert parse(conn_id="\\u0000").conn_id == "\\u0000"


@pytest.mark.rules("H-10")
def test_the_lengths_are_checked_before_the_ranges() -> None:
    with pytest.raises(InvalidParam, match="txn_id"):
        parse(txn_id="t" * 65, lists={"a": {"ranges": [[1, 0]]}})


SAMPLE = (
    '{"conn_id":"é","lists":{"a":{"ranges":[[0,5]],"filters":{"room_types":[null,"x"]},'
    '"required_state":[["m","$ME"]]}},"extensions":{"typing":{"limit":1e3}}} x'
).encode()


@pytest.mark.rules("H-20")
@given(st.data())
def test_no_body_raises_anything_but_an_answer_to_the_client(data: st.DataObject) -> None:
    raw = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        body = codec.parse(bytes(raw), known=KNOWN)
    except MatrixError as error:
        assert error.status == 400
    else:
        sticky.merge(body, None, me=UserID("@me:hs"))


# Responses


def encode(**answer: Any) -> Any:
    return json.loads(codec.encode(SyncResponse(pos="p", **answer)))


def encode_room(**room: Any) -> Any:
    return encode(rooms={ROOM: RoomAnswer(**room)})["rooms"][ROOM]


@pytest.mark.rules("H-7", "MSC3575-S-1", "P-20")
def test_an_empty_answer_has_its_four_keys_and_ends_with_a_newline() -> None:
    raw = codec.encode(SyncResponse(pos="p"))
    assert raw == b'{"pos":"p","lists":{},"rooms":{},"extensions":{}}\n'


@pytest.mark.rules("MSC3575-S-1", "P-20")
def test_txn_id_is_echoed() -> None:
    assert encode(txn_id="t")["txn_id"] == "t"


def change(
    order: str, before: str, *moved: RoomID, start: int = 0, count: int | None = None
) -> ListChange:
    """A list of one range, 10 rooms long, that shows a room per letter."""
    spec = ListSpec(ranges=((start, start + 10),))
    return ListChange(
        spec=spec,
        windows=(tuple(RoomID(f"!{name}") for name in order),),
        count=count if count is not None else start + len(order),
        before=spec,
        windows_before=(tuple(RoomID(f"!{name}") for name in before),),
        count_before=start + len(before),
        moved=moved,
    )


@pytest.mark.rules("MSC3575-S-2", "MSC3575-S-3")
def test_a_list_without_operations_has_only_its_count() -> None:
    assert encode(lists={"a": change("abc", "abc", count=70)})["lists"] == {"a": {"count": 70}}


@pytest.mark.rules("MSC3575-S-4", "L-62")
def test_sync_and_invalidate_have_inclusive_ranges() -> None:
    new = ListChange(spec=ListSpec(ranges=((5, 9),)), windows=((A, B, C),), count=8)
    old = ListChange(
        spec=ListSpec(), windows=(), count=8, before=new.spec, windows_before=new.windows,
        count_before=8,
    )  # fmt: skip
    lists = encode(lists={"new": new, "old": old})["lists"]
    assert lists["new"]["ops"] == [{"op": "SYNC", "range": [5, 7], "room_ids": [A, B, C]}]
    assert lists["old"]["ops"] == [{"op": "INVALIDATE", "range": [5, 7]}]


@pytest.mark.rules("MSC3575-S-4", "MSC3575-S-5")
def test_delete_and_insert_write_out_index_0() -> None:
    up = encode(lists={"a": change("cab", "abc", C)})["lists"]["a"]["ops"]
    down = encode(lists={"a": change("bca", "abc", A)})["lists"]["a"]["ops"]
    assert up == [{"op": "DELETE", "index": 2}, {"op": "INSERT", "index": 0, "room_id": C}]
    assert down == [{"op": "DELETE", "index": 0}, {"op": "INSERT", "index": 2, "room_id": A}]


@pytest.mark.rules("MSC3575-S-6", "D-1", "D-5", "D-6", "D-7", "D-9", "D-10", "D-13")
def test_a_room_says_nothing_by_itself() -> None:
    assert encode_room() == {}


@pytest.mark.rules("D-1", "D-2", "D-3", "D-4", "D-5", "D-6", "D-7", "D-8", "D-9", "D-10", "D-11")
@pytest.mark.rules("D-12", "D-13", "D-14")
def test_an_initial_room_has_everything() -> None:
    room = encode_room(
        initial=True,
        name="Room",
        avatar=("mxc://hs/a",),
        heroes=(Hero(UserID("@a:hs"), "A", "mxc://hs/h"), Hero(UserID("@b:hs"))),
        is_dm=True,
        required_state=(b'{"type":"m.room.name"}',),
        timeline=(b'{"event_id":"$1"}', b'{"event_id":"$2"}'),
        prev_batch="t1",
        num_live=1,
        joined_count=2,
        invited_count=0,
        notification_count=0,
        highlight_count=0,
        timestamp=1_700_000_000_123,
        stripped_state=(b'{"type":"m.room.member"}',),
    )
    assert room == {
        "initial": True,
        "name": "Room",
        "avatar": "mxc://hs/a",
        "heroes": [
            {"user_id": "@a:hs", "displayname": "A", "avatar_url": "mxc://hs/h"},
            {"user_id": "@b:hs"},
        ],
        "is_dm": True,
        "required_state": [{"type": "m.room.name"}],
        "timeline": [{"event_id": "$1"}, {"event_id": "$2"}],
        "prev_batch": "t1",
        "num_live": 1,
        "joined_count": 2,
        "invited_count": 0,
        "notification_count": 0,
        "highlight_count": 0,
        "timestamp": 1_700_000_000_123,
        "invite_state": [{"type": "m.room.member"}],
    }


@pytest.mark.rules("D-3", "D-5", "D-10", "D-13", "D-15", "D-25", "Z-4")
@pytest.mark.parametrize(
    ("room", "expected"),
    [
        pytest.param({"avatar": (None,)}, {"avatar": None}, id="no avatar"),
        pytest.param({"is_dm": True}, {"is_dm": True}, id="became a DM"),
        pytest.param({"is_dm": False}, {"is_dm": False}, id="is a DM no more"),
        pytest.param({"is_dm": False, "initial": True}, {"initial": True}, id="no DM"),
        pytest.param({"joined_count": 0}, {}, id="joined_count 0"),
        pytest.param({"timestamp": 0}, {}, id="timestamp 0"),
        pytest.param({"limited": True}, {"limited": True}, id="limited"),
        pytest.param({"heroes": ()}, {"heroes": []}, id="no heroes"),
        pytest.param({"stripped_state": ()}, {"invite_state": []}, id="nothing known"),
    ],
)
def test_presence_of_single_fields(room: dict[str, object], expected: dict[str, object]) -> None:
    assert encode_room(**room) == expected


@pytest.mark.rules("D-7")
def test_events_are_passed_on_byte_for_byte() -> None:
    event = b'{ "b":1.0,"a" : "\\u00e9/\\/", "n": 123456789012345678901234567890, "b":2}'
    room = RoomAnswer(timeline=(event,), required_state=(event,), stripped_state=(event,))
    assert codec.encode(SyncResponse(pos="p", rooms={ROOM: room})).count(event) == 3


@pytest.mark.rules("E-5", "MSC3575-S-1")
def test_extensions_are_spliced_in() -> None:
    assert encode(extensions={"typing": b'{"rooms": {}}'})["extensions"] == {
        "typing": {"rooms": {}}
    }
