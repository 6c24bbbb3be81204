"""One gateway for a test."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.gateway.stage import Stage, gateway


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with gateway() as running:
        yield running
