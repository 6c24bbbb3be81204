"""What goes through the gateway, how it looks on the other side, and what does not go through."""

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from syncv3.web.sync import PATHS
from tests.integration.gateway.stage import MEDIA, Stage, answer_of, gateway, headers_of
from tests.support.answers import read
from tests.support.ports import free_port
from tests.unit.web.fakes import SYNC

ROOM = "/_matrix/client/v3/rooms/%21a%2Fb%3Ac"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_every_method_is_passed_on_with_its_body(stage: Stage, method: str) -> None:
    seen = await stage.echoed(
        method, URL("/_matrix/client/v3/x?a=b%2Fc", encoded=True), data=b"abc"
    )
    assert (seen["method"], seen["target"], seen["size"]) == (
        method,
        "/_matrix/client/v3/x?a=b%2Fc",
        3,
    )
    assert headers_of(seen)["content-length"] == "3"


async def test_identifiers_stay_encoded(stage: Stage) -> None:
    reader, writer = await stage.raw(
        f"GET {ROOM}/state/t/%2e%2Fx HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    )
    assert (await answer_of(reader))[0] == 400  # a step upwards for some reader
    writer.close()
    seen = await stage.echoed("GET", f"{ROOM}/state")
    assert seen["target"] == "/_matrix/client/v3/rooms/!a%2Fb:c/state"


@pytest.mark.parametrize(
    "path",
    [
        "/_synapse/admin/v1/server_version",
        "/_matrix/federation/v1/version",
        "/_matrix/key/v2/server",
        "/_synapse/metrics",
        "/metrics",
        "/_matrix/client/v3/admin/whois/@a:b",
        "/_matrix/client/../../_synapse/admin/v1/users",
        "/_matrix/client/%2e%2e/%2e%2e/_synapse/admin/v1/users",
        "/_matrix/client/..%2f..%2f_synapse/admin/v1/users",
        "//127.0.0.1/_synapse/admin",
        "http://127.0.0.1:1/_matrix/client/versions/x",
    ],
)
async def test_the_homeserver_is_never_asked_for_anything_else(stage: Stage, path: str) -> None:
    reader, writer = await stage.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (await answer_of(reader))[0] in (400, 404)
    writer.close()
    assert stage.home.asked == []


async def test_a_redirect_goes_to_the_client(stage: Stage) -> None:
    async def redirect(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})

    stage.home.answer = redirect
    response = await read(
        stage.http.get("/_matrix/client/v3/login/sso/redirect?x=y", allow_redirects=False)
    )
    assert (response.status, response.headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")
    assert len(stage.home.asked) == 1


async def test_a_long_redirect_comes_through(stage: Stage) -> None:
    """Logins at another provider carry much in their address."""
    where = "https://id.test/?state=" + "x" * 20_000

    async def redirect(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": where})

    stage.home.answer = redirect
    ask = b"GET /_matrix/client/v3/login/sso/redirect HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await stage.raw(ask)
    assert (await answer_of(reader))[1]["location"] == where
    writer.close()


@pytest.mark.parametrize(("wanted", "status"), [("bytes=1-2", 206), ("bytes=9-", 416)])
async def test_parts_and_their_headers_come_as_they_are(
    stage: Stage, wanted: str, status: int
) -> None:
    async def part(request: web.Request) -> web.Response:
        assert request.headers["Range"] == wanted
        headers = {"Content-Range": "bytes 1-2/4", "ETag": '"e"', "Content-Encoding": "x"}
        return web.Response(status=status, body=b"bc", headers=headers)

    stage.home.answer = part
    response = await read(
        stage.http.get("/_matrix/media/v3/download/a/b", headers={"Range": wanted})
    )
    assert (response.status, await response.text()) == (status, "bc")
    assert response.headers["ETag"] == '"e"'
    assert "Access-Control-Allow-Origin" not in response.headers  # the homeserver's are its own


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body_keep_the_connection(stage: Stage, status: int) -> None:
    async def empty(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"ETag": '"e"'})

    stage.home.answer = empty
    ask = b"GET /_matrix/media/v3/x HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await stage.raw(ask)
    for _ in range(2):
        got, headers = await answer_of(reader)
        assert (got, headers["etag"], "content-length" in headers) == (status, '"e"', False)
        writer.write(ask)
    writer.close()


async def test_a_head_request_has_headers_only(stage: Stage) -> None:
    ask = b"HEAD /_matrix/media/v3/x HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await stage.raw(ask)
    status, headers = await answer_of(reader)
    assert (status, int(headers["content-length"]) > 0) == (200, True)
    writer.write(ask)
    assert (await answer_of(reader))[0] == 200  # right behind: there was no body
    writer.close()


async def test_cookies_come_one_by_one_and_are_not_kept(stage: Stage) -> None:
    async def cookies(request: web.Request) -> web.Response:
        response = web.Response(text=request.headers.get("Cookie", "none"))
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response

    stage.home.answer = cookies
    for _ in range(2):
        reader, writer = await stage.raw(
            b"GET /_synapse/client/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        heard = await reader.read()
        assert heard.lower().count(b"set-cookie: ") == 2
        assert heard.endswith(b"none")
        writer.close()


async def test_an_upgrade_is_an_ordinary_request(stage: Stage) -> None:
    headers = {"Upgrade": "websocket", "Connection": "upgrade"}
    seen = await stage.echoed("GET", "/_matrix/client/v3/x", headers=headers)
    assert not {"upgrade", "sec-websocket-key"} & set(headers_of(seen))


async def test_the_homeserver_is_told_who_asks_by_named_proxies_only(stage: Stage) -> None:
    said = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    told = headers_of(await stage.echoed("GET", "/_matrix/client/v3/x", headers=said))
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert told["host"] == f"127.0.0.1:{stage.home.port}"
    async with gateway(trusted_proxies=(ip_network("127.0.0.0/8"),)) as named:
        told = headers_of(await named.echoed("GET", "/_matrix/client/v3/x", headers=said))
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("1.2.3.4, 127.0.0.1", "https")


async def test_a_homeserver_that_is_away_is_a_matrix_error() -> None:
    async with gateway(f"http://127.0.0.1:{free_port()}") as stage:
        response = await read(stage.http.get("/_matrix/client/v3/x"))
        assert (response.status, (await response.json())["errcode"]) == (502, "M_UNKNOWN")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        preflight = await read(stage.http.options("/_matrix/client/v3/x"))
        assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (200, "*")


async def test_a_preflight_is_the_homeservers_business(stage: Stage) -> None:
    async def preflight(request: web.Request) -> web.Response:
        return web.Response(status=204, headers={"Access-Control-Allow-Headers": "If-Match"})

    stage.home.answer = preflight
    response = await read(stage.http.options("/_matrix/client/unstable/rendezvous"))
    assert (response.status, response.headers["Access-Control-Allow-Headers"]) == (204, "If-Match")
    sliding = await read(stage.http.options(SYNC))
    assert sliding.status == 200
    assert len(stage.home.asked) == 1


async def test_a_loop_ends() -> None:
    port = free_port()
    async with gateway(f"http://127.0.0.1:{port}") as stage:
        forward = await asyncio.start_server(_forward_to(stage.proxy.address), "127.0.0.1", port)
        response = await read(stage.http.get("/_matrix/client/v3/x"))
        assert response.status == 502
        assert "leads back" in (await response.json())["error"]
        forward.close()


def _forward_to(address: tuple[str, int]) -> Any:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(*address)
        await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))

    return forward


