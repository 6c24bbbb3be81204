"""What the gateway notices of keys that clients upload."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from tests.integration.gateway.stage import Stage
from tests.support.waiting import until

UPLOAD = "/_matrix/client/v3/keys/upload"
GOOD = {"Authorization": "Bearer good"}
ANSWER = b'{ "one_time_key_counts": {"signed_curve25519":50}, "more": 1 }'
NOTED = ("good", b'{"signed_curve25519":50}', "127.0.0.1")

pytestmark = pytest.mark.rules("EE-2", "S-366")


def answers(body: bytes = ANSWER, status: int = 200) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="application/json")

    return answer


async def post(
    stage: Stage, path: str = UPLOAD, method: str = "POST", **headers: str
) -> tuple[int, bytes]:
    url = URL(path, encoded=True)
    async with stage.http.request(method, url, json={}, headers=headers) as response:
        return response.status, await response.read()


@pytest.mark.parametrize("version", ["r0", "v3", "unstable"])
async def test_counts_are_noted_before_the_client_has_them(stage: Stage, version: str) -> None:
    stage.home.answer = answers()
    stage.service.notes.set()
    answered = await post(stage, UPLOAD.replace("v3", version), **GOOD)
    assert stage.service.key_counts == [NOTED]
    assert answered == (200, ANSWER)


async def test_a_client_waits_a_moment_only_and_the_counts_are_noted_later(stage: Stage) -> None:
    stage.home.answer = answers()
    async with asyncio.timeout(10):
        assert await post(stage, **GOOD) == (200, ANSWER)
    assert stage.service.key_counts == []
    stage.service.notes.set()
    await asyncio.sleep(0)
    await until(lambda: stage.service.key_counts)
    assert stage.service.key_counts == [NOTED]


@pytest.mark.parametrize("token", ["flood", "bad", "broken"])
async def test_what_cannot_be_noted_is_no_error_of_the_client(stage: Stage, token: str) -> None:
    stage.home.answer = answers()
    stage.service.notes.set()
    assert await post(stage, Authorization=f"Bearer {token}") == (200, ANSWER)
    assert stage.service.key_counts == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"one_time_key_counts":',
        b"\xff\xfe",
        b'{"one_time_key_counts":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
    ids=lambda body: body[:12].decode(errors="replace"),
)
async def test_an_answer_without_readable_counts_passes_as_it_is(stage: Stage, body: bytes) -> None:
    stage.home.answer = answers(body)
    stage.service.notes.set()
    assert await post(stage, **GOOD) == (200, body)
    assert stage.service.key_counts == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", UPLOAD, 400),
        ("POST", UPLOAD, 502),
        ("PUT", UPLOAD, 200),
        ("POST", UPLOAD + "/more", 200),
        ("POST", "/_matrix/client/v3/keys/query", 200),
        ("POST", "/_matrix/media/v3/keys/upload", 200),
        ("POST", UPLOAD + "?user_id=@bob:hs", 200),
        ("POST", UPLOAD + "?access_token=other", 200),
    ],
)
async def test_other_answers_say_nothing_of_keys(
    stage: Stage, method: str, path: str, status: int
) -> None:
    stage.home.answer = answers(status=status)
    stage.service.notes.set()
    assert (await post(stage, path, method, **GOOD))[0] == status
    assert stage.service.key_counts == []
