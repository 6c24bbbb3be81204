"""Part of the whole-service tests, with other deployments than one process.

``make shapes`` runs all of them with all shapes; this part is run each time.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.fixtures import (
    alice,
    bob,
    carol,
    connect,
    database,
    http,
    person,
    said_by_the_service,
    service,
)
from tests.support.homeserver import FakeHomeserver

__all__ = [
    "alice",
    "bob",
    "carol",
    "connect",
    "database",
    "http",
    "person",
    "said_by_the_service",
    "service",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver_url(homeserver: FakeHomeserver) -> str:
    return homeserver.url
