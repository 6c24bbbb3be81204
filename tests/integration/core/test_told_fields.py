"""What a delta says of a room's name, avatar, counts and DM flag, and what it leaves out."""

from typing import Any

import pytest

from syncv3.protocol.response import RoomAnswer
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    event,
    founding,
    invite,
    member,
    messages,
)

INVITE = RoomID("!invite:hs")


def called(name: str, text: str) -> Any:
    return event(name, "m.room.name", content={"name": text}, key="")


async def in_a_room(world: World, *more: Any) -> str:
    """Alice and Bob are in ROOM; gives the position of Alice's client."""
    await world.poll(
        ALICE, 10, chunk(*more, *messages("m1", sender=BOB), state=founding(ALICE, BOB))
    )
    return (await world.sync(ALICE)).pos


def direct(*rooms: RoomID) -> Any:
    return (account_data("m.direct", {BOB: list(rooms)}),)


def said(room: RoomAnswer) -> dict[str, Any]:
    """The fields of the answer that speak of these things."""
    fields = ("name", "avatar", "joined_count", "invited_count", "is_dm")
    return {f: getattr(room, f) for f in fields if getattr(room, f) is not None}


@pytest.mark.rules("D-22")
async def test_who_joins_a_room_with_a_name_changes_one_count(world: World) -> None:
    pos = await in_a_room(world, called("n1", "Kitchen"))
    await world.poll(ALICE, 20, chunk(member("in", CAROL)))
    answer = await world.sync(ALICE, pos)
    assert said(answer.rooms[ROOM]) == {"joined_count": 3}
    await world.poll(ALICE, 30, chunk(member("iv", "@dave:hs", "invite", sender=BOB)))  # type: ignore[arg-type]
    answer = await world.sync(ALICE, answer.pos)
    assert said(answer.rooms[ROOM]) == {"invited_count": 1}


@pytest.mark.rules("D-22")
async def test_a_name_that_is_the_same_again_is_not_told(world: World) -> None:
    pos = await in_a_room(world, called("n1", "Kitchen"))
    await world.poll(ALICE, 20, chunk(called("n2", "Parlour")))
    await world.poll(ALICE, 21, chunk(called("n3", "Kitchen")))
    answer = await world.sync(ALICE, pos)
    assert said(answer.rooms[ROOM]) == {}
    assert len(answer.rooms[ROOM].timeline) == 2


@pytest.mark.rules("D-22", "D-21")
async def test_a_name_that_is_made_of_members_is_told_when_it_changes(world: World) -> None:
    pos = await in_a_room(world)
    await world.poll(ALICE, 20, chunk(member("in", CAROL)))
    answer = await world.sync(ALICE, pos)
    assert said(answer.rooms[ROOM]) == {"name": "@bob:hs and @carol:hs", "joined_count": 3}


@pytest.mark.rules("D-22")
async def test_a_room_of_which_nothing_is_new_for_the_client_is_not_in_the_answer(
    world: World,
) -> None:
    pos = await in_a_room(world, called("n1", "Kitchen"))
    await world.learning.learn_members(ROOM, founding(ALICE, BOB, CAROL))
    await world.cache.refresh()
    answer = await world.sync(ALICE, pos)
    assert not answer.rooms or said(answer.rooms[ROOM]).keys() <= {"joined_count"}


@pytest.mark.rules("D-22")
async def test_each_client_is_told_what_changed_for_it(world: World) -> None:
    pos = await in_a_room(world, called("n1", "Kitchen"))
    await world.poll(ALICE, 20, chunk(called("n2", "Parlour")))
    later = (await world.sync(ALICE, pos)).pos
    await world.poll(ALICE, 21, chunk(called("n3", "Kitchen"), member("in", CAROL)))
    assert said((await world.sync(ALICE, later)).rooms[ROOM]) == {
        "name": "Kitchen", "joined_count": 3}  # fmt: skip
    assert said((await world.sync(ALICE, pos)).rooms[ROOM]) == {"joined_count": 3}


