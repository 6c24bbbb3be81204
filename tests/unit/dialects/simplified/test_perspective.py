"""Which rooms are in lists, what passes their filters, in what order, and what is said of them."""

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from syncv3.cache.listed import ListedRoom
from syncv3.cache.perspective import RoomSummary
from syncv3.cache.rooms import CachedRoom
from syncv3.dialects.simplified.perspective import SeenSimply
from syncv3.protocol.listing import make_filter
from syncv3.protocol.request import Filters
from syncv3.protocol.response import Hero
from syncv3.store.newest import ANY_TYPE, NewestEvent, write_newest
from syncv3.store.rows import RoomRow, UserRoomRow
from syncv3.types import UserID

ME, AL = UserID("@me:hs"), UserID("@al:hs")
SEEN, STABLE = SeenSimply(), SeenSimply(lists_strangers=False, names_invites=False)
HEROES = (Hero(AL, "Al", "mxc://hs/a"), Hero(ME, "Me", "mxc://hs/m"))


@dataclass
class User:
    direct: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    user_id: UserID = ME
    direct_us: int = 0
    spaces: dict[str, frozenset[str]] = field(default_factory=dict)

    def parents(self, room_id: str) -> frozenset[str]:
        return self.spaces.get(room_id, frozenset())


def stay(membership: str = "join", **fields: Any) -> UserRoomRow:
    return UserRoomRow(1, 1, 5, membership, 5, 0, **fields)


def left(sender: str | None, **fields: Any) -> UserRoomRow:
    event = None if sender is None else json.dumps({"sender": sender}).encode()
    return stay("leave", **{"joined_ord": 1, "member_json": event} | fields)


def stripped(*events: dict[str, Any], membership: str = "invite") -> UserRoomRow:
    own = {"type": "m.room.member", "state_key": ME, "sender": AL}
    own["content"] = {"membership": membership}  # type: ignore[assignment]
    state = [{"state_key": "", "sender": AL} | event for event in events]
    return stay(membership, stripped=json.dumps([own, *state]).encode())


def create(**content: Any) -> dict[str, Any]:
    return {"type": "m.room.create", "content": content}


ENCRYPTION = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


def listed(own: UserRoomRow | None = None, user: User | None = None, **row: Any) -> ListedRoom:
    room = CachedRoom(RoomRow(1, "!r:hs", **row), 0)
    return ListedRoom(user or User(), own or stay(), room, SEEN)


def passes(filters: Filters, room: ListedRoom) -> bool:
    return make_filter(filters)(room)


@dataclass
class Rooms:
    """What ``candidate`` asks of a user's rooms."""

    rooms: dict[int, UserRoomRow]
    confirmed: bool = True
    ignored: bool = False

    def may_see(self, room_key: int) -> bool:
        return self.confirmed

    def is_replaced(self, room_key: int) -> bool:
        return True

    def is_invited_by_ignored(self, room_key: int) -> bool:
        return self.ignored

    def is_left_by_self(self, room_key: int) -> bool:
        return listed(self.rooms[room_key]).is_left_by_self


@pytest.mark.rules("S-80", "S-81", "S-82", "S-85", "S-86", "S-91")
@pytest.mark.parametrize(
    ("own", "more", "unstable", "stable"),
    [
        pytest.param(stay(), {}, True, True, id="joined, also if it was replaced"),
        pytest.param(stay(), {"confirmed": False}, False, False, id="perhaps not in it any more"),
        pytest.param(stay("invite"), {}, True, True, id="invited"),
        pytest.param(stay("invite"), {"ignored": True}, False, False, id="invited by an ignored"),
        pytest.param(stay("knock"), {}, True, True, id="knocked"),
        pytest.param(stay("ban", joined_ord=1), {}, True, True, id="banned"),
        pytest.param(stay("ban"), {}, True, False, id="banned, never joined"),
        pytest.param(left(AL), {}, True, True, id="kicked"),
        pytest.param(left(AL, joined_ord=None), {}, True, True, id="invite withdrawn"),
        pytest.param(left(ME), {}, False, False, id="left"),
        pytest.param(left(None), {}, False, False, id="rejected, without an event"),
        pytest.param(stay(forgotten=True), {}, False, False, id="forgotten"),
        pytest.param(left(AL, forgotten=True), {}, False, False, id="kicked and forgotten"),
    ],
)
def test_the_servers_list(
    own: UserRoomRow, more: dict[str, bool], unstable: bool, stable: bool
) -> None:
    rooms = Rooms({1: own}, **more)
    assert (SEEN.candidate(rooms, 1), STABLE.candidate(rooms, 1)) == (unstable, stable)
    assert not SEEN.candidate(rooms, 2), "a room that the user has nothing to do with"


