"""Keys for planning are reserved in blocks."""

from typing import Any

from syncv3.bus.local import LocalBus
from syncv3.ingest.group import KeySource
from syncv3.ingest.group_writer import GroupWriter


class Greedy:
    """A connection that lets somebody else take keys while it reserves a block."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._block = 0

    async def fetchrow(self, _sql: str, rooms: int, events: int) -> tuple[list[int], list[int]]:
        if self._block == 0:
            for _ in range(900):
                self._source.take()
        first, self._block = self._block + 1, self._block + events
        return [], list(range(first, first + events))


async def test_keys_do_not_run_out_when_others_take_some_meanwhile() -> None:
    no_database: Any = None
    writer = GroupWriter(no_database, LocalBus())
    events = writer.keys.events
    writer.keys.rooms.refill(99)
    events.refill(0)
    connection: Any = Greedy(events)
    await writer.refill(connection, 1, 1400)
    for _ in range(1401):
        events.take()
