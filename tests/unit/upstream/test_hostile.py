"""Whatever stands in an answer costs at most itself (rules U-81, U-171)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from syncv3.batch import Hole, JoinedRoom, Part
from syncv3.types import RoomID
from syncv3.untrusted import DEEPEST, LONGEST_ID, finish
from syncv3.upstream.decode import Loss, open_answer
from syncv3.upstream.events import Malformed, decode_event
from tests.unit.upstream.test_decode import FRAME, ROOM, joined, message, parts_of, room_of

OTHER = RoomID("!other:x")
MARK = '"@@"'
DEPTHS = [DEEPEST + 1, *range(900, 1_001, 20), 5_000, 100_000]
"""Our reader's limit depends on how deep our own calls are: near it a value is skipped by one
call, and refused by the next."""


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)


def answer_with(value: bytes, answer: Any) -> bytes:
    """The answer with these bytes in place of ``"@@"``."""
    return json.dumps({"next_batch": "s1"} | answer).encode().replace(MARK.encode(), value)


def read(body: bytes) -> tuple[list[Part], list[Loss]]:
    losses: list[Loss] = []
    opened = finish(open_answer(body, report=losses.append))
    return [part for part in opened.parts(FRAME) if part is not None], losses


def places() -> Iterator[tuple[str, Any]]:
    """Everywhere in an answer where a value may stand beside good ones."""
    bad, one = message("$bad", content={"x": "@@"}), message("$1")
    rest = {"to_device": {"events": [{"type": "m.dummy"}]}}
    room = joined(one, message("$2"))
    for name, changed in {
        "timeline": joined(one, bad, message("$2")),
        "state": room | {"state": {"events": [bad | {"state_key": ""}]}},
        "unsigned": joined(one | {"unsigned": {"prev_content": "@@"}}, message("$2")),
        "redaction": joined(one | {"unsigned": {"redacted_because": bad}}, message("$2")),
        "ephemeral": room | {"ephemeral": {"events": [{"type": "m.x", "content": "@@"}]}},
        "account data": room | {"account_data": {"events": [{"type": "m.x", "content": "@@"}]}},
        "unknown section": room | {"x": "@@"},
        "summary": room | {"summary": {"m.heroes": "@@"}},
        "counts": room | {"unread_notifications": {"notification_count": "@@"}},
        "prev_batch": {"timeline": {"events": [one, message("$2")], "prev_batch": "@@"}},
        "limited": {"timeline": {"events": [one, message("$2")], "limited": "@@"}},
    }.items():
        yield name, {"rooms": {"join": {ROOM: changed, OTHER: room}}, **rest}
    rooms: Any = {"rooms": {"join": {ROOM: room, OTHER: room}}}
    sections: dict[str, Any] = {
        "global account data": {"account_data": {"events": [{"type": "m.x", "content": "@@"}]}},
        "to-device": {"to_device": {"events": [{"type": "m.x", "content": "@@"},
                                               {"type": "m.dummy"}]}},
        "device lists": {"device_lists": {"changed": ["@@", "@b:x"]}},
        "presence": {"presence": {"events": [{"type": "m.x", "content": "@@"}]}},
        "key counts": {"device_one_time_keys_count": {"a": "@@"}},
        "unknown": {"x": "@@"},
    }  # fmt: skip
    for name, section in sections.items():
        yield name, {**rooms, **rest, **section}
    for kind in ("invite", "knock"):
        state = {f"{kind}_state": {"events": [{"type": "m.x", "content": "@@"}]}}
        yield kind, {"rooms": {**rooms["rooms"], kind: {"!i:x": state}}, **rest}
    yield "leave", {"rooms": {**rooms["rooms"], "leave": {"!l:x": joined(bad)}}, **rest}


PLACES = dict(places())


@pytest.mark.rules("U-81", "U-171", "U-176")
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", PLACES)
def test_something_deep_costs_only_itself(place: str, depth: int) -> None:
    parts, _ = read(answer_with(nested(depth), PLACES[place]))
    room, other = parts[0].joined[ROOM], parts[0].joined[OTHER]
    assert [e.event_id for e in room.timeline] == [e.event_id for e in other.timeline]
    assert [e.event_id for e in other.timeline] == ["$1", "$2"]
    assert parts[-1].device.to_device[-1:] == (b'{"type": "m.dummy"}',)
    assert parts[-1].next_since == "s1"
    assert bool(room.holes) == (place == "timeline")


@pytest.mark.parametrize("place", PLACES)
def test_a_value_as_deep_as_may_be_is_passed_on(place: str) -> None:
    """The levels of an event count from its own, and so does each value of ``unsigned``."""
    around = {"unsigned": 0, "redaction": 2, "key counts": 1}.get(place, 2)
    body = answer_with(nested(DEEPEST - around), PLACES[place])
    parts, losses = read(body)
    assert not [loss for loss in losses if loss.kind == "event"]
    assert not parts[0].joined[ROOM].holes


@pytest.mark.parametrize("value", [b"1e400", b"9" * 400, b'"\xff"', b'"\\ud800"', b"null"])
@pytest.mark.parametrize("place", PLACES)
def test_a_value_that_cannot_be_read_costs_only_itself(place: str, value: bytes) -> None:
    parts, _ = read(answer_with(value, PLACES[place]))
    broken_event = place == "timeline" and value == b'"\xff"'
    room = parts[0].joined[ROOM]
    known = ["$1", "$2"] if broken_event or place != "timeline" else ["$1", "$bad", "$2"]
    assert [event.event_id for event in room.timeline] == known
    assert b'{"type": "m.dummy"}' in parts[-1].device.to_device
    if place == "device lists":
        assert parts[-1].device.changed[-1:] == ("@b:x",)


# Holes


def hole_of(room: JoinedRoom) -> Hole:
    (hole,) = room.holes
    return hole


@pytest.mark.rules("U-81")
@pytest.mark.parametrize(
    ("timeline", "at"),
    [(["bad", "$1", "$2"], 0), (["$1", "bad", "$2"], 1), (["$1", "$2", "bad"], 2), (["bad"], 0)],
)
def test_where_an_event_cannot_be_used_there_is_a_hole(timeline: list[str], at: int) -> None:
    bad = message("$bad") | {"type": 5}
    room = room_of(joined(*(bad if name == "bad" else message(name) for name in timeline)))
    assert hole_of(room).at == at


def test_a_hole_has_the_same_name_in_everybodys_answer_and_not_the_events_own() -> None:
    """Each poller's copy has another ``unsigned``; a redacted copy may be good again."""
    mine, theirs = (message("$b", type=5, unsigned={"age": age}) for age in (1, 2))
    first, second = (hole_of(room_of(joined(bad))) for bad in (mine, theirs))
    assert first.event_id == second.event_id
    assert first.event_id not in ("$b", hole_of(room_of(joined(message("$c", type=5)))).event_id)


