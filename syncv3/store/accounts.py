"""SQL on users, devices, tokens, pollers and workers.

A poller is leased iff its owner has a beat within the lease time, by the database's clock.
Statements use the primary keys, ``ss_tokens (device_key)``,
``ss_devices (user_key, device_id)`` and ``ss_pollers (owner)``.
"""

from datetime import timedelta
from typing import NamedTuple, Protocol

import asyncpg

from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserID, UserKey


class Database(Protocol):
    """What runs one statement: a pool or a connection."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None: ...

    async def fetchval(self, query: str, *args: object) -> object: ...

    async def execute(self, query: str, *args: object) -> str: ...


class StoredToken(NamedTuple):
    """One token row with its device; ``stale``: its use was last written down an hour ago or
    more, for itself or for the device's poller (rules U-8, U-60)."""

    device: Device
    ciphertext: str
    stale: bool


class Claim(NamedTuple):
    """A lease just taken, and where its poller stands; ``since`` None: at the beginning."""

    device: Device
    lease_no: int
    since: str | None


class PollerRow(NamedTuple):
    """How far a poller is. ``leased``: its owner is alive; ``generated_us`` 0: no answer."""

    since: str | None
    generated_us: int
    leased: bool
    owner: str | None
    lease_no: int


class Beat(NamedTuple):
    """``clock_us``: the database's clock; ``others``: how many other workers beat within
    three lease times: alive, or stalled together with everybody."""

    clock_us: int
    others: int


class Inside(NamedTuple):
    """From where a room can be looked at: a device of somebody in it, how far its poller is,
    and the room's newest gap (its order; None: there is none)."""

    device_key: DeviceKey
    since: str
    gap_ord: int | None


TOKENS_A_DEVICE = 20
"""So many are kept of a device. A client that refreshes its token every five minutes brings
288 a day, of which all but the newest are dead; one that is not kept is asked about again."""

_FIND_TOKEN = """
SELECT t.token, d.id AS device_key, d.device_id, u.id AS user_key, u.user_id,
       least(t.last_seen, p.last_used) < now() - interval '1 hour' AS stale
FROM ss_tokens t JOIN ss_devices d ON d.id = t.device_key JOIN ss_users u ON u.id = d.user_key
LEFT JOIN ss_pollers p ON p.device_key = d.id
WHERE t.hash = $1
"""


async def find_token(db: Database, token_hash: str) -> StoredToken | None:
    row = await db.fetchrow(_FIND_TOKEN, token_hash)
    return None if row is None else StoredToken(_device(row), row["token"], row["stale"])


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
        device = _device(row)
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


_ALIVE = """EXISTS (SELECT FROM ss_workers w
    WHERE w.worker = p.owner AND w.beat > clock_timestamp() - $1::interval)"""

_POLLER = f"""
SELECT p.since, p.generated_us, {_ALIVE} AS leased, p.owner, p.lease_no
FROM ss_pollers p WHERE p.device_key = $2
"""


async def load_poller(db: Database, device_key: DeviceKey, lease: timedelta) -> PollerRow | None:
    row = await db.fetchrow(_POLLER, lease, device_key)
    return None if row is None else PollerRow(*row)


_IS_POLLED = """
SELECT EXISTS (
    SELECT FROM ss_users u JOIN ss_devices d ON d.user_key = u.id
    JOIN ss_pollers p ON p.device_key = d.id
    WHERE u.user_id = $1 AND d.device_id = $2 AND p.last_used > now() - $3::interval
      AND EXISTS (SELECT FROM ss_tokens t WHERE t.device_key = d.id))
"""


async def is_polled(db: Database, user_id: UserID, device_id: DeviceID, idle: timedelta) -> bool:
    """Whether some worker polls this device, or will again: it was used within ``idle``."""
    return bool(await db.fetchval(_IS_POLLED, user_id, device_id, idle))


_SIBLING = f"""
SELECT EXISTS (
    SELECT FROM ss_devices d JOIN ss_pollers p ON p.device_key = d.id
    WHERE d.user_key = $2 AND d.id <> $3 AND p.since IS NOT NULL AND {_ALIVE}
      AND p.generated_us > (extract(epoch FROM clock_timestamp() - $4::interval) * 1e6)::bigint)
"""


