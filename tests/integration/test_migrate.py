"""Migrations against a real server, and our own server in a folder."""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from syncv3 import dsn
from syncv3.errors import ConfigError
from syncv3.store.connections import StoredRoom, load_connection
from syncv3.store.functions import apply_functions
from syncv3.store.migrate import apply_migrations
from syncv3.store.schema import step_down

ROOT = Path(__file__).resolve().parent.parent.parent


async def aerich(url: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "aerich", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=os.environ | {"SYNCV3_DB": url},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return output.decode()


@pytest.mark.rules("O-11")
@pytest.mark.parametrize("form", ["{url}", "host={host} port={port} user=postgres dbname={name}"])
async def test_both_forms_reach_the_database_that_they_name(database_url: str, form: str) -> None:
    url = urlsplit(database_url)
    name = url.path[1:]
    given = form.format(url=database_url, host=url.hostname, port=url.port, name=name)
    connection = await asyncpg.connect(dsn.database_url(given))
    assert await connection.fetchval("SELECT current_database()") == name
    await connection.close()


@pytest.mark.rules("O-2", "O-90")
async def test_starting_again_changes_nothing(database_url: str) -> None:
    await asyncio.gather(apply_migrations(database_url), apply_migrations(database_url))
    assert "No available heads" in await aerich(database_url, "heads")
    assert "0_" in await aerich(database_url, "history")


CHILDREN = "migrations.models.7_20261130000200_space_children"
AFTER_CHILDREN = 8
"""Its test begins with the schema that it makes, whatever later ones have added."""
COLUMNS = """SELECT attname, atttypid, attnotnull FROM pg_attribute
    WHERE attrelid = 'ss_rooms'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""


async def test_children_of_spaces_move_to_their_table_and_back(database_url: str) -> None:
    """A space's row had them as an array, which each message rewrote."""
    module = importlib.import_module(CHILDREN)
    there, back = await module.upgrade(None), await module.downgrade(None)
    await step_down(database_url, AFTER_CHILDREN)
    connection = await asyncpg.connect(database_url)
    await connection.execute(back)
    columns = await connection.fetch(COLUMNS)
    assert [row[0] for row in columns[19:24]] == [
        "heroes", "newest", "children", "name_pos", "avatar_pos",
    ]  # fmt: skip
    await connection.execute("""INSERT INTO ss_rooms (room_key, room_id, version, pos, reset_pos,
        generated_us, encrypted, joined, invited, heroes, newest, children, name_pos, avatar_pos,
        counts_pos, members_complete, head_token, history_hidden) VALUES (1, '!space', 9, 7, 0, 0,
        false, 1, 0, '', '{"":[[5,"@a:hs"]]}', ARRAY['!a', '!b', 'no room'], 1, 2, 3, true, 't',
        true)""")
    await connection.execute(there)
    rows = await connection.fetch("SELECT * FROM ss_space_children ORDER BY child")
    assert [tuple(row) for row in rows] == [(1, "!a", True, 7), (1, "!b", True, 7)]
    stamped = b'{"":[[5,"@a:hs",6],[4,"@\\"b:hs",null]],"m.\\u00e4":[[5,"@a:hs",6]]}'
    await connection.execute("UPDATE ss_rooms SET newest = $1", stamped)
    await connection.execute(back)
    row = await connection.fetchrow("SELECT * FROM ss_rooms")
    assert row is not None
    assert row["children"] == ["!a", "!b"]
    assert list(row.values())[-6:] == [1, 2, 3, True, "t", True]
    assert row["newest"].decode() == '{"":[[5,"@a:hs"],[4,"@\\"b:hs"]],"m.ä":[[5,"@a:hs"]]}'
    assert await connection.fetch(COLUMNS) == columns
    await connection.close()


async def test_memberships_from_before_there_were_stamps_get_one(database_url: str) -> None:
    """Their own time, but none that was not yet; of a leave the time of its report."""
    module = importlib.import_module(CHILDREN)
    connection = await asyncpg.connect(database_url)
    await connection.execute(await module.downgrade(None))
    await connection.executemany(
        """INSERT INTO ss_user_rooms (user_key, room_key, pos, reset_pos, confirmed_pos, tags,
        notification_count, highlight_count, unread_pos, unread_us, tags_us, forgotten,
        membership, joined_ts, generated_us)
        VALUES (1, $1, 0, 0, 0, '{}', 0, 0, 0, 0, 0, false, $2, $3, 9000)""",
        [(1, "join", 4), (2, "join", 12), (3, "invite", 0), (4, "leave", 4), (5, "knock", -1)],
    )
    await connection.execute(await module.upgrade(None))
    stamps = await connection.fetch("SELECT stamp FROM ss_user_rooms ORDER BY room_key")
    assert [row[0] for row in stamps] == [4, 9, 9, 9, 9]
    await connection.close()


KEPT_ROOMS = "migrations.models.8_20261130000300_kept_rooms"
CONNECTION = """INSERT INTO ss_connections (connection_key, device_key, conn_id, dialect, created,
    last_used, request, generation, nonce, pos, epoch) VALUES ($1, 1, 'main', $2, now(), now(),
    '{}', 4, 4, 4, 1)"""


async def test_connections_from_before_go_on_and_names_are_a_dialects_own(
    database_url: str,
) -> None:
    module = importlib.import_module(KEPT_ROOMS)
    there, back = await module.upgrade(None), await module.downgrade(None)
    connection = await asyncpg.connect(database_url)
    await connection.execute(back)
    await connection.execute(CONNECTION, 1, "m")
    await connection.executemany(
        "INSERT INTO ss_connection_rooms VALUES (1, $1, 4, 77, NULL)", [(1,), (2,)]
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(CONNECTION, 2, "k")
    await connection.execute(there)
    await connection.execute(CONNECTION, 2, "k")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(CONNECTION, 3, "k")
    await connection.close()
    async with asyncpg.create_pool(database_url) as pool:
        stored = await load_connection(pool, 1, "m", "main")
    assert stored is not None and stored.rooms == dict.fromkeys((1, 2), StoredRoom(4, 77))
    connection = await asyncpg.connect(database_url)
    assert await connection.fetch("SELECT rooms FROM ss_connections ORDER BY 1") == [(0,), (2,)]
    await connection.execute("UPDATE ss_connections SET last_used = 'epoch' WHERE dialect = 'm'")
    await connection.execute(back)
    assert await connection.fetch("SELECT dialect FROM ss_connections") == [("k",)]
    await connection.close()


UNREAD = "migrations.models.12_20261130000500_unread"
OWN_TABLES = """SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^ss_' ORDER BY 1"""


async def test_a_step_back_has_again_what_the_older_version_writes(database_url: str) -> None:
    """Its functions write tables that this version does without."""
    module = importlib.import_module(UNREAD)
    connection = await asyncpg.connect(database_url)
    now = await connection.fetch(OWN_TABLES)
    await connection.executemany(
        """INSERT INTO ss_user_rooms (user_key, room_key, pos, reset_pos, confirmed_pos, tags,
        notification_count, highlight_count, unread_pos, unread_us, tags_us, forgotten, joined_ts,
        generated_us, membership, visible_ord, left_ord)
        VALUES (1, $1, 9, 5, 0, '{}', 0, 0, 0, 0, 0, false, 0, 0, $2, $3, $4)""",
        [(1, "join", 16, None), (2, "leave", 16, 32), (3, "invite", None, None)],
    )
    await connection.execute("INSERT INTO ss_changes (pos, extension) VALUES (7, 'a'), (7, 'a')")
    await connection.execute(await module.downgrade(None))
    spans = await connection.fetch("SELECT * FROM ss_spans ORDER BY room_key")
    assert [tuple(row) for row in spans] == [(1, 1, 16, None), (1, 2, 16, 32)]
    memberships = await connection.fetch("SELECT * FROM ss_memberships ORDER BY room_key")
    assert [tuple(row)[1:] for row in memberships] == [
        (1, 5, "join", None), (2, 5, "leave", None), (3, 5, "invite", None),
    ]  # fmt: skip
    assert await connection.fetchval("SELECT count(DISTINCT id) FROM ss_changes") == 2
    await connection.execute(await module.upgrade(None))
    assert await connection.fetch(OWN_TABLES) == now
    assert not {"ss_spans", "ss_memberships"} & {row[0] for row in now}
    await connection.close()
    await apply_migrations(database_url)  # which makes the functions


@pytest.mark.rules("O-99")
async def test_a_newer_schema_is_refused(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO aerich (version, app, content) VALUES ('999_x.py', 'models', '{}')"
    )
    await connection.close()
    with pytest.raises(ConfigError, match=r"newer version .*999_x\.py"):
        await apply_migrations(database_url)


@pytest.mark.rules("O-4")
async def test_an_unreachable_database_is_a_sentence_without_its_password() -> None:
    with pytest.raises(ConfigError, match="cannot be reached") as refused:
        await apply_migrations("host=127.0.0.1 port=1 user=u password=hidden dbname=d")
    assert "hidden" not in str(refused.value)


async def test_functions_are_made_when_their_text_changes_and_only_then(
    database_url: str, tmp_path: Path
) -> None:
    """One file after the other in the order of their names; the next start changes nothing."""
    (tmp_path / "1_number.sql").write_text(
        "DROP FUNCTION IF EXISTS number; "
        "CREATE FUNCTION number() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    )
    (tmp_path / "2_twice.sql").write_text(
        "DROP FUNCTION IF EXISTS twice; "
        "CREATE FUNCTION twice() RETURNS int LANGUAGE sql AS 'SELECT 2 * number()';"
    )
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            assert await apply_functions(connection, "test", tmp_path)
            assert not await apply_functions(connection, "test", tmp_path)
        first = tmp_path / "1_number.sql"
        first.write_text(first.read_text().replace("SELECT 1", "SELECT 21"))
        async with connection.transaction():
            assert await apply_functions(connection, "test", tmp_path)
        assert await connection.fetchval("SELECT twice()") == 42
    finally:
        await connection.close()


async def test_the_functions_in_force_are_those_of_the_files(database_url: str) -> None:
    """The migrated database says which text it has; starting again finds nothing to do."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            assert not await apply_functions(connection)
            await connection.execute("DROP FUNCTION ss_at CASCADE")
            await connection.execute("UPDATE ss_functions SET digest = 'older'")
            assert await apply_functions(connection)
            assert await connection.fetchval("SELECT ss_at(10, -2)") == 12
    finally:
        await connection.close()
