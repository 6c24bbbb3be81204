"""SQL on access tokens, and the users and devices that they belong to.

A token is found by its SHA-256 (``hash``), and kept encrypted (``token``), as the device is polled
with it. The plain token is nowhere in the database. A device may have several: clients refresh
theirs.

Statements use the primary keys, ``ss_tokens (device_key)`` and
``ss_devices (user_key, device_id)``.
"""

from datetime import timedelta
from typing import NamedTuple

import asyncpg

from syncv3.store.database import Database, device_of
from syncv3.types import Device, DeviceID, DeviceKey, UserID


class StoredToken(NamedTuple):
    """One token row with its device; ``stale``: its use was last written down an hour ago or
    more, for itself or for the device's poller (rules U-8, U-60)."""

    device: Device
    ciphertext: str
    stale: bool


TOKENS_A_DEVICE = 20
"""So many are kept of a device. A client that refreshes its token every five minutes brings
288 a day, of which all but the newest are dead; one that is not kept is asked about again."""


# A use is written down once an hour: each request has a token, and most are long polls.
_FIND_TOKEN = """
SELECT t.token, d.id AS device_key, d.device_id, u.id AS user_key, u.user_id,
       least(t.last_seen, p.last_used) < now() - interval '1 hour' AS stale
FROM ss_tokens t JOIN ss_devices d ON d.id = t.device_key JOIN ss_users u ON u.id = d.user_key
LEFT JOIN ss_pollers p ON p.device_key = d.id
WHERE t.hash = $1
"""


async def find_token(db: Database, token_hash: str) -> StoredToken | None:
    """The token of that hash and whose it is; None: it is not stored."""
    row = await db.fetchrow(_FIND_TOKEN, token_hash)
    return None if row is None else StoredToken(device_of(row), row["token"], row["stale"])


_FIND_DEVICE = """
SELECT d.id AS device_key, d.device_id, u.id AS user_key, u.user_id,
       (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS now_us
FROM ss_users u JOIN ss_devices d ON d.user_key = u.id WHERE u.user_id = $1 AND d.device_id = $2
"""


async def find_device(
    db: Database, user_id: UserID, device_id: DeviceID
) -> tuple[Device, int] | None:
    """A device that was used here, and the database's clock in microseconds."""
    row = await db.fetchrow(_FIND_DEVICE, user_id, device_id)
    return None if row is None else (device_of(row), row["now_us"])


_SAVE_USER = "INSERT INTO ss_users (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING"
_SAVE_DEVICE = """
INSERT INTO ss_devices (user_key, device_id) SELECT id, $2 FROM ss_users WHERE user_id = $1
ON CONFLICT (user_key, device_id) DO NOTHING
"""
_SAVE_TOKEN = """
WITH device AS (
    SELECT d.id AS device_key, d.device_id, u.id AS user_key, u.user_id
    FROM ss_users u JOIN ss_devices d ON d.user_key = u.id WHERE u.user_id = $1 AND d.device_id = $2
), token AS (
    INSERT INTO ss_tokens (hash, device_key, token, last_seen, created)
    SELECT $3, device_key, $4, now(), now() FROM device ON CONFLICT (hash) DO NOTHING
)
SELECT * FROM device
"""
_DROP_SURPLUS_TOKENS = """
DELETE FROM ss_tokens WHERE device_key = $1 AND hash IN (
    SELECT hash FROM ss_tokens WHERE device_key = $1
    ORDER BY last_seen DESC, created DESC, hash OFFSET $2)
"""


async def save_token(
    pool: asyncpg.Pool, user_id: UserID, device_id: DeviceID, token_hash: str, ciphertext: str
) -> Device:
    """Store a new token with its user and device, in one transaction (rule U-3).

    What is stored already stays as it is; of the device's tokens those which were not seen
    for longest make room. Several statements: a later one must see what another transaction
    has just committed, which one statement's snapshot may not.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_SAVE_USER, user_id)
        await connection.execute(_SAVE_DEVICE, user_id, device_id)
        row = await connection.fetchrow(_SAVE_TOKEN, user_id, device_id, token_hash, ciphertext)
        device = device_of(row)
        await connection.execute(_DROP_SURPLUS_TOKENS, device.device_key, TOKENS_A_DEVICE)
    return device


_NOTE_USE = """
WITH seen AS (UPDATE ss_tokens SET last_seen = now() WHERE hash = $1 RETURNING device_key)
UPDATE ss_pollers p SET last_used = now() FROM seen WHERE p.device_key = seen.device_key
"""


async def note_use(db: Database, token_hash: str) -> None:
    """A client uses this token now, and with it the poller of its device (U-8, U-60)."""
    await db.execute(_NOTE_USE, token_hash)


async def replace_ciphertext(db: Database, token_hash: str, ciphertext: str) -> None:
    """Keeps a token under another encryption: the operator has another secret now."""
    await db.execute("UPDATE ss_tokens SET token = $2 WHERE hash = $1", token_hash, ciphertext)


async def delete_token(db: Database, token_hash: str) -> DeviceKey | None:
    """Delete a token; whose it was, None: it was not stored."""
    found = await db.fetchval(
        "DELETE FROM ss_tokens WHERE hash = $1 RETURNING device_key", token_hash
    )
    return DeviceKey(found) if isinstance(found, int) else None


_DEVICE_TOKENS = """
SELECT token FROM ss_tokens WHERE device_key = $1 ORDER BY last_seen DESC, created DESC, hash
"""


async def load_ciphertexts(db: Database, device_key: DeviceKey) -> list[str]:
    """The encrypted tokens of a device, most recently seen first (rule U-21)."""
    return [row["token"] for row in await db.fetch(_DEVICE_TOKENS, device_key)]


async def delete_idle_tokens(db: Database, idle: timedelta) -> int:
    """Delete the tokens that nobody used for ``idle`` (rules U-9, U-60); how many.

    Each is asked about again if it comes after all. A device in use has one that was seen
    within the last hour or so, and keeps it.
    """
    deleted = await db.execute("DELETE FROM ss_tokens WHERE last_seen < now() - $1::interval", idle)
    return int(deleted.removeprefix("DELETE "))
