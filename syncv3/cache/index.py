"""The rooms of one list in order, kept up to date room by room.

A list of five thousand rooms is sorted once; a message in one of them moves one entry.
Indexes belong to a user, so all connections of the user that sort and filter alike share
one.
"""

from bisect import bisect_left, insort
from typing import Protocol

from syncv3.cache.listed import ListedRoom
from syncv3.protocol.listing import SortKey, make_filter, make_key
from syncv3.protocol.request import ListSpec
from syncv3.store.rows import UserRoomRow

Entry = tuple[SortKey, int]


class Owner(Protocol):
    """The user whose list it is."""

    rooms: dict[int, UserRoomRow]

    def candidate(self, room_key: int) -> bool: ...

    def room(self, room_key: int) -> ListedRoom: ...


class ListIndex:
    """Sorted (key, room) entries; ``dirty`` has the rooms to look at again."""

    __slots__ = ("_bump_types", "_entries", "_key", "_keys", "_passes", "dirty")

    def __init__(self, user: Owner, spec: ListSpec) -> None:
        self._passes = make_filter(spec.filters)
        self._key = make_key(spec.sort)
        self._bump_types = spec.bump_types
        self._keys: dict[int, SortKey] = {}
        self.dirty: set[int] = set()
        for room_key in user.rooms:
            key = self._key_of(user, room_key)
            if key is not None:
                self._keys[room_key] = key
        self._entries: list[Entry] = sorted((key, room) for room, key in self._keys.items())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, room_key: int) -> bool:
        return room_key in self._keys

    def rooms(self, start: int = 0, stop: int | None = None) -> list[int]:
        """The rooms at the indexes [start, stop), fewer where the list ends."""
        return [room for _, room in self._entries[start:stop]]

    def update(self, user: Owner) -> None:
        """Moves the dirty rooms to where they belong now."""
        dirty, self.dirty = self.dirty, set()
        for room_key in dirty:
            old = self._keys.pop(room_key, None)
            new = self._key_of(user, room_key)
            if new is not None:
                self._keys[room_key] = new
            if old == new:
                continue
            if old is not None:
                del self._entries[bisect_left(self._entries, (old, room_key))]
            if new is not None:
                insort(self._entries, (new, room_key))

    def _key_of(self, user: Owner, room_key: int) -> SortKey | None:
        if not user.candidate(room_key):
            return None
        room = user.room(room_key)
        if not self._passes(room):
            return None
        return self._key(room, room.activity(self._bump_types))
