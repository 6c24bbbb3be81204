"""Rooms come, change, move and go: in both dialects by the same means."""

import asyncio

import pytest

from tests.integration.simplified.conftest import Sync, waiting
from tests.support.account import Account
from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Dialect, room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = ("m.room.member", "$ME")
NAME = ("m.room.name", "")
LAZY = ("m.room.member", "$LAZY")
ALL = {"all": window(required_state=[NAME, OWN, LAZY])}


@pytest.mark.rules("S-173", "S-175", "S-190", "S-240", "S-271", "S-276", "S-320", "S-500")
async def test_a_first_answer_has_the_rooms_whole(
    endpoint: Target, alice: Account, bob: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    said = await alice.send(room, "hello")
    answer = await sync(lists=ALL)
    entry = answer.rooms[room]
    assert entry.initial and entry.event_ids[-1] == said and entry.num_live == 0
    assert entry.raw["name"] == "Kitchen" and entry.counts == (2, 0)
    assert {NAME, (OWN[0], bob.user_id), (OWN[0], alice.user_id)} <= entry.state.keys()
    assert entry.raw["bump_stamp"] > 1_500_000_000_000, "no milliseconds"
    assert answer.count() == 1
    only_stable = {"membership": "join", "lists": ["all"]}
    only_unstable = {"notification_count", "highlight_count"}
    if endpoint.dialect is Dialect.U:
        assert only_unstable <= entry.raw.keys() and not only_stable.keys() & entry.raw.keys()
        assert answer.order() == [room]
    else:
        assert only_stable.items() <= entry.raw.items() and not only_unstable & entry.raw.keys()
        assert answer.raw["lists"] == {"all": {"count": 1}}


@pytest.mark.rules("S-171", "S-194", "S-321", "S-324")
async def test_a_message_ends_a_wait_with_nothing_but_itself(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(lists=ALL)
    await sync()
    async with waiting(conn) as task:
        said = await alice.send(room, "hello")
        answer = await task
    entry = answer.rooms[room]
    assert not entry.initial and entry.event_ids == [said] and entry.num_live == 1
    assert not entry.limited and "name" not in entry.raw and entry.counts is None


@pytest.mark.rules("S-323", "S-325", "S-321")
async def test_without_news_an_answer_is_empty_and_complete(
    conn: Connection, bob: Account, sync: Sync
) -> None:
    await bob.create_room("Kitchen")
    await sync(lists=ALL)
    answer = await sync(timeout_ms=50)
    assert answer.raw["rooms"] == {} and answer.count() == 1
    assert answer.raw["extensions"] == {}


@pytest.mark.rules("S-170", "S-174", "S-179", "S-193", "S-120")
async def test_a_room_that_left_the_window_comes_back_as_a_difference(
    alice: Account, bob: Account, sync: Sync
) -> None:
    first, second = [await alice.create_room(name) for name in ("First", "Second")]
    for room in (first, second):
        await bob.join(room)
    top = {"all": window(0, 0, timeline_limit=1)}
    assert set((await sync(lists=top)).rooms) == {second}
    await alice.send(first, "one")
    assert (await sync()).rooms[first].initial
    await alice.send_all(second, ["two", "three"])
    entry = (await sync()).rooms[second]
    assert not entry.initial and entry.bodies == ["three"] and entry.limited
    assert set((await sync()).rooms) == set()


@pytest.mark.rules("S-200", "S-204", "S-251", "S-160")
async def test_a_subscription_brings_more_of_a_room_at_once(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send_all(room, ["one", "two", "three"])
    await sync(lists={"all": window(timeline_limit=1)})
    topic = ("m.room.create", "")
    answer = await sync(subscriptions={room: room_config(3, [topic])})
    entry = answer.rooms[room]
    assert not entry.initial and entry.expanded and entry.bodies == ["one", "two", "three"]
    assert entry.state.keys() == {topic}


@pytest.mark.rules("S-310", "S-311", "S-312", "S-313", "S-176", "S-290", "S-292")
async def test_an_invite_is_told_once_and_accepting_it_begins_anew(
    endpoint: Target, alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    await sync(lists=ALL)
    async with waiting(conn) as task:
        room = await alice.create_room("Kitchen", public=False)
        await alice.invite(room, bob)
        entry = (await task).rooms[room]
    assert entry.initial and entry.stripped is not None
    own = [e for e in entry.stripped if e["type"] == OWN[0] and e["state_key"] == bob.user_id]
    assert [event["content"]["membership"] for event in own] == ["invite"]
    assert not {"timeline", "limited", "required_state", "joined_count"} & entry.raw.keys()
    if endpoint.dialect is Dialect.S:
        assert entry.raw["membership"] == "invite" and "name" not in entry.raw
    assert (await sync()).rooms == {}
    await bob.join(room)
    joined = (await sync()).rooms[room]
    assert joined.initial and joined.stripped is None and joined.raw["name"] == "Kitchen"


@pytest.mark.rules("S-80", "S-177", "S-196", "S-241", "S-242")
async def test_a_kick_ends_the_room_where_it_happened(
    endpoint: Target, alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(lists=ALL)
    await sync()
    async with waiting(conn) as task:
        await alice.kick(room, bob)
        entry = (await task).rooms[room]
    own = entry.state[OWN[0], bob.user_id]
    assert own["content"]["membership"] == "leave" and own["sender"] == alice.user_id
    assert not entry.initial and entry.event_ids == [own["event_id"]]
    if endpoint.dialect is Dialect.S:
        assert entry.raw["membership"] == "leave"
    await alice.send(room, "behind the door")
    answer = await sync()
    assert answer.rooms == {} and answer.count() == 1, "who was kicked keeps the room"


@pytest.mark.rules("S-82", "S-83", "S-242")
async def test_leaving_is_told_once_whatever_the_lists_show(
    bob: Account, conn: Connection, sync: Sync
) -> None:
    hidden, shown = [await bob.create_room(name) for name in ("Hidden", "Shown")]
    await sync(lists=ALL)
    await bob.leave(hidden)
    none = {"none": window(required_state=[OWN], filters={"is_dm": True})}
    answer = await sync(lists=none)
    entry = answer.rooms[hidden]
    assert entry.state[OWN[0], bob.user_id]["content"]["membership"] == "leave"
    assert answer.count("none") == 0
    again = await sync(lists=ALL)
    assert hidden not in again.rooms and again.count() == 1
    fresh = await conn.ask()
    assert hidden not in fresh.rooms and shown in conn.rooms


@pytest.mark.rules("S-86", "S-617")
async def test_an_invite_by_an_ignored_person_is_not_shown(
    alice: Account, bob: Account, sync: Sync
) -> None:
    await bob.ignore(alice)
    room = await alice.create_room("Kitchen", public=False)
    await alice.invite(room, bob)
    answer = await sync(lists=ALL, subscriptions={room: room_config(1)})
    assert answer.rooms == {} and answer.count() == 0


@pytest.mark.rules("S-50", "S-51", "S-53", "S-501")
async def test_connections_are_strangers_to_each_other(
    endpoint: Target, alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Kitchen")
    await sync(lists=ALL)
    other = endpoint.connect(bob, "other")
    assert (await other.sync(lists=ALL)).rooms[room].initial
    for stranger in (endpoint.connect(bob, "third"), endpoint.connect(alice)):
        stranger.pos = conn.pos
        status, body = await _ask(stranger)
        assert (status, body["errcode"]) == (400, "M_UNKNOWN_POS")
    theirs = next(each for each in Dialect if each is not endpoint.dialect)
    elsewhere = Connection(endpoint.http, endpoint.url, theirs, bob)
    elsewhere.pos = conn.pos
    status, body = await _ask(elsewhere)
    assert (status, body["errcode"]) == (400, "M_UNKNOWN_POS")
    assert (await sync()).rooms == {}, "the connection did not go on"


async def _ask(conn: Connection) -> tuple[int, dict[str, object]]:
    """A request of a client that goes on from a position."""
    body = {"conn_id": conn.conn_id} if conn.conn_id else {}
    if conn.dialect is Dialect.U:
        return await conn.post(body, {"pos": conn.pos or ""})
    return await conn.post(body | {"pos": conn.pos})


@pytest.mark.rules("S-55", "S-56", "S-170")
async def test_a_lost_answer_is_given_again(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(lists=ALL)
    said = await alice.send(room, "hello")
    lost = await _until_said(conn, room)
    again = await conn.ask()
    assert lost.rooms[room].event_ids == again.rooms[room].event_ids == [said]
    assert conn.pos not in (lost.pos, again.pos)


async def _until_said(conn: Connection, room: str) -> Answer:
    for _ in range(50):
        answer = await conn.ask()
        if room in answer.rooms:
            return answer
        await asyncio.sleep(0.1)  # between two requests
    raise AssertionError("nothing came")


@pytest.mark.rules("S-24", "S-117")
async def test_a_list_without_a_range_has_all_rooms(bob: Account, sync: Sync) -> None:
    rooms = {await bob.create_room(name) for name in ("One", "Two", "Three")}
    everything = {"all": {"timeline_limit": 1, "required_state": []}}
    answer = await sync(lists=everything)
    assert answer.rooms.keys() == rooms and answer.count() == 3
    later = await bob.create_room("Four")
    assert (await sync()).rooms.keys() == {later}


@pytest.mark.rules("S-132")
async def test_a_room_that_one_was_kicked_from_is_still_encrypted(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await alice.create_room("Secret")
    await alice.encrypt(room)
    await bob.join(room)
    await sync(lists=ALL)
    await alice.kick(room, bob)
    answer = await sync(
        lists={
            "yes": window(filters={"is_encrypted": True}),
            "no": window(filters={"is_encrypted": False}),
        }
    )
    assert (answer.count("yes"), answer.count("no")) == (1, 0)
