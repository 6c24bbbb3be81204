"""What entries of kept rooms have: their timelines, state, members and fields."""

from dataclasses import replace

import msgspec
import pytest

from syncv3.protocol.request import ListSpec
from tests.unit.engine.build import BOB, ME, message
from tests.unit.engine.keeping import MEMBER, Asked, Keeping, names, state, timelines

TOPIC = Asked((("m.room.topic", ""),))


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


@pytest.mark.rules("S-201", "S-200")
def test_a_larger_limit_brings_events_that_came_one_by_one_once_more() -> None:
    """The example of the specification: it is not remembered that the client has B, C and D."""
    stage = Keeping(1, limit=1)
    for name in ("a", "b", "c", "d"):
        stage.says(1, name)
        assert timelines(stage.goes_on()) == {1: [name]}
    for limit, told in ((3, ["b", "c", "d"]), (4, ["a", "b", "c", "d"])):
        stage.asks(9, limit)
        assert timelines(stage.goes_on()) == {1: told}


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


@pytest.mark.rules("S-200", "S-202")
def test_what_happens_while_no_events_are_wanted_comes_when_they_are() -> None:
    stage = Keeping(1, limit=5)
    stage.goes_on()
    stage.asks(9, 0)
    assert timelines(stage.goes_on()) == {}
    stage.asks(9, 5)
    assert timelines(stage.goes_on()) == {}, "nothing has happened"
    stage.asks(9, 0)
    stage.says(1, "m1")
    assert timelines(stage.goes_on()) == {}
    stage.asks(9, 5)
    [room] = stage.goes_on().values()
    assert (names(room.timeline), room.expanded) == (["m1"], True)


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


@pytest.mark.rules("S-266")
def test_a_member_of_whom_it_was_forgotten_that_they_were_sent_comes_again() -> None:
    stage = Keeping(1, state=Asked(lazy=True))
    stage.sets(1, "bob", MEMBER, BOB)
    stage.goes_on()
    for remembered, told in ((True, []), (False, ["bob"]), (True, [])):
        stage.members = {1: {BOB: stage.view.position}} if remembered else {}
        stage.says(1, f"m{stage.cache.position}")
        [room] = stage.goes_on().values()
        assert names(room.required_state) == told
        assert len(room.timeline) == 1 and not room.initial and not room.limited


@pytest.mark.rules("S-260", "S-265")
def test_members_that_were_asked_for_by_name_are_known_when_they_come_lazily() -> None:
    stage = Keeping(1, state=Asked(((MEMBER, BOB),)))
    stage.sets(1, "bob", MEMBER, BOB)
    assert names(stage.goes_on()[1].required_state) == ["bob"]
    stage.asks(9, state=Asked(lazy=True))
    stage.says(1, "m1")
    assert stage.goes_on()[1].required_state == ()
    stage.sets(1, "bob2", MEMBER, BOB)
    assert names(stage.goes_on()[1].required_state) == ["bob2"]


@pytest.mark.rules("S-270", "S-271", "S-276")
def test_only_fields_whose_source_has_changed_are_said() -> None:
    stage = Keeping(1)
    stage.goes_on()
    stage.sets(1, "n1", "m.room.name", name="Kitchen", name_pos=11)
    room = stage.goes_on()[1]
    assert (room.name, room.avatar, room.joined_count) == ("Kitchen", None, None)
    stage.sets(1, "bob", MEMBER, BOB, joined=2, counts_pos=12)
    room = stage.goes_on()[1]
    assert (room.name, room.joined_count, room.invited_count) == (None, 2, 0)
    stage.sets(1, "n2", "m.room.name", name=None, name_pos=13)
    assert stage.goes_on()[1].name == ""


@pytest.mark.rules("S-282")
def test_a_stamp_comes_with_what_may_have_moved_it() -> None:
    stage = Keeping(1, limit=2)
    assert stage.goes_on()[1].bump_stamp is not None
    stage.sets(1, "t1", "m.room.topic")
    assert stage.goes_on()[1].bump_stamp is None
    stage.says(1, "m1")
    assert stage.goes_on()[1].bump_stamp is not None


@pytest.mark.rules("S-291")
def test_an_entry_names_the_lists_that_show_it() -> None:
    stage = Keeping(1, 2, stop=1)
    config = stage.ask.lists["all"].config
    stage.ask = replace(
        stage.ask,
        lists={**stage.ask.lists, "more": ListSpec(ranges=((0, 9),), config=config)},
    )
    assert {key: room.lists for key, room in stage.goes_on().items()} == {
        2: ("all", "more"), 1: ("more",),
    }  # fmt: skip


