"""A room at a homeserver, and one worker that knows only its end."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.history.stage import Stage


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    started = await Stage.start(database_url)
    try:
        yield started
    finally:
        await started.stop()
