"""Rooms that a user was put out of before they were known here: what such a user sees of them."""

import json
from dataclasses import dataclass, field

import pytest

from syncv3.batch import LeftRoom
from syncv3.cache.perspective import Perspective
from syncv3.dialects.simplified.perspective import SeenSimply
from syncv3.protocol.request import CompleteRequest, Filters, ListSpec, RoomConfig
from syncv3.types import Event
from tests.integration.core.build import (
    ALICE,
    BOB,
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
    topic,
)
from tests.integration.core.keeping import Client, KeepingDialect, named, window
from tests.unit.engine.keeping import Asked

NAME = event("name", "m.room.name", content={"name": "Kitchen"}, key="")
OWN = Asked((("m.room.topic", ""), ("m.room.member", BOB)))
LAZY = Asked((("m.room.topic", ""), ("m.room.member", BOB)), lazy=True)


@dataclass(frozen=True)
class Stable(KeepingDialect):
    """Does not list rooms whose user was banned without ever having been in them."""

    perspective: Perspective = field(default_factory=lambda: SeenSimply(lists_strangers=False))


def kick(name: str = "kick", before: str = "join") -> Event:
    return member(name, BOB, "leave", sender=ALICE, before=before)


def ban(name: str = "ban", before: str = "join") -> Event:
    return member(name, BOB, "ban", sender=ALICE, before=before)


async def put_out(
    world: World, end: Event, *before: Event, at: int = 10, others: bool = False
) -> None:
    """The first answer of Bob's homeserver has the end of an earlier membership.

    ``others``: he had not been in the room before the timeline.
    """
    members = founding(ALICE) if others else founding(ALICE, BOB)
    room = left(*before, end, state=(*members, NAME, topic("t1")), limited=True)
    await world.poll(BOB, at, left={ROOM: room})


@pytest.mark.rules("S-80", "S-196", "S-241", "S-242", "S-273", "S-602")
@pytest.mark.parametrize("end", [kick("end"), ban("end")], ids=["kicked", "banned"])
async def test_the_room_is_listed_as_it_was_when_its_user_was_put_out(
    world: World, end: Event
) -> None:
    client = Client(world, BOB, window(state=LAZY))
    await put_out(world, end, *messages("m1"), topic("t2"))
    room = await client.room()
    assert room.initial and room.membership == json.loads(end.json)["content"]["membership"]
    assert sorted(named(room.required_state)) == ["end", f"in-{ALICE}", "t2"]
    assert (named(room.timeline), room.limited, room.name) == (["end"], True, "Kitchen")
    assert room.prev_batch is not None and room.joined_count is None and room.num_live == 0
    assert await client.rooms() == {}


@pytest.mark.rules("S-80", "S-196", "S-241")
async def test_who_was_put_out_while_their_first_answer_was_on_its_way_sees_the_room(
    world: World,
) -> None:
    """Alice's first answer has the kick, and what precedes it has no place in the room."""
    joined = member(f"in-{BOB}", BOB, "join")
    await world.poll(ALICE, 20, chunk(kick("end"), state=(*founding(ALICE), NAME), limited=True))
    await world.poll(BOB, 10, chunk(joined, state=(*founding(ALICE)[:1], NAME), limited=True))
    told = left(kick("end"), state=(member(f"in-{ALICE}", ALICE, "join"),))
    await world.poll(BOB, 30, left={ROOM: told})
    room = await Client(world, BOB, window(state=LAZY)).room()
    assert (room.membership, room.name) == ("leave", "Kitchen")
    assert sorted(named(room.required_state)) == ["end", f"in-{ALICE}"]
    assert (named(room.timeline), room.limited) == (["end"], True)


