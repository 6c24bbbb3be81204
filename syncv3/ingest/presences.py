"""What others are told of a device's user, while its poll asks the homeserver (S-600).

``/sync`` has a parameter ``set_presence``: a homeserver shows a user who syncs as online, unless
that says otherwise. A poll goes on while nobody is there, so by itself it says ``offline``. While a
client of the device asks, and a minute longer, it says what the latest request wants to be said.
Only the worker that got the request knows that: where another one polls the device, it stays
offline.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from syncv3.types import DeviceKey

OFFLINE: Final = "offline"
RECENT_S: Final = 60.0  # between two requests of a client a user should not seem to leave
REMEMBERED: Final = 10_000  # devices; one that is forgotten is offline until its next request


class Presences:
    """What requests of devices have said. Of too many devices only those that asked last are
    remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: OrderedDict[DeviceKey, tuple[float, str]] = OrderedDict()

    def say(self, device_key: DeviceKey, presence: str, *, for_s: float) -> None:
        """A request of the device, which may take ``for_s`` seconds, says this presence."""
        self._said.pop(device_key, None)
        self._said[device_key] = (self._clock() + for_s + RECENT_S, presence)
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)

    def of(self, device_key: DeviceKey) -> str:
        """The presence that the device's poll has to say now."""
        until, presence = self._said.get(device_key, (0.0, OFFLINE))
        if until > self._clock():
            return presence
        self._said.pop(device_key, None)
        return OFFLINE
