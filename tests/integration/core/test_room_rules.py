"""Rules on which rooms an answer holds and how: kinds, spaces, renewals, predecessors."""

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
    account_data,
    both_in,
    chunk,
    event,
    founding,
    invite,
    left,
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
SPACE = RoomID("!space:hs")


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


def filtered(**filters: Any) -> Mapping[str, Any]:
    """One list of the rooms that pass the filters."""
    return {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "filters": filters}}}


async def listed(world: World, user: UserID, **filters: Any) -> list[RoomID]:
    """The rooms that pass the filters, as a new connection of the user is told."""
    answer = await world.sync(user, body=filtered(**filters))
    return [room for window in answer.lists["all"].windows for room in window]


@pytest.mark.rules("B-7")
async def test_a_subscription_changes_no_list(world: World) -> None:
    await both_in(world)
    lists = filtered(is_dm=True)
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


@pytest.mark.rules("U-137")
async def test_which_rooms_are_direct_follows_each_change_of_the_account_data(
    world: World,
) -> None:
    await both_in(world)
    found = []
    for at, rooms in ((20, [ROOM]), (21, [NOWHERE]), (22, [NOWHERE, ROOM])):
        await world.poll(ALICE, at, account_data=(account_data("m.direct", {BOB: rooms}),))
        found.append(await listed(world, ALICE, is_dm=True))
    assert found == [[ROOM], [], [ROOM]]
    assert (await world.sync(ALICE)).rooms[ROOM].is_dm
    assert not (await world.sync(BOB)).rooms[ROOM].is_dm


@pytest.mark.rules("U-137")
@pytest.mark.parametrize("content", [{BOB: ROOM}, {BOB: {"0": ROOM}}, {BOB: [1, None]}, {BOB: []}])
async def test_malformed_direct_rooms_are_none(world: World, content: Mapping[str, Any]) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, account_data=(account_data("m.direct", content),))
    assert await listed(world, ALICE, is_dm=False) == [ROOM]


def encryption(name: str, content: Mapping[str, Any]) -> Event:
    return event(name, "m.room.encryption", content=content, key="")


@pytest.mark.rules("U-164")
async def test_a_room_that_was_encrypted_is_so_for_ever(world: World, database_url: str) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(encryption("e1", {"algorithm": "m.megolm.v1.aes-sha2"})))
    redaction = event("red", "m.room.redaction", ALICE, content={}, redacts="e1")
    await world.poll(ALICE, 21, chunk(redaction, encryption("e2", {})))
    again = await World.start(database_url)
    try:
        assert await listed(world, ALICE, is_encrypted=True) == [ROOM]
        assert await listed(again, BOB, is_encrypted=True) == [ROOM]
    finally:
        await again.stop()


def space_state(type_: str | None = "m.space") -> tuple[Event, ...]:
    """The state of Alice's space, or of a room of another type."""
    content = {"room_version": "10"} | ({"type": type_} if type_ else {})
    created = event("space", "m.room.create", content=content, key="")
    return (created, member("in-space", ALICE))


def child(name: str, room: RoomID, **content: Any) -> Event:
    return event(name, "m.space.child", content=content, key=room)


@pytest.mark.rules("U-165", "SP-1")
@pytest.mark.parametrize("via", [None, "hs", {"0": "hs"}, 1])
async def test_a_child_whose_via_is_no_array_is_taken_out_of_the_space(
    world: World, via: object
) -> None:
    await both_in(world)
    space = chunk(child("c1", ROOM, via=["hs"]), state=space_state())
    await world.poll(ALICE, 20, joined={SPACE: space})
    before = await listed(world, ALICE, spaces=[SPACE])
    await world.poll(ALICE, 21, joined={SPACE: chunk(child("c2", ROOM, via=via))})
    assert (before, await listed(world, ALICE, spaces=[SPACE])) == ([ROOM], [])


@pytest.mark.rules("U-165")
async def test_the_last_word_of_a_batch_on_a_child_wins(world: World) -> None:
    await both_in(world)
    words = (child("c1", ROOM, via=["hs"]), child("c2", ROOM), child("c3", ROOM, via=["hs"]))
    await world.poll(ALICE, 20, joined={SPACE: chunk(*words, state=space_state())})
    assert await listed(world, ALICE, spaces=[SPACE]) == [ROOM]
    await world.poll(ALICE, 21, joined={SPACE: chunk(child("c4", ROOM, via=["hs"]),
                                                     child("c5", ROOM))})  # fmt: skip
    assert await listed(world, ALICE, spaces=[SPACE]) == []


@pytest.mark.rules("U-17C", "SP-5")
async def test_an_unknown_child_of_a_space_is_an_event_and_nothing_more(world: World) -> None:
    space = chunk(child("c1", NOWHERE, via=["hs"]), state=space_state())
    await world.poll(ALICE, 20, joined={SPACE: space})
    answer = await world.sync(ALICE, body=filtered(spaces=[SPACE]))
    assert answer.lists["all"].count == 0
    assert names((await world.sync(ALICE)).rooms[SPACE]) == ["c1"]
    assert await listed(world, ALICE) == [SPACE]


