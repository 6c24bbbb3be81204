"""What clients of the service are told that the homeserver can."""

import aiohttp
import pytest

from tests.support.account import Account
from tests.support.answers import read
from tests.support.room import JSON
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/_matrix/client/versions"


async def said(http: aiohttp.ClientSession, url: str, token: str | None) -> tuple[int, JSON]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = await read(http.get(url + PATH, headers=headers))
    return response.status, await response.json()


@pytest.mark.rules("S-570", "S-572", "S-573", "S-574")
@pytest.mark.parametrize("whose", ["nobody", "alice", "a stranger"])
async def test_versions_are_those_of_the_homeserver(
    http: aiohttp.ClientSession, service: Service, homeserver_url: str, alice: Account, whose: str
) -> None:
    token = {"nobody": None, "alice": alice.token, "a stranger": "unknown"}[whose]
    status, homeservers = await said(http, homeserver_url, token)
    if status == 200:
        homeservers["unstable_features"]["org.matrix.simplified_msc3575"] = True
    assert await said(http, service.url, token) == (status, homeservers)
    assert status in (200, 401)


@pytest.mark.rules("S-571", "S-572", "O-46")
async def test_versions_can_be_asked_for_from_a_page_and_vary_with_who_asks(
    http: aiohttp.ClientSession, service: Service
) -> None:
    response = await read(http.get(service.url + PATH))
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Vary"]
