"""Rooms with very large state, and answers with very many rooms: written in bounded groups.

Whether state came with its room or ahead of it, what is stored and what is told is the same.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from syncv3.batch import JoinedRoom, Lease, Part
from syncv3.types import Event, RoomID, UserID
from syncv3.upstream.ahead import AHEAD_FROM, SLICE
from syncv3.upstream.decode import PART_EVENTS, Frame, SyncAnswer
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
    told,
    topic,
    visibility,
)
from tests.support.costs import Calls

CROWD = AHEAD_FROM + 20
SIZES = "SELECT last_pos - first_pos + 1 FROM ss_stream_commits ORDER BY last_pos"
EVERYTHING = {
    "lists": {"all": {"ranges": [[0, 9]], "timeline_limit": 9, "required_state": [["*", "*"]]}}
}


def crowd(first: int, last: int, name: str = "in", membership: str = "join") -> list[Event]:
    users = (UserID(f"@crowd{n:05}:hs") for n in range(first, last))
    return [member(f"{name}-{user}", user, membership, before="invite") for user in users]


def written(events: Iterable[Event]) -> dict[str, Any]:
    return {"events": [json.loads(event.json) for event in events]}


def section(room: JoinedRoom) -> dict[str, Any]:
    """A room as a homeserver writes it."""
    timeline = {"limited": room.limited, "prev_batch": room.prev_batch, **written(room.timeline)}
    return {"state_after" if room.state_after else "state": written(room.state),
            "timeline": timeline}  # fmt: skip


async def parts(world: World, user: UserID, at: int, body: dict[str, Any]) -> list[Part]:
    """What a poller makes of an answer's sections."""
    who = await world.device(user)
    since, world.tokens = world.since[who.device_key], world.tokens + 1
    token = f"s{world.tokens}-{who.device_key}"
    lease = Lease(who.device_key, "worker", 1)
    frame = Frame(user, who.device_id, who.user_key, lease, since, at)
    whole = json.dumps({"next_batch": token, **body}).encode()
    made = SyncAnswer(whole, state_after=True).parts(frame)
    world.since[who.device_key] = token
    return [part for part in made if part is not None]


async def take_in(world: World, user: UserID, at: int, room: JoinedRoom) -> None:
    """The room's section of an answer, as a poller takes it in."""
    for part in await parts(world, user, at, {"rooms": {"join": {ROOM: section(room)}}}):
        await world.committer.commit(part)
    await world.cache.refresh()


async def whole(world: World, user: UserID, at: int, room: JoinedRoom) -> None:
    """The same as one part, however large."""
    await world.poll(user, at, room)


def after_gap() -> JoinedRoom:
    """Half of the crowd has left behind a gap, others have come, and there is another topic."""
    state = [*crowd(0, 400, "gone", "leave"), *crowd(CROWD, CROWD + 200), topic("t2")]
    return chunk(*messages("m9"), state=state, limited=True)


STORIES: dict[str, Sequence[tuple[UserID, int, JoinedRoom]]] = {
    "a room that is not known": [
        (ALICE, 10, chunk(*messages("m1"), state=[*founding(ALICE), *crowd(0, CROWD)]))
    ],
    "a user comes who sees all of the state": [
        (ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB))),
        (BOB, 20, chunk(*messages("m2"), state=[*founding(ALICE, BOB), *crowd(0, CROWD)])),
    ],
    "a gap": [
        (ALICE, 10, chunk(*messages("m1"), state=[*founding(ALICE), *crowd(0, CROWD)])),
        (ALICE, 20, after_gap()),
        (ALICE, 30, chunk(*messages("m10"))),
    ],
    "a chunk that is older than what is known": [
        (BOB, 30, chunk(*messages("m5"), state=founding(ALICE, BOB))),
        (ALICE, 20, chunk(*messages("m1", "m5"), state=[*founding(ALICE), *crowd(0, CROWD)])),
    ],
    "state that the timeline of the chunk changes": [
        (ALICE, 10, chunk(*messages("m1"), state=founding(ALICE))),
        (BOB, 20, chunk(*messages("m2"), *crowd(0, 1, "back"), limited=True,
                        state=[*founding(BOB), *crowd(0, CROWD, "in", "leave")])),
    ],
    "state behind the timeline": [
        (ALICE, 10, chunk(*messages("m1"), state=[*founding(ALICE), *crowd(0, CROWD)])),
        (ALICE, 20, chunk(*messages("m2"), state_after=True,
                          state=crowd(0, CROWD, "gone", "leave"))),
    ],
    "hidden history": [
        (ALICE, 10, chunk(*messages("m1"), state=[*founding(ALICE), visibility("joined")])),
        (BOB, 20, chunk(*messages("m2"), member("bob", BOB, before="invite"), *messages("m3"),
                        state=[*founding(ALICE), visibility("joined"), *crowd(0, CROWD)])),
    ],
}  # fmt: skip


