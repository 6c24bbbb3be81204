"""Refresh tokens of a real homeserver: access tokens die, and their device goes on."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import PASSWORD, Account
from tests.support.answers import read
from tests.support.client import SlidingClient, SyncError, window
from tests.support.postgres import Postgres
from tests.support.room import JSON
from tests.support.service import Service
from tests.support.synapse import start_synapse
from tests.support.waiting import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALL = {"all": window(0, 20)}


TOKEN_LIFE_S = 20  # longer than a restart of the service takes


@pytest.fixture(scope="module")
def homeserver_url() -> Iterator[str]:
    """Of a Synapse of this test's own, whose access tokens die soon."""
    running = start_synapse(token_life_s=TOKEN_LIFE_S)
    yield running.url
    running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def own(
    http: aiohttp.ClientSession, homeserver_url: str, postgres: Postgres
) -> AsyncIterator[Service]:
    url = await postgres.clone()
    service = await Service.start(http, homeserver=homeserver_url, database=url)
    yield service
    service.close()
    await postgres.drop(url)


async def post(http: aiohttp.ClientSession, url: str, path: str, body: JSON) -> JSON:
    answer = await read(http.post(f"{url}/_matrix/client/v3{path}", json=body))
    assert answer.status == 200, await answer.text()
    content: JSON = await answer.json()
    return content


async def until_dead(http: aiohttp.ClientSession, url: str, token: str) -> None:
    """Wait until the homeserver itself refuses the token."""
    whoami, headers = (
        f"{url}/_matrix/client/v3/account/whoami",
        {"Authorization": f"Bearer {token}"},
    )

    async def is_refused() -> bool:
        return (await read(http.get(whoami, headers=headers))).status == 401

    await until(is_refused, 60, every_s=0.2)


@pytest.mark.rules("U-2", "U-12", "U-13")
async def test_a_token_that_was_refreshed_is_refused_and_the_connection_goes_on(
    alice: Account, own: Service, http: aiohttp.ClientSession, homeserver_url: str
) -> None:
    async def refresh(before: JSON) -> JSON:
        asked = {"refresh_token": before["refresh_token"]}
        return await post(http, homeserver_url, "/refresh", asked)

    room = await alice.create_room("Kitchen")
    first = await post(http, homeserver_url, "/login", {
        "type": "m.login.password", "password": PASSWORD, "refresh_token": True,
        "identifier": {"type": "m.id.user", "user": alice.user_id},
    })  # fmt: skip
    client = SlidingClient(http, own.url, first["access_token"])
    stale = SlidingClient(http, own.url, first["access_token"], conn_id="stale")
    for each in (client, stale):
        await each.sync(lists=ALL)
    await until_dead(http, homeserver_url, first["access_token"])
    second = await refresh(first)
    client.token = second["access_token"]
    await client.sync()
    await own.restart()  # its poll uses the token that was seen last
    await client.sync()
    with pytest.raises(SyncError) as refused:
        await stale.sync()
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")
    client.token = (await refresh(second))["access_token"]
    await client.until_event(room, await alice.send(room, "hello"))
