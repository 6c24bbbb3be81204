"""Ends of memberships inside a hole: the homeserver has left out what came just before.

Say Bob was told of A, then B, C, L (he is kicked) and D happen while nobody asks. His answer begins
at C or at L, Alice's behind all of it. Bob is shown the end alone, as ``limited``, and the state of
what he saw: A, and what his own answer says of B and C. Nothing of D is for him.
"""

import json

import pytest

from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.protocol.response import RoomAnswer
from syncv3.store import retention
from syncv3.types import Event
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    both_in,
    chunk,
    event,
    founding,
    invite,
    left,
    member,
    messages,
    state_told,
    told,
    topic,
)
from tests.integration.core.keeping import Client, named, window
from tests.unit.engine.keeping import Asked

STATE = Asked((("m.room.topic", ""), ("m.room.name", ""), ("m.room.member", BOB)))
KICK = member("kick", BOB, "leave", sender=ALICE, before="join")
SECRET = event("secret", "m.room.name", content={"name": "Secret"}, key="")
BEHIND = (topic("t9"), SECRET)


def client_of(world: World) -> Client:
    return Client(world, BOB, window(state=STATE))


async def bobs(world: World, at: int, *state: Event, end: Event = KICK) -> str:
    """Bob's poller tells the end, and not what precedes it; the token of its answer."""
    said = messages("c1", "c2", sender=CAROL)
    room = left(*said, end, state=state, limited=True)
    await world.poll(BOB, at, left={ROOM: room})
    token = world.since[(await world.device(BOB)).device_key]
    assert token is not None
    return token


async def alices(world: World, at: int, *state: Event) -> None:
    """Alice's poller was away for as long, and is behind the end."""
    behind = chunk(*messages("d1", sender=CAROL), state=(*BEHIND, *state), limited=True)
    await world.poll(ALICE, at, behind)


def is_the_end_alone(room: RoomAnswer, token: str | None = None) -> bool:
    leads = room.prev_batch == token if token else room.prev_batch is not None
    return named(room.timeline) == ["kick"] and room.limited and leads


@pytest.mark.rules("S-193", "S-195", "S-196", "D-30", "M-8")
async def test_an_end_in_a_hole_stands_alone_and_leads_back_to_what_precedes_it(
    world: World,
) -> None:
    await both_in(world)
    client = client_of(world)
    await client.room()
    pos = (await world.sync(BOB)).pos
    token = await bobs(world, 20)
    assert is_the_end_alone(await client.room(), token)
    assert await client.rooms() == {}
    assert is_the_end_alone(await client_of(world).room(), token)
    assert is_the_end_alone((await world.sync(BOB, pos)).rooms[ROOM], token)


@pytest.mark.rules("S-193", "S-195", "S-601")
async def test_others_who_bring_what_was_left_out_change_nothing_for_who_has_left(
    world: World,
) -> None:
    await both_in(world)
    token = await bobs(world, 20)
    hole = messages("b1", "c1", "c2", sender=CAROL)
    await world.poll(ALICE, 21, chunk(*hole, KICK, *BEHIND, *messages("d1")))
    room = await client_of(world).room()
    assert is_the_end_alone(room, token)
    assert (sorted(named(room.required_state)), room.name) == (["kick", "t1"], "")


@pytest.mark.rules("S-241", "S-601", "S-193", "X-4")
@pytest.mark.parametrize("knows_end", [True, False])
@pytest.mark.parametrize("order", ["alice first", "bob first", "bob late"])
async def test_the_state_of_an_end_in_a_hole_is_what_its_user_saw(
    world: World, second: World, order: str, *, knows_end: bool
) -> None:
    """``knows_end``: Alice's answer has the kick in its state. Late: it was made before hers."""
    await both_in(world)
    await world.poll(ALICE, 12, chunk(event("n1", "m.room.name", content={"name": "Old"}, key="")))
    state = (KICK,) if knows_end else ()
    if order == "bob first":
        await bobs(world, 20, topic("tc"))
        await alices(second, 21, *state)
    else:
        await alices(second, 21, *state)
        await bobs(world, 20 if order == "bob late" else 22, topic("tc"))
    for worker in (world, second):
        await worker.cache.refresh()
        room = await client_of(worker).room()
        assert is_the_end_alone(room)
        assert sorted(named(room.required_state)) == ["kick", "n1", "tc"]
        assert (room.name, room.membership) == ("Old", "leave")


