"""One worker over an empty database."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.core.build import World


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    started = await World.start(database_url)
    try:
        yield started
    finally:
        await started.stop()
