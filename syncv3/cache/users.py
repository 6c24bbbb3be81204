"""One user in the cache: their rooms, what touched them lately, and their sorted lists."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final
from weakref import WeakValueDictionary

from syncv3.cache.index import PIECE, ListIndex, Order
from syncv3.cache.listed import ListedRoom
from syncv3.cache.replaced import Replaced
from syncv3.cache.rooms import CachedRoom, read_heroes
from syncv3.cache.spaces import Spaces
from syncv3.cache.told import Told, told
from syncv3.protocol.request import Filters, ListSpec, Sort
from syncv3.store.rows import UserRoomRow, UserRow
from syncv3.types import UserID

LOG_MOST: Final = 10_000
INDEXES_MOST: Final = 128
"""More than one request can have lists: it never drops an index that it still needs."""
DIRECT_KEPT: Final = 8
SPACE: Final = "m.space"
TOMBSTONE: Final = ("m.room.tombstone", "")
OrderKey = tuple[tuple[Sort, ...], frozenset[str] | None]
IndexKey = tuple[Filters, OrderKey]


class CachedUser:
    """A user who is served here. ``rooms`` has all rooms they have or had to do with."""

    def __init__(
        self,
        row: UserRow,
        rooms: dict[int, UserRoomRow],
        known: Mapping[int, CachedRoom],
        spaces: Spaces,
        position: int,
    ) -> None:
        self.row = row
        self.rooms = rooms
        self.known = known  # the cache's rooms; holds every room of ``rooms``
        self._spaces = spaces  # the cache's
        self.ignored = frozenset(row.ignored)
        self.direct = frozenset(row.direct)
        self.used = 0.0
        self.by_id: dict[str, int] = {known[key].row.room_id: key for key in rooms}
        self.listed: dict[int, ListedRoom] = {}
        self._floor = position
        self._touched_at: list[int] = []
        self._touched: list[int] = []
        self._indexes: dict[IndexKey, ListIndex] = {}
        self._orders: WeakValueDictionary[OrderKey, Order] = WeakValueDictionary()
        self._since = position
        self._direct: list[tuple[int, int, frozenset[str], int]] = []  # as CachedRoom._facts
        self.replaced = Replaced(self._joined)
        for key in rooms:
            self.note_successor(key)
        self.replaced.settle()

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
        for order in self._orders.values():
            order.forget(room_key)
        self._look_again(room_key)
        if len(self._touched) > LOG_MOST:
            half = LOG_MOST // 2
            self._floor = self._touched_at[half - 1]
            del self._touched_at[:half], self._touched[:half]

    def _look_again(self, room_key: int) -> None:
        for index in self._indexes.values():
            index.dirty.add(room_key)

    def touch_all(self, position: int) -> None:
        """Everything may read differently (the ignored users changed)."""
        self.listed.clear()
        self._indexes.clear()
        self._orders.clear()
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

    # -- what was told before --------------------------------------------------------

    def set_direct(self, row: UserRow, after: int, upto: int) -> Iterable[int]:
        """Takes over which rooms are DMs; gives the rooms of which it may have changed.

        The old ones hold for the positions up to ``after``, the new ones from ``upto`` on.
        """
        before, self.direct = self.direct, frozenset(row.direct)
        if before == self.direct and row.direct_us == self.direct_us:
            return ()
        self._direct.append((after, upto, before, self.direct_us))
        if len(self._direct) > DIRECT_KEPT:
            self._since = self._direct.pop(0)[1]
        moved = [self.by_id[room_id] for room_id in before ^ self.direct if room_id in self.by_id]
        invites = [key for key, view in self.rooms.items() if view.membership == "invite"]
        return dict.fromkeys((*moved, *invites))

    def told_at(self, room_key: int, position: int) -> Told:
        """What a client that was told all up to an earlier position knows of the room."""
        room, direct = self.known[room_key], self._direct_at(position)
        is_dm = None if direct is None else self.room(room_key).is_direct(*direct)
        facts = room.facts_at(position)
        if facts is None:
            return Told(is_dm=is_dm)
        same = facts.heroes == room.row.heroes
        heroes = room.heroes if same else read_heroes(facts.heroes)
        return told(facts, heroes, self.user_id, is_dm)

    def _direct_at(self, position: int) -> tuple[frozenset[str], int] | None:
        """The DMs at an earlier position, and when they were made; None: not known."""
        if self.row.pos <= position:
            return self.direct, self.direct_us
        direct: tuple[frozenset[str], int] | None = (self.direct, self.direct_us)
        for upto, until, rooms, made_us in reversed(self._direct):
            if position >= until:
                return direct
            direct = (rooms, made_us) if position <= upto else None
        return direct if position >= self._since else None

    def dm_changed(self, room_key: int, position: int) -> bool:
        """Whether it may have changed since an earlier position that the room is a DM."""
        if self.row.pos <= position:
            return False
        before = self._direct_at(position)
        room = self.room(room_key)
        return before is None or room.is_direct(*before) != room.is_dm

    # -- lists -----------------------------------------------------------------------

    def index(self, spec: ListSpec) -> ListIndex:
        """The rooms of a list in order, up to date."""
        index = self._index(spec)
        if not index.built:
            index.build(self)
        index.update(self)
        return index

    def build(self, spec: ListSpec) -> bool:
        """Does a piece of what ``index`` would have to do; whether all of it is done."""
        index = self._index(spec)
        if not index.built:
            index.build(self, PIECE)
        return index.built

    def _index(self, spec: ListSpec) -> ListIndex:
        order_key = (spec.sort, spec.bump_types)
        key = (spec.filters, order_key)
        index = self._indexes.pop(key, None)
        if index is None:
            if len(self._indexes) >= INDEXES_MOST:
                del self._indexes[next(iter(self._indexes))]
            order = self._orders.get(order_key)
            if order is None:
                order = self._orders[order_key] = Order(*order_key)
            index = ListIndex(self, spec.filters, order)
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
        """Whether the room can be in a list at all (L-1, L-2, U-17R)."""
        view = self.rooms.get(room_key)
        if view is None:
            return False
        if view.membership == "invite":
            return not self._invited_by_ignored(room_key)
        if view.membership != "join":
            return False
        if not confirmed(view, self.known[room_key].row.gap_ord):
            return False
        return not self.replaced.hides(room_key)

    def _joined(self, room_id: str) -> int | None:
        """The key of a room that the user is joined to."""
        key = self.by_id.get(room_id)
        return key if key is not None and self.rooms[key].membership == "join" else None

    def note_successor(self, room_key: int) -> None:
        """Takes over which room replaces a joined one; of others nothing must show (X-1)."""
        room, joined = self.known[room_key].row, self.rooms[room_key].membership == "join"
        self.replaced.note(room_key, room.room_id, room.successor if joined else None)

    def touch_replaced(self, position: int) -> None:
        """Touches the rooms that became replaced, or are replaced no longer."""
        for room_key in self.replaced.settle():
            self.touch(position, room_key)

    def decide_replaced(self) -> set[int]:
        """Decides which room of a circle of replaced ones stays in the lists.

        Gives the rooms whose state must be loaded before that can be told.
        """
        missing: set[int] = set()
        for circle in self.replaced.undecided():
            unknown = {key for key in circle.rooms if self.known[key].state is None}
            missing |= unknown
            if not unknown:
                circle.kept = max(circle.rooms, key=self._tombstoned)
                for room_key in circle.rooms:
                    self._look_again(room_key)
        return missing

    def _tombstoned(self, room_key: int) -> tuple[int, str]:
        """When the room's tombstone was sent, as its sender says, and the room's ID."""
        room = self.known[room_key]
        tombstone = (room.state or {}).get(TOMBSTONE)
        return (tombstone.timestamp if tombstone is not None else 0), room.row.room_id

    def _invited_by_ignored(self, room_key: int) -> bool:
        """Whether somebody sent the invite whom the user ignores: some homeservers pass it on."""
        invite = self.room(room_key).invite if self.ignored else None
        return invite is not None and invite.inviter in self.ignored

    def may_see(self, room_key: int) -> bool:
        """Whether the user is joined to the room, behind its newest gap too (B-1, X-2)."""
        view = self.rooms[room_key]
        return view.membership == "join" and confirmed(view, self.known[room_key].row.gap_ord)

    def parents(self, room_id: str) -> frozenset[str]:
        """The spaces this user is joined to that have the room as a child (L-19, SP-2)."""
        spaces = self._spaces.parents(room_id)
        return frozenset(self.known[key].row.room_id for key in spaces if self._is_space(key))

    def spaces_to_load(self, room_ids: Iterable[str]) -> set[int]:
        """Those of some spaces that count for this user, but whose children are not known."""
        keys = (self.by_id.get(room_id, -1) for room_id in room_ids)
        return {key for key in keys if self._is_space(key) and not self._spaces.holds(key)}

    def _is_space(self, room_key: int) -> bool:
        """Whether this is a space that the user is joined to."""
        view = self.rooms.get(room_key)
        return view is not None and _is_in(view) and self.known[room_key].row.room_type == SPACE


def _is_in(view: UserRoomRow) -> bool:
    return view.membership == "join"


def confirmed(view: UserRoomRow, gap_ord: int | None) -> bool:
    """Whether the user is known to be in the room behind its newest gap."""
    return gap_ord is None or (view.confirmed_ord or 0) >= gap_ord
