"""Messages to devices and their keys, as several connections of a device meet them."""

import asyncio
import json

import pytest

from tests.support.account import Account
from tests.support.client import Response, SlidingClient, SyncError, window
from tests.support.fixtures import Connect, caught_up, ends_a_wait, quiet
from tests.support.room import JSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}
INBOX = {"to_device": {"enabled": True}}
KEYS = {"e2ee": {"enabled": True}}


def numbers(answer: Response) -> list[int]:
    events = answer.extensions.get("to_device", {}).get("events", ())
    return [event["content"]["n"] for event in events]


def token(answer: Response) -> str:
    next_batch: str = answer.extensions["to_device"]["next_batch"]
    return next_batch


def since(text: str) -> JSON:
    return {"to_device": {"since": text}}


async def send(sender: Account, receiver: Account, *numbers: int) -> None:
    for n in numbers:
        await sender.send_to_device(receiver, "m.dummy", {"n": n})


async def until_inbox(client: SlidingClient, *expected: int) -> Response:
    """The answer in which the device has these messages."""
    await client.until(lambda: numbers(client.answers[-1]) == list(expected))
    return client.answers[-1]


@pytest.mark.rules("TD-1", "TD-2", "TD-3", "TD-4")
async def test_limit_and_since_are_kept_and_what_is_acknowledged_is_gone(
    alice: Account, bob: Account, connect: Connect
) -> None:
    whole = connect(bob, conn_id="whole")
    await whole.sync(lists=ALL, extensions=INBOX)
    await send(alice, bob, 1, 2, 3)
    await until_inbox(whole, 1, 2, 3)
    client = connect(bob)
    first = await client.sync(extensions={"to_device": {"enabled": True, "limit": 2}})
    assert numbers(first) == [1, 2]
    assert numbers(await client.sync(extensions=since(token(first)))) == [3]
    assert numbers(await client.sync()) == [3]
    assert numbers(await connect(bob, conn_id="anew").sync(extensions=INBOX)) == [3]


