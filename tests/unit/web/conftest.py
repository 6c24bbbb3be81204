"""The web edge with a fake service that has nothing special."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.web.fakes import FakeService, Proxy, config, proxy


@pytest.fixture
async def edge() -> AsyncIterator[Proxy]:
    async with proxy(FakeService(), config()) as running:
        yield running
