"""Transfers leave room for everybody else."""

import asyncio

from syncv3.gateway.pace import FREE_BYTES, SLACK_S, Line, TransferPace


async def test_many_transfers_together_are_as_fast_as_one_line() -> None:
    """50 transfers of 20 pieces each: none of them is done before all could be through."""
    line, size, loop = Line(bytes_per_s=4e9), FREE_BYTES + 1, asyncio.get_running_loop()
    done = []

    async def transfer() -> None:
        pace = TransferPace(line)
        for _ in range(20):
            await pace.moved(size)
        done.append(loop.time())

    begun = loop.time()
    await asyncio.gather(*(transfer() for _ in range(50)))
    assert done[-1] - begun >= 50 * 20 * size / 4e9 - SLACK_S
    assert done[0] - begun >= (done[-1] - begun) / 2  # in turns: nobody was far ahead


async def test_what_is_small_does_not_wait() -> None:
    turned = False

    def turn() -> None:
        nonlocal turned
        turned = True

    asyncio.get_running_loop().call_soon(turn)
    await TransferPace(Line(bytes_per_s=1)).moved(FREE_BYTES)
    assert not turned
