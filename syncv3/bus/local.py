"""The bus of a single process: a hint is a call."""

from collections.abc import Callable
from typing import Protocol

Listener = Callable[[str, str], None]
"""Called with a topic and a short payload."""

STREAM = "stream"
TURN = "turn"
"""A connection's turn was taken: the payload has its key, and which turn it is if it goes on."""
HELLO = "hello"
"""Another worker is there: connections are shared from now on."""
WHO_ELSE = "?"
"""With ``HELLO``: it has just come, and asks who is there."""
DROPPED = "dropped"
"""A token of a device, which the payload names by its key, is dead: nobody may believe it."""

CONFIRMED = "confirmed"
"""The homeserver takes a token for good, which the payload names by its hash."""

WANTED = "wanted"
"""A request came for a device: the payload has its key, and for how many seconds it may wait."""

CAUGHT_UP = "caught_up"
"""The poll of a device, which the payload names by its key, has what came during its pause."""


class Bus(Protocol):
    """Tells other workers that something happened. Hints may be lost or doubled.

    ``publish`` tells all listeners, here and in other workers; it neither waits nor fails.
    ``subscribe`` has a listener called with every hint from then on. ``start`` returns when other
    workers have been greeted, or after a while. ``others`` is set while there are other workers on
    this database.
    """

    others: bool

    def publish(self, topic: str, payload: str = "") -> None: ...

    def subscribe(self, listener: Listener) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class LocalBus:
    """For one process: listeners are called at once."""

    def __init__(self) -> None:
        self.others = False
        self._listeners: list[Listener] = []

    def publish(self, topic: str, payload: str = "") -> None:
        for listener in self._listeners:
            listener(topic, payload)

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None