@pytest.mark.rules("S-241", "S-601")
async def test_state_from_behind_an_end_is_not_shown_though_both_come_at_once(
    world: World,
) -> None:
    await both_in(world)
    behind = chunk(*messages("d1"), state=BEHIND, limited=True)
    await world.poll_together(
        await world.part(ALICE, 21, behind),
        await world.part(BOB, 20, left={ROOM: left(KICK, limited=True)}),
    )
    room = await client_of(world).room()
    assert is_the_end_alone(room)
    assert (sorted(named(room.required_state)), room.name) == (["kick", "t1"], "")


@pytest.mark.rules("S-193", "S-241", "S-601", "M-8")
async def test_an_end_that_only_the_state_of_others_tells_stands_alone(world: World) -> None:
    """Bob's own poller has not come back yet."""
    await both_in(world)
    client = client_of(world)
    await client.room()
    pos = (await world.sync(BOB)).pos
    await alices(world, 21, KICK)
    for room in (await client.room(), await client_of(world).room()):
        assert is_the_end_alone(room)
        assert "secret" not in named(room.required_state) and not room.name
    answer = await world.sync(BOB, pos)
    assert is_the_end_alone(answer.rooms[ROOM])
    assert state_told(answer) == []


@pytest.mark.rules("S-193", "S-241", "X-4")
async def test_what_others_tell_of_an_end_before_is_said_once(world: World) -> None:
    """Bob's own answer comes after he was told: what it adds of the state is told then."""
    await both_in(world)
    client = client_of(world)
    await client.room()
    await alices(world, 21, KICK)
    room = await client.room()
    assert is_the_end_alone(room) and named(room.required_state) == ["kick"]
    token = await bobs(world, 22, topic("tc"))
    room = await client.room()
    assert (named(room.timeline), named(room.required_state), room.limited) == ([], ["tc"], False)
    assert named(room.reminder) == ["kick"]
    assert await client.rooms() == {}
    room = await client_of(world).room()
    assert is_the_end_alone(room, token)
    assert sorted(named(room.required_state)) == ["kick", "tc"]


@pytest.mark.rules("S-240", "S-241")
async def test_state_that_the_last_answer_brings_is_news(world: World) -> None:
    await both_in(world)
    client = client_of(world)
    await client.room()
    await bobs(world, 20, topic("tc"))
    assert sorted(named((await client.room()).required_state)) == ["kick", "tc"]


@pytest.mark.rules("S-193", "S-242")
async def test_another_stay_in_a_hole_ends_alone(world: World) -> None:
    """Bob has left and was told. He comes back, others speak, and he is kicked: all in one hole."""
    await both_in(world)
    client = client_of(world)
    out = member("out", BOB, "leave", sender=ALICE, before="join")
    await world.poll(BOB, 20, left={ROOM: left(out)})
    assert named((await client.room()).timeline) == ["t1", "m1", "out"]
    token = await bobs(world, 30)
    assert is_the_end_alone(await client.room(), token)


@pytest.mark.rules("S-241", "S-162")
async def test_state_of_before_the_hole_is_kept_for_who_has_left(world: World) -> None:
    """Its value is replaced before Bob's end is told, and no connection is as old."""
    await both_in(world)
    await alices(world, 21)
    await bobs(world, 22)
    await world.poll(ALICE, 30, chunk(topic("t10")))
    await retention.clean(world.pool, below=2**60)
    room = await client_of(world).room()
    assert sorted(named(room.required_state)) == ["kick", "t1"]


