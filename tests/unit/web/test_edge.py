"""The web edge over real HTTP on loopback, with a fake service behind it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.errors import InvalidParam, UnknownPosition
from syncv3.protocol.response import Answer
from syncv3.types import Reply
from syncv3.web.edge import VERSIONS
from syncv3.web.pages import read_pages
from syncv3.web.sync import PATHS
from tests.support.answers import read
from tests.unit.web.fakes import SYNC, FakeDialect, FakeService, Proxy, config, proxy

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, Authorization",
}


@pytest.fixture
async def edge() -> AsyncIterator[Proxy]:
    async with proxy(FakeService(), config()) as running:
        yield running


def cors_of(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k.startswith("Access-Control-")}


async def errcode_of(response: aiohttp.ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/json"
    body = await response.json()
    assert body["error"].startswith(f"HTTP {response.status} : ")
    return response.status, body["errcode"]


async def raising(error: Exception) -> Answer:
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


@pytest.mark.rules("S-571", "S-572", "O-46")
@pytest.mark.parametrize("header", [None, "Bearer good", "anything"])
async def test_versions_are_asked_for_with_the_header_that_came(
    edge: Proxy, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await read(edge.http.get(VERSIONS, headers=headers))
    assert (response.status, await response.json()) == (200, {"versions": ["v1.11"]})
    assert (response.headers["Vary"], cors_of(response)) == ("Authorization", CORS)
    assert edge.service.asked_versions == [header]


@pytest.mark.rules("S-572")
async def test_a_refusal_of_the_homeservers_is_passed_on(edge: Proxy) -> None:
    kept = {"retry-after": "3", "content-type": "text/plain", "cache-control": "no-store"}
    edge.service.reply = Reply(429, kept, b"slowly")
    response = await read(edge.http.get(VERSIONS))
    assert (response.status, await response.text()) == (429, "slowly")
    assert {name: response.headers[name] for name in kept} == kept
    assert cors_of(response) == CORS


async def test_a_head_request_for_versions_has_no_body(edge: Proxy) -> None:
    head = await read(edge.http.head(VERSIONS))
    get = await read(edge.http.get(VERSIONS))
    assert (head.status, head.content_length) == (200, get.content_length)
    assert await get.json() == {"versions": ["v1.11"]}


@pytest.mark.rules("O-46")
async def test_versions_cannot_be_posted(edge: Proxy) -> None:
    response = await read(edge.http.post(VERSIONS))
    assert (response.status, await response.text(), cors_of(response)) == (405, "", CORS)


@pytest.mark.parametrize(
    ("via", "status"), [("1.1 nginx, 1.1 syncv3", 502), ("1.1 syncv3.example.org", 200)]
)
async def test_a_question_that_the_service_asked_itself_ends(
    edge: Proxy, via: str, status: int
) -> None:
    response = await read(edge.http.get(VERSIONS, headers={"Via": via}))
    assert response.status == status


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
        await asyncio.sleep(0.05)
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


@pytest.mark.rules("O-43")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_server_json_names_homeserver_and_version(edge: Proxy, method: str) -> None:
    response = await read(edge.http.request(method, "/client/server.json"))
    body = await response.json()
    assert body["server"] == "https://hs.test"
    assert set(body) == {"server", "version"}
    assert cors_of(response) == CORS


@pytest.mark.rules("O-CA")
async def test_server_json_hides_a_socket_behind_the_public_url() -> None:
    settings = config(server="/run/hs.sock", public_server="https://public.test")
    async with proxy(FakeService(), settings) as edge:
        body = await (await read(edge.http.get("/client/server.json"))).json()
        assert body["server"] == "https://public.test"


@pytest.mark.rules("O-44")
def test_the_stub_client_is_the_files_of_a_folder(tmp_path: Path) -> None:
    assert read_pages(tmp_path / "absent") == {}
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a b.js").write_text("x")
    (tmp_path / "index.html").write_text("<p>hello")
    pages = read_pages(tmp_path)
    assert set(pages) == {"", "index.html", "lib/a b.js"}
    assert pages["lib/a b.js"] == (b"x", "text/javascript; charset=utf-8")
    assert pages[""] == (b"<p>hello", "text/html; charset=utf-8")


@pytest.mark.rules("O-44")
async def test_the_stub_client_comes_from_the_package_not_the_working_directory(
    edge: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "index.html").write_text("mine")
    monkeypatch.chdir(tmp_path)
    index = await read(edge.http.get("/client/"))
    assert (index.status, index.content_type) == (200, "text/html")
    assert "stub client" in await index.text()
    script = await read(edge.http.get("/client/main.js"))
    assert (script.status, script.content_type) == (200, "text/javascript")


@pytest.mark.rules("O-44")
@pytest.mark.parametrize(
    "path",
    ["%2e%2e/app.py", "..%2fapp.py", "lib/", "x" * 300, "%00", "x/" * 500, "%ff", "%2fetc/passwd"],
)
async def test_all_else_below_the_stub_client_is_not_found(
    edge: Proxy, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await told(edge, f"GET /client/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert "request refused" not in caplog.messages


async def told(edge: Proxy, head: str) -> bytes:
    """All that comes for a request without body, byte for byte."""
    reader, writer = await asyncio.open_connection(*edge.address)
    writer.write(f"{head}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.rules("O-44")
@pytest.mark.parametrize(
    "path", ["/client/", "/client/main.js", "/client/no", "/client/server.json"]
)
async def test_no_site_can_frame_the_stub_client_or_take_it_for_something_else(
    edge: Proxy, path: str
) -> None:
    headers = (await read(edge.http.get(path))).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]


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


@pytest.mark.rules("O-C1")
async def test_health_says_whether_clients_can_be_served(edge: Proxy) -> None:
    healthy = await read(edge.http.get("/health"))
    assert (healthy.status, await healthy.json()) == (200, {"status": "ok", "position": 7})
    edge.service.healthy = False
    assert (await read(edge.http.get("/health"))).status == 503


@pytest.mark.rules("O-C0")
async def test_stopping_answers_the_waiting_client_and_refuses_new_ones() -> None:
    service = FakeService()

    async def wait() -> Answer:
        await service.stopping.wait()
        return Answer("9")

    service.respond = wait
    async with proxy(service, config()) as edge:
        waiting = asyncio.create_task(edge.sync())
        await service.called.wait()
        await edge.server.before_stop()
        answered = await waiting
        assert (await answered.json())["pos"] == "9"
        assert answered.headers["Connection"] == "close"
        assert (await edge.sync()).status == 503
        assert (await read(edge.http.get("/health"))).status == 503


async def test_a_client_that_hangs_up_ends_its_wait() -> None:
    service, ended = FakeService(), asyncio.Event()

    async def wait() -> Answer:
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
