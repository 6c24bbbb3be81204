"""What is loaded for clients that keep what they are shown no longer: old bounds, left rooms."""

import json
from dataclasses import replace

import pytest

from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.store import retention, room_state
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    chunk,
    event,
    founding,
    invite,
    left,
    member,
    messages,
    topic,
)
from tests.integration.core.keeping import Client, named, window
from tests.unit.engine.keeping import Asked

OTHER = RoomID("!other:hs")
OWN = Asked((("m.room.topic", ""), ("m.room.member", BOB)))


async def begun(world: World, client: Client) -> None:
    """A room with Alice and Bob, which the client has."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    assert (await client.room()).initial


@pytest.mark.rules("S-192", "S-240", "S-243")
async def test_a_live_message_and_a_changed_topic(world: World) -> None:
    client = Client(world, BOB)
    await begun(world, client)
    await world.poll(ALICE, 20, chunk(topic("t1"), *messages("m2")))
    room = await client.room()
    assert (named(room.timeline), named(room.required_state)) == (["t1", "m2"], ["t1"])
    assert (room.initial, room.limited, room.num_live, room.name) == (False, False, 2, None)
    assert await client.rooms() == {}


@pytest.mark.rules("S-54", "S-56")
async def test_who_asks_another_worker_once_more_is_told_nothing_twice(
    world: World, second: World
) -> None:
    """One worker's answer gets lost, and another one is asked from the same position."""
    client = Client(world, BOB)
    await begun(world, client)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    assert named((await client.room()).timeline) == ["m2"]
    pos = client.pos
    await world.poll(BOB, 30, joined={OTHER: chunk(*messages("o1"), state=founding(BOB))})
    await second.cache.refresh()
    for worker in (second, world, second):
        rooms = await replace(client, world=worker).rooms(pos)
        assert rooms.keys() == {OTHER} and rooms[OTHER].initial


@pytest.mark.rules("S-193", "S-205", "S-240", "S-270")
async def test_behind_a_gap_come_the_newest_events_and_all_that_changed(world: World) -> None:
    client = Client(world, BOB)
    await begun(world, client)
    name = event("n1", "m.room.name", content={"name": "Kitchen"}, key="")
    both = founding(ALICE, BOB)
    gap = chunk(*messages("m9"), state=(*both, topic("t1"), name), limited=True)
    await world.poll(BOB, 20, gap)
    room = await client.room()
    assert (named(room.timeline), room.limited, room.initial) == (["m9"], True, False)
    assert sorted(named(room.required_state)) == ["n1", "t1"] and room.name == "Kitchen"
    assert room.prev_batch == "before" and await client.rooms() == {}


@pytest.mark.rules("S-241")
@pytest.mark.parametrize("first", ["t1", ""])
async def test_what_others_learned_behind_a_gap_is_none_of_theirs_who_had_left(
    world: World, first: str
) -> None:
    """Alice is kicked, then Bob sets topic and name; his poll comes before that of Alice."""
    before = (*founding(ALICE, BOB), *([topic(first)] if first else []))
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=before))
    await world.poll(BOB, 11, chunk(*messages("m1"), state=before))
    later = topic("t2"), member("b2", BOB, displayname="Bobby")
    await world.poll(BOB, 20, chunk(*messages("m9"), state=later, limited=True))
    kick = member("a2", ALICE, "leave", sender=BOB)
    await world.poll(ALICE, 30, left={ROOM: left(kick)})
    room = await Client(
        world, ALICE, ask=CompleteRequest(subscriptions={ROOM: RoomConfig(9, (OWN,))})
    ).room()
    assert set(named(room.required_state)) - {"a2"} == {f"in-{BOB}", *filter(None, [first])}


