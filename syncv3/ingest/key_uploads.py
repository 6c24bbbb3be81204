"""What the homeserver says of a device's keys when its client uploads some.

Say a client has no one-time keys left, and uploads fifty through the gateway. The homeserver's
answer has the new count, but the next answer to the device's poll may take half a minute, and until
then the client would be told 0 and upload again. So the count is handed to the extensions at once,
as if a poll had brought it: a part with nothing but counts.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import asyncpg

from syncv3.batch import DeviceData, Lease, Part
from syncv3.errors import Unavailable
from syncv3.extension import Extension
from syncv3.ingest.consumers import Consumers
from syncv3.ingest.hooks import HookFailed, take_in
from syncv3.ingest.publishing import Publishing
from syncv3.store.tokens import find_device
from syncv3.types import Device
from syncv3.watchdog import Watchdog

SECTION: Final = "device_one_time_keys_count"
BYTES_MOST: Final = 4096
"""Of the counts as JSON; those of all algorithms that there are take a hundred."""


class KeyUploads:
    """``on_failure`` is called with the name of an extension that cannot take something in,
    ``taken_in`` when something was written: this process is to know it at once."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        consumers: Consumers,
        publishing: Publishing,
        extensions: Sequence[Extension],
        watchdog: Watchdog,
        *,
        on_failure: Callable[[str], None],
        taken_in: Callable[[], Awaitable[None]],
    ) -> None:
        self._pool = pool
        self._consumers = consumers
        self._publishing = publishing
        self._extensions = [each for each in extensions if SECTION in each.sections]
        self._watchdog = watchdog
        self._on_failure = on_failure
        self._taken_in = taken_in

    async def told(self, token: str, counts: bytes, address: str = "") -> None:
        """See ``syncv3.web.ports.KeyUploads``."""
        if len(counts) > BYTES_MOST or not self._extensions:
            return  # nobody reads it, or it is no count of keys
        user_id, device_id = await self._consumers.owner(token, address)
        found = await find_device(self._pool, user_id, device_id)
        if found is None:
            return
        part = _part(*found, counts)
        for extension in self._extensions:
            await self._take_in(extension, part)
        await self._taken_in()

    async def _take_in(self, extension: Extension, part: Part) -> None:
        """Has one extension take in the counts. What it cannot take in, the next poll tells once
        more."""
        try:
            gave = self._watchdog.call(take_in, extension, part)
        except Exception:  # the extension's own
            self._on_failure(extension.name)
            return
        try:
            await self._publishing.take_in(part, gave)
        except (HookFailed, Unavailable):
            self._on_failure(extension.name)


def _part(device: Device, now_us: int, counts: bytes) -> Part:
    return Part(
        device.user_id,
        device.device_id,
        device.user_key,
        Lease(device.device_key, "", 0),
        since=None,
        next_since=None,
        generated_us=now_us,
        device=DeviceData(one_time_keys=counts),
    )
