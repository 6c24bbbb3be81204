"""What waits to be committed: entries, one a part, and how many of them make a group."""

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, Self

from syncv3.batch import Part
from syncv3.ingest.hooks import Gave
from syncv3.ingest.parts import emptied, rows_of_device, size, tellable
from syncv3.types import DeviceKey, RoomID

GROUP_EVENTS: Final = 500


@dataclass(slots=True, eq=False)
class Entry:
    """A part that waits for its commit, and what the extensions made of it.

    ``emptied`` rooms could not be taken in: of them only that something is missing is.
    ``excluded`` ones are not written at all.
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
        """Drops what the part says of a room, but for that something is missing in it; the
        second time, or if that cannot be told of the room, that too."""
        if room_id in self.emptied or room_id not in tellable(self.part):
            self.excluded.add(room_id)
        else:
            self.emptied.add(room_id)
            self.part = emptied(self.part, room_id)

    def leave_out_account_data(self) -> None:
        """Drops what the lists need of the part's account data; extensions keep theirs."""
        self.part = replace(self.part, account_data=())

    def resolve(self, error: Exception | None) -> None:
        """Who waits for the commit goes on (None: it is durable), or gets the error."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


def take_group(queue: deque[Entry]) -> list[Entry]:
    """Takes the next group off the queue: as many entries as make about ``GROUP_EVENTS``,
    but at least one. Entries for which nobody waits any more are dropped."""
    taken: list[Entry] = []
    size = 0
    devices: set[DeviceKey] = set()
    while queue and (not taken or size + queue[0].size <= GROUP_EVENTS):
        if queue[0].device_key in devices:
            break  # a device's parts follow each other: one since at a time
        entry = queue.popleft()
        if entry.done.done():
            continue
        devices.add(entry.device_key)
        size += entry.size
        taken.append(entry)
    return taken
