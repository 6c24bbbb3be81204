"""Several writers: each sees what the one before has written, and holds up the next no longer
than one statement lasts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg

from syncv3.ingest.entries import GROUP_EVENTS
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    founding,
    messages,
    topic,
)

CHANGES = 15
INTERVALS = """
SELECT s.from_pos, s.to_pos, e.ord FROM ss_room_state s JOIN ss_events e USING (event_key)
WHERE s.type = 'm.room.topic' ORDER BY s.from_pos
"""
LOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)"
STREAM = "SELECT ctid, xmin, last_pos, first_pos FROM ss_stream_commits ORDER BY last_pos"
ONE_ROW = "SELECT ctid, xmin FROM ss_stream_fence UNION ALL SELECT ctid, xmin FROM ss_stream_epochs"


async def test_writers_at_the_same_time_write_as_if_one_after_the_other(
    world: World, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        workers = {ALICE: world}
        for user in (BOB, CAROL):
            workers[user] = await World.start(database_url)
            stack.push_async_callback(workers[user].stop)
        for user in workers:
            room = chunk(*messages("m1"), state=founding(ALICE, BOB, CAROL))
            await workers[user].poll(user, 10, room)

        async def change_often(number: int, user: Any, worker: World) -> None:
            for n in range(CHANGES):
                await worker.committer.commit(
                    await worker.part(user, 20, chunk(topic(f"t{number}-{n}")))
                )

        await asyncio.gather(*(change_often(n, *w) for n, w in enumerate(workers.items())))
        rows = await world.pool.fetch(INTERVALS)
    ends = [row["to_pos"] for row in rows]
    places = [row["ord"] for row in rows]
    assert len(rows) == CHANGES * len(workers)
    assert ends == [*(row["from_pos"] for row in rows[1:]), None]
    assert places == sorted(set(places))


class Watched:
    """A pool that looks, after each statement, whether the stream is still locked."""

    def __init__(self, pool: asyncpg.Pool, watcher: asyncpg.Connection) -> None:
        self._pool = pool
        self._watcher = watcher
        self.statements = 0
        self.locked = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["WatchedConnection"]:
        async with self._pool.acquire() as connection:
            yield WatchedConnection(self, connection)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        return self.watch(getattr(self._pool, name))

    def watch(self, read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def watched(*arguments: Any, **more: Any) -> Any:
            found = await read(*arguments, **more)
            self.statements += 1
            self.locked += bool(await self._watcher.fetchval(LOCKED))
            return found

        return watched


class WatchedConnection:
    def __init__(self, pool: Watched, connection: asyncpg.Connection) -> None:
        self._pool = pool
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return self._pool.watch(found) if name.startswith(("fetch", "execute")) else found


async def test_a_worker_that_pauses_between_statements_holds_up_nobody(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    async with world.pool.acquire() as watcher:
        watched = Watched(world.pool, watcher)
        world.committer.writer.pool = watched
        await world.committer.commit(await world.part(ALICE, 20, chunk(*messages("m2"))))
        await world.committer.commit(await world.part(BOB, 21, chunk(*messages("m2"))))
        await world.learning.learn_members(ROOM, founding(ALICE, BOB)[1:])
        await world.learning.learn_senders(ROOM, founding(CAROL)[1:])
        await world.learning.confirm(ROOM, 1, [BOB])
    assert watched.statements >= 10
    assert watched.locked == 0


async def test_positions_are_appended_and_no_row_of_the_stream_is_rewritten(world: World) -> None:
    """A row that each group rewrites slows all groups down beside a long-lived snapshot."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    rows, others = await world.pool.fetch(STREAM), await world.pool.fetch(ONE_ROW)
    for number in range(3):
        await world.poll(ALICE, 20 + number, chunk(*messages(f"n{number}")))
    now = await world.pool.fetch(STREAM)
    assert now[: len(rows)] == rows
    assert await world.pool.fetch(ONE_ROW) == others
    assert [row["first_pos"] for row in now[1:]] == [row["last_pos"] + 1 for row in now[:-1]]


async def test_a_flood_is_written_in_several_groups(world: World) -> None:
    """Others' news go in between: one large transaction would hold them all up."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB, CAROL)))
    before = await world.pool.fetchval("SELECT count(*) FROM ss_stream_commits")
    floods = []
    for number, user in enumerate((ALICE, BOB, CAROL)):
        said = messages(*(f"n{number}-{n}" for n in range(200)), sender=user)
        floods.append(await world.part(user, 20, chunk(*said)))
    await world.poll_together(*floods)
    sizes = await world.pool.fetch("SELECT last_pos - first_pos + 1 FROM ss_stream_commits"
                                   " ORDER BY last_pos OFFSET $1", before)  # fmt: skip
    assert len(sizes) >= 2
    assert max(row[0] for row in sizes) < 2 * GROUP_EVENTS
