"""What belongs to the device: messages to it, its keys, and whose devices changed."""

import asyncio

import aiohttp
import pytest

from tests.e2e.simplified.conftest import LONG_MS, SHORT_MS, Sync, waiting
from tests.support.account import Account
from tests.support.no_device import without_device
from tests.support.real_homeserver import RealHomeserver
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ON: JSON = {"enabled": True}
E2EE = {"e2ee": ON}
KIND = "org.example.message"


def inbox(**fields: object) -> dict[str, JSON]:
    return {"to_device": ON | fields}


async def send(sender: Account, target: Account, *numbers: int) -> None:
    for number in numbers:
        await sender.send_to_device(target, KIND, {"n": number})


def numbers(events: list[JSON]) -> list[int]:
    return [event["content"]["n"] for event in events]


async def receive(conn: Connection, wanted: int, **fields: object) -> tuple[list[int], str]:
    """Ask for the inbox until it has that many messages; their numbers and where they end."""
    async with asyncio.timeout(20):
        while True:
            answer = await conn.sync(extensions=inbox(**fields), timeout_ms=2_000)
            if len(answer.to_device) >= wanted:
                return numbers(answer.to_device), answer.extension("to_device")["next_batch"]


@pytest.mark.rules("S-350")
async def test_an_empty_inbox_has_a_next_batch(conn: Connection) -> None:
    answer = await conn.sync(extensions=inbox())
    assert answer.to_device == []
    since = answer.extension("to_device")["next_batch"]
    again = await conn.sync(extensions=inbox(since=since))
    assert again.to_device == []


@pytest.mark.rules("S-351", "S-350", "S-356")
async def test_messages_come_in_order_until_they_are_acknowledged(
    alice: Account, bob: Account, conn: Connection
) -> None:
    await send(bob, alice, 1, 2)
    got, first = await receive(conn, 2)
    assert got == [1, 2]
    assert conn.model.to_device[0]["sender"] == bob.user_id
    assert conn.model.to_device[0]["type"] == KIND
    await send(bob, alice, 3)
    got, _ = await receive(conn, 3)
    assert got == [1, 2, 3], "without since nothing is acknowledged"
    got, second = await receive(conn, 1, since=first)
    assert got == [3]
    assert (await receive(conn, 1, since=first))[0] == [3], "the answer may have been lost"
    assert (await conn.sync(extensions=inbox(since=second))).to_device == []
    assert (await conn.sync(extensions=inbox(since=first))).to_device == []
    assert (await conn.sync(extensions=inbox())).to_device == []


@pytest.mark.rules("S-351", "S-350")
async def test_the_limit_cuts_and_the_rest_comes_at_once(
    alice: Account, bob: Account, conn: Connection, target: Target
) -> None:
    await send(bob, alice, 1, 2, 3, 4, 5)
    await receive(target.connect(alice, "other"), 5)
    answer = await conn.sync(extensions=inbox(limit=2))
    got = numbers(answer.to_device)
    assert got == [1, 2]
    async with asyncio.timeout(LONG_MS / 2000):
        while len(got) < 5:
            since = answer.extension("to_device")["next_batch"]
            answer = await conn.sync(extensions=inbox(limit=2, since=since), timeout_ms=LONG_MS)
            got += numbers(answer.to_device)
    assert got == [1, 2, 3, 4, 5]


@pytest.mark.rules("S-350", "S-50", "S-353")
async def test_the_inbox_is_of_the_device_not_of_the_connection(
    alice: Account, bob: Account, conn: Connection, target: Target
) -> None:
    await send(bob, alice, 1)
    _, since = await receive(conn, 1)
    other = target.connect(alice, "other")
    assert (await other.sync(extensions=inbox(since=since))).to_device == []
    await send(bob, alice, 2)
    conn.forget()
    assert (await receive(conn, 1, since=since))[0] == [2], "a new start continues the queue"
    phone = target.connect(await alice.login())
    assert (await phone.sync(extensions=inbox())).to_device == []


