"""Statements of suspects are tried outside the stream's lock, and what they write is undone."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from syncv3.ingest.group import Columns, hook_row
from syncv3.ingest.trial import TOO_LONG, Trial

KEEP = "INSERT INTO kept SELECT n, $2 FROM json_to_recordset($1) AS r (n int)"
HANG = "SELECT pg_sleep(60), $1::json, $2::bigint"


@pytest.fixture
async def trial(pool: asyncpg.Pool) -> AsyncIterator[Trial]:
    await pool.execute("CREATE TABLE kept (n int, pos bigint)")
    trial = Trial(pool)
    await trial.start()
    yield trial


def hook(statement: str, *rows: str) -> list[Columns]:
    return [hook_row("odd", statement, rows or ('{"n":1}',), False)]


async def test_what_a_statement_does_is_undone(trial: Trial, pool: asyncpg.Pool) -> None:
    assert await trial.failure("odd", hook(KEEP)) is None
    assert await pool.fetchval("SELECT count(*) FROM kept") == 0
    assert not trial.suspects("odd")


async def test_what_fails_or_hangs_is_told_without_content(trial: Trial) -> None:
    failed = await trial.failure("odd", hook(KEEP, '{"n":"secret"}'))
    assert failed is not None and "secret" in failed.reason and failed.place == "SQLSTATE 22P02"
    hung = await trial.failure("odd", hook(HANG))
    assert hung is not None and (hung.reason, hung.place) == (TOO_LONG, TOO_LONG)
    assert trial.suspects("odd") and not trial.suspects("other")


async def test_one_that_waits_for_somebody_else_is_not_to_blame(
    trial: Trial, pool: asyncpg.Pool
) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE kept")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await trial.failure("odd", hook(KEEP))
    assert not trial.suspects("odd")
