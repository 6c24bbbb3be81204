"""A message and the unread count that it causes leave in one answer."""

import asyncio

import pytest

from syncv3.bus.local import STREAM, LocalBus
from syncv3.cache.follower import GATHER_S, Follower
from syncv3.engine import waiting as waiting_module
from syncv3.engine.waiting import PATIENCE_S
from tests.integration.core.build import ALICE, BOB, World, chunk, founding, messages, told
from tests.support.waiting import until


async def test_who_waits_is_woken_by_another_users_poller_only_after_a_moment(
    world: World,
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1")))
    pos = (await world.sync(ALICE)).pos
    key = (await world.device(ALICE)).user_key
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=20_000))
    waiter = await waiter_of(world, key)
    await world.committer.commit(await world.part(BOB, 20, chunk(*messages("m2", sender=BOB))))
    world.engine.waiters.wake({key})
    assert not waiter.is_set()
    world.engine.heard_from([key])
    world.engine.waiters.wake({key})
    assert waiter.is_set()
    await world.cache.refresh()
    assert told(await asyncio.wait_for(waiting, 10)) == ["m2"]


async def test_who_has_an_answer_of_their_own_at_hand_is_woken_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_module, "ARRIVING_S", 60.0)
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1")))
    pos = (await world.sync(ALICE)).pos
    key = (await world.device(ALICE)).user_key
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=20_000))
    waiter = await waiter_of(world, key)
    world.everybody.arriving.add(key)
    await world.committer.commit(await world.part(BOB, 20, chunk(*messages("m2", sender=BOB))))
    world.engine.waiters.wake({key})
    await asyncio.sleep(2 * PATIENCE_S)  # it would be woken by now
    assert not waiter.is_set()
    world.everybody.arriving.discard(key)
    world.engine.heard_from([key])  # and it says nothing that is new
    await asyncio.wait_for(waiter.wait(), 30)
    await world.cache.refresh()
    assert told(await asyncio.wait_for(waiting, 10)) == ["m2"]


async def waiter_of(world: World, user_key: int) -> asyncio.Event:
    """What the user's waiting request waits for."""

    def waiting() -> list[asyncio.Event]:
        return [each for each in world.engine.waiters.of(user_key) if not each.is_set()]

    await until(waiting)
    return waiting()[0]


class Refreshed:
    """A cache that notes when it is refreshed."""

    def __init__(self) -> None:
        self.at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def refresh(self) -> None:
        if not self.at.done():
            self.at.set_result(asyncio.get_running_loop().time())


async def test_what_is_being_taken_in_just_now_is_waited_for() -> None:
    cache, bus, dry = Refreshed(), LocalBus(), asyncio.Event()
    follower = Follower(cache, bus, dry)  # type: ignore[arg-type]
    await follower.start()
    try:
        hinted = asyncio.get_running_loop().time()
        bus.publish(STREAM)
        assert await cache.at - hinted >= GATHER_S * 0.9
    finally:
        await follower.stop()


async def test_when_nothing_is_being_taken_in_nobody_waits() -> None:
    cache, bus, dry = Refreshed(), LocalBus(), asyncio.Event()
    dry.set()
    follower = Follower(cache, bus, dry)  # type: ignore[arg-type]
    await follower.start()
    try:
        bus.publish(STREAM)
        for _ in range(20):
            await asyncio.sleep(0)
        assert cache.at.done()
    finally:
        await follower.stop()