async def known_of(world: World) -> dict[str, Any]:
    """What is stored of the room, and what Alice and Bob are told, without any positions."""
    row = await world.pool.fetchrow(
        "SELECT name, joined, invited, head_ord, gap_ord, filled_ord, history_hidden,"
        " members_complete, generated_us, head_token FROM ss_rooms"
    )
    state = await world.pool.fetch(
        "SELECT s.type, s.state_key, e.event_id, e.ord, s.from_pos = 0 AS learned"
        " FROM ss_room_state s JOIN ss_events e USING (event_key) WHERE s.to_pos IS NULL"
        " ORDER BY s.type, s.state_key"
    )
    views = await world.pool.fetch(
        "SELECT user_key, membership, joined_ord, visible_ord, left_ord, confirmed_ord"
        " FROM ss_user_rooms ORDER BY user_key"
    )
    return {
        "row": dict(row or {}),
        "state": [tuple(row) for row in state],
        "views": [tuple(row) for row in views],
        "timeline": await world.timeline(),
        "told": [told(await world.sync(user, body=EVERYTHING)) for user in (ALICE, BOB)],
    }


@pytest.mark.parametrize("story", STORIES)
async def test_it_is_the_same_whether_state_comes_with_its_room_or_ahead(
    world: World, another: World, story: str
) -> None:
    for user, at, room in STORIES[story]:
        await take_in(world, user, at, room)
        await whole(another, user, at, room)
    assert await known_of(world) == await known_of(another)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("at_once", [True, False])
async def test_an_answer_that_was_cut_off_comes_again_and_is_the_same(
    world: World, another: World, story: str, at_once: bool
) -> None:
    """The worker dies when two slices are stored; perhaps others go on before it comes back."""
    for number, (user, at, room) in enumerate(STORIES[story]):
        await world.device(user)
        since = dict(world.since)
        answer = await parts(world, user, at, {"rooms": {"join": {ROOM: section(room)}}})
        for part in answer[:-1][:2]:
            await world.committer.commit(part)
        world.since.update(since)
        if not at_once and number > 0:
            for each in (world, another):
                await each.poll(ALICE, at, chunk(*messages(f"between{number}")))
        await take_in(world, user, at + 1, room)
        await whole(another, user, at + 1, room)
    stored, expected = await known_of(world), await known_of(another)
    for known in (stored, expected):
        del known["row"]["head_token"]  # they have asked more or less often
    assert stored == expected


