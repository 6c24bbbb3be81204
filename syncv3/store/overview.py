"""SQL for who wants to know how the service is: each statement is cheap, whatever is stored."""

from typing import Final, NamedTuple

from syncv3.store.database import Database

ALIVE: Final = "interval '30 s'"


class Counts(NamedTuple):
    """How many there are; ``pollers``: devices that somebody polls now."""

    users: int
    devices: int
    pollers: int
    rooms_due: int
    connections: int
    set_aside: int


_COUNTS = f"""
SELECT (SELECT count(*) FROM ss_users), (SELECT count(*) FROM ss_devices),
    (SELECT count(*) FROM ss_pollers p JOIN ss_workers w ON w.worker = p.owner
        WHERE w.beat > clock_timestamp() - {ALIVE}),
    (SELECT count(*) FROM ss_pollers WHERE rooms_due > 0),
    (SELECT count(*) FROM ss_connections), (SELECT count(*) FROM ss_set_aside)
"""


async def counts(db: Database) -> Counts:
    """How many there are of what the service keeps, now."""
    row = await db.fetchrow(_COUNTS)
    assert row is not None
    return Counts(*row)


class WorkerRow(NamedTuple):
    """A worker, how long ago it last beat, and how many devices it polls."""

    worker: str
    beat_s: float
    pollers: int


_WORKERS = """
SELECT w.worker, extract(epoch FROM clock_timestamp() - w.beat)::float8,
    (SELECT count(*) FROM ss_pollers p WHERE p.owner = w.worker)
FROM ss_workers w ORDER BY w.started
"""


async def workers(db: Database) -> list[WorkerRow]:
    """All workers that have not said goodbye, the oldest first."""
    return [WorkerRow(*row) for row in await db.fetch(_WORKERS)]


class Behind(NamedTuple):
    """A device whose poll should go on and has stored nothing for ``lag_s`` seconds; None: never.

    ``leased``: a live worker has it. ``tokens``: how many access tokens there are for it.
    """

    user_id: str
    device_id: str
    lag_s: float | None
    leased: bool
    tokens: int
    rooms_due: bool


_BEHIND = f"""
SELECT u.user_id, d.device_id,
    CASE WHEN p.generated_us > 0 THEN
        extract(epoch FROM clock_timestamp())::float8 - p.generated_us / 1e6 END AS lag_s,
    EXISTS (SELECT FROM ss_workers w
        WHERE w.worker = p.owner AND w.beat > clock_timestamp() - {ALIVE}),
    (SELECT count(*) FROM ss_tokens t WHERE t.device_key = p.device_key)::int, p.rooms_due > 0
FROM ss_pollers p JOIN ss_devices d ON d.id = p.device_key JOIN ss_users u ON u.id = d.user_key
WHERE p.last_used > now() - interval '30 days'
    AND p.generated_us < (extract(epoch FROM clock_timestamp()) * 1e6)::bigint - $1 * 1000000
ORDER BY p.generated_us LIMIT $2
"""


async def behind(db: Database, more_than_s: int, most: int) -> list[Behind]:
    """Devices in use whose poll is behind, those that are furthest first.

    A poll without news stores something once a minute.
    """
    return [Behind(*row) for row in await db.fetch(_BEHIND, more_than_s, most)]


class TableSize(NamedTuple):
    """A table with its indexes; ``rows`` is PostgreSQL's estimate."""

    table: str
    size_bytes: int
    rows: int


# Estimates, as counting the rows of a large table takes minutes.
_SIZES = """
SELECT c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND (c.relname LIKE 'ss\\_%' OR c.relname LIKE 'syncv3\\_%')
ORDER BY 2 DESC LIMIT $1
"""


async def sizes(db: Database, most: int) -> list[TableSize]:
    """The largest tables."""
    return [TableSize(*row) for row in await db.fetch(_SIZES, most)]
