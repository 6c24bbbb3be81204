"""Group commit: one committer per process writes what all its pollers bring.

While one transaction runs, the parts of all other pollers gather; the next takes them
together. A group is planned without the lock and committed by one call, which refuses if
what the plan was made from has changed meanwhile (``stale``), if a poller's lease or
``since`` has moved (``fenced``), or if the database has crashed in between (``epoch``).

Faults: a lost connection, a deadlock or a full disk repeats the whole group, for as long
as it takes; only bad data singles out parts, then rooms.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import asyncpg

from syncv3.batch import Part
from syncv3.bus.local import Bus
from syncv3.extension import Extension
from syncv3.ingest.aside import OnSetAside
from syncv3.ingest.attempts import Attempts
from syncv3.ingest.entries import Entry, take_group
from syncv3.ingest.faults import Faults, pauses
from syncv3.ingest.findings import Listeners
from syncv3.ingest.group_writer import COMMIT_S, GroupWriter
from syncv3.ingest.hooks import Gave, HookFailed, Hooks
from syncv3.ingest.planning.plan import BadRoom, BadSection
from syncv3.ingest.remarks import Remarks
from syncv3.ingest.repair import Repair
from syncv3.ingest.singling_out import SinglingOut
from syncv3.store.faults import is_passing
from syncv3.watchdog import Watchdog

STOP_S: Final = 10.0


class Committer:
    """Takes parts in, in groups. ``commit`` returns when its part is durable.

    ``dry`` is set while nothing waits and nothing is being written. ``writer`` also serves
    those who write what belongs to no batch.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        bus: Bus,
        extensions: Sequence[Extension] = (),
        *,
        on_skipped: Callable[[], None] = lambda: None,
        on_hook_failure: Callable[[str], None] = lambda name: None,
        on_set_aside: OnSetAside = lambda name, kept, number: None,
        on_fault: Callable[[Exception], None] = lambda error: None,
        watchdog: Watchdog | None = None,
        stop_s: float = STOP_S,
        commit_s: float = COMMIT_S,
    ) -> None:
        self.writer = GroupWriter(pool, bus, commit_s=commit_s)
        self.dry = asyncio.Event()
        self.dry.set()
        self._stop_s = stop_s
        self._hooks = Hooks(
            pool,
            extensions,
            watchdog or Watchdog(),
            on_failure=on_hook_failure,
            on_set_aside=on_set_aside,
        )
        self._faults = Faults(pool, on_fault)
        remarks = Remarks()
        self._attempts = Attempts(self.writer, self._faults, remarks)
        self._singling_out = SinglingOut(self._attempts, remarks, on_skipped)
        self._queue: deque[Entry] = deque()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many parts wait for their turn to be written."""
        return len(self._queue)

    def listen(self, listeners: Listeners) -> None:
        """Whom to tell what written groups have shown: they may need the committer, so they
        come after it."""
        self._attempts.listeners = listeners

    async def start(self) -> None:
        await self.writer.enter_epoch(self.writer.pool)
        await self._hooks.start()
        self._task = asyncio.create_task(self._run(), name="committer")

    async def stop(self) -> None:
        """Finishes what is queued if the database lets it, then ends."""
        if self._task is not None and not self._task.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._stop_s):
                    await self.dry.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def commit(self, part: Part) -> None:
        """Makes a part durable.

        Raises ``LeaseLost`` when the poller is no longer this worker's, or its ``since``
        has moved: it must read its row again.
        """
        entry = Entry.of(part, await self._ask_hooks(part))
        self._queue.append(entry)
        self._wanted.set()
        self.dry.clear()
        await entry.done

    async def _ask_hooks(self, part: Part) -> tuple[Gave, ...]:
        """What the extensions make of a part, however long the database cannot be asked."""
        waits = pauses()
        while True:
            try:
                return await self._hooks.take_in(part)
            except Exception as error:
                if not is_passing(error):
                    raise
                await self._faults.meet(error)
            await asyncio.sleep(next(waits))

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._queue:
                entries = take_group(self._queue)
                try:
                    await self._write(entries)
                except Exception as error:  # who waits for an entry tells the log
                    for entry in entries:
                        entry.resolve(error)
            self.dry.set()

    async def _write(self, entries: list[Entry]) -> None:
        """Writes entries, however many tries it takes; resolves each of them."""
        repair, waits = Repair(self._hooks), pauses()
        while entries:
            try:
                await repair.mend(entries)
                entries = await self._attempts.make(entries)
            except BadRoom as bad:
                self._singling_out.skip_room(entries[bad.part], bad.room_id, bad.reason)
            except BadSection as bad:
                self._singling_out.skip_account_data(entries[bad.part], bad.reason)
            except HookFailed as failed:
                if not repair.note(failed, len(entries)):
                    return await self._single_out(entries, failed)
            except Exception as error:
                if not is_passing(error):
                    return await self._single_out(entries, error)
                repair.note_fault(error)
                await self._faults.meet(error)
                self._faults.complain(error)
                await asyncio.sleep(next(waits))

    async def _single_out(self, entries: list[Entry], error: Exception) -> None:
        """Bad data somewhere in the group: entries one by one, then the rooms of one."""
        if len(entries) > 1:
            for entry in entries:
                await self._write([entry])
        elif await self._singling_out.try_rooms(entries[0], error):
            await self._write(entries)