async def has_polled_sibling(
    db: Database, device: Device, lease: timedelta, fresh: timedelta
) -> bool:
    """Whether another device of the user is being polled and up to date (rule U-23)."""
    return bool(await db.fetchval(_SIBLING, lease, device.user_key, device.device_key, fresh))


_CLAIM_ONE = """
INSERT INTO ss_pollers AS p (device_key, owner, lease_no, last_used)
SELECT d.id, $3, 1, now() FROM ss_devices d JOIN ss_users u ON u.id = d.user_key
WHERE d.id = $2 AND d.device_id = $5 AND u.id = $6 AND u.user_id = $7
ON CONFLICT (device_key) DO UPDATE SET owner = $3, lease_no = p.lease_no + 1, last_used = now()
WHERE p.owner IS NULL OR p.owner = $3
   OR ($4 AND NOT EXISTS (SELECT FROM ss_workers w
        WHERE w.worker = p.owner AND w.beat > clock_timestamp() - $1::interval))
RETURNING p.lease_no, p.since
"""


async def claim_poller(
    db: Database, device: Device, worker: str, lease: timedelta, *, take_over: bool
) -> Claim | None:
    """Lease the poller of ``device``, made if need be; None when another worker has it, or
    the database does not have this device under its keys.

    ``take_over``: also from an owner whose beats have stopped.
    """
    row = await db.fetchrow(
        _CLAIM_ONE, lease, device.device_key, worker, take_over,
        device.device_id, device.user_key, device.user_id,
    )  # fmt: skip
    return None if row is None else Claim(device, row["lease_no"], row["since"])


_CLAIM_FREE = f"""
WITH free AS (
    SELECT p.device_key FROM ss_pollers p
    WHERE (p.owner IS NULL OR NOT {_ALIVE}) AND p.device_key <> ALL ($5::int[])
      AND EXISTS (SELECT FROM ss_tokens t WHERE t.device_key = p.device_key
          AND greatest(t.last_seen, p.last_used) > now() - $2::interval)
    ORDER BY p.last_used DESC LIMIT $3 FOR UPDATE OF p SKIP LOCKED
)
UPDATE ss_pollers p SET owner = $4, lease_no = p.lease_no + 1
FROM free, ss_devices d, ss_users u
WHERE p.device_key = free.device_key AND d.id = p.device_key AND u.id = d.user_key
RETURNING p.lease_no, p.since, d.id AS device_key, d.device_id, u.id AS user_key, u.user_id
"""


async def claim_free_pollers(
    db: Database,
    worker: str,
    lease: timedelta,
    *,
    idle: timedelta,
    limit: int,
    besides: list[DeviceKey],
) -> list[Claim]:
    """Lease up to ``limit`` pollers that nobody owns and whose devices were used within ``idle``.

    ``besides`` are left alone. Most recently used first.
    """
    rows = await db.fetch(_CLAIM_FREE, lease, idle, limit, worker, besides)
    return [Claim(_device(row), row["lease_no"], row["since"]) for row in rows]


_RELEASE = """
UPDATE ss_pollers SET owner = NULL WHERE device_key = ANY ($1::int[]) AND owner = $2
"""


async def release_pollers(db: Database, device_keys: list[DeviceKey], worker: str) -> None:
    """Give leases back, as far as they are this worker's, whatever their numbers.

    The number of a lease may be another than the one that was taken: a database that has lost
    commits has an earlier one.
    """
    await db.execute(_RELEASE, device_keys, worker)


async def release_worker(db: Database, worker: str) -> None:
    """Give everything back: this worker stops."""
    await db.execute("UPDATE ss_pollers SET owner = NULL WHERE owner = $1", worker)
    await db.execute("DELETE FROM ss_workers WHERE worker = $1", worker)


_MARK_BEGUN = """
UPDATE ss_pollers SET generated_us = $4
WHERE device_key = $1 AND owner = $2 AND lease_no = $3 AND since IS NULL
"""


async def mark_begun(
    db: Database, device_key: DeviceKey, worker: str, lease_no: int, generated_us: int
) -> None:
    """The first rooms of a first sync are stored: other workers may answer, too."""
    await db.execute(_MARK_BEGUN, device_key, worker, lease_no, generated_us)


