"""What the stable dialect's answers look like, beginning with the specification's own."""

import json
from typing import Any

import pytest

from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.protocol.request import ListSpec
from syncv3.protocol.response import Hero, ListChange, RoomAnswer, SyncResponse
from syncv3.types import RoomID, UserID

KITCHEN, CLUB = RoomID("!kitchen:hs.example"), RoomID("!club:far.example")
AL, ME = UserID("@al:hs.example"), UserID("@me:hs.example")
NAME = b'{"type":"m.room.name","state_key":"","content":{}}'
TEA = b'{"type":"m.room.message","event_id":"$m9"}'
INVITE = b'{"type":"m.room.member","state_key":"@me:hs.example"}'


def written(answer: SyncResponse) -> Any:
    return json.loads(MSC4186().write(answer))


def room(**fields: Any) -> Any:
    """A room as it is written, without the membership that is always there."""
    json_ = written(SyncResponse("p", rooms={KITCHEN: RoomAnswer(**fields)}))["rooms"][KITCHEN]
    assert json_.pop("membership") == fields.get("membership", "join")
    return json_


@pytest.mark.rules("S-118", "S-284", "S-290", "S-291", "S-292", "S-320")
def test_the_specifications_first_answer() -> None:
    kitchen = RoomAnswer(
        initial=True,
        name="Kitchen",
        avatar=(None,),
        is_dm=False,
        joined_count=2,
        invited_count=0,
        bump_stamp=1790000000123,
        required_state=(NAME,),
        timeline=(TEA,),
        limited=True,
        prev_batch="t9-u",
        notification_count=1,
        highlight_count=0,
        lists=("all_rooms",),
    )
    club = RoomAnswer(
        initial=True,
        name="Club",
        avatar=(None,),
        is_dm=True,
        joined_count=1,
        bump_stamp=1789999999000,
        stripped_state=(INVITE,),
        membership="invite",
        lists=("all_rooms",),
    )
    window = ListSpec(ranges=((0, 20),))
    lists = {"all_rooms": ListChange(window, ((KITCHEN, CLUB),), 2)}
    answer = SyncResponse("c7_41", lists, {KITCHEN: kitchen, CLUB: club}, txn_id="t")
    assert written(answer) == {
        "pos": "c7_41",
        "lists": {"all_rooms": {"count": 2}},
        "rooms": {
            KITCHEN: {
                "membership": "join",
                "lists": ["all_rooms"],
                "initial": True,
                "name": "Kitchen",
                "joined_count": 2,
                "invited_count": 0,
                "bump_stamp": 1790000000123,
                "required_state": [json.loads(NAME)],
                "timeline": [json.loads(TEA)],
                "limited": True,
                "num_live": 0,
                "prev_batch": "t9-u",
            },
            CLUB: {
                "membership": "invite",
                "lists": ["all_rooms"],
                "initial": True,
                "is_dm": True,
                "bump_stamp": 1789999999000,
                "stripped_state": [json.loads(INVITE)],
            },
        },
        "extensions": {},
    }


@pytest.mark.rules("S-245", "S-271", "S-274")
def test_the_specifications_removed_name_and_deleted_state() -> None:
    assert room(
        lists=("all_rooms",),
        name="",
        heroes=(Hero(AL, "Al"),),
        required_state=(NAME,),
        gone=(("m.room.topic", ""),),
        prev_batch="t13-u",
    ) == {
        "lists": ["all_rooms"],
        "name": None,
        "heroes": [{"user_id": AL, "displayname": "Al"}],
        "required_state": [json.loads(NAME), {"type": "m.room.topic", "state_key": ""}],
        "limited": False,
        "num_live": 0,
        "prev_batch": "t13-u",
    }


@pytest.mark.rules("S-119", "S-320")
def test_an_answer_of_extensions_only() -> None:
    answer = SyncResponse("c9_12", extensions={"typing": b'{"rooms":{}}'})
    assert written(answer) == {"pos": "c9_12", "rooms": {}, "extensions": {"typing": {"rooms": {}}}}


@pytest.mark.rules("S-175", "S-190", "S-204", "S-271", "S-272", "S-277", "S-290", "S-291", "S-536")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"has_timeline": False, "limited": True, "num_live": 3, "timeline": (TEA,)}, {}),
        ({"expanded": True}, {"limited": False, "num_live": 0, "expanded_timeline": True}),
        ({"has_timeline": False, "name": "", "initial": True}, {"initial": True}),
        ({"has_timeline": False, "avatar": (None,)}, {"avatar": None}),
        ({"has_timeline": False, "avatar": (None,), "initial": True}, {"initial": True}),
        ({"has_timeline": False, "is_dm": False}, {"is_dm": False}),
        ({"has_timeline": False, "is_dm": False, "initial": True}, {"initial": True}),
        ({"has_timeline": False, "is_dm": True, "initial": True}, {"initial": True, "is_dm": True}),
        ({"has_timeline": False, "membership": "ban"}, {}),
        ({"has_timeline": False, "bump_stamp": -3}, {"bump_stamp": 0}),
        ({"has_timeline": False, "notification_count": 4, "timestamp": 5}, {}),
    ],
)
def test_a_field(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert room(**fields) == expected
