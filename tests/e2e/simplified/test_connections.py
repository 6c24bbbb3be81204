"""What a connection remembers: which rooms it sent up to where, and what a repeated pos brings."""

import asyncio

import pytest

from tests.e2e.simplified.conftest import Raise, Sync
from tests.support.account import Account
from tests.support.client import SyncError
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOP = {"top": window(0, 0)}
TYPING = {"typing": {"enabled": True}}
TOPIC = ("m.room.topic", "")


async def two_rooms(alice: Account) -> tuple[str, str]:
    """The second is the first of a list."""
    return await alice.create_room("Low"), await alice.create_room("High")


@pytest.mark.rules("S-170", "S-171", "S-174", "S-192", "S-194")
async def test_a_live_room_comes_with_what_is_new(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "before")
    first = await sync(lists=TOP)
    assert first.rooms[room].initial
    events = await alice.send_all(room, ["one", "two"])
    entry = (await sync()).rooms[room]
    assert not entry.initial
    assert entry.event_ids == events
    assert (entry.limited, entry.num_live) == (False, 2)


@pytest.mark.rules("S-170", "S-240")
async def test_a_live_room_comes_with_the_state_that_changed(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen", topic="Tea")
    lists = {"top": window(0, 0, required_state=[TOPIC, ("m.room.create", "")])}
    await sync(lists=lists)
    changed = await alice.set_state(room, "m.room.topic", {"topic": "Coffee"})
    entry = (await sync()).rooms[room]
    assert entry.state_ids == {TOPIC: changed}


@pytest.mark.rules("S-170", "S-174", "S-175", "S-192")
async def test_a_room_that_was_never_sent_comes_whole(alice: Account, sync: Sync) -> None:
    low, _ = await two_rooms(alice)
    before = await alice.send(low, "before")
    await alice.create_room("Highest")
    state: JSON = {"required_state": [TOPIC, ("m.room.name", "")]}
    await sync(lists={"top": window(0, 0, **state)})
    after = await alice.send(low, "after")
    entry = (await sync()).rooms[low]
    assert entry.initial
    assert entry.event_ids[-2:] == [before, after]
    assert entry.num_live == 1
    assert set(entry.state) == {("m.room.name", "")}


@pytest.mark.rules("S-170", "S-174", "S-179", "S-192", "S-193", "S-194")
@pytest.mark.parametrize("limited", [False, True], ids=["whole", "limited"])
async def test_a_room_continues_where_it_was_left(
    alice: Account, sync: Sync, conn: Connection, raise_to_top: Raise, limited: bool
) -> None:
    low, high = await two_rooms(alice)
    limit: JSON = {"timeline_limit": 2 if limited else 10}
    lists = {"top": window(0, 0, **limit)}
    await alice.send(low, "top for now")
    await sync(lists=lists)
    missed = await alice.send_all(low, ["m1", "m2"])
    await raise_to_top(high)
    assert set((await sync()).rooms) == {high}
    last = await alice.send(low, "m3")
    entry = (await sync()).rooms[low]
    assert not entry.initial
    assert entry.event_ids == ([missed[1], last] if limited else [*missed, last])
    assert (entry.limited, entry.num_live) == (limited, 1)
    assert bool(conn.rooms[low].timeline.inner_holes) == limited


@pytest.mark.rules("S-170", "S-240")
async def test_a_room_that_was_left_behind_brings_all_its_changed_state(
    alice: Account, sync: Sync, raise_to_top: Raise
) -> None:
    low, high = await two_rooms(alice)
    state = [TOPIC, ("org.example.a", ""), ("org.example.b", "")]
    lists = {"top": window(0, 0, timeline_limit=1, required_state=state)}
    await alice.set_state(low, "org.example.b", {"unchanged": True})
    await sync(lists=lists)
    a = await alice.set_state(low, "org.example.a", {})
    await raise_to_top(high)
    await sync()
    topic = await alice.set_state(low, "m.room.topic", {"topic": "Tea"})
    await alice.send(low, "on top again")
    entry = (await sync()).rooms[low]
    assert entry.state_ids == {("org.example.a", ""): a, TOPIC: topic}


@pytest.mark.rules("S-170")
async def test_a_room_that_comes_back_without_news_is_not_sent(alice: Account, sync: Sync) -> None:
    await two_rooms(alice)
    await sync(lists={"all": window(0, 1)})
    await sync(lists={"all": window(0, 0)})
    answer = await sync(lists={"all": window(0, 1)})
    assert not answer.rooms


@pytest.mark.differs(
    "Synapse looks for news only in rooms of the lists and subscriptions asked for"
)
@pytest.mark.rules("S-179")
@pytest.mark.parametrize("without", ["lists", "filter"])
async def test_news_are_not_lost_while_nothing_is_asked_of_a_room(
    alice: Account, sync: Sync, without: str
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=TOP)
    missed = await alice.send(room, "missed")
    nothing = {"lists": {}, "filter": {"top": window(0, 0, filters={"is_dm": True})}}
    assert not (await sync(lists=nothing[without])).rooms
    entry = (await sync(lists=TOP)).rooms[room]
    assert not entry.initial
    assert entry.event_ids == [missed]


@pytest.mark.rules("S-22", "S-163")
async def test_nothing_is_sticky(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=TOP, subscriptions={room: room_config()}, extensions=TYPING)
    event = await alice.send(room, "hello")
    without = await sync(lists={"far": window(50, 60)}, subscriptions={}, extensions={})
    assert (without.rooms, without.raw["extensions"]) == ({}, {})
    again = await sync(subscriptions={room: room_config()})
    assert event in again.rooms[room].event_ids


@pytest.mark.rules("S-51", "S-175")
async def test_without_a_pos_all_is_sent_again(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    first = await sync(lists=TOP)
    conn.forget()
    again = await conn.sync()
    assert again.rooms[room].initial
    assert again.rooms[room].event_ids == first.rooms[room].event_ids
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-51", "S-53")
async def test_a_new_start_ends_what_was_before(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    await alice.create_room("Kitchen")
    old = (await sync(lists=TOP)).pos
    conn.forget()
    await conn.sync()
    conn.pos = old
    with pytest.raises(SyncError) as refused:
        await conn.ask()
    assert refused.value.errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("S-50")
async def test_connections_of_a_device_do_not_know_of_each_other(
    alice: Account, sync: Sync, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=TOP)
    other = target.connect(alice, "other")
    assert (await other.sync(lists=TOP)).rooms[room].initial
    event = await alice.send(room, "hello")
    assert (await sync()).rooms[room].event_ids == [event]
    assert (await other.sync()).rooms[room].event_ids == [event]


@pytest.mark.rules("S-54", "S-55", "S-56")
async def test_a_pos_may_be_repeated_and_brings_all_again(
    alice: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=TOP)
    one = await alice.send(room, "one")
    await target.caught_up(alice)
    lost = await conn.ask()
    assert lost.rooms[room].event_ids == [one]
    two = await alice.send(room, "two")
    await target.caught_up(alice)
    for _ in range(3):
        again = await conn.ask()
        assert again.rooms[room].event_ids == [one, two]
    conn.take(again)
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-56", "S-57")
async def test_a_room_first_sent_in_a_lost_answer_is_initial_again(
    alice: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    await sync(lists={"all": window(required_state=[TOPIC])})
    room = await alice.create_room("Kitchen", topic="Tea")
    await target.caught_up(alice)
    lost = await conn.ask()
    again = await conn.ask()
    for answer in (lost, again):
        assert answer.rooms[room].initial
        assert set(answer.rooms[room].state) == {TOPIC}


@pytest.mark.rules("S-55", "S-56", "S-58", "S-534")
async def test_a_pos_is_repeated_with_changing_bodies(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(5)]
    await sync(lists=TOP)
    for turn in range(50):
        room = rooms[turn % 4]
        conn.lists = {"top": window(0, turn % 3, timeline_limit=1)}
        conn.subscriptions = {room: room_config(timeline_limit=1 + turn % 5)}
        answer = await conn.ask()
        assert answer.rooms[room].initial
        assert len(answer.rooms[room].timeline) == 1 + turn % 5
    conn.take(answer)
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-55")
async def test_an_answer_that_was_used_ends_those_before(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    event = await alice.send(room, "hello")
    first = await sync(lists=TOP)
    await conn.sync()
    conn.pos = first.pos
    try:
        answer = await conn.ask()
    except SyncError as refused:
        assert refused.errcode == "M_UNKNOWN_POS"
    else:
        assert event not in [e for entry in answer.rooms.values() for e in entry.event_ids]


@pytest.mark.differs("Synapse lets both requests run to their end")
@pytest.mark.rules("S-58", "S-7")
async def test_a_second_request_of_a_connection_ends_the_first(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=TOP)
    first = asyncio.create_task(conn.ask(timeout_ms=30_000))
    try:
        await asyncio.wait([first], timeout=0.3)
        conn.lists = {"top": window(0, 0, timeline_limit=1)}
        second = asyncio.create_task(conn.ask(timeout_ms=10_000))
        async with asyncio.timeout(5):
            assert not (await first).rooms
        event = await alice.send(room, "hello")
        answer = await second
    finally:
        first.cancel()
    assert answer.rooms[room].event_ids == [event]
    conn.take(answer)
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-170", "S-531", "S-171")
async def test_an_old_pos_with_a_small_range_grows_without_sending_known_rooms_whole(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(6)]
    await sync(lists={"all": window(0, 1, timeline_limit=1)})
    await sync(lists={"all": window(0, 5, timeline_limit=1)})
    events = {room: await alice.send(room, "meanwhile") for room in rooms[1:4]}
    came: dict[str, list[str]] = {}
    for last in (1, 3, 5):
        answer = await sync(lists={"all": window(0, last, timeline_limit=1)})
        assert not any(entry.initial for entry in answer.rooms.values())
        assert not set(came) & set(answer.rooms)
        came |= {room: entry.event_ids for room, entry in answer.rooms.items()}
    assert came == {room: [event] for room, event in events.items()}
