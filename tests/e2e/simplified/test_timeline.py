"""Timelines: how far they reach, what is missing from them, and how to go on from there."""

from typing import Any

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account, text
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = [("m.room.member", "$ME")]
CREATION = ["m.room.create", "m.room.member", "m.room.power_levels"]


def listing(timeline_limit: int, **fields: Any) -> dict[str, JSON]:
    return {"all": window(timeline_limit=timeline_limit, **fields)}


async def history(account: Account, room: str, token: str | None = None) -> list[JSON]:
    """All events of a room that come before the token, oldest first; all that there are without."""
    events: list[JSON] = []
    query: dict[str, str | int] = {"dir": "b", "limit": 100}
    while True:
        if token is not None:
            query["from"] = token
        page = await account.call("GET", f"/rooms/{room}/messages", None, **query)
        events += page["chunk"]
        token = page.get("end")
        if token is None or not page["chunk"]:  # Dendrite repeats the creation
            return list({event["event_id"]: event for event in events[::-1]}.values())


def ids(events: list[JSON]) -> list[str]:
    return [event["event_id"] for event in events]


@pytest.mark.rules("S-189", "S-191", "S-193", "S-194", "S-195")
async def test_a_limited_timeline_has_the_newest_events_and_goes_on_at_prev_batch(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    events = await alice.send_all(room, ["1", "2", "3", "4"])
    entry = (await sync(lists=listing(3))).rooms[room]
    assert entry.event_ids == events[1:]
    assert (entry.limited, entry.num_live) == (True, 0)
    before = ids(await history(alice, room, entry.raw["prev_batch"]))
    whole = ids(await history(alice, room))
    assert list(dict.fromkeys(before + entry.event_ids)) == whole


@pytest.mark.rules("S-193", "S-195", "S-191", "S-611")
async def test_a_whole_room_is_not_limited(alice: Account, sync: Sync, conn: Connection) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "hello")
    entry = (await sync(lists=listing(100))).rooms[room]
    assert "prev_batch" in entry.raw
    assert entry.limited == (entry.timeline[0]["type"] != "m.room.create")
    whole = ids(await history(alice, room))
    await conn.until(lambda: conn.rooms[room].timeline.ids == whole)
    assert not conn.rooms[room].timeline.holes
    assert [event["type"] for event in conn.rooms[room].timeline.events[:3]] == CREATION


