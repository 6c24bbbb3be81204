"""Answers that have arrived together are taken in a few at a time."""

import asyncio

import pytest

from syncv3.ingest import arrivals as module
from syncv3.ingest.arrivals import Arrivals


async def entering(arrivals: Arrivals, user_key: int) -> "asyncio.Task[None]":
    task = asyncio.create_task(arrivals.enter(user_key))
    await asyncio.sleep(0)
    return task


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_answers_are_taken_in_in_the_order_in_which_they_came() -> None:
    arrivals = Arrivals(places=2)
    tasks = [await entering(arrivals, key) for key in range(5)]
    assert [task.done() for task in tasks] == [True, True, False, False, False]
    arrivals.leave(1)
    await settled()
    assert [task.done() for task in tasks] == [True, True, True, False, False]
    arrivals.leave(0)
    arrivals.leave(2)
    await settled()
    assert all(task.done() for task in tasks)


async def test_an_answer_is_here_until_it_is_stored() -> None:
    arrivals = Arrivals(places=1)
    await arrivals.enter(7)
    waiting = await entering(arrivals, 7)
    arrivals.leave(7)
    await waiting
    assert arrivals.is_here(7)  # of the user's other device
    arrivals.leave(7)
    assert not arrivals.is_here(7)


async def test_who_gives_up_keeps_no_place() -> None:
    arrivals = Arrivals(places=1)
    await arrivals.enter(1)
    second, third = await entering(arrivals, 2), await entering(arrivals, 3)
    second.cancel()
    await settled()
    arrivals.leave(2)
    assert not third.done()
    arrivals.leave(1)
    await asyncio.wait_for(third, 5)
    arrivals.leave(3)
    await asyncio.wait_for(arrivals.enter(4), 5)


async def test_who_is_let_in_and_stopped_at_the_same_moment_keeps_no_place() -> None:
    arrivals = Arrivals(places=1)
    await arrivals.enter(1)
    second = await entering(arrivals, 2)
    arrivals.leave(1)
    second.cancel()
    await settled()
    assert second.cancelled()
    arrivals.leave(2)
    third, fourth = await entering(arrivals, 3), await entering(arrivals, 4)
    assert third.done() and not fourth.done()
    fourth.cancel()


async def test_answers_that_are_kept_do_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.0)
    arrivals = Arrivals(places=1)
    await arrivals.enter(1)  # its database hangs, say
    await asyncio.wait_for(arrivals.enter(2), 5)
    arrivals.leave(2)
    third = await entering(arrivals, 3)
    assert not third.done()  # who was late takes no more than there are
    await asyncio.wait_for(third, 5)
