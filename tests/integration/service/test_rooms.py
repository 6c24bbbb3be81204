"""Rooms of every kind appear, with the right name, avatar, counts and flags."""

import asyncio

import pytest

from tests.support.account import Account
from tests.support.client import room_config, window
from tests.support.fixtures import Connect, Person, caught_up, ends_a_wait, quiet
from tests.support.room import JSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


def state(kind: str, **content: object) -> JSON:
    return {"type": kind, "state_key": "", "content": content}


@pytest.mark.rules("L-1", "MSC3575-S-2", "MSC3575-S-3", "L-50", "D-1")
async def test_every_kind_of_room_is_in_an_unfiltered_list(
    alice: Account, bob: Account, connect: Connect
) -> None:
    rooms = {
        await alice.create_room("Public"),
        await alice.create_room("Private", public=False),
        await alice.create_room("Encrypted", state=[state("m.room.encryption", algorithm="x")]),
        await alice.create_room("Space", room_type="m.space"),
        await alice.create_room(),
        await alice.create_dm(bob),
        await bob.create_room("Invited", public=False, invite=[alice]),
    }
    client = connect(alice)
    answer = await client.sync(lists=ALL)
    assert set(client.order()) == rooms
    assert answer.count("all") == len(rooms)
    assert all(room.initial for room in answer.rooms.values())


@pytest.mark.rules("L-63", "Z-6", "MSC3575-S-1", "W-8")
async def test_a_user_without_rooms_gets_an_empty_list_at_once(
    alice: Account, connect: Connect
) -> None:
    answer = await connect(alice).sync(lists=ALL, timeout_ms=30_000)
    assert answer.raw["lists"] == {"all": {"count": 0}}
    assert answer.raw["rooms"] == {}


