"""What runs a statement, and the device that a row names."""

from typing import Protocol

import asyncpg

from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey


class Database(Protocol):
    """What runs one statement: a pool or a connection."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None: ...

    async def fetchval(self, query: str, *args: object) -> object: ...

    async def execute(self, query: str, *args: object) -> str: ...


def device_of(row: asyncpg.Record) -> Device:
    """The device that a row names with both its IDs and both its keys."""
    return Device(
        user_id=UserID(row["user_id"]),
        device_id=DeviceID(row["device_id"]),
        user_key=UserKey(row["user_key"]),
        device_key=DeviceKey(row["device_key"]),
    )
