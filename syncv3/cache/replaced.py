"""Which of a user's rooms are replaced by others: what their tombstones say (L-2).

A tombstone names the room that replaces its room. The old room is hidden while the user is
joined to the replacement. Only the old room's tombstone counts, not what the create event
of the replacement says of a predecessor.

Tombstones may lead round in a circle: A names B, B names C, C names A, or A names itself.
If the user is joined to all of them, each would hide the one before it, and none would be
left. So in such a circle the room with the newest tombstone stays in the lists. Which one
that is, is decided by the ``origin_server_ts`` of the tombstones, and by room IDs where
they are equal: stored values, the same on every worker. A sender may lie about the time;
all that this can change is which of the rooms in the circle is the one that stays.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Joined = Callable[[str], int | None]
"""Room ID → the room's key, if the user is joined to it."""


@dataclass(slots=True, eq=False)
class Circle:
    """Joined rooms of which each replaces the one before. ``kept`` None: not decided yet."""

    rooms: tuple[int, ...]
    kept: int | None = None


class Replaced:
    """The tombstones of one user's rooms. ``joined`` must tell the memberships as they are."""

    def __init__(self, joined: Joined) -> None:
        self._joined = joined
        self._successors: dict[int, str] = {}  # by room: which room its tombstone names
        self._replacing: dict[str, set[int]] = {}  # the other way round
        self._circles: dict[int, Circle] = {}  # by each of the rooms in it
        self._changed: dict[int, str] = {}  # since circles were last looked for: room IDs by key

    def note(self, room_key: int, room_id: str, successor: str | None) -> None:
        """The room's tombstone names ``successor``; None: there is no tombstone."""
        before = self._successors.get(room_key)
        if before == successor:
            return
        if before is not None:
            self._replacing[before].discard(room_key)
            if not self._replacing[before]:
                del self._replacing[before]
            del self._successors[room_key]
        if successor is not None:
            self._successors[room_key] = successor
            self._replacing.setdefault(successor, set()).add(room_key)
        self._changed[room_key] = room_id

    def changed(self, room_key: int, room_id: str) -> None:
        """The room was joined or left, or has another tombstone."""
        if room_key in self._successors or room_key in self._circles or room_id in self._replacing:
            self._changed[room_key] = room_id

    def hides(self, room_key: int) -> bool:
        """Whether the user's lists leave the room out."""
        successor = self._successors.get(room_key)
        if successor is None or self._joined(successor) is None:
            return False
        circle = self._circles.get(room_key)
        return circle is None or circle.kept != room_key

    def settle(self) -> set[int]:
        """Finds the circles anew where something has changed.

        Gives the rooms that may be hidden now and were not before, or the other way round.
        It looks only at what hangs together with the rooms that have changed.
        """
        affected: set[int] = set()
        for room_key, room_id in self._changed.items():
            affected.add(room_key)
            affected.update(self._replacing.get(room_id, ()))
            circle = self._circles.get(room_key)
            if circle is not None:
                affected.update(circle.rooms)
                self._dissolve(circle)
        for circle in self._found(self._changed):
            affected.update(circle.rooms)
        self._changed.clear()
        return affected

    def undecided(self) -> list[Circle]:
        """The circles of which it is not known which room stays."""
        circles = {id(circle): circle for circle in self._circles.values()}
        return [circle for circle in circles.values() if circle.kept is None]

    def _dissolve(self, circle: Circle) -> None:
        for room_key in circle.rooms:
            del self._circles[room_key]

    def _found(self, starts: Iterable[int]) -> Iterator[Circle]:
        """The new circles: each has one of ``starts`` in it."""
        done: set[int] = set()
        for start in starts:
            path: dict[int, None] = {}
            at = self._followed(start) if start not in done else None
            while at is not None and at not in done and at not in path:
                path[at] = None
                at = self._next(at)
            done.update(path)
            if at is not None and at in path and at not in self._circles:
                rooms = tuple(path)
                circle = Circle(rooms[rooms.index(at) :])
                self._circles.update(dict.fromkeys(circle.rooms, circle))
                yield circle

    def _followed(self, room_key: int) -> int | None:
        """The room itself, if it is joined and replaced."""
        room_id = self._changed[room_key]
        return room_key if self._joined(room_id) is not None else None

    def _next(self, room_key: int) -> int | None:
        """The joined room that replaces it."""
        successor = self._successors.get(room_key)
        return None if successor is None else self._joined(successor)
