"""Rooms of any number of members: more of them make no step longer, and no transaction larger."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import pytest

from syncv3.ingest.learning import SLICE
from syncv3.store.loads import WIDE_PAGE
from syncv3.types import Event, UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    event,
    founding,
    heroes,
    member,
    messages,
    state_told,
    told,
)
from tests.support.costs import Calls

EVERYBODY = {
    "lists": {"all": {"ranges": [[0, 9]], "timeline_limit": 1,
                      "required_state": [["m.room.member", "*"]]}}
}  # fmt: skip
SIZES = "SELECT last_pos - first_pos + 1 FROM ss_stream_commits ORDER BY last_pos DESC LIMIT $1"


def crowd(first: int, last: int, membership: str = "join") -> list[Event]:
    users = (UserID(f"@crowd{n:05}:hs") for n in range(first, last))
    return [member(f"in-{user}", user, membership, before="invite") for user in users]


async def alice_in(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))


async def counts(world: World) -> tuple[int, int]:
    row = await world.pool.fetchrow("SELECT joined, invited FROM ss_rooms")
    assert row is not None
    return row[0], row[1]


async def learn(world: World, members: Iterable[Event], gap: int | None = None) -> bool:
    everybody = [*founding(ALICE)[1:], *members]
    return await world.learning.learn_members(ROOM, everybody, gap)


async def test_a_list_is_taken_in_by_steps_of_bounded_length(world: World) -> None:
    await alice_in(world)
    counted = []
    for size in (SLICE, 2 * SLICE, 4 * SLICE):
        with Calls() as calls:
            assert await learn(world, crowd(size, 2 * size))
        counted.append(calls)
    assert max(c.longest for c in counted) < 1.2 * counted[0].longest
    assert counted[2].number < 2.2 * counted[1].number
    sizes = [row[0] for row in await world.pool.fetch(SIZES, 100)]
    assert max(sizes) <= SLICE + 2


async def test_a_list_that_is_known_writes_nothing_but_that_it_is_complete(world: World) -> None:
    await alice_in(world)
    await learn(world, crowd(0, 300))
    before = await world.pool.fetchval("SELECT count(*) FROM ss_stream_commits")
    await learn(world, crowd(0, 300))
    assert await world.pool.fetchval("SELECT count(*) FROM ss_stream_commits") == before + 1


async def test_an_answer_with_all_members_is_made_by_steps_of_bounded_length(
    world: World,
) -> None:
    await alice_in(world)
    counted = []
    for size in (WIDE_PAGE, 2 * WIDE_PAGE, 4 * WIDE_PAGE):
        await learn(world, crowd(0, size))
        await world.cache.refresh()
        with Calls() as calls:
            answer = await world.sync(ALICE, body=EVERYBODY)
            world.dialect.write(answer)
        assert len(state_told(answer)) == size + 1
        counted.append(calls)
    assert max(c.longest for c in counted) < 1.3 * counted[0].longest
    assert counted[2].number < 2.2 * counted[1].number


async def test_a_list_of_many_is_counted_and_told_once_at_its_end(world: World) -> None:
    await alice_in(world)
    first = await world.sync(ALICE, body=EVERYBODY)
    wrote = writes_of(world)
    await learn(world, [*crowd(0, 300), *crowd(300, 310, "invite"), *crowd(310, 320, "leave")])
    assert [tells for _, tells in wrote] == [False, False, True]
    await world.cache.refresh()
    assert await counts(world) == (301, 10)
    assert len(state_told(await world.sync(ALICE, first.pos))) == 321
    assert (await heroes_of(world))[0] == ALICE


def writes_of(world: World) -> list[tuple[int, bool]]:
    """What is written beside any sync: events, and whether others are told."""
    found: list[tuple[int, bool]] = []
    write = world.committer.writer.write

    async def noted(db: Any, group: Any, *, tell: bool = True) -> int | None:
        found.append((len(group.events), tell))
        return await write(db, group, tell=tell)

    world.committer.writer.write = noted  # type: ignore[method-assign]
    return found


async def heroes_of(world: World) -> list[str]:
    (key,) = world.cache.rooms
    return [hero.user_id for hero in world.cache.rooms[key].heroes]


def between(world: World, act: Callable[[], Awaitable[None]]) -> None:
    """Something happens before the second slice is written."""
    write, left = world.committer.writer.write, [1]

    async def later(db: Any, group: Any, *, tell: bool = True) -> int | None:
        left[0] -= 1
        if left[0] == -1:
            await act()
        return await write(db, group, tell=tell)

    world.committer.writer.write = later  # type: ignore[method-assign]


async def test_who_comes_and_goes_while_a_list_is_taken_in_is_counted(world: World) -> None:
    """The list has the first of the crowd, who leaves meanwhile, and not Bob, who joins."""
    await alice_in(world)
    gone = crowd(0, 1, "leave")[0]

    async def act() -> None:
        left = event("gone", "m.room.member", key=gone.state_key, content={"membership": "leave"})
        await world.poll(ALICE, 20, chunk(left, member("bob", BOB, before="invite")))

    between(world, act)
    assert await learn(world, crowd(0, 2 * SLICE))
    assert await counts(world) == (2 * SLICE + 1, 0)
    assert await world.state("m.room.member", gone.state_key or "") == "gone"


async def test_a_gap_while_a_list_is_taken_in_makes_it_worthless(world: World) -> None:
    await alice_in(world)

    async def act() -> None:
        await world.poll(ALICE, 20, chunk(*messages("m9"), limited=True))

    between(world, act)
    assert not await learn(world, crowd(0, 2 * SLICE))
    assert not await world.pool.fetchval("SELECT members_complete FROM ss_rooms")


async def test_state_that_changes_while_nobody_is_told_is_told_with_what_follows(
    world: World,
) -> None:
    """The list knows a newer name of Bob; the worker dies before the list is complete."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    first = await world.sync(ALICE, body=EVERYBODY)

    async def dies() -> None:
        raise ConnectionError("the worker dies")

    between(world, dies)
    renamed = member("bob2", BOB, displayname="Bobby")
    with pytest.raises(ConnectionError):
        await learn(world, [renamed, *crowd(0, 2 * SLICE)])
    await world.cache.refresh()
    second = await world.sync(ALICE, first.pos)
    assert second.rooms == {}
    await world.poll(ALICE, 30, chunk(*messages("m2")))
    third = await world.sync(ALICE, second.pos)
    assert "bob2" in state_told(third) and told(third) == ["m2"]


