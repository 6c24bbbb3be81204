"""The cache is moved from one state of the database to another, never to a mixture."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from syncv3.store.stream import LIMIT
from tests.integration.core.build import (
    ALICE,
    BOB,
    World,
    chunk,
    founding,
    member,
    messages,
    told,
)


async def both_in(world: World) -> None:
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


class Interrupted:
    """A pool after whose first statement something happens; all kinds of reading count."""

    def __init__(self, pool: asyncpg.Pool, happens: Callable[[], Awaitable[None]]) -> None:
        self._pool = pool
        self._happens: Callable[[], Awaitable[None]] | None = happens

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def read(*arguments: Any, **more: Any) -> Any:
            found = await getattr(self._pool, name)(*arguments, **more)
            happens, self._happens = self._happens, None
            if happens is not None:
                await happens()
            return found

        return read


@pytest.mark.rules("S-328")
async def test_a_kick_holds_when_its_row_is_written_again_while_the_cache_reads(
    world: World,
) -> None:
    """Bob's row is of the kick no more when it is read, but what follows the kick is there."""
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    part = await world.part(ALICE, 20, chunk(kick, *messages("m2")))
    await world.committer.commit(part)

    async def bobs_row_is_written_again() -> None:
        await world.pool.execute(
            "WITH head AS (INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)"
            "   SELECT max(last_pos) + 1, max(last_pos) + 1, max(epoch) FROM ss_stream_commits"
            "   RETURNING last_pos)"
            " UPDATE ss_user_rooms SET pos = last_pos, notification_count = 1 FROM head"
            " WHERE user_key = (SELECT id FROM ss_users WHERE user_id = $1)", BOB,
        )  # fmt: skip

    world.cache.pool = Interrupted(world.pool, bobs_row_is_written_again)
    await world.cache.refresh()
    assert "m2" not in told(await world.sync(BOB, pos))


@pytest.mark.rules("S-328", "U-76", "UZ-4")
async def test_too_many_changes_to_read_at_once_are_none_missed(world: World) -> None:
    """What is read in pieces would be cut in the middle of a group."""
    await both_in(world)
    await world.sync(BOB)
    last = await world.pool.fetchval(
        "WITH head AS (INSERT INTO ss_stream_commits (last_pos, first_pos, epoch)"
        "   SELECT max(last_pos) + 1, max(last_pos) + 1, max(epoch) FROM ss_stream_commits"
        "   RETURNING last_pos), many AS (INSERT INTO ss_changes (pos, extension, room_key)"
        "   SELECT last_pos, 'typing', n FROM head, generate_series(1, $1) n)"
        " SELECT last_pos FROM head", LIMIT + 5,
    )  # fmt: skip
    before = world.cache.position
    await world.cache.refresh()
    rooms = range(1, LIMIT + 6)
    told_of = [room for room in rooms if world.cache.changes.room_changed("typing", room, before)]
    assert world.cache.position == last
    assert len(told_of) == len(rooms)
