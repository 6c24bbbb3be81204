"""``required_state``, lazily loaded members, upgraded rooms and spaces."""

import pytest

from tests.support.account import Account
from tests.support.client import room_config, state_keys, window
from tests.support.fixtures import Connect
from tests.support.room import JSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAZY = [["m.room.member", "$LAZY"]]


def with_state(*entries: list[str], **fields: object) -> dict[str, JSON]:
    return {"all": window(0, 20, required_state=list(entries), **fields)}


@pytest.mark.rules("D-6", "D-50", "D-51", "D-52")
async def test_only_the_state_that_was_asked_for_is_sent(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    lists = with_state(["m.room.name", ""], ["m.room.member", "$ME"])
    answer = await connect(alice).sync(lists=lists)
    assert state_keys(answer.rooms[room].required_state) == {
        ("m.room.name", ""), ("m.room.member", alice.user_id)}  # fmt: skip


@pytest.mark.rules("D-51", "D-55")
async def test_wildcards_choose_whole_kinds(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    members = await connect(alice).sync(lists=with_state(["m.room.member", "*"]))
    assert state_keys(members.rooms[room].required_state) == {
        ("m.room.member", alice.user_id), ("m.room.member", bob.user_id)}  # fmt: skip
    everything = await connect(alice).sync(lists=with_state(["*", "*"]))
    kinds = {kind for kind, _ in state_keys(everything.rooms[room].required_state)}
    assert {"m.room.create", "m.room.power_levels", "m.room.name", "m.room.member"} <= kinds


@pytest.mark.rules("D-57")
async def test_live_state_is_in_the_timeline_and_in_required_state(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=with_state(["m.room.topic", ""]))
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Soup"})
    await client.until_event(room, topic)
    assert client.rooms[room].state[("m.room.topic", "")]["event_id"] == topic


@pytest.mark.rules("D-57", "D-53")
async def test_under_lazy_members_a_live_join_is_state_too(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=with_state(*LAZY))
    await bob.join(room)
    await client.until(lambda: ("m.room.member", bob.user_id) in client.rooms[room].state)


@pytest.mark.rules("D-60", "D-53")
async def test_lazily_only_those_who_speak_in_the_timeline_are_sent(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    for account in (bob, carol):
        await account.join(room)
    await bob.send(room, "hello")
    lists = with_state(*LAZY, timeline_limit=1)
    answer = await connect(alice).sync(lists=lists)
    assert state_keys(answer.rooms[room].required_state) == {("m.room.member", bob.user_id)}


@pytest.mark.rules("D-61")
async def test_a_new_speaker_comes_with_the_member_event_once(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    client = connect(alice)
    await client.sync(lists=with_state(*LAZY, timeline_limit=1))
    for body in ("first", "second"):
        await client.until_event(room, await bob.send(room, body))
    sent = [e["state_key"] for answer in client.answers if room in answer.rooms
            for e in answer.rooms[room].required_state]  # fmt: skip
    assert sent.count(bob.user_id) == 1


@pytest.mark.rules("D-60", "D-61")
async def test_a_sender_whom_the_client_got_to_know_by_paging_back_comes_with_the_member_event(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.send(room, "early")
    await alice.send_all(room, [f"message {n}" for n in range(14)])
    client = connect(alice)
    answer = await client.sync(lists=with_state(*LAZY, timeline_limit=1))
    await alice.call("GET", f"/rooms/{room}/messages", None, dir="b", limit=20,
                     filter='{"lazy_load_members":true}',
                     **{"from": answer.rooms[room].raw["prev_batch"]})  # fmt: skip
    await client.until_event(room, await bob.send(room, "late"))
    await client.until(lambda: ("m.room.member", bob.user_id) in client.rooms[room].state)


@pytest.mark.rules("D-54")
async def test_all_state_but_members_lazily(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    lists = with_state(["*", "*"], *LAZY, timeline_limit=1)
    answer = await connect(alice).sync(lists=lists)
    keys = state_keys(answer.rooms[room].required_state)
    assert ("m.room.name", "") in keys and ("m.room.member", bob.user_id) not in keys


@pytest.mark.rules("L-53")
async def test_more_required_state_is_sent_at_once(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=with_state(["m.room.name", ""]))
    lists = {"all": {"required_state": [["m.room.create", ""]]}}
    answer = await client.sync(lists=lists, timeout_ms=30_000)
    assert state_keys(answer.rooms[room].required_state) == {("m.room.create", "")}
    assert "timeline" not in answer.rooms[room].raw


# Subscriptions


@pytest.mark.rules("B-1", "D-56", "Z-17")
async def test_a_subscription_adds_to_what_the_list_asks(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["one", "two"])
    config = room_config(2, required_state=[["m.room.create", ""]])
    lists = {"all": window(0, 9, timeline_limit=1, required_state=[["m.room.name", ""]])}
    answer = await connect(alice).sync(lists=lists, subscriptions={room: config})
    assert answer.rooms[room].bodies == ["one", "two"]
    assert state_keys(answer.rooms[room].required_state) == {
        ("m.room.create", ""), ("m.room.name", "")}  # fmt: skip


@pytest.mark.rules("D-56", "D-54", "D-57")
async def test_what_a_list_narrows_does_not_narrow_a_subscription(
    alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(alice)
    lists = with_state(["m.room.name", ""], ["m.room.member", "$ME"])
    whole = {room: room_config(1, required_state=[["*", "*"]])}
    await client.sync(lists=lists)
    await client.sync(subscriptions=whole)
    members = {("m.room.member", account.user_id) for account in (alice, bob)}
    assert members <= client.rooms[room].state.keys()
    await carol.join(room)
    await client.until(lambda: ("m.room.member", carol.user_id) in client.rooms[room].state)


@pytest.mark.rules("B-3", "R-30")
async def test_a_changed_subscription_is_sent_at_once(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(subscriptions={room: room_config(1)})
    config = room_config(1, required_state=[["m.room.name", ""]])
    answer = await client.sync(subscriptions={room: config}, timeout_ms=30_000)
    assert answer.rooms[room].initial
    assert state_keys(answer.rooms[room].required_state) == {("m.room.name", "")}


@pytest.mark.rules("B-5", "R-32")
async def test_an_unsubscribed_room_is_silent(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room, other = await alice.create_room("One"), await alice.create_room("Two")
    client = connect(alice)
    await client.sync(subscriptions={room: room_config(), other: room_config()})
    await client.sync(unsubscribe=[room])
    await alice.send(room, "unheard")
    await client.until_event(other, await alice.send(other, "heard"))
    assert client.bodies(room) == []


@pytest.mark.rules("B-2")
async def test_a_subscription_before_the_join_takes_effect_with_it(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(bob)
    answer = await client.sync(subscriptions={room: room_config()})
    assert room not in answer.rooms
    await bob.join(room)
    await client.until(lambda: room in client.rooms)


@pytest.mark.rules("B-6")
async def test_a_subscription_outlives_a_leave(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(subscriptions={room: room_config()})
    await bob.leave(room)
    await bob.join(room)
    await client.until_event(room, await alice.send(room, "welcome back"))


# Upgraded rooms


@pytest.mark.rules("L-2", "D-70", "D-71")
async def test_an_upgraded_room_is_hidden_and_its_predecessor_can_be_had(
    alice: Account, connect: Connect
) -> None:
    old = await alice.create_room("Kitchen")
    new = await alice.upgrade(old)
    client = connect(alice)
    old_rooms = {"timeline_limit": 1, "required_state": [["m.room.create", ""]]}
    answer = await client.sync(lists={"all": window(0, 9, include_old_rooms=old_rooms)})
    assert client.order() == [new]
    assert set(answer.rooms) == {old, new}
    assert state_keys(answer.rooms[old].required_state) == {("m.room.create", "")}


@pytest.mark.rules("L-2", "Z-8")
async def test_an_upgrade_replaces_the_room_in_a_live_list(
    alice: Account, connect: Connect
) -> None:
    old = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    new = await alice.upgrade(old)
    await client.until(lambda: client.order() == [new])


@pytest.mark.rules("L-2")
async def test_who_has_not_joined_the_replacement_keeps_the_old_room(
    alice: Account, bob: Account, connect: Connect
) -> None:
    old = await alice.create_room("Kitchen")
    await bob.join(old)
    new = await alice.upgrade(old)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9)})
    assert client.order() == [old]
    await bob.join(new)
    await client.until(lambda: client.order() == [new])


async def replaced_by(account: Account, old: str, new: str) -> None:
    """A tombstone, of which the replacement's create event knows nothing."""
    await account.set_state(old, "m.room.tombstone", {"body": "moved", "replacement_room": new})


@pytest.mark.rules("L-2", "Z-8")
async def test_joining_a_replacement_that_names_no_predecessor_hides_the_old_room(
    alice: Account, bob: Account, connect: Connect
) -> None:
    old, new = await alice.create_room("Old"), await alice.create_room("New")
    await bob.join(old)
    await replaced_by(alice, old, new)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9)})
    assert client.order() == [old]
    await bob.join(new)
    await client.until(lambda: client.order() == [new])
    again = connect(bob, conn_id="again")
    await again.sync(lists={"all": window(0, 9)})
    assert again.order() == [new]
    await bob.leave(new)
    await client.until(lambda: client.order() == [old])


@pytest.mark.rules("L-2", "Z-8")
async def test_a_tombstone_after_the_join_hides_the_room_until_the_replacement_is_left(
    alice: Account, bob: Account, connect: Connect
) -> None:
    old, new = await alice.create_room("Old"), await alice.create_room("New")
    for room in (old, new):
        await bob.join(room)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9)})
    assert set(client.order()) == {old, new}
    await replaced_by(alice, old, new)
    await client.until(lambda: client.order() == [new])
    await bob.leave(new)
    await client.until(lambda: client.order() == [old])


@pytest.mark.rules("L-2")
async def test_of_rooms_that_replace_each_other_the_one_with_the_newest_tombstone_stays(
    alice: Account, connect: Connect
) -> None:
    rooms = [await alice.create_room(name) for name in "ABC"]
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    for old, new in zip(rooms, [*rooms[1:], rooms[0]], strict=True):
        await replaced_by(alice, old, new)
    await client.until(lambda: client.order() == [rooms[2]])
    again = connect(alice, conn_id="again")
    await again.sync(lists={"all": window(0, 9)})
    assert again.order() == [rooms[2]]


# Spaces


@pytest.mark.rules("L-19", "SP-1", "SP-3")
async def test_a_space_filters_its_children_and_follows_changes(
    alice: Account, connect: Connect
) -> None:
    space = await alice.create_room("Space", room_type="m.space")
    inside, outside = await alice.create_room("Inside"), await alice.create_room("Outside")
    await alice.add_child(space, inside)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, filters={"spaces": [space]})})
    assert client.order() == [inside]
    await alice.add_child(space, outside)
    await client.until(lambda: set(client.order()) == {inside, outside})
    await alice.remove_child(space, inside)
    await client.until(lambda: client.order() == [outside])


@pytest.mark.rules("X-3", "SP-2")
async def test_a_space_of_others_matches_nothing(
    alice: Account, bob: Account, connect: Connect
) -> None:
    space = await alice.create_room("Space", room_type="m.space")
    room = await alice.create_room("Inside")
    await bob.join(room)
    await alice.add_child(space, room)
    await connect(alice).sync(lists={"all": window(0, 9)})
    answer = await connect(bob).sync(lists={"all": window(0, 9, filters={"spaces": [space]})})
    assert answer.count("all") == 0


@pytest.mark.rules("SP-6")
async def test_leaving_a_space_unlists_its_children(
    alice: Account, bob: Account, connect: Connect
) -> None:
    space = await alice.create_room("Space", room_type="m.space")
    room = await alice.create_room("Inside")
    for joined in (space, room):
        await bob.join(joined)
    await alice.add_child(space, room)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9, filters={"spaces": [space]})})
    assert client.order() == [room]
    await bob.leave(space)
    await client.until(lambda: client.order() == [])
