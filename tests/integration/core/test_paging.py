"""What stands for a ``pos`` where clients page through a room."""

from dataclasses import replace

import pytest

from syncv3.batch import JoinedRoom
from syncv3.engine.paging import Paging
from syncv3.protocol.pos import Signer
from syncv3.types import DeviceID, PageTokens, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    KEYS,
    ROOM,
    World,
    chunk,
    founding,
    invite,
    member,
    messages,
)

pytestmark = pytest.mark.rules("S-65", "S-605")


def with_token(token: str | None, room: JoinedRoom) -> JoinedRoom:
    return replace(room, prev_batch=token)


async def both_in(world: World) -> None:
    room = with_token("t0", chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def around(
    world: World, pos: str, user: UserID = ALICE, device: str = "PHONE", room: RoomID = ROOM
) -> PageTokens | None:
    paging = Paging(world.pool, Signer(KEYS))
    return await paging.tokens(pos, user, DeviceID(device), room)


async def pos_of(world: World, user: UserID = ALICE, pos: str | None = None) -> str:
    return (await world.sync(user, pos)).pos


async def test_the_tokens_enclose_what_was_told_when_more_has_come_since(world: World) -> None:
    await both_in(world)
    first = await pos_of(world)
    await world.poll(ALICE, 20, with_token("t1", chunk(*messages("m2", "m3"))))
    second = await pos_of(world, pos=first)
    await world.poll(ALICE, 30, with_token("t2", chunk(*messages("m4"))))
    third = await pos_of(world, pos=second)
    head = f"s{world.tokens}-{(await world.device(ALICE)).device_key}"
    assert await around(world, first) == PageTokens("t0", "t1")
    assert await around(world, second) == PageTokens("t1", "t2")
    assert await around(world, third) == PageTokens("t2", head)


async def test_events_of_others_polls_count_from_when_they_were_known(world: World) -> None:
    await both_in(world)
    first = await pos_of(world)
    await world.poll(BOB, 20, with_token("b1", chunk(*messages("m2", sender=BOB))))
    second = await pos_of(world, pos=first)
    await world.poll(ALICE, 21, with_token("a1", chunk(*messages("m2", "m3", sender=BOB))))
    assert await around(world, first) == PageTokens("t0", "b1")
    found = await around(world, second)
    assert found is not None and found.older == "b1"
    assert found.newer not in ("t0", "b1", "a1"), "these are from before m2"


async def test_a_gap_is_behind_the_position_it_came_after(world: World) -> None:
    await both_in(world)
    first = await pos_of(world)
    gap = with_token("behind-gap", chunk(*messages("m9"), limited=True))
    await world.poll(ALICE, 30, gap)
    assert await around(world, first) == PageTokens("t0", "behind-gap")


async def test_nothing_is_older_in_a_room_that_was_joined_later(world: World) -> None:
    await world.poll(ALICE, 10, with_token("t0", chunk(*messages("m1"), state=founding(ALICE))))
    await world.poll(CAROL, 10, invited={RoomID("!other:hs"): invite(CAROL)})
    early = await pos_of(world, CAROL)
    joined = member("carol", CAROL, before="leave")
    await world.poll(CAROL, 20, with_token("c1", chunk(joined)))
    found = await around(world, early, CAROL)
    assert found is not None and found.older is None
    late = await pos_of(world, CAROL, early)
    found = await around(world, late, CAROL)
    assert found is not None and found.older == "c1"


async def test_a_room_that_is_not_the_users_has_no_tokens(world: World) -> None:
    await both_in(world)
    await world.poll(CAROL, 10, joined={RoomID("!other:hs"): chunk(*messages("x"))})
    pos = await pos_of(world, CAROL)
    assert await around(world, pos, CAROL) == PageTokens(None, None)
    assert await around(world, pos, CAROL, room=RoomID("!nobody:knows")) == PageTokens(None, None)


async def test_only_the_devices_own_positions_count_on_all_its_connections(world: World) -> None:
    await both_in(world)
    pos = await pos_of(world)
    named = (await world.sync(ALICE, body={**ALL_ROOMS, "conn_id": "other"})).pos
    replaced, pos = pos, await pos_of(world)
    for known in (replaced, pos, named):
        assert await around(world, known) is not None
        assert await around(world, known, BOB) is None
        assert await around(world, known, ALICE, "LAPTOP") is None
    for strange in ("", "s1_2_3", "t1-2", pos[:-1], pos + "A", "A" * len(pos), "\x00"):
        assert await around(world, strange) is None


async def test_a_held_room_counts_up_to_where_it_was_told(world: World) -> None:
    await both_in(world)
    first = await pos_of(world)
    device = await world.device(ALICE)
    signer = Signer(KEYS)
    owner = {"user_id": ALICE, "device_id": device.device_id, "conn_id": ""}
    token = signer.read(first, **owner)  # type: ignore[arg-type]
    await world.poll(ALICE, 20, with_token("t1", chunk(*messages("m2"))))
    later = signer.read(await pos_of(world, pos=first), **owner)  # type: ignore[arg-type]
    room_key = await world.pool.fetchval("SELECT room_key FROM ss_rooms")
    held = replace(later, held=((room_key, token.position),))
    text = signer.sign(held, **owner)  # type: ignore[arg-type]
    assert await around(world, text) == PageTokens("t0", "t1")


async def test_a_position_that_the_database_has_lost_counts_up_to_the_epochs_end(
    world: World,
) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, with_token("t1", chunk(*messages("m2"))))
    pos = await pos_of(world)
    signer = Signer(KEYS)
    device = await world.device(ALICE)
    owner = {"user_id": ALICE, "device_id": device.device_id, "conn_id": ""}
    token = signer.read(pos, **owner)  # type: ignore[arg-type]
    lost = signer.sign(replace(token, epoch=1), **owner)  # type: ignore[arg-type]
    found = await around(world, lost)
    assert found is not None and found.older is None


async def test_only_so_many_events_are_looked_at(world: World) -> None:
    await both_in(world)
    first = await pos_of(world)
    many = messages(*(f"n{n}" for n in range(30)))
    await world.poll(ALICE, 20, with_token("t1", chunk(*many)))
    paging = Paging(world.pool, Signer(KEYS), looked_at=30)
    found = await paging.tokens(first, ALICE, DeviceID("PHONE"), ROOM)
    assert found is not None and found.older is None
    assert found.newer is not None and found.newer.startswith("s"), "the room's end"
