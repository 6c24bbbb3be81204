"""The deltas of the stream that were applied since a load began, for what it brings.

What is loaded was read in a snapshot of its own, with a head of its own. If the cache is
beyond that head by then, what the stream brought in between is applied to it too.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from syncv3.store.stream import Delta

DELTAS_KEPT: Final = 256


class RecentDeltas:
    """Keeps them while anything is being loaded, the newest of them only."""

    def __init__(self) -> None:
        self._deltas: deque[Delta] = deque(maxlen=DELTAS_KEPT)
        self._loads = 0

    def __len__(self) -> int:
        return len(self._deltas)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """While something is loaded, what the stream brings is kept for it."""
        self._loads += 1
        try:
            yield
        finally:
            self._loads -= 1
            if not self._loads:
                self._deltas.clear()

    def note(self, delta: Delta) -> None:
        """A delta is about to be applied."""
        if self._loads:
            self._deltas.append(delta)

    def forget(self) -> None:
        """The cache starts anew: what is being loaded cannot be brought up to it."""
        self._deltas.clear()

    def between(self, top: int, position: int) -> list[Delta] | None:
        """The deltas behind a snapshot's head, up to the cache's position; None if they are
        not all at hand."""
        if top >= position:
            return []
        if not self._deltas or self._deltas[0].after > top:
            return None
        return [delta for delta in self._deltas if delta.upto > top]
