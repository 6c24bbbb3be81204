"""How many requests a client may send in a second."""

from typing import Final

from syncv3.config import LEAST_REQUESTS_PER_S, Limits
from syncv3.errors import LimitExceeded
from syncv3.rates import Rate
from syncv3.types import Device

BURST_S: Final = 5.0
"""So many seconds' worth may come at once: a list that grows is a burst of requests."""


class RequestPace:
    """Bounds the requests of each connection, and of all of a device.

    A client that goes wild on one connection leaves its others alone; one that makes up ever new
    connections has no more than those that a device may have would get at the least (S-329).
    """

    def __init__(self, limits: Limits) -> None:
        per_s = limits.requests_per_s
        all_per_s = max(per_s, LEAST_REQUESTS_PER_S * limits.connections_per_device)
        self._of_connection = Rate(per_s, BURST_S)
        self._of_device = Rate(all_per_s if per_s else 0, BURST_S)

    def take(self, device: Device, conn_id: str) -> None:
        """Count a request; raises ``LimitExceeded`` if it is one too many."""
        key, limit = device.device_key, "device"
        wait_s = self._of_device.take(key)
        if not wait_s:
            wait_s, limit = self._of_connection.take((key, conn_id)), "connection"
        if wait_s:
            raise LimitExceeded("too many requests", retry_after_s=wait_s, limit=limit)
