"""Whether a device is synced here: then nobody else may sync it.

The gateway passes on what clients ask the homeserver. If it passed on a ``/sync`` v2 of a device
that is polled here, that client would take the device's to-device messages, and the poller would
never see them. So the gateway asks here first.
"""

import asyncio
from collections import OrderedDict
from datetime import timedelta
from typing import Final

import asyncpg

from syncv3.crypt import token_hash
from syncv3.ingest.admission import Admission
from syncv3.ingest.identifier import Identifier, Owner
from syncv3.store.pollers import is_polled
from syncv3.store.tokens import find_token
from syncv3.upstream.address import check_token

REMEMBERED: Final = 10_000  # tokens, by hash; the homeserver is asked again about others
REMEMBER_S: Final = 600.0
"""How long it is believed whose token it is; a token never changes hands."""


class Consumers:
    """Answers for tokens that were never used for sliding sync too: a device may have several.

    Of such a token only a hash is remembered, in memory. ``idle`` is after how long without
    use a device is no longer polled.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        identifier: Identifier,
        idle: timedelta,
        admission: Admission | None = None,
    ) -> None:
        self._admission = admission or Admission()
        self._pool = pool
        self._identifier = identifier
        self._idle = idle
        self._owners: OrderedDict[str, tuple[Owner, float]] = OrderedDict()

    async def polls(self, token: str, address: str) -> bool:
        """Whether a poller here syncs the token's device. A token without a device, such as an
        application service's, has no messages that a second sync could take.

        ``address`` is the client's, "" if it has none. Raises ``UnknownToken`` when the
        homeserver rejects the token, ``LimitExceeded`` and ``BadGateway`` when it cannot be
        asked about it.
        """
        owner = await self.owner(token, address)
        if not self._admission.admits(owner[0]):  # their devices are not polled any more
            return False
        return bool(owner[1]) and await is_polled(self._pool, *owner, self._idle)

    async def owner(self, token: str, address: str) -> Owner:
        """Whose token it is, also if it was never used for sliding sync; errors as of ``polls``."""
        check_token(token)
        key = token_hash(token)
        known = await find_token(self._pool, key)
        if known is not None:
            return known.device.user_id, known.device.device_id
        return await self._asked(token, key, address)

    async def _asked(self, token: str, key: str, address: str) -> Owner:
        now = asyncio.get_running_loop().time()
        known = self._owners.pop(key, None)
        if known is None or known[1] <= now:
            known = (await self._identifier.identify(token, address), now + REMEMBER_S)
        self._owners[key] = known
        if len(self._owners) > REMEMBERED:
            self._owners.popitem(last=False)
        return known[0]
