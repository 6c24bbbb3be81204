"""The service with everything switched on that tells what happens in it: what is told is useful,
and nothing of it is private. One service for all of these, as each start takes seconds."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.insight.conftest import Watched
from tests.integration.insight.fuzz import described, fuzzed
from tests.integration.insight.life import SECRET, ask_badly, fail, is_told, live
from tests.support import pprof
from tests.support.account import Account
from tests.support.client import window
from tests.support.fixtures import Connect
from tests.support.homeserver import FakeHomeserver
from tests.support.traces import Span, spans_of, way_up
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
COMMITTED = ["SELECT", "commit", "try to write", "write group", "commit part", "take in answer",
             "Poll"]  # fmt: skip
ASKED = ["homeserver: whoami", "identify token", "Sync"]
LOADED = ["SELECT", "load rooms", "compute answer", "answer first request", "Sync"]


async def arrived(watched: Watched, is_it: Callable[[list[Span]], bool]) -> list[Span]:
    """All spans, once those that are waited for are among them."""
    async with asyncio.timeout(20):
        while not is_it(spans := spans_of(list(watched.traces.taken))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # a sink tells nobody
    return spans


def ways(spans: list[Span]) -> list[list[str]]:
    return [way_up(span, spans) for span in spans]


def is_answered(span: Span, account: Account) -> bool:
    """Whether it is the span of a request of this user, which comes after all that it caused."""
    return span.name == "Sync" and span.attributes.get("user_id") == account.user_id


@pytest.mark.rules("O-17", "O-18", "O-81", "O-82")
async def test_a_request_and_a_poll_are_followed_down_to_their_statements(
    alice: Account, connect: Connect, watched: Watched
) -> None:
    await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)

    def both(found: list[Span]) -> bool:
        return COMMITTED in ways(found) and any(is_answered(span, alice) for span in found)

    spans = await arrived(watched, both)
    assert ASKED in ways(spans) and LOADED in ways(spans)
    assert ["homeserver: sync", "Poll"] in ways(spans)
    request = next(span for span in spans if is_answered(span, alice))
    assert request.attributes == {
        "user_id": alice.user_id,
        "device_id": alice.device_id,
        "http.request.method": "POST",
        "http.route": "/_matrix/client/unstable/org.matrix.msc3575/sync",
        "http.response.status_code": 200,
    }
    assert request.resource["service.name"] == "sliding-sync"
    assert request.resource["version"]
    login = b64encode(b"collector:pass:word").decode()
    assert {t.headers["authorization"] for t in watched.traces.taken} == {f"Basic {login}"}
    assert {t.path for t in watched.traces.taken} == {"/v1/traces"}


@pytest.mark.rules("O-81")
async def test_a_request_is_part_of_its_clients_trace(
    http: aiohttp.ClientSession, watched: Watched
) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    url = f"{watched.service.url}/_matrix/client/versions"
    async with http.get(url, headers=headers) as response:
        assert response.status == 200
    own = bytes.fromhex(TRACE)
    spans = await arrived(watched, lambda found: any(s.trace == own for s in found))
    assert {s.name for s in spans if s.trace == own} <= {"HTTP GET", "homeserver: versions"}


@pytest.mark.rules("O-66", "O-67", "O-68")
async def test_the_access_line_has_how_much_of_extensions_went_out(
    alice: Account, bob: Account, connect: Connect, watched: Watched
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(alice)
    enabled = {name: {"enabled": True} for name in ("to_device", "e2ee", "account_data")}
    await client.sync(lists=ALL, extensions=enabled)
    before = len(watched.service.output)
    await bob.send_to_device(alice, "m.dummy", {})
    await alice.set_account_data("m.of.mine", {})
    await bob.upload_device_keys()

    def written() -> list[str]:
        lines = watched.service.output[before:].splitlines()
        return [line for line in lines if f"u={alice.user_id} " in line and " status=200 " in line]

    def counted() -> set[str]:
        return set(re.findall(r" ((?:d|ag|dl-c)=\d+)", "\n".join(written())))

    async with asyncio.timeout(20):
        while not counted() >= {"d=1", "ag=1", "dl-c=1"}:
            await client.sync(timeout_ms=500)
    assert not any(re.search(r" (d|ag|dl-c|dl-l|l|sub|usub)=0", line) for line in written())


@pytest.mark.rules("O-15", "O-80")
async def test_profiles_show_the_service_at_work(
    alice: Account, connect: Connect, http: aiohttp.ClientSession, watched: Watched
) -> None:
    """Its loop is not the standard one, which those who measure must not mind."""

    async def got(page: str) -> bytes:
        async with http.get(f"{watched.profiles_url}/{page}") as response:
            assert response.status == 200
            return await response.read()

    client = connect(alice)
    await client.sync(lists=ALL)
    for page in ("profile?seconds=0.5", "trace?seconds=0.2"):
        measuring = asyncio.create_task(got(page))
        while not measuring.done():
            await client.sync(lists=ALL, timeout_ms=0)
        body = await measuring
        names = str(pprof.read(body).stacks) if page.startswith("profile") else body.decode()
        assert "Engine.sync" in names
    tasks = await got("goroutine?debug=1")
    assert b"Committer._run" in tasks and b"Poller" in tasks


@pytest_asyncio.fixture(loop_scope="module")
async def told(
    alice: Account,
    bob: Account,
    connect: Connect,
    homeserver: FakeHomeserver,
    http: aiohttp.ClientSession,
    watched: Watched,
) -> AsyncIterator[dict[str, str]]:
    """All that was told about a life with good and bad requests and answers, by where."""
    client = connect(alice)
    await live(alice, bob, client)
    await fail(homeserver, alice, client)
    await ask_badly(http, watched.service.url, alice)
    await until(lambda: is_told(watched, alice), 20, every_s=0.05)
    async with http.get(watched.metrics_url) as response:
        metrics = await response.text()
    yield {
        "log": watched.service.output,
        "metrics": metrics,
        "traces": "\n".join(map(repr, spans_of(list(watched.traces.taken)))),
        "reports": "\n".join(watched.reports.bodies),
    }


@pytest.mark.rules("O-6H", "O-83", "O-81")
async def test_nothing_that_is_told_is_private(
    told: dict[str, str], alice: Account, bob: Account
) -> None:
    for where in ("log", "traces"):
        assert alice.user_id in told[where], f"nothing was told in {where}"
    assert "sliding_sync_api_num_responses" in told["metrics"]
    assert "request refused" in told["reports"]
    private = (SECRET, alice.token, bob.token)
    found = {
        (where, line)
        for where, text in told.items()
        for line in text.splitlines()
        if any(word in line for word in private)
    }
    assert found == set()


@pytest.mark.rules("H-8", "H-20", "H-33")
async def test_whatever_is_asked_gets_an_answer_that_is_described(
    alice: Account, bob: Account, connect: Connect, watched: Watched, tmp_path: Path
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send_all(room, ["one", "two"])
    client = connect(alice)
    await client.sync(lists={"all": window(0, 20)})
    status, said = await fuzzed(watched.service.url, alice.token, tmp_path)
    assert status == 0, said
    found = re.search(r"(\d+) generated, (\d+) passed", said)
    assert found is not None and int(found[1]) >= len(described()), said
