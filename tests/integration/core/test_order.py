"""Chunks of lagging pollers: where their events, state and memberships end up."""

import pytest

from syncv3.store.insiders import doubtful_users
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
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


async def both_in(world: World) -> None:
    """Alice and Bob are in the room, and were told everything up to m1."""
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


@pytest.mark.rules("U-91", "X-4")
async def test_a_late_chunk_is_kept_below_the_gap_and_never_sent_live(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 30, chunk(*messages("m8", "m9"), limited=True))
    seen = await world.sync(ALICE, pos)
    await world.poll(BOB, 20, chunk(*messages("m5", "m6"), topic("old"), limited=True))
    assert told(seen) == ["m8", "m9"]
    assert told(await world.sync(ALICE, seen.pos)) == []
    assert await world.state("m.room.topic") is None
    assert [name for name, _ in await world.timeline()] == ["m1", "m5", "m6", "old", "m8", "m9"]


@pytest.mark.rules("U-91")
async def test_what_fills_in_the_past_moves_no_room_and_counts_for_nothing(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(event("m9", at=900), limited=True))
    seen = await world.sync(ALICE)
    late = [event("m5", at=990), member("carol", CAROL, before="invite")]
    before = await world.pool.fetchrow("SELECT newest, joined, reset_pos FROM ss_rooms")
    await world.poll(BOB, 20, chunk(*late, limited=True))
    assert await world.pool.fetchrow("SELECT newest, joined, reset_pos FROM ss_rooms") == before
    assert (await world.sync(ALICE, seen.pos)).rooms == {}
    assert (await world.sync(ALICE)).rooms[ROOM].timestamp == 900


@pytest.mark.rules("X-1", "X-2")
async def test_a_chunk_from_before_the_gap_does_not_confirm_its_user_behind_it(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 30, chunk(*messages("m8", "m9"), limited=True))
    await world.poll(BOB, 20, chunk(*messages("m5")))  # Bob is kicked between m5 and m8
    assert told(await world.sync(BOB, pos)) == []
    assert ROOM not in (await world.sync(BOB)).rooms


@pytest.mark.rules("X-1")
async def test_a_chunk_reaching_behind_the_gap_confirms_its_user(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(*messages("m8", "m9"), limited=True))
    await world.poll(ALICE, 50, chunk(*messages("m10")))
    await world.poll(BOB, 40, chunk(*messages("m8", "m9"), limited=True))
    assert told(await world.sync(BOB)) == ["m8", "m9", "m10"]


@pytest.mark.rules("X-1", "X-2")
async def test_a_first_sync_made_before_a_kick_does_not_open_the_room(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(*messages("m2"), kick, *messages("m3")))
    await world.poll(BOB, 20, chunk(*messages("m1", "m2"), state=founding(ALICE, BOB)))
    assert ROOM not in (await world.sync(BOB)).rooms


@pytest.mark.rules("X-1")
async def test_a_first_sync_made_before_a_gap_opens_the_room_when_it_is_confirmed(
    world: World,
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 30, chunk(*messages("m8"), limited=True))
    await world.poll(BOB, 20, chunk(*messages("m1", "m2"), state=founding(ALICE, BOB)))
    assert ROOM not in (await world.sync(BOB)).rooms
    await world.poll(BOB, 40, chunk(*messages("m8"), limited=True))
    assert told(await world.sync(BOB)) == ["m8"]


@pytest.mark.rules("U-91")
async def test_a_lagging_second_device_brings_nothing_old_as_live(world: World) -> None:
    await both_in(world)
    await world.poll(BOB, 11, chunk(*messages("m1")), device="LAPTOP")
    await world.poll(BOB, 30, chunk(*messages("m8", "m9"), limited=True))
    pos = (await world.sync(BOB)).pos
    await world.poll(BOB, 20, chunk(*messages("m2", "m3")), device="LAPTOP")
    assert told(await world.sync(BOB, pos)) == []
    assert [n for n, _ in await world.timeline()] == ["m1", "m2", "m3", "m8", "m9"]


