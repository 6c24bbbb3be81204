"""The web edge over real HTTP on loopback, with a fake service behind it."""

import asyncio
import json
import logging
from ipaddress import ip_network
from typing import Any

import aiohttp
import pytest

from syncv3 import logs
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.errors import InvalidParam, Unavailable, UnknownPosition
from syncv3.protocol.response import SyncResponse
from syncv3.web.edge import VERSIONS
from syncv3.web.sync import NATIVE_PATHS, PATHS, served
from tests.support.answers import read
from tests.support.waiting import still
from tests.unit.web.fakes import CORS, SYNC, FakeDialect, FakeService, Proxy, config, cors_of, proxy


async def errcode_of(response: aiohttp.ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/json"
    body = await response.json()
    assert body["error"].startswith(f"HTTP {response.status} : ")
    return response.status, body["errcode"]


async def raising(error: Exception) -> SyncResponse:
    raise error


@pytest.mark.rules("H-1", "H-7", "O-42", "O-46", "S-1")
@pytest.mark.parametrize("path", PATHS)
async def test_all_paths_answer_json_with_a_newline(edge: Proxy, path: str) -> None:
    response = await read(edge.http.post(path, headers={"Authorization": "Bearer good"}))
    assert response.status == 200
    assert (await response.text()).endswith("}\n")
    assert response.headers["Content-Type"] == "application/json"
    assert cors_of(response) == CORS


@pytest.mark.rules("H-2", "O-47", "S-1")
@pytest.mark.parametrize(
    "path", [*PATHS, "/client/server.json", "/client/", "/client/x.js", VERSIONS]
)
async def test_a_preflight_gets_just_the_headers(edge: Proxy, path: str) -> None:
    response = await read(edge.http.options(path))
    assert (response.status, await response.text(), cors_of(response)) == (200, "", CORS)
    assert "Access-Control-Max-Age" not in response.headers


@pytest.mark.rules("H-2", "H-9")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH"])
async def test_other_methods_are_refused_with_an_empty_body(edge: Proxy, method: str) -> None:
    response = await read(edge.http.request(method, SYNC))
    assert (response.status, await response.text(), cors_of(response)) == (405, "", CORS)


@pytest.mark.rules("O-45")
@pytest.mark.parametrize("path", ["/", "/client", "/_matrix/client/v3/account/whoami", "/sync/"])
async def test_anything_else_is_plainly_not_found(edge: Proxy, path: str) -> None:
    response = await read(edge.http.get(path))
    assert (response.status, response.content_type, cors_of(response)) == (404, "text/plain", {})


@pytest.mark.rules("H-4", "H-5", "H-24", "Z-1")
@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer", " "])
async def test_no_token_is_a_401(edge: Proxy, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await read(edge.http.post(SYNC, headers=headers))
    assert await errcode_of(response) == (401, "M_MISSING_TOKEN")
    assert cors_of(response) == CORS


@pytest.mark.rules("H-4")
async def test_a_header_without_bearer_is_the_token(edge: Proxy) -> None:
    response = await read(edge.http.post(SYNC, headers={"Authorization": "good"}))
    assert response.status == 200


@pytest.mark.rules("H-3")
async def test_a_token_in_the_query_is_not_read(edge: Proxy) -> None:
    assert (await edge.sync(token=None, params={"access_token": "good"})).status == 401


@pytest.mark.rules("S-2")
async def test_a_dialect_may_take_a_token_in_the_query() -> None:
    async with proxy(FakeService(dialect=FakeDialect(takes_token_in_query=True)), config()) as edge:
        query = {"access_token": "good"}
        assert (await edge.sync(token=None, params=query)).status == 200
        assert (await edge.sync(token="bad", params=query)).status == 401
        for params in ({}, {"access_token": ""}):
            response = await edge.sync(token=None, params=params)
            assert await errcode_of(response) == (401, "M_MISSING_TOKEN")


@pytest.mark.rules("H-25", "H-8")
async def test_an_unknown_token_is_a_401(edge: Proxy) -> None:
    assert await errcode_of(await edge.sync(token="bad")) == (401, "M_UNKNOWN_TOKEN")


async def test_who_must_wait_is_told_how_long(edge: Proxy) -> None:
    response = await edge.sync(token="flood")
    assert (response.status, response.headers["Retry-After"]) == (429, "2")
    assert cors_of(response) == CORS
    body = await response.json()
    assert (body["errcode"], body["retry_after_ms"]) == ("M_LIMIT_EXCEEDED", 1500)
    assert edge.service.addresses == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("trusted", "said", "address"),
    [
        ((), "203.0.113.7", "127.0.0.1"),
        (("127.0.0.0/8",), "203.0.113.7", "203.0.113.7"),
        (("127.0.0.0/8",), "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (("127.0.0.0/8",), "nobody", "127.0.0.1"),
        (("10.0.0.0/8",), "203.0.113.7", "127.0.0.1"),
    ],
)
async def test_unknown_tokens_are_counted_by_the_address_that_a_named_proxy_says(
    trusted: tuple[str, ...], said: str, address: str
) -> None:
    named = tuple(ip_network(network) for network in trusted)
    async with proxy(FakeService(), config(trusted_proxies=named)) as edge:
        await edge.sync(token="bad", headers={"X-Forwarded-For": said})
        assert edge.service.addresses == [address]


@pytest.mark.rules("H-10", "H-20", "Z-2", "S-9")
async def test_a_dialect_may_read_the_body_after_the_token() -> None:
    dialect = FakeDialect(reads_after_token=True)
    async with proxy(FakeService(dialect=dialect), config()) as edge:
        assert (await edge.sync("no JSON", token="bad")).status == 401
        assert await errcode_of(await edge.sync("no JSON")) == (400, "M_BAD_JSON")


@pytest.mark.rules("H-1", "S-501")
def test_each_path_is_that_of_one_dialect() -> None:
    paths = (*MSC3575.paths, *Simplified.paths, *MSC4186.paths)
    assert sorted(paths) == sorted(PATHS)
    assert len({MSC3575.tag, Simplified.tag, MSC4186.tag}) == 3


@pytest.mark.rules("S-575")
def test_what_is_left_to_the_homeserver_is_not_answered_here() -> None:
    assert served(PATHS, left=False) == list(PATHS)
    assert served(PATHS, left=True) == [p for p in PATHS if p not in NATIVE_PATHS]


async def test_a_malformed_body_is_reported_before_a_missing_token(edge: Proxy) -> None:
    assert await errcode_of(await edge.sync("{", token=None)) == (400, "M_BAD_JSON")


@pytest.mark.rules("H-10", "H-31")
async def test_a_malformed_timeout_is_reported_after_the_token(edge: Proxy) -> None:
    assert (await edge.sync(token="bad", params={"timeout": "x"})).status == 401
    response = await edge.sync(params={"timeout": "x"})
    assert await errcode_of(response) == (400, "M_INVALID_PARAM")


@pytest.mark.rules("H-3", "W-1", "W-2")
@pytest.mark.parametrize(
    ("given", "waited"),
    [(None, 10_000), ("", 10_000), ("0", 100), ("-5", 100), ("30000", 30_000), ("9" * 18, 120_000)],
)
async def test_the_timeout_has_a_default_and_bounds(
    edge: Proxy, given: str | None, waited: int
) -> None:
    await edge.sync(params={} if given is None else {"timeout": given})
    assert edge.service.calls[0]["timeout_ms"] == waited


@pytest.mark.rules("H-3")
@pytest.mark.parametrize(("given", "pos"), [(None, None), ("", None), ("0", "0"), ("a.b", "a.b")])
async def test_an_empty_pos_is_no_pos(edge: Proxy, given: str | None, pos: str | None) -> None:
    await edge.sync(params={} if given is None else {"pos": given})
    assert edge.service.calls[0]["pos"] == pos


@pytest.mark.rules("H-6")
async def test_no_body_and_any_content_type_are_fine(edge: Proxy) -> None:
    assert (await edge.sync("")).status == 200
    assert (await edge.sync(headers={"Content-Type": "text/plain"})).status == 200


@pytest.mark.rules("H-9", "H-28")
async def test_an_unknown_position_is_answered_at_once() -> None:
    service = FakeService(respond=lambda: raising(UnknownPosition("session expired")))
    async with proxy(service, config(limits={"error_delay_ms": 60_000})) as edge:
        async with asyncio.timeout(5):
            response = await edge.sync(params={"pos": "1"})
        assert await errcode_of(response) == (400, "M_UNKNOWN_POS")


@pytest.mark.rules("H-9")
async def test_only_so_many_401s_are_held_back() -> None:
    limits = {"error_delay_ms": 400, "delayed_errors": 1}
    async with proxy(FakeService(), config(limits=limits)) as edge:
        held = asyncio.create_task(edge.sync(token="bad"))
        await still(held, for_s=0.05)
        assert (await edge.sync(token="bad")).status == 401
        assert not held.done()
        assert (await held).status == 401


@pytest.mark.rules("H-33")
async def test_a_crash_is_a_500_that_tells_nothing_and_is_counted() -> None:
    service = FakeService(respond=lambda: raising(RuntimeError("secret detail")))
    async with proxy(service, config()) as edge:
        response = await edge.sync()
        assert await errcode_of(response) == (500, "M_UNKNOWN")
        assert "secret" not in await response.text()
        assert cors_of(response) == CORS
        service.respond = None
        assert (await edge.sync()).status == 200


@pytest.mark.rules("H-33", "O-6H")
async def test_a_database_that_is_away_is_a_503_and_no_bug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = FakeService(respond=lambda: raising(ConnectionError("disk full")))
    async with proxy(service, config()) as edge:
        assert await errcode_of(await edge.sync()) == (503, "M_UNKNOWN")
    assert "request failed" not in caplog.messages
    [refusal] = [vars(r) for r in caplog.records if r.message == "request refused"]
    assert (refusal["levelno"], refusal["reason"]) == (
        logging.ERROR,
        "ConnectionError('disk full')",
    )


@pytest.mark.rules("O-C2")
async def test_a_large_body_is_refused(edge: Proxy) -> None:
    response = await edge.sync(json.dumps({"x": "y" * 3000}))
    assert await errcode_of(response) == (413, "M_TOO_LARGE")
    assert cors_of(response) == CORS


@pytest.mark.rules("O-C2")
@pytest.mark.parametrize("padding", [10_000, 200_000])
async def test_large_answers_are_compressed_for_who_can_read_it(padding: int) -> None:
    async with proxy(FakeService(dialect=FakeDialect(padding)), config()) as edge:
        packed = await edge.sync(headers={"Accept-Encoding": "gzip, deflate"})
        plain = await edge.sync(headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) < padding / 5
        assert "Content-Encoding" not in plain.headers
        assert await packed.json() == await plain.json()


@pytest.mark.rules("H-7")
@pytest.mark.parametrize(
    ("token", "body", "status"),
    [("good", "{}", 200), ("bad", "{}", 401), (None, "{}", 401), ("good", "{", 400),
     ("good", json.dumps({"x": "y" * 3000}), 413)],
)  # fmt: skip
async def test_no_cache_keeps_what_is_about_one_user(
    edge: Proxy, token: str | None, body: str, status: int
) -> None:
    response = await edge.sync(body, token)
    assert (response.status, response.headers["Cache-Control"]) == (status, "no-store")


async def test_no_cache_keeps_a_large_answer_or_a_wrong_method() -> None:
    async with proxy(FakeService(dialect=FakeDialect(10_000)), config()) as edge:
        large = await edge.sync(headers={"Accept-Encoding": "gzip"})
        assert (large.headers["Cache-Control"], large.headers["Content-Encoding"]) == (
            "no-store",
            "gzip",
        )
        assert (await read(edge.http.get(SYNC))).headers["Cache-Control"] == "no-store"
        assert (await read(edge.http.get("/health"))).headers["Cache-Control"] == "no-store"


@pytest.mark.rules("O-C0")
async def test_stopping_answers_the_waiting_client_and_refuses_new_ones() -> None:
    service = FakeService()

    async def wait() -> SyncResponse:
        await service.stopping.wait()
        return SyncResponse("9")

    service.respond = wait
    async with proxy(service, config()) as edge:
        waiting = asyncio.create_task(edge.sync())
        await service.called.wait()
        await edge.server.before_stop()
        answered = await waiting
        assert (await answered.json())["pos"] == "9"
        assert answered.headers["Connection"] == "close"
        refused = await edge.sync()
        assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
        assert (await read(edge.http.get("/health"))).status == 503


@pytest.mark.rules("O-C0")
@pytest.mark.parametrize(
    "error", [ConnectionError("pool is closed"), RuntimeError("stopped"), Unavailable("no lease")]
)
async def test_a_request_that_meets_stopped_parts_is_no_error(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    service = FakeService()

    async def meet() -> SyncResponse:
        await service.stopping.wait()
        raise error

    service.respond = meet
    async with proxy(service, config()) as edge:
        waiting = asyncio.create_task(edge.sync())
        await service.called.wait()
        await edge.server.before_stop()
        answered = await waiting
        assert (answered.status, answered.headers["Retry-After"]) == (503, "2")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


@pytest.mark.rules("O-C5")
async def test_answers_are_timed_without_their_wait_and_lost_positions_counted() -> None:
    service = FakeService()

    async def wait() -> SyncResponse:
        await asyncio.sleep(0.3)  # it waits for news
        logs.note(waited_s=0.3)
        return SyncResponse("9")

    async with proxy(service, config()) as edge:
        metrics = edge.server.app.ctx.edge.metrics
        service.respond = wait
        await edge.sync()
        timed = metrics.registry.get_sample_value
        assert timed("sliding_sync_api_answer_duration_secs_count") == 1
        assert timed("sliding_sync_api_answer_duration_secs_sum") < 0.3
        service.respond = lambda: raising(UnknownPosition("gone", "stale"))
        assert (await edge.sync()).status == 400
        assert timed("sliding_sync_api_num_expiries_total", {"reason": "stale"}) == 1
        assert timed("sliding_sync_api_answer_duration_secs_count") == 1


@pytest.mark.rules("S-329", "S-4")
async def test_a_connection_that_asks_too_often_is_told_when_to_come_again() -> None:
    settings = config(limits={"requests_per_s": 10})
    async with proxy(FakeService(), settings) as edge:
        for _ in range(50):
            assert (await edge.sync()).status == 200
        refused = [answer for _ in range(10) if (answer := await edge.sync()).status != 200]
        assert await errcode_of(refused[0]) == (429, "M_LIMIT_EXCEEDED")
        assert 0 < (await refused[0].json())["retry_after_ms"] <= 100
        assert refused[0].headers["Retry-After"] == "1"
        assert (await edge.sync(json.dumps({"conn_id": "other"}))).status == 200
        counted = edge.server.app.ctx.edge.metrics.registry.get_sample_value
        name = "sliding_sync_api_num_refused_total"
        assert counted(name, {"limit": "connection"}) == len(refused)
        await edge.sync("x" * 3000)
        assert counted(name, {"limit": "body"}) == 1


async def test_a_client_that_hangs_up_ends_its_wait() -> None:
    service, ended = FakeService(), asyncio.Event()

    async def wait() -> SyncResponse:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("nobody wakes it")

    service.respond = wait
    async with proxy(service, config()) as edge:
        waiting = asyncio.create_task(edge.sync())
        await service.called.wait()
        waiting.cancel()
        async with asyncio.timeout(5):
            await ended.wait()


@pytest.mark.rules("O-61", "O-62", "O-63", "O-64", "O-65", "O-6C", "O-6E", "O-6H")
async def test_each_request_leaves_one_access_line_without_its_token(
    edge: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    body = json.dumps({"conn_id": "main", "txn_id": "t1"})
    await edge.sync(body, params={"pos": "1"})
    await read(edge.http.options(SYNC))
    [line] = [vars(r) for r in caplog.records if r.name == "syncv3.web.edge"]
    known = {"u": "@alice:hs", "dev": "PHONE", "p": "1", "q": "2", "t": "t1", "r": 0, "c": "main"}
    assert {k: line[k] for k in known} == known
    assert (line["status"], line["levelno"], "path" in line) == (200, logging.INFO, False)
    assert "good" not in str(line)


@pytest.mark.rules("O-66", "O-67", "O-68", "O-6A", "O-6B")
async def test_the_access_line_has_what_was_asked_for_and_told_but_no_zeros(
    edge: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    async def answers() -> SyncResponse:
        logs.note(d=2, dl_l=1)
        return SyncResponse("2")

    caplog.set_level(logging.INFO)
    edge.service.respond = answers
    asked: dict[str, Any] = {"lists": {"a": {}, "b": {}}, "room_subscriptions": {"!a:hs": {}}}
    await edge.sync(json.dumps(asked))
    await edge.sync(json.dumps({"unsubscribe_rooms": ["!a:hs"] * 3}))
    lines = [vars(r) for r in caplog.records if r.name == "syncv3.web.edge"]
    names = ("d", "ag", "dl-c", "dl-l", "sub", "usub", "l")
    found = [{name: line[name] for name in names if name in line} for line in lines]
    assert found == [{"d": 2, "dl-l": 1, "l": 2, "sub": 1}, {"d": 2, "dl-l": 1, "usub": 3}]


@pytest.mark.rules("O-6A", "O-6B")
@pytest.mark.parametrize(
    ("dialect", "state", "counts"),
    [(MSC3575(), [], (2, 1, 3)), (Simplified(), [], (2, 1, 0)), (MSC4186(), {}, (2, 1, 0))],
)
def test_requests_are_counted_in_every_dialect(
    dialect: Any, state: Any, counts: tuple[int, ...]
) -> None:
    one = {"timeline_limit": 1, "required_state": state}
    body = {
        "lists": {"a": one | {"ranges": [[0, 1]]}, "b": one | {"ranges": [[0, 1]]}},
        "room_subscriptions": {"!a:hs": one},
        "unsubscribe_rooms": ["!a:hs", "!b:hs", "!c:hs"],
    }
    asked = dialect.read(json.dumps(body).encode(), {})
    assert (asked.lists, asked.subscriptions, asked.unsubscribed) == counts


@pytest.mark.rules("O-6D", "O-6H")
async def test_refusals_are_warnings_and_other_paths_are_named(
    edge: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    edge.service.respond = lambda: raising(InvalidParam("no"))
    await edge.sync()
    await read(edge.http.get("/client/server.json"))
    refusal, _, page = [r for r in caplog.records if r.name == "syncv3.web.edge"]
    assert (refusal.levelno, vars(refusal)["errcode"]) == (logging.WARNING, "M_INVALID_PARAM")
    assert vars(page)["path"] == "/client/server.json"
