"""The five tables that accounts and pollers use, and no others."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.support.postgres import Postgres

TABLES = """
CREATE TABLE ss_users (id serial PRIMARY KEY, user_id text NOT NULL UNIQUE);
CREATE TABLE ss_devices (
    id serial PRIMARY KEY, user_key int NOT NULL, device_id text NOT NULL,
    UNIQUE (user_key, device_id));
CREATE TABLE ss_tokens (
    hash text PRIMARY KEY, device_key int NOT NULL, token text NOT NULL,
    last_seen timestamptz NOT NULL, created timestamptz NOT NULL);
CREATE TABLE ss_pollers (
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
