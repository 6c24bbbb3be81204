"""What ends a wait of a client that keeps its rooms, and what it does not even notice."""

import asyncio

import pytest

from syncv3.engine.computing import Computing
from syncv3.engine.connection import Waiter
from syncv3.errors import BadGateway
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.types import RoomID
from tests.integration.core.build import ALICE, BOB, ROOM, World, chunk, founding, member, messages
from tests.integration.core.keeping import Client, window
from tests.support.costs import counted
from tests.support.waiting import still
from tests.unit.engine.keeping import Asked

ANOTHER = {RoomID("!another:hs"): chunk(*messages("x1"), member("in", BOB))}


async def begun(world: World, ask: CompleteRequest | None = None) -> Client:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    client = Client(world, BOB, ask or window())
    await client.sync()
    return client


@pytest.mark.rules("S-321")
async def test_a_request_without_timeout_never_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await begun(world)
    waits = counted(monkeypatch, Waiter, "wait")
    assert (await client.sync()).rooms == {} and not waits


@pytest.mark.rules("S-322", "S-324", "S-325")
async def test_a_new_room_outside_the_window_does_not_end_a_wait(world: World) -> None:
    client = await begun(world, window(stop=0))
    waiting = asyncio.create_task(client.sync(timeout_ms=400))
    await world.until_waiting(BOB)
    await world.poll(BOB, 9, joined=ANOTHER)
    await still(waiting, for_s=0.1)
    answer = await waiting
    assert answer.rooms == {} and answer.lists["all"].count == 2


@pytest.mark.rules("S-327")
async def test_while_rooms_come_in_their_number_ends_a_wait(world: World) -> None:
    client = await begun(world, window(stop=0))
    world.everybody.imports = True
    waiting = asyncio.create_task(client.sync(timeout_ms=20_000))
    await world.until_waiting(BOB)
    await world.poll(BOB, 9, joined=ANOTHER)
    answer = await asyncio.wait_for(waiting, 5)
    assert answer.lists["all"].count == 2


@pytest.mark.rules("S-62", "S-324", "S-535", "S-539")
async def test_who_asks_for_no_rooms_does_not_notice_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither are they woken by messages, nor are the user's rooms loaded, nor do they wait for
    what the device's lists have cost."""
    await begun(world)
    world.cache.users.clear()
    client = Client(world, BOB, CompleteRequest())
    pauses = counted(monkeypatch, world.engine.turns, "pause")
    await client.sync()
    computed = counted(monkeypatch, Computing, "compute")
    waiting = asyncio.create_task(client.sync(timeout_ms=300))
    await world.until_waiting(BOB)
    for number in range(5):
        await world.poll(ALICE, 20 + number, chunk(*messages(f"n{number}")))
        await asyncio.sleep(0.02)  # as long as it would wait before it computes
    assert (await waiting).rooms == {}
    assert len(computed) == 1, "when the time is over nothing has changed for them"
    assert not pauses and not world.cache.users


@pytest.mark.rules("S-324")
async def test_who_asks_for_rooms_is_woken_by_a_message(world: World) -> None:
    client = await begun(world)
    waiting = asyncio.create_task(client.sync(timeout_ms=20_000))
    await world.until_waiting(BOB)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    assert ROOM in (await asyncio.wait_for(waiting, 5)).rooms


@pytest.mark.rules("S-326")
async def test_a_homeserver_that_fails_is_no_reason_to_fail(world: World) -> None:
    client = await begun(world)
    world.everybody.ails = BadGateway("the homeserver cannot be reached")
    assert (await client.sync(timeout_ms=50)).rooms == {}


@pytest.mark.rules("S-538")
async def test_a_first_request_with_a_subscription_waits_for_what_is_coming(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is told of m2 by a push while it is being taken in here."""
    await begun(world)

    async def catching_up(*_: object) -> None:
        await world.committer.commit(await world.part(ALICE, 20, chunk(*messages("m2"))))

    monkeypatch.setattr(world.everybody, "catch_up", catching_up)
    client = Client(world, BOB, CompleteRequest(subscriptions={ROOM: RoomConfig(16, (Asked(),))}))
    room = await client.room()
    assert len(room.timeline) == 2
