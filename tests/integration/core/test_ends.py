"""What random stories have found: ends of memberships and beginnings of timelines.

See ``tests/simulation``. Each story here is the short form of one that went wrong.
"""

from collections.abc import AsyncIterator

import pytest

from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    founding,
    left,
    member,
    messages,
    state_told,
    told,
    topic,
)


async def both_in(world: World) -> None:
    room = chunk(topic("t1"), *messages("m1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def kick_bob(world: World) -> None:
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(kick))


@pytest.fixture
async def second(world: World, database_url: str) -> AsyncIterator[World]:
    """Another process on the same database."""
    other = await World.start(database_url)
    try:
        yield other
    finally:
        await other.stop()


@pytest.mark.rules("M-8")
async def test_a_kick_is_told_again_when_its_answer_was_lost_after_a_restart(
    world: World, second: World
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.connections.share(alone=True)
    await kick_bob(second)
    await second.sync(BOB, pos)
    assert told(await second.sync(BOB, pos)) == ["kick"]


@pytest.mark.rules("M-8")
async def test_a_kick_is_told_although_a_kill_took_the_sent_state(
    world: World, second: World, database_url: str
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    pos = (await second.sync(BOB, pos)).pos  # its windows are new, and stored behind
    third = await World.start(database_url)
    try:
        await kick_bob(third)
        assert told(await third.sync(BOB, pos)) == ["kick"]
    finally:
        await third.stop()


@pytest.mark.rules("M-8", "X-4")
async def test_a_leave_is_told_to_a_user_who_was_in_doubt_behind_a_gap(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    await world.poll(ALICE, 30, chunk(*messages("m9", sender=CAROL), limited=True))
    doubtful = await world.sync(BOB, pos)
    assert told(doubtful) == []
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 40, left={ROOM: left(leave, limited=True)})
    assert told(await world.sync(BOB, doubtful.pos)) == ["m2", "leave"]


@pytest.mark.rules("D-30")
async def test_the_last_answer_of_a_room_says_where_a_gap_is(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    behind = messages("m8", "m9", sender=CAROL)
    await world.poll(BOB, 20, chunk(*behind, limited=True))
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(*behind, kick, limited=True))
    answer = await world.sync(BOB, pos)
    assert told(answer) == ["m8", "m9", "kick"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("D-30")
@pytest.mark.parametrize(
    ("first", "limited"),
    [
        (member("in", BOB, before="invite"), False),
        (member("in", ALICE, before="invite"), True),
        (topic("t1"), True),
    ],
)
async def test_only_the_own_join_is_a_beginning(world: World, first: object, limited: bool) -> None:
    room = chunk(first, state=founding(ALICE, BOB), limited=True)  # type: ignore[arg-type]
    await world.poll(BOB, 10, room)
    assert (await world.sync(BOB)).rooms[ROOM].limited is limited


@pytest.mark.rules("L-53")
async def test_a_longer_timeline_brings_the_members_of_its_senders(world: World) -> None:
    lazily = {**ALL_ROOMS["lists"]["all"], "required_state": [["m.room.member", "$LAZY"]]}
    short, long = ({"lists": {"all": {**lazily, "timeline_limit": n}}} for n in (1, 5))
    timeline = (*messages("m1", sender=ALICE), *messages("m2", sender=BOB))
    await world.poll(BOB, 10, chunk(*timeline, state=founding(ALICE, BOB)))
    first = await world.sync(BOB, body=short)
    assert state_told(first) == [f"in-{BOB}"]
    assert f"in-{ALICE}" in state_told(await world.sync(BOB, first.pos, long))


@pytest.mark.rules("P-2")
async def test_a_worker_that_learns_of_a_new_epoch_only_while_it_answers_goes_on(
    world: World, second: World
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.pool.execute("TRUNCATE ss_stream_fence")
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    second.cache.users.clear()
    assert told(await second.sync(BOB, pos)) == ["m2"]
