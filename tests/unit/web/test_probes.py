"""What orchestrators ask, over real HTTP, and what the log is told of it."""

import logging

import pytest

from tests.support.answers import read
from tests.unit.web.fakes import Proxy


@pytest.mark.rules("O-C1")
async def test_health_says_whether_clients_can_be_served(edge: Proxy) -> None:
    healthy = await read(edge.http.get("/health"))
    assert (healthy.status, await healthy.json()) == (200, {"status": "ok", "position": 7})
    edge.service.healthy = False
    assert (await read(edge.http.get("/health"))).status == 503


@pytest.mark.rules("O-C1", "S-326")
async def test_readiness_is_the_databases_and_the_schemas_and_not_the_homeservers(
    edge: Proxy,
) -> None:
    async def ready() -> tuple[int, dict[str, str]]:
        answer = await read(edge.http.get("/health/ready"))
        return answer.status, await answer.json()

    facts = {"schema": "ok", "homeserver": "failing"}
    assert await ready() == (200, {"status": "ok", **facts})
    edge.service.schema = "newer"
    assert await ready() == (503, {"status": "unavailable", **facts, "schema": "newer"})
    edge.service.healthy = False
    assert await ready() == (503, {"status": "unavailable", "database": "away"})


@pytest.mark.rules("O-C1")
async def test_a_process_is_alive_while_its_database_is_away_and_while_it_stops(
    edge: Proxy,
) -> None:
    edge.service.healthy = False
    assert (await read(edge.http.get("/health/live"))).status == 200
    await edge.server.before_stop()
    assert (await read(edge.http.get("/health/live"))).status == 200
    ready = await read(edge.http.get("/health/ready"))
    assert (ready.status, await ready.json()) == (503, {"status": "stopping"})


async def looked(edge: Proxy, caplog: pytest.LogCaptureFixture, times: int = 1) -> list[str]:
    """The lines that so many looks of both kinds leave, none with a traceback."""
    caplog.set_level(logging.INFO, "syncv3.web.probes")
    caplog.clear()
    for _ in range(times):
        await read(edge.http.get("/health"))
        await read(edge.http.get("/health/ready"))
    assert not any(record.exc_info for record in caplog.records)
    return caplog.messages


@pytest.mark.rules("O-C1")
async def test_the_log_hears_once_that_the_database_is_away_and_once_that_it_is_back(
    edge: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    assert await looked(edge, caplog) == []
    edge.service.healthy = False
    assert await looked(edge, caplog, times=5) == ["the service is not healthy"]
    edge.service.healthy = True
    assert await looked(edge, caplog, times=5) == ["the service is healthy again"]


async def test_a_database_that_comes_and_goes_does_not_fill_the_log(
    edge: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    lines = 0
    for number in range(40):
        edge.service.healthy = number % 2 == 0
        lines += len(await looked(edge, caplog))
    assert lines == 10
