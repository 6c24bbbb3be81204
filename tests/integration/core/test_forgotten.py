"""Rooms that a user has forgotten, as the homeserver's answer to it says."""

import asyncio

import pytest

from syncv3.ingest.forgetting import Forgetting
from syncv3.protocol.response import SyncResponse
from syncv3.store.rows import UserRoomRow
from syncv3.types import RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    chunk,
    founding,
    invite,
    left,
    member,
    messages,
    told,
    topic,
)

LATER = 2**52
"""When nobody forgets anything any more; microseconds, in the year 2112."""
SUBSCRIBED = {"room_subscriptions": {ROOM: {"timeline_limit": 5, "required_state": []}}}

pytestmark = pytest.mark.rules("S-85", "S-602")


async def both_in(world: World) -> None:
    room = chunk(topic("t1"), *messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def forget(world: World, user: UserID = BOB, room_id: RoomID = ROOM) -> None:
    asked = asyncio.get_running_loop().time()
    await Forgetting(world.committer.writer).forget(user, room_id, asked)
    await world.cache.refresh()


async def stored(world: World, user: UserID = BOB) -> UserRoomRow:
    who = await world.device(user)
    (row,) = (await world.cache.user(who.user_key)).rooms.values()
    return row


def count(answer: SyncResponse) -> int:
    return answer.lists["all"].count


async def kick_bob(world: World, at: int = 30) -> None:
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(BOB, at, left=({ROOM: left(kick)}))


async def test_a_room_that_was_left_is_marked_in_the_cache_and_beyond_a_restart(
    world: World, second: World
) -> None:
    await both_in(world)
    await kick_bob(world)
    await stored(second)
    await forget(world)
    assert (await stored(world)).forgotten
    await second.cache.refresh()
    assert (await stored(second)).forgotten, "another worker"
    await world.cache.start()
    world.cache.users.clear()
    assert (await stored(world)).forgotten, "what is loaded after a restart"


@pytest.mark.parametrize("end", [("leave", BOB), ("ban", ALICE)])
async def test_the_next_answer_has_no_room_whose_end_was_not_reported_yet(
    world: World, end: tuple[str, UserID]
) -> None:
    membership, sender = end
    await both_in(world)
    first = await world.sync(BOB)
    assert count(first) == 1
    await forget(world)
    assert count(await world.sync(BOB, first.pos)) == 0
    assert told(await world.sync(BOB, None, SUBSCRIBED)) == []
    reported = member("end", BOB, membership, sender=sender, before="join")
    await world.poll(BOB, LATER, left={ROOM: left(reported)})
    row = await stored(world)
    assert (row.membership, row.forgotten) == (membership, True), "it is what was concluded"


@pytest.mark.parametrize("membership", ["join", "invite", "knock", "ban"])
async def test_a_new_membership_brings_the_room_back(world: World, membership: str) -> None:
    await both_in(world)
    await kick_bob(world)
    await forget(world)
    event = member("again", BOB, membership, before="leave")
    match membership:
        case "join":
            await world.poll(BOB, LATER, chunk(event))
        case "invite":
            await world.poll(BOB, LATER, invited={ROOM: invite(BOB)})
        case "knock":
            knock = invite(BOB)
            asked = knock.events[0].replace(b'"invite"', b'"knock"')
            await world.poll(BOB, LATER, knocked={ROOM: type(knock)((asked,))})
        case "ban":
            await world.poll(BOB, LATER, left={ROOM: left(event)})
    row = await stored(world)
    assert (row.membership, row.forgotten) == (membership, False)


@pytest.mark.parametrize("report", ["join", "invite"])
async def test_what_was_reported_before_brings_nothing_back(world: World, report: str) -> None:
    await both_in(world)
    await kick_bob(world)
    await forget(world)
    if report == "join":
        await world.poll(BOB, 40, chunk(*messages("m2")))
    else:
        await world.poll(BOB, 40, invited={ROOM: invite(BOB)})
    row = await stored(world)
    assert (row.membership, row.forgotten) == ("leave", True)


async def test_a_membership_of_after_the_forgetting_stays(world: World) -> None:
    await both_in(world)
    await kick_bob(world)
    await world.poll(BOB, LATER, invited={ROOM: invite(BOB)})
    await forget(world)
    row = await stored(world)
    assert (row.membership, row.forgotten) == ("invite", False)


async def test_forgetting_concerns_nobody_else_and_costs_once(world: World) -> None:
    await both_in(world)
    await kick_bob(world)
    pos = (await world.sync(ALICE)).pos
    told_before = await world.pool.fetchval("SELECT pos FROM ss_rooms")
    await forget(world)
    head = world.cache.position
    await forget(world)
    await forget(world, room_id=RoomID("!nobody:knows"))
    await forget(world, user=UserID("@nobody:hs"))
    assert world.cache.position == head
    assert await world.pool.fetchval("SELECT pos FROM ss_rooms") == told_before
    assert not (await stored(world, ALICE)).forgotten
    assert (await world.sync(ALICE, pos)).rooms == {}


async def test_others_who_write_the_room_at_the_same_time_lose_nothing(world: World) -> None:
    await both_in(world)
    await kick_bob(world)
    parts = [await world.part(ALICE, 40 + n, chunk(*messages(f"n{n}"))) for n in range(10)]
    await asyncio.gather(forget(world), *map(world.committer.commit, parts))
    await world.cache.refresh()
    assert (await stored(world)).forgotten
    assert [name for name, _ in await world.timeline()][-10:] == [f"n{n}" for n in range(10)]
