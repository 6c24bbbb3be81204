"""The recorder between a client and a server: what it keeps, and that it changes nothing."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.support.recorder import Recorder, recording
from tests.support.waiting import until

SYNC = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
BODY = {"conn_id": "main", "lists": {}}
BIG = b"x" * 1_000_000


class Upstream:
    """A server that answers sliding sync at once, or never when asked with a ``pos``."""

    url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/login"):
            home = {"m.homeserver": {"base_url": f"{self.url}/"}}
            return _compressed(web.json_response({"well_known": home}))
        if request.path == SYNC:
            if "pos" in request.query:
                await asyncio.Event().wait()
            return _compressed(web.json_response({"pos": "1", "asked": await request.json()}))
        return web.Response(body=BIG, headers={"Path": request.raw_path})


def _compressed(response: web.Response) -> web.Response:
    response.enable_compression(web.ContentCoding.gzip)
    return response


@pytest.fixture
async def upstream() -> AsyncIterator[web.AppRunner]:
    server, app = Upstream(), web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = url(runner)
    yield runner
    await runner.cleanup()


def url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


@pytest.fixture
async def recorder(upstream: web.AppRunner) -> AsyncIterator[Recorder]:
    async with recording(url(upstream)) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_request_and_its_answer_are_kept(
    recorder: Recorder, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{recorder.url}{SYNC}?timeout=0", json=BODY) as response:
        assert await response.json() == {"pos": "1", "asked": BODY}
    (exchange,) = recorder.exchanges
    assert (exchange.query, exchange.body, exchange.status) == ({"timeout": "0"}, BODY, 200)
    assert exchange.answer == {"pos": "1", "asked": BODY}


async def test_devices_are_told_apart(recorder: Recorder, http: aiohttp.ClientSession) -> None:
    for token in ("a", "b", "a"):
        headers = {"Authorization": f"Bearer {token}"}
        await http.post(f"{recorder.url}{SYNC}", json=BODY, headers=headers)
    assert [exchange.device for exchange in recorder.exchanges] == [1, 2, 1]


async def test_a_client_that_hangs_up_is_known(
    recorder: Recorder, http: aiohttp.ClientSession
) -> None:
    waiting = asyncio.create_task(http.post(f"{recorder.url}{SYNC}?pos=1", json=BODY))
    await until(lambda: len(recorder.exchanges) == 1)
    waiting.cancel()
    await until(lambda: recorder.exchanges[0].hung_up)
    assert recorder.exchanges[0].status is None


async def test_a_server_that_goes_away_is_gone_for_the_client_too(
    recorder: Recorder, upstream: web.AppRunner, http: aiohttp.ClientSession
) -> None:
    waiting = asyncio.create_task(http.post(f"{recorder.url}{SYNC}?pos=1", json=BODY))
    await until(lambda: len(recorder.exchanges) == 1)
    await upstream.cleanup()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await waiting
    assert (recorder.exchanges[0].status, recorder.exchanges[0].hung_up) == (None, False)


async def test_everything_else_passes_unchanged_and_is_counted(
    recorder: Recorder, http: aiohttp.ClientSession
) -> None:
    path = "/_matrix/client/v3/rooms/%21a%2Fb/state"
    async with http.get(URL(f"{recorder.url}{path}", encoded=True)) as response:
        assert await response.read() == BIG
        assert response.headers["Path"] == path
    assert recorder.others == {"GET /_matrix/client/v3/rooms/…/state": 1}
    assert not recorder.exchanges


async def test_a_login_answer_names_the_recorder(
    recorder: Recorder, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{recorder.url}/_matrix/client/v3/login", json={}) as response:
        answer = await response.json()
    assert answer["well_known"]["m.homeserver"]["base_url"] == f"{recorder.url}/"
