"""Joining, leaving and everything between, as the user concerned and as others see it."""

import pytest

from tests.support.account import Account
from tests.support.client import SlidingClient, room_config, window
from tests.support.fixtures import Connect, caught_up
from tests.support.room import JSON
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


def membership_of(event: JSON) -> str | None:
    membership: str | None = event["content"].get("membership")
    return membership


def own_endings(client: SlidingClient, room: str, account: Account) -> list[JSON]:
    """Member events that ended the account's membership, in all answers."""
    return [
        event
        for answer in client.answers
        if room in answer.rooms
        for event in answer.rooms[room].timeline
        if event.get("state_key") == account.user_id and membership_of(event) in ("leave", "ban")
    ]


@pytest.mark.rules("M-1", "D-14", "D-26", "X-5")
async def test_an_invite_shows_the_room_by_its_stripped_state_only(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9, required_state=[["*", "*"]])})
    room = await alice.create_room("Secret", public=False)
    await alice.send(room, "not for Bob")
    await alice.invite(room, bob)
    await client.until(lambda: room in client.order())
    raw = client.answers[-1].rooms[room].raw
    assert raw["initial"] is True
    assert raw["name"] == "Secret"
    assert "required_state" not in raw and "timeline" not in raw
    assert (raw["highlight_count"], raw["notification_count"]) == (1, 0)
    own = [e for e in raw["invite_state"] if e.get("state_key") == bob.user_id]
    assert membership_of(own[0]) == "invite"


@pytest.mark.rules("L-12", "M-17")
async def test_invites_have_a_list_of_their_own(
    alice: Account, bob: Account, connect: Connect
) -> None:
    joined = await bob.create_room("Mine")
    invited = await alice.create_room("Hers", public=False, invite=[bob])
    client = connect(bob)
    await client.sync(lists={"invites": window(0, 9, filters={"is_invite": True}),
                             "joined": window(0, 9, filters={"is_invite": False})})  # fmt: skip
    assert (client.order("invites"), client.order("joined")) == ([invited], [joined])