FILTERS = {
    "dm": Filters(is_dm=True),
    "no dm": Filters(is_dm=False),
    "encrypted": Filters(is_encrypted=True),
    "unencrypted": Filters(is_encrypted=False),
    "invite": Filters(is_invite=True),
    "no invite": Filters(is_invite=False),
    "space": Filters(room_types=("m.space",)),
    "untyped": Filters(room_types=(None,)),
    "no type": Filters(room_types=()),
    "no space": Filters(not_room_types=("m.space",)),
    "typed": Filters(not_room_types=(None,)),
    "any type": Filters(not_room_types=()),
}
UNTYPED = {"untyped", "no space", "any type"}
SPACE = {"space", "no space", "typed", "any type"} - {"no space"}
PLAIN = {"no dm", "unencrypted", "no invite"} | UNTYPED


@pytest.mark.rules("S-131", "S-132", "S-133", "S-134")
@pytest.mark.parametrize(
    ("room", "passed"),
    [
        pytest.param(listed(stay(joined_ord=1)), PLAIN, id="joined"),
        pytest.param(
            listed(stay(joined_ord=1), encrypted=True, room_type="m.space"),
            {"no dm", "encrypted", "no invite"} | SPACE,
            id="encrypted space",
        ),
        pytest.param(
            listed(stay(joined_ord=1), User(frozenset({"!r:hs"}))),
            PLAIN - {"no dm"} | {"dm"},
            id="dm",
        ),
        pytest.param(
            listed(stripped(create())),
            {"no dm", "unencrypted", "invite"} | UNTYPED,
            id="invite with its create event",
        ),
        pytest.param(
            listed(stripped(create(type="m.space"), ENCRYPTION)),
            {"no dm", "encrypted", "invite"} | SPACE,
            id="invite to an encrypted space",
        ),
        pytest.param(
            listed(stripped(create(type=7))),
            {"no dm", "unencrypted", "invite"} | UNTYPED,
            id="invite to a room of an odd type",
        ),
        pytest.param(
            listed(stripped(), encrypted=True, room_type="m.space"),
            {"no dm", "invite", "any type"},
            id="invite that says nothing",
        ),
        pytest.param(
            listed(stripped(ENCRYPTION)),
            {"no dm", "invite", "any type"},
            id="invite without its create event",
        ),
        pytest.param(
            listed(stripped(create(), membership="knock")), PLAIN, id="knock is no invite"
        ),
        pytest.param(listed(left(AL, left_ord=7), head_ord=9), PLAIN, id="kicked"),
        pytest.param(
            listed(left(AL, left_ord=7), head_ord=7, pos=9, encrypted=True, room_type="m.space"),
            {"no dm", "encrypted", "no invite"} | SPACE,
            id="kicked from an encrypted space",
        ),
        pytest.param(
            listed(left(AL, left_ord=7), head_ord=8, encrypted=True),
            {"no dm", "no invite"} | UNTYPED,
            id="kicked, perhaps before it was encrypted",
        ),
        pytest.param(
            listed(left(AL, joined_ord=None)),
            {"no dm", "no invite", "any type"},
            id="invite withdrawn",
        ),
    ],
)
def test_filters(room: ListedRoom, passed: set[str]) -> None:
    assert {name for name, filters in FILTERS.items() if passes(filters, room)} == passed


@pytest.mark.rules("S-131")
def test_an_invite_to_a_dm_is_none_until_account_data_says_so() -> None:
    own = {"type": "m.room.member", "state_key": ME, "sender": AL}
    own["content"] = {"membership": "invite", "is_direct": True}  # type: ignore[assignment]
    invited = UserRoomRow(1, 1, 5, "invite", 5, 900, stripped=json.dumps([own]).encode())
    assert not listed(invited).is_dm
    assert listed(invited, User(frozenset({"!r:hs"}))).is_dm


