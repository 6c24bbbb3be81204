"""One service and one homeserver for all cases."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.fixtures import database, http, said_by_the_service, service, shape
from tests.support.homeserver import FakeHomeserver

__all__ = ["database", "http", "said_by_the_service", "service", "shape"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver_url(homeserver: FakeHomeserver) -> str:
    return homeserver.url