@pytest.mark.rules("U-92")
async def test_what_a_second_device_brings_of_a_gap_is_not_sent_live(world: World) -> None:
    await both_in(world)
    await world.poll(BOB, 11, chunk(*messages("m1")), device="LAPTOP")
    await world.poll(BOB, 30, chunk(*messages("m8", "m9"), limited=True))
    pos = (await world.sync(BOB)).pos
    filling = chunk(*messages("m7", "m8", "m9", "m10"))
    await world.poll(BOB, 40, filling, device="LAPTOP")
    assert told(await world.sync(BOB, pos)) == ["m10"]
    live = [name for name, history in await world.timeline() if not history]
    assert live == ["m1", "m8", "m9", "m10"]


async def test_an_event_that_one_user_was_not_shown_takes_its_place(world: World) -> None:
    """Alice ignores Carol, so her poller does not bring c1."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    await world.poll(BOB, 21, chunk(*messages("c1", sender=CAROL), *messages("m2")))
    assert told(await world.sync(BOB, pos)) == ["c1", "m2"]
    assert [name for name, _ in await world.timeline()] == ["m1", "c1", "m2"]


async def test_a_limited_chunk_too_brings_what_another_user_was_not_shown(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(*messages("m2", "m3")))
    between = (*messages("m2"), *messages("c1", sender=CAROL), *messages("m3"))
    await world.poll(BOB, 21, chunk(*between, limited=True))
    assert [name for name, _ in await world.timeline()] == ["m1", "m2", "c1", "m3"]


async def test_a_limited_chunk_that_touches_what_is_known_makes_no_gap(world: World) -> None:
    """A homeserver says ``limited`` of rooms that were just joined, too."""
    await both_in(world)
    pos = {user: (await world.sync(user)).pos for user in (ALICE, BOB)}
    await world.poll(ALICE, 20, chunk(*messages("m1", "m2"), limited=True))
    answers = [await world.sync(user, pos[user]) for user in (ALICE, BOB)]
    assert [told(answer) for answer in answers] == [["m2"], ["m2"]]
    assert not any(answer.rooms[ROOM].initial for answer in answers)
    assert await world.pool.fetchval("SELECT count(*) FROM ss_gaps") == 0


@pytest.mark.rules("U-82")
async def test_a_lazily_repeated_member_does_not_undo_a_kick(world: World) -> None:
    """Bob's answer was made before the kick but came a moment after Alice's."""
    await both_in(world)
    await world.poll(CAROL, 12, chunk(member("carol", CAROL), *messages("m2")))
    kick = member("kick", CAROL, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(member("carol", CAROL), *messages("m2", "m3"), kick))
    stale = chunk(*messages("m3", sender=CAROL), state=[member("carol", CAROL)])
    await world.poll(BOB, 31, stale)
    assert await world.state("m.room.member", CAROL) == "kick"


@pytest.mark.rules("U-82")
async def test_an_older_topic_does_not_come_back(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(topic("t1"), *messages("m2"), topic("t2")))
    await world.poll(BOB, 31, chunk(topic("t1"), *messages("m2")))
    assert await world.state("m.room.topic") == "t2"
    assert "t2" in state_told(await world.sync(BOB))


@pytest.mark.rules("U-82")
async def test_a_state_block_behind_a_gap_replaces_what_is_older(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(topic("t1")))
    await world.poll(ALICE, 30, chunk(*messages("m9"), state=[topic("t5")], limited=True))
    assert await world.state("m.room.topic") == "t5"


@pytest.mark.rules("X-2", "X-1")
async def test_a_leave_inside_the_gap_of_another_user_ends_the_view_before_it(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    gone = member("gone", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(*messages("m8"), state=[topic("t5"), gone], limited=True))
    assert told(await world.sync(BOB, pos)) == ["gone"]


@pytest.mark.rules("X-2", "X-1")
async def test_a_leave_in_the_state_before_a_timeline_ends_the_view_before_it(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    gone = member("gone", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(*messages("m2", "m3"), state=[gone]))
    assert told(await world.sync(BOB, pos)) == ["gone"]


@pytest.mark.rules("X-2")
async def test_what_one_block_brings_beside_a_leave_is_not_told_with_it(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 12, chunk(topic("t1")))
    await world.poll(BOB, 13, chunk(topic("t1")))
    pos = (await world.sync(BOB)).pos
    name = event("name", "m.room.name", content={"name": "afterwards"}, key="")
    gone = member("gone", BOB, "leave", sender=ALICE, before="join")
    block = [topic("t5"), name, gone]
    await world.poll(ALICE, 30, chunk(*messages("m8"), state=block, limited=True))
    answer = await world.sync(BOB, pos)
    room = answer.rooms[ROOM]
    assert (room.name, room.joined_count, state_told(answer)) == (None, None, [])
    assert told(answer) == ["gone"]


@pytest.mark.rules("X-2")
async def test_a_ban_behind_a_gap_shows_nothing_of_what_the_gap_hides(world: World) -> None:
    """Bob was kicked inside the gap, and banned afterwards."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    ban = member("ban", BOB, "ban", sender=ALICE, before="leave")
    await world.poll(ALICE, 30, chunk(*messages("m8", "m9"), limited=True))
    await world.poll(ALICE, 31, chunk(*messages("m10"), ban))
    assert told(await world.sync(BOB, pos)) == ["ban"]


