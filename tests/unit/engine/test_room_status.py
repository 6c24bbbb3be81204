"""Rooms that a client keeps when they are shown no longer: never, live or previously sent."""

import random

import pytest
from msgspec.structs import replace

from syncv3.protocol.response import RoomAnswer
from tests.unit.engine.build import ME
from tests.unit.engine.keeping import Asked, Keeping, names, state, timelines

TOPIC = Asked((("m.room.topic", ""),))


@pytest.mark.rules("S-173", "S-175", "S-189", "S-194")
def test_the_first_answer_has_whole_rooms_even_if_there_is_nothing_to_say() -> None:
    stage = Keeping(1, 2, 3, stop=2)
    stage.says(3, "m1")
    rooms = stage.goes_on()
    assert timelines(rooms) == {2: [], 3: ["m1"]}
    assert all(room.initial and room.num_live == 0 for room in rooms.values())


@pytest.mark.rules("S-170", "S-171", "S-192", "S-194")
def test_a_message_in_a_live_room_comes_alone() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    before = stage.view.rooms
    stage.says(1, "m1")
    [(key, room)] = stage.goes_on().items()
    assert key == 1 and names(room.timeline) == ["m1"] and not room.initial
    assert (room.limited, room.num_live, room.name) == (False, 1, None)
    assert stage.view.rooms is before and stage.goes_on() == {}


@pytest.mark.rules("S-181")
def test_what_is_told_of_a_room_depends_on_no_other() -> None:
    """Three rooms of one client, and the same three of clients that have one room each."""
    together = Keeping(1, 2, 3, limit=2)
    alone = {key: Keeping(key, limit=2) for key in (1, 2, 3)}
    story = random.Random(7)
    for number in range(60):
        key = story.choice((1, 2, 3))
        for stage in (together, alone[key]):
            stage.says(key, f"m{number}")
        if story.random() < 0.4:
            rooms = together.goes_on()
            assert {key: told(room) for key, room in rooms.items()} == {
                key: told(room) for each in alone.values() for key, room in each.goes_on().items()
            }


def told(room: RoomAnswer) -> tuple[object, ...]:
    return names(room.timeline), room.initial, room.limited, room.num_live, room.name


@pytest.mark.rules("S-170", "S-179", "S-194")
def test_a_room_that_was_not_shown_meanwhile_goes_on_where_it_was() -> None:
    """The example of the specification: window [0,0], limit 1."""
    stage = Keeping(1, 2, stop=1, limit=1)
    assert timelines(stage.goes_on()) == {2: []}
    stage.says(1, "b1")
    assert timelines(stage.goes_on()) == {1: ["b1"]}
    assert stage.view.rooms[2].upto is None
    stage.says(2, "m1")
    stage.says(1, "b2")
    shown, told_upto = stage.view.position, stage.goes_on()
    assert timelines(told_upto) == {1: ["b2"]} and stage.view.rooms[2].upto == shown
    stage.says(2, "m3")
    [(key, room)] = stage.goes_on().items()
    assert key == 2 and not room.initial
    assert (names(room.timeline), room.limited, room.num_live) == (["m3"], True, 1)
    assert stage.view.rooms[2].upto is None


@pytest.mark.rules("S-194")
def test_what_is_older_than_the_position_is_not_live() -> None:
    stage = Keeping(1, 2, stop=1)
    stage.goes_on()
    stage.says(1, "b1")
    stage.goes_on()
    stage.says(2, "m1")
    stage.says(1, "b2")
    stage.goes_on()
    stage.says(2, "m2")
    room = stage.goes_on()[2]
    assert (names(room.timeline), room.num_live, room.limited) == (["m1", "m2"], 1, False)


@pytest.mark.rules("S-179")
def test_a_request_without_lists_loses_nothing() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    asked = stage.ask
    stage.asks_for_no_rooms()
    stage.says(1, "m1")
    assert stage.goes_on() == {} and stage.view.rooms[1].upto == 10
    stage.ask = asked
    assert timelines(stage.goes_on()) == {1: ["m1"]}


def test_leaving_the_window_alone_changes_nothing() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    before = stage.view.rooms
    stage.asks(1)
    assert stage.goes_on() == {} and stage.view.rooms is before
    stage.asks(9)
    assert stage.goes_on() == {} and stage.view.rooms is before


