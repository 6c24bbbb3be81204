"""The commands of docs/backup.md, run: what is restored, and that the service will notice it."""

import re
import shlex
import subprocess
from pathlib import Path

import asyncpg

from syncv3.store.stream import open_epoch
from tests.support.postgres import Postgres, client_program

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "backup.md").read_text()


def ran(program: str, database: str, folder: Path) -> None:
    """The page's only command that begins so, with another database."""
    (line,) = re.findall(rf"(?m)^{program} .+$", PAGE)
    words = [word for word in shlex.split(line)[1:] if word != "--role=syncv3"]
    words = [word.replace("--dbname=syncv3", f"--dbname={database}") for word in words]
    if program == "pg_dump":
        words[-1] = database
    subprocess.run([client_program(program), *words], cwd=folder, check=True, capture_output=True)


async def test_a_restored_backup_begins_another_epoch(
    database_url: str, postgres: Postgres, tmp_path: Path
) -> None:
    """The fence, which says that no position was lost, does not come along; all else does."""
    before = await asyncpg.connect(database_url)
    epoch = await open_epoch(before)
    await before.execute("INSERT INTO ss_users (user_id) VALUES ('@alice:hs')")
    await before.close()
    ran("pg_dump", database_url, tmp_path)
    restored_url = await postgres.clone()
    empty = await asyncpg.connect(restored_url)
    await empty.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await empty.close()
    ran("pg_restore", restored_url, tmp_path)
    after = await asyncpg.connect(restored_url)
    assert await after.fetchval("SELECT user_id FROM ss_users") == "@alice:hs"
    assert await after.fetchval("SELECT count(*) FROM ss_stream_fence") == 0
    assert await open_epoch(after) > epoch
    await after.close()
    await postgres.drop(restored_url)