@pytest.mark.rules("U-88")
async def test_nobody_sees_a_room_before_all_of_its_state_is_there(world: World) -> None:
    await world.poll(BOB, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    first = await world.sync(BOB, body=EVERYTHING)
    state = [*founding(ALICE, BOB), *crowd(0, CROWD), member("bob2", BOB, displayname="B")]
    room = section(chunk(*messages("m1", "m2"), state=state))
    *ahead, rest = await parts(world, ALICE, 20, {"rooms": {"join": {ROOM: room}}})
    assert len(ahead) == -(-(CROWD + 2) // SLICE)
    for part in ahead:
        await world.committer.commit(part)
        await world.cache.refresh()
        assert (await world.sync(ALICE, body=EVERYTHING)).rooms == {}
        assert (await world.sync(BOB, first.pos)).rooms == {}
    await world.committer.commit(rest)
    await world.cache.refresh()
    assert told(await world.sync(ALICE, body=EVERYTHING)) == ["m1", "m2"]
    answer = (await world.sync(BOB, first.pos)).rooms[ROOM]
    assert answer.initial and b"$bob2" in b"".join(answer.required_state)


async def test_large_state_is_written_in_bounded_groups_and_planned_in_bounded_steps(
    world: World,
) -> None:
    counted = []
    for n, size in enumerate((CROWD, 2 * CROWD, 4 * CROWD)):
        state = [*founding(CAROL), *crowd(0, size, f"in{n}")]
        room = section(chunk(*messages(f"m{n}"), state=state))
        answer = await parts(world, CAROL, 10 + n, {"rooms": {"join": {f"!room{n}:hs": room}}})
        with Calls() as calls:
            for part in answer:
                await world.committer.commit(part)
        counted.append(calls)
    assert max(c.longest for c in counted) < 1.2 * counted[0].longest
    assert counted[2].number < 2.2 * counted[1].number
    assert max(row[0] for row in await world.pool.fetch(SIZES)) < 2 * SLICE


async def test_very_many_invites_are_several_groups(world: World) -> None:
    """So are few that are very large; account data and ``since`` come once all the same."""
    own = {"type": "m.room.member", "state_key": ALICE, "sender": BOB,
           "content": {"membership": "invite"}}  # fmt: skip
    many = {f"!invite{n}:hs": {"invite_state": {"events": [own]}} for n in range(1000)}
    stuffed = {"type": "m.x", "state_key": "", "sender": BOB, "content": {"x": "y" * 12_000}}
    large = {f"!large{n}:hs": {"invite_state": {"events": [own, stuffed]}} for n in range(200)}
    for invites, least in ((many, 4), (large, 3)):
        answer = await parts(world, ALICE, 10, {"rooms": {"invite": invites}})
        assert least <= len(answer) < 20
        assert [part.next_since is None for part in answer] == [True] * (len(answer) - 1) + [False]
        for part in answer:
            await world.committer.commit(part)
            assert len(part.invited) * 2 <= PART_EVENTS
    assert await world.pool.fetchval("SELECT count(*) FROM ss_user_rooms") == 1200
    assert max(row[0] for row in await world.pool.fetch(SIZES)) <= 3 * PART_EVENTS // 2 + 2


async def test_very_many_rooms_that_were_left_are_several_groups(world: World) -> None:
    rooms = [RoomID(f"!left{n}:hs") for n in range(600)]
    made = [event(f"create{n}", "m.room.create", key="") for n in range(len(rooms))]
    joined = {room: chunk(state=[create]) for room, create in zip(rooms, made, strict=True)}
    await world.committer.commit(await world.part(ALICE, 10, joined=joined))
    answer = await parts(world, ALICE, 20, {"rooms": {"leave": {room: {} for room in rooms}}})
    assert len(answer) == 3
    for part in answer:
        await world.committer.commit(part)
    left = "SELECT count(*) FROM ss_user_rooms WHERE membership = 'leave'"
    assert await world.pool.fetchval(left) == 600


async def test_a_large_group_lets_others_run_between_its_steps(world: World) -> None:
    """What is looked up is read, then planned, then written: each is a step of its own."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    room = chunk(*crowd(0, PART_EVENTS // 2), state=crowd(1000, 1000 + PART_EVENTS // 2))
    part = await world.part(ALICE, 20, room)
    with Calls() as calls:
        await world.committer.commit(part)
    assert calls.longest < 0.7 * calls.number
