"""What every test may use: the session's PostgreSQL and a migrated database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from syncv3.store.migrate import apply_migrations
from tests.support.postgres import Postgres

SHORT = ("unit", "test_docs.py", "test_imports.py", "test_style.py")
"""Whose files take some seconds at most."""
LONG = ("crashes", "shapes", "resources", "simulation", "e2e")
"""Whose files take up to minutes each, in the order in which they are taken."""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first.

    A file's tests stay in one process. If a long file came last, the other processes would have
    nothing to do meanwhile; short files at the end fill such gaps.
    """
    items.sort(key=lambda item: _turn(item.path.relative_to(HERE).parts[0]))


def _turn(name: str) -> int:
    """When the files in this folder of ``tests`` are run; those not named above in between."""
    if name in LONG:
        return LONG.index(name)
    return len(LONG) + (name in SHORT)


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
