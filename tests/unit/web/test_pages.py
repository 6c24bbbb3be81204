"""All that is not sync over real HTTP: ``/versions``, the stub client."""

import asyncio
from pathlib import Path

import pytest

from syncv3.types import Reply
from syncv3.web.edge import VERSIONS
from syncv3.web.pages import policy, read_pages
from tests.support.answers import read
from tests.unit.web.fakes import CORS, FakeService, Proxy, config, cors_of, proxy


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


@pytest.mark.rules("O-43", "O-5")
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
    assert "trusted-types 'none'" in headers["Content-Security-Policy"]


@pytest.mark.rules("O-44")
@pytest.mark.parametrize(
    ("server", "asked"),
    [
        ("https://matrix.example.org/path", "'self' https://matrix.example.org"),
        ("http://127.0.0.1:8008", "'self' http://127.0.0.1:8008"),
        ("http://[::1]:8008", "'self' http:"),
        ("", "'self'"),
    ],
)
def test_the_stub_client_may_ask_this_service_and_the_homeserver_alone(
    server: str, asked: str
) -> None:
    [found] = [part for part in policy(server).split("; ") if part.startswith("connect-src")]
    assert found == f"connect-src {asked}"