def enters_a_new_room(stage: Keeping, **row: int) -> None:
    """The service hears of room 2 for the first time: its first events have no positions."""
    events = (state("create", 0, "m.room.create"), state("join", 1, MEMBER, ME), message("m1", 2))
    for event in events:
        stage.cache.rooms[2].add(msgspec.structs.replace(event, pos=None))
    stage.becomes(2, "join", visible_ord=0, reset_pos=stage.cache.position + 1, **row)


@pytest.mark.rules("S-194")
def test_in_a_room_that_was_entered_since_the_join_and_what_followed_are_live() -> None:
    stage = Keeping(1, 2)
    stage.becomes(2, "leave", forgotten=True)
    assert set(stage.goes_on()) == {1}
    enters_a_new_room(stage)
    room = stage.goes_on()[2]
    assert (names(room.timeline), room.num_live) == (["create", "join", "m1"], 2)


@pytest.mark.rules("S-194")
@pytest.mark.parametrize("first", [False, True])
def test_in_a_room_that_was_entered_before_nothing_is_live(*, first: bool) -> None:
    """Nor is it when the service heard of the user only now, who may have been there for long."""
    stage = Keeping(1, 2)
    stage.becomes(2, "leave", forgotten=True)
    if first:
        enters_a_new_room(stage)
    else:
        stage.goes_on()
        enters_a_new_room(stage, confirmed_pos=stage.cache.position + 1)
    assert stage.goes_on()[2].num_live == 0


@pytest.mark.rules("S-195", "S-608")
def test_while_an_own_message_is_held_back_nothing_of_its_room_is_told() -> None:
    """It waits for its transaction ID. The topic that changed after it waits as well: the client
    stays where it is, so each answer would have that again, and end a wait at once."""
    stage = Keeping(1, state=TOPIC)
    stage.goes_on()
    mine = message("mine", 11, sender=ME)
    stage.happens(1, event=msgspec.structs.replace(mine, prev_batch="before mine"))
    stage.sets(1, "t1", "m.room.topic", head_token="behind t1")
    assert stage.goes_on() == {}
    assert stage.goes_on() == {}
    stage.transactions[11] = "t"
    room = stage.goes_on()[1]
    assert (names(room.timeline), names(room.required_state)) == (["mine", "t1"], ["t1"])
    assert (room.limited, room.prev_batch) == (False, "before mine")


@pytest.mark.rules("S-190", "S-608")
@pytest.mark.parametrize("limit", [5, 1])
@pytest.mark.parametrize("own", [1, 2])
def test_what_others_have_written_before_it_does_not_wait(limit: int, own: int) -> None:
    """However short the timeline is: with one event, that would be the own one."""
    stage = Keeping(1, limit=limit)
    stage.goes_on()
    stage.says(1, "theirs")
    mine = [f"mine{at}" for at in range(12, 12 + own)]
    for at, name in enumerate(mine, 12):
        stage.happens(1, event=message(name, at, sender=ME))
    room = stage.goes_on()[1]
    assert (names(room.timeline), room.limited, room.num_live) == (["theirs"], False, 1)
    assert stage.goes_on() == {}
    stage.transactions |= {12: "t", 13: "u"}
    room = stage.goes_on()[1]
    assert (names(room.timeline), room.limited) == (mine[-limit:], own > limit)


@pytest.mark.rules("S-193", "S-608")
def test_what_is_left_out_before_an_own_message_that_waits_is_said() -> None:
    stage = Keeping(1, limit=1)
    stage.goes_on()
    for name in ("a", "b"):
        stage.says(1, name)
    stage.happens(1, event=message("mine", 13, sender=ME))
    room = stage.goes_on()[1]
    assert (names(room.timeline), room.limited) == (["b"], True)
    stage.transactions[13] = "t"
    room = stage.goes_on()[1]
    assert (names(room.timeline), room.limited) == (["mine"], False)


@pytest.mark.rules("S-190", "S-608")
def test_what_others_write_behind_it_keeps_its_place() -> None:
    stage = Keeping(1)
    stage.goes_on()
    stage.happens(1, event=message("mine", 11, sender=ME))
    stage.says(1, "theirs")
    assert stage.goes_on() == {}
    stage.transactions[11] = "t"
    assert timelines(stage.goes_on()) == {1: ["mine", "theirs"]}


@pytest.mark.rules("S-195")
def test_a_room_without_events_says_from_where_to_page_back() -> None:
    stage = Keeping(1)
    stage.happens(1, head_token="end")
    room = stage.goes_on()[1]
    assert (room.timeline, room.has_timeline, room.prev_batch) == ((), True, "end")
