"""What is written of connections: little, and nothing that memory can make up for."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.store import connections
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    names,
)
from tests.support.costs import counted

OTHER = RoomID("!other:hs")
BOTH: Mapping[str, Any] = {
    "lists": {"all": {"ranges": [[0, 9]], "sort": ["by_recency"], "timeline_limit": 5}}
}
ROWS = "SELECT connection_key, room_key, xmin FROM ss_connection_rooms ORDER BY 1, 2"


async def in_two_rooms(world: World) -> str:
    """Alice is shown two rooms, ``OTHER`` on top; her ``pos``, of which all is stored."""
    create = event("create2", "m.room.create", content={"room_version": "10"}, key="")
    older = chunk(event("m1", sender=CAROL, at=1), state=founding(ALICE))
    await world.poll(ALICE, 10, older)
    await world.poll(ALICE, 11, joined={OTHER: chunk(event("o1", sender=CAROL, at=2), create)})
    answer = await world.sync(ALICE, body=BOTH)
    await world.flush()
    return answer.pos


async def carol_says(world: World, number: int) -> None:
    await world.poll(ALICE, 20 + number, chunk(event(f"n{number}", sender=CAROL, at=number)))


async def a_third_room(world: World) -> None:
    third = event("create3", "m.room.create", content={"room_version": "10"}, key="")
    await world.poll(ALICE, 20, joined={RoomID("!third:hs"): chunk(third)})


async def test_a_message_that_moves_a_room_to_the_top_stores_nothing_of_connections(
    world: World,
) -> None:
    pos = await in_two_rooms(world)
    before = await world.pool.fetchval("SELECT xmin FROM ss_connections")
    await carol_says(world, 5)
    answer = await world.sync(ALICE, pos)
    await world.flush()
    assert answer.lists["all"].windows[0] == (ROOM, OTHER)
    assert names(answer.rooms[ROOM]) == ["n5"]
    assert await world.pool.fetchval("SELECT xmin FROM ss_connections") == before


async def test_of_a_connection_only_rooms_that_are_shown_differently_are_stored(
    world: World,
) -> None:
    pos = await in_two_rooms(world)
    before = await world.pool.fetch(ROWS)
    await a_third_room(world)
    await world.sync(ALICE, pos)
    await world.flush()
    after = await world.pool.fetch(ROWS)
    assert len(after) == 3
    assert set(before) < set(after)


async def test_all_connections_of_a_moment_are_stored_by_one_statement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_two_rooms(world)
    devices = [f"D{number}" for number in range(5)]
    positions = {name: (await world.sync(ALICE, device=name, body=BOTH)).pos for name in devices}
    await world.flush()
    saves = counted(monkeypatch, connections, "save_connections")
    await a_third_room(world)
    for name, pos in positions.items():
        await world.sync(ALICE, pos, device=name)
    await world.flush()
    written = await world.pool.fetch(
        "SELECT c.xmin::text AS by, count(*) AS rooms FROM ss_connection_rooms c"
        " JOIN ss_rooms USING (room_key) WHERE room_id = '!third:hs' GROUP BY 1"
    )
    assert [row["rooms"] for row in written] == [5] and len(saves) == 1
    assert await world.pool.fetchval("SELECT count(*) FROM ss_connection_rooms") == 2 + 5 * 3


async def test_windows_that_a_restart_has_lost_are_sent_again_and_rooms_are_not(
    world: World, database_url: str
) -> None:
    pos = await in_two_rooms(world)
    await world.kill()
    successor = await World.start(database_url)
    try:
        answer = await successor.sync(ALICE, pos)
        change = answer.lists["all"]
        assert change.forgotten
        assert change.windows[0] == (OTHER, ROOM)
        assert answer.rooms == {}
    finally:
        await successor.stop()
