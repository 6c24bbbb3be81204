"""Everything through the gateway, with a real homeserver."""

import hashlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.integration.service.test_gateway import *  # noqa: F403
from tests.integration.service.test_gateway import through
from tests.support.account import Account
from tests.support.answers import read
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIECE = bytes(range(256)) * 256
PIECES = 760  # 50 MB


async def picture() -> AsyncIterator[bytes]:
    for number in range(PIECES):
        yield number.to_bytes(4, "big") + PIECE[4:]


async def test_a_large_picture_goes_up_and_comes_down(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    here = await through(gateway, alice)
    bearer = {"Authorization": f"Bearer {here.token}"}
    headers = bearer | {"Content-Type": "image/png", "Content-Length": str(PIECES * len(PIECE))}
    uploaded = await read(
        http.post(f"{gateway.url}/_matrix/media/v3/upload", data=picture(), headers=headers)
    )
    assert uploaded.status == 200, await uploaded.text()
    media_id = (await uploaded.json())["content_uri"].removeprefix("mxc://")
    path = f"{gateway.url}/_matrix/client/v1/media/download/{media_id}"
    sent, got = hashlib.sha256(), hashlib.sha256()
    async for piece in picture():
        sent.update(piece)
    async with http.get(path, headers=bearer) as response:
        assert response.status == 200
        async for piece in response.content.iter_any():
            got.update(piece)
    assert got.digest() == sent.digest()


async def test_nothing_of_the_homeservers_administration_is_there(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    bearer = {"Authorization": f"Bearer {alice.token}"}
    for path in ("/_synapse/admin/v1/server_version", "/_matrix/federation/v1/version"):
        assert (await read(http.get(gateway.url + path, headers=bearer))).status == 404
