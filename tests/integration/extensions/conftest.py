from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from syncv3.bus.local import LocalBus
from syncv3.config import Config
from syncv3.extension import Extension
from syncv3.metrics import Metrics
from syncv3.service import Service
from syncv3.store.pool import open_pool
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
    homeserver: FakeHomeserver, database_url: str, tmp_path: Path
) -> AsyncIterator[Start]:
    services: list[Service] = []

    async def started(*extensions: Extension) -> Running:
        config = Config(server=homeserver.url, secret="secret", data_dir=tmp_path, db=database_url)
        metrics = Metrics()
        pool = await open_pool(config)
        service = Service(config, metrics, pool, LocalBus(), extensions)
        service._committer.writer.commit_s = COMMIT_S
        services.append(service)
        await service._start()
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
