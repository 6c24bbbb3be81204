"""No statement reads a table from end to end, however large the tables and the groups are."""

from collections.abc import AsyncIterator, Mapping

import pytest

from syncv3.batch import JoinedRoom
from syncv3.store.loads import load_gaps
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    World,
    account_data,
    chunk,
    event,
    heroes,
    left,
    member,
    topic,
)

ROWS = 60_000
NUMBERS = "FROM generate_series(1000001, 1000000 + $1::int) n"
FILL = (
    "INSERT INTO ss_rooms SELECT n, '!other' || n, 1, 1, 0, 1099511627776, NULL, NULL, 1, NULL,"
    " NULL, NULL, NULL, '10', false, NULL, NULL, 1, 0, '[]', '{}', 0, 0, 0, false, NULL, false",
    "INSERT INTO ss_events SELECT n, n, 1, 1099511627776, false, ('$other' || n)::bytea, 'm.x',"
    " NULL, NULL, NULL, '{}', NULL",
    "INSERT INTO ss_room_state SELECT n, n, 'm.x', '', 0, NULL, 1",
    "INSERT INTO ss_user_rooms SELECT n, n, 1, 'join', 1, 1, 1, 1, NULL, 1, 0, 1, NULL, NULL, 0,"
    " 0, 0, 0, '{}', 0, false",
    "INSERT INTO ss_txns (device_key, event_key, pos) SELECT n, n, 1",
    "INSERT INTO ss_gaps SELECT n, 1, NULL, n",
    "INSERT INTO ss_space_children SELECT n, '!c', true, 1",
)
READ = """
SELECT relname, seq_tup_read FROM pg_stat_user_tables
WHERE relname LIKE 'ss\\_%' AND seq_tup_read > 0
"""
FLUSH = "SELECT pg_stat_force_next_flush()"


@pytest.fixture
async def large(database_url: str) -> AsyncIterator[World]:
    """A worker with one connection to a database in which much is stored already."""
    world = await World.start(database_url, pool=1)
    try:
        if await world.pool.fetchval("SELECT current_setting('server_version_num')::int") < 150000:
            pytest.fail("the tests need PostgreSQL 15 or newer")
        for statement in FILL:
            await world.pool.execute(f"{statement} {NUMBERS}", ROWS)
        yield world
    finally:
        await world.stop()


async def read_so_far(world: World) -> Mapping[str, int]:
    """Rows of each table that were read by going through the table."""
    await world.pool.execute(FLUSH)
    return {row[0]: row[1] for row in await world.pool.fetch(READ)}


def busy(number: int, room: RoomID) -> JoinedRoom:
    """A chunk with something of everything that planning knows."""
    created = event(f"create-{room}", "m.room.create", content={"room_version": "10"}, key="")
    return chunk(
        event(f"m{number}-{room}"),
        topic(f"t{number}-{room}"),
        member(f"bob{number}-{room}", BOB, ("join", "leave")[number % 2]),
        event(f"c{number}-{room}", "m.space.child", content={"via": []}, key="!child:hs"),
        event(f"r{number}-{room}", "m.room.redaction", redacts=f"m{number - 1}-{room}"),
        state=[created],
        limited=number % 3 == 2,
        notification_count=number,
        account_data=(account_data("m.tag", {"tags": {f"t{number}": {}}}),),
        summary=heroes(BOB, joined=2 + number),
    )


async def act(world: World, number: int, rooms: int) -> None:
    """One group that is about so many rooms, and what follows it."""
    names = [RoomID(f"!room{n}:hs") for n in range(rooms)]
    at = 100 + number
    joined = {room: busy(number, room) for room in names}
    direct = account_data("m.direct", {BOB: names[:number]})
    await world.poll(ALICE, at, joined=joined, account_data=(direct,))
    await world.poll(BOB, at, left={room: left() for room in names})
    await world.sync(ALICE)


@pytest.mark.rules("UZ-3", "O-C8")
@pytest.mark.parametrize("analyzed", [False, True])
async def test_nothing_reads_what_it_does_not_need(large: World, analyzed: bool) -> None:
    """With statistics of empty tables, and with true ones; for single rows and for many."""
    if analyzed:
        await large.pool.execute("ANALYZE")
    await act(large, 0, 40)
    before = await read_so_far(large)
    for number in range(1, 13):  # from the sixth time on a statement keeps its plan
        await act(large, number, 40 if number % 2 else 1)
    after = await read_so_far(large)
    read = {table: after[table] - before.get(table, 0) for table in after}
    assert {table: rows for table, rows in read.items() if rows > 5000} == {}


async def test_of_gaps_only_those_are_read_that_matter(large: World) -> None:
    """A room may have any number of them."""
    await large.pool.execute(
        "INSERT INTO ss_gaps SELECT 1, n, NULL, 1 FROM generate_series(2, 10000) n"
    )
    wanted = [(1, 0, 1), (1, 4, 5), (1, 10, 9000), (2, 4, 5)]
    assert await load_gaps(large.pool, wanted) == {(1, 4, 5), (1, 10, 9000)}
