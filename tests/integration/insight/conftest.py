"""One service with everything switched on that tells an operator what happens in it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from tests.support.fixtures import (
    alice,
    bob,
    connect,
    database,
    http,
    person,
    said_by_the_service,
)
from tests.support.homeserver import FakeHomeserver
from tests.support.ports import free_port
from tests.support.service import Service
from tests.support.shapes import ONE
from tests.support.sink import Sink, sink

__all__ = ["alice", "bob", "connect", "database", "http", "person", "said_by_the_service"]


@dataclass(frozen=True)
class Watched:
    """The service, and where what it tells arrives."""

    service: Service
    traces: Sink
    reports: Sink
    metrics_url: str
    profiles_url: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver_url(homeserver: FakeHomeserver) -> str:
    return homeserver.url


@pytest.fixture(scope="module")
def sinks() -> Iterator[tuple[Sink, Sink]]:
    with sink() as traces, sink() as reports:
        yield traces, reports


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(
    http: aiohttp.ClientSession, homeserver_url: str, database: str, sinks: tuple[Sink, Sink]
) -> AsyncIterator[Watched]:
    traces, reports = sinks
    metrics, profiles = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    settings = {
        "SYNCV3_OTLP_URL": traces.url,
        "SYNCV3_OTLP_USERNAME": "collector",
        "SYNCV3_OTLP_PASSWORD": "pass:word",
        "SYNCV3_SENTRY_DSN": reports.dsn,
        "SYNCV3_PROM": metrics,
        "SYNCV3_PPROF": profiles,
        "SYNCV3_GATEWAY": "on",
        "SYNCV3_LOG_LEVEL": "trace",
        "SYNCV3_LONGEST_POLL_SECS": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    running = await Service.deploy(
        ONE, http, homeserver=homeserver_url, database=database, **settings
    )
    urls = f"http://{metrics}/metrics", f"http://{profiles}/debug/pprof"
    yield Watched(running, traces, reports, *urls)
    running.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(watched: Watched) -> Service:
    return watched.service