_IDLE = """
SELECT p.device_key FROM ss_pollers p
WHERE p.owner = $1 AND p.last_used < now() - $2::interval AND NOT EXISTS (
    SELECT FROM ss_tokens t
    WHERE t.device_key = p.device_key AND t.last_seen >= now() - $2::interval)
"""


async def load_idle_pollers(db: Database, worker: str, idle: timedelta) -> list[DeviceKey]:
    """Our pollers that no client has used for ``idle`` (rule U-60)."""
    return [DeviceKey(row["device_key"]) for row in await db.fetch(_IDLE, worker, idle)]


_BEAT = """
WITH mine AS (
    INSERT INTO ss_workers (worker, started, beat) VALUES ($1, now(), clock_timestamp())
    ON CONFLICT (worker) DO UPDATE SET beat = clock_timestamp()
)
SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS clock_us,
       count(*) FILTER (WHERE beat > clock_timestamp() - 3 * $2::interval) AS others
FROM ss_workers WHERE worker <> $1
"""


async def beat(db: Database, worker: str, lease: timedelta) -> Beat:
    """Say that this worker is alive."""
    row = await db.fetchrow(_BEAT, worker, lease)
    assert row is not None
    return Beat(row["clock_us"], row["others"])


_SOONEST_EXPIRY = """
SELECT extract(epoch FROM min(beat) + $2::interval - clock_timestamp())::float8
FROM ss_workers WHERE worker <> $1 AND beat > clock_timestamp() - $2::interval
"""


async def soonest_expiry(db: Database, worker: str, lease: timedelta) -> float | None:
    """Seconds until another worker's leases may be taken if it beats no more; None: no other."""
    seconds = await db.fetchval(_SOONEST_EXPIRY, worker, lease)
    return seconds if isinstance(seconds, float) else None


async def delete_dead_workers(db: Database) -> None:
    """Forget workers that stopped without a word a day ago."""
    await db.execute("DELETE FROM ss_workers WHERE beat < now() - interval '1 day'")


def _device(row: asyncpg.Record) -> Device:
    return Device(
        user_id=UserID(row["user_id"]),
        device_id=DeviceID(row["device_id"]),
        user_key=UserKey(row["user_key"]),
        device_key=DeviceKey(row["device_key"]),
    )


async def other_workers(db: asyncpg.Pool, worker: str, within: timedelta) -> int:
    """How many other workers have beaten within that time."""
    found: int = await db.fetchval(
        "SELECT count(*) FROM ss_workers"
        " WHERE worker <> $1 AND beat > clock_timestamp() - $2::interval",
        worker,
        within,
    )
    return found


async def doubtful_users(db: Database, room_id: RoomID) -> tuple[int, list[UserID]]:
    """The newest gap of a room (its order; 0: none), and the users who were in the room, but
    of whom nobody knows behind that gap."""
    rows = await db.fetch(_DOUBTFUL, room_id)
    return (rows[0][0] if rows else 0), [UserID(row[1]) for row in rows]


_DOUBTFUL = """
SELECT r.gap_ord, u.user_id FROM ss_rooms r
JOIN ss_user_rooms x ON x.room_key = r.room_key AND x.membership = 'join'
    AND coalesce(x.confirmed_ord, 0) < r.gap_ord
JOIN ss_users u ON u.id = x.user_key
WHERE r.room_id = $1
"""


_NEWEST_INSIDE = """
SELECT p.device_key, p.since, r.gap_ord FROM ss_rooms r
JOIN ss_user_rooms x ON x.room_key = r.room_key AND x.membership = 'join'
JOIN ss_devices d ON d.user_key = x.user_key
JOIN ss_pollers p ON p.device_key = d.id AND p.since IS NOT NULL
    AND p.generated_us >= r.generated_us
WHERE r.room_id = $1 AND EXISTS (SELECT FROM ss_tokens t WHERE t.device_key = d.id)
ORDER BY p.generated_us DESC LIMIT 1
"""


async def newest_inside(db: Database, room_id: RoomID) -> Inside | None:
    """Of the devices whose users are in a room the one with the newest answer.

    None while no answer is stored as a whole that is as new as what is known of the room.
    """
    row = await db.fetchrow(_NEWEST_INSIDE, room_id)
    return None if row is None else Inside(*row)


async def worker_names(db: Database) -> list[str]:
    """All workers that have not said goodbye."""
    return [row[0] for row in await db.fetch("SELECT worker FROM ss_workers")]
