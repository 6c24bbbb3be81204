"""The workers of a story: they are refreshed, stopped, killed and started again."""

from collections.abc import Awaitable, Callable

import asyncpg

from syncv3.store.retention import clean, floor
from tests.simulation.story import Setting
from tests.simulation.worker import Endpoint, Worker, endpoints


class Processes:
    """All workers, by number.

    ``on_gap`` is told of gaps that a worker finds (its number, the room); ``on_restart`` of a
    worker that has been replaced by a new one.
    """

    def __init__(self, pool: asyncpg.Pool, setting: Setting, *, extended: bool = False) -> None:
        self.pool = pool
        self.extended = extended
        self.setting = setting
        self.workers: list[Worker] = []
        self.lost: set[int] = set()  # epochs that the database went back from under the workers
        self.on_gap: Callable[[int, str], None] = lambda number, room_id: None
        self.on_restart: Callable[[int], Awaitable[None]]

    async def start(self) -> None:
        for n, bus in enumerate(endpoints(self.setting.workers)):
            bus.deaf = self.setting.deaf
            self.workers.append(await self.new_worker(n, bus))

    async def close(self) -> None:
        for worker in self.workers:
            await worker.kill()

    async def new_worker(self, number: int, bus: Endpoint) -> Worker:
        return await Worker.start(
            f"w{number}",
            self.pool,
            bus,
            alone=self.setting.workers == 1,
            on_gap=lambda _device, room_id: self.on_gap(number, room_id),
            extended=self.extended,
        )

    def worker(self, number: int) -> Worker:
        return self.workers[number % len(self.workers)]

    def knows(self, number: int) -> bool:
        """Whether a worker has noticed what the database has lost: it looks once a second."""
        return self.worker(number).cache.epoch not in self.lost

    async def do_refresh(self, number: int, *_: int) -> bool:
        await self.worker(number).cache.refresh()
        return True

    async def do_flush(self, number: int, *_: int) -> bool:
        await self.worker(number).flush()
        return True

    def do_release(self, number: int, *_: int) -> bool:
        self.worker(number).release()
        return True

    async def do_clean(self, *_: int) -> bool:
        """Deletes what no stored connection can ask for any more."""
        lowest = await floor(self.pool)
        await clean(self.pool, lowest)
        for extension in self.workers[0].extensions:
            await extension.cleanup(lowest, self.pool)
        return True

    async def do_stop(self, number: int, *_: int) -> bool:
        await self.worker(number).stop()
        await self.restart(number % len(self.workers))
        return True

    async def do_kill(self, number: int, *_: int) -> bool:
        await self.worker(number).kill()
        await self.restart(number % len(self.workers))
        return True

    async def restart(self, number: int) -> None:
        """A new process in place of one that ended."""
        bus = endpoints(1)[0]
        bus.deaf = self.setting.deaf
        bus.peers = [w.bus for n, w in enumerate(self.workers) if n != number]
        for worker in self.workers:
            if worker.bus in bus.peers:
                worker.bus.peers = bus.peers
        bus.peers.append(bus)
        self.workers[number] = await self.new_worker(number, bus)
        await self.on_restart(number)

    async def do_fence(self, *_: int) -> bool:
        """PostgreSQL has crashed: it empties its unlogged tables."""
        if not self.setting.faults:
            return False
        await self.pool.execute("TRUNCATE ss_stream_fence")
        return True
