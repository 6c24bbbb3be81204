"""Groups: what several parts in one transaction do to each other, and to nobody else."""

import asyncio
from random import Random

import msgspec
import pytest

from extensions.to_device import ToDevice
from syncv3.batch import DeviceData
from syncv3.errors import LeaseLost
from syncv3.types import RoomID
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
    names,
    told,
    topic,
)

OTHER = RoomID("!other:hs")


async def both_in(world: World) -> None:
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def commits(world: World) -> int:
    return int(await world.pool.fetchval("SELECT count(*) FROM ss_stream_commits"))


async def test_two_parts_of_one_group_may_change_the_same_state(world: World) -> None:
    await both_in(world)
    before = await commits(world)
    await world.poll_together(
        await world.part(ALICE, 20, chunk(topic("t1"))),
        await world.part(BOB, 21, chunk(topic("t1"), topic("t2"))),
    )
    assert await world.state("m.room.topic") == "t2"
    assert await commits(world) == before + 1


async def test_equal_copies_of_an_event_in_one_group_are_stored_once(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll_together(
        await world.part(ALICE, 20, chunk(*messages("m2", sender=CAROL))),
        await world.part(BOB, 21, chunk(*messages("m2", "m3", sender=CAROL))),
    )
    assert told(await world.sync(ALICE, pos)) == ["m2", "m3"]


@pytest.mark.parametrize("order", [(20, 21), (21, 20)])
async def test_the_newest_account_data_in_a_group_wins(
    world: World, order: tuple[int, int]
) -> None:
    await both_in(world)
    await world.device(ALICE, "LAPTOP")
    data = {at: account_data("m.direct", {BOB: [f"!{at}"]}) for at in order}
    await world.poll_together(
        await world.part(ALICE, order[0], account_data=(data[order[0]],)),
        await world.part(ALICE, order[1], account_data=(data[order[1]],), device="LAPTOP"),
    )
    assert await world.pool.fetchval("SELECT direct FROM ss_users WHERE user_id = $1", ALICE) == [
        "!21"
    ]


@pytest.mark.parametrize("order", [(20, 21), (21, 20)])
async def test_the_newest_unread_count_in_a_group_wins(
    world: World, order: tuple[int, int]
) -> None:
    await both_in(world)
    await world.device(ALICE, "LAPTOP")
    await world.poll_together(
        await world.part(ALICE, order[0], chunk(notification_count=order[0])),
        await world.part(ALICE, order[1], chunk(notification_count=order[1]), device="LAPTOP"),
    )
    assert (await world.sync(ALICE)).rooms[ROOM].notification_count == 21


def random_key(length: int) -> str:
    """Text that cannot be compressed."""
    return "".join(map(chr, Random(1).choices(range(0x4E00, 0x9FFF), k=length)))


def nested(depth: int) -> bytes:
    return b'{"event_id":"$m2","content":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(chunk(*messages("m2"), notification_count=2**40), id="a number too large"),
        pytest.param(chunk(event("m2", "m.\0")), id="a character the database refuses"),
        pytest.param(chunk(event("m2", "m.x", key=random_key(9000))), id="a key no index can hold"),
        pytest.param(
            chunk(msgspec.structs.replace(topic("m2"), json=nested(5000))), id="a content too deep"
        ),
    ],
)
async def test_a_bad_room_takes_down_nobody_else(world: World, bad: object) -> None:
    await both_in(world)
    good = chunk(*messages("c1"), state=founding(CAROL))
    parts = (
        await world.part(ALICE, 20, bad),  # type: ignore[arg-type]
        await world.part(CAROL, 21, joined={OTHER: good}),
    )
    async with asyncio.timeout(5):
        await world.poll_together(*parts)
        await world.poll(ALICE, 30, chunk(*messages("m3")))
    assert OTHER in (await world.sync(CAROL)).rooms