@pytest.mark.rules("S-56", "S-174")
def test_a_repeated_position_gets_the_same_again() -> None:
    stage = Keeping(1, 2, stop=1)
    first = stage.answers_from()
    stage.says(1, "b1")
    lost = stage.goes_on(first.view)
    assert timelines(lost) == timelines(stage.goes_on(first.view)) == {1: ["b1"]}
    assert lost[1].initial and stage.goes_on(first.view)[1].initial


@pytest.mark.rules("S-177", "S-196", "S-242")
def test_a_kick_is_told_up_to_its_event_and_not_as_a_whole_room() -> None:
    stage = Keeping(1, state=Asked((("m.room.member", "@me:hs"),)))
    stage.cache.rooms[1].set_member(ME, None)
    stage.goes_on()
    stage.says(1, "m1")
    stage.happens(1, event=state("ban", 12, "m.room.member", ME, membership="ban"))
    stage.becomes(1, "ban", reset_pos=13, left_ord=12, member_json=b'{"event_id":"$ban"}')
    stage.loaded.frozen[(1, 12, 13)] = {}  # type: ignore[index]
    room = stage.goes_on()[1]
    assert (names(room.timeline), names(room.required_state)) == (["m1", "ban"], ["ban"])
    assert not room.initial and room.membership == "ban" and room.joined_count is None
    assert stage.goes_on() == {}


def leaves(stage: Keeping, key: int = 1) -> None:
    pos = stage.cache.position + 1
    stage.becomes(key, "leave", reset_pos=pos, left_ord=pos, member_json=b'{"event_id":"$bye"}')
    stage.loaded.frozen[(key, pos, pos)] = {}  # type: ignore[index]


@pytest.mark.rules("S-82", "S-83")
def test_an_own_leave_is_told_though_no_list_has_the_room() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    leaves(stage)
    room = stage.goes_on()[1]
    assert (names(room.timeline), names(room.required_state)) == (["bye"], ["bye"])
    assert room.membership == "leave" and not room.initial
    assert stage.goes_on() == {}


@pytest.mark.rules("S-82", "S-83")
def test_a_leave_between_requests_without_lists_is_told_later() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    asked = stage.ask
    stage.asks_for_no_rooms()
    leaves(stage)
    assert stage.goes_on() == {} and stage.view.owed == frozenset({1})
    assert stage.goes_on() == {} and stage.view.owed == frozenset({1})
    stage.ask = asked
    assert names(stage.goes_on()[1].timeline) == ["bye"] and stage.view.owed == frozenset()
    assert stage.goes_on() == {}


@pytest.mark.rules("S-82")
def test_the_end_in_a_room_that_was_never_sent_is_not_told() -> None:
    stage = Keeping(1, 2, stop=1)
    stage.goes_on()
    leaves(stage)
    assert stage.goes_on() == {}


@pytest.mark.rules("S-84", "S-176")
def test_a_rejoined_room_is_whole() -> None:
    stage = Keeping(1)
    stage.goes_on()
    leaves(stage)
    stage.goes_on()
    pos = stage.cache.position + 1
    stage.becomes(1, "join", reset_pos=pos)
    assert stage.goes_on()[1].initial


@pytest.mark.rules("S-84")
def test_a_new_profile_is_no_join() -> None:
    stage = Keeping(1)
    stage.goes_on()
    stage.sets(1, "me2", "m.room.member", "@me:hs")
    room = stage.goes_on()[1]
    assert not room.initial and names(room.timeline) == ["me2"]