@pytest.mark.rules("D-22", "Z-7")
async def test_after_a_restart_what_may_have_changed_is_told(
    world: World, database_url: str
) -> None:
    pos = await in_a_room(world, called("n1", "Kitchen"))
    await world.connections.share(alone=True)
    await world.poll(ALICE, 20, chunk(called("n2", "Parlour")))
    other = await World.start(database_url)
    try:
        answer = await other.sync(ALICE, pos)
        assert said(answer.rooms[ROOM]) == {"name": "Parlour"}
        await world.poll(ALICE, 30, chunk(member("in", CAROL)))
        await other.cache.refresh()
        answer = await other.sync(ALICE, answer.pos)
        assert said(answer.rooms[ROOM]) == {"joined_count": 3}
    finally:
        await other.stop()


@pytest.mark.rules("D-25", "D-23")
async def test_a_room_that_becomes_a_dm_or_ceases_to_be_one_is_told(world: World) -> None:
    await in_a_room(world, member("face", BOB, before="join", avatar_url="mxc://hs/bob"))
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 20, account_data=direct(ROOM))
    answer = await world.sync(ALICE, pos)
    assert said(answer.rooms[ROOM]) == {"is_dm": True, "avatar": ("mxc://hs/bob",)}
    assert not answer.rooms[ROOM].initial
    await world.poll(ALICE, 30, account_data=direct())
    answer = await world.sync(ALICE, answer.pos)
    assert said(answer.rooms[ROOM]) == {"is_dm": False, "avatar": (None,)}
    assert not (await world.sync(ALICE, answer.pos)).rooms


@pytest.mark.rules("D-25")
async def test_a_dm_flag_that_comes_and_goes_meanwhile_is_not_told(world: World) -> None:
    pos = await in_a_room(world)
    await world.poll(ALICE, 20, account_data=direct(ROOM))
    await world.poll(ALICE, 21, account_data=direct())
    assert not (await world.sync(ALICE, pos)).rooms


@pytest.mark.rules("D-25", "Z-7")
async def test_a_dm_flag_that_changed_during_a_restart_is_told(
    world: World, database_url: str
) -> None:
    pos = await in_a_room(world)
    await world.connections.share(alone=True)
    await world.poll(ALICE, 20, account_data=direct(ROOM))
    other = await World.start(database_url)
    try:
        answer = await other.sync(ALICE, pos)
        assert said(answer.rooms[ROOM])["is_dm"] is True
        assert not (await other.sync(ALICE, answer.pos)).rooms
    finally:
        await other.stop()


@pytest.mark.rules("D-25", "L-10", "M-3")
async def test_an_invite_that_becomes_a_dm_is_told_as_a_whole(world: World) -> None:
    await world.poll(ALICE, 10, invited={INVITE: invite(ALICE, by=BOB)})
    answer = await world.sync(ALICE)
    assert answer.rooms[INVITE].is_dm is False
    await world.poll(ALICE, 20, account_data=direct(INVITE))
    answer = await world.sync(ALICE, answer.pos)
    told = answer.rooms[INVITE]
    assert told.initial and told.is_dm and told.stripped_state


@pytest.mark.rules("L-10", "Z-8")
async def test_invites_leave_a_list_of_dms_when_a_later_m_direct_says_so(world: World) -> None:
    event_ = invite(ALICE, by=BOB)
    dm = event_.events[0].replace(b'"membership"', b'"is_direct": true, "membership"')
    await world.poll(ALICE, 10, invited={INVITE: type(event_)((dm,))})
    people = {"lists": {"people": {"ranges": [[0, 9]], "filters": {"is_dm": True}}}}
    answer = await world.sync(ALICE, None, people)
    assert answer.lists["people"].count == 1
    await world.poll(ALICE, 20, account_data=direct(ROOM))
    answer = await world.sync(ALICE, answer.pos)
    assert answer.lists["people"].count == 0
