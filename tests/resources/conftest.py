"""A stage of its own for every test: homeserver, database, service and a slow line."""

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from tests.support.fixtures import http, said_by_the_service
from tests.support.homeserver import FakeHomeserver

__all__ = ["http", "said_by_the_service"]


@pytest_asyncio.fixture(loop_scope="module")
async def homeserver(http: aiohttp.ClientSession) -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running
