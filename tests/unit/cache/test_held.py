"""What is held, and when it is dropped."""

import pytest

from syncv3.cache.held import IDLE_S, TRANSACTIONS_KEPT, Held
from tests.unit.cache.build import held, room_id

NOW = 10_000.0
LONG_AGO, LATELY = NOW - IDLE_S - 1, NOW - IDLE_S


def two_users() -> Held:
    """Room 1 is the first user's, 2 is shared, 3 is the second user's."""
    return held(u1={1: "join", 2: "join"}, u2={2: "join", 3: "leave"})


@pytest.mark.parametrize(
    ("used", "busy", "users", "rooms"),
    [
        pytest.param((LATELY, LATELY), (), {1, 2}, {1, 2, 3}, id="used-lately"),
        pytest.param((LONG_AGO, LATELY), (), {2}, {2, 3}, id="one-is-not"),
        pytest.param((LONG_AGO, LONG_AGO), (1,), {1}, {1, 2}, id="who-waits-stays"),
        pytest.param((LONG_AGO, LONG_AGO), (), set(), set(), id="nobody"),
    ],
)
def test_unused_users_go_with_what_only_they_held(
    used: tuple[float, float], busy: tuple[int, ...], users: set[int], rooms: set[int]
) -> None:
    made = two_users()
    made.users[1].used, made.users[2].used = used
    made.sweep(busy, NOW)
    assert (set(made.users), set(made.rooms), set(made.in_room)) == (users, rooms, rooms)
    assert made.by_id == {room_id(key): key for key in rooms}


def test_the_children_of_a_space_go_with_it() -> None:
    made = two_users()
    made.spaces.put(1, [room_id(2)])
    made.forget_user(made.users[1])
    assert not made.spaces.holds(1)


def test_a_room_that_is_not_shown_keeps_only_its_row() -> None:
    made = two_users()
    for user in made.users.values():
        user.used = NOW
    for room, used in zip(made.rooms.values(), (LONG_AGO, LATELY, LATELY), strict=True):
        room.used, room.state = used, {}
        room.fill_timeline((), 0)
    made.sweep((), NOW)
    kept = {key: room.state is not None for key, room in made.rooms.items()}
    assert kept == {1: False, 2: True, 3: True}
    assert made.rooms[1].timeline is None


def test_of_a_device_the_newest_transactions_are_kept_while_it_is_used() -> None:
    made = Held()
    made.transactions = {1: dict.fromkeys(range(TRANSACTIONS_KEPT + 5)), 2: {1: None}}
    made.used = {1: LATELY, 2: LONG_AGO}
    made.sweep((), NOW)
    assert list(made.transactions) == list(made.used) == [1]
    assert min(made.transactions[1]) == 5


def test_starting_anew_forgets_everything_in_place() -> None:
    """Others have the same dictionaries."""
    made = two_users()
    rooms, users = made.rooms, made.users
    made.start_anew(50)
    assert (rooms, users, made.by_id, made.in_room) == ({}, {}, {}, {})
    assert made.changes.after("any", 49) is None
    assert made.changes.after("any", 50) == ()
