"""One worker over an empty database, or two."""

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


@pytest.fixture
async def second(world: World, database_url: str) -> AsyncIterator[World]:
    """Another worker on the same database; both know of each other."""
    other = await World.start(database_url)
    other.connections.alone = world.connections.alone = False
    world.others.append(other)
    try:
        yield other
    finally:
        await other.stop()
