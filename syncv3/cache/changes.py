"""What is known, without asking the database, of when extensions' data changed.

The log is complete after ``floor``: of what lies before it nothing is known, and whoever
wants to know must ask the database.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from syncv3.store.rows import ChangeRow

KEPT: Final = 4_000  # changes of one extension
ROOMS_KEPT: Final = 50_000


class ChangeLog:
    """The newest changes of each extension, in order of their positions."""

    def __init__(self) -> None:
        self.start(0)

    def start(self, position: int) -> None:
        """Forgets everything; the log is complete from ``position`` on."""
        self._floor = position
        self._floors: dict[str, int] = {}  # by extension, where it is above the common one
        self._changes: dict[str, list[ChangeRow]] = {}
        self._rooms: dict[tuple[str, int], int] = {}  # the last change of an extension in a room
        self._anywhere: dict[str, int] = {}  # its last change that names no room

    def note(self, changes: Iterable[ChangeRow]) -> None:
        """Adds changes that are newer than all that are known."""
        for change in sorted(changes, key=lambda c: c.pos):
            known = self._changes.setdefault(change.extension, [])
            known.append(change)
            if len(known) > KEPT:
                self._floors[change.extension] = known[KEPT // 2 - 1].pos
                del known[: KEPT // 2]
            if change.room_key is None:
                self._anywhere[change.extension] = change.pos
            else:
                self._rooms[(change.extension, change.room_key)] = change.pos
        if len(self._rooms) > ROOMS_KEPT:
            self._forget_rooms()

    def _forget_rooms(self) -> None:
        """Drops the older half; for their rooms the floor speaks from now on."""
        order = sorted(self._rooms.values())
        self._floor = max(self._floor, order[len(order) // 2])
        self._rooms = {key: pos for key, pos in self._rooms.items() if pos > self._floor}

    def after(self, extension: str, position: int) -> Sequence[ChangeRow] | None:
        """The changes after a position; None when not all of them are known."""
        if position < max(self._floor, self._floors.get(extension, 0)):
            return None
        known = self._changes.get(extension)
        if not known or known[-1].pos <= position:
            return ()
        return known[bisect_right(known, position, key=lambda change: change.pos) :]

    def is_silent(self, extension: str, position: int) -> bool:
        """Whether it is known that nothing has changed after a position, for anybody."""
        known = self._changes.get(extension)
        if known and known[-1].pos > position:
            return False
        return position >= self._floor and position >= self._floors.get(extension, 0)

    def room_changed(self, extension: str, room_key: int, position: int) -> bool:
        """Whether something may have changed in a room after a position."""
        last = self._rooms.get((extension, room_key), 0)
        return position < max(self._floor, last, self._anywhere.get(extension, 0))
