"""A request by ``pos`` whose device nobody polls, or whose poll fails: what is it told?"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from syncv3.errors import BadGateway, Unavailable, UnknownPosition
from tests.integration.core.build import ALICE, BOB, ROOM, World, chunk, founding, messages
from tests.support.waiting import still

LONG_MS = 60_000
SOON_S = 10.0

pytestmark = pytest.mark.rules("U-60", "U-43")


@pytest.fixture
async def pos(world: World) -> AsyncIterator[str]:
    """Alice's, who is with Bob in a room."""
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)
    yield (await world.sync(ALICE)).pos


@pytest.fixture
async def polled(world: World) -> "asyncio.Future[None]":
    """Ends when Alice's device is polled."""
    world.everybody.polled = asyncio.get_running_loop().create_future()
    return world.everybody.polled


async def says(world: World) -> None:
    """Bob's poll brings a message."""
    await world.poll(BOB, 20, chunk(*messages("m2", sender=BOB)))


async def test_news_is_told_before_it_is_known_whether_the_device_is_polled(
    world: World, pos: str, polled: "asyncio.Future[None]"
) -> None:
    await says(world)
    async with asyncio.timeout(SOON_S):
        answer = await world.sync(ALICE, pos, timeout_ms=LONG_MS)
    assert ROOM in answer.rooms and not polled.done()


async def test_who_waits_for_a_device_that_nobody_can_poll_is_told_at_once(
    world: World, pos: str, polled: "asyncio.Future[None]"
) -> None:
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=LONG_MS))
    await world.until_waiting(ALICE)
    assert not waiting.done()
    polled.set_exception(Unavailable("nobody"))
    with pytest.raises(Unavailable):
        async with asyncio.timeout(SOON_S):
            await waiting


async def test_who_waits_for_a_device_that_is_polled_after_all_goes_on_waiting(
    world: World, pos: str, polled: "asyncio.Future[None]"
) -> None:
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=LONG_MS))
    await world.until_waiting(ALICE)
    polled.set_result(None)
    await still(waiting, for_s=0.1)
    await says(world)
    async with asyncio.timeout(SOON_S):
        assert ROOM in (await waiting).rooms


async def test_a_refused_request_can_be_repeated_and_loses_nothing(
    world: World, pos: str, polled: "asyncio.Future[None]"
) -> None:
    polled.set_exception(Unavailable("nobody"))
    with pytest.raises(Unavailable):
        await world.sync(ALICE, pos, timeout_ms=LONG_MS)
    world.everybody.polled = None
    await says(world)
    assert ROOM in (await world.sync(ALICE, pos)).rooms


async def test_a_poll_that_fails_is_told_only_when_there_was_nothing_else_to_tell(
    world: World, pos: str
) -> None:
    world.everybody.ails = BadGateway("the homeserver is away")
    with pytest.raises(BadGateway):
        await world.sync(ALICE, pos, timeout_ms=200)
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=LONG_MS))
    await still(waiting, for_s=0.2)
    await says(world)
    async with asyncio.timeout(SOON_S):
        assert ROOM in (await waiting).rooms


async def test_a_first_answer_is_given_whatever_ails_the_poll(world: World, pos: str) -> None:
    world.everybody.ails = BadGateway("the homeserver is away")
    assert ROOM in (await world.sync(ALICE)).rooms


async def test_a_position_that_is_unknown_has_nobody_polled_for_it(world: World, pos: str) -> None:
    asked: list[str] = []
    world.everybody.attend = lambda device, token: asked.append(token)  # type: ignore[method-assign]
    await world.forget_connections()
    await world.pool.execute("DELETE FROM ss_connections")
    with pytest.raises(UnknownPosition):
        await world.sync(ALICE, pos)
    assert not asked
