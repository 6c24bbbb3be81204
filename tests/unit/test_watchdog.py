"""Hooks that hang are cut off, whatever they hang in; nobody else is."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
import uvloop

from syncv3.watchdog import HookHung, Watchdog

LIMIT_S = 0.1


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    running = Watchdog(LIMIT_S)
    running.start()
    yield running
    running.stop()


def loop_for_ever() -> None:
    while True:
        pass


def hang_for_long() -> None:
    time.sleep(60)  # it hangs


def swallow_everything() -> None:
    while True:
        try:
            time.sleep(60)  # it hangs
        except Exception as error:
            print("not here:", error)


@pytest.mark.parametrize("hang", [loop_for_ever, hang_for_long, swallow_everything])
def test_what_does_not_return_is_cut_off(watchdog: Watchdog, hang: Callable[[], None]) -> None:
    for _ in range(2):
        with pytest.raises(HookHung):
            watchdog.call(hang)


def test_results_and_errors_pass_through(watchdog: Watchdog) -> None:
    assert watchdog.call(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        watchdog.call(divmod, 7, 0)


def test_who_runs_between_hooks_is_not_cut_off(watchdog: Watchdog) -> None:
    for _ in range(3):
        watchdog.call(time.sleep, 0)
        time.sleep(LIMIT_S * 2)  # it takes longer than a hook may


def test_a_hook_that_calls_another_is_watched_as_one(watchdog: Watchdog) -> None:
    def outer() -> None:
        for _ in range(10):
            watchdog.call(time.sleep, LIMIT_S / 2)

    with pytest.raises(HookHung):
        watchdog.call(outer)


async def test_a_coroutine_may_wait_but_not_block(watchdog: Watchdog) -> None:
    async def waits() -> str:
        await asyncio.sleep(LIMIT_S * 2)  # it takes longer than a hook may block
        return "done"

    async def blocks() -> None:
        await asyncio.sleep(0)
        time.sleep(60)  # noqa: ASYNC251 this is the fault

    assert await watchdog.within(60, waits()) == "done"
    with pytest.raises(HookHung):
        await watchdog.within(60, blocks())


async def test_a_coroutine_hears_of_its_cancellation(watchdog: Watchdog) -> None:
    heard = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)  # until it is cancelled
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await watchdog.within(60, waits())
    assert heard == ["cancelled"]


def test_the_loop_that_serves_goes_on_behind_it(watchdog: Watchdog) -> None:
    async def hangs_and_goes_on() -> str:
        loop = asyncio.get_running_loop()
        with pytest.raises(HookHung):
            watchdog.call(time.sleep, 60)
        return await asyncio.wait_for(loop.run_in_executor(None, lambda: "on"), 10)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(hangs_and_goes_on()) == "on"