@pytest.mark.rules("S-174", "S-179")
async def test_a_room_that_was_behind_when_the_worker_was_restarted(
    world: World, database_url: str
) -> None:
    """The log of changes does not reach back: the database is asked."""
    client = Client(world, BOB)
    await begun(world, client)
    world.cache.rooms.clear()
    world.cache.users.clear()
    await world.poll(ALICE, 20, chunk(topic("t1"), *messages("m2")))
    world.cache.users.clear()
    room = await client.room()
    assert (named(room.timeline), named(room.required_state)) == (["t1", "m2"], ["t1"])
    assert not room.initial


@pytest.mark.rules("S-162", "S-196", "S-241", "S-273")
async def test_a_room_that_was_left_long_ago_is_as_it_was(world: World) -> None:
    client = Client(world, BOB, CompleteRequest(subscriptions={ROOM: RoomConfig(10, (OWN,))}))
    await world.poll(ALICE, 10, chunk(*messages("m1"), topic("t1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1"), topic("t1"), state=founding(ALICE, BOB)))
    name = event("n1", "m.room.name", content={"name": "Kitchen"}, key="")
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 20, chunk(name, kick, topic("t2")))
    other = event("n2", "m.room.name", content={"name": "Cellar"}, key="")
    await world.poll(ALICE, 30, chunk(*messages("m3"), other, limited=True))
    room = await client.room()
    assert named(room.timeline) == ["m1", "t1", "n1", "kick"] and room.initial
    assert sorted(named(room.required_state)) == ["kick", "t1"]
    assert (room.name, room.membership, room.joined_count) == ("Kitchen", "leave", None)


@pytest.mark.rules("S-177", "S-194", "S-196", "S-240")
async def test_a_kick_is_a_difference_up_to_its_event(world: World) -> None:
    client = Client(world, BOB, window(state=OWN))
    await begun(world, client)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 20, chunk(topic("t1"), kick, topic("t2"), *messages("m2")))
    room = await client.room()
    assert (named(room.timeline), named(room.required_state)) == (["t1", "kick"], ["t1", "kick"])
    assert (room.initial, room.num_live, room.membership) == (False, 2, "leave")
    assert await client.rooms() == {}


@pytest.mark.rules("S-310", "S-313", "S-315", "S-87", "S-618")
async def test_an_invite_is_told_once_and_so_is_its_rejection(world: World) -> None:
    client = Client(world, BOB, window(state=OWN))
    await client.sync()
    await world.poll(BOB, 10, invited={ROOM: invite(BOB)})
    room = await client.room()
    assert room.initial and room.stripped_state and room.membership == "invite"
    assert not room.has_timeline and room.required_state == ()
    assert await client.rooms() == {}
    await world.poll(BOB, 20, left={ROOM: left()})
    pos = client.pos
    room = await client.room()
    [own] = json.loads(b"[" + b",".join(room.required_state) + b"]")
    assert (own["state_key"], own["content"]) == (BOB, {"membership": "leave"})
    assert (room.membership, room.initial, room.stripped_state) == ("leave", False, None)
    assert await client.rooms() == {}
    again = (await client.rooms(pos))[ROOM]
    assert again.required_state == room.required_state, "the event has one name"


@pytest.mark.rules("S-176")
async def test_an_accepted_invite_is_a_whole_room(world: World) -> None:
    client = Client(world, BOB)
    await client.sync()
    await world.poll(BOB, 10, invited={ROOM: invite(BOB)})
    await client.sync()
    joined = member("in", BOB, before="invite")
    await world.poll(BOB, 20, chunk(joined, state=founding(ALICE)))
    room = await client.room()
    assert (room.initial, room.membership, named(room.timeline)) == (True, "join", ["in"])


@pytest.mark.rules("S-56", "S-260", "S-261", "S-264")
async def test_members_of_a_lost_answer_are_sent_again(world: World) -> None:
    """Nothing happens between the two answers: they have the same position."""
    lazy = Asked(lazy=True)
    client = Client(world, BOB, window(0, lazy))
    await begun(world, client)
    pos = client.pos
    client.ask = window(20, lazy)
    lost = (await client.rooms(pos))[ROOM]
    assert named(lost.required_state) == [f"in-{ALICE}"]
    again = (await client.rooms(pos))[ROOM]
    assert named(again.required_state) == [f"in-{ALICE}"]
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    assert (await client.room()).required_state == ()


