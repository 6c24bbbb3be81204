"""How many requests may be under way at the homeserver, in all and of one client.

Each costs a connection there and two open files here, so strangers must not be able to take
all of them. A client beyond its own share waits without taking part in the queue for all.
So the queue for all holds no more of one client than its share, and first come, first
served is fair there.

An example with 4 slots in all and 2 for each client. A asks six times: two are under way, two wait
for A's own share, and two are refused at once, as nobody waits beyond twice a share. B asks once:
there are slots left in all, so B does not wait behind A.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from syncv3.errors import LimitExceeded
from syncv3.logs import Seldom

log = logging.getLogger(__name__)

RETRY_S: Final = 2
LOG_EACH_S: Final = 60.0


class _Share:
    """One client's requests; ``begun`` of them are waiting or under way."""

    def __init__(self, most: int) -> None:
        self.slots = asyncio.Semaphore(most)
        self.begun = 0


class Slots:
    """``most`` in all, ``each`` of one client; a request waits up to ``wait_s`` for its slot.

    Of one client no more than ``each`` wait.
    """

    def __init__(self, most: int, each: int, wait_s: float) -> None:
        self._all = asyncio.Semaphore(most)
        self._each = each
        self._wait_s = wait_s
        self._shares: dict[str, _Share] = {}
        self._seldom = Seldom(1, LOG_EACH_S)

    @asynccontextmanager
    async def one(self, client: str) -> AsyncIterator[None]:
        """Holds a slot of the client; raises ``LimitExceeded`` when there is none in time."""
        share = self._shares.setdefault(client, _Share(self._each))
        share.begun += 1
        try:
            if share.begun > 2 * self._each:
                raise self._too_many(client)
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._enter(share)
            except TimeoutError as error:
                raise self._too_many(client) from error
            try:
                yield
            finally:
                self._all.release()
                share.slots.release()
        finally:
            share.begun -= 1
            if not share.begun:  # addresses are many: nothing is kept of one that is gone
                del self._shares[client]

    async def _enter(self, share: _Share) -> None:
        """First the client's own share, then that of all: so nobody waits in the queue for all
        who could not go on anyway."""
        await share.slots.acquire()
        try:
            await self._all.acquire()
        except BaseException:
            share.slots.release()
            raise

    def _too_many(self, client: str) -> LimitExceeded:
        self._seldom.log(
            log,
            logging.WARNING,
            "A client has too many requests under way. If this is your reverse proxy, name it"
            " in SYNCV3_TRUSTED_PROXIES: until then all its clients count as one",
            {"client": client},
        )
        return LimitExceeded(
            "too many requests at the same time", retry_after_s=RETRY_S, limit="gateway"
        )
