"""What extensions ask the homeserver, beside what ``/sync`` brings.

An extension may need what no sync has told, such as how many one-time keys a device has. It names
the device in whose name it asks; the token is put in here, so that no extension ever holds one.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

from syncv3.errors import HomeserverError, UnknownToken
from syncv3.types import DeviceKey

AT_ONCE: Final = 8
"""Of all extensions together, so that other questions find a connection."""
ANSWER_S: Final = 30.0  # waiting for a slot counts


class Homeserver(Protocol):
    """What is asked; see ``syncv3.upstream.client``."""

    async def fetch(
        self, token: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> bytes: ...


class Tokens(Protocol):
    async def tokens_of(self, device_key: DeviceKey) -> list[str]: ...


class Questions:
    """Asks in a device's name; the extension never sees a token."""

    def __init__(self, source: Homeserver, tokens: Tokens) -> None:
        self._source = source
        self._tokens = tokens
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __call__(
        self,
        device_key: DeviceKey,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """See ``syncv3.extension.AskHomeserver``."""
        tokens = await self._tokens.tokens_of(device_key)
        if not tokens:
            raise UnknownToken("no token of the device is known")
        try:
            async with asyncio.timeout(ANSWER_S), self._slots:
                return await self._source.fetch(tokens[0], path, query or {}, body)
        except TimeoutError as error:
            raise HomeserverError("the homeserver does not answer in time") from error
