"""Requests at one worker, for devices that another one polls: hints over the bus.

The owner of a poll must know that its device is waited for, or the poll rests (see ``pauses``).
So a worker that is asked and does not own the poll says ``wanted`` with the device and how long the
request may take, and the owner answers ``caught_up`` when the poll has everything. An example with
a grace of 300 s. A: at 0 s a request of 30 s comes to W; W says so, and knows that the owner counts
until 330 s. B: requests at 30 s, 60 s and so on need no hint, until less than half of the grace is
left over. C: the next request comes at 1,000 s, when the poll may rest: W says it again, and lets
the request wait for the answer, ``WAIT_S`` at most.

A hint may be lost. Then a request waits for nothing, and a poll may rest although its device is
waited for, until the next hint. Nothing else follows from it. An owner that has died hears nothing:
whoever takes its poll over gives it a full grace, so what W has said before holds there too.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, Final

from syncv3.bus.local import CAUGHT_UP, WANTED, Bus
from syncv3.ingest.pauses import WAIT_S, PausePace
from syncv3.ingest.running import Running
from syncv3.types import DeviceKey

REMEMBERED: Final = 10_000  # devices; for one that is forgotten a hint is sent once more


class Wakes:
    """Says and hears hints. ``running`` has the polls that this worker owns."""

    def __init__(self, bus: Bus, running: Running, pace: PausePace) -> None:
        self._bus = bus
        self._running = running
        self._grace_s = pace.grace_s
        self._told: OrderedDict[DeviceKey, float] = OrderedDict()  # until when the owner counts
        self._waiting: dict[DeviceKey, set[asyncio.Future[None]]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        bus.subscribe(self._heard)

    async def stop(self) -> None:
        tasks = list(self._answering)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def want(self, key: DeviceKey, for_s: float) -> Coroutine[Any, Any, None] | None:
        """A request that may take ``for_s`` seconds came for a device that is not polled here.

        Tells the worker that polls it, if it does not know already. Gives what the request has to
        wait for; None: nothing.
        """
        # Without other workers nobody polls a device that is not polled here.
        if not self._bus.others:
            return None
        now = asyncio.get_running_loop().time()
        known_s = self._told.get(key, now) - now
        if not is_hint_due(known_s, for_s, self._grace_s):
            return None
        self._told.pop(key, None)  # to stand last: the first are forgotten
        self._told[key] = now + for_s + self._grace_s
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        behind = self._expect(key) if known_s <= 0 else None
        self._bus.publish(WANTED, f"{key} {math.ceil(for_s)}")
        return behind

    def _expect(self, key: DeviceKey) -> Coroutine[Any, Any, None]:
        """Gives what waits for the owner to answer that the device's poll has caught up."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(answer)
        return self._answered(key, answer)

    async def _answered(self, key: DeviceKey, answer: asyncio.Future[None]) -> None:
        try:
            await asyncio.wait((answer,), timeout=WAIT_S)
        finally:
            answer.cancel()
            waiting = self._waiting[key]
            waiting.discard(answer)
            if not waiting:
                del self._waiting[key]

    def _heard(self, topic: str, payload: str) -> None:
        """Another worker, or this one, has said something over the bus."""
        if topic == WANTED:
            key, for_s = payload.split()
            self._called(DeviceKey(int(key)), float(for_s))
        elif topic == CAUGHT_UP:
            for answer in self._waiting.get(DeviceKey(int(payload)), ()):
                if not answer.done():
                    answer.set_result(None)

    def _called(self, key: DeviceKey, for_s: float) -> None:
        """Another worker has a request for this device. If it is polled here, its poll must not
        rest."""
        poller = self._running.get(key)
        if poller is None:
            return
        behind = poller.attention.want(for_s)
        if behind is None:
            self._bus.publish(CAUGHT_UP, str(key))
            return
        task = asyncio.create_task(self._answer(key, behind))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, key: DeviceKey, behind: Coroutine[Any, Any, None]) -> None:
        await behind
        self._bus.publish(CAUGHT_UP, str(key))


def is_hint_due(known_s: float, for_s: float, grace_s: float) -> bool:
    """Whether the owner must be told of a request that may take ``for_s``: it knows that the
    device is waited for during ``known_s`` from now on, which leaves less than half a grace."""
    return grace_s < math.inf and known_s < for_s + grace_s / 2
