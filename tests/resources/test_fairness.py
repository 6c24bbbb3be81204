"""A device that asks for all it can slows its own answers, and nobody else's.

Two services run side by side, so that both have the same machine at the same time. Beside one
of them is a greedy device. The same messages go through both.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.resources.greedy import KINDS
from tests.resources.stage import Stage, stage
from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = int(os.environ.get("RESOURCES_TIMES", "1000"))
MESSAGES = max(60, TIMES // 10)
TRIED = tuple(KINDS)[: None if TIMES > 1000 else 1]
"""The long form tries all of them."""
ROOMS = 300
CONNECTIONS = 10
REST_S = 0.03
PATIENCE_S = 20.0


@asynccontextmanager
async def greedy(here: Stage, account: Account, kind: str) -> AsyncIterator[None]:
    """The device asks, from a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.resources.greedy", here.service.url, account.token,
        str(CONNECTIONS), kind, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
        assert process.returncode is None, "it has given up"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def delivered(here: Stage, text: str) -> float:
    """How long a message from alice takes to bob's client, in seconds."""
    event_id = await here.alice.send(here.room, text)
    started = time.monotonic()

    def is_there() -> bool:
        return event_id in here.reader.client.event_ids(here.room)[-5:]

    await until(is_there, PATIENCE_S, every_s=0.001)
    return time.monotonic() - started


def quantile(times: Sequence[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize("kind", TRIED)
async def test_others_do_not_notice_a_greedy_device(
    kind: str, http: aiohttp.ClientSession, postgres: Postgres
) -> None:
    databases = [await postgres.clone() for _ in range(2)]
    async with (
        FakeHomeserver() as one,
        FakeHomeserver() as other,
        stage(http, one, databases[0], SYNCV3_LOG_LEVEL="warn") as beside,
        stage(http, other, databases[1], SYNCV3_LOG_LEVEL="warn") as alone,
    ):
        account = await Account.register(http, one.url, "greedy")
        for number in range(ROOMS):
            one.world.create_room(account.user_id, name=f"Room {number}")
        await SlidingClient(http, beside.service.url, account.token).sync(
            lists={"all": window(0, 0)}
        )
        times: dict[str, list[float]] = {"beside": [], "alone": []}
        for number in range(5):
            await delivered(beside, f"warm {number}")
            await delivered(alone, f"warm {number}")
        async with greedy(beside, account, kind):
            for number in range(MESSAGES):
                times["beside"].append(await delivered(beside, f"message {number}"))
                times["alone"].append(await delivered(alone, f"message {number}"))
                await asyncio.sleep(REST_S)  # or a measurement would count the one before
    for name, measured in times.items():
        parts = [f"p{int(part * 100)} {quantile(measured, part) * 1e3:.0f} ms"
                 for part in (0.5, 0.9, 0.99)]  # fmt: skip
        print(f"{kind}, {name}: {', '.join(parts)}")
    for database in databases:
        await postgres.drop(database)
    assert quantile(times["beside"], 0.5) < 2 * quantile(times["alone"], 0.5)
    assert quantile(times["beside"], 0.9) < 2 * quantile(times["alone"], 0.9)
