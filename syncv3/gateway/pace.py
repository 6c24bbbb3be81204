"""Lets everybody else run between the pieces of transfers, however many there are.

A piece costs some 0.1 ms of the loop. Without this, a hundred transfers would each move one
in every turn, and a message would wait for all of them in each of the turns that it takes.
"""

from typing import Final

from syncv3.web.turns import Turns

FREE_BYTES: Final = 256 * 1024
PIECES_IN_A_TURN: Final = 2


def shared_turns() -> Turns:
    """What all transfers of a process share."""
    return Turns(PIECES_IN_A_TURN)


class Pace:
    """Of one transfer. What is small does not notice it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._moved = 0

    async def moved(self, size: int) -> None:
        """So many bytes were moved; return when it may go on."""
        self._moved += size
        if self._moved > FREE_BYTES:
            await self._turns.take(pipelined=True)
