"""Workers on one database with a homeserver over real HTTP; only what they store is a fake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
from aiohttp import web

from syncv3.batch import Part
from syncv3.bus.local import Bus, LocalBus
from syncv3.crypt import TokenCipher
from syncv3.errors import LeaseLost
from syncv3.ingest.accounts import Accounts
from syncv3.ingest.admission import Admission
from syncv3.ingest.confirmations import Belief
from syncv3.ingest.identifier import Identifier
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.options import Patience, PollerOptions
from syncv3.ingest.pollers import Pollers
from syncv3.metrics import Metrics
from syncv3.types import Device
from syncv3.upstream.client import Homeserver
from tests.integration.upstream.fakes import TinyHomeserver
from tests.support import pools
from tests.support.pools import Remembering

WHOAMI = "/_matrix/client/v3/account/whoami"
SYNC = "/_matrix/client/v3/sync"
PATIENCE = Patience(look_s=0.3, again_s=0.05, unpolled_s=2, failing_s=0.5, silent_s=0.5)
QUICK = PollerOptions(
    lease=timedelta(seconds=1), current_wait_s=0.3, first_wait_s=3, remote_look_s=0.02,
    patience=PATIENCE,
)  # fmt: skip
_GUARD = """
UPDATE ss_pollers SET since = coalesce($5, since), generated_us = $6
WHERE device_key = $1 AND owner = $2 AND lease_no = $3 AND since IS NOT DISTINCT FROM $4
RETURNING 1
"""


class Guarded:
    """Ingest that only keeps the guard of design 1.6, and remembers the parts."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.parts: list[Part] = []

    async def commit(self, part: Part) -> None:
        lease = part.lease
        if not await self.pool.fetchval(
            _GUARD, lease.device_key, lease.owner, lease.number, part.since, part.next_since,
            part.generated_us,
        ):  # fmt: skip
            raise LeaseLost
        self.parts.append(part)


class Worker:
    """One process: its pollers and what they took in."""

    def __init__(self, name: str, accounts: Accounts, pollers: Pollers, ingest: Guarded) -> None:
        self.name = name
        self.accounts = accounts
        self.pollers = pollers
        self.parts = ingest.parts
        self.expired: list[Device] = []

    async def ensure(self, token: str) -> Device:
        device = await self.accounts.device_of(token)
        await self.pollers.ensure(device, token)
        return device

    async def attend(self, token: str) -> Device:
        """What a request by ``pos`` does, and waits until its device is seen to."""
        device = await self.accounts.device_of(token)
        polled = self.pollers.attend(device, token)
        if polled is not None:
            async with asyncio.timeout(10):
                await polled
        return device


class Deployment:
    def __init__(self, url: str, fake: TinyHomeserver) -> None:
        self.url = url
        self.fake = fake

    @asynccontextmanager
    async def worker(
        self,
        name: str = "w1",
        *,
        bus: Bus | None = None,
        secret: str = "secret",
        admission: Admission | None = None,
        **changes: Any,
    ) -> AsyncIterator[Worker]:
        async with (
            pools.pool(self.url, least=0) as pool,
            Homeserver(self.fake.url, user_agent="test") as homeserver,
        ):
            cipher = TokenCipher(secret)
            accounts = Accounts(
                pool, Identifier(homeserver), cipher, bus or LocalBus(), admission=admission
            )
            ingest, expired = Guarded(pool), list[Device]()
            pollers = Pollers(
                pool, homeserver, accounts, ingest, PollerMeasures(Metrics()), worker=name,
                connect=lambda: asyncpg.connect(self.url, connection_class=Remembering),
                options=replace(QUICK, **changes), expired=lambda device, _: expired.append(device),
                bus=bus, admission=admission,
            )  # fmt: skip
            await pollers.start()
            made = Worker(name, accounts, pollers, ingest)
            made.expired = expired
            try:
                yield made
            finally:
                await pollers.stop()
                await accounts.close()


@asynccontextmanager
async def accounts_of(
    pool: asyncpg.Pool,
    fake: TinyHomeserver,
    *secrets: str,
    bus: Bus | None = None,
    belief: Belief | None = None,
) -> AsyncIterator[Accounts]:
    """The tokens as one process knows them."""
    secret, *old = secrets or ("secret",)
    async with Homeserver(fake.url, user_agent="test") as homeserver:
        cipher = TokenCipher(secret, old)
        accounts = Accounts(pool, Identifier(homeserver), cipher, bus or LocalBus(), belief)
        yield accounts
        await accounts.close()


async def hang(request: web.Request) -> web.Response:
    await asyncio.sleep(30)  # longer than anybody waits
    return web.Response()
