"""Two people with real encryption talk through the service, which is killed all the time."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import PASSWORD, Account
from tests.support.encrypting import EncryptingClient
from tests.support.service import Service

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

Device = Callable[[Account, str], Awaitable[EncryptingClient]]


@pytest_asyncio.fixture(loop_scope="module")
async def device(
    http: aiohttp.ClientSession,
    homeserver_url: str,
    service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Device]:
    """Log an account in on a new device with keys of its own."""
    clients: list[EncryptingClient] = []

    async def log_in(account: Account, device_id: str) -> EncryptingClient:
        client = await EncryptingClient.login(
            http,
            homeserver=homeserver_url,
            service=service.url,
            user_id=account.user_id,
            password=PASSWORD,
            device_id=device_id,
            folder=tmp_path_factory.mktemp("keys"),
        )
        clients.append(client)
        return client

    yield log_in
    for client in clients:
        await client.close()


async def until_read(clients: list[EncryptingClient], *texts: str) -> None:
    """All catch up until each has read the texts."""
    for _ in range(30):
        if all(set(texts) <= set(client.read) for client in clients):
            return
        for client in clients:
            await client.catch_up(timeout_ms=500)
    raise AssertionError(f"{texts} not read: {[client.read for client in clients]}")


@pytest.mark.parametrize("kill", [False, True], ids=["running", "killed"])
@pytest.mark.rules("TD-10", "EE-1", "EE-4a", "U-144")
async def test_every_message_is_decrypted(
    alice: Account, bob: Account, device: Device, service: Service, *, kill: bool
) -> None:
    async def step() -> None:
        if kill:
            await service.restart(kill=True)

    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await device(alice, "PHONE"), await device(bob, "LAPTOP")
    people = [phone, laptop]
    for person in people:
        await person.catch_up()
    await step()
    for person in people:
        await person.catch_up()
    await phone.send(room, "one")
    await step()  # a room key is on its way
    await until_read([laptop], "one")
    await step()  # it was received, and not acknowledged
    await laptop.send(room, "two")
    await until_read([phone], "two")
    tablet = await device(bob, "TABLET")  # in the middle
    await step()  # nobody has been told of the new device
    await tablet.catch_up()
    for person in people:
        await person.catch_up(timeout_ms=3_000)
    await step()
    await phone.send(room, "three")
    await laptop.send(room, "four")
    await step()
    await until_read([phone, laptop, tablet], "three", "four")
    await tablet.send(room, "five")
    await step()
    await until_read([phone, laptop], "five")