@pytest.mark.parametrize("act", ["join", "leave", "redact"])
async def test_an_answer_has_what_happened_while_its_members_were_loaded(
    world: World, act: str
) -> None:
    """Between two pages Carol joins, or the first member leaves or is redacted."""
    await alice_in(world)
    await learn(world, crowd(0, WIDE_PAGE + 10))
    await world.cache.refresh()
    first = crowd(0, 1)[0]
    acts: dict[str, Event] = {
        "join": member("carol", CAROL, before="invite"),
        "leave": event("left", "m.room.member", key=first.state_key,
                       content={"membership": "leave"}),
        "redact": event("red", "m.room.redaction", content={}, redacts=first.event_id[1:]),
    }  # fmt: skip
    reach, pages = world.cache.reach, []

    async def reached(position: int) -> None:
        pages.append(position)
        await reach(position)
        if len(pages) == 1:
            await world.poll(ALICE, 20, chunk(acts[act]))

    (key,) = await loaded(world)
    world.cache.reach = reached  # type: ignore[method-assign]
    members = await world.cache.list_members(key)
    assert members is not None and len(pages) == 2
    found = b",".join(members.pieces())
    ids = [each["event_id"] for each in json.loads(b"[" + found + b"]")]
    assert ("$carol" in ids) == (act == "join")
    assert ("$left" in ids, ids.count(first.event_id)) == (act == "leave", act != "leave")
    assert (b"redacted_because" in found) == (act == "redact")


async def loaded(world: World) -> Sequence[int]:
    """The rooms that are held once Alice is."""
    await world.cache.user((await world.device(ALICE)).user_key)
    return list(world.cache.rooms)


@pytest.mark.rules("UZ-15")
async def test_summaries_count_whatever_the_list_says(world: World) -> None:
    await world.poll(
        ALICE, 10, chunk(*messages("m1"), state=founding(ALICE), summary=heroes(BOB, joined=900))
    )
    await learn(world, crowd(0, 10))
    assert await counts(world) == (11, 0)
    await world.poll(ALICE, 20, chunk(*messages("m2"), summary=heroes(BOB, joined=900)))
    assert await counts(world) == (900, 0)


@pytest.mark.rules("D-53")
async def test_senders_are_told_once_to_who_is_told_all_members(world: World) -> None:
    """Bob's member event was among all members: it is not repeated when he speaks again."""
    lazily = [["m.room.member", "*"], ["m.room.member", "$LAZY"]]
    lists = {"all": {"ranges": [[0, 9]], "timeline_limit": 1, "required_state": lazily}}
    await world.poll(ALICE, 10, chunk(*messages("m1", sender=BOB), state=founding(ALICE, BOB)))
    assert await world.learning.learn_members(ROOM, founding(ALICE, BOB)[1:])
    await world.cache.refresh()
    first = await world.sync(ALICE, body={"lists": lists})
    assert sorted(state_told(first)) == [f"in-{ALICE}", f"in-{BOB}"]
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=BOB)))
    then = await world.sync(ALICE, first.pos)
    assert (told(then), state_told(then)) == (["m2"], [])
