"""Who of the polls that rest may ask at the same time."""

import asyncio

import pytest

from syncv3.ingest import gate
from syncv3.ingest.gate import Places, PollSlot


async def entering(places: Places, who: str, *, called: bool = False) -> "asyncio.Task[PollSlot]":
    task = asyncio.create_task(places.enter(who, called=called))
    await asyncio.sleep(0)
    return task


async def test_a_place_is_given_to_the_next_and_only_once() -> None:
    places = Places(2)
    first, _ = await places.enter("a", called=False), await places.enter("b", called=False)
    third, fourth = await entering(places, "c"), await entering(places, "d")
    assert not third.done()
    first.leave()
    first.leave()
    await third
    await asyncio.sleep(0)
    assert not fourth.done()
    fourth.cancel()


async def test_who_is_called_has_its_turn_first_in_the_order_of_calls() -> None:
    places, turns = Places(1), list[str]()
    place = await places.enter("held", called=False)
    waiting = {who: await entering(places, who, called=who == "c") for who in "abcd"}
    places.hurry("d")
    places.hurry("b")
    places.hurry("somebody else")
    while waiting:
        place.leave()
        await asyncio.wait(waiting.values(), return_when=asyncio.FIRST_COMPLETED)
        (who,) = [who for who, task in waiting.items() if task.done()]
        turns.append(who)
        place = waiting.pop(who).result()
    assert turns == ["c", "d", "b", "a"]


async def test_who_gives_up_leaves_its_place_to_the_next() -> None:
    places = Places(1)
    place = await places.enter("a", called=False)
    second, third = await entering(places, "b"), await entering(places, "c")
    place.leave()
    second.cancel()  # it has its place, and does not know yet
    await asyncio.wait_for(third, 5)
    assert second.cancelled()


async def test_a_place_that_is_kept_for_long_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "PLACE_S", 0.0)
    places = Places(1)
    kept = await places.enter("a", called=False)
    await asyncio.wait_for(places.enter("b", called=False), 5)
    kept.leave()
