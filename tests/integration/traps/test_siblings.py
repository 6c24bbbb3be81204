"""Answers made from one ``pos``: each ``pos`` names what was sent with it, and nothing else."""

from typing import Any

import pytest

from syncv3.types import RoomID
from tests.integration.core.build import ALICE, CAROL, ROOM, World, chunk, event, founding, names

OTHER = RoomID("!other:hs")


def window(last: int, **more: Any) -> dict[str, Any]:
    return {"lists": {"all": {"ranges": [[0, last]], "sort": ["by_recency"], **more}}}


async def one_of_two_rooms_shown(world: World) -> str:
    """The ``pos`` of a client whose window has ``ROOM``, and not yet ``OTHER``."""
    older = chunk(event("o1", sender=CAROL, at=1), state=founding(ALICE))
    newer = event("create2", "m.room.create", content={"room_version": "10"}, key="")
    await world.poll(ALICE, 10, joined={OTHER: older})
    await world.poll(ALICE, 11, chunk(event("m1", sender=CAROL, at=2), state=[newer]))
    answer = await world.sync(ALICE, body=window(0, timeline_limit=5))
    await world.flush()
    assert list(answer.rooms) == [ROOM]
    return answer.pos


@pytest.mark.rules("P-12")
async def test_what_one_answer_sent_is_not_taken_as_sent_by_another(world: World) -> None:
    pos = await one_of_two_rooms_shown(world)
    had = await world.sync(ALICE, pos, window(0, timeline_limit=4))
    lost = await world.sync(ALICE, pos, window(1))
    assert OTHER in lost.rooms
    answer = await world.sync(ALICE, had.pos, window(1))
    assert names(answer.rooms.get(OTHER)) == ["o1"]


async def test_an_answer_that_a_kill_took_does_not_lend_its_name_to_the_next(
    world: World, database_url: str
) -> None:
    pos = await one_of_two_rooms_shown(world)
    create = event("create3", "m.room.create", content={"room_version": "10"}, key="")
    third = chunk(event("t1", sender=CAROL, at=3), state=[create])
    await world.poll(ALICE, 20, joined={RoomID("!third:hs"): third})
    had = await world.sync(ALICE, pos)
    await world.kill()
    successor = await World.start(database_url)
    try:
        lost = await successor.sync(ALICE, pos, window(2))
        assert OTHER in lost.rooms
        answer = await successor.sync(ALICE, had.pos, window(2))
        assert names(answer.rooms.get(OTHER)) == ["o1"]
    finally:
        await successor.stop()


async def test_a_stored_answer_that_never_arrived_is_not_taken_as_sent(
    world: World, database_url: str
) -> None:
    pos = await one_of_two_rooms_shown(world)
    lost = await world.sync(ALICE, pos, window(1))
    await world.flush()
    await world.kill()
    successor = await World.start(database_url)
    try:
        answer = await successor.sync(ALICE, pos)
        assert names(lost.rooms.get(OTHER)) == ["o1"]
        assert names(answer.rooms.get(OTHER)) == ["o1"]
    finally:
        await successor.stop()


async def rises(world: World, at: int, room_id: RoomID) -> None:
    """Carol writes, so that the room is the first one."""
    said = chunk(event(f"n{at}", sender=CAROL, at=at))
    await world.poll(ALICE, 10 * at, joined={room_id: said})


@pytest.mark.rules("P-12")
async def test_a_room_that_only_a_stored_and_lost_answer_sent_is_sent_again(
    world: World, database_url: str
) -> None:
    """What the client was answered after that was not stored."""
    pos = await one_of_two_rooms_shown(world)
    await rises(world, 3, OTHER)
    lost = await world.sync(ALICE, pos)
    assert OTHER in lost.rooms
    await world.flush()
    create = event("create3", "m.room.create", content={"room_version": "10"}, key="")
    third = chunk(event("t1", sender=CAROL, at=4), state=[create])
    await world.poll(ALICE, 40, joined={RoomID("!third:hs"): third})
    had = await world.sync(ALICE, pos)
    had = await world.sync(ALICE, had.pos)
    await world.kill()
    successor = await World.start(database_url)
    try:
        answer = await successor.sync(ALICE, had.pos, window(1))
        assert names(answer.rooms.get(OTHER)) == ["o1", "n3"]
    finally:
        await successor.stop()


@pytest.mark.rules("P-12")
async def test_a_kill_does_not_let_two_answers_have_one_number(
    world: World, database_url: str
) -> None:
    """The client's answers are not stored; the one after the kill is, and gets lost."""
    pos = await one_of_two_rooms_shown(world)
    for at, room_id in enumerate((OTHER, ROOM), start=3):
        await rises(world, at, room_id)
        pos = (await world.sync(ALICE, pos)).pos
    await world.kill()
    successor = await World.start(database_url)
    lost = await successor.sync(ALICE, pos, window(1))
    assert OTHER in lost.rooms
    await successor.kill()
    successor = await World.start(database_url)
    try:
        answer = await successor.sync(ALICE, pos, window(1))
        assert names(answer.rooms.get(OTHER)) == ["o1", "n3"]
    finally:
        await successor.stop()


async def test_a_room_that_left_the_window_just_before_a_kill_is_not_taken_as_told(
    world: World, database_url: str
) -> None:
    pos = await one_of_two_rooms_shown(world)
    await world.poll(
        ALICE, 20, chunk(event("m2", sender=CAROL, at=3)),
        joined={OTHER: chunk(event("o2", sender=CAROL, at=4))},
    )  # fmt: skip
    had = await world.sync(ALICE, pos)
    await world.kill()
    successor = await World.start(database_url)
    try:
        await successor.poll(ALICE, 30, chunk(event("m3", sender=CAROL, at=5)))
        answer = await successor.sync(ALICE, had.pos)
        assert names(had.rooms.get(ROOM)) == []
        assert names(answer.rooms.get(ROOM)) == ["m1", "m2", "m3"]
    finally:
        await successor.stop()


async def test_a_room_that_left_the_window_just_after_a_crash_is_not_taken_as_told(
    world: World, database_url: str
) -> None:
    """The first answer in a new epoch stores the connection anew, without that room."""
    pos = await one_of_two_rooms_shown(world)
    await world.connections.share(alone=True)  # it is stored
    await world.pool.execute("TRUNCATE ss_stream_fence")
    await world.cache.refresh()
    await world.poll(
        ALICE, 20, chunk(event("m2", sender=CAROL, at=3)),
        joined={OTHER: chunk(event("o2", sender=CAROL, at=4))},
    )  # fmt: skip
    had = await world.sync(ALICE, pos)
    await world.kill()
    successor = await World.start(database_url)
    try:
        await successor.poll(ALICE, 30, chunk(event("m3", sender=CAROL, at=5)))
        answer = await successor.sync(ALICE, had.pos)
        assert names(had.rooms.get(ROOM)) == []
        assert names(answer.rooms.get(ROOM)) == ["m1", "m2", "m3"]
    finally:
        await successor.stop()


@pytest.mark.rules("P-12")
async def test_parameters_belong_to_the_connection_and_not_to_an_answer(world: World) -> None:
    pos = await one_of_two_rooms_shown(world)
    lost = await world.sync(ALICE, pos, window(1))
    answer = await world.sync(ALICE, pos)
    assert names(lost.rooms.get(OTHER)) == ["o1"]
    assert names(answer.rooms.get(OTHER)) == ["o1"]
