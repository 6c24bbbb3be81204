"""matrix-rust-sdk as Element X builds it: SyncService, RoomListService, NotificationClient."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.clients.conftest import Server
from tests.clients.waiting import until_it_has_keys, until_it_knows
from tests.support.account import PASSWORD, Account
from tests.support.driven import DrivenClient
from tests.support.recorder import Exchange, Recorder

SDK = "rust-sdk"
PROGRAM = Path(__file__).resolve().parent / "rust" / "target" / "debug" / "syncv3-client-rust"
ROOMS = 130  # more than the first window of 20, and the second of 100
THREADS = "io.element.msc4308.thread_subscriptions"
SUBSCRIBED_LIMIT = 20  # events of a room that is opened

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

Start = Callable[..., Awaitable[DrivenClient]]


@pytest_asyncio.fixture(loop_scope="module")
async def start(recorder: Recorder, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a device of an account: ``await start(alice, "PHONE")``.

    A device that is started again has its stores. With ``role="notifications"`` it is the
    process of its own in which iOS handles a push.
    """
    clients: list[DrivenClient] = []

    async def run(account: Account, device_id: str, role: str = "app") -> DrivenClient:
        store = tmp_path / device_id
        store.mkdir(exist_ok=True)
        arguments = {"baseUrl": recorder.url, "user": account.user_id, "password": PASSWORD,
                     "deviceId": device_id, "store": str(store), "role": role}  # fmt: skip
        log = tmp_path / f"{device_id}.log"
        client = await DrivenClient.start(device_id, [PROGRAM], arguments, log=log)
        clients.append(client)
        assert (await client.sees("server"))["native"] is True
        if role == "app":
            await client.sees("list_state", state="Running")
            await until_it_has_keys(account, device_id)
        return client

    yield run
    for client in clients:
        await client.close()


def of(recorder: Recorder, conn_id: str) -> list[Exchange]:
    return [one for one in recorder.exchanges if one.conn_id == conn_id]


async def test_the_list_grows_until_every_room_is_there(
    alice: Account, start: Start, recorder: Recorder
) -> None:
    expected = {f"Room {number}" for number in range(ROOMS)}
    for name in expected:
        await alice.create_room(name)
    client = await start(alice, "PHONE")
    await client.until(lambda: set(client.all("list")[-1]["names"]) == expected)
    asked = [one.body["lists"]["all_rooms"]["ranges"] for one in of(recorder, "room-list")]
    ends = [last for [[first, last]] in asked if first == 0]
    assert len(ends) == len(asked) and ends[0] == 19
    assert 19 < ends[1] <= 99, "a step is a hundred rooms, or as many as the server knows yet"
    assert ends[-1] == ROOMS - 1
    assert {one.conn_id for one in recorder.exchanges} == {"room-list", "encryption"}
    assert THREADS in of(recorder, "room-list")[0].body["extensions"]
    await client.stop()


