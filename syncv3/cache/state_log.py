"""Which state of a room has changed lately: what a client lacks that comes from a position.

The log follows the stream, like all that is held of a room, and is complete after ``since``. Of
a client that comes from before that the database must be asked (``store.loads``).
"""

from typing import Final

from syncv3.protocol.required_state import StateKey

KEPT: Final = 1_000


class StateLog:
    """The position of the last change of each state key, in the order of these changes."""

    __slots__ = ("_changed_at", "since")

    def __init__(self, since: int) -> None:
        self.since = since
        self._changed_at: dict[StateKey, int] = {}

    def start(self, position: int) -> None:
        """Something has changed that the stream does not tell: forgets all up to there."""
        self.since = position
        self._changed_at.clear()

    def note(self, key: StateKey, position: int) -> None:
        """The stream has brought another value of a key."""
        self._changed_at.pop(key, None)
        self._changed_at[key] = position
        if len(self._changed_at) > KEPT:
            oldest = list(self._changed_at.items())[: KEPT // 2]
            self.since = max(self.since, *(at for _, at in oldest))
            for each, _ in oldest:
                del self._changed_at[each]

    def after(self, position: int) -> frozenset[StateKey] | None:
        """What changed after a position; None: it is not known any more."""
        if position < self.since:
            return None
        return frozenset([key for key, at in self._changed_at.items() if at > position])