@pytest.mark.rules("TD-5")
async def test_a_since_that_is_no_token_silences_the_extension(
    bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    await client.sync(lists=ALL, extensions=INBOX)
    assert "to_device" not in (await client.sync(extensions=since("nonsense"))).extensions
    assert token(await client.sync(extensions=since("0")))


@pytest.mark.rules("TD-6", "TD-7", "EE-6")
async def test_a_token_and_unchanged_keys_end_no_wait(bob: Account, connect: Connect) -> None:
    client = connect(bob)
    await client.sync(lists=ALL, extensions=INBOX | KEYS)
    await quiet(client, bob)
    started = asyncio.get_running_loop().time()
    answer = await client.sync(timeout_ms=500)
    assert asyncio.get_running_loop().time() - started >= 0.5
    assert answer.extensions == {"to_device": {"next_batch": token(answer)}}


@pytest.mark.rules("TD-9", "TD-9a", "U-17I")
async def test_a_token_of_a_database_that_is_gone_hides_nothing(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    gone = "t1234567890123456_999999"
    await client.sync(lists=ALL, extensions={"to_device": {"enabled": True, "since": gone}})
    await send(alice, bob, 1)
    answer = await until_inbox(client, 1)
    assert token(answer) != gone
    assert numbers(await client.sync()) == [1]  # nor does it delete anything


@pytest.mark.rules("H-6")
async def test_a_request_without_a_body_replaces_no_connection_until_it_goes_on(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client, trying = connect(bob), connect(bob)
    await client.sync(lists=ALL, extensions=INBOX)
    answer = await trying.ask(None)
    assert (answer.rooms, answer.extensions) == ({}, {})
    await send(alice, bob, 1)
    await until_inbox(client, 1)
    trying.take(answer)
    assert (await trying.sync(lists=ALL)).rooms.keys() == client.rooms.keys()
    with pytest.raises(SyncError) as refused:
        await client.sync()
    assert refused.value.errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("TD-12", "U-123")
async def test_a_key_request_that_is_cancelled_in_time_is_never_told(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client, other = connect(bob), connect(bob, conn_id="other")
    first = await client.sync(lists=ALL, extensions=INBOX)
    for action in ("request", "request_cancellation"):
        content = {"action": action, "requesting_device_id": alice.device_id, "request_id": "r"}
        await alice.send_to_device(bob, "m.room_key_request", content)
    await send(alice, bob, 1)
    await other.sync(lists=ALL)
    await caught_up(other, bob)
    answer = await client.sync(extensions=since(token(first)))
    assert [e["type"] for e in answer.extensions["to_device"]["events"]] == ["m.dummy"]


@pytest.mark.rules("EE-7")
async def test_a_changed_device_list_alone_ends_a_wait(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = await in_an_encrypted_room_with(alice, bob, connect(bob))
    await alice.upload_device_keys()
    answer = await ends_a_wait(client, lambda a: alice.user_id in changed(a))
    assert not answer.rooms


@pytest.mark.rules("EE-7", "U-140")
async def test_a_device_list_change_is_told_just_when_sync_itself_tells_it(
    alice: Account, bob: Account, connect: Connect
) -> None:
    """Another device of the same user asks the homeserver itself, by the same acts."""
    client = await in_an_encrypted_room_with(alice, bob, connect(bob))
    room = next(iter(client.rooms))
    sibling = await bob.login()
    lazily = json.dumps({"room": {"state": {"lazy_load_members": True}}})
    position = (await sibling.sync_v2(filter=lazily, timeout=0))["next_batch"]
    await quiet(client, bob)
    told, told_by_sync = [], []
    for act in ("message", "message", "keys", "message", "message"):
        before = len(client.answers)
        if act == "keys":
            await alice.upload_device_keys()
            await ends_a_wait(client, lambda answer: alice.user_id in changed(answer))
        else:
            await client.until_event(room, await alice.send(room, "hello"))
        await quiet(client, bob)
        told.append(any(alice.user_id in changed(a) for a in client.answers[before:]))
        answer = await sibling.sync_v2(position, filter=lazily, timeout=0)
        position = answer["next_batch"]
        lists = answer.get("device_lists", {})
        told_by_sync.append(alice.user_id in lists.get("changed", ()))
    assert told == told_by_sync == [False, False, True, False, False]


@pytest.mark.rules("EE-8", "EE-4a")
async def test_two_connections_of_a_device_both_hear_of_a_new_device(
    alice: Account, bob: Account, connect: Connect
) -> None:
    one = await in_an_encrypted_room_with(alice, bob, connect(bob))
    two = connect(bob, conn_id="two")
    await two.sync(lists=ALL, extensions=KEYS)
    await alice.upload_device_keys()
    for client in (one, two):
        await ends_a_wait(client, lambda answer: alice.user_id in changed(answer))
        await client.sync()  # which acknowledges it, on this connection


async def in_an_encrypted_room_with(
    other: Account, me: Account, client: SlidingClient
) -> SlidingClient:
    """My client, after all that coming in has changed."""
    room = await other.create_room("Secret")
    await other.encrypt(room)
    await me.join(room)
    await client.sync(lists=ALL, extensions=KEYS)
    await quiet(client, me)
    return client


def changed(answer: Response) -> list[str]:
    users: list[str] = answer.extensions.get("e2ee", {}).get("device_lists", {}).get("changed", [])
    return users


@pytest.mark.rules("U-23", "EE-1", "EE-9")
async def test_the_first_answer_of_a_second_device_has_its_keys_and_messages(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await connect(alice).sync(lists=ALL)
    phone = await alice.login()
    counts = await phone.upload_one_time_key()
    await send(bob, phone, 1)
    answer = await connect(phone).sync(lists=ALL, extensions=INBOX | KEYS)
    assert room in answer.rooms
    assert answer.extensions["e2ee"]["device_one_time_keys_count"] == counts
    assert numbers(answer) == [1]
