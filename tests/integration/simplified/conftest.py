"""The whole service between the fake homeserver and a client of each simplified dialect.

A test with an ``endpoint`` is run with both of them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest

from tests.integration.service.conftest import (
    alice,
    bob,
    carol,
    database,
    homeserver,
    homeserver_url,
    http,
    person,
    said_by_the_service,
    service,
    shape,
)
from tests.support.account import Account
from tests.support.service import Service
from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Dialect

__all__ = [
    "alice",
    "bob",
    "carol",
    "database",
    "homeserver",
    "homeserver_url",
    "http",
    "person",
    "said_by_the_service",
    "service",
    "shape",
]

LONG_MS: Final = 20_000

Sync = Callable[..., Awaitable[Answer]]


@pytest.fixture(params=list(Dialect), ids=lambda dialect: dialect.name)
def endpoint(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession, service: Service
) -> Target:
    dialect = request.param
    return Target(f"ours-{dialect.name}", dialect, http, service.url, service)


@pytest.fixture
def conn(endpoint: Target, bob: Account) -> Connection:
    """Bob's connection."""
    return endpoint.connect(bob)


@pytest.fixture
def sync(endpoint: Target, conn: Connection) -> Sync:
    """Bob asks once, when the service knows all that has happened until now."""

    async def caught_up_sync(**request: Any) -> Answer:
        await endpoint.caught_up(conn.account)
        return await conn.sync(**request)

    return caught_up_sync


@asynccontextmanager
async def waiting(conn: Connection, **request: Any) -> AsyncIterator[asyncio.Task[Answer]]:
    """A request that the service has had time to find nothing for."""
    task = asyncio.create_task(conn.sync(timeout_ms=LONG_MS, **request))
    try:
        done, _ = await asyncio.wait([task], timeout=0.3)
        assert not done, f"there was news already: {task.result().raw}"
        yield task
    finally:
        task.cancel()
