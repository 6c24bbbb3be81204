"""Readiness on a real database."""

import asyncio
from typing import Any

import asyncpg
import pytest

from syncv3.health import Readiness, state_of_schema
from syncv3.store.migrate import APP


@pytest.mark.rules("O-C1", "O-99")
async def test_a_schema_of_another_version_is_told(database_url: str) -> None:
    db = await asyncpg.connect(database_url)
    assert await state_of_schema(db) == "ok"
    await db.execute("UPDATE ss_functions SET digest = 'x' WHERE name = 'core'")
    assert await state_of_schema(db) == "newer"
    content = "INSERT INTO aerich (version, app, content) VALUES ('99_2099_x.py', $1, '{}')"
    await db.execute(content, APP)
    assert await state_of_schema(db) == "newer"
    await db.execute("DELETE FROM aerich WHERE app = $1", APP)
    assert await state_of_schema(db) == "older"
    await db.close()


async def test_however_many_ask_the_database_is_asked_once_a_second() -> None:
    asked = 0

    class Away:
        async def fetchval(self, *_: Any) -> None:
            nonlocal asked
            asked += 1
            raise ConnectionError

    readiness = Readiness(Away())
    looks = [readiness.schema() for _ in range(50)]
    ends = await asyncio.gather(*looks, return_exceptions=True)
    assert {type(end) for end in ends} == {ConnectionError}
    assert asked == 1
    await readiness.close()