@pytest.mark.rules("S-354", "S-321")
async def test_a_message_to_the_device_ends_a_wait(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    await sync(extensions=inbox())
    async with waiting(conn, LONG_MS) as request:
        await send(bob, alice, 1)
        assert numbers((await request).to_device) == [1]


@pytest.mark.rules("S-354", "S-324")
async def test_rooms_and_typing_do_not_end_the_wait_of_a_connection_for_encryption(
    alice: Account, bob: Account, conn: Connection, sync: Sync, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(extensions=inbox() | E2EE)
    await conn.sync()
    async with waiting(conn, SHORT_MS) as request:
        event = await bob.send(room, "hello")
        await bob.type_in(room)
        await bob.read(room, event)
        await target.caught_up(alice)
        assert not request.done()
        answer = await request
    assert (answer.to_device, answer.rooms) == ([], {})


@pytest.mark.differs("Synapse refuses a since that it did not give out")
@pytest.mark.rules("S-353")
@pytest.mark.parametrize("since", ["nonsense", "999999999999", "s1_2_3", ""])
async def test_a_since_of_another_server_is_none(
    alice: Account, bob: Account, conn: Connection, since: str
) -> None:
    await send(bob, alice, 1)
    got, next_batch = await receive(conn, 1, since=since)
    assert got == [1]
    assert next_batch != since


@pytest.mark.rules("S-353")
async def test_a_since_that_is_null_is_none(alice: Account, bob: Account, conn: Connection) -> None:
    await send(bob, alice, 1)
    assert (await receive(conn, 1, since=None))[0] == [1]


@pytest.mark.rules("S-366", "S-365")
async def test_key_counts_are_always_there(alice: Account, sync: Sync) -> None:
    await sync(extensions=E2EE)
    first = (await sync()).extension("e2ee")
    assert first["device_one_time_keys_count"] == {"signed_curve25519": 0}
    assert first["device_unused_fallback_key_types"] == []
    await alice.upload_device_keys()
    await alice.upload_one_time_key()
    fallback = {"signed_curve25519:AAAAfb": {"key": "A" * 43, "signatures": {}, "fallback": True}}
    await alice.call("POST", "/keys/upload", {"fallback_keys": fallback})

    now = (await sync()).extension("e2ee")
    assert now["device_one_time_keys_count"] == {"signed_curve25519": 1}
    assert now["device_unused_fallback_key_types"] == ["signed_curve25519"]


@pytest.mark.rules("S-368", "S-366")
async def test_key_counts_end_no_wait(
    alice: Account, conn: Connection, sync: Sync, target: Target
) -> None:
    await alice.upload_device_keys()
    await sync(extensions=E2EE)
    while (await conn.sync(timeout_ms=300)).changed_devices:
        continue
    async with waiting(conn, SHORT_MS) as request:
        await alice.upload_one_time_key()
        await target.caught_up(alice)
        assert not request.done()
        await request


@pytest.mark.rules("S-367", "S-368", "S-370")
async def test_changed_devices_of_those_who_share_a_room_end_a_wait(
    alice: Account, bob: Account, carol: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.encrypt(room)
    await bob.join(room)
    first = await sync(extensions=E2EE)
    assert first.extension("e2ee").get("device_lists") is None
    while (await conn.sync(timeout_ms=300)).changed_devices:
        continue
    async with waiting(conn, LONG_MS) as request:
        await carol.upload_device_keys()
        await bob.upload_device_keys()
        answer = await request
    assert answer.changed_devices == [bob.user_id]


@pytest.mark.rules("S-367", "S-369")
async def test_who_shares_a_room_no_longer_is_left(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.encrypt(room)
    await bob.join(room)
    await sync(extensions=E2EE)
    await bob.leave(room)
    async with asyncio.timeout(20):
        while True:
            if bob.user_id in (await conn.sync(timeout_ms=1_000)).left_devices:
                break


@pytest.mark.rules("S-369", "S-56")
async def test_changed_devices_of_a_lost_answer_come_again(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.encrypt(room)
    await bob.join(room)
    await sync(extensions=E2EE)
    await bob.upload_device_keys()
    async with asyncio.timeout(20):
        while bob.user_id not in await changed(conn):
            continue
    for _ in range(2):
        assert bob.user_id in await changed(conn)


async def changed(conn: Connection) -> list[str]:
    """Whose devices changed, in an answer that counts as lost."""
    return (await conn.ask(timeout_ms=1_000)).changed_devices


@pytest.mark.rules("S-530", "S-370", "S-50")
async def test_rooms_and_encryption_are_connections_of_their_own(
    alice: Account, bob: Account, target: Target
) -> None:
    """As Element X has them: each is told its own part, and neither disturbs the other."""
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    rooms, encryption = target.connect(alice, "room-list"), target.connect(alice, "encryption")
    await target.caught_up(alice)
    await rooms.sync(lists={"all_rooms": window(0, 19, timeline_limit=1, filters={})},
                     extensions={"account_data": ON, "typing": ON,
                                 "receipts": {"enabled": True, "rooms": ["*"]}})  # fmt: skip
    await encryption.sync(extensions=inbox() | E2EE)
    event = await bob.send(room, "hello")
    await send(bob, alice, 1)
    got, _ = await receive(encryption, 1)
    assert got == [1]
    await rooms.until_event(room, event)
    assert not rooms.model.to_device and not encryption.rooms


@pytest.mark.differs("Synapse fails with a server error")
@pytest.mark.rules("S-3", "S-352", "S-366", "S-354")
async def test_a_token_without_a_device_has_rooms_but_neither_inbox_nor_keys(
    http: aiohttp.ClientSession, homeserver: RealHomeserver, alice: Account, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    bare = await without_device(http, homeserver, alice, f"admin-{target.name.lower()}")
    assert "device_id" not in await bare.call("GET", "/account/whoami")
    conn = target.connect(bare)
    await target.caught_up(bare)
    answer = await conn.sync(lists={"all": window()}, extensions=inbox() | E2EE)
    assert set(answer.rooms) == {room}
    for told in (answer, await conn.sync(timeout_ms=300)):
        assert told.to_device == []
        assert told.extension("e2ee")["device_one_time_keys_count"] == {}
        assert told.extension("e2ee")["device_unused_fallback_key_types"] == []
    event = await alice.send(room, "hello")
    await conn.until_event(room, event)