@pytest.mark.rules("S-193", "S-195", "S-177")
@pytest.mark.parametrize("others", ["after", "before", "never"])
async def test_a_stay_between_two_answers_says_that_older_events_can_be_paged_to(
    world: World, others: str
) -> None:
    """The client had the invite only. History is shared, so Bob's own answer reaches back to
    before the invite; of that the client was told nothing. ``others``: when Alice's poller tells
    of the join; if that is before, the client has asked again meanwhile."""
    room = chunk(topic("t1"), *messages("m1", "m2"), state=(member("in", ALICE),))
    await world.poll(ALICE, 10, room)
    await world.poll(ALICE, 11, chunk(*messages("m3")))
    await world.poll(BOB, 12, invited={ROOM: invite(BOB)})
    client = client_of(world)
    assert (await client.room()).membership == "invite"
    pos = (await world.sync(BOB)).pos
    joined = (member("came", BOB, before="invite"), *messages("m4"))
    if others == "before":
        await world.poll(ALICE, 19, chunk(*joined))
        assert await client.rooms() == {}
        pos = (await world.sync(BOB, pos)).pos
    before = messages("m1", "m2", "m3")
    await world.poll(BOB, 20, chunk(*before, *joined, state=room.state))
    if others == "after":
        await world.poll(ALICE, 21, chunk(*joined))
    await world.poll(BOB, 30, left={ROOM: left(KICK)})
    for entry in (await client.room(), (await world.sync(BOB, pos)).rooms[ROOM]):
        assert named(entry.timeline) == ["came", "m4", "kick"]
        assert entry.limited and entry.prev_batch


@pytest.mark.rules("S-193", "S-195", "S-80", "D-30")
async def test_who_had_an_invite_and_came_and_went_between_two_polls_sees_the_end(
    world: World,
) -> None:
    await world.poll(ALICE, 10, chunk(topic("t1"), *messages("m1"), state=(member("in", ALICE),)))
    await world.poll(BOB, 12, invited={ROOM: invite(BOB)})
    client = client_of(world)
    await client.room()
    pos = (await world.sync(BOB)).pos
    came = member("came", BOB, before="invite")
    section = left(came, *messages("m4"), KICK, state=(topic("tc"),))
    await world.poll(BOB, 30, left={ROOM: section})
    token = world.since[(await world.device(BOB)).device_key]
    room = await client.room()
    assert is_the_end_alone(room, token)
    assert sorted(named(room.required_state)) == ["kick", "tc"]
    assert is_the_end_alone((await world.sync(BOB, pos)).rooms[ROOM], token)


@pytest.mark.rules("S-193")
async def test_a_stay_that_the_client_has_is_not_limited_by_its_end(world: World) -> None:
    await both_in(world)
    client = client_of(world)
    await client.room()
    await world.poll(BOB, 20, left={ROOM: left(*messages("m2"), KICK)})
    await world.poll(ALICE, 21, chunk(*messages("m9"), limited=True))
    room = await client.room()
    assert (named(room.timeline), room.limited) == (["m2", "kick"], False)


@pytest.mark.rules("S-162", "S-196")
async def test_who_subscribes_to_a_room_that_they_left_in_a_hole_sees_the_end(
    world: World,
) -> None:
    await both_in(world)
    token = await bobs(world, 20, end=member("kick", BOB, "leave", before="join"))
    client = Client(world, BOB, CompleteRequest(subscriptions={ROOM: RoomConfig(10, (STATE,))}))
    assert is_the_end_alone(await client.room(), token)


@pytest.mark.rules("D-30", "M-8")
async def test_what_was_not_told_before_the_hole_is_paged_to(world: World) -> None:
    """m2 is known, but the end does not follow it."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 15, chunk(*messages("m2", sender=CAROL)))
    token = await bobs(world, 20)
    answer = await world.sync(BOB, pos)
    assert told(answer) == ["kick"]
    assert is_the_end_alone(answer.rooms[ROOM], token)
    assert json.loads(answer.rooms[ROOM].timeline[0])["event_id"] == "$kick"


@pytest.mark.rules("D-61", "S-260")
async def test_who_was_kicked_is_told_who_did_it_though_they_had_never_met(world: World) -> None:
    """Only the answer that ends Bob's membership says who Alice is, after its timeline."""
    await world.poll(BOB, 10, chunk(*messages("m1", sender=BOB), state=founding(BOB)))
    who = member("in-@alice:hs", ALICE, before="invite")
    await world.poll(BOB, 20, left={ROOM: left(KICK, state=[who])})
    lazy = Client(world, BOB, window(state=Asked((), True)))
    assert "in-@alice:hs" in named((await lazy.room()).required_state)
