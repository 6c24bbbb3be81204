"""Rules on which rooms an answer holds and how: subscriptions, renewals, predecessors."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.types import Event, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
    names,
    state_told,
    told,
    topic,
)

NEW = RoomID("!new:hs")
MIDDLE = RoomID("!middle:hs")
OLD = RoomID("!old:hs")
NOWHERE = RoomID("!nowhere:hs")


async def both_in(world: World) -> None:
    room = chunk(topic("t1"), *messages("m1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


def state_of(room: RoomID, predecessor: object, *users: UserID) -> tuple[Event, ...]:
    """The state of a room that followed another, with events of its own."""
    content = {"room_version": "10", "predecessor": predecessor}
    created = event(f"create-{room}", "m.room.create", content=content, key="")
    return (created, *(member(f"{user}-in-{room}", user) for user in users))


async def upgraded(world: World, **predecessors: object) -> None:
    """Alice is in NEW, MIDDLE and OLD, by lower-case name; each follows the room given."""
    rooms = {"new": NEW, "middle": MIDDLE, "old": OLD}
    joined = {
        rooms[name]: chunk(*messages(f"m-{name}"), state=state_of(rooms[name], before, ALICE))
        for name, before in predecessors.items()
    }
    await world.poll(ALICE, 10, joined=joined)


def subscribed(*rooms: RoomID, **more: Any) -> Mapping[str, Any]:
    entry = {"timeline_limit": 5, "required_state": [], **more}
    return {"room_subscriptions": {room: entry for room in rooms}}


def with_old(*rooms: RoomID) -> Mapping[str, Any]:
    return subscribed(*rooms, include_old_rooms={"timeline_limit": 1, "required_state": []})


@pytest.mark.rules("B-7")
async def test_a_subscription_changes_no_list(world: World) -> None:
    await both_in(world)
    lists = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "filters": {"is_dm": True}}}}
    plain = await world.sync(ALICE, body=lists)
    both = await world.sync(ALICE, plain.pos, {**lists, **subscribed(ROOM)})
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    live = await world.sync(ALICE, both.pos)
    assert [told(answer) for answer in (plain, both, live)] == [[], ["t1", "m1"], ["m2"]]
    for answer in (plain, both, live):
        assert answer.lists["all"].count == 0
        assert not any(answer.lists["all"].windows)


@pytest.mark.rules("B-7", "L-2")
async def test_an_upgraded_room_may_be_subscribed_to_but_is_not_listed(world: World) -> None:
    await upgraded(world, new={"room_id": OLD}, old=None)
    tombstone = event("end", "m.room.tombstone", content={"replacement_room": NEW}, key="")
    await world.poll(ALICE, 20, joined={OLD: chunk(tombstone)})
    answer = await world.sync(ALICE, body={**ALL_ROOMS, **subscribed(OLD)})
    assert answer.lists["all"].windows == ((NEW,),)
    assert names(answer.rooms[OLD]) == ["m-old", "end"]


@pytest.mark.rules("M-30", "Z-16")
async def test_a_room_whose_state_changed_behind_the_timeline_is_sent_anew(world: World) -> None:
    await both_in(world)
    pos = {user: (await world.sync(user)).pos for user in (ALICE, BOB)}
    changed = (topic("t5"), member("carol", CAROL))
    await world.poll(ALICE, 20, chunk(*messages("m9"), state=changed, limited=True))
    await world.poll(BOB, 21, chunk(*messages("m9"), limited=True))
    for user, before in pos.items():
        answer = await world.sync(user, before)  # not M_UNKNOWN_POS
        assert answer.rooms[ROOM].initial
        assert answer.rooms[ROOM].limited
        assert told(answer) == ["m9"]
        assert "t5" in state_told(answer)


@pytest.mark.rules("M-30", "Z-16")
async def test_after_a_renewal_a_connection_goes_on_as_before(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 20, chunk(*messages("m9"), state=[topic("t5")], limited=True))
    renewed = await world.sync(ALICE, pos)
    assert ROOM not in (await world.sync(ALICE, renewed.pos)).rooms
    await world.poll(ALICE, 21, chunk(*messages("m10", sender=CAROL)))
    after = await world.sync(ALICE, renewed.pos)
    assert told(after) == ["m10"]
    assert not after.rooms[ROOM].initial


@pytest.mark.rules("M-30", "Z-16")
async def test_a_renewal_of_one_room_leaves_the_others_alone(world: World) -> None:
    await both_in(world)
    await upgraded(world, new=None)
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 20, chunk(*messages("m9"), state=[topic("t5")], limited=True))
    assert set((await world.sync(ALICE, pos)).rooms) == {ROOM}


LAZY = {
    "lists": {
        "all": {
            **ALL_ROOMS["lists"]["all"],
            "required_state": [["m.room.topic", ""], ["m.room.member", "$LAZY"]],
        }
    }
}


@pytest.mark.rules("D-63")
async def test_a_renewed_room_brings_the_members_of_its_senders_again(world: World) -> None:
    room = chunk(*messages("m1", sender=BOB), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    first = await world.sync(ALICE, body=LAZY)
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=BOB)))
    second = await world.sync(ALICE, first.pos)
    behind = chunk(*messages("m9", sender=BOB), state=[topic("t5")], limited=True)
    await world.poll(ALICE, 30, behind)
    third = await world.sync(ALICE, second.pos)
    sent = [f"in-{BOB}" in state_told(answer) for answer in (first, second, third)]
    assert sent == [True, False, True]


@pytest.mark.rules("D-60")
async def test_a_room_without_senders_at_first_brings_no_members(world: World) -> None:
    await world.poll(ALICE, 10, chunk(state=founding(ALICE, BOB)))
    first = await world.sync(ALICE, body=LAZY)
    assert told(first) == []
    assert state_told(first) == []


@pytest.mark.rules("D-72", "D-70")
async def test_a_middle_room_brings_what_it_followed_and_not_what_followed_it(
    world: World,
) -> None:
    await upgraded(world, new={"room_id": MIDDLE}, middle={"room_id": OLD}, old=None)
    answer = await world.sync(ALICE, body=with_old(MIDDLE))
    assert set(answer.rooms) == {MIDDLE, OLD}
    assert names(answer.rooms[OLD]) == ["m-old"]
    assert answer.rooms[OLD].initial


@pytest.mark.rules("D-70", "D-71")
async def test_the_whole_chain_of_predecessors_is_told(world: World) -> None:
    await upgraded(world, new={"room_id": MIDDLE}, middle={"room_id": OLD}, old=None)
    assert set((await world.sync(ALICE, body=with_old(NEW))).rooms) == {NEW, MIDDLE, OLD}


@pytest.mark.rules("D-73")
@pytest.mark.parametrize(
    ("predecessors", "told_of"),
    [
        pytest.param({"new": {"room_id": NEW}}, {NEW}, id="itself"),
        pytest.param(
            {"new": {"room_id": OLD}, "old": {"room_id": NEW}}, {NEW, OLD}, id="one another"
        ),
        pytest.param(
            {"new": {"room_id": MIDDLE}, "middle": {"room_id": OLD}, "old": {"room_id": MIDDLE}},
            {NEW, MIDDLE, OLD},
            id="a circle behind it",
        ),
        pytest.param({"new": {"room_id": NOWHERE}}, {NEW}, id="an unknown room"),
        pytest.param({"new": NOWHERE}, {NEW}, id="no object"),
        pytest.param({"new": {"room_id": [NEW]}}, {NEW}, id="no identifier"),
    ],
)
async def test_following_predecessors_ends(
    world: World, predecessors: Mapping[str, object], told_of: set[RoomID]
) -> None:
    await upgraded(world, **predecessors)
    answer = await world.sync(ALICE, body=with_old(NEW))
    assert set(answer.rooms) == told_of
    assert names(answer.rooms[NEW]) == ["m-new"]
