"""What cannot be used of a room is missing visibly: a gap, ``limited`` and a ``prev_batch``."""

from typing import Any

import pytest

from syncv3.batch import Hole, JoinedRoom, LeftRoom, Summary
from syncv3.ingest.planning import newest
from syncv3.types import Event, EventID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    event,
    founding,
    member,
    messages,
    name_of,
    names,
    state_told,
    told,
    topic,
)
from tests.integration.core.lost import OTHER, both_in, gaps, holed, told_anew

X = Hole(1, EventID("lost:x"))


@pytest.mark.rules("U-81", "D-33")
async def test_an_event_lost_in_the_middle_is_a_gap_for_everybody(world: World) -> None:
    alice, bob = await both_in(world)
    lost = holed(*messages("m2", "m3", sender=CAROL), at=[1])
    await world.poll(ALICE, 20, lost)
    await world.poll(BOB, 21, lost)
    for user, pos in ((ALICE, alice), (BOB, bob)):
        assert names(told_anew(await world.sync(user, pos))) == ["m3"]
        assert names(told_anew(await world.sync(user))) == ["m3"]


async def test_an_event_lost_at_the_end_is_told_at_once_and_what_follows_is_a_delta(
    world: World,
) -> None:
    alice, bob = await both_in(world)
    await world.poll(ALICE, 20, holed(at=[0]))
    await world.poll(BOB, 21, holed(at=[0]))
    answers = [(user, await world.sync(user, pos)) for user, pos in ((ALICE, alice), (BOB, bob))]
    for _, answer in answers:
        assert names(told_anew(answer)) == []
    await world.poll(ALICE, 30, chunk(*messages("m2", sender=CAROL)))
    await world.poll(BOB, 31, chunk(*messages("m2", sender=CAROL)))
    for user, answer in answers:
        room = (await world.sync(user, answer.pos)).rooms[ROOM]
        assert names(room) == ["m2"] and not room.initial


@pytest.mark.parametrize("at", [[0], [1], [0, 1], [2], [0, 1, 2]])
async def test_a_loss_is_told_once_however_many_pollers_bring_it(
    world: World, at: list[int]
) -> None:
    await both_in(world)
    lost = holed(*messages("m2", "m3", sender=CAROL), at=at)
    await world.poll(ALICE, 20, lost)
    known, pos = await gaps(world), (await world.sync(BOB)).pos
    await world.poll(BOB, 21, lost)
    await world.poll(ALICE, 22, lost)
    assert await gaps(world) == known == len(at)
    room = (await world.sync(BOB, pos)).rooms.get(ROOM)
    assert room is None or room.initial  # perhaps Bob was not known to be behind the gap
    assert [name for name, _ in await world.timeline() if name in ("m2", "m3")] == ["m2", "m3"]


async def test_events_lost_in_a_row_are_one_gap(world: World) -> None:
    await both_in(world)
    row = (Hole(1, EventID("lost:1")), Hole(1, EventID("lost:2")), Hole(1, EventID("lost:3")))
    await world.poll(ALICE, 20, chunk(*messages("m2", "m3", sender=CAROL), holes=row))
    assert await gaps(world) == 1
    assert names(told_anew(await world.sync(ALICE))) == ["m3"]


async def test_what_was_lost_may_come_again_in_a_form_that_can_be_used(world: World) -> None:
    """Bob's poller gets the message redacted meanwhile: it has its place and is not lost."""
    await both_in(world)
    await world.poll(ALICE, 20, holed(*messages("m2", "m4", sender=CAROL), at=[1]))
    await world.poll(BOB, 21, chunk(*messages("m2", "m3", "m4", sender=CAROL)))
    order = [name for name, history in await world.timeline() if not history]
    assert order[-3:] == ["m2", "m3", "m4"]