@pytest.mark.rules("S-80")
async def test_a_late_first_answer_makes_no_invite_of_what_others_have_told(world: World) -> None:
    """Bob was in the room, was kicked and invited again: only his own answer has the invite."""
    again = member("again", BOB, "invite", before="leave")
    news = chunk(*messages("m4"), kick(), again, state=founding(ALICE), limited=True)
    await world.poll(ALICE, 20, news)
    joined = member(f"in-{BOB}", BOB, "join")
    own = chunk(joined, *messages("m4"), state=founding(ALICE), limited=True)
    await world.poll(BOB, 10, own)
    assert await world.membership(BOB) is None


@pytest.mark.rules("S-80", "S-161", "S-196")
@pytest.mark.parametrize("dialect", [KeepingDialect(), Stable()], ids=["unstable", "stable"])
@pytest.mark.parametrize("before", ["", "invite", "leave"])
async def test_who_was_banned_without_having_been_in_sees_nothing_but_the_ban(
    world: World, dialect: KeepingDialect, before: str
) -> None:
    client = Client(world, BOB, window(state=OWN), dialect)
    await put_out(world, ban(before=before), topic("t2"), others=True)
    rooms = await client.rooms()
    assert set(rooms) == ({ROOM} if dialect == KeepingDialect() else set())
    client.ask = CompleteRequest(subscriptions={ROOM: RoomConfig(10, (OWN,))})
    client.pos = None
    room = await client.room()
    assert named(room.required_state) == ["ban"] and not room.has_timeline
    assert not room.name and room.prev_batch is None


@pytest.mark.rules("S-80", "S-602")
@pytest.mark.parametrize("dialect", [KeepingDialect(), Stable()], ids=["unstable", "stable"])
async def test_a_ban_that_follows_a_stay_is_listed_by_both_dialects(
    world: World, dialect: KeepingDialect
) -> None:
    client = Client(world, BOB, window(state=OWN), dialect)
    await put_out(world, ban(before="leave"), kick(), others=True)
    assert (await client.room()).membership == "ban"


@pytest.mark.rules("S-80", "S-82")
@pytest.mark.parametrize(
    "room",
    [
        left(member("out", BOB, "leave", before="join"), state=founding(ALICE, BOB)),
        left(state=founding(ALICE)),
        left(member("in", BOB), state=founding(ALICE)),
    ],
    ids=["by oneself", "without an end", "with another membership"],
)
async def test_a_room_that_nobody_else_ended_is_nothing_to_its_user(
    world: World, room: LeftRoom
) -> None:
    client = Client(world, BOB, CompleteRequest(subscriptions={ROOM: RoomConfig(10, (OWN,))}))
    await world.poll(BOB, 10, left={ROOM: room})
    assert await client.rooms() == {}
    assert await world.membership(BOB) is None


@pytest.mark.rules("S-601", "S-241")
@pytest.mark.parametrize("others_first", [False, True])
async def test_others_are_in_the_room_today_and_neither_sees_what_the_other_was_told(
    world: World, *, others_first: bool
) -> None:
    now = chunk(topic("today"), *messages("m9"), state=founding(ALICE), limited=True)
    if others_first:
        await world.poll(ALICE, 5, now)
    await put_out(world, kick(), topic("t2"), at=10)
    if not others_first:
        await world.poll(ALICE, 15, now)
    room = await Client(world, BOB, window(state=OWN)).room()
    assert sorted(named(room.required_state)) == ["kick", "t2"]
    assert named(room.timeline) == ["kick"] and room.name == "Kitchen"
    room = await Client(world, ALICE, window(state=OWN)).room()
    assert (named(room.timeline), named(room.required_state)) == (["today", "m9"], ["today"])
    assert room.name == "", "nothing of what Bob alone was told is known of the room"


@pytest.mark.rules("S-132", "S-134")
async def test_filters_know_the_room_as_it_was(world: World) -> None:
    secret = event("e", "m.room.encryption", content={"algorithm": "m.megolm.v1.aes-sha2"}, key="")
    await put_out(world, kick(), secret)
    for encrypted in (True, False):
        spec = ListSpec(ranges=((0, 9),), filters=Filters(is_encrypted=encrypted))
        client = Client(world, BOB, CompleteRequest(lists={"all": spec}))
        assert set(await client.rooms()) == ({ROOM} if encrypted else set())


