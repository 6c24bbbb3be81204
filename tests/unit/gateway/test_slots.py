"""Who may ask the homeserver now."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from syncv3.errors import LimitExceeded
from syncv3.gateway.slots import Slots
from tests.support.held import references


async def take(stack: AsyncExitStack, slots: Slots, client: str, times: int = 1) -> None:
    for _ in range(times):
        await stack.enter_async_context(slots.one(client))


async def test_one_client_cannot_take_what_others_need() -> None:
    slots = Slots(4, 2, wait_s=0.05)
    async with AsyncExitStack() as stack:
        await take(stack, slots, "greedy", 2)
        with pytest.raises(LimitExceeded):
            await take(stack, slots, "greedy")
        await take(stack, slots, "other", 2)


async def test_of_one_client_only_a_share_waits() -> None:
    slots = Slots(4, 2, wait_s=60)
    async with AsyncExitStack() as stack:
        await take(stack, slots, "greedy", 2)
        waiting = [asyncio.create_task(take(stack, slots, "greedy")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(LimitExceeded):  # at once
            await take(stack, slots, "greedy")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_has_all_of_their_share_is_not_in_the_way_of_others() -> None:
    slots = Slots(3, 2, wait_s=60)
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        await take(first, slots, "greedy", 2)
        waiting = asyncio.create_task(take(first, slots, "greedy"))
        await asyncio.sleep(0)
        await take(second, slots, "other")
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_slot_comes_back_whatever_happened() -> None:
    slots = Slots(1, 1, wait_s=60)

    async def all_kinds_of_things_happen(client: str) -> int:
        for _ in range(3):
            with pytest.raises(ValueError, match="x"):
                async with slots.one(client):
                    raise ValueError("x")
        async with slots.one("other"):
            waiting = asyncio.create_task(take(AsyncExitStack(), slots, client))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with AsyncExitStack() as stack:
            await asyncio.wait_for(take(stack, slots, client), 5)
        return references(slots)

    held = [await all_kinds_of_things_happen(client) for client in "abc"]
    assert held[0] == held[1] == held[2], "of clients that have gone nothing stays"


def test_the_refusal_says_when_to_try_again() -> None:
    refusal = LimitExceeded("slowly", retry_after_s=2)
    assert refusal.body() == {
        "errcode": "M_LIMIT_EXCEEDED",
        "error": "HTTP 429 : slowly",
        "retry_after_ms": 2000,
    }
