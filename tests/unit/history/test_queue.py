"""Whose history is fetched next, and what failures lead to."""

import random

import pytest

from syncv3.history.queue import (
    AT_ONCE,
    AT_ONCE_EACH,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    SETTLED_S,
    TRIES,
    WAITING_EACH,
    Queue,
    WantedHistory,
)
from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey
from tests.support.costs import calls
from tests.support.held import references

pytestmark = pytest.mark.rules("S-611")


class Longest(random.Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        return b


def queue() -> Queue:
    return Queue(Longest())


def entry(
    user: int, room: int, depth: int = 10, *, opened: bool = False, device: int = 0
) -> WantedHistory:
    who = Device(
        UserID(f"@u{user}:hs"), DeviceID(f"D{device}"), UserKey(user), DeviceKey(device or user)
    )
    return WantedHistory(who, room, depth, opened)


def taken(queue: Queue, now: float = 0) -> list[tuple[int, int]]:
    """All that may run now, by user and room."""
    found = []
    while (next_ := queue.take(now)) is not None:
        found.append(next_.key)
    return found


def test_a_room_that_is_wanted_a_thousand_times_waits_once() -> None:
    line = queue()
    for device in range(1000):
        line.want(entry(1, 7, device=device), 0)
    assert len(line) == 1
    assert taken(line) == [(1, 7)]


def test_it_is_filled_as_deep_as_anybody_wants() -> None:
    line = queue()
    for depth in (10, 30, 20):
        line.want(entry(1, 7, depth), 0)
    next_ = line.take(0)
    assert next_ is not None and next_.depth == 30


def test_a_user_has_few_at_once_and_others_go_on() -> None:
    line = queue()
    for user in (1, 2):
        for room in range(5):
            line.want(entry(user, room), 0)
    users = [user for user, _ in taken(line)]
    assert sorted(users) == [1] * AT_ONCE_EACH + [2] * AT_ONCE_EACH
    assert users[:2] == [1, 2]


def test_few_are_fetched_at_once_in_all() -> None:
    line = queue()
    for user in range(100):
        line.want(entry(user, 1), 0)
    assert len(taken(line)) == AT_ONCE


def test_opened_rooms_come_first_then_those_wanted_last() -> None:
    line = queue()
    for room, opened in ((1, False), (2, True), (3, False)):
        line.want(entry(1, room, opened=opened), 0)
    order = []
    while (next_ := line.take(0)) is not None:
        order.append(next_.room_key)
        line.succeeded(next_, 0)
    assert order == [2, 3, 1]


def test_who_wants_too_many_loses_those_wanted_first_but_no_opened_one() -> None:
    line = queue()
    line.want(entry(1, 0, opened=True), 0)
    for room in range(1, WAITING_EACH + 10):
        line.want(entry(1, room), 0)
    assert len(line) == WAITING_EACH
    rooms = set()
    while (next_ := line.take(0)) is not None:
        rooms.add(next_.room_key)
        line.succeeded(next_, 0)
    assert rooms == {0, *range(11, WAITING_EACH + 10)}


def test_a_room_is_not_fetched_twice_at_the_same_time() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    first = line.take(0)
    line.want(entry(1, 7, 50), 0)
    assert line.take(0) is None
    assert first is not None
    line.succeeded(first, 0)
    assert taken(line) == [(1, 7)]


def test_what_was_just_filled_is_not_looked_at_again_for_a_moment() -> None:
    line = queue()
    line.want(entry(1, 7, 10), 0)
    first = line.take(0)
    assert first is not None
    line.succeeded(first, 0)
    assert not line.want(entry(1, 7, 10), SETTLED_S - 1)
    assert line.want(entry(1, 7, 11), SETTLED_S - 1)
    assert line.want(entry(1, 7, 10), SETTLED_S)


def failing(line: Queue, now: float, *, again: bool = True, pause: float | None = None) -> None:
    next_ = line.take(now)
    assert next_ is not None
    line.failed(next_, now, again=again, user_pause_s=pause)


def test_after_failures_the_pauses_double_and_wanting_is_no_way_around_them() -> None:
    line = queue()
    now = 0.0
    for times in range(TRIES):
        line.want(entry(1, 7), now)
        failing(line, now)
        line.want(entry(1, 7), now)
        pause = FIRST_PAUSE_S * 2**times
        assert line.take(now + pause - 0.1) is None
        now += pause
    assert taken(line, now) == [(1, 7)]


def test_a_room_that_fails_is_tried_a_few_times_by_itself() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    now, tries = 0.0, 0
    while (next_ := line.take(now)) is not None:
        tries += 1
        line.failed(next_, now, again=True)
        now += LONGEST_PAUSE_S
    assert tries == TRIES
    assert len(line) == 0


def test_what_was_refused_is_not_tried_again_by_itself_nor_soon() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    failing(line, 0, again=False)
    assert len(line) == 0
    line.want(entry(1, 7), 1)
    assert line.take(LONGEST_PAUSE_S - 1) is None
    assert taken(line, LONGEST_PAUSE_S) == [(1, 7)]


def test_a_pause_that_the_homeserver_wants_is_of_all_rooms_of_the_user_and_no_other() -> None:
    line = queue()
    for user, room in ((1, 7), (1, 8), (2, 7)):
        line.want(entry(user, room), 0)
    first = line.take(0)
    assert first is not None and first.key == (1, 8)
    line.failed(first, 0, again=True, user_pause_s=90)
    assert taken(line, 89) == [(2, 7)]
    assert line.wait_s(60) == 30
    assert sorted(taken(line, 90)) == [(1, 7), (1, 8)]


def test_a_success_ends_the_memory_of_failures() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    failing(line, 0)
    next_ = line.take(FIRST_PAUSE_S)
    assert next_ is not None
    line.succeeded(next_, FIRST_PAUSE_S)
    line.want(entry(1, 7, 99), FIRST_PAUSE_S)
    failing(line, FIRST_PAUSE_S)
    assert taken(line, 2 * FIRST_PAUSE_S) == [(1, 7)]


def test_nothing_is_kept_of_users_who_want_nothing() -> None:
    def after(*wanted: WantedHistory) -> Queue:
        line = queue()
        for each in wanted:
            line.want(each, 0)
            next_ = line.take(0)
            assert next_ is not None
            line.succeeded(next_, 0)
        assert line.wait_s(0) is None
        return line

    users = after(*(entry(user, 1) for user in range(50)))
    rooms = after(*(entry(1, room) for room in range(50)))
    assert references(users) == references(rooms), "the rooms are remembered, the users are not"


def test_a_pause_of_one_room_does_not_hold_up_another() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    failing(line, 0)
    line.want(entry(1, 8), 1)
    assert taken(line, 1) == [(1, 8)]
    assert line.wait_s(1) == FIRST_PAUSE_S - 1
    assert taken(line, FIRST_PAUSE_S) == [(1, 7)]


def test_a_pause_without_rooms_is_forgotten_when_it_is_over() -> None:
    line = queue()
    line.want(entry(1, 7), 0)
    failing(line, 0, again=False, pause=90)
    assert line.take(1) is None and line.wait_s(1) == 89
    assert line.take(90) is None and line.wait_s(90) is None
    unpaused = queue()
    unpaused.want(entry(1, 7), 0)
    failing(unpaused, 0, again=False)
    assert references(line) == references(unpaused)


def cost_of_a_wish(line: Queue) -> int:
    """How many calls it takes that the user 1 wants something else."""

    def work() -> None:
        line.want(entry(1, 2), 1)
        taken(line, 1)
        line.wait_s(1)

    return calls(work)


@pytest.mark.parametrize("paused", ["the users", "the rooms"])
def test_what_somebody_wants_costs_nothing_for_those_who_have_to_wait(paused: str) -> None:
    def waited_for_by(users: int) -> Queue:
        line = queue()
        for user in range(1, users):
            line.want(entry(user, 1), 0)
            next_ = line.take(0)
            assert next_ is not None
            line.failed(next_, 0, again=True, user_pause_s=90 if paused == "the users" else None)
        assert taken(line, 1) == []
        return line

    assert cost_of_a_wish(waited_for_by(500)) == cost_of_a_wish(waited_for_by(5))


def test_nobody_is_looked_at_while_no_more_can_be_fetched() -> None:
    def wanted_by(users: int) -> Queue:
        line = queue()
        for user in range(users):
            line.want(entry(user, 1), 0)
        assert len(taken(line)) == AT_ONCE
        return line

    busy = wanted_by(1_000)
    assert cost_of_a_wish(busy) == cost_of_a_wish(wanted_by(2 * AT_ONCE))
    assert busy.take(1) is None and busy.wait_s(1) is None
