"""Rules on what is taken in: strays, state blocks, counts, invites, identifiers."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from syncv3.batch import StrippedRoom
from syncv3.types import Event, EventID, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    both_in,
    chunk,
    event,
    founding,
    heroes,
    left,
    member,
    messages,
    name_of,
    names,
    state_told,
    told,
    topic,
)

OTHER = RoomID("!other:hs")


def other_state() -> tuple[Event, ...]:
    """The state of another room that Alice is in."""
    created = event("other", "m.room.create", content={"room_version": "10"}, key="")
    return (created, member("in-other", ALICE))


async def listed(world: World, user: UserID, **filters: Any) -> list[RoomID]:
    """The rooms that pass the filters, as a new connection of the user is told."""
    body = {"lists": {"all": {**ALL_ROOMS["lists"]["all"], "filters": filters}}}
    answer = await world.sync(user, body=body)
    return [room for window in answer.lists["all"].windows for room in window]


async def stored(world: World, name: str) -> list[str]:
    """The rooms in which an event of this name is stored."""
    rows = await world.pool.fetch(
        "SELECT json, room_id FROM ss_events JOIN ss_rooms USING (room_key)"
    )
    return [row["room_id"] for row in rows if name_of(row["json"]) == name]


@pytest.mark.rules("U-93", "U-177")
async def test_a_stray_leave_of_an_unknown_room_makes_no_room(world: World) -> None:
    no = member("no", ALICE, "leave", before="invite")
    await world.poll(ALICE, 10, left={ROOM: left(no)})
    assert await world.pool.fetchval("SELECT count(*) FROM ss_events") == 0
    assert await listed(world, ALICE) == []


@pytest.mark.rules("U-93", "U-177")
async def test_a_room_is_whole_although_a_stray_leave_came_before_it(world: World) -> None:
    no = member("no", CAROL, "leave", before="invite")
    await world.poll(CAROL, 5, left={ROOM: left(no)})
    await both_in(world)
    answer = await world.sync(ALICE)
    assert told(answer) == ["t1", "m1"]
    assert answer.rooms[ROOM].joined_count == 2


@pytest.mark.rules("U-99", "U-174")
async def test_an_event_in_state_and_timeline_is_told_once_and_takes_nothing_with_it(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    timeline = (*messages("m2", sender=CAROL), topic("t2"), *messages("m3", sender=CAROL))
    await world.poll(ALICE, 20, chunk(*timeline, state=[topic("t2")]))
    assert told(await world.sync(ALICE, pos)) == ["m2", "t2", "m3"]
    assert await world.state("m.room.topic") == "t2"


@pytest.mark.rules("U-99", "U-174")
async def test_a_first_chunk_may_repeat_its_state_in_its_timeline(world: World) -> None:
    timeline = (*messages("m1", sender=CAROL), topic("t1"), *messages("m2", sender=CAROL))
    await world.poll(ALICE, 10, chunk(*timeline, state=(*founding(ALICE), topic("t1"))))
    assert told(await world.sync(ALICE)) == ["m1", "t1", "m2"]


@pytest.mark.rules("U-175")
async def test_old_unknown_events_before_known_ones_neither_undo_state_nor_come_live(
    world: World,
) -> None:
    """Carol's join over federation brings, late, what came before it."""
    await both_in(world)
    carol = (*messages("m2"), topic("t2"), member("carol", CAROL, before="invite"))
    await world.poll(ALICE, 20, chunk(*carol))
    pos = (await world.sync(ALICE)).pos
    invited = member("invited", CAROL, "invite", sender=BOB, before="leave")
    await world.poll(BOB, 21, chunk(topic("t0"), invited, *carol, limited=True))
    assert told(await world.sync(ALICE, pos)) == []
    assert await world.state("m.room.topic") == "t2"
    assert await world.state("m.room.member", CAROL) == "carol"
    assert await world.membership(BOB) == "join"


