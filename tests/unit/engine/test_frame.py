"""A whole answer as a function of a view, a request and the cache; without a database."""

from collections.abc import Iterable

import pytest

from syncv3.engine.computed import Computed
from syncv3.engine.view import View
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.types import RoomID
from tests.unit.engine.build import ME, NEW, Stage, room_id

SHOWN = RoomConfig(5)


def window(stop: int, **subscriptions: RoomConfig) -> CompleteRequest:
    return CompleteRequest(
        lists={"all": ListSpec(ranges=((0, stop),), config=SHOWN)},
        subscriptions={RoomID(f"!{key[1:]}:hs"): c for key, c in subscriptions.items()},
    )


def told(computed: Computed) -> dict[int, list[str]]:
    """By room key the names of the events in the answer."""
    return {
        int(room_id_[1:].partition(":")[0]): [
            wire.decode()[14:-2] for wire in room.timeline
        ]
        for room_id_, room in computed.rooms.items()
    }  # fmt: skip


def begun(*keys: int, stop: int = 9) -> tuple[Stage, View]:
    """A client that has the first rooms of its list."""
    stage = Stage(*keys)
    return stage, stage.answer(NEW, window(stop)).view


def keys_of(view: View) -> Iterable[int]:
    return sorted(view.rooms)


def test_the_first_answer_has_the_rooms_of_the_window() -> None:
    stage = Stage(1, 2, 3)
    computed = stage.answer(NEW, window(2))
    assert list(told(computed)) == [3, 2] and computed.lists["all"].count == 3
    assert all(room.initial for room in computed.rooms.values())
    assert keys_of(computed.view) == [2, 3] and computed.view.position == 10


def test_without_news_nothing_is_said_and_the_view_keeps_its_name() -> None:
    stage, view = begun(1, 2)
    computed = stage.answer(view, window(9))
    assert not computed.rooms and not computed.lists_moved
    assert computed.view.generation == view.generation and computed.view.rooms is view.rooms


def test_a_message_is_told_and_nothing_else_is_looked_at() -> None:
    stage, view = begun(1, 2, 3)
    stage.says(2, "m1")
    computed = stage.answer(view, window(9))
    assert told(computed) == {2: ["m1"]}
    assert not computed.rooms[RoomID(room_id(2))].initial
    assert computed.view.rooms is view.rooms and computed.view.generation == view.generation
    assert told(stage.answer(computed.view, window(9))) == {}


def test_a_shown_room_of_which_there_is_nothing_to_say_stays() -> None:
    stage, view = begun(1, 2)
    stage.becomes(1, "join")
    computed = stage.answer(view, window(9))
    assert told(computed) == {} and computed.view.rooms is view.rooms


@pytest.mark.rules("P-12")
def test_the_same_view_gives_the_same_answer_again() -> None:
    stage, view = begun(1, 2)
    stage.says(1, "m1")
    first = stage.answer(view, window(9))
    stage.says(1, "m2")
    assert told(first) == {1: ["m1"]} and told(stage.answer(view, window(9))) == {1: ["m1", "m2"]}


def test_a_room_that_leaves_the_window_is_forgotten_and_comes_back_whole() -> None:
    stage, view = begun(1, 2, stop=2)
    smaller = stage.answer(view, window(1)).view
    assert keys_of(smaller) == [2]
    back = stage.answer(smaller, window(2))
    assert list(told(back)) == [1] and back.rooms[RoomID(room_id(1))].initial


def test_a_subscription_shows_a_room_outside_the_window() -> None:
    stage, view = begun(1, 2, stop=1)
    computed = stage.answer(view, window(1, r1=RoomConfig(1)))
    assert list(told(computed)) == [1]
    stage.says(1, "m1")
    assert told(stage.answer(computed.view, window(1, r1=RoomConfig(1)))) == {1: ["m1"]}


@pytest.mark.rules("D-40")
def test_of_a_room_outside_only_the_counts_are_told() -> None:
    stage, view = begun(1, 2, stop=1)
    stage.becomes(1, "join", unread_pos=11, notification_count=3)
    computed = stage.answer(view, window(1))
    [room] = computed.rooms.values()
    assert (room.notification_count, room.timeline, room.name) == (3, (), None)
    assert keys_of(computed.view) == [2] and not computed.shown


@pytest.mark.rules("TX-3")
def test_an_own_message_waits_for_its_transaction_id() -> None:
    stage, view = begun(1)
    stage.says(1, "m1")
    stage.says(1, "mine", ME)
    computed = stage.answer(view, window(9))
    assert told(computed) == {1: ["m1"]} and computed.waits == {12}
    assert computed.view.held == {1: 11}
    stage.transactions[12] = "t"
    later = stage.answer(computed.view, window(9))
    [wire] = later.rooms[RoomID(room_id(1))].timeline
    assert b'"transaction_id":"t"' in wire
    assert later.view.held == {}


@pytest.mark.rules("M-8")
def test_the_end_of_a_membership_is_told_once_and_the_room_forgotten() -> None:
    stage, view = begun(1, 2)
    stage.becomes(1, "leave", reset_pos=11, left_ord=5, member_json=b'{"event_id":"$bye"}')
    computed = stage.answer(view, window(9))
    assert told(computed) == {1: ["bye"]} and keys_of(computed.view) == [2]
    assert told(stage.answer(computed.view, window(9))) == {}
