"""One worker over an empty database, and a second one over another."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.core.build import World
from tests.support.postgres import Postgres


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    started = await World.start(database_url)
    try:
        yield started
    finally:
        await started.stop()


@pytest.fixture
async def another(postgres: Postgres) -> AsyncIterator[World]:
    url = await postgres.clone()
    started = await World.start(url)
    try:
        yield started
    finally:
        await started.stop()
        await postgres.drop(url)