@pytest.mark.rules("X-1", "M-8")
async def test_a_kick_that_another_user_brings_takes_effect_at_once(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 20, chunk(*messages("m2"), kick, *messages("m3")))
    after = await world.sync(BOB, pos)
    assert told(after) == ["m2", "kick"]
    await world.poll(BOB, 21, left=({ROOM: left(*messages("m2"), kick)}))
    assert told(await world.sync(BOB, after.pos)) == []


async def test_a_leave_long_ago_is_not_placed_behind_newer_events(world: World) -> None:
    """While the service was down Bob left, then the room went on."""
    await both_in(world)
    seen = {user: (await world.sync(user)).pos for user in (ALICE, BOB)}
    await world.poll(ALICE, 30, chunk(*messages("m8", "m9"), limited=True))
    alice = await world.sync(ALICE, seen[ALICE])
    gone = member("gone", BOB, "leave", before="join")
    old = left(*messages("m4"), topic("t4"), gone, limited=True)
    await world.poll(BOB, 31, left={ROOM: old})
    assert told(await world.sync(ALICE, alice.pos)) == []
    assert told(await world.sync(BOB, seen[BOB]))[-1] == "gone"
    assert not {"m8", "m9"} & set(told(await world.sync(BOB, seen[BOB])))
    assert await world.state("m.room.topic") is None


@pytest.mark.rules("M-5")
async def test_a_rejected_invite_makes_no_gap_for_those_in_the_room(world: World) -> None:
    await both_in(world)
    await world.poll(CAROL, 20, invited={ROOM: invite(CAROL)})
    pos = {user: (await world.sync(user)).pos for user in (ALICE, CAROL)}
    no = member("no", CAROL, "leave", before="invite")
    await world.poll(CAROL, 21, left={ROOM: left(no)})
    await world.poll(ALICE, 22, chunk(*messages("m2"), no, *messages("m3")))
    assert told(await world.sync(ALICE, pos[ALICE])) == ["m2", "no", "m3"]
    assert told(await world.sync(CAROL, pos[CAROL])) == ["no"]


@pytest.mark.rules("M-1", "U-112")
async def test_an_older_leave_does_not_end_a_new_invite(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, CAROL)))
    await world.poll(CAROL, 20, invited={ROOM: invite(CAROL)})
    gone = member("gone", CAROL, "leave", before="join")
    await world.poll(ALICE, 15, chunk(gone))
    assert await world.membership(CAROL) == "invite"


@pytest.mark.rules("M-5")
async def test_a_withdrawn_invite_ends_at_once(world: World) -> None:
    await both_in(world)
    await world.poll(CAROL, 20, invited={ROOM: invite(CAROL)})
    withdrawn = member("withdrawn", CAROL, "leave", sender=ALICE, before="invite")
    await world.poll(ALICE, 30, chunk(withdrawn))
    assert await world.membership(CAROL) == "leave"


