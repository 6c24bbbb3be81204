"""Timelines of users who ignore somebody that says a lot (IG-2)."""

from typing import Any

import pytest

from syncv3.engine.timeline import LOOK_BACK
from syncv3.protocol.response import RoomAnswer
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    founding,
    messages,
    names,
)


async def flooded(world: World, count: int, *after: Any) -> None:
    """Carol has said c0 to c9, then Bob, whom Alice ignores, ``count`` things."""
    said = messages(*(f"c{n}" for n in range(10)), sender=CAROL)
    await world.poll(ALICE, 10, chunk(*said, state=founding(ALICE, BOB, CAROL)))
    for at in range(0, count, 100):
        flood = messages(*(f"b{n}" for n in range(at, min(at + 100, count))), sender=BOB)
        await world.poll(ALICE, 20 + at, chunk(*flood))
    await world.poll(ALICE, 2000, chunk(*after) if after else None, account_data=ignoring(BOB))


def ignoring(*users: str) -> Any:
    ignored: dict[str, Any] = {user: {} for user in users}
    return (account_data("m.ignored_user_list", {"ignored_users": ignored}),)


async def shown(world: World, limit: int) -> RoomAnswer:
    body = {"lists": {"all": {"ranges": [[0, 9]], "timeline_limit": limit}}}
    return (await world.sync(ALICE, None, body)).rooms[ROOM]


@pytest.mark.rules("IG-2")
@pytest.mark.parametrize("count", [5, 49, 60, LOOK_BACK])
async def test_ignored_events_do_not_use_up_the_limit(world: World, count: int) -> None:
    await flooded(world, count)
    room = await shown(world, 3)
    assert names(room) == ["c7", "c8", "c9"]
    assert room.limited and room.prev_batch is not None


@pytest.mark.rules("IG-2")
async def test_all_that_is_not_ignored_is_shown_when_the_limit_allows(world: World) -> None:
    await flooded(world, 60, *messages("last", sender=CAROL))
    assert names(await shown(world, 50)) == [*(f"c{n}" for n in range(10)), "last"]


@pytest.mark.rules("IG-2", "D-33")
async def test_a_cut_timeline_has_a_token_though_nothing_is_left_of_it(world: World) -> None:
    await flooded(world, LOOK_BACK + 150)
    room = await shown(world, 20)
    assert names(room) == []
    assert room.limited and room.prev_batch is not None


@pytest.mark.rules("D-33", "D-30")
async def test_a_client_that_asks_for_no_events_can_page_to_them(world: World) -> None:
    await flooded(world, 5)
    room = await shown(world, 0)
    assert names(room) == [] and room.limited and room.prev_batch is not None
