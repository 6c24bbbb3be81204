"""Everything through the gateway, with a real homeserver."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.test_encryption import until_read
from tests.integration.service.test_gateway import *  # noqa: F403
from tests.integration.service.test_gateway import WINDOW, through
from tests.support.account import PASSWORD, Account
from tests.support.answers import read
from tests.support.client import SlidingClient
from tests.support.encrypting import EncryptingClient
from tests.support.service import Service
from tests.support.simplified.client import SimplifiedClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIECE = bytes(range(256)) * 256
PIECES = 760  # 50 MB


async def picture() -> AsyncIterator[bytes]:
    for number in range(PIECES):
        yield number.to_bytes(4, "big") + PIECE[4:]


LogIn = Callable[[Account, str, type[SlidingClient]], Awaitable[EncryptingClient]]


@pytest_asyncio.fixture(loop_scope="module")
async def encrypting(
    http: aiohttp.ClientSession, gateway: Service, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LogIn]:
    """Log an account in on a new device with keys of its own, which knows only the gateway."""
    clients: list[EncryptingClient] = []

    async def log_in(
        account: Account, device_id: str, speaks: type[SlidingClient]
    ) -> EncryptingClient:
        client = await EncryptingClient.login(
            http,
            homeserver=gateway.url,
            service=gateway.url,
            user_id=account.user_id,
            password=PASSWORD,
            device_id=device_id,
            folder=tmp_path_factory.mktemp("keys"),
            speaks=speaks,
        )
        clients.append(client)
        return client

    yield log_in
    for client in clients:
        await client.close()


def lists(client: SlidingClient, rooms: Iterable[str]) -> bool:
    return set(client.order()) == set(rooms)


async def upload_picture(http: aiohttp.ClientSession, account: Account) -> str:
    """Its ``mxc://`` address, without that."""
    size = str(PIECES * len(PIECE))
    headers = {"Authorization": f"Bearer {account.token}", "Content-Type": "image/png"}
    uploaded = await read(
        http.post(
            f"{account.url}/_matrix/media/v3/upload",
            data=picture(),
            headers=headers | {"Content-Length": size},
        )
    )
    assert uploaded.status == 200, await uploaded.text()
    return str((await uploaded.json())["content_uri"]).removeprefix("mxc://")


async def is_picture(http: aiohttp.ClientSession, account: Account, media_id: str) -> bool:
    """Whether the download is what was uploaded."""
    sent, got = hashlib.sha256(), hashlib.sha256()
    async for piece in picture():
        sent.update(piece)
    path = f"{account.url}/_matrix/client/v1/media/download/{media_id}"
    async with http.get(path, headers={"Authorization": f"Bearer {account.token}"}) as response:
        assert response.status == 200
        async for piece in response.content.iter_any():
            got.update(piece)
    return got.digest() == sent.digest()


@pytest.mark.timeout(240)
async def test_a_person_needs_nothing_but_the_gateway(
    http: aiohttp.ClientSession, gateway: Service, alice: Account, bob: Account
) -> None:
    """Login, room list, a message sent and one received, a picture up and down; for a client of
    the simplified dialect, and one of MSC3575."""
    here, there = await through(gateway, alice), await through(gateway, bob)
    rooms = [await here.create_room(f"Room {number}") for number in range(3)]
    for room in rooms:
        await there.join(room)
    ours = SimplifiedClient(http, gateway.url, here.token)
    theirs = SlidingClient(http, gateway.url, there.token)
    for client in (ours, theirs):
        await client.sync(lists=WINDOW)
        await client.until(partial(lists, client, rooms))
    await theirs.until_event(rooms[1], await here.send(rooms[1], "hello"))
    await ours.until_event(rooms[1], await there.send(rooms[1], "hello yourself"))
    assert ours.order()[0] == theirs.order()[0] == rooms[1]
    media_id = await upload_picture(http, here)
    image = {"msgtype": "m.image", "body": "a picture", "url": f"mxc://{media_id}"}
    await theirs.until_event(rooms[2], await here.send(rooms[2], image))
    assert await is_picture(http, there, media_id)


@pytest.mark.timeout(240)
@pytest.mark.rules("TD-10", "EE-1")
async def test_people_encrypt_through_the_gateway(
    gateway: Service, alice: Account, bob: Account, encrypting: LogIn
) -> None:
    here, there = await through(gateway, alice), await through(gateway, bob)
    room = await here.create_room("Secret")
    await here.encrypt(room)
    await there.join(room)
    phone = await encrypting(alice, "PHONE", SimplifiedClient)
    laptop = await encrypting(bob, "LAPTOP", SlidingClient)
    for person in (phone, laptop) * 2:
        await person.catch_up()
    await phone.send(room, "one")
    await until_read([laptop], "one")
    await laptop.send(room, "two")
    await until_read([phone], "two")


async def test_nothing_of_the_homeservers_administration_is_there(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    bearer = {"Authorization": f"Bearer {alice.token}"}
    for path in ("/_synapse/admin/v1/server_version", "/_matrix/federation/v1/version"):
        assert (await read(http.get(gateway.url + path, headers=bearer))).status == 404


@pytest.mark.rules("S-65", "S-605")
async def test_relations_are_paged_from_a_pos(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    here = await through(gateway, alice)
    room = await here.create_room("Thread")
    client = SlidingClient(http, gateway.url, here.token)
    await client.sync(lists=WINDOW)
    root = await here.send(room, "root")
    relation = {"rel_type": "m.thread", "event_id": root}
    replies = [
        await here.send(room, {"msgtype": "m.text", "body": "x", "m.relates_to": relation})
        for _ in range(3)
    ]
    await client.until_event(room, replies[1])
    path = f"/_matrix/client/v1/rooms/{quote(room)}/relations/{quote(root)}"
    asked = {"from": client.pos or "", "limit": "10"}
    bearer = {"Authorization": f"Bearer {here.token}"}
    found = await read(http.get(gateway.url + path, params=asked, headers=bearer))
    assert found.status == 200, await found.text()
    assert {e["event_id"] for e in (await found.json())["chunk"]} >= set(replies[:2])
