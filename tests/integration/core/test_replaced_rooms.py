"""Rooms whose tombstones hide them, and circles of such rooms (L-2)."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from syncv3.protocol.response import SyncResponse
from syncv3.types import Event, RoomID
from tests.integration.core.build import ALICE, BOB, World, chunk, event, left, member

A, B, C = (RoomID(f"!{name}:hs") for name in "abc")
LIST = {"lists": {"all": {"ranges": [[0, 20]], "timeline_limit": 1}}}


def tombstone(room: RoomID, to: RoomID, at: object = 50, name: str = "end") -> Event:
    """``at`` is what its sender says of the time."""
    made = event(f"{name}-{room}", "m.room.tombstone", content={"replacement_room": to}, key="")
    whole = json.loads(made.json) | {"origin_server_ts": at}
    return msgspec.structs.replace(made, json=json.dumps(whole).encode())


def started(room: RoomID, *timeline: Event) -> Any:
    create = event(f"create-{room}", "m.room.create", content={"room_version": "10"}, key="")
    return chunk(*timeline, event(f"m-{room}"), state=(create, member(f"in-{room}", ALICE)))


async def listed(world: World) -> set[str]:
    """What is in the list on a new connection."""
    answer = await world.sync(ALICE, None, LIST)
    return window_of(answer)


def window_of(answer: SyncResponse) -> set[str]:
    return {str(room) for window in answer.lists["all"].windows for room in window}


@pytest.mark.rules("L-2")
@pytest.mark.parametrize(
    ("tombstones", "stays"),
    [
        pytest.param({A: (B, 50), B: (A, 60)}, B, id="the newer one stays"),
        pytest.param({A: (B, 70), B: (A, 60)}, A, id="whichever it is"),
        pytest.param({A: (B, 60), B: (A, 60)}, B, id="equally old"),
        pytest.param({A: (B, 50), B: (C, 90), C: (A, 60)}, B, id="three rooms"),
        pytest.param({A: (A, 50)}, A, id="itself"),
        pytest.param({A: (B, -5), B: (A, -9)}, A, id="before all time"),
        pytest.param({A: (B, 2**63), B: (A, 7)}, A, id="after all time"),
        pytest.param({A: (B, "soon"), B: (A, None)}, B, id="no numbers at all"),
    ],
)
async def test_of_rooms_that_replace_each_other_one_stays(
    world: World, database_url: str, tombstones: Mapping[RoomID, tuple[RoomID, Any]], stays: RoomID
) -> None:
    joined = {room: started(room, tombstone(room, *to)) for room, to in tombstones.items()}
    await world.poll(ALICE, 10, joined=joined)
    assert await listed(world) == {stays}
    other = await World.start(database_url)
    try:
        assert await listed(other) == {stays}
    finally:
        await other.stop()


@pytest.mark.rules("L-2", "Z-8")
async def test_a_circle_may_close_and_open_while_a_client_is_there(world: World) -> None:
    await world.poll(ALICE, 10, joined={A: started(A, tombstone(A, B)), B: started(B)})
    answer = await world.sync(ALICE, None, LIST)
    assert window_of(answer) == {B}
    await world.poll(ALICE, 20, joined={B: chunk(tombstone(B, A, at=40))})
    answer = await world.sync(ALICE, answer.pos)
    assert window_of(answer) == {A}
    await world.poll(ALICE, 30, joined={B: chunk(tombstone(B, A, at=80, name="again"))})
    answer = await world.sync(ALICE, answer.pos)
    assert window_of(answer) == {B}
    leave = member("out", ALICE, "leave", before="join")
    await world.poll(ALICE, 40, left={B: left(leave)})
    answer = await world.sync(ALICE, answer.pos)
    assert window_of(answer) == {A}


@pytest.mark.rules("L-2", "Z-8")
async def test_a_tombstone_that_names_another_room_opens_the_circle(world: World) -> None:
    rooms = {A: started(A, tombstone(A, B)), B: started(B, tombstone(B, A, at=40)), C: started(C)}
    await world.poll(ALICE, 10, joined=rooms)
    answer = await world.sync(ALICE, None, LIST)
    assert window_of(answer) == {A, C}
    await world.poll(ALICE, 20, joined={B: chunk(tombstone(B, C, at=45, name="again"))})
    answer = await world.sync(ALICE, answer.pos)
    assert window_of(answer) == {C}


@pytest.mark.rules("L-2", "X-1")
async def test_rooms_that_others_are_in_hide_nothing(world: World) -> None:
    await world.poll(ALICE, 10, joined={A: started(A, tombstone(A, B))})
    create = event("create-b", "m.room.create", content={"room_version": "10"}, key="")
    await world.poll(BOB, 11, joined={B: chunk(event("mb"), state=(create, member("b", BOB)))})
    assert await listed(world) == {A}
