"""Delta tokens: a new connection goes on with the rooms of an earlier one (R-7)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.dialects.msc3575.operations import Sync
from syncv3.dialects.msc3575.windows import list_operations
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    both_in,
    chunk,
    founding,
    left,
    member,
    messages,
    says,
    state_told,
    told,
    topic,
)
from tests.integration.core.returning import LIST, OTHER, begin, begun, whole

pytestmark = pytest.mark.rules("R-7")


async def test_a_token_comes_with_each_answer_of_a_connection_that_asked_once(
    world: World, database_url: str
) -> None:
    first = await begun(world)
    second = await world.sync(ALICE, first.pos)
    await world.flush()
    other = await World.start(database_url)
    try:
        third = await other.sync(ALICE, second.pos)
    finally:
        await other.stop()
    assert second.resume and third.resume
    assert json.loads(world.dialect.write(third))["delta_token"] == third.resume


async def test_who_does_not_ask_gets_none_and_leaves_nothing_behind(world: World) -> None:
    await both_in(world)
    answer = await begin(world, None)
    assert answer.resume is None and b"delta_token" not in world.dialect.write(answer)
    await begin(world, None)
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connections") == 1
    assert await world.pool.fetchval("SELECT configs FROM ss_connections") is None


async def test_a_connection_may_begin_to_ask_later(world: World) -> None:
    await both_in(world)
    first = await begin(world, None)
    later = await world.sync(ALICE, first.pos, {"delta_token": ""})
    assert later.resume
    assert (await begin(world, later.resume)).rooms == {}


async def test_nothing_is_sent_of_a_room_in_which_nothing_has_happened(world: World) -> None:
    token = (await begun(world)).resume
    answer = await begin(world, token)
    assert answer.rooms == {}
    assert list_operations(answer.lists["all"]) == [Sync(0, (ROOM,))]
    await says(world, 20, "m2")
    live = await world.sync(ALICE, answer.pos)
    assert told(live) == ["m2"] and not whole(live)


async def test_what_has_changed_is_sent_as_a_change(world: World) -> None:
    token = (await begun(world)).resume
    await world.poll(BOB, 20, chunk(topic("t2", CAROL), *messages("m2", sender=CAROL)))
    answer = await begin(world, token)
    assert told(answer) == ["t2", "m2"] and not whole(answer)
    assert state_told(answer) == ["t2"]
    assert told(await world.sync(ALICE, answer.pos)) == []


@pytest.mark.parametrize("times", [1, 3])
async def test_an_answer_that_got_lost_is_given_again(world: World, times: int) -> None:
    """The token's connection has been replaced, once or several times: it outlives that."""
    token = (await begun(world)).resume
    await says(world, 20, "m2")
    for _ in range(times):
        await begin(world, token)
    await says(world, 30, "m3")
    answer = await begin(world, token)
    assert told(answer) == ["m2", "m3"] and not whole(answer)


async def test_a_lost_answer_on_the_connection_of_the_token_costs_nothing(world: World) -> None:
    first = await begun(world)
    await says(world, 20, "m2")
    await world.sync(ALICE, first.pos)  # the client never gets it
    answer = await begin(world, first.resume)
    assert told(answer) == ["m2"] and not whole(answer)


