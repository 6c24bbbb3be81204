"""Messages arrive: live, once, in order, for everybody who may see them."""

import asyncio

import pytest

from tests.support.account import Account
from tests.support.client import room_config, window
from tests.support.fixtures import Connect, caught_up
from tests.support.waiting import still

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


@pytest.mark.rules("W-3", "W-4", "D-7")
async def test_a_message_wakes_the_waiting_client(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.sync(timeout_ms=10_000))
    await still(waiting, for_s=0.2)
    await alice.send(room, "hello")
    answer = await asyncio.wait_for(waiting, 5)
    assert answer.rooms[room].bodies == ["hello"]


@pytest.mark.rules("D-7", "D-31", "D-32")
async def test_a_burst_arrives_completely_and_in_order(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    sent = [f"message {n}" for n in range(15)]
    last = (await alice.send_all(room, sent))[-1]
    await client.until_event(room, last)
    assert client.bodies(room) == sent


@pytest.mark.rules("D-7", "D-32", "U-100")
async def test_a_conversation_of_three_is_the_same_for_all(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    people = (alice, bob, carol)
    for account in (bob, carol):
        await account.join(room)
    clients = [connect(account) for account in people]
    for client in clients:
        await client.sync(lists=ALL)
    said = [await people[n % 3].send(room, f"message {n}") for n in range(9)]
    for client in clients:
        await client.until_event(room, said[-1])
        assert client.event_ids(room)[-9:] == said


@pytest.mark.rules("D-30", "D-7")
async def test_a_first_timeline_has_the_newest_events_oldest_first(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["one", "two", "three"])
    answer = await connect(alice).sync(lists={"all": window(0, 9, timeline_limit=2)})
    assert answer.rooms[room].bodies == ["two", "three"]


@pytest.mark.rules("R-13", "D-7")
async def test_a_list_without_a_timeline_limit_sends_no_timeline(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    answer = await connect(alice).sync(lists={"all": {"ranges": [[0, 9]]}})
    assert "timeline" not in answer.rooms[room].raw


@pytest.mark.rules("L-53")
async def test_a_larger_timeline_limit_sends_the_visible_rooms_again(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["one", "two", "three"])
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, timeline_limit=1)})
    answer = await client.sync(lists={"all": {"timeline_limit": 3}})
    assert answer.rooms[room].initial
    assert answer.rooms[room].bodies == ["one", "two", "three"]
    assert answer.ops("all") == []


@pytest.mark.rules("D-8", "D-33", "D-15", "Z-4")
async def test_prev_batch_leads_to_older_messages_without_a_hole(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, [f"message {n}" for n in range(12)])
    answer = await connect(alice).sync(lists={"all": window(0, 9, timeline_limit=1)})
    raw = answer.rooms[room].raw
    page = await alice.call("GET", f"/rooms/{room}/messages", None, dir="b", limit=10,
                            **{"from": raw["prev_batch"]})  # fmt: skip
    older = [e["content"].get("body") for e in page["chunk"]]
    assert raw["limited"] is True
    assert "message 10" in older and "message 9" in older


@pytest.mark.rules("D-9", "D-34")
async def test_history_does_not_count_as_live(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "old")
    answer = await connect(alice).sync(lists=ALL)
    assert "num_live" not in answer.rooms[room].raw


