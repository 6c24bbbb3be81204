"""SQL on workers: which are alive, by the database's clock, and what one gives back at its end.

A worker is a process. It says that it is alive by writing the time into its row (``beat``) each
second, and keeps its pollers only as long as it does. The clocks of machines differ, so only that
of the database counts: it both writes the time and compares it.
"""

from datetime import timedelta
from typing import NamedTuple

import asyncpg

from syncv3.store.database import Database


class Beat(NamedTuple):
    """``clock_us``: the database's clock; ``others``: how many other workers beat within
    three lease times: alive, or stalled together with everybody."""

    clock_us: int
    others: int


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


# A worker that starts waits for just that, and not for a whole lease time.
_SOONEST_EXPIRY = """
SELECT extract(epoch FROM min(beat) + $2::interval - clock_timestamp())::float8
FROM ss_workers WHERE worker <> $1 AND beat > clock_timestamp() - $2::interval
"""


async def soonest_expiry(db: Database, worker: str, lease: timedelta) -> float | None:
    """Seconds until another worker's leases may be taken if it beats no more; None: no other."""
    seconds = await db.fetchval(_SOONEST_EXPIRY, worker, lease)
    return seconds if isinstance(seconds, float) else None


async def other_workers(db: asyncpg.Pool, worker: str, within: timedelta) -> int:
    """How many other workers have beaten within that time."""
    found: int = await db.fetchval(
        "SELECT count(*) FROM ss_workers"
        " WHERE worker <> $1 AND beat > clock_timestamp() - $2::interval",
        worker,
        within,
    )
    return found


async def worker_names(db: Database) -> list[str]:
    """All workers that have not said goodbye."""
    return [row[0] for row in await db.fetch("SELECT worker FROM ss_workers")]


async def release_worker(db: Database, worker: str) -> None:
    """Give everything back: this worker stops."""
    await db.execute("UPDATE ss_pollers SET owner = NULL WHERE owner = $1", worker)
    await db.execute("DELETE FROM ss_workers WHERE worker = $1", worker)


async def delete_dead_workers(db: Database) -> None:
    """Forget workers that stopped without a word a day ago."""
    await db.execute("DELETE FROM ss_workers WHERE beat < now() - interval '1 day'")
