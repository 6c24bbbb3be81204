"""What is stored of the way a room was sent is read after a restart, also by newer versions."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.protocol.pos import MAX_HELD
from syncv3.types import RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    left,
    member,
    messages,
    names,
    state_told,
    told,
)

CROWD = tuple(member(f"in-{n}", UserID(f"@crowd{n}:hs"), before="invite") for n in range(5))


def listed(limit: int, *state: tuple[str, str], **filters: Any) -> dict[str, Any]:
    return {
        "ranges": [[0, 20]],
        "timeline_limit": limit,
        "required_state": list(state),
        "filters": filters,
    }


TWO: Mapping[str, Any] = {"lists": {"wide": listed(20), "narrow": listed(5, is_invite=False)}}
WITHOUT_WIDE: Mapping[str, Any] = {"lists": {"wide": {"deleted": True}}}


async def stop_and_go(world: World, database_url: str) -> World:
    """The service is stopped and started again."""
    await world.stop()
    return await World.start(database_url)


async def bob_in(world: World) -> str:
    """Bob's ``pos`` after two lists have shown him the room."""
    await world.poll(BOB, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    return (await world.sync(BOB, None, TWO)).pos


@pytest.mark.rules("L-53")
async def test_a_room_that_is_asked_for_with_less_is_not_sent_again(world: World) -> None:
    pos = await bob_in(world)
    answer = await world.sync(BOB, pos, WITHOUT_WIDE)
    assert not answer.rooms


@pytest.mark.rules("L-53")
async def test_a_room_of_which_only_the_number_is_known_is_sent_whole(
    world: World, database_url: str
) -> None:
    """Which config the number stood for is not stored: what is asked now may be more."""
    pos = await bob_in(world)
    world = await stop_and_go(world, database_url)
    try:
        answer = await world.sync(BOB, pos, WITHOUT_WIDE)
        assert told(answer) == ["m1"] and answer.rooms[ROOM].initial
    finally:
        await world.stop()


@pytest.mark.rules("L-53", "P-2")
async def test_a_room_that_is_asked_for_as_before_is_not_sent_again_after_a_restart(
    world: World, database_url: str
) -> None:
    pos = await bob_in(world)
    world = await stop_and_go(world, database_url)
    try:
        assert not (await world.sync(BOB, pos)).rooms
    finally:
        await world.stop()


@pytest.mark.rules("D-52")
async def test_a_member_list_that_was_not_complete_is_told_when_it_is_after_a_restart(
    world: World, database_url: str
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    everybody = {"lists": {"all": listed(9, ("m.room.member", "*"))}}
    first = await world.sync(ALICE, body=everybody)
    world = await stop_and_go(world, database_url)
    try:
        second = await world.sync(ALICE, first.pos)
        await world.learning.learn_members(ROOM, (*founding(ALICE)[1:], *CROWD))
        await world.cache.refresh()
        third = await world.sync(ALICE, second.pos)
        fourth = await world.sync(ALICE, third.pos)
        sizes = [len(state_told(answer)) for answer in (first, second, third, fourth)]
        assert sizes == [1, 0, 1 + len(CROWD), 0]
    finally:
        await world.stop()


@pytest.mark.rules("M-8")
async def test_of_rooms_in_doubt_as_many_are_remembered_as_a_token_can_hold(world: World) -> None:
    """Bob is in doubt about 17 rooms, as each has a gap; then it turns out that he was kicked."""
    ids = [RoomID(f"!{n:02}:hs") for n in range(MAX_HELD + 1)]

    def each(name: str, **more: Any) -> dict[RoomID, Any]:
        return {r: chunk(event(f"{name}{r}", sender=CAROL), **more) for r in ids}

    def state(room_id: RoomID) -> list[Any]:
        created = event(f"create{room_id}", "m.room.create", content={"room_version": "10"}, key="")
        members = [member(f"{u}{room_id}", u, before="invite") for u in (ALICE, BOB)]
        return [created, *members]

    begun = {r: chunk(event(f"m1{r}", sender=CAROL), state=state(r)) for r in ids}
    await world.poll(ALICE, 10, joined=begun)
    await world.poll(BOB, 11, joined=begun)
    pos = (await world.sync(BOB, None, {"lists": {"all": listed(5)}})).pos
    await world.poll(ALICE, 20, joined=each("m9", limited=True))
    doubtful = await world.sync(BOB, pos)
    assert not doubtful.rooms and doubtful.lists["all"].count == 0
    kicks = {r: left(member(f"kick{r}", BOB, "leave", sender=ALICE, before="join")) for r in ids}
    await world.poll(BOB, 30, left=kicks)
    answer = await world.sync(BOB, doubtful.pos)
    ended = [r for r, room in answer.rooms.items() if names(room)[-1:] == [f"kick{r}"]]
    assert len(ended) == MAX_HELD
