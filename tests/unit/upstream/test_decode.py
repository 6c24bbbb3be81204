"""From the bytes of one answer to parts."""

import json
import mmap
import tempfile
import time
from typing import Any

import pytest

from syncv3.batch import Lease, Part, StrippedRoom
from syncv3.errors import HomeserverError
from syncv3.types import DeviceID, DeviceKey, RoomID, UserID, UserKey
from syncv3.untrusted import finish
from syncv3.upstream.decode import PART_EVENTS, Frame, Loss, SyncAnswer, open_answer

FRAME = Frame(UserID("@me:x"), DeviceID("D"), UserKey(1), Lease(DeviceKey(1), "w", 1), "s0", 7)
ROOM = RoomID("!r:x")


def message(event_id: str, **more: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": "m.room.message", "sender": "@a:x", "content": {}} | more


def joined(*timeline: Any, **more: Any) -> dict[str, Any]:
    return {"timeline": {"events": list(timeline)}} | more


def parts_of(answer: Any, *, losses: list[Loss] | None = None, **options: Any) -> list[Part]:
    body = (
        answer if isinstance(answer, bytes) else json.dumps({"next_batch": "s1"} | answer).encode()
    )
    report = None if losses is None else losses.append
    opened = finish(open_answer(body, report=report, **options))
    return [part for part in opened.parts(FRAME) if part is not None]


def room_of(room: Any, **options: Any) -> Any:
    (part,) = parts_of({"rooms": {"join": {ROOM: room}}}, **options)
    return part.joined[ROOM]


def test_a_small_answer_is_one_part_with_everything() -> None:
    (part,) = parts_of(
        {
            "account_data": {"events": [{"type": "m.direct", "content": {}}]},
            "to_device": {"events": [{"type": "m.dummy"}]},
            "device_lists": {"changed": ["@b:x"], "left": ["@c:x"]},
            "device_one_time_keys_count": {"signed_curve25519": 5},
            "device_unused_fallback_key_types": [],
            "rooms": {
                "join": {ROOM: joined(message("$1"))},
                "invite": {"!i:x": {"invite_state": {"events": [{"type": "m.room.name"}]}}},
                "knock": {"!k:x": {"knock_state": {"events": []}}},
                "leave": {"!l:x": joined(message("$2"))},
            },
        }
    )
    assert (part.since, part.next_since, part.generated_us) == ("s0", "s1", 7)
    assert [data.type for data in part.account_data] == ["m.direct"]
    assert part.device.to_device == (b'{"type": "m.dummy"}',)
    assert (part.device.changed, part.device.left) == (("@b:x",), ("@c:x",))
    assert part.device.one_time_keys == b'{"signed_curve25519": 5}'
    assert part.device.fallback_key_types == b"[]"
    assert part.invited[RoomID("!i:x")].events == (b'{"type": "m.room.name"}',)
    assert list(part.knocked) == ["!k:x"] and list(part.left) == ["!l:x"]


@pytest.mark.rules("S-314")
@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ({"events": [5, "x", None, [], {"type": "m.room.member", "state_key": "@me:x"}]}, 1),
        ({"events": {"type": "m.room.member"}}, 0),
        ({"events": None}, 0),
        ([], 0),
        ("x", 0),
    ],
    ids=str,
)
def test_stripped_state_is_what_can_be_read_of_it(state: Any, kept: int) -> None:
    """The own member event is one of its events: nothing else tells who has invited. So what is
    no list of events is no invite (M-2)."""
    (part,) = parts_of({"rooms": {"invite": {"!i:x": {"invite_state": state}}}})
    invite = part.invited.get(RoomID("!i:x"), StrippedRoom())
    assert [json.loads(each) for each in invite.events] == [
        {"type": "m.room.member", "state_key": "@me:x"}
    ][:kept]


