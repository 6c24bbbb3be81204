"""Two workers that live through the same, but for what is hidden from one user.

All cases share a worker's database and run side by side; names of rooms and users keep them
apart. The answers of the two are compared as the bytes that a client gets.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from extensions.account_data import AccountData
from extensions.e2ee import E2EE
from extensions.receipts import Receipts
from extensions.to_device import ToDevice
from extensions.typing import Typing
from syncv3.batch import Lease, Part
from syncv3.types import UserID
from tests.integration.core.build import World
from tests.integration.leaks.house import House

NAMES = ("to_device", "e2ee", "account_data", "receipts", "typing")
COUNTERS: Final = (
    rb'(?<="pos":")[^"]+',  # opaque; holds how far the stream is
    rb'(?<="next_batch":")[^"]+',  # of to_device: numbers of one sequence for everybody
    rb'(?<="prev_batch":")s[0-9]+',  # a whole answer's, where an event has no token of its own
)
"""All that may differ between the two histories: counters of the whole deployment."""


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[World]:
    """One worker with the built-in extensions; its requests do not wait."""
    parts = [ToDevice(), E2EE(), AccountData(), Receipts(), Typing()]
    world = await World.start(url, parts)
    world.engine.stop()
    try:
        yield world
    finally:
        await world.stop()


def plain(body: bytes) -> bytes:
    """A response body without the counters."""
    for counter in COUNTERS:
        body = re.sub(counter, b"*", body)
    return body


@dataclass
class Case:
    """One case in one world: ``poll`` and ``ask`` drive it, ``heard`` is what came of it."""

    world: World
    house: House
    tale: Any
    heard: dict[UserID, list[bytes]] = field(default_factory=dict)
    at: int = 0
    pos: dict[tuple[UserID, str], list[str]] = field(default_factory=dict)
    since: dict[UserID, int] = field(default_factory=dict)
    absent: frozenset[UserID] = frozenset()
    """Users whom this service does not know at all: they neither poll nor ask."""

    async def poll(self, *users: UserID, newest: int | None = None) -> None:
        """What the users' pollers are told next is taken in, one after the other."""
        for user in users:
            await self.deliver(await self.report(user, newest=newest))

    async def report(self, user: UserID, *, newest: int | None = None) -> Part | None:
        """What the user's poller is told now; it may be delivered later."""
        self.at += 1
        if user in self.absent:
            return None
        return await self._part(user, self.house.answer(user, newest=newest))

    async def deliver(self, part: Part | None) -> None:
        if part is not None:
            await self.world.committer.commit(part)
            await self.world.cache.refresh()  # or other cases decide what comes together

    async def _part(self, user: UserID, sections: Mapping[str, Any]) -> Part:
        who = await self.world.device(user)
        since = self.since.get(user)
        self.since[user] = (since or 0) + 1
        return Part(
            user, who.device_id, who.user_key, Lease(who.device_key, "worker", 1),
            None if since is None else f"s{since}", f"s{self.since[user]}",
            self.house.clock * 1_000 + self.at, next_batch=f"s{self.since[user]}", **sections,
        )  # fmt: skip

    async def ask(
        self, user: UserID, conn: str, body: Mapping[str, Any] | None = None, back: int = 0
    ) -> bytes:
        """One request; the first of a name opens the connection. ``back``: at an older pos."""
        if user in self.absent:
            return b""
        seen = self.pos.setdefault((user, conn), [])
        raw = json.dumps({**(body or {}), "conn_id": conn}).encode()
        dialect, device = self.world.dialect, await self.world.device(user)
        request = dialect.read(raw, {"pos": seen[-1 - back] if seen else ""})
        answer = await self.world.engine.sync(device, "token", dialect, request, timeout_ms=0)
        seen.append(answer.pos)
        encoded = dialect.write(answer)
        self.heard.setdefault(user, []).append(plain(encoded))
        return encoded