@pytest.mark.rules("S-261")
@pytest.mark.parametrize("ahead", [0, 1])
async def test_workers_in_turn_send_a_member_once(
    world: World, database_url: str, ahead: int
) -> None:
    """The other worker knows of the connection only what is stored, or has answered before."""
    other = await World.start(database_url)
    try:
        for each in (world, other):
            each.connections.alone = False
        client = Client(world, BOB, window(0, Asked(lazy=True)))
        await begun(world, client)
        for _ in range(ahead):
            for client.world in (other, world):
                await client.sync()
        client.ask = window(20, Asked(lazy=True))
        assert named((await client.room()).required_state) == [f"in-{ALICE}"]
        for at, client.world in enumerate((other, world, other), 30):
            await world.poll(ALICE, at, chunk(*messages(f"m{at}")))
            await other.cache.refresh()
            assert (await client.room()).required_state == ()
    finally:
        await other.stop()


@pytest.mark.rules("S-261", "S-264")
@pytest.mark.parametrize("later", [False, True])
async def test_a_member_of_a_lost_answer_is_sent_by_another_worker(
    world: World, database_url: str, later: bool
) -> None:
    """The lost answer was stored, at the position of the client or at a later one."""
    other = await World.start(database_url)
    try:
        for each in (world, other):
            each.connections.alone = False
        client = Client(world, BOB, window(0, Asked(lazy=True)))
        await begun(world, client)
        pos = client.pos
        client.ask = window(20, Asked(lazy=True))
        if later:
            await world.poll(ALICE, 30, chunk(*messages("m30")))
        assert named((await client.room()).required_state) == [f"in-{ALICE}"]
        client.world = other
        assert named((await client.rooms(pos))[ROOM].required_state) == [f"in-{ALICE}"]
        for at, client.world in enumerate((world, other), 40):
            await world.poll(ALICE, at, chunk(*messages(f"m{at}")))
            await other.cache.refresh()
            assert (await client.room()).required_state == ()
    finally:
        await other.stop()


@pytest.mark.rules("S-56", "S-264")
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_the_sender_of_a_message_that_was_held_back_and_then_lost(
    world: World, database_url: str, elsewhere: bool
) -> None:
    """The client has an answer without the message. The lost one has it, and the same position."""
    other = await World.start(database_url)
    client = Client(world, BOB, window(20, Asked(lazy=True)))
    try:
        for each in (world, other):
            each.connections.alone = not elsewhere
        await begun(world, client)
        await world.poll(ALICE, 20, chunk(event("own", sender=BOB)))
        assert await client.rooms() == {}  # its transaction is waited for
        pos = client.pos
        for client.world in (world, other if elsewhere else world):
            await client.sync(pos)
            for connection in client.world.connections:
                connection.hold = dict.fromkeys(connection.hold, float("-inf"))
            told = (await client.rooms(pos))[ROOM]
            assert (named(told.timeline), named(told.required_state)) == (["own"], [f"in-{BOB}"])
    finally:
        await other.stop()


@pytest.mark.rules("S-242")
async def test_an_end_does_not_wait_for_a_transaction_of_before(world: World) -> None:
    """Bob's message, of which his device has not been told yet, and his leave: both are told at
    once, as nobody waits for what is before an end, and once."""
    client = Client(world, BOB)
    await begun(world, client)
    own, leave = event("own", sender=BOB), member("left", BOB, "leave")
    await world.poll(ALICE, 20, chunk(own, leave))
    await world.poll(BOB, 21, left={ROOM: left(leave)})
    assert named((await client.room()).timeline) == ["own", "left"]
    assert await client.rooms() == {}


