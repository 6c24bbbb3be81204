"""The five extensions, as a client meets them."""

import pytest

from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.fixtures import Connect, caught_up
from tests.support.room import JSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


def enabled(*names: str) -> JSON:
    return {name: {"enabled": True} for name in names}


def heard(client: SlidingClient, name: str) -> list[JSON]:
    """What the extension said in all answers."""
    return [a.extensions[name] for a in client.answers if name in a.extensions]


@pytest.mark.rules("E-1", "E-5")
async def test_what_is_not_enabled_says_nothing(alice: Account, connect: Connect) -> None:
    answer = await connect(alice).sync(lists=ALL)
    assert answer.extensions == {}


@pytest.mark.rules("AD-1", "AD-2")
async def test_account_data_is_complete_at_first(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await alice.tag(room, "m.favourite")
    await alice.set_account_data("org.example", {"n": 1})
    answer = await connect(alice).sync(lists=ALL, extensions=enabled("account_data"))
    data = answer.extensions["account_data"]
    assert {"type": "org.example", "content": {"n": 1}} in data["global"]
    assert [e["type"] for e in data["rooms"][room]] == ["m.tag"]


@pytest.mark.rules("AD-3")
async def test_changed_account_data_arrives_alone(alice: Account, connect: Connect) -> None:
    await alice.set_account_data("org.example", {"n": 1})
    client = connect(alice)
    await client.sync(lists=ALL, extensions=enabled("account_data"))
    await alice.set_account_data("org.other", {"n": 2})
    await client.until(lambda: len(heard(client, "account_data")) == 2)
    assert heard(client, "account_data")[1]["global"] == [
        {"type": "org.other", "content": {"n": 2}}
    ]


@pytest.mark.rules("TY-1", "TY-2")
async def test_typing_starts_and_stops(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=enabled("typing"))

    def typing_now() -> list[str] | None:
        said = [h["rooms"][room] for h in heard(client, "typing") if room in h["rooms"]]
        return said[-1]["content"]["user_ids"] if said else None

    await alice.type_in(room)
    await client.until(lambda: typing_now() == [alice.user_id])
    await alice.type_in(room, on=False)
    await client.until(lambda: typing_now() == [])


@pytest.mark.rules("RR-1", "RR-2")
async def test_a_read_receipt_reaches_others(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    event_id = await alice.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=ALL, extensions=enabled("receipts"))
    await bob.read(room, event_id)
    await client.until(lambda: any(room in h["rooms"] for h in heard(client, "receipts")))
    content = heard(client, "receipts")[-1]["rooms"][room]["content"]
    assert list(content[event_id]["m.read"]) == [bob.user_id]
    answer = await connect(alice, conn_id="new").sync(lists=ALL, extensions=enabled("receipts"))
    assert (
        bob.user_id in answer.extensions["receipts"]["rooms"][room]["content"][event_id]["m.read"]
    )


@pytest.mark.needs("private-receipts")
@pytest.mark.rules("RR-3", "X-6")
async def test_a_private_receipt_reaches_its_owner_only(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    event_id = await alice.send(room, "hello")
    clients = {account.user_id: connect(account) for account in (alice, bob)}
    for client in clients.values():
        await client.sync(lists=ALL, extensions=enabled("receipts"))
    await bob.read(room, event_id, "m.read.private")
    own = clients[bob.user_id]
    await own.until(lambda: "m.read.private" in str(heard(own, "receipts")))
    await caught_up(clients[alice.user_id], alice)
    assert "m.read.private" not in str(heard(clients[alice.user_id], "receipts"))


@pytest.mark.rules("RR-3", "X-6")
async def test_a_private_receipt_is_not_told_to_others_whatever_the_homeserver_calls_it(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    event_id = await alice.send(room, "hello")
    own, others = connect(bob), connect(alice)
    for client in (own, others):
        await client.sync(lists=ALL, extensions=enabled("receipts"))
    await bob.read(room, event_id, "m.read.private")
    await own.until(lambda: bob.user_id in str(heard(own, "receipts")))  # Dendrite says m.read
    await caught_up(others, alice)
    anew = await connect(alice, conn_id="new").sync(lists=ALL, extensions=enabled("receipts"))
    assert bob.user_id not in str([*heard(others, "receipts"), anew.extensions])


@pytest.mark.rules("TD-3", "TD-6", "TD-8", "U-120")
async def test_messages_to_the_device_come_until_they_are_acknowledged(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    await client.sync(lists=ALL, extensions=enabled("to_device"))
    await alice.send_to_device(bob, "m.dummy", {"n": 1})
    await client.until(lambda: any("events" in h for h in heard(client, "to_device")))
    said = heard(client, "to_device")[-1]
    assert [e["content"] for e in said["events"]] == [{"n": 1}]
    again = await client.sync()
    assert again.extensions["to_device"]["events"] == said["events"]
    acknowledged = await client.sync(extensions={"to_device": {"since": said["next_batch"]}})
    assert "events" not in acknowledged.extensions["to_device"]


@pytest.mark.needs("fallback-keys")
@pytest.mark.rules("EE-1", "EE-2")
async def test_key_counts_are_told_at_first(alice: Account, connect: Connect) -> None:
    answer = await connect(alice).sync(lists=ALL, extensions=enabled("e2ee"))
    e2ee = answer.extensions["e2ee"]
    assert e2ee.keys() <= {"device_one_time_keys_count", "device_unused_fallback_key_types",
                           "device_lists"}  # fmt: skip
    assert "device_unused_fallback_key_types" in e2ee


@pytest.mark.rules("E-3", "E-2")
async def test_extensions_can_be_limited_to_lists(
    alice: Account, bob: Account, connect: Connect
) -> None:
    inside, outside = await alice.create_room("Inside"), await alice.create_room("Outside")
    for room in (inside, outside):
        await bob.join(room)
    client = connect(bob)
    lists = {"in": window(0, 9, filters={"room_name_like": "inside"}), "all": window(0, 9)}
    extensions = {"typing": {"enabled": True, "lists": ["in"]}}
    await client.sync(lists=lists, extensions=extensions)
    await alice.type_in(outside)
    await alice.type_in(inside)
    await client.until(lambda: any(inside in h["rooms"] for h in heard(client, "typing")))
    await caught_up(client, bob)
    assert not any(outside in h["rooms"] for h in heard(client, "typing"))


@pytest.mark.rules("EE-3", "EE-4", "EE-5", "EE-10", "U-140")
async def test_who_shares_an_encrypted_room_hears_of_new_devices(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=enabled("e2ee"))
    await alice.upload_device_keys()
    await client.until(lambda: any(
        alice.user_id in h.get("device_lists", {}).get("changed", ()) for h in heard(client, "e2ee")
    ))  # fmt: skip


@pytest.mark.rules("EE-1", "U-141")
async def test_changed_key_counts_arrive(alice: Account, connect: Connect) -> None:
    client = connect(alice)
    await client.sync(lists=ALL, extensions=enabled("e2ee"))
    counts = await alice.upload_one_time_key()
    await alice.create_room("Kitchen")  # a real homeserver tells the counts with other news
    await client.until(lambda: any(
        h.get("device_one_time_keys_count", {}).get("signed_curve25519")
        == counts["signed_curve25519"] for h in heard(client, "e2ee")
    ))  # fmt: skip


@pytest.mark.rules("TD-3", "TD-11", "U-51", "U-171")
async def test_each_message_to_a_device_comes_exactly_once_to_a_client_that_acknowledges(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    await client.sync(lists=ALL, extensions=enabled("to_device"))
    for number in range(12):
        await alice.send_to_device(bob, "m.dummy", {"n": number})
    got: list[int] = []
    while len(got) < 12:
        since = heard(client, "to_device")[-1]["next_batch"]
        answer = await client.sync(extensions={"to_device": {"since": since}}, timeout_ms=5_000)
        got += [e["content"]["n"] for e in answer.extensions["to_device"].get("events", ())]
    assert got == list(range(12))
