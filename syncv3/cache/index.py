"""The rooms of one list in order, kept up to date room by room.

A list of five thousand rooms is sorted once; a message in one of them moves one entry.
Indexes belong to a user, so all connections of the user that sort and filter alike share
one. Those which only sort alike share the sort keys.

A new index can be built in pieces, so that others are served in between: a room that
changes meanwhile is among the ``dirty`` ones, like any that changes later.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Final, Protocol

from syncv3.cache.listed import ListedRoom
from syncv3.protocol.listing import SortKey, make_filter, make_key
from syncv3.protocol.request import Filters, Sort
from syncv3.store.rows import UserRoomRow

PIECE: Final = 250
"""Rooms of an index that are looked at in one go: a few milliseconds."""
WINDOWS_KEPT: Final = 256

Entry = tuple[SortKey, int]


class Owner(Protocol):
    """The user whose list it is, as a dialect sees their rooms."""

    @property
    def rooms(self) -> Mapping[int, UserRoomRow]: ...

    def candidate(self, room_key: int) -> bool: ...

    def room(self, room_key: int) -> ListedRoom: ...


class Order:
    """One order of a user's rooms: the sort keys of those that some list has looked at."""

    __slots__ = ("__weakref__", "_bump_types", "_entries", "_key")

    def __init__(self, sort: tuple[Sort, ...], bump_types: frozenset[str] | None) -> None:
        self._key = make_key(sort)
        self._bump_types = bump_types
        self._entries: dict[int, Entry] = {}

    def entry(self, room_key: int, room: ListedRoom) -> Entry:
        """Where the room belongs."""
        found = self._entries.get(room_key)
        if found is None:
            found = self._entries[room_key] = (
                self._key(room, room.activity(self._bump_types)),
                room_key,
            )
        return found

    def forget(self, room_key: int) -> None:
        """The room may belong elsewhere now."""
        self._entries.pop(room_key, None)


class ListIndex:
    """Sorted (key, room) entries; ``dirty`` has the rooms to look at again."""

    __slots__ = ("_entries", "_held", "_passes", "_pending", "_windows", "dirty", "order")

    def __init__(self, user: Owner, filters: Filters, order: Order) -> None:
        self._passes = make_filter(filters)
        self.order = order
        self.dirty: set[int] = set()
        self._pending = list(user.rooms)
        self._held: dict[int, Entry] = {}  # by room: where it stands in the order
        self._entries: list[Entry] = []  # sorted
        self._windows: dict[tuple[int, int | None], tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, room_key: int) -> bool:
        return room_key in self._held

    @property
    def built(self) -> bool:
        return not self._pending

    def build(self, user: Owner, most: int | None = None) -> None:
        """Looks at so many more rooms; at all that are left if ``most`` is None."""
        at = 0 if most is None else max(0, len(self._pending) - most)
        piece = self._pending[at:]
        del self._pending[at:]
        for room_key in piece:
            entry = self._entry_of(user, room_key)
            if entry is not None:
                self._held[room_key] = entry
        if not self._pending:
            self._entries = sorted(self._held.values())

    def window(self, start: int = 0, stop: int | None = None) -> tuple[int, ...]:
        """The rooms at the indexes [start, stop), fewer where the list ends.

        The same object until the list changes, so that equal windows are held once.
        """
        found = self._windows.get((start, stop))
        if found is None:
            if len(self._windows) >= WINDOWS_KEPT:
                self._windows.clear()
            found = tuple([room for _, room in self._entries[start:stop]])
            self._windows[(start, stop)] = found
        return found

    def update(self, user: Owner) -> None:
        """Moves the dirty rooms to where they belong now."""
        dirty, self.dirty = self.dirty, set()
        # An entry that has not moved leaves the list, and with it the windows, as they are.
        for room_key in dirty:
            old = self._held.pop(room_key, None)
            new = self._entry_of(user, room_key)
            if new is not None:
                self._held[room_key] = new
            if old == new:
                continue
            self._windows.clear()
            if old is not None:
                del self._entries[bisect_left(self._entries, old)]
            if new is not None:
                insort(self._entries, new)

    def _entry_of(self, user: Owner, room_key: int) -> Entry | None:
        if not user.candidate(room_key):
            return None
        room = user.room(room_key)
        return self.order.entry(room_key, room) if self._passes(room) else None
