"""Users in any number of rooms, and with any amount of account data of their own."""

from syncv3.store.loads import WIDE_PAGE, load_user
from syncv3.types import Event, RoomID
from tests.integration.core.build import ALICE, ALL_ROOMS, World, chunk, event, member, topic
from tests.support.costs import Calls

ROOMS = [RoomID(f"!room{n:04}:hs") for n in range(3 * WIDE_PAGE)]


def state_of(room: RoomID) -> tuple[Event, ...]:
    created = event(f"create-{room}", "m.room.create", content={"room_version": "10"}, key="")
    return (created, member(f"in-{room}", ALICE))


async def join(world: World, rooms: list[RoomID]) -> None:
    for start in range(0, len(rooms), 200):
        some = {room: chunk(state=state_of(room)) for room in rooms[start : start + 200]}
        await world.committer.commit(await world.part(ALICE, 10, joined=some))


async def test_a_user_is_loaded_by_steps_of_bounded_length(world: World) -> None:
    counted = []
    for rooms in (ROOMS[:WIDE_PAGE], ROOMS[WIDE_PAGE:]):
        await join(world, rooms)
        with Calls() as calls:
            loaded = await load_user(world.pool, (await world.device(ALICE)).user_key)
        counted.append(calls)
    assert loaded.stays.keys() == loaded.rooms.keys()
    assert [row.room_id for row in loaded.rooms.values()] == ROOMS
    assert counted[1].longest < 1.2 * counted[0].longest


async def test_what_happens_while_a_user_is_loaded_is_known(world: World) -> None:
    """Between two pages a room gets a topic and another one is joined."""
    await join(world, ROOMS[: WIDE_PAGE + 10])
    reach, reached = world.cache.reach, []

    async def late(position: int) -> None:
        reached.append(position)
        if len(reached) == 1:
            changed = {ROOMS[0]: chunk(topic("t1")), ROOMS[-1]: chunk(state=state_of(ROOMS[-1]))}
            await world.poll(ALICE, 20, joined=changed)
        await reach(position)

    world.cache.reach = late  # type: ignore[method-assign]
    answer = await world.sync(ALICE, body=ALL_ROOMS)
    assert answer.lists["all"].count == WIDE_PAGE + 11
    assert b"$t1" in b"".join(answer.rooms[ROOMS[0]].timeline)


async def test_of_a_flood_of_own_messages_the_newest_are_held(world: World) -> None:
    device = (await world.device(ALICE)).device_key
    await world.pool.execute(
        "INSERT INTO ss_txns (device_key, event_key, txn_id, pos)"
        " SELECT $1, n, 't' || n, 1 FROM generate_series(1, 5000) n", device,
    )  # fmt: skip
    held = await world.cache.device(device)
    assert list(held) == list(range(4001, 5001)) and held[5000] == "t5000"
