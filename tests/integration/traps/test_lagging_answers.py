"""What an answer says that was made earlier than what is known, and came later."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.types import UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    founding,
    heroes,
    messages,
)


async def both_in(world: World) -> None:
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(ALICE, 11, chunk(*messages("m1")), device="LAPTOP")
    await world.poll(BOB, 12, room)


async def test_members_are_counted_as_the_newest_answer_says(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(*messages("m2", "m3"), summary=heroes(BOB, joined=2)))
    await world.poll(BOB, 20, chunk(*messages("m2"), summary=heroes(ALICE, CAROL, joined=3)))
    row = await world.pool.fetchrow("SELECT joined, heroes FROM ss_rooms")
    assert row["joined"] == 2
    assert CAROL not in str(row["heroes"])


async def test_an_older_unread_count_of_another_device_is_not_heard(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, chunk(*messages("m2"), notification_count=1))
    await world.poll(ALICE, 20, chunk(notification_count=5), device="LAPTOP")
    assert (await world.sync(ALICE)).rooms[ROOM].notification_count == 1


async def test_older_tags_of_another_device_are_not_heard(world: World) -> None:
    await both_in(world)
    new, old = ((account_data("m.tag", {"tags": {name: {}}}),) for name in ("u.new", "u.old"))
    await world.poll(ALICE, 30, chunk(account_data=new))
    await world.poll(ALICE, 20, chunk(account_data=old), device="LAPTOP")
    assert await tags(world, ALICE) == ["u.new"]


async def tags(world: World, user: UserID) -> list[str]:
    found: list[str] = await world.pool.fetchval(
        "SELECT x.tags FROM ss_user_rooms x JOIN ss_users u ON u.id = x.user_key"
        " WHERE u.user_id = $1", user,
    )  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("type", "older", "newer", "column", "kept"),
    [
        ("m.direct", {BOB: ["!old"]}, {BOB: ["!new"]}, "direct", ["!new"]),
        (
            "m.ignored_user_list",
            {"ignored_users": {BOB: {}}},
            {"ignored_users": {CAROL: {}}},
            "ignored",
            [CAROL],
        ),
    ],
)
async def test_older_lists_of_another_device_are_not_heard(
    world: World,
    type: str,
    older: Mapping[str, Any],
    newer: Mapping[str, Any],
    column: str,
    kept: list[str],
) -> None:
    await both_in(world)
    await world.poll(ALICE, 30, account_data=(account_data(type, newer),))
    await world.poll(ALICE, 20, account_data=(account_data(type, older),), device="LAPTOP")
    found = await world.pool.fetchval(f"SELECT {column} FROM ss_users WHERE user_id = $1", ALICE)
    assert found == kept
