"""How the parts of a service are stopped."""

import asyncio

import pytest

from syncv3.jobs import LEAST_S, in_order


@pytest.mark.rules("O-C0")
async def test_a_part_that_hangs_or_fails_does_not_keep_the_others_from_stopping(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped, loop = [], asyncio.get_running_loop()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("hung")

    async def fail() -> None:
        raise OSError("no route to the database")

    async def stop() -> None:
        stopped.append("stopped")

    began = loop.time()
    await in_order([("pollers", hang), ("bus", fail), ("cache", stop)], within_s=0.01)
    assert stopped == ["hung", "stopped"]
    assert loop.time() - began < LEAST_S + 1
    assert caplog.messages == [
        "Stopping pollers takes too long: it is cut off",
        "Stopping bus: no route to the database",
    ]
