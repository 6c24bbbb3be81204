"""When things arrived (S-110, S-111, S-280, S-281, S-604): of rooms and of memberships.

Answers are made at times in microseconds, stamps are in milliseconds.
"""

from syncv3.protocol.bump_types import BUMP_TYPES
from syncv3.types import UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    chunk,
    event,
    founding,
    invite,
    left,
    member,
    messages,
    topic,
)


async def stamps(world: World, user: UserID = ALICE) -> tuple[int, int]:
    """Of the room for a user: of messages and the like, and of all events."""
    cached = await world.cache.user((await world.device(user)).user_key)
    room = cached.seen(world.dialect.perspective).room(cached.by_id[ROOM])
    return room.stamp(BUMP_TYPES), room.stamp()


async def test_a_room_has_the_stamp_of_what_arrived_last(world: World) -> None:
    await world.poll(ALICE, 50_000, chunk(event("m1", at=20), state=founding(ALICE)))
    assert await stamps(world) == (20, 20)
    await world.poll(ALICE, 60_000, chunk(event("m2", at=1)))
    assert await stamps(world) == (60, 60)
    await world.poll(ALICE, 70_000, chunk(topic("t1")))
    assert await stamps(world) == (60, 70)


async def test_what_a_first_answer_brings_is_not_from_the_future(world: World) -> None:
    await world.poll(ALICE, 50_000, chunk(event("m1", at=90), state=founding(ALICE)))
    assert await stamps(world) == (50, 50)


async def test_older_events_that_come_later_leave_the_stamp(world: World) -> None:
    """Bob's homeserver answer has what Alice's gap has hidden."""
    await world.poll(ALICE, 50_000, chunk(event("m1", at=20), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 60_000, chunk(*messages("m3"), limited=True))
    await world.poll(BOB, 59_000, chunk(*messages("m0"), topic("t0"), state=founding(ALICE, BOB)))
    assert await stamps(world) == (60, 60)


async def test_without_a_message_the_own_join_counts(world: World) -> None:
    await world.poll(ALICE, 50_000, chunk(topic("t1"), state=founding(ALICE)))
    await world.poll(BOB, 60_000)
    await world.poll(BOB, 70_000, chunk(member("in", BOB), state=founding(ALICE)))
    assert await stamps(world, BOB) == (70, 70)
    assert (await stamps(world))[0] == 1  # a first answer: when Alice says that she joined


async def test_an_invite_and_its_end_have_their_own_stamps(world: World) -> None:
    """What happens in the room meanwhile must not show, not even that it does."""
    await world.poll(ALICE, 50_000, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll(BOB, 60_000)
    await world.poll(BOB, 61_000, invited={ROOM: invite(BOB)})
    await world.poll(ALICE, 70_000, chunk(*messages("m2")))
    assert await stamps(world, BOB) == (61, 61)
    other = invite(BOB, by=BOB)  # the same invite, told in another way
    await world.poll(BOB, 80_000, invited={ROOM: other})
    assert await stamps(world, BOB) == (61, 61)
    leave = member("out", BOB, "leave", sender=BOB, before="invite")
    await world.poll(BOB, 90_000, left={ROOM: left(leave)})
    assert await stamps(world, BOB) == (90, 90)
    await world.poll(BOB, 95_000, left={ROOM: left(leave)})
    assert await stamps(world, BOB) == (90, 90)
    await world.poll(BOB, 99_000, left={ROOM: left(member("ban", BOB, "ban", before="leave"))})
    assert await stamps(world, BOB) == (99, 99)


async def test_another_worker_reads_the_same_stamps(world: World, database_url: str) -> None:
    await world.poll(ALICE, 50_000, chunk(event("m1", at=20), state=founding(ALICE)))
    await world.poll(ALICE, 60_000, chunk(*messages("m2"), topic("t1")))
    another = await World.start(database_url)
    try:
        assert await stamps(another) == await stamps(world) == (60, 60)
    finally:
        await another.stop()