async def test_it_is_told_of_everything_that_happens(
    alice: Account, bob: Account, start: Start
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = await start(alice, "PHONE")
    await client.do("open", room_id=room)
    event_id = await bob.send(room, "hello")
    message = await client.sees("message", event_id=event_id)
    assert (message["sender"], message["body"]) == (bob.user_id, "hello")
    await bob.type_in(room)
    await client.sees("typing", room_id=room, user_ids=[bob.user_id])
    await client.do("send", room_id=room, body="hello yourself")
    sent = await client.sees("message", body="hello yourself", sender=alice.user_id)
    sent_id = sent["event_id"]
    await bob.read(room, sent_id)
    await client.until(
        lambda: bob.user_id in client.all("message", event_id=sent_id)[-1]["readers"]
    )
    await alice.rename(room, "Pantry")
    await client.sees("list", names=["Pantry"])
    await bob.create_room("Cellar", public=False, invite=[alice])
    await client.until(lambda: set(client.all("list")[-1]["names"]) == {"Pantry", "Cellar"})
    states = {one["name"]: one["membership"] for one in (await client.do("rooms"))["rooms"]}
    assert states == {"Pantry": "Joined", "Cellar": "Invited"}
    await client.stop()


async def test_an_opened_room_brings_more_of_its_history(alice: Account, start: Start) -> None:
    room = await alice.create_room("Diary")
    sent = await alice.send_all(room, [f"day {number}" for number in range(60)])
    client = await start(alice, "PHONE")
    await client.do("open", room_id=room)
    await client.until(lambda: len(client.all("message")) >= SUBSCRIBED_LIMIT)
    assert await shown(client, room) == [f"day {n}" for n in range(60 - SUBSCRIBED_LIMIT, 60)]
    assert sent[-1] in {one["event_id"] for one in client.all("message")}
    await client.stop()


async def shown(client: DrivenClient, room: str) -> list[str]:
    """The texts in the room's timeline as it is shown now."""
    items = (await client.do("timeline", room_id=room))["items"]
    return [item["body"] for item in items]


async def test_encrypted_messages_are_read_also_on_a_new_device(
    alice: Account, bob: Account, start: Start
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await start(alice, "PHONE"), await start(bob, "LAPTOP")
    for client in (phone, laptop):
        await client.do("open", room_id=room)
    await phone.do("send", room_id=room, body="one")
    await laptop.sees("message", body="one", encrypted=True, sender=alice.user_id)
    await laptop.do("send", room_id=room, body="two")
    await phone.sees("message", body="two", encrypted=True, sender=bob.user_id)
    tablet = await start(bob, "TABLET")  # in the middle
    await tablet.do("open", room_id=room)
    await until_it_knows(phone, bob, "TABLET")
    await phone.do("send", room_id=room, body="three")
    for client in (laptop, tablet):
        await client.sees("message", body="three", encrypted=True)
    for client in (phone, laptop, tablet):
        await client.stop()


@pytest.mark.parametrize("role", ["app", "notifications"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_a_push_finds_its_event(
    alice: Account, bob: Account, start: Start, recorder: Recorder, *, role: str, encrypted: bool
) -> None:
    room = await alice.create_room("Secret")
    if encrypted:
        await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await start(alice, "PHONE"), await start(bob, "LAPTOP")
    await laptop.do("open", room_id=room)
    if role == "app":
        await phone.do("background")
        handler = phone
    else:
        await phone.stop()
        handler = await start(alice, "PHONE", role=role)
    await laptop.do("send", room_id=room, body="ping")
    event_id = (await laptop.sees("message", body="ping"))["event_id"]
    told = await handler.do("notification", room_id=room, event_id=event_id)
    assert told == told | {"status": "Event", "body": "ping", "room": "Secret", "joined": 2,
                           "sender": bob.user_id, "encrypted": encrypted}  # fmt: skip
    assert of(recorder, "notifications"), "not asked by sliding sync"
    assert not [name for name in recorder.others if "/context/" in name], "found only by /context"
    await handler.stop()
    await laptop.stop()


async def test_a_push_finds_its_invitation(
    alice: Account, bob: Account, start: Start, recorder: Recorder
) -> None:
    phone = await start(alice, "PHONE")
    await phone.do("background")
    room = await bob.create_room("Cellar", public=False, invite=[alice])
    state = await bob.call("GET", f"/rooms/{room}/state")
    event_id = next(e["event_id"] for e in state if e.get("state_key") == alice.user_id)
    told = await phone.do("notification", room_id=room, event_id=event_id)
    assert told == told | {"status": "Event", "invite": True, "room": "Cellar"}
    assert of(recorder, "notifications")
    await phone.stop()


async def test_a_restart_of_the_server_loses_and_repeats_nothing(
    alice: Account, bob: Account, start: Start, server: Server, recorder: Recorder
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await start(alice, "PHONE"), await start(bob, "LAPTOP")
    for client in (phone, laptop):
        await client.do("open", room_id=room)
    await phone.do("send", room_id=room, body="before")
    await laptop.sees("message", body="before")
    asked, known = len(recorder.exchanges), len(laptop.seen)
    await server.restart()
    await phone.do("send", room_id=room, body="after")
    await laptop.sees("message", body="after", encrypted=True)
    await phone.sees("message", body="after")
    await laptop.sees("state", since=known, state="Offline")
    await laptop.sees("state", since=known, state="Running")
    for client in (phone, laptop):
        assert await shown(client, room) == ["before", "after"]
        await client.stop()
    assert all(one.pos for one in recorder.exchanges[asked:]), "a connection was begun anew"


async def test_a_restart_of_the_client_goes_on_where_it_was(
    alice: Account, bob: Account, start: Start, recorder: Recorder
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    phone, laptop = await start(alice, "PHONE"), await start(bob, "LAPTOP")
    for client in (phone, laptop):
        await client.do("open", room_id=room)
    await phone.do("send", room_id=room, body="before")
    await laptop.sees("message", body="before")
    await laptop.stop()
    await phone.do("send", room_id=room, body="meanwhile")
    await phone.sees("message", body="meanwhile")
    await phone.stop()
    recorder.begin_anew()
    laptop = await start(bob, "LAPTOP")
    await laptop.do("open", room_id=room)
    await laptop.sees("message", body="meanwhile", encrypted=True)
    assert await shown(laptop, room) == ["before", "meanwhile"]
    assert all(one.pos for one in of(recorder, "room-list")), "the list was begun anew"
    assert of(recorder, "encryption")[0].body["extensions"]["to_device"]["since"]
    await laptop.stop()


async def test_expired_sessions_begin_anew_and_lose_nothing(
    alice: Account, bob: Account, start: Start, recorder: Recorder
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    phone = await start(alice, "PHONE")
    await phone.do("open", room_id=room)
    await bob.send(room, "before")
    await phone.sees("message", body="before")
    recorder.begin_anew()
    await phone.do("expire")
    await bob.send(room, "after")
    await phone.sees("message", body="after")
    assert await shown(phone, room) == ["before", "after"]
    assert {one.conn_id for one in recorder.exchanges if one.pos is None} == {
        "room-list",
        "encryption",
    }
    await phone.stop()
