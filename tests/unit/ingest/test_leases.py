"""The proof of life goes on, whatever the database and its driver do."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.leases import Heartbeat


@pytest.mark.rules("U-42")
@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        asyncpg.AdminShutdownError("57P01"),
        asyncpg.InternalClientError("another operation (2) is in progress"),
    ],
    ids=["refused", "shut down", "out of step"],
)
async def test_beating_goes_on_after_a_failed_beat(error: Exception) -> None:
    tries, again = 0, asyncio.Event()

    async def connect() -> asyncpg.Connection:
        nonlocal tries
        tries += 1
        if tries == 3:
            again.set()
        raise error

    lease = timedelta(seconds=0.1)
    heartbeat = Heartbeat(connect, "worker", lease, DatabaseClock(), lambda: None)
    beating = asyncio.create_task(heartbeat.run())
    try:
        async with asyncio.timeout(10):
            await again.wait()
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