async def test_a_token_means_what_its_answer_had_whatever_came_later(world: World) -> None:
    first = await begun(world)
    second_room = chunk(*messages("o1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 20, joined={OTHER: second_room})
    second = await world.sync(ALICE, first.pos)  # in another generation
    assert second.rooms[OTHER].initial
    await says(world, 30, "m2")
    third = await world.sync(ALICE, second.pos)
    await world.sync(ALICE, third.pos)
    old, middle = await begin(world, first.resume), await begin(world, second.resume)
    assert told(old) == told(middle) == ["m2"] and not whole(old)
    assert old.rooms[OTHER].initial and OTHER not in middle.rooms
    assert (await begin(world, third.resume)).rooms == {}


async def test_the_token_of_a_newer_connection_goes_on_from_it(world: World) -> None:
    token = (await begun(world)).resume
    await says(world, 20, "m2")
    second = await begin(world, token)
    await says(world, 30, "m3")
    assert told(await begin(world, second.resume)) == ["m3"]
    assert told(await begin(world, token)) == ["m2", "m3"]


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_it_survives_a_restart(world: World, database_url: str, kill: bool) -> None:
    first = await begun(world)
    await says(world, 20, "m2")
    second = await world.sync(ALICE, first.pos)
    await (world.kill() if kill else world.flush())
    other = await World.start(database_url)
    other.since = world.since
    try:
        await says(other, 30, "m3")
        answer = await begin(other, second.resume)
        assert told(answer) == ["m3"] and not whole(answer)
    finally:
        await other.stop()


async def test_after_a_kill_what_was_sent_last_comes_again(world: World, database_url: str) -> None:
    """It was not stored what the last answer had: only what is sure counts."""
    first = await begun(world)
    other_room = chunk(*messages("o1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 20, joined={OTHER: other_room})
    second = await world.sync(ALICE, first.pos)
    assert second.rooms[OTHER].initial
    await world.kill()
    other = await World.start(database_url)
    try:
        answer = await begin(other, second.resume)
        assert answer.rooms.keys() == {OTHER} and answer.rooms[OTHER].initial
    finally:
        await other.stop()


async def test_any_worker_goes_on_from_it(world: World, second: World) -> None:
    first = await begun(world)
    await says(world, 20, "m2")
    live = await second.sync(ALICE, first.pos)
    assert told(await begin(second, first.resume)) == ["m2"]
    assert told(await begin(world, first.resume)) == ["m2"]
    assert (await begin(world, live.resume)).rooms == {}


@pytest.mark.parametrize(
    ("had", "asked", "goes_on"),
    [
        ({}, {"timeline_limit": 5}, True),
        ({"timeline_limit": 5}, {}, False),
        ({}, {"required_state": [["m.room.topic", ""]]}, True),
        ({}, {"required_state": [*LIST["required_state"], ["m.room.name", ""]]}, False),
        ({"required_state": [*LIST["required_state"], ["m.room.name", ""]]}, {}, True),
        ({"required_state": [["*", "*"]]}, {}, False),  # not all members were known
        ({}, {"include_heroes": True}, False),
        ({"include_heroes": True}, {}, True),
        ({}, {"include_old_rooms": {"timeline_limit": 1}}, False),
        ({"include_old_rooms": {"timeline_limit": 1}}, {}, True),
    ],
)
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_room_that_needs_more_comes_whole(
    world: World,
    database_url: str,
    had: Mapping[str, Any],
    asked: Mapping[str, Any],
    goes_on: bool,
    restarted: bool,
) -> None:
    token = (await begun(world, **had)).resume
    other = await World.start(database_url) if restarted else world
    try:
        answer = await begin(other, token, **asked)
    finally:
        if restarted:
            await other.stop()
    assert (answer.rooms == {}) == goes_on
    assert goes_on or whole(answer)


async def test_a_subscription_goes_on_from_a_list_and_a_list_from_it(world: World) -> None:
    token = (await begun(world)).resume
    answer = await begin(world, token, subscribe=True)
    assert answer.rooms == {}
    assert (await begin(world, answer.resume, timeline_limit=1, required_state=[])).rooms == {}


async def test_behind_a_gap_the_room_comes_whole(world: World) -> None:
    token = (await begun(world)).resume
    behind = chunk(*messages("m9", sender=CAROL), limited=True)
    await world.poll(ALICE, 20, behind)
    answer = await begin(world, token)
    assert told(answer) == ["m9"] and whole(answer)


async def test_after_a_new_join_the_room_comes_whole(world: World) -> None:
    token = (await begun(world)).resume
    await world.poll(ALICE, 20, left={ROOM: left(member("out", ALICE, "leave", before="join"))})
    back = member("back", ALICE, before="leave")
    await world.poll(ALICE, 30, chunk(back, *messages("m3", sender=CAROL)))
    answer = await begin(world, token)
    assert whole(answer) and told(answer)[-2:] == ["back", "m3"]


@pytest.mark.parametrize("shown", [True, False], ids=["in the list", "not shown"])
async def test_the_end_of_a_membership_is_told(world: World, shown: bool) -> None:
    token = (await begun(world)).resume
    await says(world, 20, "m2")
    kick = member("kicked", ALICE, "leave", sender=BOB, before="join")
    await world.poll(BOB, 30, chunk(kick))
    wanted: dict[str, Any] = {} if shown else {"filters": {"is_dm": True}}
    answer = await begin(world, token, **wanted)
    assert told(answer) == ["m2", "kicked"] and not whole(answer)
    again = await begin(world, token, **wanted)
    assert told(again) == ["m2", "kicked"]
    assert (await begin(world, again.resume, **wanted)).rooms == {}


async def test_an_end_that_comes_later_is_told_of_a_room_that_was_never_shown(
    world: World,
) -> None:
    token = (await begun(world)).resume
    hidden: dict[str, Any] = {"filters": {"is_dm": True}}
    answer = await begin(world, token, **hidden)
    assert answer.rooms == {}
    await says(world, 20, "m2")
    silent = await world.sync(ALICE, answer.pos)
    assert silent.rooms == {}
    await world.poll(BOB, 30, chunk(member("kicked", ALICE, "leave", sender=BOB, before="join")))
    assert told(await world.sync(ALICE, silent.pos)) == ["m2", "kicked"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_window_that_grows_later_goes_on_with_the_rooms_that_come_into_it(
    world: World, database_url: str, restarted: bool
) -> None:
    token = (await begun(world)).resume
    answer = await begin(world, token, ranges=[])
    await says(world, 20, "m2")
    answer = await world.sync(ALICE, answer.pos)
    assert answer.rooms == {}
    await world.flush()
    other = await World.start(database_url) if restarted else world
    try:
        grown = await other.sync(ALICE, answer.pos, {"lists": {"all": {"ranges": [[0, 9]]}}})
        assert told(grown) == ["m2"] and not whole(grown)
        assert (await begin(other, grown.resume)).rooms == {}
        assert whole(await begin(other, answer.resume))  # it was shown since: in what way?
    finally:
        if restarted:
            await other.stop()


@pytest.mark.rules("L-79", "R-7")
async def test_on_one_connection_a_room_that_comes_back_is_whole_and_later_goes_on(
    world: World,
) -> None:
    first = await begun(world)
    gone = await world.sync(ALICE, first.pos, {"lists": {"all": {"ranges": []}}})
    await says(world, 20, "m2")
    gone = await world.sync(ALICE, gone.pos)
    back = await world.sync(ALICE, gone.pos, {"lists": {"all": {"ranges": [[0, 9]]}}})
    assert whole(back)
    gone = await world.sync(ALICE, back.pos, {"lists": {"all": {"ranges": []}}})
    await says(world, 30, "m3")
    assert told(await begin(world, gone.resume)) == ["m3"]


async def test_many_new_events_come_as_a_whole_room(world: World) -> None:
    token = (await begun(world)).resume
    await says(world, 20, *(f"n{number}" for number in range(51)))
    answer = await begin(world, token)
    assert whole(answer) and len(told(answer)) == 20 and answer.rooms[ROOM].limited


async def test_an_own_message_is_not_waited_for(world: World) -> None:
    """Its transaction ID may have been forgotten long ago."""
    token = (await begun(world)).resume
    await world.poll(BOB, 20, chunk(*messages("mine", sender=ALICE)))
    assert told(await begin(world, token)) == ["mine"]


async def moved_on(world: World) -> str:
    """The token of an answer that is not stored yet, and has a room more."""
    first = await begun(world)
    more = chunk(*messages("o1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 20, joined={OTHER: more})
    second = await world.sync(ALICE, first.pos)
    assert second.rooms[OTHER].initial
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connection_rooms") == 1
    return str(second.resume)


async def test_what_is_not_stored_yet_counts_on_a_connection_of_another_name(world: World) -> None:
    assert (await begin(world, await moved_on(world), conn_id="second")).rooms == {}


async def test_what_is_not_stored_yet_counts_when_the_connection_is_replaced(world: World) -> None:
    token = await moved_on(world)
    await begin(world, None)
    assert (await begin(world, token)).rooms == {}


async def test_unread_counts_of_a_room_that_is_not_shown_are_told_once(world: World) -> None:
    token = (await begun(world)).resume
    await world.poll(ALICE, 20, chunk(notification_count=1))
    answer = await begin(world, token, filters={"is_dm": True})
    assert answer.rooms[ROOM].notification_count == 1 and told(answer) == []
    await says(world, 30, "m2")
    assert (await world.sync(ALICE, answer.pos)).rooms == {}
