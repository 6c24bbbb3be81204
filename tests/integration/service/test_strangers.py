"""Senders whose member events the homeserver leaves out are asked for, and told."""

from collections.abc import Sequence

import pytest

from tests.integration.service.test_homeserver import (
    members_in,
    news,
    rename_in,
    with_filter,
)
from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.faults import Fault, without_members
from tests.support.fixtures import Connect, Person
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAZY = {"all": window(0, 20, required_state=[["m.room.member", "$LAZY"]])}


async def among_strangers(
    alice: Account, others: Sequence[Account], homeserver: FakeHomeserver
) -> str:
    """A room in which Alice's syncs never say who these others are."""
    room = await alice.create_room("Kitchen")
    for other in others:
        await other.join(room)
    hidden = without_members(room, *(other.user_id for other in others))
    homeserver.break_(Fault(rewrite=hidden), user_id=alice.user_id, times=None)
    return room


def knows(client: SlidingClient, room: str, account: Account) -> bool:
    return ("m.room.member", account.user_id) in client.rooms[room].state


async def test_a_sender_without_member_event_is_asked_for_and_told_without_another_message(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await among_strangers(alice, [bob], homeserver)
    client = connect(alice)
    await client.sync(lists=LAZY)
    message = await bob.send(room, "hello")
    await client.until_event(room, message)
    answers = await client.until(lambda: knows(client, room, bob))
    assert client.event_ids(room).count(message) == 1
    assert all(room not in a.rooms or not a.rooms[room].initial for a in answers)
    await client.until_event(room, await bob.send(room, "again"))
    sent = [e["state_key"] for answer in client.answers if room in answer.rooms
            for e in answer.rooms[room].required_state]  # fmt: skip
    assert sent.count(bob.user_id) == 1


def without_state(body: JSON) -> JSON:
    """What Dendrite answers of an event's surroundings."""
    return body | {"state": []}


@pytest.mark.rules("D-60", "D-61")
async def test_a_homeserver_that_tells_no_state_around_an_event_is_asked_for_the_sender(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await among_strangers(alice, [bob], homeserver)
    homeserver.break_(Fault(rewrite=without_state), path="/context/", times=None)
    client = connect(alice)
    await client.sync(lists=LAZY)
    await client.until_event(room, await bob.send(room, "hello"))
    await client.until(lambda: knows(client, room, bob))


async def test_senders_of_a_first_sync_are_asked_for_too(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await among_strangers(alice, [bob], homeserver)
    await bob.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=LAZY)
    await client.until(lambda: knows(client, room, bob))


async def test_for_many_such_senders_one_list_is_fetched(
    alice: Account, person: Person, connect: Connect, homeserver: FakeHomeserver
) -> None:
    others = [await person(f"other{number}") for number in range(5)]
    room = await among_strangers(alice, others, homeserver)
    for other in others:
        await other.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=LAZY)
    await client.until(lambda: all(knows(client, room, other) for other in others))
    asked = [seen.path.rsplit("/", 1)[-1] for seen in homeserver.seen if room in seen.path]
    assert asked.count("members") == 1
    assert not any("context" in seen.path for seen in homeserver.seen if room in seen.path)


async def test_a_homeserver_that_will_not_say_costs_nothing_but_the_name(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await among_strangers(alice, [bob], homeserver)
    refused = Fault(status=404)
    trap = homeserver.break_(refused, path="/context/", user_id=alice.user_id, times=None)
    client = connect(alice)
    await client.sync(lists=LAZY)
    for body in ("one", "two"):
        await client.until_event(room, await bob.send(room, body))
    assert client.bodies(room)[-2:] == ["one", "two"]
    assert not knows(client, room, bob)
    trap.clear()
    await client.until_event(room, await bob.send(room, "three"))
    await client.until(lambda: knows(client, room, bob))


async def test_an_older_homeserver_tells_a_member_event_once_though_the_answer_gets_lost(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    wanted = with_filter(1, lazy=True)
    since = (await alice.sync_v2(filter=wanted))["next_batch"]
    await rename_in(room, bob, "Robert")
    await bob.send(room, "hello")
    for told in ([bob.user_id], []):
        answer = await news(alice, since, wanted)
        entry = answer["rooms"]["join"][room]
        assert entry["timeline"]["limited"]
        assert members_in(entry["state"]["events"]) == told
        assert answer.get("device_lists", {}).get("changed", []) == told


@pytest.mark.parametrize("known", [False, True], ids=["unknown", "renamed in the gap"])
async def test_a_member_that_was_lost_with_an_answer_is_asked_for(
    alice: Account,
    bob: Account,
    connect: Connect,
    homeserver: FakeHomeserver,
    known: bool,
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send_all(room, map(str, range(12)))
    if known:
        await bob.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=LAZY)
    await homeserver.settled(alice.user_id)
    lost = homeserver.break_(Fault(delay_s=1.0, drop=True), user_id=alice.user_id)
    await alice.set_account_data("org.example.wake", {})
    await until(lambda: lost.hits)
    await rename_in(room, bob, "Robert")
    await bob.send_all(room, map(str, range(60)))
    await client.until_event(room, await bob.send(room, "the last"))
    assert "0" not in client.bodies(room)[-50:]  # it was behind a gap
    await client.until(lambda: name_of(client, room, bob) == "Robert")


def name_of(client: SlidingClient, room: str, account: Account) -> str | None:
    member = client.rooms[room].state.get(("m.room.member", account.user_id))
    return None if member is None else str(member["content"].get("displayname"))
