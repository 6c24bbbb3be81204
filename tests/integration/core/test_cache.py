"""The cache: loads that meet the stream, and what it keeps."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from syncv3.cache.cache import Cache
from syncv3.cache.held import IDLE_S
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    both_in,
    chunk,
    event,
    invite,
    member,
    messages,
    state_told,
    told,
    topic,
)


class Meddling:
    """A pool between whose reads and their readers something happens once."""

    def __init__(self, pool: asyncpg.Pool, word: str, happens: Callable[[], Awaitable[None]]):
        self._pool = pool
        self._word = word
        self.happens: Callable[[], Awaitable[None]] | None = happens

    async def fetchrow(self, statement: str, *arguments: Any) -> Any:
        found = await self._pool.fetchrow(statement, *arguments)
        happens = self.happens
        if self._word in statement and happens is not None:
            self.happens = None
            await happens()
        return found


@contextmanager
def meddling(world: World, word: str, *timeline: Any) -> Iterator[None]:
    """While the cache reads what has ``word`` in its statement, Alice's poller brings this."""
    pool = Meddling(world.pool, word, lambda: world.poll(ALICE, 20, chunk(*timeline)))
    world.cache.pool = pool
    yield
    assert pool.happens is None, "nothing was read"


async def test_a_kick_is_not_missed_while_its_user_is_loaded(world: World) -> None:
    await both_in(world)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    with meddling(world, "FROM ss_users u WHERE u.id", kick):
        assert ROOM not in (await world.sync(BOB)).rooms


async def test_an_event_is_not_missed_while_its_room_is_loaded(world: World) -> None:
    await both_in(world)
    with meddling(world, "FROM ss_events t", *messages("m2", sender=CAROL)):
        assert told(await world.sync(BOB)) == ["t1", "m1", "m2"]


async def test_a_change_is_not_missed_while_the_state_is_loaded(world: World) -> None:
    await both_in(world)
    with meddling(world, "s.type < 'm.room.member'", topic("t2")):
        assert "t2" in state_told(await world.sync(BOB))
    assert "t2" in state_told(await world.sync(BOB))


async def test_a_redaction_is_not_missed_while_its_room_is_loaded(world: World) -> None:
    await both_in(world)
    redaction = event("red", "m.room.redaction", ALICE, content={}, redacts="m1")
    with meddling(world, "FROM ss_events t", redaction):
        await world.sync(BOB)
    room = (await world.sync(BOB)).rooms[ROOM]
    assert all(b'"body": "m1"' not in raw for raw in room.timeline)


async def test_an_event_that_is_loaded_ahead_of_the_cache_is_told_once(world: World) -> None:
    await both_in(world)
    part = await world.part(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    pool = Meddling(world.pool, "FROM ss_txns", lambda: world.committer.commit(part))
    world.cache.pool = pool
    first = await world.sync(BOB)
    assert pool.happens is None
    await world.cache.refresh()
    second = await world.sync(BOB, first.pos)
    assert [*told(first), *told(second)] == ["t1", "m1", "m2"]


async def test_a_room_that_is_loaded_ahead_of_the_cache_is_told_once(world: World) -> None:
    await both_in(world)
    await world.sync(CAROL)
    world.cache.held.forget_user(world.cache.users[(await world.device(CAROL)).user_key])
    await world.committer.commit(await world.part(CAROL, 20, invited={ROOM: invite(CAROL)}))
    first = await world.sync(CAROL)
    await world.cache.refresh()
    assert list(first.rooms) == [ROOM]
    assert (await world.sync(CAROL, first.pos)).rooms == {}


@pytest.mark.rules("X-4")
async def test_a_leave_and_a_rejoin_between_two_looks_are_both_seen(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    gone = member("gone", BOB, "leave", before="join")
    back = member("back", BOB, before="leave")
    await world.committer.commit(await world.part(ALICE, 20, chunk(gone, *messages("m2"))))
    await world.committer.commit(await world.part(BOB, 30, chunk(*messages("m2"), back)))
    await world.cache.refresh()
    answer = await world.sync(BOB, pos)
    assert answer.rooms[ROOM].initial
    assert told(answer) == ["back"]


async def test_what_the_stream_brought_is_not_kept_when_nobody_loads(world: World) -> None:
    await both_in(world)
    await world.sync(ALICE)
    for number in range(5):
        await world.poll(ALICE, 20 + number, chunk(*messages(f"m{number + 2}")))
    assert not world.cache.recent


async def test_nothing_of_unused_devices_and_users_is_kept(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    await world.sync(ALICE)
    cache: Cache = world.cache
    room = next(iter(cache.rooms.values()))
    cache.sweep((), room.used + IDLE_S + 1)
    kept = (cache.rooms, cache.users, cache.transactions, cache.held.in_room)
    assert kept == ({}, {}, {}, {})


async def test_a_cache_that_was_swept_answers_as_before(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    world.cache.sweep((), next(iter(world.cache.rooms.values())).used + IDLE_S + 1)
    await world.poll(BOB, 20, chunk(*messages("m2", sender=CAROL)))
    assert told(await world.sync(ALICE, pos)) == ["m2"]
