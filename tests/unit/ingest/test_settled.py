"""When a poll has taken in what the homeserver was sending (S-538)."""

import asyncio

import pytest

from syncv3.ingest.progress import PARKED_S, PollerProgress, Stage


@pytest.mark.rules("S-538")
async def test_a_poll_that_has_been_waiting_for_a_while_has_settled() -> None:
    progress = PollerProgress()
    progress.asking_since = asyncio.get_running_loop().time() - PARKED_S
    assert await progress.settled(0.0)


@pytest.mark.rules("S-538")
async def test_an_answer_that_is_being_taken_in_is_waited_for() -> None:
    progress = PollerProgress()
    loop = asyncio.get_running_loop()
    loop.call_later(0.05, setattr, progress, "asking_since", loop.time())
    assert await progress.settled(20.0)
    assert progress.asking_since is not None


@pytest.mark.rules("S-538")
@pytest.mark.parametrize("stage", [Stage.CURRENT, Stage.ENDED])
async def test_it_is_not_waited_for_ever(stage: Stage) -> None:
    progress = PollerProgress()
    progress.reach(stage)
    assert not await progress.settled(0.01)
