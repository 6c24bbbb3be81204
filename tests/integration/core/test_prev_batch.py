"""The token that is given with a timeline: paging back from it skips nothing (D-33)."""

from dataclasses import replace

import pytest

from syncv3.batch import JoinedRoom, Part
from syncv3.types import UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    ROOM,
    World,
    chunk,
    founding,
    left,
    member,
    messages,
    told,
)
from tests.integration.core.keeping import Client, named, window

LAST = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "timeline_limit": 1}}}
"""Asks for the newest event of each room."""

pytestmark = pytest.mark.rules("D-33")


def with_token(token: str, room: JoinedRoom) -> JoinedRoom:
    """The chunk as a homeserver gives it: each has the token from before its first event."""
    return replace(room, prev_batch=token)


async def both_in(world: World) -> None:
    room = with_token("t0", chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def token(world: World, user: UserID, event: str) -> str | None:
    """What a new connection gets with the room's newest event, which is this one."""
    answer = await world.sync(user, body=LAST)
    assert told(answer) == [event]
    return answer.rooms[ROOM].prev_batch


async def test_it_is_that_of_the_answer_that_brought_the_event_not_of_the_last_to_come(
    world: World,
) -> None:
    await both_in(world)
    newer = await world.part(BOB, 20, with_token("t1", chunk(*messages("m2", "m3"))))
    older = await world.part(ALICE, 21, with_token("t1", chunk(*messages("m2"))))
    await world.committer.commit(newer)
    await world.committer.commit(older)
    await world.cache.refresh()
    assert await token(world, ALICE, "m3") == newer.next_batch


@pytest.mark.rules("UZ-16")
@pytest.mark.parametrize("newer_first", [True, False])
async def test_it_is_that_of_the_newer_answer_also_if_both_are_committed_together(
    world: World, newer_first: bool
) -> None:
    await both_in(world)
    newer = await world.part(BOB, 20, with_token("t1", chunk(*messages("m2", "m3"))))
    older = await world.part(ALICE, 21, with_token("t1", chunk(*messages("m2"))))
    parts: list[Part] = [newer, older] if newer_first else [older, newer]
    await world.poll_together(*parts)
    assert await token(world, ALICE, "m3") == newer.next_batch


async def test_it_moves_on_with_an_answer_that_goes_on_but_seems_to_be_older(
    world: World,
) -> None:
    await both_in(world)
    await world.poll(BOB, 21, with_token("t1", chunk(*messages("m2"))))
    newer = await world.part(ALICE, 20, with_token("t1", chunk(*messages("m2", "m3", "m4"))))
    await world.committer.commit(newer)
    await world.cache.refresh()
    assert await token(world, BOB, "m4") == newer.next_batch


async def test_an_answer_about_other_rooms_alone_does_not_change_it(world: World) -> None:
    await both_in(world)
    brought = await world.part(BOB, 20, with_token("t1", chunk(*messages("m2", "m3"))))
    await world.committer.commit(brought)
    await world.poll(ALICE, 30)
    assert await token(world, ALICE, "m3") == brought.next_batch


async def test_the_first_parts_of_a_large_answer_have_it_too(world: World) -> None:
    room = with_token("t0", chunk(*messages("m1", "m2"), state=founding(ALICE)))
    part = await world.part(ALICE, 10, room, last=False)
    await world.committer.commit(part)
    await world.cache.refresh()
    assert await token(world, ALICE, "m2") == part.next_batch is not None


async def test_a_late_event_behind_newer_ones_brings_no_token_from_before_them(
    world: World,
) -> None:
    """Bob ignores the sender of m2, which Alice's slow answer brings after his m3 and m4."""
    await both_in(world)
    newer = await world.part(BOB, 30, with_token("t2", chunk(*messages("m3", "m4"))))
    await world.committer.commit(newer)
    await world.poll(ALICE, 20, with_token("t1", chunk(*messages("m2"))))
    assert await token(world, ALICE, "m2") == newer.next_batch


async def test_a_late_chunk_below_the_gap_changes_nothing(world: World) -> None:
    await both_in(world)
    gap = with_token("t7", chunk(*messages("m8", "m9"), limited=True))
    behind = await world.part(ALICE, 30, gap)
    await world.committer.commit(behind)
    await world.poll(BOB, 20, with_token("t4", chunk(*messages("m5", "m6"), limited=True)))
    assert await token(world, ALICE, "m9") == behind.next_batch


@pytest.mark.rules("UZ-16")
async def test_an_event_that_began_its_chunk_has_the_exact_one(world: World) -> None:
    await both_in(world)
    await world.poll(BOB, 20, with_token("t1", chunk(*messages("m2"))))
    assert await token(world, ALICE, "m2") == "t1"


@pytest.mark.rules("S-195", "S-605")
async def test_of_an_end_behind_a_gap_it_is_that_of_the_answer_that_told_the_end(
    world: World,
) -> None:
    """Nobody else tells of m2 to m8: what the room ends with was told to Bob, long before."""
    await both_in(world)
    client = Client(world, ALICE, ask=window(limit=1))
    assert (await client.room()).initial
    await world.poll(BOB, 20, left={ROOM: left(member("b2", BOB, "leave"))})
    section = left(*messages("m9"), member("a2", ALICE, "leave"), limited=True)
    end = await world.part(ALICE, 30, left={ROOM: replace(section, prev_batch="t8")})
    await world.committer.commit(end)
    await world.cache.refresh()
    room = await client.room()
    assert (named(room.timeline), room.limited) == (["a2"], True)
    assert room.prev_batch == end.next_batch


async def test_a_restart_keeps_it(world: World, database_url: str) -> None:
    await both_in(world)
    newer = await world.part(BOB, 20, with_token("t1", chunk(*messages("m2", "m3"))))
    await world.committer.commit(newer)
    await world.poll(ALICE, 30)
    again = await World.start(database_url)
    try:
        assert await token(again, ALICE, "m3") == newer.next_batch
    finally:
        await again.stop()
