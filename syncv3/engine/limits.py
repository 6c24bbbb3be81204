"""How much is remembered of a device's connections, and which of them go when it is too much.

A device may open connections under as many names as it likes, on each of them ask for as much as
one request may, and never come back. So three things are bounded for a device: the number of its
connections, the bytes of their sticky requests, and the rooms that they remember to have sent.
Whoever is one too many makes an older one go, whose client then begins anew: it is sent more
than it would have to be, and misses nothing. Only where the bytes do not suffice, although
nothing idle is left, the new request is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest
from syncv3.store.connections import Remembered

IDLE_S: Final = 3600.0
"""A connection that was not used for so long makes room for others, or may be given up."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How long and how many connections are kept.

    ``sticky_bytes`` limits the sticky requests of all connections of a device together, and
    ``rooms`` how many rooms they all remember to have sent. ``stale_rooms``: a client that keeps
    rooms, and was away for long, begins anew if there is news in more of them (0: never).
    """

    idle_s: float = 7 * 86_400.0
    per_device: int = 20
    in_memory_s: float = 900.0
    sticky_bytes: int = 4 * 1024 * 1024
    rooms: int = 50_000
    stale_rooms: int = 0
    lists: int = 100
    subscriptions: int = 10_000

    def check(self, ask: CompleteRequest) -> None:
        """Raise ``InvalidParam`` if a connection asks for more than the operator allows.

        The dialects have bounds of their own, which are looked at before.
        """
        if len(ask.lists) > self.lists:
            raise InvalidParam(f"more than {self.lists} lists", limit="lists")
        if len(ask.subscriptions) > self.subscriptions:
            raise InvalidParam(
                f"more than {self.subscriptions} subscriptions", limit="subscriptions"
            )

    def is_stale(self, idle_s: float, news: Iterable[object]) -> bool:
        """Whether a connection is not worth going on with: unused for long, and so much news."""
        if not self.stale_rooms or idle_s <= IDLE_S:
            return False
        return sum(1 for _ in news) > self.stale_rooms

    @property
    def few_rooms(self) -> int:
        """A connection with so many rooms needs no look at the device's others: as many of them as
        there may be, with as many rooms each, are within the bound."""
        return self.rooms // self.per_device

    def makes_room_for_bytes(self, size: int, others: Mapping[int, Remembered]) -> list[int]:
        """The idle connections that make room for a sticky request: those with large ones first.

        Raises ``InvalidParam`` if that is not enough.
        """
        # Never one that is in use: two clients of a device would throw each other out in turns.
        idle = [key for key in others if others[key].idle_s > IDLE_S]
        idle.sort(key=lambda key: (others[key].bytes, others[key].idle_s))
        total = size + sum(other.bytes for other in others.values())
        forgotten = []
        while total > self.sticky_bytes and idle:
            forgotten.append(idle.pop())
            total -= others[forgotten[-1]].bytes
        if total > self.sticky_bytes:
            raise InvalidParam(
                f"the requests of all connections of the device exceed {self.sticky_bytes} bytes"
            )
        return forgotten

    def makes_room_for_rooms(self, rooms: int, others: Mapping[int, Remembered]) -> list[int]:
        """The connections that make room for one with so many rooms: those that were replaced, then
        the others; each time first those not used for longest."""
        oldest = sorted(others, key=lambda key: (not others[key].named, others[key].idle_s))
        total = rooms + sum(other.rooms for other in others.values())
        forgotten = []
        while total > self.rooms and oldest:
            forgotten.append(oldest.pop())
            total -= others[forgotten[-1]].rooms
        return forgotten
