"""One try to write a group: look up, plan, commit, and what follows from the outcome.

A commit can be cut off when nobody knows whether it has taken place: the connection breaks after
the database was told to commit, and before it has answered. The group is simply tried again, and
the guard finds out. Say a part leads from ``since`` s1 to s2. If it was not written, s1 is still
stored, and it is written now. If it was, s2 is stored: so the part is fenced, and that s2 is its
own ``next_since`` shows that it had been written. A part that is not the last of its answer moves
no ``since``: it is planned again, and finds its events stored.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from syncv3.batch import Part
from syncv3.errors import LeaseLost
from syncv3.ingest.entries import Entry
from syncv3.ingest.faults import Faults
from syncv3.ingest.findings import Listeners
from syncv3.ingest.group import Group
from syncv3.ingest.group_writer import GroupWriter
from syncv3.ingest.hooks import add_hooks
from syncv3.ingest.parts import sections_of, size
from syncv3.ingest.planning.plan import plan
from syncv3.ingest.remarks import Remarks
from syncv3.store.knowledge import Knowledge
from syncv3.types import RoomID

log = logging.getLogger(__name__)

BREATHE_FROM: Final = 50
"""From so many events on each step of a group takes milliseconds, in which no client is served:
then other tasks get their turn between the steps."""
POLLER: Final = "SELECT since, owner, lease_no FROM ss_pollers WHERE device_key = $1"


class Attempts:
    """Tries groups. ``listeners`` are told what those that are written have shown."""

    def __init__(self, writer: GroupWriter, faults: Faults, remarks: Remarks) -> None:
        self.listeners = Listeners()
        self._writer = writer
        self._faults = faults
        self._remarks = remarks

    async def make(self, entries: list[Entry]) -> list[Entry]:
        """One try; gives the entries that must be tried again, none if all are resolved.

        Raises ``BadRoom`` and ``BadSection`` for what cannot be planned, ``HookFailed`` if an
        extension's statement fails, and what the database raises.
        """
        parts = [entry.part for entry in entries]
        async with self._writer.pool.acquire() as db:
            known = await self._writer.look_up_parts(db, parts)
            await _breathe(entries)
            await self._writer.refill(db, sum(map(sections_of, parts)), sum(map(size, parts)))
            # Of the keys that are planned with. If somebody else notes a new epoch before the call,
            # these keys may be given away twice: the call must say the old one, and be refused.
            epoch = self._writer.epoch
            group = self._plan(entries, known)
            await _breathe(entries)
            outcome = await self._writer.call(db, group, epoch)
        match outcome["status"]:
            case "ok":
                self._written(entries, group)
                return []
            case "epoch":
                await self._writer.enter_epoch(self._writer.pool)
                log.warning("The database has restarted: epoch %d begins", self._writer.epoch)
                return entries
            case "fenced":
                return await self._drop_fenced(entries, set(outcome["keys"]))
        return entries  # stale: others wrote these rooms meanwhile

    def _plan(self, entries: Sequence[Entry], known: Knowledge) -> Group:
        parts = [entry.part for entry in entries]
        excluded = {(i, room_id) for i, entry in enumerate(entries) for room_id in entry.excluded}
        group = plan(parts, known, self._writer.keys, excluded=excluded)
        rows = (*known.rooms.values(), *group.rooms)
        keys = {RoomID(row.room_id): row.room_key for row in rows}
        add_hooks(group, [(entry.part, entry.hooks) for entry in entries], keys)
        return group

    def _written(self, entries: Sequence[Entry], group: Group) -> None:
        """The group is durable: lets go whoever waits for it, and tells the log and listeners."""
        parts = [entry.part for entry in entries]
        self._faults.over()
        self._remarks.pass_on(parts, group.remarks)
        for entry in entries:
            entry.resolve(None)
            self._remarks.over(entry.part)
        self.listeners.tell(parts, group)
        self._writer.tell()

    async def _drop_fenced(self, entries: Sequence[Entry], devices: Collection[int]) -> list[Entry]:
        """Resolves fenced entries: already written, or no longer ours. Gives the others."""
        for entry in entries:
            if entry.device_key in devices:
                row = await self._writer.pool.fetchrow(POLLER, entry.device_key)
                written = row is not None and was_written(entry.part, row)
                entry.resolve(None if written else LeaseLost("the poller has moved"))
        return [entry for entry in entries if entry.device_key not in devices]


def was_written(part: Part, poller: Mapping[str, Any]) -> bool:
    """Whether a part that is fenced was written before. ``poller`` is the row of its poller.

    Only the last part of an answer, which moves ``since``, can be told by that.
    """
    if (poller["owner"], poller["lease_no"]) != (part.lease.owner, part.lease.number):
        return False
    return part.next_since is not None and bool(poller["since"] == part.next_since)


async def _breathe(entries: Sequence[Entry]) -> None:
    """Lets others run between the steps of a large group."""
    if sum(entry.size for entry in entries) > BREATHE_FROM:
        await asyncio.sleep(0)
