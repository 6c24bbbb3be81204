"""Spaces of any size: a change of one child costs one child."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from syncv3.store.loads import PAGE
from syncv3.store.retention import clean
from syncv3.types import Event, RoomID
from tests.integration.core.build import (
    ALICE,
    ROOM,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
)
from tests.support.costs import calls_of

SPACE = RoomID("!space:hs")
IN_SPACE = {"lists": {"all": {"ranges": [[0, 9]], "filters": {"spaces": [SPACE]}}}}


def child(room: str, name: str = "child", *, via: object = ("hs",)) -> Event:
    return event(f"{name}-{room}", "m.space.child", content={"via": via}, key=room)


def space_of(rooms: Iterable[str]) -> tuple[Event, ...]:
    content = {"room_version": "10", "type": "m.space"}
    created = event("space", "m.room.create", content=content, key="")
    return (created, member("in-space", ALICE), *map(child, rooms))


def crowd(first: int, count: int) -> list[str]:
    """Rooms in which nobody is."""
    return [f"!child{n}:hs" for n in range(first, first + count)]


async def grow(world: World, first: int, count: int) -> None:
    """So many more children, 500 in one answer."""
    for start in range(first, first + count, 500):
        more = chunk(*map(child, crowd(start, min(500, first + count - start))))
        await world.poll(ALICE, 100 + start, joined={SPACE: more})


async def listed(world: World) -> Sequence[str]:
    """The rooms of the space, as a new connection is told."""
    windows = (await world.sync(ALICE, body=IN_SPACE)).lists["all"].windows
    return [room for window in windows for room in window]


async def in_room_and_space(world: World, *children: str) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll(ALICE, 20, joined={SPACE: chunk(*messages("s1"), state=space_of(children))})


@pytest.mark.rules("UZ-1")
async def test_a_changed_child_costs_the_same_in_a_space_of_any_size(world: World) -> None:
    await in_room_and_space(world)
    await listed(world)
    commits, refreshes, answers = [], [], []
    for size in (0, 2000, 4000):
        await grow(world, size, 2000)
        part = await world.part(ALICE, 10_000 + size, joined={SPACE: chunk(child(f"!n{size}:hs"))})
        commits.append(await calls_of(world.committer.commit(part)))
        refreshes.append(await calls_of(world.cache.refresh()))
        answers.append(await calls_of(listed(world)))
    for counted in (commits, refreshes, answers):
        assert counted[-1] < 1.2 * counted[0]


@pytest.mark.rules("SP-1", "SP-3")
async def test_children_are_known_over_several_pages(world: World) -> None:
    await in_room_and_space(world)
    await grow(world, 0, PAGE)  # "!child…" is sorted before "!room:hs"
    await world.poll(ALICE, 9000, joined={SPACE: chunk(child(ROOM))})
    assert await listed(world) == [ROOM]


@pytest.mark.rules("SP-3", "SP-6")
async def test_a_space_that_is_joined_later_brings_its_children(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    first = await world.sync(ALICE, body=IN_SPACE)
    assert first.lists["all"].count == 0
    space = chunk(*messages("s1"), state=space_of([ROOM]))
    await world.poll(ALICE, 20, joined={SPACE: space})
    second = await world.sync(ALICE, first.pos)
    assert second.lists["all"].windows == ((ROOM,),)


@pytest.mark.rules("SP-3")
@pytest.mark.parametrize("via", [["hs"], None])
async def test_a_child_that_changes_while_children_are_loaded_is_right_at_once(
    world: World, via: object
) -> None:
    """The pages are read, then the child changes, then they are put in."""
    await in_room_and_space(world, *([ROOM] if via is None else []))
    reach = world.cache.reach

    async def reach_later(position: int) -> None:
        world.cache.reach = reach  # type: ignore[method-assign]
        changed = chunk(child(ROOM, "again", via=via))
        await world.committer.commit(await world.part(ALICE, 30, joined={SPACE: changed}))
        await world.cache.refresh()
        await reach(position)

    await world.cache.user((await world.device(ALICE)).user_key)
    world.cache.reach = reach_later  # type: ignore[method-assign]
    key = await world.pool.fetchval("SELECT room_key FROM ss_rooms WHERE room_id = $1", SPACE)
    await asyncio.wait_for(world.cache.fill_spaces([key]), 5)
    assert await listed(world) == ([] if via is None else [ROOM])


async def test_only_rooms_are_children(world: World) -> None:
    """A state key that is no room ID names no room, and may be too long for any index."""
    await in_room_and_space(world, "no room", "!" + "a" * 255, ROOM)
    rows = await world.pool.fetch("SELECT child FROM ss_space_children")
    assert [row["child"] for row in rows] == [ROOM]


async def test_removed_children_are_forgotten_by_retention(world: World) -> None:
    await in_room_and_space(world, ROOM, "!other:hs")
    await world.poll(ALICE, 30, joined={SPACE: chunk(child(ROOM, "gone", via=None))})
    assert await listed(world) == []
    await clean(world.pool, world.cache.position + 1)
    rows = await world.pool.fetch("SELECT child, valid FROM ss_space_children")
    assert [tuple(row) for row in rows] == [("!other:hs", True)]
