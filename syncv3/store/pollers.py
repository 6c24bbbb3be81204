"""SQL on pollers: how far each is, and which worker has its lease.

A poller is leased iff its owner has a beat within the lease time, by the database's clock. So a
worker renews all its leases with one row (``ss_workers``), however many it has, and no clock but
the database's counts. Each time a lease is taken its number (``lease_no``) goes up. An example:
worker 1 has lease 4, and is paused for a minute; worker 2 takes lease 5. When worker 1 goes on and
wants to commit what it has fetched under lease 4, the commit finds 5 and refuses it.

Statements use the primary keys, ``ss_tokens (device_key)``,
``ss_devices (user_key, device_id)`` and ``ss_pollers (owner)``.
"""

from datetime import timedelta
from typing import Final, NamedTuple

import asyncpg

from syncv3.store.database import Database, device_of
from syncv3.types import Device, DeviceID, DeviceKey, UserID


class Claim(NamedTuple):
    """A lease just taken, and where its poller stands; ``since`` None: at the beginning.

    ``rooms_due``: what is stored up to ``since`` has no rooms.
    """

    device: Device
    lease_no: int
    since: str | None
    rooms_due: bool = False


class PollerRow(NamedTuple):
    """How far a poller is. ``leased``: its owner is alive; ``generated_us`` 0: no answer.

    ``rooms_due``: 1 while what is stored up to ``since`` has no rooms, 2 when the first came.
    """

    since: str | None
    generated_us: int
    leased: bool
    owner: str | None
    lease_no: int
    rooms_due: int = 0

    @property
    def complete(self) -> bool:
        """Whether a whole answer about the rooms is stored."""
        return self.since is not None and self.rooms_due == 0

    @property
    def has_rooms(self) -> bool:
        """Whether a client can be answered: it is complete, or the first rooms have come."""
        if self.rooms_due:
            return self.rooms_due == ROOMS_BEGUN
        return self.since is not None or self.generated_us > 0


ROOMS_BEGUN: Final = 2
"""A value of ``ss_pollers.rooms_due``: the first rooms have come. 0: nothing is due, 1: all is."""

_ALIVE = """EXISTS (SELECT FROM ss_workers w
    WHERE w.worker = p.owner AND w.beat > clock_timestamp() - $1::interval)"""

_POLLER = f"""
SELECT p.since, p.generated_us, {_ALIVE} AS leased, p.owner, p.lease_no, p.rooms_due
FROM ss_pollers p WHERE p.device_key = $2
"""


async def load_poller(db: Database, device_key: DeviceKey, lease: timedelta) -> PollerRow | None:
    """How far a device's poller is; None: it was never polled."""
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


# Rooms are the user's, so a client on a new device can be shown what another device's poll has
# brought, before its own first answer is in.
_SIBLING = f"""
SELECT EXISTS (
    SELECT FROM ss_devices d JOIN ss_pollers p ON p.device_key = d.id
    WHERE d.user_key = $2 AND d.id <> $3 AND p.since IS NOT NULL
      AND p.rooms_due = 0 AND {_ALIVE}
      AND p.generated_us > (extract(epoch FROM clock_timestamp() - $4::interval) * 1e6)::bigint)
"""


async def has_polled_sibling(
    db: Database, device: Device, lease: timedelta, fresh: timedelta
) -> bool:
    """Whether another device of the user is being polled and up to date (rule U-23)."""
    return bool(await db.fetchval(_SIBLING, lease, device.user_key, device.device_key, fresh))


# The keys are compared with the device's names: a database that was restored from a backup may have
# given them to other devices than this worker remembers.
_CLAIM_ONE = """
INSERT INTO ss_pollers AS p (device_key, owner, lease_no, last_used)
SELECT d.id, $3, 1, now() FROM ss_devices d JOIN ss_users u ON u.id = d.user_key
WHERE d.id = $2 AND d.device_id = $5 AND u.id = $6 AND u.user_id = $7
ON CONFLICT (device_key) DO UPDATE SET owner = $3, lease_no = p.lease_no + 1, last_used = now()
WHERE p.owner IS NULL OR p.owner = $3
   OR ($4 AND NOT EXISTS (SELECT FROM ss_workers w
        WHERE w.worker = p.owner AND w.beat > clock_timestamp() - $1::interval))
RETURNING p.lease_no, p.since, p.rooms_due
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
    return None if row is None else _claim(device, row)


# Several workers claim at the same time: each skips what another is just taking.
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
RETURNING p.lease_no, p.since, p.rooms_due, d.id AS device_key, d.device_id, u.id AS user_key,
    u.user_id
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
    return [_claim(device_of(row), row) for row in rows]


def _claim(device: Device, row: asyncpg.Record) -> Claim:
    return Claim(device, row["lease_no"], row["since"], row["rooms_due"] > 0)


_RELEASE = """
UPDATE ss_pollers SET owner = NULL WHERE device_key = ANY ($1::int[]) AND owner = $2
"""


async def release_pollers(db: Database, device_keys: list[DeviceKey], worker: str) -> None:
    """Give leases back, as far as they are this worker's, whatever their numbers.

    The number of a lease may be another than the one that was taken: a database that has lost
    commits has an earlier one.
    """
    await db.execute(_RELEASE, device_keys, worker)


# Only under the lease, as everything that a poller writes; not after a whole answer is stored.
_MARK_BEGUN = """
UPDATE ss_pollers SET generated_us = $4, rooms_due = CASE WHEN rooms_due = 0 THEN 0 ELSE 2 END
WHERE device_key = $1 AND owner = $2 AND lease_no = $3 AND (since IS NULL OR rooms_due > 0)
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
