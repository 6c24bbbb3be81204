"""matrix-js-sdk with its Rust crypto, as Element Web drives it, through sliding sync."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.clients.conftest import Server
from tests.clients.waiting import until_it_has_keys, until_it_knows
from tests.support.account import PASSWORD, Account
from tests.support.driven import DrivenClient
from tests.support.recorder import Recorder
from tests.support.waiting import until

SDK = "js-sdk"
FOLDER = Path(__file__).resolve().parent / "js"
ROOMS = 30  # more than Element Web's first window of 11
SUBSCRIBED_LIMIT = 50  # events of a room that is opened

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

LogIn = Callable[..., Awaitable[DrivenClient]]


def node() -> Path | str:
    """The Node that was installed with the SDK, because the machine's is too old."""
    return next(FOLDER.glob("node_modules/node-*/bin/node"), "node")


@pytest_asyncio.fixture(loop_scope="module")
async def log_in(recorder: Recorder, tmp_path: Path) -> AsyncIterator[LogIn]:
    """A new device of an account, started: ``await log_in(alice, "PHONE")``."""
    clients: list[DrivenClient] = []

    async def start(account: Account, device_id: str, **options: Any) -> DrivenClient:
        arguments = {"baseUrl": recorder.url, "user": account.user_id, "password": PASSWORD,
                     "deviceId": device_id, **options}  # fmt: skip
        client = await DrivenClient.start(
            device_id, [node(), FOLDER / "client.mjs"], arguments, log=tmp_path / device_id
        )
        clients.append(client)
        assert (await client.sees("server"))["native"] is True
        await client.sees("state", state="SYNCING")
        await until_it_has_keys(account, device_id)
        return client

    yield start
    for client in clients:
        await client.close()


async def names(client: DrivenClient) -> set[str]:
    return {room["name"] for room in (await client.do("rooms"))["rooms"]}


async def open_room(client: DrivenClient, room: str, *members: Account) -> None:
    """Open a room, and wait for its members: for them it encrypts."""
    await client.do("open", room_id=room)
    joined = sorted(account.user_id for account in members)
    await client.sees("members", room_id=room, joined=joined)


async def test_the_lists_grow_until_every_room_is_there(alice: Account, log_in: LogIn) -> None:
    expected = {f"Room {number}" for number in range(ROOMS)}
    for name in expected:
        await alice.create_room(name)
    client = await log_in(alice, "PHONE", step=10)
    assert client.all("state")[0]["state"] == "PREPARED"

    async def all_are_there() -> bool:
        return await names(client) == expected

    await until(all_are_there, every_s=0.1)
    await client.stop()


async def test_it_is_told_of_everything_that_happens(
    alice: Account, bob: Account, log_in: LogIn
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = await log_in(alice, "PHONE")
    await client.sees("room", room_id=room, name="Kitchen", membership="join")
    await open_room(client, room, alice, bob)
    event_id = await bob.send(room, "hello")
    message = await client.sees("message", event_id=event_id)
    assert (message["sender"], message["body"], message["live"]) == (bob.user_id, "hello", True)
    await bob.type_in(room)
    await client.sees("typing", room_id=room, user_id=bob.user_id, typing=True)
    await bob.read(room, event_id)
    await client.sees("receipt", room_id=room, event_ids=[event_id])
    await alice.rename(room, "Pantry")
    await client.sees("name", room_id=room, name="Pantry")
    invitation = await bob.create_room("Cellar", public=False, invite=[alice])
    await client.sees("membership", room_id=invitation, membership="invite")
    sent = await client.do("send", room_id=room, body="hello yourself")
    await client.sees("message", event_id=sent["event_id"], sender=alice.user_id)
    await client.stop()


async def test_an_opened_room_brings_more_of_its_history(alice: Account, log_in: LogIn) -> None:
    room = await alice.create_room("Diary")
    sent = await alice.send_all(room, [f"day {number}" for number in range(60)])
    client = await log_in(alice, "PHONE")
    await client.sees("message", event_id=sent[-1])
    assert len(client.all("message")) == 1
    await client.do("open", room_id=room)
    await client.until(lambda: len(client.all("message")) == SUBSCRIBED_LIMIT)
    (diary,) = (await client.do("rooms"))["rooms"]
    assert diary["events"] == sent[-SUBSCRIBED_LIMIT:]
    await client.stop()


async def test_encrypted_messages_are_read_also_on_a_new_device(
    alice: Account, bob: Account, log_in: LogIn
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await log_in(alice, "PHONE"), await log_in(bob, "LAPTOP")
    for client in (phone, laptop):
        await open_room(client, room, alice, bob)
    one = await phone.do("send", room_id=room, body="one")
    await laptop.sees("message", event_id=one["event_id"], body="one", encrypted=True)
    two = await laptop.do("send", room_id=room, body="two")
    await phone.sees("message", event_id=two["event_id"], body="two", encrypted=True)
    tablet = await log_in(bob, "TABLET")  # in the middle
    await open_room(tablet, room, alice, bob)
    await until_it_knows(phone, bob, "TABLET")
    three = await phone.do("send", room_id=room, body="three")
    for client in (laptop, tablet):
        await client.sees("message", event_id=three["event_id"], body="three", encrypted=True)
    for client in (phone, laptop, tablet):
        await client.stop()


async def test_a_restart_of_the_server_loses_and_repeats_nothing(
    alice: Account, bob: Account, log_in: LogIn, server: Server, recorder: Recorder
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await log_in(alice, "PHONE"), await log_in(bob, "LAPTOP")
    for client in (phone, laptop):
        await open_room(client, room, alice, bob)
    before = await phone.do("send", room_id=room, body="before")
    await laptop.sees("message", event_id=before["event_id"], body="before")
    asked = len(recorder.exchanges)
    await server.restart()
    after = await phone.do("send", room_id=room, body="after")
    await laptop.sees("message", event_id=after["event_id"], body="after", encrypted=True)
    await phone.sees("message", event_id=after["event_id"])
    assert [one["body"] for one in laptop.all("message")] == ["before", "after"]
    assert all(one.pos for one in recorder.exchanges[asked:]), "a connection was begun anew"
    for client in (phone, laptop):
        await client.stop()
