"""What random stories have found: ends of memberships and beginnings of timelines.

See ``tests/simulation``. Each story here is the short form of one that went wrong.
"""

import pytest

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
    invite,
    left,
    member,
    messages,
    state_told,
    told,
    topic,
    visibility,
)


async def kick_bob(world: World) -> None:
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(kick))


@pytest.mark.rules("M-8")
async def test_a_kick_is_told_again_when_its_answer_was_lost_after_a_restart(
    world: World, second: World
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.connections.share(alone=True)
    await kick_bob(second)
    await second.sync(BOB, pos)
    assert told(await second.sync(BOB, pos)) == ["kick"]


@pytest.mark.rules("M-8")
async def test_a_kick_is_told_although_a_kill_took_the_sent_state(
    world: World, second: World, database_url: str
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    pos = (await second.sync(BOB, pos)).pos  # its windows are new, and stored behind
    third = await World.start(database_url)
    try:
        await kick_bob(third)
        assert told(await third.sync(BOB, pos)) == ["kick"]
    finally:
        await third.stop()


@pytest.mark.rules("M-8", "X-4")
async def test_a_leave_is_told_to_a_user_who_was_in_doubt_behind_a_gap(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    await world.poll(ALICE, 30, chunk(*messages("m9", sender=CAROL), limited=True))
    doubtful = await world.sync(BOB, pos)
    assert told(doubtful) == []
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 40, left={ROOM: left(leave, limited=True)})
    answer = await world.sync(BOB, doubtful.pos)
    assert told(answer) == ["leave"], "it does not follow m2"
    assert answer.rooms[ROOM].limited and answer.rooms[ROOM].prev_batch


@pytest.mark.rules("D-30", "M-8")
async def test_a_leave_inside_a_gap_is_told_with_the_gap(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 30, chunk(*messages("m9", sender=CAROL), limited=True))
    doubtful = await world.sync(BOB, pos)
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 40, left={ROOM: left(leave, limited=True)})
    answer = await world.sync(BOB, doubtful.pos)
    assert told(answer) == ["leave"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("D-30")
async def test_the_last_answer_of_a_room_says_where_a_gap_is(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    behind = messages("m8", "m9", sender=CAROL)
    await world.poll(BOB, 20, chunk(*behind, limited=True))
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 30, chunk(*behind, kick, limited=True))
    answer = await world.sync(BOB, pos)
    assert told(answer) == ["m8", "m9", "kick"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("X-4")
async def test_a_ban_behind_a_gap_ends_the_view_before_the_gap(world: World) -> None:
    """Bob's leave is in the gap; what was said between it and the ban is not for him."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    ban = member("ban", BOB, "ban", sender=ALICE, before="leave")
    await world.poll(ALICE, 20, chunk(*messages("secret"), ban, limited=True))
    assert told(await world.sync(BOB, pos)) == ["ban"]


@pytest.mark.rules("X-4")
@pytest.mark.parametrize("rule", ["joined", "invited"])
async def test_a_rejoin_is_not_shown_to_whoever_left_in_the_hole_before_it(
    world: World, rule: str
) -> None:
    """Carol is not shown what happened while she was out: Bob's leave, which is not in yet."""
    room = chunk(visibility(rule), *messages("m1"), state=founding(ALICE, BOB, CAROL))
    for at, user in enumerate((ALICE, BOB, CAROL)):
        await world.poll(user, 10 + at, room)
    out = member("out", CAROL, "leave", before="join")
    back = member("back", CAROL, "join", before="leave")
    await world.poll(ALICE, 20, chunk(out))
    pos = (await world.sync(BOB)).pos
    await world.poll(CAROL, 30, chunk(*messages("m1"), out, back, limited=True))
    doubtful = await world.sync(BOB, pos)
    assert told(doubtful) == []
    assert told(await world.sync(CAROL)) == ["back"]
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 25, left={ROOM: left(leave)})
    assert told(await world.sync(BOB, doubtful.pos)) == ["leave"]


@pytest.mark.rules("X-4", "U-92")
async def test_what_was_in_the_hole_before_a_rejoin_is_said_to_be_missing(world: World) -> None:
    """Alice's poller is behind Carol's, and has what Carol was not shown."""
    room = chunk(visibility("joined"), *messages("m1"), state=founding(ALICE, CAROL))
    await world.poll(ALICE, 10, room)
    await world.poll(CAROL, 11, room)
    pos = (await world.sync(ALICE)).pos
    out = member("out", CAROL, "leave", before="join")
    back = member("back", CAROL, "join", before="leave")
    await world.poll(CAROL, 20, chunk(*messages("m1"), topic("t1"), out, back, limited=True))
    assert told(await world.sync(CAROL)) == ["back"]
    await world.poll(ALICE, 21, chunk(topic("t1"), out, *messages("m2"), back))
    answer = await world.sync(ALICE, pos)
    assert told(answer) == ["back"]
    assert answer.rooms[ROOM].initial
    assert answer.rooms[ROOM].limited
    assert "t1" in state_told(answer)


@pytest.mark.rules("U-92")
@pytest.mark.parametrize("alice_first", [True, False])
async def test_state_from_the_hole_before_a_rejoin_is_current(
    world: World, alice_first: bool
) -> None:
    """Carol's chunk has the topic of before the hole, Alice's the one that was set in it."""
    before = topic("t1")
    room = chunk(visibility("joined"), before, *messages("m1"), state=founding(ALICE, CAROL))
    await world.poll(ALICE, 10, room)
    await world.poll(CAROL, 11, room)
    out = member("out", CAROL, "leave", before="join")
    back = member("back", CAROL, "join", before="leave")
    returns = chunk(out, back, state=[before], limited=True)
    if alice_first:
        await world.poll(ALICE, 20, chunk(out, topic("t2")))
        await world.poll(CAROL, 21, returns)
    else:
        await world.poll(CAROL, 20, returns)
        await world.poll(ALICE, 21, chunk(out, topic("t2"), back))
    assert "t2" in state_told(await world.sync(CAROL))


@pytest.mark.rules("L-42")
async def test_an_event_between_two_others_does_not_make_a_room_look_older(world: World) -> None:
    """Bob ignores nobody: he is shown more of the past than Alice."""
    known = (event("m1", at=1000), event("m3", at=3000))
    await world.poll(ALICE, 10, chunk(*known, state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(known[0], event("m2", sender=CAROL, at=2000), known[1]))
    assert (await world.sync(BOB)).rooms[ROOM].timestamp == 3000


@pytest.mark.rules("X-4")
async def test_a_redaction_before_a_rejoin_is_not_missed(world: World) -> None:
    """It is in the part of the chunk that says nothing else."""
    room = chunk(visibility("joined"), *messages("m1"), state=founding(ALICE, CAROL))
    await world.poll(CAROL, 10, room)
    gone = event("gone", "m.room.redaction", redacts="m1")
    out = member("out", CAROL, "leave", before="join")
    back = member("back", CAROL, "join", before="leave")
    await world.poll(CAROL, 20, chunk(gone, out, back, limited=True))
    stored = await world.pool.fetchval("SELECT json FROM ss_events WHERE type = 'm.room.message'")
    assert b"body" not in stored


@pytest.mark.rules("D-61")
async def test_the_sender_of_an_end_comes_with_it(world: World) -> None:
    """Nobody has been told who Alice is until she bans Bob; Carol learns both."""
    room = chunk(*messages("m1", sender=CAROL), state=founding(BOB, CAROL))
    await world.poll(BOB, 10, room)
    await world.poll(CAROL, 11, room)
    await world.sync(CAROL)
    ban = member("ban", BOB, "ban", sender=ALICE, before="join")
    me = member("in-@alice:hs", ALICE, before="invite")
    await world.poll(BOB, 20, left={ROOM: left(ban, state=[me])})
    lazy = {"lists": {"all": {**ALL_ROOMS["lists"]["all"],
                              "required_state": [["m.room.member", "$LAZY"]]}}}  # fmt: skip
    answer = await world.sync(CAROL, body=lazy)
    assert told(answer)[-1] == "ban"
    assert "in-@alice:hs" in state_told(answer)


@pytest.mark.rules("D-61")
async def test_a_sender_who_becomes_known_later_is_told_by_any_worker(
    world: World, second: World
) -> None:
    """The worker that answered without Carol's member event is not asked any more."""
    lazy = {"lists": {"all": {**ALL_ROOMS["lists"]["all"],
                              "required_state": [["m.room.member", "$LAZY"]]}}}  # fmt: skip
    for worker in (world, second):
        await worker.connections.share(alone=False)
    await world.poll(ALICE, 10, chunk(*messages("m1", sender=CAROL), state=founding(ALICE)))
    first = await world.sync(ALICE, body=lazy)
    assert state_told(first) == []
    await world.learning.learn_senders(ROOM, [member("carol", CAROL)])
    await second.cache.refresh()
    answer = await second.sync(ALICE, first.pos)
    assert state_told(answer) == ["carol"]
    assert state_told(await second.sync(ALICE, first.pos)) == ["carol"]  # the answer was lost


@pytest.mark.rules("M-1")
async def test_an_invite_survives_that_another_poller_tells_of_the_leave_before_it(
    world: World,
) -> None:
    await both_in(world)
    leave = member("leave", BOB, "leave", before="join")
    again = member("again", BOB, "invite", sender=ALICE, before="leave")
    await world.poll(ALICE, 30, chunk(leave, again))
    await world.poll(BOB, 29, invited={ROOM: invite(BOB)})
    assert await world.membership(BOB) == "invite"


@pytest.mark.rules("M-1")
async def test_an_invite_survives_a_kick_before_it_that_comes_later(world: World) -> None:
    await both_in(world)
    await world.poll(BOB, 29, invited={ROOM: invite(BOB)})
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    again = member("again", BOB, "invite", sender=ALICE, before="leave")
    await world.poll(ALICE, 30, chunk(kick, again))
    assert await world.membership(BOB) == "invite"


@pytest.mark.rules("U-92")
async def test_the_last_chunk_of_a_left_room_counts_up_to_the_end_of_the_stay(
    world: World,
) -> None:
    """Bob is kicked, invited and declines; what happens in between only Alice sees."""
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    again = member("again", BOB, "invite", sender=ALICE, before="leave")
    declined = member("declined", BOB, "leave", before="invite")
    await world.poll(BOB, 20, left={ROOM: left(kick, again, declined)})
    await world.poll(ALICE, 21, chunk(topic("t2"), again, declined, limited=True))
    answer = await world.sync(ALICE, pos)
    assert told(answer) == ["t2", "again", "declined"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("M-4")
async def test_a_late_report_of_a_room_opens_it_when_it_goes_on_behind_the_leave(
    world: World,
) -> None:
    await world.poll(BOB, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    leave = member("leave", BOB, "leave", before="join")
    await world.poll(BOB, 20, left={ROOM: left(leave)})
    behind = chunk(*messages("m9"), state=founding(ALICE), limited=True)
    await world.poll(ALICE, 31, behind)
    await world.poll(BOB, 30, chunk(*messages("m9"), state=founding(ALICE, BOB), limited=True))
    assert await world.membership(BOB) == "join"


@pytest.mark.rules("D-30")
async def test_an_end_that_follows_another_stay_says_that_something_lies_between(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    away = member("away", BOB, "leave", before="join")
    back = member("back", BOB, "join", before="leave")
    await world.poll(BOB, 20, chunk(away, *messages("m2", sender=CAROL), back))
    await kick_bob(world)
    answer = await world.sync(BOB, pos)
    assert told(answer) == ["back", "kick"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("D-30", "M-5")
async def test_an_invite_that_was_withdrawn_says_that_something_may_lie_before_it(
    world: World,
) -> None:
    """The client has not heard of the kick before the invite, and cannot be told it any more."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    again = member("again", BOB, "invite", sender=ALICE, before="leave")
    await world.poll(ALICE, 20, chunk(*messages("m2"), kick, again))
    await world.poll(BOB, 21, invited={ROOM: invite(BOB)})
    withdrawn = member("withdrawn", BOB, "leave", sender=ALICE, before="invite")
    await world.poll(BOB, 30, left={ROOM: left(withdrawn)})
    answer = await world.sync(BOB, pos)
    assert told(answer) == ["withdrawn"]
    assert answer.rooms[ROOM].limited


@pytest.mark.rules("X-4")
async def test_a_join_inside_a_hole_is_not_undone_by_the_leave_before_it(world: World) -> None:
    """Carol comes back after Bob, who had joined where she could not see it."""
    room = chunk(visibility("joined"), *messages("m1"), state=founding(ALICE, BOB, CAROL))
    await world.poll(BOB, 10, room)
    await world.poll(CAROL, 11, room)
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(BOB, 20, left={ROOM: left(gone)})
    out = member("out", CAROL, "leave", before="join")
    here = member("here", BOB, "join", before="leave")
    back = member("back", CAROL, "join", before="leave")
    await world.poll(CAROL, 30, chunk(*messages("m1"), gone, out, back, limited=True))
    await world.poll(BOB, 31, chunk(*messages("m1"), gone, here, back, limited=True))
    again = chunk(*messages("m1"), gone, out, back, limited=True)
    await world.poll(CAROL, 32, again, device="TABLET")
    assert await world.membership(BOB) == "join"


@pytest.mark.rules("TX-3")
async def test_an_own_event_is_not_held_back_anew_by_each_worker(
    world: World, second: World
) -> None:
    world.connections.alone = second.connections.alone = False
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.poll(ALICE, 20, chunk(*messages("own", sender=BOB)))
    answers = []
    for worker in (world, second, world):
        answer = await worker.sync(BOB, pos)
        answers.append(told(answer))
        pos = answer.pos
        for connection in world.connections:
            connection.hold = dict.fromkeys(connection.hold, float("-inf"))
    assert answers == [[], [], ["own"]]


@pytest.mark.rules("D-30")
@pytest.mark.parametrize(
    ("first", "limited"),
    [
        (member("in", BOB, before="invite"), False),
        (member("in", ALICE, before="invite"), True),
        (topic("t1"), True),
    ],
)
async def test_only_the_own_join_is_a_beginning(world: World, first: object, limited: bool) -> None:
    room = chunk(first, state=founding(ALICE, BOB), limited=True)  # type: ignore[arg-type]
    await world.poll(BOB, 10, room)
    assert (await world.sync(BOB)).rooms[ROOM].limited is limited


@pytest.mark.rules("L-53")
async def test_a_longer_timeline_brings_the_members_of_its_senders(world: World) -> None:
    lazily = {**ALL_ROOMS["lists"]["all"], "required_state": [["m.room.member", "$LAZY"]]}
    short, long = ({"lists": {"all": {**lazily, "timeline_limit": n}}} for n in (1, 5))
    timeline = (*messages("m1", sender=ALICE), *messages("m2", sender=BOB))
    await world.poll(BOB, 10, chunk(*timeline, state=founding(ALICE, BOB)))
    first = await world.sync(BOB, body=short)
    assert state_told(first) == [f"in-{BOB}"]
    assert f"in-{ALICE}" in state_told(await world.sync(BOB, first.pos, long))


@pytest.mark.rules("P-2")
async def test_a_worker_that_learns_of_a_new_epoch_only_while_it_answers_goes_on(
    world: World, second: World
) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    await world.pool.execute("TRUNCATE ss_stream_fence")
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    second.cache.users.clear()
    assert told(await second.sync(BOB, pos)) == ["m2"]


@pytest.mark.rules("X-4")
async def test_a_join_is_told_to_the_others_although_a_leave_left_it_out(world: World) -> None:
    """Carol joins and speaks, then Alice leaves: Alice's last chunk begins behind the join, which
    is only in its state. Bob's own poll has all of it."""
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)
    pos = (await world.sync(BOB)).pos
    came = member("came", CAROL)
    said = messages("m2", sender=CAROL)
    leave = member("leave", ALICE, "leave", before="join")
    last = left(*said, leave, state=(came,), limited=True)
    await world.poll(ALICE, 20, left={ROOM: last})
    await world.poll(BOB, 21, chunk(came, *said, leave))
    assert told(await world.sync(BOB, pos)) == ["came", "m2", "leave"]
