from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.support.go_proxy import left_behind
from tests.support.postgres import Postgres


@pytest.fixture
async def old_url(postgres: Postgres) -> AsyncIterator[str]:
    """A database that the Go proxy has left, of the test's own."""
    url = await left_behind(postgres)
    yield url
    await postgres.drop(url)


@pytest.fixture
async def db(old_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look into it that does not count as the Go proxy's."""
    connection = await asyncpg.connect(old_url, server_settings={"application_name": "psql"})
    yield connection
    await connection.close()