@pytest.mark.rules("D-2", "D-21")
async def test_a_room_is_called_what_its_name_event_says(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    answer = await connect(alice).sync(lists=ALL)
    assert answer.rooms[room].raw["name"] == "Kitchen"


@pytest.mark.rules("D-21", "D-4")
async def test_a_nameless_room_is_called_after_its_members(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room()
    for account, name in ((bob, "Bob"), (carol, "Carol")):
        await account.rename_self(name)
        await account.join(room)
    answer = await connect(alice).sync(lists={"all": window(0, 9, include_heroes=True)})
    assert answer.rooms[room].raw["name"] == "Bob and Carol"
    heroes = {hero["user_id"] for hero in answer.rooms[room].raw["heroes"]}
    assert heroes == {bob.user_id, carol.user_id}


@pytest.mark.rules("D-21")
async def test_a_room_that_everybody_left_says_so(
    alice: Account, bob: Account, connect: Connect
) -> None:
    await bob.rename_self("Bob")
    room = await alice.create_room()
    await bob.join(room)
    await bob.leave(room)
    answer = await connect(alice).sync(lists=ALL)
    assert answer.rooms[room].raw["name"].startswith("Empty Room")


@pytest.mark.rules("D-5", "D-23", "L-10")
async def test_a_direct_chat_is_marked_and_has_no_avatar_of_its_own(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room, other = await alice.create_dm(bob), await alice.create_room("Group")
    answer = await connect(alice).sync(lists=ALL)
    assert answer.rooms[room].raw["is_dm"] is True
    assert "is_dm" not in answer.rooms[other].raw
    assert answer.rooms[other].raw["avatar"] is None


@pytest.mark.rules("D-3", "D-23")
async def test_the_avatar_is_the_url_of_the_avatar_event(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen", state=[state("m.room.avatar", url="mxc://hs/a")])
    answer = await connect(alice).sync(lists=ALL)
    assert answer.rooms[room].raw["avatar"] == "mxc://hs/a"


@pytest.mark.rules("D-10", "D-11", "D-43")
async def test_members_are_counted_by_membership(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.invite(room, carol)
    answer = await connect(alice).sync(lists=ALL)
    raw = answer.rooms[room].raw
    assert (raw["joined_count"], raw["invited_count"]) == (2, 1)


@pytest.mark.rules("D-22", "M-15", "D-10")
async def test_a_join_changes_the_count_and_the_name(
    alice: Account, bob: Account, connect: Connect
) -> None:
    await bob.rename_self("Bob")
    room = await alice.create_room()
    client = connect(alice)
    await client.sync(lists=ALL)
    await bob.join(room)
    await client.until(lambda: client.rooms[room].fields["name"] == "Bob")
    assert client.rooms[room].fields["joined_count"] == 2


@pytest.mark.rules("D-22", "D-9")
async def test_a_delta_does_not_repeat_what_has_not_changed(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    await quiet(client, alice)
    seen = len(client.answers)
    await bob.join(room)
    await client.until_event(room, await bob.send(room, "hello"))
    deltas = [a.rooms[room].raw for a in client.answers[seen:] if room in a.rooms]
    said = {field for raw in deltas for field in raw}
    assert client.rooms[room].fields["joined_count"] == 2
    assert said.isdisjoint({"name", "avatar", "invited_count", "is_dm", "initial"})


@pytest.mark.rules("D-25")
async def test_a_room_that_becomes_a_dm_while_it_is_shown_is_told_at_once(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen", invite=[bob])
    client = connect(alice)
    await client.sync(lists=ALL)
    await quiet(client, alice)
    for rooms, is_dm in (((room,), True), ((), False)):
        waiting = asyncio.create_task(ends_a_wait(client, lambda a: room in a.rooms))
        await alice.mark_direct(bob, *rooms)
        answer = await waiting
        assert answer.rooms[room].raw["is_dm"] is is_dm
        assert "name" not in answer.rooms[room].raw and not answer.rooms[room].initial


@pytest.mark.rules("D-2", "D-22")
async def test_a_new_name_arrives_with_its_event(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    answers = await client.until_event(room, await alice.rename(room, "Parlour"))
    assert answers[-1].rooms[room].raw["name"] == "Parlour"


@pytest.mark.rules("D-3", "D-24")
async def test_a_removed_avatar_is_sent_as_null(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen", state=[state("m.room.avatar", url="mxc://hs/a")])
    client = connect(alice)
    await client.sync(lists=ALL)
    answers = await client.until_event(room, await alice.set_state(room, "m.room.avatar", {}))
    assert answers[-1].rooms[room].raw["avatar"] is None


@pytest.mark.rules("D-13", "D-44")
async def test_the_timestamp_is_that_of_the_newest_event(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "hello")
    answer = await connect(alice).sync(lists=ALL)
    newest = answer.rooms[room].timeline[-1]
    assert answer.rooms[room].raw["timestamp"] == newest["origin_server_ts"]


@pytest.mark.rules("C-4", "U-22")
async def test_a_room_made_after_the_first_sync_appears(alice: Account, connect: Connect) -> None:
    client = connect(alice)
    await client.sync(lists=ALL)
    room = await alice.create_room("Late")
    await client.until(lambda: room in client.rooms and client.rooms[room].fields["name"] == "Late")
    assert client.order() == [room]


@pytest.mark.rules("X-1", "X-3", "B-2")
async def test_a_room_of_others_can_neither_be_seen_nor_subscribed_to(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await bob.create_room("Not for Alice")
    await connect(bob).sync(lists=ALL)  # the service knows the room
    answer = await connect(alice).sync(lists=ALL, subscriptions={room: room_config()})
    assert room not in answer.rooms
    assert answer.count("all") == 0


@pytest.mark.rules("U-23", "C-10")
async def test_a_second_device_sees_the_same_rooms(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await connect(alice).sync(lists=ALL)
    phone = connect(await alice.login())
    await phone.sync(lists=ALL)
    assert phone.order() == [room]


@pytest.mark.rules("X-9")
async def test_users_with_the_same_device_id_do_not_see_each_others_rooms(
    person: Person, connect: Connect
) -> None:
    anna, berta = await person("anna"), await person("berta")
    same = [await anna.login("SAME"), await berta.login("SAME")]
    room = await same[0].create_room("Anna's")
    first, second = connect(same[0]), connect(same[1])
    await first.sync(lists=ALL)
    await second.sync(lists=ALL)
    await caught_up(second, same[1])
    assert room in first.order() and room not in second.order()
