"""One user's rooms as one dialect sees them: what is said of them, and the sorted lists.

An answer repeats nothing of a room's name, avatar, counts and DM flag that has not changed for
its client (D-22, D-25). What each client was told last is not kept. It need not be: a client
that was told everything up to a position has the values which the room had there, and the cache
knows those of the recent past, as it keeps what it replaces (``CachedRoom.labels_at``). Where it
does not know them, because the client comes back after a long time or the service was restarted,
what may have changed is told once more.

An example: a room is called A, from position 7 on B, and from 12 on C. A client that was told all
up to 9 knows it as B, so it is told C. One that was told all up to 13 is told no name. For one that
comes from 3, when this process did not hold the room yet, the row's ``name_pos`` (12) says that the
name may have changed, and it is told C, though it may know it.

Everything here is made when it is asked for, and kept until the room is touched (``forget``): a
message in one of five thousand rooms makes one room, and one entry of each sorted list, anew.
"""

from collections.abc import Mapping
from typing import Final, Protocol
from weakref import WeakValueDictionary

from syncv3.cache.index import PIECE, ListIndex, Order
from syncv3.cache.listed import ListedRoom, Onlooker
from syncv3.cache.perspective import Perspective, RoomSummary
from syncv3.cache.rooms import CachedRoom, read_heroes
from syncv3.protocol.request import Filters, ListSpec, Sort
from syncv3.store.rows import UserRoomRow, UserRow

INDEXES_MOST: Final = 128
"""More than one request can have lists: it never drops an index that it still needs."""
OrderKey = tuple[tuple[Sort, ...], frozenset[str] | None]
IndexKey = tuple[Filters, OrderKey]
Direct = tuple[frozenset[str], int]
"""The IDs of the rooms that are DMs, and when the user's client said so, in microseconds."""


class User(Onlooker, Protocol):
    """The user whose rooms they are."""

    row: UserRow
    rooms: dict[int, UserRoomRow]

    @property
    def known(self) -> Mapping[int, CachedRoom]: ...

    def may_see(self, room_key: int) -> bool: ...

    def is_replaced(self, room_key: int) -> bool: ...

    def direct_at(self, position: int) -> Direct | None:
        """The DMs at an earlier position; None: not known."""


class SeenRooms:
    """Whatever changes is forgotten by ``forget`` and found anew when it is asked for."""

    def __init__(self, user: User, perspective: Perspective) -> None:
        self._user = user
        self._perspective = perspective
        self._listed: dict[int, ListedRoom] = {}
        self._indexes: dict[IndexKey, ListIndex] = {}  # the one used last is the last
        # Several lists that only filter otherwise share one: it lives as long as one of them.
        self._orders: WeakValueDictionary[OrderKey, Order] = WeakValueDictionary()

    @property
    def rooms(self) -> Mapping[int, UserRoomRow]:
        """All rooms that the user has or had to do with, by key."""
        return self._user.rooms

    def candidate(self, room_key: int) -> bool:
        """Whether the room can be in a list at all."""
        return self._perspective.candidate(self, room_key)

    def may_see(self, room_key: int) -> bool:
        """Whether the user is known to be joined to the room."""
        return self._user.may_see(room_key)

    def is_replaced(self, room_key: int) -> bool:
        """Whether the user is joined to the room that this one's tombstone names."""
        return self._user.is_replaced(room_key)

    def is_invited_by_ignored(self, room_key: int) -> bool:
        """Whether somebody sent the invite whom the user ignores."""
        invite = self.room(room_key).invite if self._user.ignored else None
        return invite is not None and invite.inviter in self._user.ignored

    def is_left_by_self(self, room_key: int) -> bool:
        """Whether it was the user who ended the membership."""
        return self.room(room_key).is_left_by_self

    def room(self, room_key: int) -> ListedRoom:
        """The room as this user's lists see it."""
        listed = self._listed.get(room_key)
        if listed is None:
            user = self._user
            stay, room = user.rooms[room_key], user.known[room_key]
            listed = self._listed[room_key] = ListedRoom(user, stay, room, self._perspective)
        return listed

    def forget(self, room_key: int) -> None:
        """The room may read differently, and belong elsewhere in the lists."""
        self._listed.pop(room_key, None)
        for order in self._orders.values():
            order.forget(room_key)
        self.look_again(room_key)

    def look_again(self, room_key: int) -> None:
        """The room may belong into other lists than before."""
        for index in self._indexes.values():
            index.dirty.add(room_key)

    # -- what was told before --------------------------------------------------------

    def told_at(self, room_key: int, position: int) -> RoomSummary:
        """What a client that was told all up to an earlier position knows of the room."""
        user = self._user
        room, direct = user.known[room_key], user.direct_at(position)
        is_dm = None if direct is None else self.room(room_key).is_direct(*direct)
        labels = room.labels_at(position)
        if labels is None:
            return RoomSummary(is_dm=is_dm)
        same = labels.heroes == room.row.heroes
        heroes = room.heroes if same else read_heroes(labels.heroes)
        return self._perspective.told(labels, heroes, user.user_id, is_dm=is_dm)

    def dm_changed(self, room_key: int, position: int) -> bool:
        """Whether it may have changed since an earlier position that the room is a DM."""
        if self._user.row.pos <= position:
            return False
        before = self._user.direct_at(position)
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
        index = self._indexes.pop(key, None)  # it is put back at the end: used last
        if index is None:
            if len(self._indexes) >= INDEXES_MOST:
                del self._indexes[next(iter(self._indexes))]
            order = self._orders.get(order_key)
            if order is None:
                order = self._orders[order_key] = Order(*order_key)
            index = ListIndex(self, spec.filters, order)
        self._indexes[key] = index
        return index