@pytest.mark.rules("S-260")
async def test_members_whom_a_gap_has_hidden_are_struck_off(world: World) -> None:
    client = Client(world, BOB, window(20, Asked(lazy=True)))
    await begun(world, client)
    renamed = member("renamed", ALICE, displayname="A")
    quiet = event("m9", sender=BOB)
    await world.poll(BOB, 20, chunk(quiet, state=(renamed,), limited=True))
    assert (await client.room()).limited
    await world.poll(BOB, 30, chunk(*messages("m10")))
    assert named((await client.room()).required_state) == ["renamed"]


@pytest.mark.parametrize(
    ("statement", "values", "indexes"),
    [
        (room_state.CHANGED, ([1], [1], 9), {"ss_room_state_changed"}),
        (room_state.FROZEN, ([1], [1], [1]),
         {"ss_room_state_current", "ss_room_state_replaced", "ss_events_timeline"}),
        (room_state.FROZEN_MEMBERS, ([1], [1], [1], [BOB]),
         {"ss_room_state_current", "ss_room_state_replaced"}),
        (room_state.ALL_FROZEN_MEMBERS, ([1], [1], [1]),
         {"ss_room_state_current", "ss_room_state_replaced"}),
    ],
)  # fmt: skip
async def test_state_of_before_is_found_by_indexes(
    world: World, statement: str, values: tuple[object, ...], indexes: set[str]
) -> None:
    async with world.pool.acquire() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {statement}", *values)
    lines = "\n".join(row[0] for row in plan)
    assert "Seq Scan" not in lines and all(name in lines for name in indexes)


@pytest.mark.rules("S-162", "S-241", "U-181")
async def test_what_a_left_room_was_is_not_deleted(world: World) -> None:
    client = Client(world, BOB, CompleteRequest(subscriptions={ROOM: RoomConfig(10, (OWN,))}))
    await world.poll(ALICE, 10, chunk(topic("t0"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(topic("t0"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 15, chunk(topic("t1")))
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 20, chunk(kick))
    await world.poll(ALICE, 30, chunk(topic("t2")))
    await world.poll(ALICE, 40, chunk(topic("t3")))
    await retention.clean(world.pool, await retention.floor(world.pool))
    values = await world.pool.fetchval(
        "SELECT count(*) FROM ss_room_state WHERE type = 'm.room.topic'"
    )
    assert values == 2, "the present one, and that of the kick"
    assert sorted(named((await client.room()).required_state)) == ["kick", "t1"]


@pytest.mark.rules("S-176", "S-193", "S-194")
async def test_a_joined_room_comes_with_what_the_own_sync_has_from_before(world: World) -> None:
    """Alice's poll has brought m0 and m1. Bob's sync begins at m1, and so does what he is sent:
    only his join and what follows it is live."""
    client = Client(world, BOB)
    await client.sync()
    await world.poll(ALICE, 10, chunk(*messages("m0", "m1"), state=founding(ALICE)))
    joined = member("in", BOB, before="invite")
    await world.poll(BOB, 20, chunk(*messages("m1"), joined, limited=True))
    await world.poll(ALICE, 30, chunk(joined, *messages("m2")))
    room = await client.room()
    assert (named(room.timeline), room.initial, room.limited) == (["m1", "in", "m2"], True, True)
    assert room.num_live == 2


@pytest.mark.rules("S-193")
async def test_a_whole_room_from_its_creation_on_is_not_limited(world: World) -> None:
    created = event("create", "m.room.create", BOB, content={"room_version": "10"}, key="")
    await world.poll(BOB, 10, chunk(created, member("in", BOB), *messages("m1")))
    room = await Client(world, BOB).room()
    assert (named(room.timeline), room.limited) == (["create", "in", "m1"], False)
    shorter = await Client(world, BOB, window(2), conn_id="shorter").room()
    assert (named(shorter.timeline), shorter.limited) == (["in", "m1"], True)
