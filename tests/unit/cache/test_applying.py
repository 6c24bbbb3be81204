"""What a delta of the stream does to what is held."""

from typing import Any

import pytest

from syncv3.cache.applying import apply
from syncv3.cache.events import EventReader
from syncv3.cache.held import Held
from syncv3.store.rows import ChildRow, EventRow, TxnRow
from syncv3.store.stream import Delta
from tests.unit.cache.build import (
    POSITION,
    event_row,
    held,
    room_id,
    room_row,
    stay,
    user_row,
)

UPTO = POSITION + 5
OTHERS = 99  # a user, a room and a device that are not held


def delta(**rows: Any) -> Delta:
    sections: dict[str, Any] = {name: tuple(found) for name, found in rows.items()}
    return Delta(POSITION, UPTO, 1, **sections)


def applied(to: Held, **rows: Any) -> tuple[set[int], dict[int, set[int]]]:
    """For whom something may read differently; and the rooms that it touches, by user."""
    touched = apply(to, delta(**rows), EventReader())
    rooms = {key: set(user.touched_since(POSITION)) for key, user in to.users.items()}
    return touched, {key: found for key, found in rooms.items() if found}


CASES: dict[str, tuple[dict[str, Any], set[int], dict[int, set[int]]]] = {
    "nothing": ({}, set(), {}),
    "a room, for who is joined": ({"rooms": [room_row(1, pos=UPTO)]}, {1, 2}, {1: {1}, 2: {1}}),
    "a room, not for who is invited": ({"rooms": [room_row(2, pos=UPTO)]}, {1}, {1: {2}}),
    "a room, not for who has left": ({"rooms": [room_row(3, pos=UPTO)]}, {2}, {2: {3}}),
    "a room of others": ({"rooms": [room_row(OTHERS, pos=UPTO)]}, set(), {}),
    "an event alone": ({"events": [event_row("a", 1, UPTO)]}, set(), {}),
    "an event of others' room": ({"events": [event_row("a", OTHERS, UPTO)]}, set(), {}),
    "new direct chats": (
        {"users": [user_row(1, direct=(room_id(1),), pos=UPTO, direct_us=5)]}, {1}, {1: {1}},
    ),
    "other ignored users": (
        {"users": [user_row(2, ignored=("@x:hs",), pos=UPTO)]}, {2}, {2: {1, 2, 3}},
    ),
    "another user": ({"users": [user_row(OTHERS, ignored=("@x:hs",))]}, set(), {}),
    "a user's own stay": ({"user_rooms": [stay(2, 2, "join", pos=UPTO)]}, {2}, {2: {2}}),
    "a stay in a new room": (
        {"user_rooms": [stay(1, 9, pos=UPTO)], "rooms": [room_row(9, pos=UPTO)]}, {1}, {1: {9}},
    ),
    "another user's stay": ({"user_rooms": [stay(OTHERS, 1, pos=UPTO)]}, set(), {}),
    "a child of a space": (
        {"children": [ChildRow(1, room_id(2), True, UPTO)]}, set(), {1: {2}, 2: {2}},
    ),
    "a child that is one already": ({"children": [ChildRow(1, room_id(3), True, UPTO)]}, set(), {}),
    "a child no longer": (
        {"children": [ChildRow(1, room_id(3), False, UPTO)]}, set(), {1: {3}, 2: {3}},
    ),
    "a child that is not held": (
        {"children": [ChildRow(1, room_id(OTHERS), True, UPTO)]}, set(), {},
    ),
    "a child of a space that nobody asked for": (
        {"children": [ChildRow(2, room_id(3), True, UPTO)]}, set(), {},
    ),
}  # fmt: skip


def two_users() -> Held:
    """Both are in the space 1, which has room 3; room 2 is an invite of the second, and the
    first has left room 3."""
    made = held(u1={1: "join", 2: "join", 3: "leave"}, u2={1: "join", 2: "invite", 3: "join"})
    made.spaces.put(1, [room_id(3)])
    return made


@pytest.mark.rules("X-1")
@pytest.mark.parametrize("name", CASES)
def test_whom_a_change_touches(name: str) -> None:
    rows, touched, rooms = CASES[name]
    assert applied(two_users(), **rows) == (touched, rooms)


@pytest.mark.parametrize("name", CASES)
def test_applying_twice_is_harmless(name: str) -> None:
    rows, touched, rooms = CASES[name]
    made = two_users()
    apply(made, delta(**rows), EventReader())
    again, of_rooms = applied(made, **rows)
    assert again == touched
    assert of_rooms == rooms


def test_a_room_without_a_row_has_the_user_loaded_anew() -> None:
    made = two_users()
    assert applied(made, user_rooms=[stay(1, 9, pos=UPTO)])[0] == {1}
    assert set(made.users) == {2}
    assert made.in_room == {1: {2}, 2: {2}, 3: {2}}


def test_who_joins_a_space_has_its_children_touched() -> None:
    made = held(u1={1: "invite", 3: "join", 4: "join"})
    made.spaces.put(1, [room_id(3)])
    assert applied(made, user_rooms=[stay(1, 1, "join", pos=UPTO)]) == ({1}, {1: {1, 3}})


def test_events_go_to_their_rooms_but_history_does_not() -> None:
    made = two_users()
    made.rooms[1].fill_timeline((), 0)
    rows = [event_row("a", 1, UPTO - 1), event_row("b", 1, UPTO, history=True)]
    apply(made, delta(events=rows), EventReader())
    assert [event.pos for event in made.rooms[1].timeline or ()] == [UPTO - 1]


def test_transaction_ids_are_noted_of_devices_that_are_held() -> None:
    made = two_users()
    made.transactions[7] = {1: "old"}
    apply(
        made, delta(txns=[TxnRow(7, 2, "new", UPTO), TxnRow(OTHERS, 2, "x", UPTO)]), EventReader()
    )
    assert made.transactions == {7: {1: "old", 2: "new"}}


BOB = "@bob:hs"


def member_row(name: str, pos: int) -> EventRow:
    return event_row(name, 1, pos, "m.room.member", state_key=BOB)


@pytest.mark.rules("Z-16")
def test_a_member_event_from_before_an_untold_change_is_not_taken_for_the_current_one() -> None:
    """Bob leaves (A) and comes back in a gap; a state block has that alone, and is in the row."""
    users = held(u1={1: "join"})
    changed = room_row(1, pos=UPTO, reset_pos=UPTO)
    applied(users, rooms=[changed], events=[member_row("A", UPTO - 1)])
    assert BOB not in users.rooms[1].members  # to be loaded


def test_a_member_event_that_follows_an_untold_change_is_the_current_one() -> None:
    users = held(u1={1: "join"})
    changed = room_row(1, pos=UPTO, reset_pos=UPTO - 1)
    applied(users, rooms=[changed], events=[member_row("A", UPTO)])
    found = users.rooms[1].members[BOB]
    assert found is not None
    assert found.event_id == "A"