async def test_a_rejoin_that_another_poller_brought_first_opens_the_room_again(
    world: World,
) -> None:
    """Alice's answer, made a moment later, came first: it has the leave and the join."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    gone = member("gone", BOB, "leave", before="join")
    back = member("back", BOB, before="leave")
    await world.poll(ALICE, 31, chunk(*messages("m2"), gone, back, *messages("m3")))
    await world.poll(BOB, 30, chunk(*messages("m2"), gone, back))
    assert await world.membership(BOB) == "join"
    assert told(await world.sync(BOB, pos)) == ["back", "m3"]


@pytest.mark.rules("X-4")
async def test_nothing_from_between_a_leave_and_a_rejoin_is_shown(world: World) -> None:
    await both_in(world)
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(ALICE, 20, chunk(gone, *messages("m2")))
    back = member("back", BOB, before="leave")
    await world.poll(ALICE, 30, chunk(*messages("m3"), back, *messages("m4")))
    await world.poll(BOB, 31, chunk(*messages("m3"), back, *messages("m4"), limited=True))
    assert told(await world.sync(BOB)) == ["back", "m4"]


async def test_an_older_report_of_a_join_does_not_undo_a_leave(world: World) -> None:
    await both_in(world)
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(BOB, 30, left={ROOM: left(gone)})
    await world.poll(BOB, 20, chunk(*messages("m1")), device="LAPTOP")
    assert await world.membership(BOB) == "leave"


@pytest.mark.rules("U-112")
async def test_a_late_invite_does_not_undo_a_join(world: World) -> None:
    await both_in(world)
    await world.poll(BOB, 5, invited={ROOM: invite(BOB)}, device="LAPTOP")
    assert await world.membership(BOB) == "join"


@pytest.mark.rules("RD-1")
async def test_a_redaction_reaches_what_is_cached_and_what_is_stored(world: World) -> None:
    await both_in(world)
    await world.sync(BOB)
    redaction = event("red", "m.room.redaction", ALICE, content={}, redacts="m1")
    await world.poll(ALICE, 20, chunk(redaction))
    room = (await world.sync(BOB)).rooms[ROOM]
    stored = await world.pool.fetchval("SELECT json FROM ss_events WHERE redacts IS NULL"
                                       " AND type = 'm.room.message'")  # fmt: skip
    assert b'"body"' not in room.timeline[0]
    assert b"redacted_because" in room.timeline[0]
    assert b'"body"' not in stored


@pytest.mark.rules("X-1", "U-178")
async def test_who_was_found_behind_one_gap_is_not_taken_to_be_behind_the_next(
    world: World,
) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(*messages("m8"), limited=True))
    gap, doubtful = await doubtful_users(world.pool, ROOM)
    await world.poll(ALICE, 40, chunk(*messages("m20"), limited=True))
    await world.learning.confirm(ROOM, gap, doubtful)
    await world.cache.refresh()
    assert doubtful == [BOB]
    assert ROOM not in (await world.sync(BOB)).rooms


@pytest.mark.rules("U-178")
async def test_who_was_found_behind_a_gap_is_shown_what_is_there(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(*messages("m8"), limited=True))
    await world.learning.confirm(ROOM, *await doubtful_users(world.pool, ROOM))
    await world.cache.refresh()
    assert told(await world.sync(BOB)) == ["m8"]


@pytest.mark.rules("X-2")
async def test_a_leave_learned_late_shows_nothing_of_what_lies_between_two_gaps(
    world: World,
) -> None:
    """Bob left in the first gap; his own poller, which lags, tells after the second."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(ALICE, 30, chunk(*messages("m8"), limited=True))
    await world.poll(ALICE, 40, chunk(*messages("m20"), limited=True))
    await world.poll(BOB, 20, left={ROOM: left(*messages("m1", "m2"), gone)})
    assert told(await world.sync(BOB, pos)) == ["gone"]


@pytest.mark.rules("U-91")
async def test_a_late_report_with_a_hole_behind_it_is_not_told_as_if_there_were_none(
    world: World,
) -> None:
    await world.poll(ALICE, 2, chunk(*messages("m5"), state=founding(ALICE, BOB), limited=True))
    await world.poll(BOB, 1, chunk(*messages("m1"), state=founding(ALICE, BOB), limited=True))
    assert told(await world.sync(ALICE)) == ["m5"]
    assert told(await world.sync(BOB)) in ([], ["m5"])
