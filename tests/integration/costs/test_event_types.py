"""A room with very many event types: each message costs what it did before."""

from collections.abc import Sequence

import pytest

from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
)
from tests.support.costs import calls_of

OTHER = RoomID("!other:hs")
BUMPING = {"lists": {"all": {"ranges": [[0, 9]], "bump_event_types": ["m.room.message"]}}}


async def flood(world: World, first: int, count: int) -> None:
    """As many types, 500 in one answer."""
    for start in range(first, first + count, 500):
        sent = [event(f"e{n}", f"org.example.type{n}") for n in range(start, start + 500)]
        await world.poll(ALICE, 20 + start, chunk(*sent))


async def test_a_message_costs_the_same_after_any_number_of_types(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    costs, sizes = [], []
    for first in (0, 1000, 2000):
        await flood(world, first, 1000)
        await world.poll(ALICE, 10_000 + first, chunk(*messages(f"warm{first}")))
        part = await world.part(ALICE, 10_001 + first, chunk(*messages(f"n{first}")))
        costs.append(await calls_of(world.committer.commit(part)))
        sizes.append(await world.pool.fetchval("SELECT octet_length(newest) FROM ss_rooms"))
    assert max(costs) < 1.2 * min(costs)
    assert max(sizes) < 1.2 * min(sizes) and max(sizes) < 4096


@pytest.mark.rules("L-42", "L-48")
async def test_messages_order_rooms_whatever_else_was_sent(world: World, database_url: str) -> None:
    """There was a message in both rooms, then one is flooded. Another worker sees the same."""
    created = event("other", "m.room.create", content={"room_version": "10"}, key="")
    member_too = member("in-other", ALICE, before="invite")
    await world.poll(
        ALICE,
        10,
        chunk(event("m1", at=5), state=founding(ALICE)),
        joined={OTHER: chunk(event("m2", at=9), state=[created, member_too])},
    )
    await flood(world, 0, 1000)
    assert await order(world) == (OTHER, ROOM)
    await world.poll(ALICE, 5_000, chunk(event("m3", at=10)))
    assert await order(world) == (ROOM, OTHER)
    another = await World.start(database_url)
    try:
        assert await order(another) == (ROOM, OTHER)
    finally:
        await another.stop()


async def order(world: World) -> Sequence[str]:
    """The user's rooms in the order of their messages."""
    return (await world.sync(ALICE, body=BUMPING)).lists["all"].windows[0]