@pytest.mark.rules("X-1", "U-178")
async def test_nobody_is_shown_what_follows_a_loss_that_may_have_been_their_leave(
    world: World,
) -> None:
    """The event that cannot be used may be Bob's ban: until it is known that he is there still
    he is told nothing of what comes behind it."""
    _, bob = await both_in(world)
    await world.poll(ALICE, 20, holed(*messages("m2", "secret", sender=CAROL), at=[1]))
    assert "secret" not in told(await world.sync(BOB, bob))
    assert "secret" not in told(await world.sync(BOB))


# A first answer


async def test_an_event_lost_in_a_first_answer_is_a_gap(world: World) -> None:
    lost = holed(*messages("m1", "m2", sender=CAROL), at=[1], state=founding(ALICE), limited=True)
    await world.poll(ALICE, 10, lost)
    room = told_anew(await world.sync(ALICE))
    assert names(room) == ["m2"] and room.joined_count == 1


async def test_a_first_answer_that_begins_with_a_loss_has_no_token_from_before_it(
    world: World,
) -> None:
    lost = holed(*messages("m1", sender=CAROL), at=[0], state=founding(ALICE), limited=True)
    await world.poll(ALICE, 10, lost)
    assert names(told_anew(await world.sync(ALICE))) == ["m1"]


@pytest.mark.rules("U-81", "U-171")
async def test_a_room_of_which_all_was_lost_is_shown_and_goes_on(world: World) -> None:
    await world.poll(ALICE, 10, JoinedRoom(limited=True, holes=(Hole(0, EventID("lost:all")),)))
    answer = await world.sync(ALICE)
    assert names(told_anew(answer)) == []
    await world.poll(ALICE, 20, chunk(topic("t1"), *messages("m2", sender=CAROL)))
    room = (await world.sync(ALICE, answer.pos)).rooms[ROOM]
    assert names(room) == ["t1", "m2"] and "t1" in map(name_of, room.required_state)


@pytest.mark.rules("U-82", "U-170", "U-172", "U-17P")
async def test_a_room_without_a_create_event_is_shown_to_its_member(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=[member("in", ALICE), topic("t")]))
    answer = await world.sync(ALICE)
    assert told(answer) == ["m1"] and "t" in state_told(answer)


async def test_the_version_of_a_room_is_learned_when_its_create_event_comes(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=[member("in", ALICE)]))
    created = event("create", "m.room.create", content={"room_version": "10"}, key="")
    await world.poll(ALICE, 20, chunk(*messages("m2"), state=[created]))
    assert await world.pool.fetchval("SELECT room_version FROM ss_rooms") == "10"


# Rooms that cannot be stored


def unstorable(*timeline: Event, at: int = 0) -> JoinedRoom:
    """A chunk that passes our reading, and that the database refuses."""
    return chunk(*timeline, notification_count=2**40, limited=bool(at))


@pytest.mark.rules("U-44", "U-170")
async def test_a_room_that_the_database_refuses_is_told_as_a_gap(world: World) -> None:
    alice, bob = await both_in(world)
    await world.poll(ALICE, 20, unstorable(*messages("m2", sender=CAROL)))
    await world.poll(ALICE, 30, chunk(*messages("m3", sender=CAROL)))
    await world.poll(BOB, 31, chunk(*messages("m2", "m3", sender=CAROL)))
    assert names(told_anew(await world.sync(ALICE, alice))) == ["m3"]
    assert names(told_anew(await world.sync(BOB, bob)))[-1:] == ["m3"]


