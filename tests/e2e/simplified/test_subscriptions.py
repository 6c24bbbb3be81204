"""Rooms that a client asks for by their ID."""

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ME = ("m.room.member", "$ME")
OPEN: JSON = {"type": "m.room.history_visibility", "state_key": "",
              "content": {"history_visibility": "world_readable"}}  # fmt: skip


@pytest.mark.rules("S-160", "S-25", "S-119")
async def test_a_subscription_needs_no_list(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await alice.create_room("Other")
    event = await alice.send(room, "hello")
    answer = await sync(subscriptions={room: room_config(1, [("m.room.name", "")])})
    assert set(answer.rooms) == {room}
    assert answer.rooms[room].initial
    assert answer.rooms[room].event_ids == [event]
    assert set(answer.rooms[room].state) == {("m.room.name", "")}


@pytest.mark.rules("S-160")
async def test_a_subscription_shows_what_filters_and_ranges_hide(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    lists = {"dms": window(filters={"is_dm": True}), "far": window(50, 60)}
    answer = await sync(lists=lists, subscriptions={room: room_config()})
    assert set(answer.rooms) == {room}
    assert answer.count("dms") == 0


@pytest.mark.rules("S-163")
async def test_a_subscription_that_ends_leaves_the_room_to_the_lists(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    first = await sync(
        lists={"all": window(timeline_limit=1)}, subscriptions={room: room_config(5)}
    )
    assert len(first.rooms[room].timeline) == 5
    assert not (await sync(subscriptions={})).rooms
    events = await alice.send_all(room, ["1", "2"])
    entry = (await sync()).rooms[room]
    assert not entry.initial
    assert entry.event_ids == events[1:]


@pytest.mark.rules("S-162", "S-161", "S-196", "S-241", "S-194")
async def test_a_room_that_was_left_long_ago_can_be_asked_for(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    await sync()  # rooms that one was out of before the first contact are another matter
    conn.forget()
    room = await bob.create_room("Bob's")
    await alice.join(room)
    last = await bob.send(room, "the last")
    await alice.leave(room)
    await bob.send(room, "without alice")
    await bob.rename(room, "Without alice")
    config = room_config(2, [ME, ("m.room.name", "")])
    entry = (await sync(subscriptions={room: config})).rooms[room]
    assert entry.initial
    assert entry.event_ids[0] == last and len(entry.timeline) == 2
    assert entry.raw["name"] == "Bob's"
    assert entry.state["m.room.name", ""]["content"] == {"name": "Bob's"}
    assert entry.num_live == 0
    assert conn.rooms[room].membership == "leave"
    assert not (await sync()).rooms


@pytest.mark.rules("S-161", "S-25", "S-53")
@pytest.mark.parametrize("kind", ["private", "public", "world-readable", "unknown", "nonsense"])
async def test_a_room_of_others_is_not_shown(
    alice: Account, bob: Account, sync: Sync, kind: str
) -> None:
    state = [OPEN] if kind == "world-readable" else []
    room = await bob.create_room("Bob's", public=kind != "private", state=state)
    await bob.send(room, "secret")
    asked = {"unknown": "!nothing:localhost", "nonsense": "nonsense"}.get(kind, room)
    answer = await sync(subscriptions={asked: room_config(5, [("*", "*")])})
    assert answer.rooms == {}


@pytest.mark.rules("S-160", "S-310")
async def test_an_invite_can_be_asked_for(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    answer = await sync(subscriptions={room: room_config(5, [ME])})
    assert answer.rooms[room].initial
    assert conn.rooms[room].membership == "invite"


@pytest.mark.rules("S-538", "S-8")
async def test_what_was_pushed_is_there_on_a_new_connection(
    alice: Account, bob: Account, sync: Sync, target: Target
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists={"all": window()})
    event = await bob.send(room, "pushed")
    fresh = target.connect(alice, "notifications")
    state = [ME, ("m.room.member", "$LAZY"), ("m.room.power_levels", "")]
    await fresh.until_event(room, event, subscriptions={room: room_config(16, state)})
    assert len(fresh.rooms[room].timeline.events) <= 16
    wanted = {("m.room.member", user) for user in (alice.user_id, bob.user_id)}
    assert set(fresh.rooms[room].state) == wanted | {("m.room.power_levels", "")}
