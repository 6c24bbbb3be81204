"""Clients that have found this service are never sent past it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import web

from tests.integration.gateway.stage import Answer, Stage, gateway, headers_of
from tests.support.answers import read
from tests.support.ports import free_port

FILE = "/.well-known/matrix/client"
THEIRS = {
    "m.homeserver": {"base_url": "https://hs.test", "x": 1},
    "m.identity_server": {"base_url": "https://id.test"},
    "org.matrix.msc3575.proxy": {"url": "https://old.test"},
    "org.matrix.msc4143.rtc_foci": [{"type": "livekit", "n": 12345678901234567890}],
}


def answering(
    content: Any, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})
) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        kind = {"Content-Type": "application/json"}
        return web.Response(status=status, body=body, headers=kind | dict(headers))

    return answer


async def test_the_well_known_file_names_this_service_and_says_all_else_as_the_homeserver(
    stage: Stage,
) -> None:
    stage.home.answer = answering(THEIRS)
    response = await read(stage.http.get(FILE))
    assert await response.json() == THEIRS | {
        "m.homeserver": {"base_url": stage.own_url, "x": 1},
        "org.matrix.msc3575.proxy": {"url": stage.own_url},
    }
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"  # it depends on the Host header
    assert "12345678901234567890" in await response.text()


async def test_a_base_url_that_the_operator_gives_is_said_to_everybody() -> None:
    async with gateway(base_url="https://own.test", gateway=False) as stage:
        stage.home.answer = answering(THEIRS)
        for _ in range(3):
            response = await read(stage.http.get(FILE))
            assert (await response.json())["m.homeserver"]["base_url"] == "https://own.test"
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert stage.home.asked == [FILE]  # once a minute


@pytest.mark.parametrize(
    "answer",
    [
        answering(b"not found", 404),
        answering(b"", 302, {"Location": "http://127.0.0.1:1/"}),
        answering(b"<html>"),
        answering(["a"]),
        answering({"m.homeserver": 7}),
    ],
)
async def test_a_homeserver_without_a_usable_file_gets_one(stage: Stage, answer: Answer) -> None:
    stage.home.answer = answer
    response = await read(stage.http.get(FILE))
    assert await response.json() == {
        "m.homeserver": {"base_url": stage.own_url},
        "org.matrix.msc3575.proxy": {"url": stage.own_url},
    }


@pytest.mark.parametrize("status", [None, 503, 429])
async def test_clients_see_that_the_homeserver_is_away(status: int | None) -> None:
    server = f"http://127.0.0.1:{free_port()}" if status is None else None
    async with gateway(server) as stage:
        stage.home.answer = answering({}, status or 200)
        response = await read(stage.http.get(FILE))
        assert (response.status, (await response.json())["errcode"]) == (502, "M_UNKNOWN")


@pytest.mark.parametrize("path", ["/_matrix/client/v3/login", "/_matrix/client/r0/register"])
async def test_a_login_is_told_to_stay_here(stage: Stage, path: str) -> None:
    login = {"user_id": "@a:b", "n": 1.0, "well_known": {"m.homeserver": {"base_url": "https://hs"},
                                                         "m.x": {}}}  # fmt: skip
    stage.home.answer = answering(login, headers={"X-Kept": "1"})
    response = await read(stage.http.post(path, data=b"{}", headers={"Accept-Encoding": "br"}))
    assert response.headers["X-Kept"] == "1"
    assert await response.json() == login | {
        "well_known": {"m.homeserver": {"base_url": stage.own_url}, "m.x": {}}
    }


@pytest.mark.parametrize(
    "body", ['{"access_token": "x",  "n": 1.50}', '{"well_known": 3}', "[]", "odd", ""]
)
async def test_a_login_answer_without_it_stays_as_it_is(stage: Stage, body: str) -> None:
    stage.home.answer = answering(body.encode())
    response = await read(stage.http.post("/_matrix/client/v3/login", data=b"{}"))
    assert await response.text() == body


async def test_the_homeserver_is_asked_not_to_compress_a_login_answer(stage: Stage) -> None:
    headers = {"Accept-Encoding": "br"}
    path = "/_matrix/client/v3/login"
    login = headers_of(await stage.echoed("POST", path, headers=headers, data=b"{}"))
    other = headers_of(await stage.echoed("GET", path, headers=headers))
    assert (login["accept-encoding"], other["accept-encoding"]) == ("identity", "br")


@pytest.mark.parametrize(
    "answer",
    [answering(b" " * 300_000), answering(b"x", headers={"Content-Encoding": "br"})],
    ids=["huge", "compressed"],
)
async def test_a_login_answer_that_cannot_be_read_is_not_passed_on(
    stage: Stage, answer: Answer
) -> None:
    stage.home.answer = answer
    response = await read(stage.http.post("/_matrix/client/v3/login", data=b"{}"))
    assert response.status == 502
