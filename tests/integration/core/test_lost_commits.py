"""What was committed is lost: a backup is put back, or a standby that was behind takes over."""

import asyncpg

from syncv3.store.connections import create_connection
from syncv3.store.stream import load_epochs, open_epoch
from tests.simulation.database import Database


async def test_an_epoch_that_was_lost_does_not_lend_its_number_to_another(
    database_url: str,
) -> None:
    async with Database.open(database_url) as database:
        first = await open_epoch(database.pool)
        await database.keep()
        await database.pool.execute("TRUNCATE ss_stream_fence")
        lost = await open_epoch(database.pool)
        await database.put_back()
        now = await open_epoch(database.pool)
        known = await load_epochs(database.pool)
    assert first < lost < now
    assert sorted(known) == [first, now]


async def test_a_connection_that_was_lost_does_not_lend_its_key_to_another(
    database_url: str,
) -> None:
    async with Database.open(database_url) as database:
        await database.keep()
        lost = await connection(database.pool, 1)
        await database.put_back()
        assert await connection(database.pool, 2) != lost


async def connection(pool: asyncpg.Pool, device_key: int) -> int:
    made = await create_connection(pool, device_key, "", "m", 1, 20, {})
    return made.connection_key
