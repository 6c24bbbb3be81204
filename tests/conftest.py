"""What every test may use: the session's PostgreSQL and a migrated database."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from syncv3.store.migrate import apply_migrations
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server, with a migrated template database."""
    server = Postgres.start()
    try:
        asyncio.run(server.make_template(apply_migrations))
        yield server
    finally:
        server.close()


@pytest.fixture
async def database_url(postgres: Postgres) -> AsyncIterator[str]:
    """The URL of an empty, migrated database that is this test's own."""
    url = await postgres.clone()
    yield url
    await postgres.drop(url)
