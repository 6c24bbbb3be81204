"""Rooms that a client keeps when they are shown no longer: never, live or previously sent."""

import pytest

from syncv3.protocol.response import RoomAnswer
from tests.unit.engine.build import BOB, ME, NEW
from tests.unit.engine.keeping import Asked, Keeping, names

TOPIC = Asked((("m.room.topic", ""),))


def timelines(rooms: dict[int, RoomAnswer]) -> dict[int, list[str]]:
    return {key: names(room.timeline) for key, room in rooms.items()}


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


@pytest.mark.rules("S-200", "S-202", "S-204")
def test_a_larger_limit_is_answered_at_once_and_once() -> None:
    stage = Keeping(1, limit=1)
    for name in ("m1", "m2", "m3"):
        stage.says(1, name)
    assert timelines(stage.goes_on()) == {1: ["m3"]}
    stage.asks(9, 2)
    [room] = stage.goes_on().values()
    assert (names(room.timeline), room.expanded, room.limited) == (["m2", "m3"], True, True)
    assert not room.initial and room.num_live == 0
    assert stage.goes_on() == {}


@pytest.mark.rules("S-202")
@pytest.mark.parametrize("gap", [False, True])
def test_a_smaller_limit_counts_only_if_something_was_left_out(*, gap: bool) -> None:
    stage = Keeping(1, limit=5)
    stage.goes_on()
    stage.asks(9, 1)
    for name in ("m1", "m2") if gap else ("m1",):
        stage.says(1, name)
    assert stage.goes_on()[1].limited is gap
    stage.asks(9, 5)
    assert timelines(stage.goes_on()) == ({1: ["m1", "m2"]} if gap else {})


@pytest.mark.rules("S-250", "S-251")
def test_state_that_is_asked_for_anew_comes_at_once() -> None:
    stage = Keeping(1)
    stage.sets(1, "t1", "m.room.topic")
    stage.goes_on()
    stage.asks(9, state=TOPIC)
    room = stage.goes_on()[1]
    assert names(room.required_state) == ["t1"] and room.timeline == ()
    assert stage.goes_on() == {}


@pytest.mark.rules("S-178", "S-250", "S-251")
def test_state_that_does_not_exist_gives_no_entry() -> None:
    stage = Keeping(1)
    stage.goes_on()
    stage.asks(9, state=TOPIC)
    assert stage.goes_on() == {} and stage.view.rooms[1].config is not None
    stage.sets(1, "t1", "m.room.topic")
    assert names(stage.goes_on()[1].required_state) == ["t1"]


@pytest.mark.rules("S-250")
@pytest.mark.parametrize("changes", [False, True])
def test_state_that_was_dropped_and_is_asked_for_again(*, changes: bool) -> None:
    stage = Keeping(1, limit=0, state=TOPIC)
    stage.sets(1, "t1", "m.room.topic")
    stage.goes_on()
    stage.asks(9, 0)
    assert stage.goes_on() == {}
    if changes:
        stage.sets(1, "t2", "m.room.topic")
        assert stage.goes_on() == {}
    stage.asks(9, 0, TOPIC)
    rooms = stage.goes_on()
    assert {key: names(room.required_state) for key, room in rooms.items()} == (
        {1: ["t2"]} if changes else {}
    )


@pytest.mark.rules("S-240", "S-243")
def test_state_behind_a_limited_timeline_comes_too() -> None:
    stage = Keeping(1, limit=1, state=TOPIC)
    stage.goes_on()
    stage.sets(1, "t1", "m.room.topic")
    stage.says(1, "m1")
    room = stage.goes_on()[1]
    assert (names(room.timeline), names(room.required_state), room.limited) == (
        ["m1"], ["t1"], True,
    )  # fmt: skip


@pytest.mark.rules("S-190")
def test_a_limit_of_zero_has_no_timeline() -> None:
    stage = Keeping(1, limit=0, state=TOPIC)
    assert not stage.goes_on()[1].has_timeline
    stage.says(1, "m1")
    assert stage.goes_on() == {}


@pytest.mark.rules("S-177", "S-196", "S-242")
def test_a_kick_is_told_up_to_its_event_and_not_as_a_whole_room() -> None:
    stage = Keeping(1, state=Asked((("m.room.member", "@me:hs"),)))
    stage.cache.rooms[1].set_member(ME, None)
    stage.goes_on()
    stage.says(1, "m1")
    stage.becomes(1, "ban", reset_pos=12, left_ord=12, member_json=b'{"event_id":"$ban"}')
    stage.happens(1)
    stage.loaded.frozen[(1, 12, 12)] = {}  # type: ignore[index]
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


@pytest.mark.rules("S-260", "S-261", "S-262")
def test_senders_come_with_their_messages_once() -> None:
    lazy = Asked(lazy=True)
    stage = Keeping(1, state=lazy)
    stage.sets(1, "bob", "m.room.member", BOB)
    assert names(stage.goes_on()[1].required_state) == ["bob"]
    assert stage.view.met[1].members == {BOB}
    stage.members = {1: {BOB: stage.view.position}}
    stage.says(1, "m1")
    assert stage.goes_on()[1].required_state == ()
    stage.sets(1, "bob2", "m.room.member", BOB)
    stage.asks(9, 1, lazy)
    stage.says(1, "m2", ME)
    stage.transactions[stage.cache.position] = None
    stage.cache.rooms[1].set_member(ME, None)
    room = stage.goes_on()[1]
    assert room.limited and room.required_state == () and stage.view.met[1].struck == {BOB}


def test_the_first_view_is_new() -> None:
    assert NEW.first and NEW.rooms == {}
