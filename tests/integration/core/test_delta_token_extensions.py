"""What extensions say of rooms that a new connection goes on with: a delta token's (R-7)."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from extensions.account_data import AccountData
from extensions.receipts import Receipts
from syncv3.protocol.response import SyncResponse
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    both_in,
    chunk,
    messages,
    told,
)

pytestmark = pytest.mark.rules("R-7")
ON: Mapping[str, Any] = {"enabled": True}
NOWHERE: Mapping[str, Any] = {"enabled": True, "lists": [], "rooms": []}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    started = await World.start(database_url, [AccountData(), Receipts()])
    try:
        yield started
    finally:
        await started.stop()


async def begin(
    world: World, token: str | None, ranges: Any = None, **extensions: Any
) -> SyncResponse:
    lists = {"all": {**ALL_ROOMS["lists"]["all"], "ranges": ranges or [[0, 9]]}}
    body = {"lists": lists, "extensions": extensions, "delta_token": token}
    return await world.sync(ALICE, body=body)


async def begun(world: World, **extensions: Any) -> SyncResponse:
    """Alice has the room, where she has two kinds of account data, and Carol has read m1."""
    await both_in(world)
    data = (account_data("a", {"n": 1}), account_data("b", {"n": 1}))
    await world.poll(ALICE, 15, chunk(account_data=data, ephemeral=(read("m1"),)))
    answer = await begin(world, "", **extensions)
    assert told(answer)
    return answer


async def changes(world: World) -> None:
    """While Alice is away."""
    data = (account_data("b", {"n": 2}),)
    await world.poll(ALICE, 20, chunk(account_data=data))
    await world.poll(BOB, 21, chunk(*messages("m2", sender=CAROL), ephemeral=(read("m2"),)))


def read(name: str) -> bytes:
    content = {f"${name}": {"m.read": {CAROL: {"ts": 1}}}}
    return json.dumps({"type": "m.receipt", "content": content}).encode()


def data_told(answer: SyncResponse) -> list[tuple[str, int]]:
    body = json.loads(answer.extensions.get("account_data", b"{}"))
    events = body.get("rooms", {}).get(ROOM, ())
    return sorted((event["type"], event["content"]["n"]) for event in events)


def read_up_to(answer: SyncResponse) -> list[str]:
    body = json.loads(answer.extensions.get("receipts", b"{}"))
    return list(body.get("rooms", {}).get(ROOM, {}).get("content", ()))


async def test_they_tell_what_has_changed_in_a_room_that_goes_on(world: World) -> None:
    first = await begun(world, account_data=ON, receipts=ON)
    assert data_told(first) == [("a", 1), ("b", 1)]
    await changes(world)
    answer = await begin(world, first.resume, account_data=ON, receipts=ON)
    assert told(answer) == ["m2"]
    assert data_told(answer) == [("b", 2)]
    assert read_up_to(answer) == ["$m2"]


@pytest.mark.parametrize("before", [{}, {"account_data": NOWHERE}], ids=["not asked", "elsewhere"])
async def test_what_the_client_was_never_told_comes_whole(world: World, before: Any) -> None:
    first = await begun(world, **before)
    await changes(world)
    answer = await begin(world, first.resume, account_data=ON)
    assert told(answer) == ["m2"]
    assert data_told(answer) == [("a", 1), ("b", 2)]


async def test_what_was_switched_on_after_the_token_comes_whole(world: World) -> None:
    first = await begun(world)
    await world.sync(ALICE, first.pos, {"extensions": {"account_data": ON}})
    assert data_told(await begin(world, first.resume, account_data=ON)) == [("a", 1), ("b", 1)]


async def test_a_room_that_comes_into_the_window_later_has_all_its_account_data(
    world: World,
) -> None:
    first = await begun(world, account_data=ON)
    small = await begin(world, first.resume, [[5, 9]], account_data=ON)
    await changes(world)
    small = await world.sync(ALICE, small.pos)
    grown = await world.sync(ALICE, small.pos, {"lists": {"all": {"ranges": [[0, 9]]}}})
    assert told(grown) == ["m2"] and not grown.rooms[ROOM].initial
    assert data_told(grown) == [("a", 1), ("b", 2)]
    assert data_told(await world.sync(ALICE, grown.pos)) == []


async def test_global_account_data_comes_as_on_any_new_connection(world: World) -> None:
    await world.poll(ALICE, 5, account_data=(account_data("g", {"n": 1}),))
    first = await begun(world, account_data=ON)
    answer = await begin(world, first.resume, account_data=ON)
    assert b'"g"' in answer.extensions["account_data"]
