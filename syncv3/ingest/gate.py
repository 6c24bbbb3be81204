"""Doors with a limited number of places, and a way for the urgent to pass (rule U-21).

At a start a thousand pollers want their first answer, each of which costs the homeserver much more
than a long poll that waits. ``BootGate`` lets in a few at a time. A device whose client waits for
it does not stand in the queue behind the others: it is let in at once, beyond the limit. ``Places``
does the same for polls after pauses, which also come in crowds.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from syncv3.types import DeviceKey

PLACE_S: Final = 2.0  # after that a poll that has no answer yet holds up no other


class BootGate:
    """At most ``places`` pollers inside, first come, first served.

    A poller whose client is waiting passes at once, beyond the limit.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: OrderedDict[DeviceKey, asyncio.Future[None]] = OrderedDict()
        self._urgent: set[DeviceKey] = set()

    async def enter(self, device_key: DeviceKey) -> None:
        """Wait for a place. Who was let in calls ``leave``, once."""
        if self._free > 0 or device_key in self._urgent:
            self._urgent.discard(device_key)
            self._free -= 1  # below 0 while urgent ones are in: then several must leave first
            return
        turn = self._queue[device_key] = asyncio.get_running_loop().create_future()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place that was already given to us
            raise
        finally:
            self._queue.pop(device_key, None)

    def leave(self) -> None:
        """Give a place back: the next one in the queue has it."""
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
        """The device waits no more, and is not urgent any more."""
        self._urgent.discard(device_key)


class PollSlot:
    """One place of ``Places``. It is given back after ``PLACE_S`` in any case: a homeserver that
    keeps some polls waiting does not keep the others from asking."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave: Callable[[], None] | None = leave
        self._timer = asyncio.get_running_loop().call_later(PLACE_S, self.leave)

    def leave(self) -> None:
        """Give it back, if that was not done before."""
        leave, self._leave = self._leave, None
        self._timer.cancel()
        if leave is not None:
            leave()


class Places:
    """Places for polls that rest: a push may call hundreds of devices at once, and hundreds of
    pauses end together.

    There are two queues. Who was called by a request, ``called``, has its turn before those whose
    pause is merely over, because a client waits for its answer.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._called = OrderedDict[object, asyncio.Future[None]]()
        self._others = OrderedDict[object, asyncio.Future[None]]()

    async def enter(self, who: object, *, called: bool) -> PollSlot:
        """Wait for a place. ``called``: a request waits for ``who``. Whoever is let in gives the
        place back."""
        if self._free > 0:
            self._free -= 1
            return PollSlot(self._leave)
        turn = asyncio.get_running_loop().create_future()
        (self._called if called else self._others)[who] = turn
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the place that was already given to us
            raise
        finally:
            self._called.pop(who, None)
            self._others.pop(who, None)
        return PollSlot(self._leave)

    def hurry(self, who: object) -> None:
        """A request calls for ``who``: if that waits in the second queue, it goes to the first."""
        if (turn := self._others.pop(who, None)) is not None:
            self._called[who] = turn

    def _leave(self) -> None:
        self._free += 1
        while self._free > 0 and (queue := self._called or self._others):
            _, turn = queue.popitem(last=False)
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