@pytest.mark.rules("U-38")
def test_what_is_said_of_a_room_is_read() -> None:
    room = room_of(
        {
            "state": {"events": [message("$s", state_key="", type="m.room.topic")]},
            "timeline": {"events": [message("$1")], "limited": True, "prev_batch": "p"},
            "ephemeral": {"events": [{"type": "m.typing"}]},
            "account_data": {"events": [{"type": "m.tag", "n": 1}, {"type": "m.tag", "n": 2}]},
            "unread_notifications": {"notification_count": 3, "highlight_count": 1},
            "summary": {"m.heroes": ["@h:x"], "m.joined_member_count": 2},
        }
    )
    assert room.limited and room.prev_batch == "p" and not room.state_after
    assert [event.event_id for event in (*room.state, *room.timeline)] == ["$s", "$1"]
    assert (room.notification_count, room.highlight_count) == (3, 1)
    assert (room.summary.heroes, room.summary.joined, room.summary.invited) == (("@h:x",), 2, None)
    assert [data.json for data in room.account_data] == [b'{"type": "m.tag", "n": 2}']


@pytest.mark.parametrize("key", ["state_after", "org.matrix.msc4222.state_after"])
def test_state_after_is_told_apart(key: str) -> None:
    room = room_of({key: {"events": [message("$s", state_key="")]}})
    assert room.state_after and len(room.state) == 1


def test_no_state_at_all_is_state_after_where_that_was_asked_for() -> None:
    assert room_of(joined(), state_after=True).state_after
    assert not room_of({"state": {"events": []}}, state_after=True).state_after


@pytest.mark.rules("U-115")
@pytest.mark.parametrize("number", [1, 30])
def test_a_room_that_was_left_is_not_joined_for_its_account_data(number: int) -> None:
    rooms = [f"!r{n}:x" for n in range(number)]
    only_data = {"account_data": {"events": [{"type": "m.tag"}]}, "timeline": {"events": []}}
    left = {"timeline": {"events": [message("$1", origin_server_ts=5)]}}
    both = {"join": dict.fromkeys(rooms, only_data), "leave": dict.fromkeys(rooms, left)}
    (part,) = parts_of({"rooms": both})
    assert list(part.joined) == list(part.left) == rooms
    assert all(len(part.left[RoomID(room)].timeline) == 1 for room in rooms)
    assert all(len(part.joined[RoomID(room)].account_data) == 1 for room in rooms)


@pytest.mark.rules("U-115")
@pytest.mark.parametrize("membership", ["invite", "knock"])
def test_an_invite_is_not_accepted_by_account_data(membership: str) -> None:
    only_data = {"account_data": {"events": [{"type": "m.tag"}]}}
    stripped = {f"{membership}_state": {"events": [{"type": "m.room.name"}]}}
    (part,) = parts_of({"rooms": {"join": {ROOM: only_data}, membership: {ROOM: stripped}}})
    assert [*part.invited, *part.knocked] == list(part.joined) == [ROOM]


@pytest.mark.rules("U-115")
def test_a_room_that_was_joined_again_is_not_left() -> None:
    back = {"state": {"events": [message("$2", state_key="")]}}
    (part,) = parts_of({"rooms": {"join": {ROOM: back}, "leave": {ROOM: joined(message("$1"))}}})
    assert (list(part.joined), list(part.left)) == ([ROOM], [])


@pytest.mark.rules("U-81", "U-176")
def test_malformed_events_are_left_out_and_counted_once_a_room() -> None:
    losses: list[Loss] = []
    bad = [
        7, "x", {"type": "m.x"}, message("$t", type=5), message("$nul\x00"),
        message("$m", type="m.room.member", state_key="@a:x", content={}),
        message("$k", state_key=5),
    ]  # fmt: skip
    room = room_of(joined(message("$1"), *bad, message("$2")), losses=losses)
    assert [event.event_id for event in room.timeline] == ["$1", "$2"]
    assert losses == [Loss("event", len(bad), ROOM, "malformed")]


