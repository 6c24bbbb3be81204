"""One worker over an empty database, or two."""

from collections.abc import AsyncIterator

import pytest

from syncv3.engine.limits import ConnectionLimits
from tests.integration.core.build import World


@pytest.fixture
def limits() -> ConnectionLimits:
    """How much ``world`` remembers of connections. A test that wants less parametrizes it."""
    return ConnectionLimits()


@pytest.fixture
async def world(database_url: str, limits: ConnectionLimits) -> AsyncIterator[World]:
    started = await World.start(database_url, limits=limits)
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
