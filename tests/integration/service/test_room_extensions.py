"""Account data, typing and receipts: what goes with a room, and what ends a wait."""

import asyncio

import pytest

from tests.support.account import Account
from tests.support.client import Response, room_config, window
from tests.support.fixtures import Connect, caught_up, ends_a_wait, nothing_more, quiet
from tests.support.room import JSON
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


def on(*names: str) -> JSON:
    return {name: {"enabled": True} for name in names}


async def shared_room(owner: Account, *others: Account) -> str:
    room = await owner.create_room("Kitchen")
    for other in others:
        await other.join(room)
    return room


def tags(answer: Response, room: str) -> list[JSON]:
    events = answer.extensions.get("account_data", {}).get("rooms", {}).get(room, ())
    return [event["content"] for event in events if event["type"] == "m.tag"]


def typing(answer: Response, room: str) -> list[str] | None:
    """Who types by this answer; None: it does not say."""
    rooms = answer.extensions.get("typing", {}).get("rooms", {})
    return list(rooms[room]["content"]["user_ids"]) if room in rooms else None


def receipt(answer: Response, room: str, event_id: str, account: Account) -> JSON | None:
    """The account's public mark on the event."""
    rooms = answer.extensions.get("receipts", {}).get("rooms", {})
    content = rooms.get(room, {}).get("content", {})
    mark: JSON | None = content.get(event_id, {}).get("m.read", {}).get(account.user_id)
    return mark


# All


@pytest.mark.rules("E-4")
async def test_an_extension_that_is_not_mentioned_goes_on(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=on("typing"))
    await client.sync(extensions=on("account_data"))  # in the middle of the connection
    await alice.type_in(room)
    await bob.tag(room, "m.favourite")
    await client.until(lambda: any(typing(a, room) == [alice.user_id] for a in client.answers))
    await client.until(lambda: any(tags(a, room) for a in client.answers))


