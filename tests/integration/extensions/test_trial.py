"""Statements that hang are found outside the stream's lock, and what they write is undone."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from syncv3.ingest.group import Group
from syncv3.ingest.hooks import HookFailed
from syncv3.ingest.trial import SET_ROWS_ASIDE, Trial

KEEP = "INSERT INTO kept SELECT n, $2 FROM json_to_recordset($1) AS r (n int)"
HANG = "SELECT pg_sleep(60), $1::json, $2::bigint"


@pytest.fixture
async def db(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE kept (n int, pos bigint)")
        yield connection


def group_of(statement: str, *, durable: bool = False) -> Group:
    return Group(hooks=[("odd", statement, '[{"n": 1}]', durable, False)])


async def test_one_that_ends_in_time_writes_nothing_and_is_trusted_again(
    db: asyncpg.Connection,
) -> None:
    trial = Trial(pytest.fail)
    trial.suspect(group_of(KEEP))
    group = group_of(KEEP)
    await trial.check(db, group)
    assert group == group_of(KEEP)
    assert await db.fetchval("SELECT count(*) FROM kept") == 0
    await trial.check(db, group_of(HANG))  # not tried, as nobody is suspect


@pytest.mark.parametrize("durable", [False, True])
async def test_one_that_hangs_is_replaced_or_refused(db: asyncpg.Connection, durable: bool) -> None:
    failures: list[str] = []
    trial = Trial(failures.append)
    group = group_of(HANG, durable=durable)
    trial.suspect(group)
    if durable:
        with pytest.raises(HookFailed, match="odd: a statement takes longer than 2 s"):
            await trial.check(db, group)
    else:
        await trial.check(db, group)
        assert group.hooks[0][1] == SET_ROWS_ASIDE
    assert failures == ["odd"]


async def test_one_that_waits_for_somebody_else_is_not_to_blame(
    db: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    trial = Trial(pytest.fail)
    trial.suspect(group_of(KEEP))
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE kept")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await trial.check(db, group_of(KEEP))
