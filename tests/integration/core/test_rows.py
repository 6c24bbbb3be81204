"""The database's seam: a row is its table's columns, and each of them is really written.

A column that is missing in the function's INSERT or UPDATE would be null, or stay as it was,
without any error.
"""

from itertools import count
from typing import Any

import asyncpg
import msgspec
import pytest

from syncv3.ingest.group import Group
from syncv3.store.rows import ChildRow, EventRow, HistoryRow, RoomRow, Row, UserRoomRow
from tests.integration.core.build import World

TABLES: dict[type[Row], str] = {
    RoomRow: "ss_rooms",
    ChildRow: "ss_space_children",
    EventRow: "ss_events",
    UserRoomRow: "ss_user_rooms",
    HistoryRow: "ss_history",
}
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""


@pytest.mark.parametrize("row", TABLES)
async def test_a_row_has_the_columns_of_its_table_in_order(world: World, row: type[Row]) -> None:
    columns = [record[0] for record in await world.pool.fetch(COLUMNS, TABLES[row])]
    assert list(row.__struct_fields__) == columns


def filled(row: type[Row], first: int, flag: bool, **keys: Any) -> Row:
    """A row of which no two values are alike, as far as their types allow."""
    numbers = count(first)
    values = {
        field.name: _value(field.type, next(numbers), flag) for field in msgspec.structs.fields(row)
    }
    return row(**values | keys)


def _value(kind: Any, number: int, flag: bool) -> object:
    text = str(number)
    known = {bool: flag, int: number, str: text, bytes: text.encode()}
    bare = next((each for each in known if each in (kind, *getattr(kind, "__args__", ()))), None)
    return (text,) if bare is None or getattr(kind, "__origin__", None) is tuple else known[bare]


@pytest.mark.parametrize(
    ("row", "keys", "of_the_group"),
    [
        (RoomRow, {"room_key": 1, "room_id": "!r:hs"}, {"version"}),
        (UserRoomRow, {"user_key": 1, "room_key": 1}, set[str]()),
    ],
)
async def test_each_column_of_a_row_is_written_and_written_again(
    world: World, row: type[Row], keys: dict[str, Any], of_the_group: set[str]
) -> None:
    for first, flag in ((100, True), (200, False)):
        wanted = filled(row, first, flag, **keys)
        await write(world, wanted)
        stored = row.of(await only_row(world.pool, TABLES[row]))
        differing = {
            name for name in row.__struct_fields__ if getattr(stored, name) != getattr(wanted, name)
        }
        assert differing == of_the_group


async def write(world: World, row: Row) -> None:
    group = Group()
    if isinstance(row, RoomRow):
        group.rooms.append(row)
    elif isinstance(row, UserRoomRow):
        group.user_rooms.append(row)
    async with world.pool.acquire() as db:
        assert await world.committer.writer.write(db, group) is not None


async def only_row(pool: asyncpg.Pool, table: str) -> asyncpg.Record:
    [found] = await pool.fetch(f"SELECT * FROM {table}")
    return found
