"""What grows with each change is deleted again, and nobody who is served misses it."""

import pytest

from syncv3.store import retention
from tests.integration.core.build import (
    ALICE,
    BOB,
    World,
    chunk,
    founding,
    messages,
    state_told,
    told,
    topic,
)

CLOSED = "SELECT count(*) FROM ss_room_state WHERE to_pos IS NOT NULL"
GROUPS = "SELECT count(*) FROM ss_stream_commits"


async def change_topic(world: World, first: int, count: int) -> None:
    for number in range(first, first + count):
        await world.poll(ALICE, 20 + number, chunk(topic(f"t{number}")))


async def clean(world: World) -> None:
    await retention.clean(world.pool, await retention.floor(world.pool))


@pytest.mark.rules("U-181", "UZ-13", "O-CB")
async def test_values_of_the_past_are_kept_only_behind_the_oldest_connection(
    world: World,
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await change_topic(world, 0, 5)
    first = await world.sync(ALICE)
    await world.flush()
    await change_topic(world, 5, 5)
    before = await world.pool.fetchval(CLOSED), await world.pool.fetchval(GROUPS)
    await clean(world)
    after = await world.pool.fetchval(CLOSED), await world.pool.fetchval(GROUPS)
    assert before == (9, 12)
    assert after == (5, 6)
    assert told(await world.sync(ALICE, first.pos)) == [f"t{n}" for n in range(5, 10)]


async def test_what_holds_now_is_never_deleted(world: World, database_url: str) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await change_topic(world, 0, 3)
    await clean(world)
    assert await world.pool.fetchval(CLOSED) == 0
    later = await World.start(database_url)
    try:
        assert "t2" in state_told(await later.sync(ALICE))
    finally:
        await later.stop()


async def test_who_slept_while_old_changes_were_deleted_does_not_miss_them(
    world: World, database_url: str
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    sleeper = await World.start(database_url)
    try:
        asleep_since = sleeper.cache.position
        await change_topic(world, 0, 1)
        room_key = await world.pool.fetchval(
            "INSERT INTO ss_changes (pos, extension, room_key)"
            " SELECT pos, 'typing', room_key FROM ss_rooms RETURNING room_key"
        )
        await change_topic(world, 1, 1)
        await clean(world)
        await sleeper.cache.refresh()
        assert await world.pool.fetchval("SELECT count(*) FROM ss_changes") == 0
        assert sleeper.cache.changes.room_changed("typing", room_key, asleep_since)
    finally:
        await sleeper.stop()


async def test_who_has_followed_goes_on_when_old_changes_are_deleted(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.sync(ALICE)
    held = dict(world.cache.rooms)
    await clean(world)
    await change_topic(world, 0, 1)
    assert held
    assert {key: id(room) for key, room in held.items()} == {
        key: id(room) for key, room in world.cache.rooms.items()
    }


@pytest.mark.rules("U-180")
async def test_transaction_ids_are_deleted_after_two_hours(world: World) -> None:
    device = (await world.device(ALICE)).device_key
    await world.pool.execute(
        "INSERT INTO ss_txns (device_key, event_key, txn_id, pos, created) VALUES"
        " ($1, 1, 'old', 1, now() - interval '121 minutes'),"
        " ($1, 2, 'young', 1, now() - interval '119 minutes')",
        device,
    )
    await clean(world)
    assert await world.pool.fetchval("SELECT array_agg(txn_id) FROM ss_txns") == ["young"]