@pytest.mark.rules("S-80", "S-176")
async def test_who_joins_again_sees_the_room_and_nothing_else(world: World) -> None:
    client = Client(world, BOB, window(state=OWN))
    await put_out(world, kick())
    await client.room()
    back = chunk(member("back", BOB, before="leave"), *messages("m2"), state=founding(ALICE))
    await world.poll(BOB, 20, back)
    room = await client.room()
    assert room.initial and room.membership == "join"
    assert named(room.timeline) == ["back", "m2"] and room.name == ""


@pytest.mark.rules("S-80", "S-310")
async def test_an_invite_into_such_a_room_is_an_invite(world: World) -> None:
    client = Client(world, BOB, window(state=OWN))
    await put_out(world, kick())
    await client.room()
    await world.poll(BOB, 20, invited={ROOM: invite(BOB)})
    room = await client.room()
    assert room.membership == "invite" and room.stripped_state and len(room.stripped_state) == 1


@pytest.mark.rules("S-80", "S-85")
async def test_the_same_end_in_another_first_answer_is_no_news(world: World) -> None:
    """The device's token was dead, or another device of Bob's comes here."""
    client = Client(world, BOB, window(state=OWN))
    await put_out(world, kick())
    await client.room()
    await put_out(world, kick(), at=30)
    assert await client.rooms() == {}


@pytest.mark.rules("S-80", "S-194")
async def test_who_joins_and_is_kicked_between_two_polls_sees_the_room(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    client = Client(world, BOB, window(state=OWN))
    await world.poll(BOB, 11)
    await client.sync()
    section = left(member("in", BOB), *messages("m2"), kick(), state=founding(ALICE))
    await world.poll(BOB, 20, left={ROOM: section})
    room = await client.room()
    assert room.initial and room.membership == "leave"
    assert named(room.required_state) == ["kick"] and named(room.timeline)[-1] == "kick"


@pytest.mark.rules("S-196", "S-242", "S-80")
@pytest.mark.parametrize("polls", [1, 2])
async def test_who_left_and_was_banned_then_is_told_of_both(world: World, polls: int) -> None:
    await both_in(world)
    client = Client(world, BOB, window(state=OWN))
    await client.room()
    out = member("out", BOB, "leave", before="join")
    if polls == 2:
        await world.poll(BOB, 20, left={ROOM: left(out)})
        assert named((await client.room()).timeline) == ["out"]
    secret = chunk(out, *messages("secret"), topic("secret topic"), ban(before="leave"))
    await world.poll(ALICE, 21, secret)
    pos = client.pos
    await world.poll(BOB, 22, left={ROOM: left(out, ban(before="leave"))})
    room = (await client.rooms(pos))[ROOM]
    assert (room.membership, room.initial) == ("ban", False)
    assert named(room.required_state) == ["ban"]
    assert named(room.timeline) == (["out", "ban"] if polls == 1 else ["ban"])
    assert await client.rooms() == {}
    client.pos = None
    room = await client.room()
    assert named(room.timeline) == ["t1", "m1", "out", "ban"]
    assert sorted(named(room.required_state)) == ["ban", "t1"], "as of the leave"


@pytest.mark.rules("S-80", "S-81")
async def test_who_left_came_back_and_was_kicked_between_two_polls_sees_the_kick(
    world: World,
) -> None:
    await both_in(world)
    client = Client(world, BOB, window(state=OWN))
    await client.room()
    out = member("out", BOB, "leave", before="join")
    await world.poll(BOB, 20, left={ROOM: left(out)})
    await client.room()
    assert await client.rooms() == {}
    back = (member("back", BOB, before="leave"), kick())
    await world.poll(BOB, 30, left={ROOM: left(*back)})
    room = await client.room()
    assert (room.membership, named(room.required_state)) == ("leave", ["kick"])
    assert named(room.timeline)[-1] == "kick"