@pytest.mark.rules("L-10", "M-1")
async def test_an_invite_to_a_direct_chat_is_one(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_dm(bob)
    client = connect(bob)
    await client.sync(lists={"dms": window(0, 9, filters={"is_dm": True})})
    assert client.order("dms") == [room]


@pytest.mark.rules("M-4", "D-42")
async def test_an_accepted_invite_becomes_a_joined_room(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    client = connect(bob)
    await client.sync(lists={"invites": window(0, 9, filters={"is_invite": True}),
                             "joined": window(0, 9, filters={"is_invite": False})})  # fmt: skip
    await bob.join(room)
    await client.until(lambda: client.order("joined") == [room])
    assert client.order("invites") == []
    raw = client.answers[-1].rooms[room].raw
    assert raw["initial"] is True and "invite_state" not in raw
    assert (raw["joined_count"], raw["highlight_count"]) == (2, 0)


@pytest.mark.rules("M-5", "U-113")
async def test_a_rejected_invite_disappears_with_one_leave_event(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await client.until(lambda: room not in client.order())
    await caught_up(client, bob)
    assert len(own_endings(client, room, bob)) == 1


@pytest.mark.rules("M-5")
async def test_a_retracted_invite_disappears(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    client = connect(bob)
    await client.sync(lists=ALL)
    await alice.kick(room, bob)
    await client.until(lambda: room not in client.order())


@pytest.mark.rules("M-6", "M-1")
async def test_who_rejected_can_be_invited_again(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await client.until(lambda: room not in client.order())
    await alice.invite(room, bob)
    await client.until(lambda: room in client.order())
    assert "invite_state" in client.answers[-1].rooms[room].raw


@pytest.mark.rules("M-7", "L-111")
async def test_a_joined_room_appears_with_its_data(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.join(room)
    await client.until(lambda: room in client.order())
    assert client.answers[-1].rooms[room].raw["joined_count"] == 2


@pytest.mark.rules("X-1", "X-3")
@pytest.mark.parametrize("before", ["never in it", "invited", "left"])
async def test_account_data_of_a_room_shows_nothing_of_it(
    alice: Account, bob: Account, connect: Connect, before: str
) -> None:
    room = await alice.create_room("Secret", public=False)
    if before != "never in it":
        await alice.invite(room, bob)
    if before == "left":
        await bob.join(room)
        await bob.leave(room)
    await connect(alice).sync(lists=ALL)
    client = connect(bob)
    await client.sync(lists=ALL, subscriptions={room: room_config()})
    await bob.set_account_data("org.example", {"n": 1}, room)
    await caught_up(client, bob)
    await alice.send(room, "secret")
    await caught_up(client, bob)
    assert client.bodies(room) == []
    assert (room in client.order()) == (before == "invited")


@pytest.mark.rules("M-8", "X-1")
async def test_who_leaves_and_tags_the_room_has_left_it(
    alice: Account, bob: Account, connect: Connect, service: Service
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await service.stop()
    await bob.leave(room)  # both are in one answer of the homeserver
    await bob.tag(room, "u.once")
    await service.launch()
    await client.until(lambda: room not in client.order())


@pytest.mark.rules("X-4")
async def test_history_from_before_the_join_is_not_shown(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await connect(alice).sync(lists=ALL)  # the service knows the history
    await alice.send(room, "before")
    await bob.join(room)
    await alice.send(room, "after")
    client = connect(bob)
    await client.sync(lists=ALL)
    await caught_up(client, bob)
    assert client.bodies(room) == ["after"]


@pytest.mark.rules("M-8", "X-1")
async def test_who_leaves_sees_the_leave_once_and_nothing_after(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await alice.send(room, "secret")
    await client.until(lambda: room not in client.order())
    await caught_up(client, bob)
    assert len(own_endings(client, room, bob)) == 1
    assert "secret" not in client.bodies(room)


@pytest.mark.rules("M-9", "X-1", "X-2", "Z-14")
async def test_who_is_kicked_sees_the_kick_once_and_nothing_after(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    watcher, client = connect(alice), connect(bob)
    await watcher.sync(lists=ALL)
    await client.sync(lists=ALL)
    await alice.kick(room, bob)
    await alice.send(room, "secret")
    await alice.rename(room, "Secret name")
    await client.until(lambda: room not in client.order())
    await caught_up(client, bob)
    assert len(own_endings(client, room, bob)) == 1
    assert "secret" not in client.bodies(room)
    assert client.rooms[room].fields["name"] == "Kitchen"


@pytest.mark.rules("M-10", "U-114", "X-1")
async def test_who_is_banned_loses_the_room(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await alice.ban(room, bob)
    await alice.send(room, "secret")
    await client.until(lambda: room not in client.order())
    await caught_up(client, bob)
    assert [membership_of(e) for e in own_endings(client, room, bob)] == ["ban"]
    assert "secret" not in client.bodies(room)


@pytest.mark.rules("M-11", "X-7")
async def test_a_ban_before_any_contact_reveals_nothing(
    alice: Account, bob: Account, connect: Connect
) -> None:
    client = connect(bob)
    await client.sync(lists=ALL)
    room = await alice.create_room("Secret")
    await connect(alice).sync(lists=ALL)
    await alice.ban(room, bob)
    await caught_up(client, bob)
    assert not any(room in answer.rooms for answer in client.answers)


@pytest.mark.rules("M-13")
async def test_an_unban_changes_nothing(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await alice.ban(room, bob)
    await client.until(lambda: room not in client.order())
    seen = len(client.answers)
    await alice.unban(room, bob)
    await caught_up(client, bob)
    assert not any(room in answer.rooms for answer in client.answers[seen:])


@pytest.mark.rules("M-12", "X-4")
async def test_who_rejoins_sees_the_room_again_but_not_what_was_missed(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await connect(alice).sync(lists=ALL)
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await client.until(lambda: room not in client.order())
    await alice.send(room, "missed")
    await bob.join(room)
    await client.until(lambda: room in client.order())
    assert client.answers[-1].rooms[room].initial
    await client.until_event(room, await alice.send(room, "welcome back"))
    assert client.bodies(room) == ["welcome back"]
    assert room in client.order()


@pytest.mark.rules("M-17", "X-8", "L-1")
async def test_a_new_connection_knows_nothing_of_rooms_that_were_left(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await client.until(lambda: room not in client.order())
    answer = await connect(bob, conn_id="new").sync(
        lists=ALL, subscriptions={room: room_config()})  # fmt: skip
    assert room not in answer.rooms and answer.count("all") == 0


@pytest.mark.rules("X-8", "L-1")
async def test_a_left_room_does_not_come_back_with_a_new_list(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.leave(room)
    await client.until(lambda: room not in client.order())
    answer = await client.sync(lists={"new": window(0, 9), "all": {"filters": {"is_dm": False}}})
    assert room not in answer.rooms
    assert (answer.count("all"), answer.count("new")) == (0, 0)


@pytest.mark.rules("M-15")
async def test_others_come_and_go_in_the_timeline(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    await bob.join(room)
    await bob.leave(room)
    await client.until(lambda: client.rooms[room].fields["joined_count"] == 1 and any(
        membership_of(e) == "leave" for e in client.rooms[room].timeline))  # fmt: skip
    seen = [membership_of(e) for e in client.rooms[room].timeline
            if e.get("state_key") == bob.user_id]  # fmt: skip
    assert seen == ["join", "leave"]


@pytest.mark.rules("M-14", "U-116")
async def test_a_new_profile_is_no_new_join(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.rename_self("Robert")
    await client.until(lambda: any(
        e["content"].get("displayname") == "Robert" for e in client.rooms[room].timeline
    ))  # fmt: skip
    assert not client.answers[-1].rooms[room].initial
    answer = await connect(bob, conn_id="new").sync(lists=ALL)
    assert "hello" in answer.rooms[room].bodies
    assert answer.rooms[room].raw["joined_count"] == 2


@pytest.mark.needs("knocking")
@pytest.mark.rules("M-16")
async def test_a_knock_harms_nothing(alice: Account, bob: Account, connect: Connect) -> None:
    rule: JSON = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}
    room = await alice.create_room("Door", public=False, state=[rule])
    client = connect(bob)
    await client.sync(lists=ALL)
    await bob.knock(room)
    await caught_up(client, bob)
    await alice.invite(room, bob)
    await bob.join(room)
    await client.until(lambda: room in client.rooms and "joined_count" in client.rooms[room].fields
                       and client.rooms[room].fields["joined_count"] == 2)  # fmt: skip