@pytest.mark.rules("S-135", "S-136", "S-137")
def test_tags_spaces_and_names() -> None:
    user = User(spaces={"!r:hs": frozenset({"!s:hs"})})
    room = listed(stay(tags=("m.favourite",)), user, name="The Kitchen", alias="#stove:hs")
    invited = listed(stripped({"type": "m.room.name", "content": {"name": "Kit"}}))
    nameless = listed(alias="#kitchen:hs")
    assert passes(Filters(tags=("m.favourite", "u.x")), room)
    assert not passes(Filters(tags=("m.favourite",), not_tags=("m.favourite",)), room)
    assert not passes(Filters(tags=()), room) and passes(Filters(not_tags=()), room)
    assert passes(Filters(spaces=("!s:hs", "!t:hs")), room)  # type: ignore[arg-type]
    assert not passes(Filters(spaces=()), room)
    kit = Filters(room_name_like="KIT")
    assert passes(kit, room) and passes(kit, invited) and not passes(kit, nameless)


@pytest.mark.rules("S-110", "S-111", "S-114", "S-617")
def test_when_a_room_was_active() -> None:
    newest = {
        ANY_TYPE: [NewestEvent(0, AL, 70), NewestEvent(0, "@bo:hs", 60)],
        "m.room.message": [],
    }
    row: dict[str, Any] = {"newest": write_newest(newest)}
    assert listed(stay(stamp=9), **row).activity(None) == 70
    assert listed(stay(stamp=9), User(ignored=frozenset({AL})), **row).activity(None) == 60
    assert listed(stay(stamp=9)).activity(None) == 9
    for membership in ("invite", "knock", "ban", "leave"):
        assert listed(stay(membership, stamp=9), **row).activity(None) == 9


@pytest.mark.rules("S-271", "S-272", "S-274", "S-276")
def test_what_is_said_of_a_joined_room() -> None:
    row = RoomRow(1, "!r:hs", joined=2, invited=1, alias="#a:hs")
    labels = CachedRoom(row, 0).labels
    nameless = SEEN.told(labels, HEROES, ME, is_dm=True)
    assert nameless == RoomSummary("", HEROES[:1], (None,), 2, 1, True)
    named = SEEN.told(labels._replace(name="N", avatar="mxc://r"), HEROES, ME, is_dm=None)
    assert named == RoomSummary("N", (), ("mxc://r",), 2, 1, None)
    many = tuple(Hero(UserID(f"@{n}:hs")) for n in range(6))
    assert SEEN.told(labels, many, ME, is_dm=None).heroes == many[:5]


@pytest.mark.rules("S-273", "S-275", "S-284")
def test_what_is_said_of_an_invite() -> None:
    events = (
        {"type": "m.room.name", "content": {"name": "Club"}},
        {"type": "m.room.avatar", "content": {"url": "mxc://c"}},
        {"type": "m.room.member", "state_key": AL, "content": {"displayname": "Al"}},
    )
    room = listed(stripped(*events))
    assert room.told == RoomSummary("Club", None, ("mxc://c",), None, None, False)
    assert listed(stripped()).told == RoomSummary("", None, (None,), None, None, False)
    assert room.invite is not None
    assert STABLE.told_of_invite(room.invite, is_dm=True) == RoomSummary(is_dm=True)
    assert (room.notification_count, room.highlight_count) == (0, 0)
    assert SEEN.unread(stay(notification_count=3, highlight_count=1)) == (3, 1)


def test_nothing_of_a_room_shows_whose_membership_has_ended() -> None:
    room = listed(left(AL), name="Later name", avatar="mxc://later", joined=5)
    assert room.told == RoomSummary("", None, (None,), None, None, False)


def test_heroes_are_read_from_rows() -> None:
    heroes = msgspec.json.encode([[AL, "Al", None]])
    assert listed(heroes=heroes).told.heroes == (Hero(AL, "Al", None),)
