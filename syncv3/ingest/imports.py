"""First syncs that another worker does, as far as they were seen lately (rule S-327).

While one goes on, clients are told of each change in how many rooms there are. Of a device that is
polled here ``progress`` tells that; of another worker's only the row of its poller does, which is
looked at now and then for other reasons. What was seen there is remembered here.
"""

import asyncio
from collections import OrderedDict
from typing import Final

from syncv3.ingest.progress import TOLD_S
from syncv3.store.pollers import PollerRow
from syncv3.types import DeviceKey

REMEMBERED: Final = 10_000  # devices


class Imports:
    """Of the devices that were seen last: as many as that are remembered."""

    def __init__(self) -> None:
        self._seen: OrderedDict[DeviceKey, float] = OrderedDict()

    def look(self, device_key: DeviceKey, row: PollerRow | None) -> None:
        """Notes how a device's poll looked in the database: a row that is not complete is a first
        sync going on."""
        if row is None or row.complete:
            return
        self._seen.pop(device_key, None)
        self._seen[device_key] = asyncio.get_running_loop().time()
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def lately(self, device_key: DeviceKey) -> bool:
        """Whether a first sync went on lately, or its last rooms may not have been told to clients
        yet."""
        seen = self._seen.get(device_key)
        return seen is not None and asyncio.get_running_loop().time() - seen < TOLD_S
