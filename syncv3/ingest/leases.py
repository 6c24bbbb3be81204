"""Proof of life of this worker, and whether it may take other workers' pollers.

All leases of a worker are kept by one row, its *heartbeat*: as long as it beats, no other worker
takes its pollers. Lease times are the database's clock, so that workers' clocks may differ.

Two mistakes must be avoided. A worker may believe that its leases hold when they do not: if its
beats fail for the lease time, it must assume that others have its pollers by now, and stops them.
And a worker may believe that another is dead when it is not. Say the database stands still for a
minute. When it goes on, A beats first and finds that B has not beaten for a minute; but neither had
A. So A takes nothing over until it has beaten for one whole lease time without interruption: by
then B has beaten too, if it lives. A worker that is alone need not wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from syncv3.ingest.clock import DatabaseClock
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.workers import beat

logger = logging.getLogger(__name__)

RETRY_S = 0.5
"""Between beats while they fail: every second without one brings the end of the lease."""
BEATS = 8  # a lease: how long a dead worker has already been silent hardly counts
PATIENCE = 4  # parts of a lease: a beat that takes longer has failed


Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Heartbeat:
    """Beats eight times a lease, more often after a failure, on one connection that it keeps.

    ``connect`` makes that connection, so that beating needs no place in the pool: a pool that is
    busy must not cost the leases. ``clock`` learns the database's clock from each beat. ``lost`` is
    called when no beat has got through for the lease time; beating goes on.
    """

    def __init__(
        self,
        connect: Connect,
        worker: str,
        lease: timedelta,
        clock: DatabaseClock,
        lost: Callable[[], None],
    ) -> None:
        self._connect = connect
        self._worker = worker
        self._lease = lease
        self._clock = clock
        self._lost = lost
        self._connection: asyncpg.Connection | None = None
        self._last = self._unbroken_since = float("-inf")
        self._others = 0
        self._is_lost = self._was_broken = self._missed = False

    @property
    def alive(self) -> bool:
        """Whether our leases surely hold: the last beat is younger than the lease time."""
        return asyncio.get_running_loop().time() - self._last < self._lease.total_seconds()

    @property
    def may_take_over(self) -> bool:
        """Whether a poller whose owner's beats have stopped may be taken now.

        At once if this is the only worker and nothing was wrong since it started.
        """
        if self._missed or not self.alive:
            return False
        unbroken_s = self._last - self._unbroken_since
        is_alone = self._others == 0 and not self._was_broken
        return is_alone or unbroken_s >= self._lease.total_seconds()

    async def beat(self) -> None:
        """Beat once. Raises what the database raises."""
        loop = asyncio.get_running_loop()
        asked = loop.time()  # the beat counts from a later moment: ours is never believed too long
        if self._connection is None:
            self._connection = await self._connect()
        seen = await beat(self._connection, self._worker, self._lease)
        self._clock.read(seen.clock_us, asked=asked, answered=loop.time())
        if self._missed or not self.alive:
            self._was_broken = self._missed or self._last > float("-inf")
            self._unbroken_since = asked
            self._missed = False
        self._others = seen.others
        self._last = asked
        self._is_lost = False

    async def run(self) -> None:
        """Beat until cancelled, whatever happens to the database."""
        interval_s = self._lease.total_seconds() / BEATS
        patience_s = self._lease.total_seconds() / PATIENCE
        while True:
            pause_s = interval_s
            try:
                async with asyncio.timeout(patience_s):
                    await self.beat()
            except DATABASE_FAULTS as error:
                logger.warning("no heartbeat", extra={"reason": type(error).__name__})
                self._missed = True
                pause_s = min(RETRY_S, interval_s)
                await self.let_go()  # a connection on which a beat has hung is used no more
            if not self.alive and not self._is_lost:
                self._is_lost = True
                self._lost()
            await asyncio.sleep(pause_s)

    async def let_go(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
