"""One user in the cache: their rooms, what touched them lately, and their sorted lists."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final

from syncv3.cache.index import ListIndex
from syncv3.cache.listed import ListedRoom
from syncv3.cache.rooms import CachedRoom
from syncv3.protocol.request import Filters, ListSpec, Sort
from syncv3.store.rows import UserRoomRow, UserRow
from syncv3.types import UserID

LOG_MOST: Final = 10_000
INDEXES_MOST: Final = 8
SPACE: Final = "m.space"
IndexKey = tuple[Filters, tuple[Sort, ...], frozenset[str] | None]


class CachedUser:
    """A user who is served here. ``rooms`` has all rooms they have or had to do with."""

    def __init__(
        self,
        row: UserRow,
        rooms: dict[int, UserRoomRow],
        known: Mapping[int, CachedRoom],
        position: int,
    ) -> None:
        self.row = row
        self.rooms = rooms
        self.known = known  # the cache's rooms; holds every room of ``rooms``
        self.ignored = frozenset(row.ignored)
        self.direct = frozenset(row.direct)
        self.used = 0.0
        self.by_id: dict[str, int] = {known[key].row.room_id: key for key in rooms}
        self.listed: dict[int, ListedRoom] = {}
        self._floor = position
        self._touched_at: list[int] = []
        self._touched: list[int] = []
        self._indexes: dict[IndexKey, ListIndex] = {}
        self._spaces: list[CachedRoom] | None = None

    @property
    def user_id(self) -> UserID:
        return UserID(self.row.user_id)

    @property
    def direct_us(self) -> int:
        return self.row.direct_us

    # -- what changed ----------------------------------------------------------------

    def touch(self, position: int, room_key: int) -> None:
        """Something about the room may read differently since ``position``."""
        if self._touched and self._touched[-1] == room_key and self._touched_at[-1] == position:
            return
        self._touched_at.append(position)
        self._touched.append(room_key)
        self.listed.pop(room_key, None)
        if self.known[room_key].row.room_type == SPACE:
            self._spaces = None
        for index in self._indexes.values():
            index.dirty.add(room_key)
        if len(self._touched) > LOG_MOST:
            half = LOG_MOST // 2
            self._floor = self._touched_at[half - 1]
            del self._touched_at[:half], self._touched[:half]

    def touch_all(self, position: int) -> None:
        """Everything may read differently (the ignored users changed)."""
        self.listed.clear()
        self._indexes.clear()
        for room_key in self.rooms:
            self.touch(position, room_key)

    def touched_since(self, position: int) -> Iterable[int]:
        """The rooms touched after ``position``, in order of their last change."""
        if position < self._floor:
            return list(self.rooms)
        at = bisect_right(self._touched_at, position)
        newest_first = dict.fromkeys(reversed(self._touched[at:]))
        return list(reversed(newest_first))

    def moved_since(self, position: int) -> Iterable[int]:
        """The rooms that may have changed places after ``position``, the last one last.

        Those touched; of what happened before this worker knew the user, those that have
        changed themselves. All rooms would be too many: a client would be told of moves
        that have not happened whenever it comes to another worker.
        """
        if position >= self._floor:
            return self.touched_since(position)
        changed = {key: self.changed_at(key) for key in self.rooms}
        return sorted((key for key in changed if changed[key] > position), key=changed.__getitem__)

    def changed_at(self, room_key: int) -> int:
        """When something last changed that the user may know of: in an invite only itself."""
        view = self.rooms[room_key]
        return max(view.pos, self.known[room_key].row.pos) if _is_in(view) else view.pos

    def renewed_at(self, room_key: int) -> int:
        """When the room last became one that must be sent whole."""
        view = self.rooms[room_key]
        own = max(view.reset_pos, view.confirmed_pos)
        return max(own, self.known[room_key].row.reset_pos) if _is_in(view) else own

    # -- lists -----------------------------------------------------------------------

    def index(self, spec: ListSpec) -> ListIndex:
        """The rooms of a list in order, up to date."""
        key = (spec.filters, spec.sort, spec.bump_types)
        index = self._indexes.pop(key, None)
        if index is None:
            if len(self._indexes) >= INDEXES_MOST:
                del self._indexes[next(iter(self._indexes))]
            index = ListIndex(self, spec)
        else:
            index.update(self)
        self._indexes[key] = index
        return index

    def room(self, room_key: int) -> ListedRoom:
        """The room as this user's lists see it."""
        listed = self.listed.get(room_key)
        if listed is None:
            listed = ListedRoom(self, self.rooms[room_key], self.known[room_key])
            self.listed[room_key] = listed
        return listed

    def candidate(self, room_key: int) -> bool:
        """Whether the room can be in a list at all (L-1, L-2)."""
        view = self.rooms.get(room_key)
        if view is None:
            return False
        if view.membership == "invite":
            return True
        if view.membership != "join":
            return False
        row = self.known[room_key].row
        if not confirmed(view, row.gap_ord):
            return False
        if row.successor is None:
            return True
        replacement = self.rooms.get(self.by_id.get(row.successor, -1))
        return replacement is None or replacement.membership != "join"

    def may_see(self, room_key: int) -> bool:
        """Whether the user is joined to the room, behind its newest gap too (B-1, X-2)."""
        view = self.rooms[room_key]
        return view.membership == "join" and confirmed(view, self.known[room_key].row.gap_ord)

    def parents(self, room_id: str) -> frozenset[str]:
        """The spaces this user is joined to that have the room as a child (L-19, SP-2)."""
        return frozenset(s.row.room_id for s in self.spaces() if room_id in s.children)

    def spaces(self) -> list[CachedRoom]:
        """The spaces that the user is joined to."""
        if self._spaces is None:
            self._spaces = [
                self.known[key]
                for key, view in self.rooms.items()
                if view.membership == "join" and self.known[key].row.room_type == SPACE
            ]
        return self._spaces


def _is_in(view: UserRoomRow) -> bool:
    return view.membership == "join"


def confirmed(view: UserRoomRow, gap_ord: int | None) -> bool:
    """Whether the user is known to be in the room behind its newest gap."""
    return gap_ord is None or (view.confirmed_ord or 0) >= gap_ord
