"""What of the database is held in memory: the rooms, users and devices that are served here.

Nothing is held before somebody asks for it. A room is held for as long as a user is who has to
do with it, a user until nobody has waited for them for a while.
"""

from collections.abc import Collection, Iterable
from typing import Final

from syncv3.cache.changes import ChangeLog
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.spaces import Spaces
from syncv3.cache.users import CachedUser
from syncv3.store.rows import RoomRow

IDLE_S: Final = 600.0
TRANSACTIONS_KEPT: Final = 1000
"""A device's own newest events: an older one is not new to any connection."""


class Held:
    """See the module. ``in_room``, by room: the users held who have to do with it. ``by_id``
    has the rooms' keys. ``used``: when a device's transactions were last asked for."""

    def __init__(self) -> None:
        self.rooms: dict[int, CachedRoom] = {}
        self.users: dict[int, CachedUser] = {}
        self.transactions: dict[int, dict[int, str | None]] = {}
        self.changes = ChangeLog()
        self.spaces = Spaces()
        self.by_id: dict[str, int] = {}
        self.in_room: dict[int, set[int]] = {}
        self.used: dict[int, float] = {}

    def hold_room(self, row: RoomRow, since: int) -> CachedRoom:
        """A room that is held from now on."""
        room = self.rooms[row.room_key] = CachedRoom(row, since)
        self.by_id[row.room_id] = row.room_key
        return room

    def enter(self, room_key: int, user_key: int) -> None:
        """A user who is held has to do with a room."""
        self.in_room.setdefault(room_key, set()).add(user_key)

    def users_in(self, room_key: int) -> Collection[int]:
        """The users held here who have to do with the room."""
        return self.in_room.get(room_key, ())

    def start_anew(self, position: int) -> None:
        """Forgets everything; extensions' changes are known from the position on."""
        self.rooms.clear()
        self.spaces.clear()
        self.by_id.clear()
        self.users.clear()
        self.transactions.clear()
        self.changes.start(position)
        self.in_room.clear()

    def sweep(self, busy: Iterable[int], now: float) -> None:
        """Drops users that nobody waits for, and what only they held."""
        keep = set(busy)
        for user_key, user in list(self.users.items()):
            if user_key not in keep and now - user.used > IDLE_S:
                self.forget_user(user)
        for device_key, used in list(self.used.items()):
            if now - used > IDLE_S:
                self.transactions.pop(device_key, None)
                del self.used[device_key]
        for known in self.transactions.values():
            for event_key in list(known)[:-TRANSACTIONS_KEPT]:
                del known[event_key]
        # Rooms stay, as long as their users do: lists sort by their rows. What is large goes.
        for room in self.rooms.values():
            if now - room.used > IDLE_S:
                room.timeline = room.state = None
                room.members = {}

    def forget_user(self, user: CachedUser) -> None:
        """The user is not held any more; if somebody asks for them they are loaded anew."""
        if self.users.pop(user.row.user_key, None) is not None:
            for room_key in user.rooms:
                self._leave(room_key, user.row.user_key)

    def _leave(self, room_key: int, user_key: int) -> None:
        """A user of the room is not held any more; with the last of them the room goes."""
        users = self.in_room.get(room_key)
        if users is None:
            return
        users.discard(user_key)
        if not users:
            del self.in_room[room_key]
            room = self.rooms.pop(room_key, None)
            if room is not None:
                self.spaces.drop(room_key)
                del self.by_id[room.row.room_id]