@pytest.mark.rules("U-90", "U-173")
def test_an_event_repeated_in_a_timeline_counts_once() -> None:
    room = room_of(joined(message("$1"), message("$2"), message("$1")))
    assert [event.event_id for event in room.timeline] == ["$1", "$2"]


@pytest.mark.rules("U-171", "U-170")
@pytest.mark.parametrize("broken", [5, [], {"timeline": 5}, {"timeline": {"events": 1}}])
def test_a_broken_room_spoils_nothing_else(broken: Any) -> None:
    losses: list[Loss] = []
    (part,) = parts_of(
        {
            "rooms": {"join": {"!bad:x": broken, ROOM: joined(message("$1"))}},
            "to_device": {"events": [{"type": "m.dummy"}]},
        },
        losses=losses,
    )
    assert list(part.joined) == ["!bad:x", ROOM]
    assert part.joined[RoomID("!bad:x")].holes and not part.joined[ROOM].holes
    assert len(part.device.to_device) == 1
    assert [loss.room_id for loss in losses] == ["!bad:x"]


@pytest.mark.rules("U-171")
@pytest.mark.parametrize(
    "section", ["rooms", "account_data", "to_device", "presence", "device_lists"]
)
@pytest.mark.parametrize("broken", [None, 5, "x", [], {"events": {}, "join": 5, "changed": 1}])
def test_a_broken_section_spoils_nothing_else(section: str, broken: Any) -> None:
    (part,) = parts_of({section: broken})
    assert part.next_since == "s1"


def test_broken_details_of_a_room_cost_only_themselves() -> None:
    details = dict.fromkeys(("summary", "unread_notifications", "ephemeral", "account_data"), 5)
    assert len(room_of(joined(message("$1"), **details)).timeline) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"next_batch": 5}', b'{"next_batch": ""}', b"\xff",
     b'{"next_batch": "a\\u0000"}'],
)  # fmt: skip
@pytest.mark.rules("U-40")
def test_what_is_no_answer_at_all_is_an_error(body: bytes) -> None:
    with pytest.raises(HomeserverError):
        parts_of(body)


def test_half_a_surrogate_pair_does_not_stop_the_poll() -> None:
    content = rb'{"body": "\ud83d and \ud83d\ude00 and \\ud83d"}'
    event = rb'{"event_id": "$1", "type": "m.x", "content": ' + content + b"}"
    body = b'{"next_batch": "s1", "rooms": {"join": {"!r:x": {"timeline": {"events": [%s]}}}}}'
    (part,) = parts_of(body % event)
    kept = json.loads(part.joined[ROOM].timeline[0].json)["content"]["body"]
    assert kept == "\ufffd and \U0001f600 and \\ud83d"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        pytest.param(rb"\\ud83d", rb"\\ud83d", id="a backslash and letters"),
        pytest.param(rb"\\ud83d\ude00", rb"\\ud83d\ufffd", id="letters and half a pair"),
        pytest.param(rb"\\\ud83d", rb"\\\ufffd", id="a backslash and half a pair"),
        pytest.param(rb"\\\ud83d\ude00", rb"\\\ud83d\ude00", id="a backslash and a pair"),
        pytest.param(rb"\ud83d\ud83d\ude00", rb"\ufffd\ud83d\ude00", id="half a pair and a pair"),
        pytest.param(rb"\ude00\ud83d", rb"\ufffd\ufffd", id="a pair in the wrong order"),
        pytest.param(rb"\n\ud83dx", rb"\n\ufffdx", id="behind another escape"),
    ],
)
def test_only_halves_of_pairs_are_replaced(text: bytes, mended: bytes) -> None:
    event = b'{"event_id": "$1", "type": "m.x", "content": {"a": "\\udc00", "b": "%s"}}' % text
    body = b'{"next_batch": "s1", "rooms": {"join": {"!r:x": {"timeline": {"events": [%s]}}}}}'
    (part,) = parts_of(body % event)
    kept = json.loads(part.joined[ROOM].timeline[0].json)["content"]["b"]
    assert kept == json.loads(b'"%s"' % mended)


