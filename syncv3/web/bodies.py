"""Request bodies that have not arrived whole: how much of them, and for how long.

A body that arrives at once is never counted in here. One that lacks its last byte costs
memory until it is given up: when nothing came for a while, when it is slower than the
slowest connection that is worth waiting for, or when all such bodies together hold too
much. Then the oldest goes first: whoever wants to drive out a body that arrives within a
second must send all that memory's bytes within that second.
"""

from typing import Protocol

PIECE_BYTES = 64
"""What a piece of a body costs beside its bytes: a body may arrive byte by byte."""


class Unfinished(Protocol):
    """A body that somebody waits for."""

    def give_up(self) -> None:
        """Answer 408 as soon as possible, and let the bytes go. May be called twice."""


class Bodies:
    """All unfinished bodies of this process; ``most_bytes`` is for all of them together."""

    def __init__(self, most_bytes: int) -> None:
        self.bytes = 0
        self._most_bytes = most_bytes
        self._held: dict[Unfinished, int] = {}  # the oldest first

    def hold(self, body: Unfinished, size: int) -> None:
        """So many bytes of this body are in memory now; the oldest go when it is too much."""
        self.bytes += size - self._held.get(body, 0)
        self._held[body] = size
        while self.bytes > self._most_bytes:
            oldest = next(iter(self._held))
            self.let_go(oldest)
            oldest.give_up()

    def let_go(self, body: Unfinished) -> None:
        """The body is whole or given up; nothing happens if it is not held."""
        self.bytes -= self._held.pop(body, 0)
