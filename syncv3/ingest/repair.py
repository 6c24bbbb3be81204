"""What is to be done before a group is tried again: whose statements to look at.

All parts' rows for one statement of an extension are written by one execution in the commit. So if
it fails, it is not known which part is to blame, and after a time-out not even which extension.
This remembers what was found out about one group so far.
"""

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
    """What went wrong with one group.

    1. An extension whose statement fails is ``doubtful``. Before the next try its statements are
       run aside, part by part, and what fails there is set aside. Then it is ``examined``.
    2. If the commit still fails because of it, the parts fail only together: each is tried alone.
    3. If it fails for a single part, although that looked well aside, all that the part has for the
       extension is ``lost``: it is set aside as a whole.
    """

    hooks: Hooks
    doubtful: set[str] = field(default_factory=set)
    examined: set[str] = field(default_factory=set)
    lost: HookFailed | None = None
    faults: int = 0

    def note(self, failed: HookFailed, parts: int) -> bool:
        """A statement of an extension failed in the commit of so many parts.

        True: what is to blame is looked for before the next try. False: the parts must be tried one
        by one.
        """
        if failed.name == CORE or (failed.name in self.examined and parts > 1):
            return False
        if failed.name in self.examined:
            self.lost = failed
        else:
            self.doubtful = {failed.name}
        return True

    def note_fault(self, error: Exception) -> None:
        """The database failed, or seems to. What is written may have brought that about: a
        statement may hang, and one that needs too much memory looks like a fault that passes. So
        all extensions are doubtful after a time-out, and if each fifth fault is of such a kind."""
        self.faults += 1
        often = self.faults % BLAMED_AFTER == 0
        if isinstance(error, TimeoutError) or (isinstance(error, AMBIGUOUS) and often):
            self.doubtful = set(self.hooks.names)

    async def mend(self, entries: Collection[Entry]) -> None:
        """Before a try: takes out of what the extensions gave what is to blame by now."""
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