@pytest.mark.rules("E-6")
async def test_a_room_subscribed_to_in_the_same_request_is_in_scope(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    await bob.tag(room, "m.favourite")
    client = connect(bob)
    await client.sync(lists=ALL)
    asked = {room: room_config(timeline_limit=3)}
    answer = await connect(bob, conn_id="room").sync(
        subscriptions=asked, extensions=on("account_data")
    )
    assert answer.rooms[room].initial
    assert len(tags(answer, room)) == 1


# Account data


@pytest.mark.rules("AD-4", "Z-15")
async def test_news_of_a_room_do_not_repeat_its_account_data(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    await bob.tag(room, "m.favourite")
    client = connect(bob)
    first = await client.sync(lists=ALL, extensions=on("account_data"))
    assert len(tags(first, room)) == 1
    answers = await client.until_event(room, await alice.send(room, "hello"))
    assert not any(tags(answer, room) for answer in answers)


@pytest.mark.rules("AD-5", "AD-3")
async def test_of_several_changes_the_last_one_counts(bob: Account, connect: Connect) -> None:
    client = connect(bob)
    await client.sync(lists=ALL, extensions=on("account_data"))
    for n in range(4):
        await bob.set_account_data("org.example", {"n": n})
    await caught_up(client, bob)
    told = [e["content"]["n"] for a in client.answers
            for e in a.extensions.get("account_data", {}).get("global", ())
            if e["type"] == "org.example"]  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 3


@pytest.mark.rules("AD-6", "AD-3")
async def test_account_data_alone_ends_a_wait(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=on("account_data"))
    await quiet(client, bob)
    await bob.set_account_data("org.example", {"n": 1}, room)
    answer = await ends_a_wait(client, lambda a: "account_data" in a.extensions)
    assert list(answer.extensions["account_data"]["rooms"]) == [room]
    assert not answer.rooms


# Typing


@pytest.mark.rules("TY-3")
async def test_who_is_typing_goes_with_other_news_of_the_room(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob, carol)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=on("typing"))
    await alice.type_in(room)
    await client.until(lambda: typing(client.answers[-1], room) == [alice.user_id])
    answers = await client.until_event(room, await carol.send(room, "hello"))
    assert typing(answers[-1], room) == [alice.user_id]


@pytest.mark.rules("TY-4")
async def test_who_stopped_typing_while_the_service_was_away_is_told(
    alice: Account, bob: Account, connect: Connect, service: Service
) -> None:
    room = await shared_room(alice, bob)
    client = connect(bob)
    await client.sync(lists=ALL, extensions=on("typing"))
    await alice.type_in(room)
    await client.until(lambda: typing(client.answers[-1], room) == [alice.user_id])
    await service.stop()
    await alice.type_in(room, on=False)
    await service.launch()
    await client.until(lambda: typing(client.answers[-1], room) == [])


@pytest.mark.rules("TY-5", "U-131")
async def test_what_two_pollers_report_is_told_once(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob, carol)
    clients = {account.user_id: connect(account) for account in (alice, bob)}
    for client in clients.values():
        await client.sync(lists=ALL, extensions=on("typing"))
    await carol.type_in(room)
    for account in (alice, bob):
        await caught_up(clients[account.user_id], account)
    for client in clients.values():
        told = [typing(answer, room) for answer in client.answers]
        assert [who for who in told if who] == [[carol.user_id]]


@pytest.mark.rules("U-131", "IG-1")
async def test_typing_and_receipts_of_the_ignored_are_told_to_others_only(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob, carol)
    event = await alice.send(room, "hello")
    clients = {account.user_id: connect(account) for account in (alice, carol)}
    for client in clients.values():
        await client.sync(lists=ALL, extensions=on("typing", "receipts"))
    mine, theirs = clients[alice.user_id], clients[carol.user_id]
    await alice.ignore(bob)
    await caught_up(mine, alice)
    await bob.type_in(room)
    await bob.read(room, event)
    await theirs.until(lambda: any(typing(a, room) == [bob.user_id] for a in theirs.answers))
    await theirs.until(lambda: any(receipt(a, room, event, bob) for a in theirs.answers))
    await quiet(mine, alice)
    assert not any(typing(a, room) for a in mine.answers)
    assert not any(receipt(a, room, event, bob) for a in mine.answers)
    await alice.ignore()
    await caught_up(mine, alice)
    await bob.read(room, await alice.send(room, "again"))
    await mine.until(lambda: any(bob.user_id in str(a.extensions) for a in mine.answers))


@pytest.mark.rules("TY-6", "TY-2")
async def test_typing_ends_no_wait_of_those_who_did_not_ask_for_it(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    asking, other = connect(bob), connect(bob, conn_id="other")
    await asking.sync(lists=ALL, extensions=on("typing"))
    await other.sync(lists=ALL, extensions=on("account_data", "receipts"))
    for client in (asking, other):
        await quiet(client, bob)
    waiting = asyncio.create_task(nothing_more(other, for_ms=3_000))
    await alice.type_in(room)
    await ends_a_wait(asking, lambda a: typing(a, room) == [alice.user_id])
    assert not waiting.done()
    await waiting
    assert other.answers[-1].extensions == {}


@pytest.mark.rules("TY-7", "D-64")
async def test_who_is_typing_comes_with_their_member_event(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    await alice.send(room, "hello")
    client = connect(alice)
    lazy = window(0, 20, timeline_limit=1, required_state=[["m.room.member", "$LAZY"]])
    await client.sync(lists={"all": lazy}, extensions=on("typing"))
    member = ("m.room.member", bob.user_id)
    assert member not in client.rooms[room].state
    await bob.type_in(room)
    await client.until(lambda: typing(client.answers[-1], room) == [bob.user_id])
    assert member in client.rooms[room].state


# Receipts


@pytest.mark.needs("threaded-receipts")
@pytest.mark.rules("RR-4")
async def test_an_unthreaded_receipt_hides_a_threaded_one_on_the_same_event(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    event_id = await alice.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=ALL, extensions=on("receipts"))

    def mark() -> JSON | None:
        return receipt(client.answers[-1], room, event_id, bob)

    await bob.read(room, event_id, thread_id="main")
    await client.until(lambda: mark() is not None)
    assert (mark() or {})["thread_id"] == "main"
    await bob.read(room, event_id)
    await client.until(lambda: mark() is not None and "thread_id" not in (mark() or {}))
    anew = await connect(alice, conn_id="anew").sync(lists=ALL, extensions=on("receipts"))
    assert "thread_id" not in (receipt(anew, room, event_id, bob) or {"thread_id": "none at all"})


@pytest.mark.rules("RR-5")
async def test_a_receipt_that_is_repeated_is_told_once(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    event_id = await alice.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=ALL, extensions=on("receipts"))
    for _ in range(3):
        await bob.read(room, event_id)
    await caught_up(client, alice)
    told = [a for a in client.answers if receipt(a, room, event_id, bob) is not None]
    assert len(told) == 1


@pytest.mark.rules("RR-6", "RR-2")
async def test_a_receipt_alone_ends_a_wait(alice: Account, bob: Account, connect: Connect) -> None:
    room = await shared_room(alice, bob)
    event_id = await alice.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=ALL, extensions=on("receipts"))
    await quiet(client, alice)
    await bob.read(room, event_id)
    answer = await ends_a_wait(client, lambda a: "receipts" in a.extensions)
    assert receipt(answer, room, event_id, bob) is not None
    assert not any(shown.timeline for shown in answer.rooms.values())
