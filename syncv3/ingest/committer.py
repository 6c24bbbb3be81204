"""Group commit: one committer per process writes what all its pollers bring.

One message in a room of a hundred users comes in a hundred answers. A transaction for each would
take the stream lock a hundred times. So parts wait in a queue: while one transaction runs, those of
all other pollers gather, and the next transaction takes them together, as a *group*.

A part's way: ``commit`` asks the extensions what they make of it (``hooks``) and queues it as an
entry. ``_run`` takes the next group off the queue (``entries``) and writes it, in as many tries as
it takes (``attempts``). When it is written, ``commit`` returns.

A try plans the group without the lock, and commits it by one call, which may refuse:

- ``stale``: somebody else has written one of the rooms since it was looked up. Plan again.
- ``fenced``: a poller's lease or ``since`` has moved. Its part is dropped, the others go on.
- ``epoch``: the database has crashed, and may have lost commits. Begin a new epoch, plan again.

Two kinds of errors are treated differently. A fault that passes (a lost connection, a deadlock, a
full disk) says nothing of the data: the same group is repeated, for as long as it takes. Anything
else is somewhere in the data, and must not stop everybody else. Say A, B and C are in a group, and
B has a room that the database refuses. The group fails; A, B and C are written each alone; B fails
again; its rooms are written each alone; of the one that fails only a gap is stored, which says that
something is missing (``singling_out``). An extension's statement that fails is looked into first
(``repair``): what is to blame is set aside, and the rest of the group is written.
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

STOP_S: Final = 10.0  # to finish what is queued


class Committer:
    """Takes parts in, in groups. ``commit`` returns when its part is durable.

    ``dry`` is set while nothing waits and nothing is being written. ``writer`` also serves
    those who write what belongs to no batch. ``stop_s``: how long ``stop`` waits for what is
    queued; ``commit_s``: after how many seconds a commit that hangs is cut off and repeated.

    The callbacks count: ``on_skipped`` rooms that were left out, ``on_hook_failure`` failures of
    the extension of that name, ``on_set_aside`` see ``aside``, ``on_fault`` the database's faults.
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
        """Sets whom to tell what written groups have shown. They are built after the committer,
        since they need it themselves: they store what they find out."""
        self._attempts.listeners = listeners

    async def start(self) -> None:
        await self.writer.enter_epoch(self.writer.pool)
        await self._hooks.start()
        self._task = asyncio.create_task(self._run(), name="committer")

    async def stop(self) -> None:
        """Finishes what is queued if the database lets it, within ``stop_s`` seconds, then ends.

        What is cut off is not lost: ``since`` has not moved, so the homeserver tells it again.
        """
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
        has moved: it must read its row again. Raises what cannot be blamed on a room or an
        extension, too; the part is not stored then, and its answer must be fetched again.
        """
        entry = Entry.of(part, await self._ask_hooks(part))
        self._queue.append(entry)
        self._wanted.set()
        self.dry.clear()
        await entry.done

    async def _ask_hooks(self, part: Part) -> tuple[Gave, ...]:
        """What the extensions make of a part. What they cannot take in needs the database
        (``trial``, ``aside``): while that is away, all is tried again."""
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
            self._wanted.clear()  # before the queue is looked at, so that no part is overlooked
            while self._queue:
                entries = take_group(self._queue)
                try:
                    await self._write(entries)
                except Exception as error:  # who waits for an entry tells the log
                    for entry in entries:
                        entry.resolve(error)
            self.dry.set()

    async def _write(self, entries: list[Entry]) -> None:
        """Writes entries, however many tries it takes; resolves each of them.

        Each round either writes the group, makes it smaller by what was to blame, or waits. So it
        ends, unless the database stays away.
        """
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
