"""A room shows a screenful, also to an account that has just logged in."""

import asyncio
from collections.abc import Callable

import pytest

from tests.support.account import Account
from tests.support.client import SlidingClient, room_config, window
from tests.support.fixtures import Connect, Person, ends_a_wait, nothing_more
from tests.support.room import JSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAZY = [["m.room.member", "$LAZY"]]
MANY = [f"message {n}" for n in range(30)]


async def opened(connect: Connect, account: Account, room: str, limit: int) -> SlidingClient:
    """A client that opens the room, and nothing else."""
    client = connect(account, conn_id=f"room-{limit}")
    await client.sync(subscriptions={room: room_config(limit, required_state=LAZY)})
    return client


async def until_opened(
    connect: Connect,
    account: Account,
    room: str,
    is_it: Callable[[SlidingClient], bool],
    *,
    limit: int = 25,
) -> SlidingClient:
    """Opens the room again and again until it shows what it is to show."""
    for _ in range(150):
        client = await opened(connect, account, room, limit)
        if is_it(client):
            return client
        await asyncio.sleep(0.1)  # between two looks
    raise AssertionError(f"it shows {client.bodies(room)}")


@pytest.mark.rules("S-611", "D-35", "UZ-12")
async def test_who_has_just_logged_in_and_opens_a_room_sees_a_screenful(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, MANY)
    phone = await alice.login()
    first = await opened(connect, phone, room, 25)
    assert MANY[-1] in first.bodies(room)
    assert first.answers[0].rooms[room].raw["limited"] is True
    full = await until_opened(
        connect, phone, room, lambda client: client.bodies(room) == MANY[-25:]
    )
    older: JSON = await phone.call("GET", f"/rooms/{room}/messages", None, dir="b", limit=40,
                                   **{"from": full.rooms[room].fields["prev_batch"]})  # fmt: skip
    bodies = [e["content"].get("body") for e in older["chunk"]]
    assert [body for body in reversed(bodies) if body in MANY[:5]] == MANY[:5]


@pytest.mark.rules("S-601", "X-1", "X-4")
async def test_who_joined_later_is_not_shown_what_another_has_fetched(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, MANY)
    await until_opened(connect, alice, room, lambda client: client.bodies(room) == MANY[-25:])
    await bob.join(room)
    await alice.send_all(room, ["hello Bob"])
    await until_opened(
        connect, bob, room, lambda client: client.bodies(room) == ["hello Bob"], limit=40
    )
    await asyncio.sleep(0.3)  # more could have been fetched
    again = await opened(connect, bob, room, 41)
    assert again.bodies(room) == ["hello Bob"]


@pytest.mark.rules("S-611", "D-60")
async def test_members_who_wrote_older_messages_come_with_them(
    alice: Account, person: Person, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    people = [await person(name) for name in ("dora", "emil", "fritz", "gina")]
    for number, one in enumerate(people):
        await one.join(room)
        await one.send_all(room, [f"{number}"])
    await people[0].leave(room)
    await alice.send_all(room, MANY[:15])
    senders = {("m.room.member", one.user_id) for one in people}
    phone = await alice.login()
    await until_opened(
        connect, phone, room, lambda client: senders <= set(client.rooms[room].state), limit=45
    )


@pytest.mark.rules("S-611", "W-1")
async def test_a_wait_is_not_ended_by_older_messages(
    alice: Account, bob: Account, connect: Connect
) -> None:
    """Nor by that their senders become known."""
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.send_all(room, MANY[:5])
    await bob.leave(room)
    await alice.send_all(room, MANY[5:])
    client = connect(await alice.login())
    await client.sync(lists={"all": window(0, 9, timeline_limit=25)})
    await nothing_more(client, for_ms=1000)
    await alice.send_all(room, ["news"])
    answer = await ends_a_wait(client, lambda answer: room in answer.rooms)
    assert answer.rooms[room].bodies == ["news"]
    assert not answer.rooms[room].initial