@pytest.mark.parametrize("bad", ["x" * 4_000, "", "\x00", 5, None])
def test_an_event_id_that_no_index_can_hold_is_none(bad: Any) -> None:
    room = room_of(joined(message("$1"), message("$1") | {"event_id": bad}, message("$2")))
    assert [event.event_id for event in room.timeline] == ["$1", "$2"]
    assert hole_of(room).at == 1


def test_a_timeline_that_cannot_be_read_is_one_hole_and_the_rest_of_the_room_counts() -> None:
    room = room_of({"timeline": 5, "state": {"events": [message("$s", state_key="")]}})
    assert room.holes and len(room.state) == 1


def test_a_state_block_that_cannot_be_read_is_empty() -> None:
    for key in ("state", "state_after"):
        room = room_of(joined(message("$1"), **{key: 5}), state_after=True)
        assert len(room.timeline) == 1 and not room.holes and not room.state_after


@pytest.mark.rules("U-171")
@pytest.mark.parametrize("broken", [None, 5, [], "x"])
def test_a_left_room_that_cannot_be_read_was_left_all_the_same(broken: Any) -> None:
    (part,) = parts_of({"rooms": {"leave": {ROOM: broken}}})
    assert ROOM in part.left


# Events


@pytest.mark.rules("U-191")
@pytest.mark.parametrize("name", ["a\x00b", "x" * (LONGEST_ID + 1), "x" * 10_000])
def test_a_type_or_key_that_no_table_can_hold_leaves_the_event_a_message(name: str) -> None:
    """It is passed on as it came; here it is no state, and its type is not compared."""
    for more in ({"type": name}, {"type": name, "state_key": ""}, {"state_key": name}):
        raw = json.dumps(message("$1") | more).encode()
        event = decode_event(raw)
        assert event.json == raw and event.state_key is None
        assert "\x00" not in event.type and len(event.type) <= LONGEST_ID


def test_a_type_and_key_of_the_longest_allowed_length_are_state() -> None:
    name = "\U0001f600" * LONGEST_ID
    event = decode_event(json.dumps(message("$1", type=name, state_key=name)).encode())
    assert (event.type, event.state_key) == (name, name)


@pytest.mark.parametrize("name", ["\x00", "@" + "x" * 300])
def test_a_sender_that_no_table_can_hold_is_nobody(name: str) -> None:
    assert decode_event(json.dumps(message("$1", sender=name)).encode()).sender == ""


def test_an_odd_value_of_unsigned_spoils_no_other() -> None:
    unsigned = b'{"transaction_id":1e400,"prev_content":{"a":1},"redacted_because":5}'
    raw = b'{"event_id":"$1","type":"m.x","unsigned":%s}' % unsigned
    event = decode_event(raw)
    assert event.unsigned == b'"prev_content":{"a":1}' and event.transaction_id is None


def test_a_number_out_of_range_spoils_no_event() -> None:
    for name in ("origin_server_ts", "sender", "redacts", "content"):
        event = decode_event(b'{"event_id":"$1","type":"m.x","%s":1e400}' % name.encode())
        assert (event.timestamp, event.sender, event.redacts) == (0, "", None)


