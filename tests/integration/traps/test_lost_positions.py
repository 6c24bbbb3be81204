"""Positions that were shown and then lost must not come to mean other events."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    founding,
    messages,
    told,
)
from tests.simulation.database import Database

LATER = tuple(f"m{number}" for number in range(3, 20))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        yield opened


async def lost_after_it_was_shown(world: World, database: Database) -> str:
    """Alice has m2, of which the database knows nothing any more; her ``pos``."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    first = await world.sync(ALICE)
    await world.flush()
    await database.keep()
    since = dict(world.since)
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=CAROL)))
    shown = await world.sync(ALICE, first.pos)
    assert told(shown) == ["m2"]
    await database.put_back()
    world.since.update(since)
    return shown.pos


async def test_a_client_misses_nothing_when_more_was_written_than_was_lost(
    world: World, database: Database
) -> None:
    pos = await lost_after_it_was_shown(world, database)
    await world.poll(ALICE, 30, chunk(*messages("m2", *LATER, sender=CAROL)))
    answer = await world.sync(ALICE, pos)
    assert answer.rooms[ROOM].initial
    assert told(answer) == ["m1", "m2", *LATER]


async def test_a_lost_position_is_never_given_out_again(world: World, database: Database) -> None:
    await lost_after_it_was_shown(world, database)
    seen = world.cache.position
    await world.poll(ALICE, 30, chunk(*messages("m2", *LATER, sender=CAROL)))
    oldest = await world.pool.fetchval(
        "SELECT min(pos) FROM ss_events WHERE ord > (SELECT min(ord) FROM ss_events)"
    )
    assert oldest > seen


async def test_what_a_client_may_be_shown_is_on_the_disk(world: World) -> None:
    """With a commit that does not wait, the log is flushed up to 0.6 seconds later."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    for number in range(20):
        part = await world.part(ALICE, 20 + number, chunk(*messages(f"n{number}")))
        written = await world.pool.fetchval("SELECT pg_current_wal_insert_lsn()")
        await world.committer.commit(part)
        assert await world.pool.fetchval("SELECT pg_current_wal_flush_lsn() > $1", written)
