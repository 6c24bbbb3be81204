"""A room is opened to a user by what their own poller was told, and by nothing else."""

import pytest

from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    chunk,
    founding,
    member,
    messages,
    told,
)

BACK = member("back", BOB, before="leave")


async def bob_was_kicked(world: World) -> None:
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 20, chunk(kick, *messages("m2")))


@pytest.mark.rules("X-1", "X-4")
async def test_a_join_in_another_users_timeline_opens_nothing(world: World) -> None:
    await bob_was_kicked(world)
    await world.poll(ALICE, 30, chunk(*messages("m3"), BACK, *messages("m4")))
    assert ROOM not in (await world.sync(BOB)).rooms
    await world.poll(BOB, 31, chunk(*messages("m3"), BACK, *messages("m4"), limited=True))
    assert told(await world.sync(BOB)) == ["back", "m4"]


@pytest.mark.rules("X-1", "U-178")
async def test_a_join_in_another_users_state_opens_nothing(world: World) -> None:
    await bob_was_kicked(world)
    await world.poll(ALICE, 30, chunk(*messages("m8"), state=[BACK], limited=True))
    assert await world.state("m.room.member", BOB) == "back"
    assert ROOM not in (await world.sync(BOB)).rooms


@pytest.mark.rules("X-1")
async def test_an_old_join_in_a_late_state_block_opens_nothing(world: World) -> None:
    await bob_was_kicked(world)
    late = chunk(*messages("m0"), state=founding(ALICE, BOB), limited=True)
    await world.poll(ALICE, 15, late, device="LAPTOP")
    assert await world.state("m.room.member", BOB) == "kick"
    assert ROOM not in (await world.sync(BOB)).rooms