@pytest.mark.rules("S-191")
async def test_an_event_comes_with_all_that_a_client_needs(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    event_id = await bob.send(room, text("hello"))
    event = (await sync(lists=listing(1))).rooms[room].timeline[0]
    assert event["event_id"] == event_id
    assert event["sender"] == bob.user_id
    assert event["type"] == "m.room.message"
    assert event["content"] == text("hello")
    assert isinstance(event["origin_server_ts"], int)
    assert "state_key" not in event


@pytest.mark.rules("S-192", "S-193", "S-194")
async def test_more_news_than_the_limit_leave_a_hole(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=listing(2))
    events = await alice.send_all(room, ["1", "2", "3", "4"])
    entry = (await sync()).rooms[room]
    assert entry.event_ids == events[2:]
    assert (entry.limited, entry.num_live) == (True, 2)
    before = ids(await history(alice, room, entry.raw["prev_batch"]))
    assert set(events[:2]) <= set(before), "what is in the hole is found from prev_batch on"


@pytest.mark.rules("S-195", "S-605")
async def test_from_every_prev_batch_the_room_can_be_read_to_its_beginning(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=listing(1))
    tokens = [conn.rooms[room].timeline.holes]
    for number in (1, 3, 2, 5):
        await alice.send_all(room, [f"of {number}"] * number)
        await sync()
        tokens.append(dict(conn.rooms[room].timeline.holes))
    whole = ids(await history(alice, room))
    for first, token in {k: v for one in tokens for k, v in one.items()}.items():
        before = ids(await history(alice, room, token))
        assert set(before) >= set(whole[: whole.index(first)])


@pytest.mark.rules("S-176", "S-84", "S-174", "S-194", "S-611")
async def test_a_room_that_one_joins_is_initial_with_what_was_before(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's")
    before = await bob.send(room, "before")
    await sync(lists=listing(4, required_state=OWN))
    await alice.join(room)
    after = await bob.send(room, "after")
    entry = (await sync()).rooms[room]
    assert entry.initial
    assert entry.event_ids[-1] == after
    assert entry.timeline[-2]["state_key"] == alice.user_id
    assert (entry.limited, entry.num_live) == (True, 2)
    await conn.until(lambda: before in conn.rooms[room].timeline.ids)
    assert conn.rooms[room].timeline.ids[1:] == [before, *entry.event_ids[-2:]]


@pytest.mark.rules("S-176", "S-84", "S-180")
@pytest.mark.parametrize("how", ["leave", "kick", "ban"])
async def test_a_room_that_one_joins_again_is_initial(
    alice: Account, bob: Account, sync: Sync, conn: Connection, how: str
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists=listing(10, required_state=OWN))
    if how == "leave":
        await alice.leave(room)
    else:
        await (bob.kick if how == "kick" else bob.ban)(room, alice)
    await sync()
    assert conn.rooms[room].membership == ("ban" if how == "ban" else "leave")
    if how == "ban":
        await bob.unban(room, alice)
    await alice.join(room)
    entry = (await sync()).rooms[room]
    assert entry.initial
    assert conn.rooms[room].membership == "join"
    await conn.until(lambda: conn.rooms[room].timeline.events[0]["type"] == "m.room.create")
    assert not conn.rooms[room].timeline.holes


@pytest.mark.rules("S-84", "S-176")
async def test_a_new_display_name_is_no_new_membership(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=listing(5, required_state=OWN))
    await alice.rename_self("Alice the Great")
    await conn.until(lambda: "Alice the Great" in str(conn.rooms[room].state))
    assert [event["type"] for event in conn.rooms[room].timeline.events[-1:]] == ["m.room.member"]
    assert conn.rooms[room].membership == "join"


@pytest.mark.rules("S-196", "S-241")
async def test_who_is_banned_sees_the_room_up_to_the_ban(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    await sync()
    conn.forget()
    room = await bob.create_room("Bob's")
    await alice.join(room)
    last = await bob.send(room, "the last")
    await bob.ban(room, alice)
    await bob.send(room, "without alice")
    entry = (await sync(lists=listing(2, required_state=OWN))).rooms[room]
    assert entry.event_ids[0] == last
    assert entry.timeline[1]["content"]["membership"] == "ban"
    assert (entry.limited, entry.num_live) == (True, 0)
    assert conn.rooms[room].membership == "ban"


@pytest.mark.rules("S-177", "S-194", "S-196", "S-242")
@pytest.mark.parametrize("how", ["kick", "ban", "leave"])
async def test_the_end_of_a_membership_is_a_delta_up_to_its_event(
    alice: Account, bob: Account, sync: Sync, conn: Connection, how: str
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists=listing(10, required_state=OWN))
    last = await bob.send(room, "the last")
    acts = {"kick": lambda: bob.kick(room, alice), "ban": lambda: bob.ban(room, alice),
            "leave": lambda: alice.leave(room)}  # fmt: skip
    await acts[how]()
    await bob.send(room, "without alice")
    await bob.set_state(room, "m.room.topic", {"topic": "without alice"})
    entry = (await sync()).rooms[room]
    assert not entry.initial
    assert entry.event_ids[0] == last
    assert len(entry.timeline) == 2
    own = entry.timeline[1]
    assert own["state_key"] == alice.user_id
    assert (entry.limited, entry.num_live) == (False, 2)
    assert entry.state_ids == {("m.room.member", alice.user_id): own["event_id"]}
    assert conn.rooms[room].membership == ("ban" if how == "ban" else "leave")


@pytest.mark.rules("S-196", "S-172")
async def test_after_a_ban_nothing_comes_any_more(alice: Account, bob: Account, sync: Sync) -> None:
    await sync()
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await bob.ban(room, alice)
    await sync(lists=listing(10))
    await bob.send(room, "without alice")
    await bob.rename(room, "Without alice")
    answer = await sync()
    assert not answer.rooms
    assert answer.count() == 1


@pytest.mark.rules("S-200", "S-202", "S-204", "S-189", "S-171")
async def test_a_larger_limit_brings_older_events_at_once(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen", topic="Tea")
    events = await alice.send_all(room, ["1", "2", "3", "4", "5"])
    state = {"required_state": [("m.room.topic", "")]}
    first = (await sync(lists=listing(2, **state))).rooms[room]
    assert first.event_ids == events[3:]
    entry = (await conn.sync(lists=listing(4, **state), timeout_ms=20_000)).rooms[room]
    assert entry.event_ids == events[1:]
    assert entry.expanded and entry.limited and not entry.initial
    assert entry.num_live == 0
    assert not entry.state, "state that was sent is not sent again"
    assert conn.rooms[room].timeline.ids == events[1:]


@pytest.mark.rules("S-200", "S-204", "S-150")
async def test_a_subscription_with_a_larger_limit_brings_older_events(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    events = await alice.send_all(room, ["1", "2", "3"])
    await sync(lists=listing(1))
    entry = (await sync(subscriptions={room: room_config(3)})).rooms[room]
    assert entry.event_ids == events
    assert entry.expanded


@pytest.mark.rules("S-203", "S-200", "S-250")
async def test_more_events_and_more_state_come_together_and_once(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen", topic="Tea")
    events = await alice.send_all(room, ["1", "2", "3"])
    await sync(lists=listing(1))
    topic = ("m.room.topic", "")
    entry = (await conn.sync(lists=listing(3, required_state=[topic]))).rooms[room]
    assert entry.event_ids == events
    assert set(entry.state) == {topic}
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-202")
async def test_a_limit_that_shrinks_and_grows_again_brings_nothing_twice(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["1", "2", "3"])
    await sync(lists=listing(3))
    assert not (await sync(lists=listing(1))).rooms
    one = await alice.send(room, "4")
    assert (await sync()).rooms[room].event_ids == [one]
    assert not (await sync(lists=listing(3))).rooms


@pytest.mark.rules("S-202", "S-200")
async def test_a_limit_that_shrank_over_a_hole_brings_it_when_it_grows(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=listing(5))
    await sync(lists=listing(1))
    events = await alice.send_all(room, ["1", "2", "3"])
    gap = (await sync()).rooms[room]
    assert gap.event_ids == events[2:] and gap.limited
    entry = (await sync(lists=listing(5))).rooms[room]
    assert entry.expanded
    assert entry.event_ids[-3:] == events
    assert not conn.rooms[room].timeline.inner_holes


@pytest.mark.rules("S-200", "S-194")
async def test_a_larger_limit_together_with_news_counts_only_the_news_as_live(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    events = await alice.send_all(room, ["1", "2", "3"])
    await sync(lists=listing(1))
    events.append(await alice.send(room, "4"))
    entry = (await sync(lists=listing(4))).rooms[room]
    assert entry.event_ids == events
    assert entry.expanded
    assert entry.num_live == 1


@pytest.mark.rules("S-190")
async def test_without_a_timeline_there_is_nothing_of_it(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=listing(0, required_state=[("m.room.topic", "")]))
    await alice.set_state(room, "m.room.topic", {"topic": "Tea"})
    entry = (await sync()).rooms[room]
    assert set(entry.state) == {("m.room.topic", "")}
    assert not {"timeline", "limited", "num_live", "prev_batch"} & set(entry.raw)


@pytest.mark.rules("S-197", "S-617")
async def test_messages_of_ignored_users_do_not_come(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await carol.create_room("Carol's")
    await alice.join(room)
    await bob.join(room)
    await alice.ignore(bob)
    await sync(lists=listing(10))
    await bob.send(room, "bad")
    good = await carol.send(room, "good")
    entry = (await sync()).rooms[room]
    assert entry.event_ids == [good]


@pytest.mark.rules("S-198", "S-610")
async def test_a_redacted_event_comes_redacted(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    event = await alice.send(room, "regretted")
    await alice.redact(room, event)
    entry = (await sync(lists=listing(2))).rooms[room]
    assert entry.timeline[0]["event_id"] == event
    assert entry.timeline[0]["content"] == {}


@pytest.mark.rules("S-191", "S-608")
async def test_only_the_device_that_sent_an_event_is_told_its_transaction(
    alice: Account, bob: Account, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    phone = await alice.login()
    connections = [target.connect(device) for device in (alice, phone, bob)]
    for one in connections:
        await target.caught_up(one.account)
        await one.sync(lists=listing(5))
    event = await alice.send(room, "hello", txn_id="of-alice")
    told = []
    for one in connections:
        await one.until_event(room, event)
        found = one.rooms[room].timeline.events[-1].get("unsigned", {})
        told.append(found.get("transaction_id"))
    assert told == ["of-alice", None, None]


@pytest.mark.rules("S-601", "S-196")
async def test_who_left_sees_nothing_more_while_others_stay(
    alice: Account, bob: Account, carol: Account, sync: Sync, target: Target
) -> None:
    room = await carol.create_room("Carol's")
    await alice.join(room)
    await bob.join(room)
    staying = target.connect(bob)
    await sync(lists=listing(5), subscriptions={room: room_config(20, [("m.room.topic", "")])})
    await staying.sync(lists=listing(5))
    await alice.leave(room)
    secret = await carol.send(room, "secret")
    await carol.set_state(room, "m.room.topic", {"topic": "secret"})
    await staying.until_event(room, secret)
    told = [await sync(), await sync()]
    target_again = target.connect(alice, "new")
    told.append(await target_again.sync(subscriptions={room: room_config(50, [("*", "*")])}))
    assert "secret" not in str([answer.raw for answer in told])
