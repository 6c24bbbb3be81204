"""A homeserver, and the six tables that accounts and pollers use, and no others."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from syncv3.ingest import backoff
from tests.integration.upstream.fakes import TinyHomeserver
from tests.integration.upstream.stage import Deployment
from tests.support import pools
from tests.support.postgres import Postgres

TABLES = """
CREATE TABLE ss_users (id serial PRIMARY KEY, user_id text NOT NULL UNIQUE);
CREATE TABLE ss_devices (
    id serial PRIMARY KEY, user_key int NOT NULL, device_id text NOT NULL,
    UNIQUE (user_key, device_id));
CREATE TABLE ss_tokens (
    hash text PRIMARY KEY, device_key int NOT NULL, token text NOT NULL,
    last_seen timestamptz NOT NULL, created timestamptz NOT NULL);
CREATE TABLE ss_pieces (id bigserial PRIMARY KEY, device_key int, since text, digests bytea);
CREATE TABLE ss_pollers (rooms_due smallint NOT NULL DEFAULT 0,
    device_key int PRIMARY KEY, since text, generated_us bigint NOT NULL DEFAULT 0, owner text,
    lease_no bigint NOT NULL DEFAULT 0, last_used timestamptz NOT NULL);
CREATE TABLE ss_workers (
    worker text PRIMARY KEY, started timestamptz NOT NULL, beat timestamptz NOT NULL);
"""


@pytest.fixture
async def database_url(postgres: Postgres) -> AsyncIterator[str]:
    """The URL of a database with these tables, this test's own."""
    url = await postgres.clone("template0")
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES)
    await connection.close()
    yield url
    await postgres.drop(url)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_S", 0.05)


@pytest.fixture
async def fake() -> AsyncIterator[TinyHomeserver]:
    async with TinyHomeserver().serve() as fake:
        yield fake


@pytest.fixture
async def deployment(database_url: str, fake: TinyHomeserver, quick: None) -> Deployment:
    return Deployment(database_url, fake)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with pools.pool(database_url, least=0) as pool:
        yield pool
