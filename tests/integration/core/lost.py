"""Two users in a room, and chunks of it that lack events."""

from collections.abc import Sequence
from typing import Any

from syncv3.batch import Hole, JoinedRoom
from syncv3.protocol.response import RoomAnswer, SyncResponse
from syncv3.types import Event, EventID, RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    founding,
    messages,
)

OTHER = RoomID("!other:hs")


def holed(*timeline: Event, at: Sequence[int], **more: Any) -> JoinedRoom:
    """A chunk that lacks an event before each of these of its events."""
    holes = tuple(Hole(i, EventID(f"lost:{timeline[:i]!r}")) for i in at)
    return chunk(*timeline, holes=holes, **more)


async def both_in(world: World) -> tuple[str, str]:
    """Alice and Bob have been told of a room; where each of them is."""
    room = chunk(*messages("m1", sender=CAROL), state=founding(ALICE, BOB), limited=True)
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)
    return (await world.sync(ALICE)).pos, (await world.sync(BOB)).pos


def told_anew(answer: SyncResponse) -> RoomAnswer:
    """The room as it is sent behind a gap: whole, with a token that leads back into the gap."""
    room = answer.rooms[ROOM]
    assert room.initial and room.limited and room.prev_batch is not None
    assert room.prev_batch != "before", "it leads back from before what is missing"
    return room


async def gaps(world: World) -> int:
    return int(await world.pool.fetchval("SELECT count(*) FROM ss_gaps"))