def counted(stage: Keeping, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    looked: list[int] = []
    decide = type(stage.manners).decide

    def counting(manners: object, facts: object, *rest: object) -> object:
        looked.append(1)
        return decide(manners, facts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(stage.manners), "decide", counting)
    return looked


def test_a_message_among_five_thousand_rooms_looks_at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Keeping(*range(1, 5001), stop=5000)
    assert len(stage.goes_on()) == 5000
    looked = counted(stage, monkeypatch)
    stage.says(77, "m1")
    assert timelines(stage.goes_on()) == {77: ["m1"]} and len(looked) == 1


@pytest.mark.rules("S-531")
def test_who_comes_back_with_a_small_window_pays_for_what_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Keeping(*range(1, 301), stop=300)
    stage.goes_on()
    looked = counted(stage, monkeypatch)
    stage.says(5, "m1")
    stage.says(6, "m2")
    stage.asks(1)
    assert timelines(stage.goes_on()) == {6: ["m2"]} and len(looked) == 2
    stage.asks(300)
    assert timelines(stage.goes_on()) == {5: ["m1"]}
    assert len(looked) <= 2 + 299, "those that were not shown, at most"
    looked.clear()
    stage.says(7, "m3")
    stage.goes_on()
    assert len(looked) == 1, "the room that was behind costs nothing any more"


@pytest.mark.rules("S-194", "S-608")
def test_a_room_with_a_held_event_goes_on_there_when_it_is_shown_again() -> None:
    """A message of the user's own waits for its transaction ID, and the room leaves the window."""
    stage = Keeping(1, 2)
    stage.goes_on()
    stage.says(1, "m1")
    stage.says(1, "mine", ME)
    computed = stage.answers_from()
    assert timelines(stage.rooms_of(computed)) == {1: ["m1"]}
    assert stage.view.held == {1: 11} and stage.view.position == 12
    stage.asks(0)
    assert stage.goes_on() == {} and stage.view.held == {}
    assert stage.view.rooms[1].upto == 11
    stage.transactions[12] = "t"
    stage.asks(9)
    room = stage.goes_on()[1]
    assert names(room.timeline) == ["mine"] and not room.limited


@pytest.mark.rules("S-194", "S-608")
def test_a_held_event_that_is_let_go_is_live() -> None:
    stage = Keeping(1)
    stage.goes_on()
    stage.says(1, "mine", ME)
    assert stage.goes_on() == {}
    stage.transactions[11] = "t"
    room = stage.goes_on()[1]
    assert (names(room.timeline), room.num_live) == (["mine"], 1)
    assert stage.view.held == {} and stage.goes_on() == {}


@pytest.mark.rules("S-205", "S-615")
def test_behind_a_gap_the_room_goes_on_when_its_user_is_known_to_be_in_it() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    room = stage.cache.rooms[1]
    stage.happens(1, gap_ord=11, reset_pos=11)
    room.fill_timeline((), 11)
    room.state = {}
    computed = stage.answers_from()
    assert stage.rooms_of(computed) == {} and computed.unconfirmed
    assert stage.view.rooms[1].upto == 10
    stage.says(1, "m1")
    assert not stage.answers_from().unconfirmed, "it is waited for once"
    stage.becomes(1, "join", confirmed_ord=11, confirmed_pos=13)
    stage.loaded.changed[(1, 10)] = (20, frozenset())  # type: ignore[index]
    entry = stage.goes_on()[1]
    assert (names(entry.timeline), entry.limited, entry.initial) == (["m1"], True, False)
    assert stage.goes_on() == {}


@pytest.mark.rules("S-531")
def test_after_a_restart_only_rooms_of_which_something_is_owed_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Keeping(*range(1, 51), stop=50)
    stage.goes_on()
    stage.says(7, "m1")
    looked = counted(stage, monkeypatch)
    forgotten = replace(stage.view, visible=None, owed=None)
    stage.restarts()
    assert timelines(stage.goes_on(forgotten)) == {7: ["m1"]} and len(looked) == 1


@pytest.mark.rules("S-82")
def test_after_a_restart_ends_that_are_owed_are_found_again() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    asked = stage.ask
    stage.asks_for_no_rooms()
    leaves(stage)
    stage.goes_on()
    stage.ask = asked
    assert 1 in stage.goes_on(replace(stage.view, visible=None, owed=None))


@pytest.mark.rules("S-82")
def test_the_end_in_a_room_that_may_have_been_sent_is_told() -> None:
    """What was sent last is not known after a kill: the client may have the room."""
    stage = Keeping(1, 2, stop=1)
    stage.goes_on()
    leaves(stage)
    room = stage.goes_on(replace(stage.view, unsure=True))[1]
    assert names(room.required_state) == ["bye"] and not room.has_timeline
    assert stage.view.unsure and stage.goes_on() == {}


@pytest.mark.rules("S-180")
def test_a_forgotten_room_counts_as_never_sent() -> None:
    stage = Keeping(1, 2)
    stage.goes_on()
    leaves(stage)
    stage.goes_on()
    stage.becomes(1, "leave", left_ord=11, forgotten=True)
    assert stage.goes_on() == {} and 1 not in stage.view.rooms
