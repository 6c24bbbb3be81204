from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from syncv3 import service as module
from syncv3.config import Config
from syncv3.extension import Extension
from syncv3.ingest.committer import Committer
from syncv3.metrics import Metrics
from syncv3.service import Service
from tests.integration.extensions.running import Running, Start
from tests.support import pools
from tests.support.account import Account
from tests.support.homeserver import FakeHomeserver

COMMIT_S = 1.0
"""How long a commit may take here: statements hang in some tests."""


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with pools.pool(database_url) as pool:
        yield pool


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest.fixture
async def start(
    homeserver: FakeHomeserver,
    database_url: str,
    pool: asyncpg.Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Start]:
    """Starts services with extensions of a test's own, in its own loop."""
    services: list[Service] = []
    monkeypatch.setattr(module, "Committer", partial(Committer, commit_s=COMMIT_S))

    async def started(*extensions: Extension) -> Running:
        monkeypatch.setattr(module, "load_extensions", lambda names: extensions)
        config = Config(server=homeserver.url, secret="secret", data_dir=tmp_path, db=database_url)
        metrics = Metrics()
        service = await Service.start(config, metrics)
        services.append(service)
        return Running(service, pool, metrics)

    yield started
    for service in services:
        await service.stop()


@pytest.fixture
async def alice(http: aiohttp.ClientSession, homeserver: FakeHomeserver) -> Account:
    return await Account.register(http, homeserver.url, "alice")


@pytest.fixture
async def bob(http: aiohttp.ClientSession, homeserver: FakeHomeserver) -> Account:
    return await Account.register(http, homeserver.url, "bob")
