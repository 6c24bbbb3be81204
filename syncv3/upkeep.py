"""What a running service does regularly, beside polling and answering: it looks who else is
there, forgets what nobody uses, and measures what nobody counts as it happens."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from syncv3.bus.local import Bus
from syncv3.cache.cache import Cache
from syncv3.engine.connections import Connections
from syncv3.engine.engine import Engine
from syncv3.ingest.committer import Committer
from syncv3.ingest.pollers import Pollers
from syncv3.jobs import Job
from syncv3.metrics import Metrics
from syncv3.plugins import Plugins
from syncv3.store import retention
from syncv3.store.overview import sizes
from syncv3.store.workers import other_workers

log = logging.getLogger(__name__)

MEASURE_S: Final = 5.0
OTHERS_S: Final = 10.0
# Longer than a worker takes to be noticed as dead: to count one too many costs time, to count one
# too few would have views kept in memory that another worker is asked for.
OTHERS_ALIVE: Final = timedelta(seconds=30)
SWEEP_S: Final = 60.0
SIZES_S: Final = 300.0
CLEAN_S: Final = 3600.0
TABLES: Final = 200
"""Tables that are measured at most: extensions have some of their own."""


class Upkeep:
    """The jobs of one worker, whose parts it is given."""

    def __init__(
        self,
        pool: Any,
        metrics: Metrics,
        worker: str,
        *,
        cache: Cache,
        bus: Bus,
        connections: Connections,
        engine: Engine,
        pollers: Pollers,
        committer: Committer,
        plugins: Plugins,
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._worker = worker
        self._cache = cache
        self._bus = bus
        self._connections = connections
        self._engine = engine
        self._pollers = pollers
        self._committer = committer
        self._plugins = plugins

    def jobs(self) -> Iterator[tuple[float, Job]]:
        """Each with the seconds between two runs."""
        yield MEASURE_S, self.measure
        yield OTHERS_S, self.notice_others
        yield SWEEP_S, self.sweep
        yield SIZES_S, self.measure_tables
        yield CLEAN_S, self.clean

    async def notice_others(self) -> None:
        """With other workers on this database, connections and hints are shared."""
        alone = not await other_workers(self._pool, self._worker, OTHERS_ALIVE)
        if self._connections.alone != alone:
            log.info("Other workers: %s", "none" if alone else "some")
            await self._connections.share(alone=alone)
            self._bus.others = not alone

    async def measure(self) -> None:
        """What memory holds, and who waits."""
        self._metrics.active_conns.set(len(self._connections))
        self._metrics.cached.labels("rooms").set(len(self._cache.rooms))
        self._metrics.cached.labels("users").set(len(self._cache.users))
        self._metrics.ingest_queue.set(self._committer.waiting)
        self._pollers.measure()

    async def measure_tables(self) -> None:
        """How large the tables are. Any worker measures all: the metric shows the highest."""
        for found in await sizes(self._pool, TABLES):
            self._metrics.table_bytes.labels(found.table).set(found.size_bytes)

    async def sweep(self) -> None:
        """Forgets what memory holds and nobody has asked for lately; it stays in the database."""
        self._cache.sweep(self._engine.waiters.users, time.monotonic())
        self._connections.sweep()

    async def clean(self) -> None:
        """Deletes what nobody can ask for any more: connections first, as the oldest of those
        that are left says what is still needed (``retention.floor``)."""
        self._metrics.expired("idle", await self._connections.expire())
        floor = await retention.floor(self._pool)
        deleted = await retention.clean(self._pool, floor)
        await self._plugins.clean(floor, self._pool)
        log.info("Cleaned up", extra={"rows": deleted, "floor": floor})
