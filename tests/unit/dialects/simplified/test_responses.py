"""What the unstable dialect's answers look like, beginning with the specification's own."""

import json
from typing import Any

import pytest

from syncv3.dialects.simplified.dialect import Simplified
from syncv3.protocol.request import ListSpec
from syncv3.protocol.response import Hero, ListChange, RoomAnswer, SyncResponse
from syncv3.types import RoomID, UserID

KITCHEN, CLUB = RoomID("!kitchen:hs.example"), RoomID("!club:far.example")
AL, ME = UserID("@al:hs.example"), UserID("@me:hs.example")
WINDOW = ListSpec(ranges=((0, 20),))


def written(answer: SyncResponse, *, ops: bool = True) -> Any:
    return json.loads(Simplified(ops=ops).write(answer))


def room(**fields: Any) -> dict[str, Any]:
    """A room as it is written, without the counts that are always there."""
    json_ = written(SyncResponse("p", rooms={KITCHEN: RoomAnswer(**fields)}))["rooms"][KITCHEN]
    assert json_.pop("notification_count") == json_.pop("highlight_count") == 0
    return json_  # type: ignore[no-any-return]


def raw(**event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


NAME = raw(type="m.room.name", state_key="", sender=AL, event_id="$n", content={"name": "Kitchen"})
MINE = raw(type="m.room.member", state_key=ME, sender=ME, content={"membership": "join"})
TEA = raw(type="m.room.message", sender=AL, event_id="$m9", content={"body": "tea?"})
KICK = raw(type="m.room.member", state_key=ME, sender=AL, content={"membership": "leave"})
INVITE = raw(type="m.room.member", state_key=ME, sender="@zoe:far.example", content={})


@pytest.mark.rules("S-118", "S-173", "S-190", "S-310", "S-320")
def test_the_specifications_first_answer() -> None:
    kitchen = RoomAnswer(
        initial=True,
        name="Kitchen",
        avatar=(None,),
        heroes=(),
        is_dm=False,
        joined_count=2,
        invited_count=0,
        bump_stamp=1790000000123,
        required_state=(NAME, MINE),
        timeline=(TEA,),
        limited=True,
        num_live=0,
        prev_batch="t9-u",
        notification_count=1,
        highlight_count=0,
        lists=("all_rooms",),
    )
    club = RoomAnswer(
        initial=True,
        bump_stamp=1789999999000,
        stripped_state=(INVITE,),
        membership="invite",
        has_timeline=False,
    )
    lists = {"all_rooms": ListChange(WINDOW, ((KITCHEN, CLUB),), 2)}
    assert written(SyncResponse("c7_41", lists, {KITCHEN: kitchen, CLUB: club})) == {
        "pos": "c7_41",
        "lists": {
            "all_rooms": {
                "count": 2,
                "ops": [{"op": "SYNC", "range": [0, 19], "room_ids": [KITCHEN, CLUB]}],
            }
        },
        "rooms": {
            KITCHEN: {
                "initial": True,
                "name": "Kitchen",
                "joined_count": 2,
                "invited_count": 0,
                "bump_stamp": 1790000000123,
                "required_state": [json.loads(NAME), json.loads(MINE)],
                "timeline": [json.loads(TEA)],
                "limited": True,
                "num_live": 0,
                "prev_batch": "t9-u",
                "notification_count": 1,
                "highlight_count": 0,
            },
            CLUB: {
                "initial": True,
                "bump_stamp": 1789999999000,
                "invite_state": [json.loads(INVITE)],
                "notification_count": 0,
                "highlight_count": 0,
            },
        },
        "extensions": {},
    }


@pytest.mark.rules("S-177", "S-194", "S-284", "S-311")
def test_the_specifications_kick() -> None:
    assert room(
        membership="leave",
        bump_stamp=1790000500000,
        required_state=(KICK,),
        timeline=(KICK,),
        num_live=1,
        prev_batch="t12-u",
    ) == {
        "bump_stamp": 1790000500000,
        "required_state": [json.loads(KICK)],
        "timeline": [json.loads(KICK)],
        "limited": False,
        "num_live": 1,
        "prev_batch": "t12-u",
    }


@pytest.mark.rules("S-119", "S-320", "S-325")
def test_an_answer_of_extensions_only() -> None:
    extensions = {"to_device": b'{"next_batch":"td-3f-120","events":[]}'}
    assert written(SyncResponse("c9_12", extensions=extensions, txn_id="t")) == {
        "pos": "c9_12",
        "rooms": {},
        "extensions": {"to_device": {"next_batch": "td-3f-120", "events": []}},
        "txn_id": "t",
    }


@pytest.mark.rules("S-242")
def test_the_own_leave_is_told_once_more_beside_other_state() -> None:
    own, topic = raw(event_id="$leave"), raw(event_id="$topic")
    entry = room(required_state=(topic,), reminder=(own,))
    assert [event["event_id"] for event in entry["required_state"]] == ["$topic", "$leave"]


@pytest.mark.rules("S-175", "S-190", "S-200", "S-271", "S-272", "S-274", "S-277", "S-536")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"has_timeline": False, "limited": True, "num_live": 3, "prev_batch": "t"}, {}),
        ({"has_timeline": False, "timeline": (TEA,), "expanded": True}, {}),
        ({}, {"limited": False, "num_live": 0}),
        ({"expanded": True}, {"limited": False, "num_live": 0, "unstable_expanded_timeline": True}),
        ({"has_timeline": False, "name": ""}, {}),
        ({"has_timeline": False, "name": "", "initial": True}, {"initial": True}),
        ({"has_timeline": False, "avatar": ("mxc://a",)}, {"avatar": "mxc://a"}),
        ({"has_timeline": False, "avatar": (None,)}, {"avatar": None}),
        ({"has_timeline": False, "avatar": (None,), "initial": True}, {"initial": True}),
        ({"has_timeline": False, "is_dm": True}, {"is_dm": True}),
        ({"has_timeline": False, "is_dm": False}, {}),
        (
            {"has_timeline": False, "heroes": (Hero(AL, "Al"), Hero(ME, None, "mxc://m"))},
            {
                "heroes": [
                    {"user_id": AL, "displayname": "Al"},
                    {"user_id": ME, "avatar_url": "mxc://m"},
                ]
            },
        ),
        ({"has_timeline": False, "heroes": ()}, {}),
        (
            {"has_timeline": False, "joined_count": 0, "invited_count": 0},
            {"joined_count": 0, "invited_count": 0},
        ),
        ({"has_timeline": False, "bump_stamp": -3}, {"bump_stamp": 0}),
        ({"has_timeline": False, "bump_stamp": 2**60}, {"bump_stamp": 2**53 - 1}),
        ({"has_timeline": False, "stripped_state": ()}, {"invite_state": []}),
        ({"has_timeline": False, "gone": (("t", "k"),)}, {}),
        ({"has_timeline": False, "lists": ("a",), "membership": "ban", "timestamp": 5}, {}),
    ],
)
def test_a_field(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert room(**fields) == expected


@pytest.mark.rules("S-240", "S-260")
def test_several_events_in_one_piece_are_spliced_in() -> None:
    assert room(has_timeline=False, required_state=(NAME + b"," + MINE, KICK)) == {
        "required_state": [json.loads(NAME), json.loads(MINE), json.loads(KICK)]
    }


ROOMS = tuple(RoomID(f"!{n}:hs") for n in range(101))


def op(*range_: int, rooms: tuple[RoomID, ...]) -> dict[str, Any]:
    return {"op": "SYNC", "range": list(range_), "room_ids": list(rooms)}


@pytest.mark.rules("S-117", "S-118")
@pytest.mark.parametrize(
    ("change", "ops"),
    [
        pytest.param(ListChange(WINDOW, ((),), 0), [op(0, 19, rooms=())], id="empty"),
        pytest.param(
            ListChange(ListSpec(ranges=((0, 1), (5, 3))), (ROOMS[:1], ()), 9),
            [op(0, 0, rooms=ROOMS[:1]), op(5, 2, rooms=())],
            id="ranges as they were asked for",
        ),
        pytest.param(ListChange(ListSpec(), (), 9), None, id="no ranges"),
        pytest.param(
            ListChange(WINDOW, (), 2, before=WINDOW, count_before=2, full_order=()),
            None,
            id="nothing changed",
        ),
        pytest.param(
            ListChange(WINDOW, (ROOMS[:2],), 3, WINDOW, (ROOMS[:2],), 2), None, id="count changed"
        ),
        pytest.param(
            ListChange(WINDOW, (ROOMS[:2],), 2, WINDOW, (ROOMS[1::-1],), 2),
            [op(0, 19, rooms=ROOMS[:2])],
            id="order changed",
        ),
        pytest.param(
            ListChange(WINDOW, (ROOMS[:2],), 2, WINDOW, ((),), 2, forgotten=True),
            [op(0, 19, rooms=ROOMS[:2])],
            id="not known any more",
        ),
        pytest.param(
            ListChange(ListSpec(ranges=((0, 100),)), (ROOMS[:100],), 101),
            [op(0, 99, rooms=ROOMS[:100])],
            id="as many rooms as are told of",
        ),
        pytest.param(
            ListChange(ListSpec(ranges=((0, 101),)), (ROOMS,), 101), None, id="too many rooms"
        ),
        pytest.param(
            ListChange(ListSpec(ranges=((0, 60), (60, 101))), (ROOMS[:60], ROOMS[60:]), 101),
            None,
            id="too many rooms in all",
        ),
        pytest.param(
            ListChange(ListSpec(all_rooms=True), (), 2, full_order=ROOMS[:2]), None, id="all rooms"
        ),
    ],
)
def test_operations(change: ListChange, ops: list[Any] | None) -> None:
    answer = SyncResponse("p", {"a": change})
    expected = {"count": change.count} | ({} if ops is None else {"ops": ops})
    assert written(answer)["lists"] == {"a": expected}
    assert written(answer, ops=False)["lists"] == {"a": {"count": change.count}}