@pytest.mark.parametrize("piece", [b" ", b"\\"], ids=["spaces", "backslashes"])
def test_a_large_answer_that_is_none_holds_nobody_up(piece: bytes) -> None:
    started = time.process_time()
    with pytest.raises(HomeserverError):
        parts_of(piece * 64 * 1024 * 1024)
    assert time.process_time() - started < 4  # of 0.15 s; a scan with look-behinds took 7


def test_broken_utf8_costs_its_event_only() -> None:
    events = (
        b'{"event_id": "$1", "type": "m.x", "content": {"body": "\xff"}}, '
        + json.dumps(message("$2")).encode()
    )
    body = b'{"next_batch": "s1", "rooms": {"join": {"!r:x": {"timeline": {"events": [%s]}}}}}'
    (part,) = parts_of(body % events)
    assert [event.event_id for event in part.joined[ROOM].timeline] == ["$2"]


def large_answer(rooms: int = 60, events: int = 50) -> dict[str, Any]:
    """Room N has ``events`` events; the later the room, the older its newest event."""
    join = {
        f"!{n}:x": joined(
            *(message(f"$n{n}e{e}", origin_server_ts=10_000 - n) for e in range(events))
        )
        for n in range(rooms)
    }
    shuffled = dict(sorted(join.items(), key=lambda item: hash(item[0])))
    return {
        "rooms": {"join": shuffled, "invite": {"!i:x": {"invite_state": {"events": []}}}},
        "account_data": {"events": [{"type": "m.direct"}]},
        "to_device": {"events": [{"type": "m.dummy"}]},
    }


@pytest.mark.rules("U-70", "U-71")
def test_a_large_answer_comes_in_parts_and_the_last_has_the_device() -> None:
    first, *rest = parts_of(large_answer())
    *_, last = rest
    assert [len(part.joined) for part in (first, *rest)] == [PART_EVENTS // 50] * 6
    assert first.account_data and list(first.invited) == ["!i:x"]
    assert [part.next_since for part in (first, *rest)] == [None] * 5 + ["s1"]
    assert not first.device.to_device and len(last.device.to_device) == 1
    assert not any(part.account_data for part in rest)


def test_the_most_recently_active_rooms_come_first() -> None:
    order = [room for part in parts_of(large_answer()) for room in part.joined]
    assert order == [f"!{n}:x" for n in range(60)]


def test_a_room_is_never_split() -> None:
    huge = joined(*(message(f"$h{n}") for n in range(3 * PART_EVENTS)))
    parts = parts_of({"rooms": {"join": {"!a:x": joined(message("$1")), ROOM: huge}}})
    assert [list(part.joined) for part in parts] == [["!a:x"], [ROOM]]


def test_reading_a_huge_room_lets_others_run() -> None:
    huge = joined(*(message(f"$h{n}") for n in range(20_000)))
    body = json.dumps({"next_batch": "s1", "rooms": {"join": {ROOM: huge}}}).encode()
    assert list(SyncAnswer(body).parts(FRAME)).count(None) >= 2


def test_no_part_holds_a_view_into_the_body() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps({"next_batch": "s1"} | large_answer()).encode())
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    answer = SyncAnswer(mapped)
    parts = list(answer.parts(FRAME))
    answer.close()
    mapped.close()  # raises BufferError while anything looks into it
    assert len(parts) >= 6


def test_an_answer_read_halfway_can_let_go_of_the_body() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps({"next_batch": "s1"} | large_answer()).encode())
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    answer = SyncAnswer(mapped)
    parts = answer.parts(FRAME)
    next(parts)
    parts.close()
    answer.close()
    mapped.close()
