"""Account data of rooms that their user joins, leaves and joins again, for a client that keeps
rooms."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from extensions.account_data import AccountData
from syncv3.batch import JoinedRoom
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.protocol.response import SyncResponse
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    account_data,
    chunk,
    event,
    founding,
    invite,
    left,
    member,
)
from tests.integration.core.keeping import Client
from tests.unit.engine.keeping import Asked

ON: Mapping[str, Any] = {"enabled": True}
NOWHERE: Mapping[str, Any] = {"enabled": True, "lists": [], "rooms": []}
TAG = account_data("m.tag", {"tags": {"a": {}}})
NOTE = account_data("org.example", {})
KICK = member("kick", BOB, "leave", sender=ALICE)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    started = await World.start(database_url, [AccountData()])
    try:
        await started.poll(ALICE, 9, chunk(member("a1", ALICE), state=founding()))
        yield started
    finally:
        await started.stop()


def asks(account_data: Mapping[str, Any] = ON) -> CompleteRequest:
    config = RoomConfig(5, (Asked(),))
    return CompleteRequest(
        lists={"all": ListSpec(((0, 9),), config=config)},
        extensions={"account_data": account_data},
    )


async def joins(world: World, at: int, **more: Any) -> None:
    await world.poll(BOB, at, joining(at, **more))


def joining(at: int, **more: Any) -> JoinedRoom:
    return chunk(event(f"m{at}"), member(f"b{at}", BOB), **more)


def types(answer: SyncResponse) -> list[str]:
    """Of which types the room's account data in an answer is."""
    told = json.loads(answer.extensions.get("account_data", b"{}"))
    return [each["type"] for each in told.get("rooms", {}).get(ROOM, ())]


async def in_and_out(world: World, client: Client) -> None:
    """Bob is in the room, with a tag, and is kicked; his client knows all of that."""
    await joins(world, 10, account_data=(TAG,))
    assert types(await client.sync()) == ["m.tag"]
    await world.poll(BOB, 20, left={ROOM: left(KICK)})
    assert types(await client.sync()) == []


@pytest.mark.rules("S-379", "S-176")
async def test_what_was_told_of_an_earlier_stay_is_not_repeated(world: World) -> None:
    client = Client(world, BOB, asks())
    await in_and_out(world, client)
    await joins(world, 30)
    answer = await client.sync()
    assert (answer.rooms[ROOM].initial, types(answer)) == (True, [])


@pytest.mark.rules("S-379", "S-377")
async def test_what_changes_with_the_return_is_told(world: World) -> None:
    client = Client(world, BOB, asks())
    await in_and_out(world, client)
    await joins(world, 30, account_data=(NOTE,))
    assert types(await client.sync()) == ["org.example"]


@pytest.mark.rules("S-379", "S-176")
async def test_an_invite_between_two_stays_takes_nothing_away(world: World) -> None:
    client = Client(world, BOB, asks())
    await in_and_out(world, client)
    await world.poll(BOB, 30, invited={ROOM: invite(BOB)})
    assert (await client.sync()).rooms[ROOM].initial
    await joins(world, 40)
    answer = await client.sync()
    assert (answer.rooms[ROOM].initial, types(answer)) == (True, [])


@pytest.mark.rules("S-379", "S-377")
@pytest.mark.parametrize("invited", [True, False])
async def test_who_knew_the_room_from_outside_only_is_told_all(world: World, invited: bool) -> None:
    """The client begins when the user is out of the room, with a tag from an earlier stay."""
    await in_and_out(world, Client(world, BOB, asks(), conn_id="another"))
    if invited:
        await world.poll(BOB, 30, invited={ROOM: invite(BOB)})
    client = Client(world, BOB, asks())
    answer = await client.sync()
    assert (ROOM in answer.rooms, types(answer)) == (True, [])
    await joins(world, 40)
    assert types(await client.sync()) == ["m.tag"]


@pytest.mark.rules("S-379", "S-341")
async def test_who_knew_the_room_from_outside_and_did_not_choose_it_is_told_all_later(
    world: World,
) -> None:
    await in_and_out(world, Client(world, BOB, asks(), conn_id="another"))
    client = Client(world, BOB, asks())
    await client.sync()
    await joins(world, 40)
    client.ask = asks(NOWHERE)
    assert types(await client.sync()) == []
    client.ask = asks()
    assert types(await client.sync()) == ["m.tag"]
    assert types(await client.sync()) == []


@pytest.mark.rules("S-379", "S-377")
@pytest.mark.parametrize("forgetful", [False, True])
async def test_what_changed_before_a_leave_is_told_after_the_return(
    world: World, forgetful: bool
) -> None:
    """The answer that told the leave had no place for it. ``forgetful``: the log of changes does
    not go back so far."""
    client = Client(world, BOB, asks())
    await joins(world, 10, account_data=(TAG,))
    await client.sync()
    await world.poll(BOB, 19, chunk(account_data=(NOTE,)))
    await world.poll(BOB, 20, left={ROOM: left(KICK)})
    if forgetful:
        world.cache.changes.start(world.cache.position)
    assert types(await client.sync()) == []
    await joins(world, 30)
    assert types(await client.sync()) == ["org.example"]
    assert types(await client.sync()) == []


@pytest.mark.rules("S-377", "S-57")
async def test_what_changes_while_the_user_may_be_out_is_told_when_they_are_in(
    world: World,
) -> None:
    """Alice's poller meets a gap: Bob may have left in it, until his own poller has spoken. What
    his other device says of the room meanwhile must not be lost."""
    client = Client(world, BOB, asks())
    await joins(world, 10, account_data=(TAG,))
    await client.sync()
    await world.poll(ALICE, 20, chunk(event("m20"), limited=True))
    await world.poll(BOB, 19, chunk(account_data=(NOTE,)), device="LAPTOP")
    told = types(await client.sync())
    await world.poll(BOB, 21, chunk(event("m20"), event("m21"), limited=True))
    assert [*told, *types(await client.sync())] == ["org.example"]


@pytest.mark.rules("S-379")
async def test_another_worker_repeats_nothing_either(world: World, database_url: str) -> None:
    client = Client(world, BOB, asks())
    await in_and_out(world, client)
    await world.stop()
    later = await World.start(database_url, [AccountData()])
    try:
        client.world = later
        await joins(later, 30)
        answer = await client.sync()
        assert (answer.rooms[ROOM].initial, types(answer)) == (True, [])
    finally:
        await later.stop()


@pytest.mark.rules("S-377", "S-57")
async def test_what_only_a_lost_answer_has_told_is_still_owed_after_a_kill(
    world: World, database_url: str
) -> None:
    """The room was shown, and not chosen, when its tag came. The answer that caught up is stored,
    and lost on its way; so is the worker that knew what had been owed."""
    client = Client(world, BOB, asks())
    await joins(world, 10)
    await client.sync()
    client.ask = asks(NOWHERE)
    await world.poll(BOB, 20, chunk(account_data=(TAG,)))
    await client.sync()
    await client.sync()
    before = client.pos
    client.ask = asks()
    assert types(await client.sync()) == ["m.tag"]
    await world.flush()
    await world.kill()
    later = await World.start(database_url, [AccountData()])
    try:
        client.world = later
        assert types(await client.sync(before)) == ["m.tag"]
    finally:
        await later.stop()
