"""What a delta of the stream does to what is held. No I/O.

A delta has, of each table, the rows that have changed after the cache's position (``Delta``).
Applying assigns, never adds up, so doing it twice is harmless. A change in a room is passed
on to the users in it; of what happens in a room that a user is not joined to, nothing must
show, not even that it does (X-1).

An example: the cache is at 5, and holds Alice, Bob and room R, in which both are. The delta up to 9
has R's row with one more joined member, Carol's join in R's timeline, and Bob's row of his relation
to R, with an unread count. R's row comes first: it tells whether what is held of R still holds. If
a gap had opened, R's timeline would be dropped before the join is added to it. Then the join is
added to the timeline and to the members. R has moved in the lists of Alice and of Bob, so R is
*touched* for both, at 9: whoever comes back from an earlier position is told of R. Bob's row is
taken over last, and touches R for him alone.

What is said of a room may also change because of another room: one that replaces it (L-2), or a
space that names it. That is passed on here, too.
"""

from syncv3.cache.events import EventReader
from syncv3.cache.held import Held
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.users import TOMBSTONE, CachedUser
from syncv3.store.rows import ChildRow, EventRow, RoomRow, UserRoomRow, UserRow
from syncv3.store.stream import Delta


def apply(held: Held, delta: Delta, read: EventReader) -> set[int]:
    """Applies a delta to what is held as of its ``after``; gives the users for whom something
    may read differently."""
    touched: set[int] = set()
    for room_row in delta.rooms:  # before events, which are added to what the row lets stand
        room = held.rooms.get(room_row.room_key)
        if room is not None:
            touched |= _set_room(held, room, room_row, delta)
    for row in delta.events:
        if add_event(held, row, read) and (row.type, row.state_key) == TOMBSTONE:
            _tombstoned(held, held.rooms[row.room_key])
    for user_row in delta.users:
        user = held.users.get(user_row.user_key)
        if user is not None:
            _set_user(user, user_row, delta)
            touched.add(user_row.user_key)
    rooms = {row.room_key: row for row in delta.rooms}
    for stay in delta.user_rooms:
        user = held.users.get(stay.user_key)
        if user is not None:
            _set_stay(held, user, stay, rooms.get(stay.room_key), delta.upto)
            touched.add(stay.user_key)
    for filled in delta.filled:
        user = held.users.get(filled.user_key)
        if user is not None:
            user.fill(filled)
            touched.add(filled.user_key)
    for txn in delta.txns:
        known = held.transactions.get(txn.device_key)
        if known is not None:
            known[txn.event_key] = txn.txn_id
    for child in delta.children:
        _set_child(held, child, delta.upto)
    held.changes.note(delta.changes)
    # Last, as the memberships and tombstones that decide it must be those of the delta.
    for user_key in touched & held.users.keys():
        held.users[user_key].touch_replaced(delta.upto)
    return touched


def add_event(held: Held, row: EventRow, read: EventReader) -> bool:
    """Adds an event to its room; whether the room is held, and it is not only history."""
    room = held.rooms.get(row.room_key)
    if room is None or row.history:
        return False
    for event in read([row]):
        room.add(event)
    return True


def _set_room(held: Held, room: CachedRoom, row: RoomRow, delta: Delta) -> set[int]:
    """Gives the users for whom the room may read differently."""
    touched = set()
    before = room.row
    room.replace_row(row, delta.after, delta.upto)
    reset = before.reset_pos != row.reset_pos  # perhaps to another tombstone
    for user in _joined(held, row.room_key):
        user.note_successor(row.room_key)
        if reset:
            user.replaced.changed(row.room_key, row.room_id)
        user.touch(delta.upto, row.room_key)
        touched.add(user.row.user_key)
    return touched


def _tombstoned(held: Held, room: CachedRoom) -> None:
    """The room has another tombstone, perhaps with the same replacement."""
    for user in _joined(held, room.row.room_key):
        user.replaced.changed(room.row.room_key, room.row.room_id)


def _joined(held: Held, room_key: int) -> list[CachedUser]:
    """The users held who are joined to a room. Others who have to do with it, as by an invite, hear
    nothing of what happens in it."""
    users = (held.users[user_key] for user_key in held.users_in(room_key))
    return [user for user in users if user.rooms[room_key].membership == "join"]


def _set_child(held: Held, row: ChildRow, upto: int) -> None:
    """A space names a room, or does no longer: it may move in the lists of who is in both."""
    child = held.by_id.get(row.child)
    if not held.spaces.change(row.room_key, row.child, valid=row.valid) or child is None:
        return
    here = held.in_room.get(row.room_key, set())
    for user_key in here & held.in_room.get(child, set()):
        held.users[user_key].touch(upto, child)


def _set_user(user: CachedUser, row: UserRow, delta: Delta) -> None:
    """Another ``m.direct`` moves the rooms it names; other ignored users may concern any room."""
    moved = user.set_direct(row, delta.after, delta.upto)
    user.row = row
    for room_key in moved:
        user.touch(delta.upto, room_key)
    if frozenset(row.ignored) != user.ignored:
        user.ignored = frozenset(row.ignored)
        user.touch_all(delta.upto)


def _set_stay(
    held: Held, user: CachedUser, stay: UserRoomRow, row: RoomRow | None, upto: int
) -> None:
    """Takes over a user's relation to a room. ``row``: the room, if it is in the same delta.

    A room that is neither held nor in the delta cannot be made up here: the user is forgotten, and
    loaded whole when somebody asks.
    """
    key = stay.room_key
    room = held.rooms.get(key)
    if room is None:
        if row is None:
            held.forget_user(user)
            return
        room = held.hold_room(row, upto)
    before = user.rooms.get(key)
    user.rooms[key] = stay
    user.by_id[room.row.room_id] = key
    held.enter(key, user.row.user_key)
    user.touch(upto, key)
    user.note_successor(key)
    was = before.membership if before is not None else "leave"
    if was != stay.membership and "join" in (was, stay.membership):
        user.replaced.changed(key, room.row.room_id)
        touch_children(held, user, key, upto)  # a space brings or takes its children


def touch_children(held: Held, user: CachedUser, space: int, position: int) -> None:
    """The children of a space may move in the user's lists."""
    for child in held.spaces.children_among(space, user.by_id.keys()):
        user.touch(position, user.by_id[child])