@pytest.mark.rules("U-175")
@pytest.mark.parametrize("membership", ["invite", "leave"])
async def test_an_old_membership_before_known_events_does_not_undo_the_own_join(
    world: World, membership: str
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    old = member("old", BOB, membership, sender=ALICE, before="leave")
    back = member(f"in-{BOB}", BOB, before="invite")
    known = (topic("t1"), *messages("m1", sender=CAROL))
    await world.poll(ALICE, 20, chunk(old, back, *known, limited=True))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.member", BOB) == f"in-{BOB}"
    assert ROOM not in (await world.sync(BOB, pos)).rooms


@pytest.mark.rules("U-83", "S-603")
async def test_a_slow_pollers_state_block_of_known_events_changes_nothing(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(topic("t2")))
    pos = (await world.sync(ALICE)).pos
    replayed = chunk(state=(*founding(ALICE, BOB), topic("t1")))
    await world.poll(BOB, 15, replayed)
    assert await world.state("m.room.topic") == "t2"
    assert ROOM not in (await world.sync(ALICE, pos)).rooms


@pytest.mark.rules("U-84", "U-85", "M-31", "S-603")
async def test_new_events_of_a_state_block_are_current_but_in_nobodys_timeline(
    world: World,
) -> None:
    await both_in(world)
    pos = {user: (await world.sync(user)).pos for user in (ALICE, BOB)}
    room = chunk(*messages("m9", sender=CAROL), state=[topic("t5")], limited=True)
    await world.poll(ALICE, 20, room)
    await world.poll(BOB, 21, room)
    for user, before in pos.items():
        answers = [await world.sync(user, before), await world.sync(user)]
        assert [told(answer) for answer in answers] == [["m9"], ["m9"]]
        assert all("t5" in state_told(answer) for answer in answers)
    assert "t5" not in [name for name, _ in await world.timeline()]


@pytest.mark.rules("U-84")
async def test_a_state_block_keeps_the_state_it_does_not_mention(world: World) -> None:
    await both_in(world)
    rules = event("rules", "m.room.join_rules", content={"join_rule": "public"}, key="")
    await world.poll(ALICE, 20, chunk(*messages("m9", sender=CAROL), state=[rules], limited=True))
    assert await world.state("m.room.join_rules") == "rules"
    assert await world.state("m.room.topic") == "t1"
    assert await world.state("m.room.member", BOB) == f"in-{BOB}"


@pytest.mark.rules("U-98")
async def test_a_chunk_with_nothing_new_is_no_news(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    newest = "SELECT max(pos) FROM ss_events"
    before = await world.pool.fetchval(newest)
    await world.poll(BOB, 20, chunk(topic("t1"), *messages("m1", sender=CAROL)))
    assert await world.pool.fetchval(newest) == before
    assert ROOM not in (await world.sync(ALICE, pos)).rooms


@pytest.mark.rules("U-101")
async def test_an_event_goes_to_whoever_is_in_the_room_behind_it_and_to_who_leaves(
    world: World,
) -> None:
    await both_in(world)
    pos = {user: (await world.sync(user)).pos for user in (ALICE, BOB)}
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    between = (*messages("m2", sender=CAROL), kick, *messages("m3", sender=CAROL))
    await world.poll(ALICE, 20, chunk(*between))
    assert told(await world.sync(ALICE, pos[ALICE])) == ["m2", "kick", "m3"]
    assert told(await world.sync(BOB, pos[BOB])) == ["m2", "kick"]


@pytest.mark.rules("U-102", "U-17A")
async def test_a_join_that_is_repeated_counts_once(world: World) -> None:
    await both_in(world)
    again = [member(f"carol-{n}", CAROL, before=was) for n, was in enumerate(("invite",) * 3)]
    await world.poll(ALICE, 20, chunk(*again, *messages("m2", sender=CAROL)))
    await world.poll(BOB, 21, chunk(member("carol-3", CAROL, before="leave")))
    assert (await world.sync(ALICE)).rooms[ROOM].joined_count == 3


@pytest.mark.rules("U-103", "U-179")
async def test_a_room_joined_again_after_nobody_was_in_it_is_current_behind_a_gap(
    world: World,
) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, left={ROOM: left(member("a-gone", ALICE, "leave", before="join"))})
    await world.poll(BOB, 21, left={ROOM: left(member("b-gone", BOB, "leave", before="join"))})
    back = member("back", ALICE, before="leave")
    gone = member("b-gone", BOB, "leave", before="join")
    behind = chunk(
        *messages("m9", sender=CAROL),
        state=(topic("t9"), member("carol", CAROL), gone, back),
        limited=True,
        summary=heroes(CAROL, joined=2),
    )
    await world.poll(ALICE, 30, behind)
    answer = await world.sync(ALICE)
    assert told(answer) == ["m9"]
    assert "t9" in state_told(answer)
    assert answer.rooms[ROOM].joined_count == 2
    assert answer.rooms[ROOM].limited
    assert answer.rooms[ROOM].prev_batch == "before"


@pytest.mark.rules("U-162", "Z-12", "UZ-14")
async def test_a_restart_forgets_no_invited_member(world: World, database_url: str) -> None:
    await both_in(world)
    invited = member("carol", CAROL, "invite", sender=ALICE, before="leave")
    await world.poll(ALICE, 20, chunk(invited))
    again = await World.start(database_url)
    try:
        await again.poll(ALICE, 21, chunk(member("dan", UserID("@dan:hs"), before="leave")))
        room = (await again.sync(ALICE)).rooms[ROOM]
        assert (room.joined_count, room.invited_count) == (3, 1)
    finally:
        await again.stop()


@pytest.mark.rules("U-17B", "U-82")
async def test_unread_counts_of_an_unknown_room_are_tolerated(world: World) -> None:
    unread = chunk(notification_count=3, highlight_count=1)
    other = chunk(*messages("s1"), state=other_state())
    await world.poll(ALICE, 10, unread, joined={OTHER: other})
    first = await listed(world, ALICE)
    await world.poll(ALICE, 20, chunk(*messages("m1"), state=founding(ALICE)))
    assert first == [OTHER]
    assert told(await world.sync(ALICE)) == ["m1"]


def invited_as(name: str, *more: Mapping[str, Any]) -> StrippedRoom:
    """An invite of the room under this name, without a member event of its own."""
    named = {"type": "m.room.name", "state_key": "", "sender": ALICE, "content": {"name": name}}
    return StrippedRoom(tuple(json.dumps(whole).encode() for whole in (named, *more)))


BOB_INVITED = {
    "type": "m.room.member",
    "state_key": BOB,
    "sender": ALICE,
    "content": {"membership": "invite"},
}


@pytest.mark.rules("U-110", "M-3")
async def test_a_second_invite_updates_the_first(world: World) -> None:
    await world.poll(BOB, 10, invited={ROOM: invited_as("first", BOB_INVITED)})
    first = await world.sync(BOB)
    again = invited_as("second", BOB_INVITED)
    await world.poll(BOB, 20, invited={ROOM: again})
    second = await world.sync(BOB, first.pos)
    assert first.rooms[ROOM].name == "first"
    assert second.rooms[ROOM].name == "second"
    assert second.rooms[ROOM].stripped_state == again.events
    assert await listed(world, BOB, is_invite=True) == [ROOM]


@pytest.mark.rules("U-110")
async def test_an_invite_is_apart_from_the_events_of_its_room(world: World) -> None:
    await world.poll(BOB, 10, invited={ROOM: invited_as("first", BOB_INVITED)})
    assert await world.pool.fetchval("SELECT count(*) FROM ss_events") == 0
    await world.poll(ALICE, 20, chunk(*messages("m1", sender=CAROL), state=founding(ALICE)))
    assert told(await world.sync(ALICE)) == ["m1"]
    assert (await world.sync(BOB)).rooms[ROOM].name == "first"


@pytest.mark.rules("U-115", "U-17O")
async def test_of_an_invite_and_a_join_the_join_counts(world: World) -> None:
    await world.poll(BOB, 10, invited={ROOM: invited_as("first", BOB_INVITED)})
    await world.poll(ALICE, 11, chunk(*messages("m1"), state=founding(ALICE)))
    join = chunk(member("bob", BOB, before="invite"), state=founding(ALICE))
    await world.poll(BOB, 20, join)
    assert await listed(world, BOB, is_invite=True) == []
    assert await listed(world, BOB, is_invite=False) == [ROOM]
    assert (await world.sync(BOB)).rooms[ROOM].stripped_state is None


@pytest.mark.rules("U-111", "M-2")
async def test_an_invite_without_the_own_member_event_is_not_told(world: World) -> None:
    pos = (await world.sync(BOB)).pos
    await world.poll(BOB, 10, invited={ROOM: invited_as("nobody's")})
    assert ROOM not in (await world.sync(BOB, pos)).rooms
    assert await listed(world, BOB) == []


@pytest.mark.rules("U-192")
async def test_an_event_of_one_room_is_not_stored_in_another(world: World) -> None:
    await both_in(world)
    other = chunk(*messages("m1", "o1", sender=CAROL), state=other_state())
    await world.poll(ALICE, 20, joined={OTHER: other})
    assert await stored(world, "m1") == [ROOM]
    assert told(await world.sync(ALICE)) == ["t1", "m1"]
    assert names((await world.sync(ALICE)).rooms[OTHER]) == ["o1"]


@pytest.mark.rules("U-190")
async def test_a_room_with_more_members_than_a_statement_has_parameters_is_stored(
    world: World,
) -> None:
    crowd = [member(f"in-{n}", UserID(f"@user{n}:hs")) for n in range(7000)]
    state = (*founding(ALICE), *crowd)
    await world.poll(ALICE, 10, chunk(*messages("m1", sender=CAROL), state=state))
    current = await world.pool.fetchval(
        "SELECT count(*) FROM ss_room_state WHERE type = 'm.room.member' AND to_pos IS NULL"
    )
    assert current == 7001
    assert (await world.sync(ALICE)).rooms[ROOM].joined_count == 7001


@pytest.mark.rules("RD-3")
async def test_the_redaction_of_an_unknown_event_only_appears_itself(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    redaction = event("red", "m.room.redaction", CAROL, content={}, redacts="never-seen")
    await world.poll(ALICE, 20, chunk(redaction, *messages("m2", sender=CAROL)))
    answer = await world.sync(ALICE, pos)
    assert told(answer) == ["red", "m2"]
    assert state_told(answer) == []
    assert told(await world.sync(ALICE)) == ["t1", "m1", "red", "m2"]


@pytest.mark.rules("U-97", "M-32", "U-17T")
async def test_a_redacted_name_is_told_no_more_with_what_follows(world: World) -> None:
    await both_in(world)
    named = event("name", "m.room.name", content={"name": "secret"}, key="")
    await world.poll(ALICE, 20, chunk(named))
    pos = (await world.sync(ALICE)).pos
    redaction = event("red", "m.room.redaction", content={}, redacts="name")
    await world.poll(ALICE, 21, chunk(redaction, *messages("m2", sender=CAROL)))
    answer = await world.sync(ALICE, pos)
    assert told(answer) == ["red", "m2"]
    assert answer.rooms[ROOM].name == BOB


@pytest.mark.rules("RD-1", "U-192")
async def test_a_redaction_reaches_no_event_of_another_room(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, joined={OTHER: chunk(*messages("s1"), state=other_state())})
    redaction = event("red", "m.room.redaction", content={}, redacts="m1")
    await world.poll(ALICE, 21, joined={OTHER: chunk(redaction)})
    whole = (await world.sync(ALICE)).rooms[ROOM].timeline[1]
    assert json.loads(whole)["content"] == {"body": "m1"}


@pytest.mark.rules("RD-1", "U-192")
async def test_what_no_homeserver_has_checked_redacts_nothing(world: World) -> None:
    """The room is of version 10. There anybody may name any event in the content."""
    await both_in(world)
    mine = event("red", "m.room.redaction", BOB, content={"redacts": "$m1"})
    await world.poll(ALICE, 20, chunk(msgspec.structs.replace(mine, redacts=EventID("$m1"))))
    assert (await world.sync(ALICE)).rooms[ROOM].timeline[-1] == mine.json
    assert json.loads((await world.sync(ALICE)).rooms[ROOM].timeline[1])["content"]["body"] == "m1"
    redacts = await world.pool.fetchval("SELECT count(*) FROM ss_events WHERE redacts IS NOT NULL")
    assert redacts == 0


@pytest.mark.rules("U-91", "U-175")
async def test_an_old_unknown_event_before_known_ones_throws_nobody_out(world: World) -> None:
    await both_in(world)
    old = member("old", BOB, "leave", sender=ALICE, before="invite")
    await world.poll(ALICE, 20, chunk(old, *messages("m1", sender=CAROL), limited=True))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.member", BOB) != "old"


@pytest.mark.rules("RD-1", "M-32", "U-97")
async def test_a_name_that_is_redacted_in_the_same_chunk_is_not_shown(world: World) -> None:
    await both_in(world)
    name = event("n", "m.room.name", content={"name": "secret"}, key="")
    redaction = event("red", "m.room.redaction", content={}, redacts="n")
    await world.poll(ALICE, 20, chunk(name, redaction))
    assert (await world.sync(ALICE)).rooms[ROOM].name != "secret"


@pytest.mark.rules("RD-1", "U-97")
async def test_a_first_chunk_is_redacted_too(world: World) -> None:
    name = event("n", "m.room.name", content={"name": "secret"}, key="")
    redaction = event("red", "m.room.redaction", content={}, redacts="n")
    await world.poll(ALICE, 10, chunk(name, redaction, state=founding(ALICE, BOB)))
    assert (await world.sync(ALICE)).rooms[ROOM].name != "secret"