async def test_beside_a_bad_room_the_rest_of_its_part_is_stored_exactly_once(
    database_url: str,
) -> None:
    world = await World.start(database_url, [ToDevice()])
    try:
        await both_in(world)
        to_device = (b'{"type":"m.key","sender":"@x:hs","content":{}}',)
        part = await world.part(
            ALICE, 20,
            chunk(event("m2", "m.\0")),
            joined={OTHER: chunk(*messages("o1"), state=founding(ALICE))},
            device_data=DeviceData(to_device=to_device),
        )  # fmt: skip
        await world.poll_together(part, await world.part(BOB, 21, chunk(*messages("m3"))))
        kept = await world.pool.fetchval("SELECT count(*) FROM ss_to_device_messages")
        since = await world.pool.fetchval(
            "SELECT since FROM ss_pollers WHERE device_key = $1", part.lease.device_key
        )
        assert (kept, since) == (1, part.next_since)
        assert OTHER in (await world.sync(ALICE)).rooms
        room = (await world.sync(BOB)).rooms[ROOM]
        assert names(room) == ["m3"] and room.limited and room.prev_batch is not None
    finally:
        await world.stop()


async def test_a_part_whose_commit_was_cut_off_is_found_written(world: World) -> None:
    part = await world.part(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll_together(part)
    before = await commits(world)
    await world.poll_together(part)
    assert await commits(world) == before


async def test_a_part_of_an_older_since_is_refused(world: World) -> None:
    old = await world.part(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))
    await world.poll_together(old)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    with pytest.raises(LeaseLost):
        await world.committer.commit(old)


async def test_a_stale_owner_cannot_write(world: World) -> None:
    await both_in(world)
    await world.pool.execute("UPDATE ss_pollers SET lease_no = 2")
    with pytest.raises(LeaseLost):
        await world.poll(ALICE, 20, chunk(*messages("m2")))
    assert [name for name, _ in await world.timeline()] == ["m1"]


async def test_a_stale_part_takes_down_nobody_else_in_its_group(world: World) -> None:
    await both_in(world)
    stale = await world.part(ALICE, 20, chunk(*messages("m2")))
    good = await world.part(BOB, 21, chunk(*messages("m2", "m3")))
    await world.pool.execute(
        "UPDATE ss_pollers SET lease_no = 2 WHERE device_key = $1", stale.lease.device_key
    )
    outcomes = await asyncio.gather(
        world.committer.commit(stale), world.committer.commit(good), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [LeaseLost, type(None)]
    assert [name for name, _ in await world.timeline()] == ["m1", "m2", "m3"]


async def test_one_connection_to_the_database_is_enough(database_url: str) -> None:
    world = await World.start(database_url, pool=1)
    try:
        async with asyncio.timeout(10):
            await both_in(world)
            pos = (await world.sync(ALICE)).pos
            await asyncio.gather(
                world.learning.learn_members(ROOM, founding(ALICE, BOB, CAROL)),
                world.learning.confirm(ROOM, 1, [BOB]),
                world.poll(ALICE, 20, chunk(*messages("m2"))),
                *(world.sync(user) for user in (BOB, CAROL)),
            )
            await world.pool.execute("DELETE FROM ss_stream_fence")
            await world.poll(ALICE, 30, chunk(*messages("m3")))
            assert "m3" in told(await world.sync(ALICE, pos))
    finally:
        await world.stop()


async def test_a_member_list_older_than_the_timeline_does_not_miscount(world: World) -> None:
    """Bob left and Carol came after the list was made."""
    await both_in(world)
    await world.device(CAROL)
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(ALICE, 20, chunk(gone, member("carol", CAROL, before="invite")))
    await world.learning.learn_members(ROOM, founding(ALICE, BOB)[1:])
    await world.cache.refresh()
    assert (await world.sync(ALICE)).rooms[ROOM].joined_count == 2
    assert await world.state("m.room.member", BOB) == "gone"


@pytest.mark.rules("P-2")
async def test_a_crash_of_the_database_costs_no_connection(world: World) -> None:
    await both_in(world)
    first = await world.sync(ALICE)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    await world.pool.execute("DELETE FROM ss_stream_fence")  # as crash recovery does
    await world.cache.refresh()
    second = await world.sync(ALICE, first.pos)
    await world.poll(ALICE, 30, chunk(*messages("m3")))
    third = await world.sync(ALICE, second.pos)
    assert [*told(second), *told(third)][-2:] == ["m2", "m3"]
