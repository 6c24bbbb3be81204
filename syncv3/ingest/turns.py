"""A few places for many who wait, given in turn to the addresses they come from.

Say a hundred requests of address A wait for the ten places, and then one of B comes. In a plain
queue B would wait for all of A's. Here A may hold five places at most, and when one is free it goes
to the addresses in turn: so B is next. Nobody can make B wait by sending more from A.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from syncv3.errors import LimitExceeded

RETRY_S = 2.0
"""When somebody comes again for whom there was no place."""
NETWORK_BITS = 64  # of an IPv6 address; the rest is its owner's to choose


@dataclass(frozen=True, slots=True)
class Capacity:
    """Places, and who may wait for one.

    ``places``: how many are inside at the same time; ``each``: how many of these from one address.
    ``waiting``: how many may wait, of all addresses together, and ``wait_s`` for how many seconds.
    """

    places: int = 10
    each: int = 5
    waiting: int = 100
    wait_s: float = 10.0


class AddressTurns:
    """Gives places to waiting addresses in turn.

    Who comes alone waits for one round at most, however many wait behind one other address. If too
    many wait, the last of the address with most of them is sent away.
    """

    def __init__(self, room: Capacity) -> None:
        self._room = room
        self._inside: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Holds a place while the block runs. Raises ``LimitExceeded`` if there is none in time."""
        await self._enter(address)
        try:
            yield
        finally:
            self._leave(address)

    async def _enter(self, address: str) -> None:
        if self._has_place(address):
            self._inside[address] += 1
            return
        self._make_room_to_wait(address)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(address, deque()).append(turn)
        try:
            await asyncio.wait((turn,), timeout=self._room.wait_s)
            if not turn.done():
                raise _too_many()
            turn.result()
        except BaseException:  # also a cancellation: the client has hung up
            if not turn.done():
                self._forget(address, turn)
            elif turn.exception() is None:
                self._leave(address)  # the place that was already given to us
            raise

    def _has_place(self, address: str) -> bool:
        free = self._inside.total() < self._room.places
        return free and self._inside[address] < self._room.each

    def _leave(self, address: str) -> None:
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]
        while self._inside.total() < self._room.places:
            waiting = next((a for a in self._queues if self._has_place(a)), None)
            if waiting is None:
                return
            queue = self._queues.pop(waiting)
            turn = queue.popleft()
            if queue:
                self._queues[waiting] = queue  # at the end of the round
            self._inside[waiting] += 1
            turn.set_result(None)

    def _make_room_to_wait(self, address: str) -> None:
        """If too many wait, sends the last of the longest queue away; raises ``LimitExceeded`` if
        that is this address's own, or would be with one more."""
        if sum(map(len, self._queues.values())) < self._room.waiting:
            return
        longest = max(self._queues.values(), key=len)
        # Else two addresses with equal queues would drive each other out.
        if len(longest) <= len(self._queues.get(address, ())) + 1:
            raise _too_many()
        longest.pop().set_exception(_too_many())

    def _forget(self, address: str, turn: "asyncio.Future[None]") -> None:
        queue = self._queues[address]
        queue.remove(turn)
        if not queue:
            del self._queues[address]


def network_of(address: str) -> str:
    """What one person has of the Internet: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ip_network((ip, NETWORK_BITS), strict=False))
    return str(ip)


def _too_many() -> LimitExceeded:
    return LimitExceeded(
        "too many unknown access tokens at the moment",
        retry_after_s=RETRY_S,
        limit="unknown_tokens",
    )
