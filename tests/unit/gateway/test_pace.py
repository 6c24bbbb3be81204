"""Transfers leave room for everybody else."""

import asyncio

from syncv3.gateway.pace import FREE_BYTES, PIECES_IN_A_TURN, Pace, shared_turns


async def test_many_transfers_together_move_few_pieces_in_one_turn_of_the_loop() -> None:
    turns, moved, most = shared_turns(), 0, 0

    async def transfer() -> None:
        nonlocal moved
        pace = Pace(turns)
        for _ in range(20):
            await pace.moved(FREE_BYTES + 1)
            moved += 1

    async def watch() -> None:
        nonlocal moved, most
        while True:
            most, moved = max(most, moved), 0
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(transfer() for _ in range(50)))
    watching.cancel()
    assert most <= 2 * PIECES_IN_A_TURN  # the watcher may run before or after those of its turn


async def test_what_is_small_does_not_wait() -> None:
    turned = False

    def turn() -> None:
        nonlocal turned
        turned = True

    asyncio.get_running_loop().call_soon(turn)
    await Pace(shared_turns()).moved(FREE_BYTES)
    assert not turned
