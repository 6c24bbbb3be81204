"""What waits to be committed: entries, one a part, and how many of them make a group.

An entry changes while it is tried: what cannot be stored of it is left out, step by step. First a
bad room is *emptied*: instead of its events a gap is stored, so that nobody takes what follows for
all there is. If that cannot be stored either, the room is *excluded*, and nothing is written of it.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, Self

from syncv3.batch import Part
from syncv3.ingest.hooks import Gave
from syncv3.ingest.parts import emptied, rows_of_device, size, tellable
from syncv3.types import DeviceKey, RoomID

GROUP_EVENTS: Final = 500  # at once: the stream lock is held as long as it takes to write them


@dataclass(slots=True, eq=False)
class Entry:
    """A part that waits for its commit, and what the extensions made of it.

    ``done`` is what the poller waits for. ``size`` is in events, or rows for the device.
    ``emptied`` and ``excluded``: see the module.
    """

    part: Part
    done: asyncio.Future[None]
    size: int
    hooks: tuple[Gave, ...] = ()
    emptied: set[RoomID] = field(default_factory=set)
    excluded: set[RoomID] = field(default_factory=set)

    @classmethod
    def of(cls, part: Part, hooks: tuple[Gave, ...] = ()) -> Self:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return cls(part, done, size(part) + rows_of_device(part), hooks)

    @property
    def device_key(self) -> DeviceKey:
        return self.part.lease.device_key

    def leave_out(self, room_id: RoomID) -> None:
        """Empties a room; the second time, or if the room is an invite, of which no gap can be
        told, it is excluded."""
        if room_id in self.emptied or room_id not in tellable(self.part):
            self.excluded.add(room_id)
        else:
            self.emptied.add(room_id)
            self.part = emptied(self.part, room_id)

    def leave_out_account_data(self) -> None:
        """Drops the part's account data for lists. What extensions made of it was asked before, and
        stays."""
        self.part = replace(self.part, account_data=())

    def resolve(self, error: Exception | None) -> None:
        """Who waits for the commit goes on (None: it is durable), or gets the error."""
        if self.done.done():  # the poller was stopped, and waits no more
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


def take_group(queue: deque[Entry]) -> list[Entry]:
    """Takes the next group off the queue: entries of at most ``GROUP_EVENTS`` together, but at
    least one, in their order. Entries for which nobody waits any more are dropped.

    At most one of a device: its second part may go on from a ``since`` that the first must have
    stored, and the guard compares with what is stored before the group.
    """
    taken: list[Entry] = []
    size = 0
    devices: set[DeviceKey] = set()
    while queue and (not taken or size + queue[0].size <= GROUP_EVENTS):
        if queue[0].device_key in devices:
            break
        entry = queue.popleft()
        if entry.done.done():
            continue
        devices.add(entry.device_key)
        size += entry.size
        taken.append(entry)
    return taken