async def test_without_the_switch_nothing_is_passed_on() -> None:
    async with gateway(gateway=False, base_url="https://own.test") as stage:
        for path in ("/_matrix/client/v3/x", MEDIA):
            assert (await read(stage.http.get(path))).status == 404
        assert stage.home.asked == []


async def test_sliding_sync_itself_is_not_passed_on(stage: Stage) -> None:
    for path in (*PATHS, "/_matrix/client/v4/%73ync"):
        response = await read(stage.http.post(path, headers={"Authorization": "Bearer good"}))
        assert (await response.json())["pos"] == "2"
    assert stage.home.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/_matrix/client/v3/sync?since=1",
        "/_matrix/client/r0/sync",
        "/_matrix/client/unstable/org.example.msc9999/sync",
        "/_matrix/client/v5/%73ync",
    ],
)
@pytest.mark.parametrize("in_query", [False, True])
async def test_a_device_that_is_polled_here_has_no_second_sync(
    stage: Stage, path: str, in_query: bool
) -> None:
    stage.service.polled.add("polled")
    for token, status in (("polled", 403), ("other", 200)):
        query = f"{'&' if '?' in path else '?'}access_token={token}" if in_query else ""
        headers = {} if in_query else {"Authorization": f"Bearer {token}"}
        response = await read(stage.http.get(path + query, headers=headers))
        assert response.status == status
    assert len(stage.home.asked) == 1


async def test_two_tokens_in_one_sync_are_refused(stage: Stage) -> None:
    path = "/_matrix/client/v3/sync?access_token=a"
    response = await read(stage.http.get(path, headers={"Authorization": "Bearer b"}))
    assert (response.status, stage.home.asked) == (400, [])


async def test_one_client_cannot_use_all_the_homeservers_connections() -> None:
    release = asyncio.Event()

    async def hold(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    limits = {"gateway_requests_each": 2}
    async with gateway(limits=limits, trusted_proxies=(ip_network("127.0.0.1"),)) as stage:
        stage.home.answer = hold

        async def ask(client: str) -> int:
            said = {"X-Forwarded-For": client}
            response = await read(stage.http.get("/_matrix/client/v3/x", headers=said))
            if response.status == 429:
                assert response.headers["Retry-After"] == "2"
            return int(response.status)

        greedy = [asyncio.create_task(ask("1.1.1.1")) for _ in range(5)]
        done, _ = await asyncio.wait(greedy, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        assert [task.result() for task in done] == [429]
        other = asyncio.create_task(ask("2.2.2.2"))
        await stage.home.until_asked(3)
        release.set()
        assert await other == 200
        assert sorted(await asyncio.gather(*greedy)) == [200, 200, 200, 200, 429]


async def test_a_long_poll_at_the_homeserver_does_not_hold_up_a_stop() -> None:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    loop = asyncio.get_running_loop()
    async with gateway() as stage:
        stage.home.answer = never
        waiting = asyncio.create_task(read(stage.http.get("/_matrix/client/v3/sync")))
        await stage.home.until_asked(1)
        loop.call_soon(stage.proxy.server.app.ctx.mount.interrupt)
        assert (await asyncio.wait_for(waiting, 3)).status == 503
