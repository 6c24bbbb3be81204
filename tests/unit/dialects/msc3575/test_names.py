"""Names and avatars of rooms and invites."""

import json

import pytest

from syncv3.cache.perspective import RoomSummary
from syncv3.dialects.msc3575.names import Named, room_avatar, room_name
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.protocol.invites import Invite, invite_room
from syncv3.protocol.response import Hero
from syncv3.types import UserID


def heroes(*names: str) -> list[Hero]:
    return [Hero(UserID(f"@{name.lower()}{i}:hs"), name) for i, name in enumerate(names)]


@pytest.mark.parametrize(
    ("joined", "invited", "who", "expected"),
    [
        pytest.param(1, 0, [], "Empty Room", id="a"),
        pytest.param(0, 0, [], "Empty Room", id="a no count"),
        pytest.param(2, 0, ["Bob"], "Bob", id="b one"),
        pytest.param(1, 0, ["Bob"], "Empty Room (was Bob)", id="b one who left"),
        pytest.param(2, 1, ["Bob", "Eve"], "Bob and Eve", id="b two"),
        pytest.param(4, 0, ["Bob", "Eve", "Zoe"], "Bob, Eve and Zoe", id="b three"),
        pytest.param(1, 0, ["Bob", "Eve"], "Empty Room (was Bob and Eve)", id="b all left"),
        pytest.param(7, 0, list("ABCDEF"), "A, B, C, D, E and F", id="b six"),
        pytest.param(9, 1, ["Bob", "Eve"], "Bob, Eve and 7 others", id="c"),
        pytest.param(20, 0, list("ABCDEF"), "A, B, C, D, E and 14 others", id="c five shown"),
        pytest.param(3, 0, ["Bob"], "Bob and 1 others", id="c one hero"),
    ],
)
@pytest.mark.rules("D-21")
def test_a_room_without_name_is_called_after_its_heroes(
    joined: int, invited: int, who: list[str], expected: str
) -> None:
    assert room_name(None, "", joined, invited, heroes(*who)) == Named(expected, bool(who))


@pytest.mark.rules("D-21")
def test_a_name_beats_an_alias_and_an_alias_the_heroes() -> None:
    assert room_name("Kitchen", "#k:hs", 2, 0, heroes("Bob")) == Named("Kitchen", False)
    assert room_name("", "#k:hs", 2, 0, heroes("Bob")) == Named("#k:hs", False)


@pytest.mark.rules("D-2", "D-21")
def test_a_room_whose_heroes_are_not_known_still_has_a_name() -> None:
    assert room_name(None, None, 4, 0, []) == Named("3 others", False)


@pytest.mark.rules("D-21")
def test_equal_names_are_told_apart_and_no_name_is_the_user_id() -> None:
    who = [*heroes("Bob", "Bob"), Hero(UserID("@x:hs"))]
    assert room_name(None, None, 4, 0, who).name == "Bob (@bob0:hs), Bob (@bob1:hs) and @x:hs"


@pytest.mark.rules("D-23")
def test_only_a_direct_room_with_one_hero_has_their_avatar() -> None:
    bob = Hero(UserID("@bob:hs"), "Bob", "mxc://bob")
    assert room_avatar("mxc://room", True, [bob]) == "mxc://room"
    assert room_avatar("", True, [bob]) == "mxc://bob"
    assert room_avatar(None, False, [bob]) is None
    assert room_avatar(None, True, [bob, bob]) is None
    assert room_avatar(None, True, [Hero(UserID("@bob:hs"))]) is None


ALICE = UserID("@alice:hs")


def stripped(
    kind: object, key: object, content: object, sender: object = "@bob:hs", **more: object
) -> bytes:
    event = {"type": kind, "state_key": key, "content": content, "sender": sender}
    return json.dumps(event | more).encode()


def invited(**content: object) -> bytes:
    return stripped("m.room.member", ALICE, {"membership": "invite"} | content, origin_server_ts=7)


BOB = stripped("m.room.member", "@bob:hs", {"membership": "join", "displayname": "Bob"})
EVE = stripped("m.room.member", "@eve:hs", {"membership": "join"}, sender="@bob:hs")


def facts(*events: bytes) -> Invite:
    found = invite_room(events, ALICE)
    assert found is not None
    return found


@pytest.mark.rules("D-26", "L-10", "L-11", "L-35")
def test_an_invite_is_described_by_its_stripped_state() -> None:
    mine = invited(is_direct=True)
    assert facts(
        stripped("m.room.create", "", {"type": "m.space"}),
        stripped("m.room.encryption", "", {}),
        stripped("m.room.name", "", {"name": "Plans"}),
        stripped("m.room.canonical_alias", "", {"alias": "#p:hs"}),
        stripped("m.room.avatar", "", {"url": "mxc://a"}),
        BOB,
        EVE,
        mine,
    ) == Invite(
        membership="invite",
        timestamp=7,
        is_direct=True,
        heroes=(Hero(UserID("@bob:hs"), "Bob"),),
        inviter=UserID("@bob:hs"),
        name="Plans",
        alias="#p:hs",
        avatar_url="mxc://a",
        is_encrypted=True,
        has_create=True,
        room_type="m.space",
    )


@pytest.mark.rules("D-26", "X-5")
def test_a_nameless_invite_is_called_after_who_sent_it() -> None:
    told = Seen3575().told_of_invite(facts(BOB, invited()), is_dm=False)
    assert told == RoomSummary("Bob", (Hero(UserID("@bob:hs"), "Bob"),), (None,), 1, 1, False)


@pytest.mark.rules("M-2")
def test_without_the_users_member_event_there_is_no_invite() -> None:
    assert invite_room([BOB, EVE], ALICE) is None


@pytest.mark.rules("D-26")
def test_a_knock_has_no_inviter() -> None:
    knock = stripped("m.room.member", ALICE, {"membership": "knock"}, sender=ALICE)
    assert (facts(knock).membership, facts(knock).inviter) == ("knock", None)


@pytest.mark.rules("D-26")
def test_malformed_stripped_events_count_as_absent() -> None:
    odd = facts(
        b"not json",
        b"[]",
        b"\xff",
        b'{"a":' * 100_000,
        stripped(7, "", {}),
        stripped("m.room.name", None, {"name": "no state key"}),
        stripped("m.room.name", "", {"name": ["list"]}),
        stripped("m.room.avatar", "", "text"),
        stripped("m.room.create", "", {"type": 5}),
        stripped("m.room.member", "@bob:hs", {"displayname": 3, "membership": "join"}),
        stripped(
            "m.room.member",
            ALICE,
            {"membership": "invite", "is_direct": "yes"},
            origin_server_ts=2**80,
        ),
    )
    assert odd.name is odd.avatar_url is odd.room_type is None
    assert (odd.timestamp, odd.is_direct) == (0, False)
    assert Seen3575().told_of_invite(odd, is_dm=False).name == "@bob:hs"
