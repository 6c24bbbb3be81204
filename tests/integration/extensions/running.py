"""A service in the test's own loop, with extensions of the test's choice."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from syncv3.extension import Extension
from syncv3.metrics import Metrics
from syncv3.plugins import load_extensions
from syncv3.service import Service
from syncv3.web.sync import PATHS
from tests.support.account import Account
from tests.support.client import window
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON

LAZY = {"all": window(0, 20, required_state=[["m.room.member", "$LAZY"]])}
ALL_FIVE = ("to_device", "e2ee", "account_data", "receipts", "typing")


class Running:
    """``sync`` asks it, without HTTP."""

    def __init__(self, service: Service, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self.service = service
        self.pool = pool
        self.metrics = metrics

    async def sync(
        self,
        who: Account,
        body: JSON | None = None,
        *,
        pos: str | None = None,
        timeout_ms: int = 0,
    ) -> JSON:
        dialect = self.service.dialects[PATHS[0]]
        request = dialect.read(json.dumps(body or {}).encode(), {"pos": pos or ""})
        device = await self.service.auth.device_of(who.token)
        answer = await self.service.engine.sync(
            device, who.token, dialect, request, timeout_ms=timeout_ms
        )
        decoded: JSON = json.loads(dialect.write(answer))
        return decoded

    def failures(self, name: str, hook: str) -> float:
        labels = {"extension": name, "hook": hook}
        metric = "sliding_sync_extension_num_failures_total"
        return self.metrics.registry.get_sample_value(metric, labels) or 0

    async def since(self, who: Account) -> str | None:
        """Up to where the device's poll is stored."""
        device = await self.service.auth.device_of(who.token)
        statement = "SELECT since FROM ss_pollers WHERE device_key = $1"
        since: str | None = await self.pool.fetchval(statement, device.device_key)
        return since

    def set_aside(self, name: str, kept: str = "yes") -> float:
        metric = "sliding_sync_extension_num_set_aside_total"
        labels = {"extension": name, "kept": kept}
        return self.metrics.registry.get_sample_value(metric, labels) or 0

    async def until(self, who: Account, answer: JSON, what: str) -> JSON:
        """Sync on until an answer's extensions mention something."""
        while what not in str(answer["extensions"]):
            answer = await self.sync(who, pos=answer["pos"], timeout_ms=1_000)
        return answer

    async def caught_up(self, homeserver: FakeHomeserver, *accounts: Account) -> None:
        """Wait until all is told to the accounts' devices, and taken in here."""
        await homeserver.settled(*(account.user_id for account in accounts))
        await asyncio.sleep(0.05)  # the last of it is stored, which nobody outside can see


Start = Callable[..., Awaitable[Running]]


def built_in(*names: str) -> list[Extension]:
    return load_extensions(names)


def on(*names: str, **fields: Any) -> JSON:
    return {name: {"enabled": True, **fields} for name in names}