async def test_the_log_is_told_once_of_what_is_refused_again_and_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The same answer is fetched again, as something else in it could not be stored."""
    await both_in(world)
    for _ in range(5):
        part = await world.part(ALICE, 20, unstorable(*messages("m2")), last=False)
        await world.committer.commit(part)
    told = [record for record in caplog.records if "skipping a room" in record.getMessage()]
    assert len(told) == 1
    await world.poll(ALICE, 30, chunk(*messages("m3")))
    await world.poll(ALICE, 40, unstorable(*messages("m4")))
    told = [record for record in caplog.records if "skipping a room" in record.getMessage()]
    assert len(told) == 2


async def test_a_room_that_the_database_refuses_at_first_can_be_entered_later(
    world: World,
) -> None:
    refused = chunk(*messages("m1"), state=founding(ALICE), notification_count=2**40)
    good = chunk(*messages("o1"), state=[member("in-other", ALICE)])
    await world.poll(ALICE, 10, refused, joined={OTHER: good})
    assert told_anew(await world.sync(ALICE)) is not None
    assert names((await world.sync(ALICE)).rooms[OTHER]) == ["o1"]
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    assert told(await world.sync(ALICE)) == ["m2"]


@pytest.mark.rules("U-115")
async def test_account_data_of_a_room_that_is_refused_opens_no_room(world: World) -> None:
    """What stands for something lost does not say that Bob is in the room."""
    room = chunk(*messages("m1", sender=CAROL), state=founding(ALICE))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 20, JoinedRoom(summary=Summary(joined=2**40)))
    await world.poll(ALICE, 30, chunk(*messages("secret", sender=CAROL)))
    answer = await world.sync(BOB)
    assert ROOM not in answer.rooms
    assert await world.membership(BOB) is None


async def test_a_room_whose_plan_fails_is_told_as_a_gap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug of ours, or content that nobody thought of: the same holds."""
    alice, _ = await both_in(world)
    bad = event("m2", "m.bad", CAROL)
    noted = newest.note_newest

    def fails(known: Any, appended: Event, stamp: int) -> None:
        if appended.type == "m.bad":
            raise KeyError("unforeseen")
        noted(known, appended, stamp)

    monkeypatch.setattr("syncv3.ingest.planning.draft.note_newest", fails)
    await world.poll(ALICE, 20, chunk(bad))
    await world.poll(ALICE, 30, chunk(*messages("m3", sender=CAROL)))
    assert names(told_anew(await world.sync(ALICE, alice))) == ["m3"]


@pytest.mark.rules("M-8")
async def test_a_left_room_that_cannot_be_stored_was_left(world: World) -> None:
    alice, _ = await both_in(world)
    bad = event("m2", "m.x", CAROL, content={}, key="\x00")
    await world.poll(ALICE, 20, left={ROOM: LeftRoom(timeline=(bad,))})
    assert await world.membership(ALICE) == "leave"
    assert ROOM in (await world.sync(ALICE, alice)).rooms


async def test_account_data_that_cannot_be_stored_costs_only_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _ = await both_in(world)

    def fails(*_: Any) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr("syncv3.ingest.planning.plan.take_account_data", fails)
    data = account_data("m.direct", {BOB: [ROOM]})
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)), account_data=(data,))
    assert told(await world.sync(ALICE, alice)) == ["m2"]


@pytest.mark.rules("D-33")
async def test_a_room_that_was_written_alone_has_a_token_to_page_back_from(world: World) -> None:
    """Beside a room that is refused, the others are written one by one."""
    bad = {OTHER: chunk(*messages("o1"), state=founding(), notification_count=2**40)}
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=[member("in", ALICE)]), joined=bad)
    assert (await world.sync(ALICE)).rooms[ROOM].prev_batch is not None


# Leaving


async def test_who_leaves_behind_a_loss_is_told_that_something_is_missing(world: World) -> None:
    alice, _ = await both_in(world)
    gone = member("gone", ALICE, "leave", before="join")
    left = LeftRoom(timeline=(*messages("m2", sender=CAROL), gone), holes=(X,))
    await world.poll(ALICE, 20, left={ROOM: left})
    room = (await world.sync(ALICE, alice)).rooms[ROOM]
    assert names(room) == ["gone"], "it does not follow m2"
    assert room.membership == "leave"
    assert room.limited and room.prev_batch not in (None, "before")