def test_unsigned_under_an_escaped_name_is_cut_and_the_content_is_left() -> None:
    raw = rb'{"event_id":"$1","type":"m.x","content":{"unsigned":{"a":1}},"\u0075nsigned":{"a":1}}'
    event = decode_event(raw)
    assert json.loads(event.json)["content"] == {"unsigned": {"a": 1}}
    assert "unsigned" not in json.loads(event.json)


def test_a_deep_event_is_malformed_also_where_the_reader_could_read_it() -> None:
    for depth in (DEEPEST, 500, 985):
        with pytest.raises(Malformed):
            decode_event(b'{"event_id":"$1","type":"m.x","content":%s}' % nested(depth))


# One room in several sections


@pytest.mark.rules("U-115")
@pytest.mark.parametrize("stripped", ["invite", "knock"])
@pytest.mark.parametrize("left", [False, True])
def test_who_has_joined_is_neither_invited_nor_gone(stripped: str, left: bool) -> None:
    rooms = {
        "join": {ROOM: joined(message("$1"))},
        stripped: {ROOM: {f"{stripped}_state": {"events": []}}},
        **({"leave": {ROOM: joined(message("$2"))}} if left else {}),
    }
    (part,) = parts_of({"rooms": rooms})
    assert list(part.joined) == [ROOM]
    assert not part.invited and not part.knocked and not part.left


@pytest.mark.rules("U-115", "U-171")
@pytest.mark.parametrize("other", ["invite", "knock", "leave"])
@pytest.mark.parametrize(
    "unusable",
    [5, None, {}, {"timeline": 5}, joined({"type": 5}), {"state": {"events": [5]}},
     {"account_data": {"events": [{"type": "m.tag", "content": {}}]}}],
)  # fmt: skip
def test_only_an_event_that_can_be_used_makes_a_join_the_stronger(
    other: str, unusable: Any
) -> None:
    """What stands for a lost event is none: it would open a room to who is not in it."""
    rooms = {"join": {ROOM: unusable}, other: {ROOM: {f"{other}_state": {"events": []}}}}
    (part,) = parts_of({"rooms": rooms})
    decided = {"invite": part.invited, "knock": part.knocked, "leave": part.left}[other]
    assert list(decided) == [ROOM]
    room = part.joined[ROOM]
    assert not room.state and not room.timeline and not room.holes


@pytest.mark.rules("M-6")
def test_an_invite_after_a_leave_comes_in_the_same_part() -> None:
    """Whichever part the leave is in: the leave is planned first, and then the invite."""
    many = {f"!{n}:x": joined(*(message(f"$n{n}e{e}") for e in range(100))) for n in range(12)}
    invited: dict[str, Any] = {"invite_state": {"events": []}}
    rooms = {"join": many, "leave": {ROOM: joined(message("$2"))}, "invite": {ROOM: invited}}
    parts = parts_of({"rooms": rooms})
    assert len(parts) > 1
    assert [ROOM in part.invited for part in parts] == [ROOM in part.left for part in parts]


def test_an_invite_is_stronger_than_a_knock() -> None:
    rooms: dict[str, Any] = {
        kind: {ROOM: {f"{kind}_state": {"events": []}}} for kind in ("invite", "knock")
    }
    (part,) = parts_of({"rooms": rooms})
    assert list(part.invited) == [ROOM] and not part.knocked


# Values of a room


@pytest.mark.parametrize("odd", [True, "5", 1.5, None, [], {}])
def test_one_odd_count_spoils_no_other(odd: Any) -> None:
    room = room_of(
        joined(
            unread_notifications={"notification_count": odd, "highlight_count": 3},
            summary={"m.joined_member_count": odd, "m.invited_member_count": 3},
        )
    )
    assert (room.notification_count, room.highlight_count) == (None, 3)
    assert (room.summary.joined, room.summary.invited) == (None, 3)


@pytest.mark.parametrize(("count", "read"), [(-1, 0), (2**63, 2**31 - 1), (10**30, 2**31 - 1)])
def test_counts_fit_their_column(count: int, read: int) -> None:
    room = room_of(joined(unread_notifications={"notification_count": count}))
    assert room.notification_count == read


def test_one_odd_hero_spoils_no_other() -> None:
    heroes = [5, None, "@a:x", "\x00", "x" * 4_000, ["@b:x"], "@c:x"]
    assert room_of(joined(summary={"m.heroes": heroes})).summary.heroes == ("@a:x", "@c:x")


def test_one_odd_user_in_the_device_lists_spoils_no_other() -> None:
    (part,) = parts_of({"device_lists": {"changed": [5, "@a:x", "\x00"], "left": 5}})
    assert part.device.changed == ("@a:x",)
    (part,) = parts_of({"device_lists": {"changed": 5, "left": ["@a:x"]}})
    assert part.device.left == ("@a:x",)
