"""What is to be done before a group of batches is tried again: whose statements to look at."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from syncv3.ingest.entries import Entry
from syncv3.ingest.hooks import CORE, HookFailed, Hooks
from syncv3.ingest.trial import AMBIGUOUS

BLAMED_AFTER: Final = 5
"""Tries after which a fault that content may bring about is looked for in the extensions."""


@dataclass(slots=True)
class Repair:
    """Remembers what went wrong with one group.

    An extension whose statement fails is ``doubtful``: its statements are tried aside, part by
    part. If the commit fails all the same, of several parts each is tried alone; of one part
    what it has for the extension is ``lost``: it is set aside as a whole.
    """

    hooks: Hooks
    doubtful: set[str] = field(default_factory=set)
    examined: set[str] = field(default_factory=set)
    lost: HookFailed | None = None
    faults: int = 0

    def note(self, failed: HookFailed, parts: int) -> bool:
        """A statement failed; False: the parts must be tried one by one."""
        if failed.name == CORE or (failed.name in self.examined and parts > 1):
            return False
        if failed.name in self.examined:
            self.lost = failed
        else:
            self.doubtful = {failed.name}
        return True

    def note_fault(self, error: Exception) -> None:
        """The database failed, or seems to: what is written may have brought that about."""
        self.faults += 1
        often = self.faults % BLAMED_AFTER == 0
        if isinstance(error, TimeoutError) or (isinstance(error, AMBIGUOUS) and often):
            self.doubtful = set(self.hooks.names)

    async def mend(self, entries: Collection[Entry]) -> None:
        """Takes out of what the extensions gave what is to blame."""
        if self.doubtful:
            for entry in entries:
                entry.hooks = await self.hooks.examine(entry.part, entry.hooks, self.doubtful)
            self.examined |= self.doubtful
            self.doubtful = set()
        if (lost := self.lost) is not None:
            for entry in entries:
                entry.hooks = await self.hooks.give_up(
                    entry.part, entry.hooks, lost.name, lost.reason
                )
            self.lost = None