@pytest.mark.rules("SP-5")
async def test_a_child_that_the_user_has_not_joined_is_not_told(world: World) -> None:
    await world.poll(BOB, 10, chunk(*messages("m1"), state=founding(BOB)))
    space = chunk(child("c1", ROOM, via=["hs"]), state=space_state())
    await world.poll(ALICE, 20, joined={SPACE: space})
    subscribed = {"room_subscriptions": {ROOM: {"timeline_limit": 5, "required_state": []}}}
    answer = await world.sync(ALICE, body={**filtered(spaces=[SPACE]), **subscribed})
    assert answer.lists["all"].count == 0
    assert ROOM not in answer.rooms


@pytest.mark.rules("U-17D", "SP-1")
@pytest.mark.parametrize("type_", [None, "org.example.board"])
async def test_only_its_creation_makes_a_room_a_space(world: World, type_: str | None) -> None:
    await both_in(world)
    claims = event("claim", "m.room.create", content={"type": "m.space"}, key="other")
    room = chunk(claims, child("c1", ROOM, via=["hs"]), state=space_state(type_))
    await world.poll(ALICE, 20, joined={SPACE: room})
    assert await listed(world, ALICE, room_types=["m.space"]) == []
    others = [SPACE] if type_ else [ROOM, SPACE]
    assert sorted(await listed(world, ALICE, room_types=[type_])) == others


@pytest.mark.rules("SP-4", "SP-3")
async def test_a_new_child_is_listed_at_once_and_only_the_space_has_its_event(
    world: World,
) -> None:
    await both_in(world)
    space = chunk(*messages("s1"), state=space_state())
    await world.poll(ALICE, 20, joined={SPACE: space})
    lists = {**ALL_ROOMS["lists"], "children": filtered(spaces=[SPACE])["lists"]["all"]}
    pos = (await world.sync(ALICE, body={"lists": lists})).pos
    await world.poll(ALICE, 21, joined={SPACE: chunk(child("c1", ROOM, via=["hs"]))})
    answer = await world.sync(ALICE, pos)
    assert answer.lists["children"].windows == ((ROOM,),)
    assert told(answer) == []
    assert names(answer.rooms[SPACE]) == ["c1"]


@pytest.mark.rules("SP-7")
async def test_a_space_that_changed_behind_a_gap_keeps_its_children(world: World) -> None:
    await both_in(world)
    space = chunk(child("c1", ROOM, via=["hs"]), state=space_state())
    await world.poll(ALICE, 20, joined={SPACE: space})
    renewed = chunk(*messages("s9"), state=[topic("t9")], limited=True)
    await world.poll(ALICE, 30, joined={SPACE: renewed})
    assert await listed(world, ALICE, spaces=[SPACE]) == [ROOM]


@pytest.mark.rules("SP-7")
async def test_a_redaction_in_a_space_takes_out_no_child_but_its_target(world: World) -> None:
    await both_in(world)
    children = (child("c1", ROOM, via=["hs"]), topic("t9"))
    await world.poll(ALICE, 20, joined={SPACE: chunk(*children, state=space_state())})
    found = []
    for at, target in ((21, "t9"), (22, "c1")):
        redaction = event(f"red{at}", "m.room.redaction", content={}, redacts=target)
        await world.poll(ALICE, at, joined={SPACE: chunk(redaction)})
        found.append(await listed(world, ALICE, spaces=[SPACE]))
    assert found == [[ROOM], []]


# A section of ``rooms.join`` that has nothing of the room: Dendrite makes one for account data
# that a user sets, whether or not they are in the room.

ONLY_ACCOUNT_DATA = chunk(account_data=(account_data("m.tag", {"tags": {"u.mine": {}}}),))


@pytest.mark.rules("X-1", "X-3", "M-7")
async def test_account_data_of_a_room_shows_it_to_nobody_who_is_not_in_it(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll(BOB, 20, ONLY_ACCOUNT_DATA)
    first = await world.sync(BOB, body={**ALL_ROOMS, **subscribed(ROOM)})
    await world.poll(ALICE, 30, chunk(*messages("m2")))
    await world.poll(BOB, 31, ONLY_ACCOUNT_DATA)
    second = await world.sync(BOB, first.pos)
    assert (first.lists["all"].count, first.rooms, second.rooms) == (0, {}, {})


@pytest.mark.rules("M-1", "X-5")
async def test_account_data_of_a_room_accepts_no_invite_to_it(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll(BOB, 20, invited={ROOM: invite(BOB)})
    await world.poll(BOB, 30, ONLY_ACCOUNT_DATA)
    answer = await world.sync(BOB)
    assert answer.rooms[ROOM].stripped_state is not None
    assert told(answer) == []


@pytest.mark.rules("X-1", "M-8")
async def test_account_data_of_a_room_that_was_left_does_not_open_it_again(world: World) -> None:
    await both_in(world)
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 20, ONLY_ACCOUNT_DATA, left={ROOM: left(leave)})
    await world.poll(BOB, 30, ONLY_ACCOUNT_DATA)
    await world.poll(ALICE, 40, chunk(leave, *messages("m2")))
    assert (await world.sync(BOB)).lists["all"].count == 0


@pytest.mark.rules("X-1")
async def test_account_data_of_a_room_is_no_sign_of_being_in_it_behind_a_gap(world: World) -> None:
    await both_in(world)
    first = await world.sync(BOB)
    await world.poll(ALICE, 20, chunk(*messages("m9"), limited=True))
    await world.poll(BOB, 30, ONLY_ACCOUNT_DATA)
    assert told(await world.sync(BOB, first.pos)) == []
