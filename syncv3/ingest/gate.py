"""A door with a limited number of places, and a way for the urgent to pass (rule U-21)."""

import asyncio
from collections import OrderedDict
from typing import Self

from syncv3.types import DeviceKey


class BootGate:
    """At most ``places`` pollers inside, first come, first served.

    A poller whose client is waiting passes at once, beyond the limit.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: OrderedDict[DeviceKey, asyncio.Future[None]] = OrderedDict()
        self._urgent: set[DeviceKey] = set()

    async def enter(self, device_key: DeviceKey) -> Self:
        """Wait for a place. Who was let in calls ``leave``, once."""
        if self._free > 0 or device_key in self._urgent:
            self._urgent.discard(device_key)
            self._free -= 1
            return self
        turn = self._queue[device_key] = asyncio.get_running_loop().create_future()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place that was already given to us
            raise
        finally:
            self._queue.pop(device_key, None)
        return self

    def leave(self) -> None:
        self._free += 1
        while self._free > 0 and self._queue:
            _, turn = self._queue.popitem(last=False)
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def hurry(self, device_key: DeviceKey) -> None:
        """A client waits for this device: let it in now, or as soon as it comes."""
        turn = self._queue.pop(device_key, None)
        if turn is None:
            self._urgent.add(device_key)
        elif not turn.done():
            self._free -= 1
            turn.set_result(None)

    def forget(self, device_key: DeviceKey) -> None:
        """The device needs no place any more."""
        self._urgent.discard(device_key)
