"""What the gateway notices of users who forget rooms."""

from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from tests.integration.gateway.stage import Stage
from tests.support.answers import read

ROOM = "!room/x:hs"
FORGET = "/_matrix/client/v3/rooms/%21room%2Fx%3Ahs/forget"
GOOD = {"Authorization": "Bearer good"}

pytestmark = pytest.mark.rules("S-602")


def answers(status: int) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({}, status=status)

    return answer


async def post(stage: Stage, path: str, method: str = "POST", **headers: str) -> int:
    sent = stage.http.request(method, URL(path, encoded=True), json={}, headers=headers)
    return int((await read(sent)).status)


@pytest.mark.parametrize("version", ["r0", "v3"])
async def test_a_room_is_forgotten_when_the_homeserver_says_so(stage: Stage, version: str) -> None:
    stage.home.answer = answers(200)
    assert await post(stage, FORGET.replace("v3", version), **GOOD) == 200
    assert await post(stage, f"{FORGET}?access_token=good") == 200
    assert stage.service.forgotten == [("good", ROOM, "127.0.0.1")] * 2


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500, 502])
async def test_another_answer_forgets_nothing(stage: Stage, status: int) -> None:
    stage.home.answer = answers(status)
    sent = stage.http.post(URL(FORGET, encoded=True), json={}, headers=GOOD, allow_redirects=False)
    assert (await read(sent)).status == status
    assert (stage.service.forgotten, len(stage.home.asked)) == ([], 1)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", FORGET),
        ("GET", FORGET),
        ("POST", FORGET + "/more"),
        ("POST", "/_matrix/client/v3/rooms/" + "x" * 300 + "/forget"),
        ("POST", "/_matrix/media/v3/rooms/!a:b/forget"),
        ("POST", FORGET + "?user_id=@bob:hs"),
        ("POST", FORGET + "?user%5Fid="),
    ],
)
async def test_other_requests_forget_nothing(stage: Stage, method: str, path: str) -> None:
    stage.home.answer = answers(200)
    assert await post(stage, path, method, **GOOD) == 200
    assert stage.service.forgotten == []


async def test_without_a_token_nothing_is_forgotten(stage: Stage) -> None:
    stage.home.answer = answers(200)
    assert await post(stage, FORGET) == 200
    assert stage.service.forgotten == []


async def test_two_tokens_are_refused_before_anything_is_forgotten(stage: Stage) -> None:
    assert await post(stage, f"{FORGET}?access_token=other", **GOOD) == 400
    assert (stage.home.asked, stage.service.forgotten) == ([], [])


async def test_a_client_is_told_to_repeat_what_could_not_be_noted(stage: Stage) -> None:
    stage.home.answer = answers(200)
    assert await post(stage, FORGET, Authorization="Bearer flood") == 429
    assert await post(stage, FORGET, **GOOD) == 200