@pytest.mark.rules("RD-1", "RD-2", "D-7")
async def test_a_redaction_arrives_and_later_snapshots_are_redacted(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    event_id = await alice.send(room, "oops")
    client = connect(alice)
    await client.sync(lists=ALL)
    redaction = await alice.redact(room, event_id)
    await client.until_event(room, redaction)
    answer = await connect(alice, conn_id="new").sync(lists=ALL)
    event = next(e for e in answer.rooms[room].timeline if e["event_id"] == event_id)
    assert event["content"] == {}
    assert event["unsigned"]["redacted_because"]["event_id"] == redaction


@pytest.mark.rules("M-32", "RD-1")
async def test_redacting_the_name_changes_what_the_room_is_called(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Rude word")
    client = connect(alice)
    await client.sync(lists=ALL)
    name = await alice.rename(room, "Ruder word")
    await client.until_event(room, name)
    await client.until_event(room, await alice.redact(room, name))
    assert client.rooms[room].fields["name"] == "Empty Room"


@pytest.mark.rules("TX-1", "TX-2")
async def test_only_the_sending_device_gets_its_transaction_id(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    phone = await alice.login()
    clients = {a.device_id: connect(a) for a in (alice, phone, bob)}
    for client in clients.values():
        await client.sync(lists=ALL)
    event_id = await alice.send(room, "hello", txn_id="mine")
    found = {}
    for device_id, client in clients.items():
        await client.until_event(room, event_id)
        event = next(e for e in client.rooms[room].timeline if e["event_id"] == event_id)
        found[device_id] = event.get("unsigned", {}).get("transaction_id")
    assert found == {alice.device_id: "mine", phone.device_id: None, bob.device_id: None}


@pytest.mark.rules("TX-1", "D-30")
async def test_a_new_connection_still_gets_its_transaction_ids(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    event_id = await alice.send(room, "hello", txn_id="mine")
    await client.until_event(room, event_id)
    answer = await connect(alice, conn_id="new").sync(lists=ALL)
    event = next(e for e in answer.rooms[room].timeline if e["event_id"] == event_id)
    assert event["unsigned"]["transaction_id"] == "mine"


@pytest.mark.rules("IG-1", "IG-2", "IG-3")
async def test_messages_of_ignored_users_do_not_arrive(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    for account in (bob, carol):
        await account.join(room)
    client = connect(alice)
    await client.sync(lists=ALL)
    await alice.ignore(bob)
    await caught_up(client, alice)
    await bob.send(room, "ignored")
    last = await carol.send(room, "heard")
    await client.until_event(room, last)
    assert client.bodies(room) == ["heard"]
    answer = await connect(alice, conn_id="new").sync(lists=ALL)
    assert "ignored" not in answer.rooms[room].bodies


@pytest.mark.rules("IG-2", "D-33")
async def test_what_somebody_said_before_an_ignored_flood_is_shown(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    for account in (bob, carol):
        await account.join(room)
    client = connect(alice)
    await client.sync(lists=ALL)
    await carol.send_all(room, ["one", "two"])
    last = (await bob.send_all(room, [f"flood {n}" for n in range(60)]))[-1]
    await client.until_event(room, last)
    await alice.ignore(bob)
    await caught_up(client, alice)
    answer = await connect(alice, conn_id="new").sync(
        lists={"all": window(0, 20, timeline_limit=2)}
    )
    assert answer.rooms[room].bodies == ["one", "two"]
    assert answer.rooms[room].raw["limited"] is True
    assert answer.rooms[room].raw["prev_batch"]


@pytest.mark.needs("prompt-unread-counts")
@pytest.mark.rules("D-12", "D-40", "D-41", "U-134")
async def test_unread_counts_follow_messages_and_receipts(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    event_id = await alice.send(room, "hello")
    await client.until(lambda: client.rooms[room].fields["notification_count"] == 1)
    assert event_id in client.event_ids(room)
    await bob.read(room, event_id)
    await client.until(lambda: client.rooms[room].fields["notification_count"] == 0)


@pytest.mark.needs("prompt-unread-counts")
@pytest.mark.rules("D-40", "W-9")
async def test_unread_counts_of_rooms_outside_the_window_arrive_alone(
    alice: Account, bob: Account, connect: Connect
) -> None:
    top, low = await alice.create_room("A"), await alice.create_room("B")
    for room in (top, low):
        await bob.join(room)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 0, sort=["by_name"])})
    await alice.send(low, "hello")
    await client.until(lambda: any(low in answer.rooms for answer in client.answers))
    raw = client.answers[-1].rooms[low].raw
    assert raw == {"notification_count": 1, "highlight_count": 0}


@pytest.mark.rules("B-4", "D-31")
async def test_a_subscribed_room_is_live_without_any_list(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(subscriptions={room: room_config()})
    await client.until_event(room, await alice.send(room, "hello"))
    assert client.answers[-1].raw["lists"] == {}
