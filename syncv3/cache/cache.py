"""The worker's replica of the part of the database that it serves now, at one position.

*The stream moves it*: ``refresh`` reads everything after the cache's position in one
snapshot and applies it; the position then is that snapshot's head. Applying assigns, never
adds up, so doing it twice is harmless.

*A fill meets the stream*: what is loaded on demand was read in another snapshot, with head
S. If S is ahead of the cache, the cache is refreshed first; what came after S is applied
from the recent deltas before the fill is inserted. So everything in the cache is as of
one position, always.

Nothing is loaded before somebody asks for it, and what nobody asked for lately is dropped.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

import asyncpg

from syncv3.cache.changes import ChangeLog
from syncv3.cache.events import CachedEvent, EventReader
from syncv3.cache.members import MemberList
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.spaces import Spaces
from syncv3.cache.users import TOMBSTONE, CachedUser
from syncv3.store import loads
from syncv3.store.rows import ChangeRow, ChildRow, EventRow, RoomRow, UserRoomRow, UserRow
from syncv3.store.stream import Delta, changes_after, head, open_epoch
from syncv3.types import RoomID

log = logging.getLogger(__name__)

TIMELINE_LOADED: Final = 50
DELTAS_KEPT: Final = 256
IDLE_S: Final = 600.0
TRANSACTIONS_KEPT: Final = 1000
"""A device's own newest events: an older one is not new to any connection."""

Woken = Callable[[set[int], Sequence[ChangeRow]], None]
"""Called after a refresh with the users whose rooms it touched and the extensions' changes."""


class Cache:
    """Rooms, users and devices that are served here, at ``position`` of ``epoch``."""

    def __init__(
        self, pool: asyncpg.Pool, on_unreadable: Callable[[], None] = lambda: None
    ) -> None:
        self._pool = pool
        self.listeners: list[Woken] = []
        self.events = EventReader(on_unreadable)
        self.position = 0
        self.epoch = 0
        self.rooms: dict[int, CachedRoom] = {}
        self.users: dict[int, CachedUser] = {}
        self.transactions: dict[int, dict[int, str | None]] = {}
        self.changes = ChangeLog()
        self.spaces = Spaces()
        self._by_id: dict[str, int] = {}  # of the rooms held
        self._in_room: dict[int, set[int]] = {}
        self._used: dict[int, float] = {}  # when a device's transactions were last asked for
        self._deltas: deque[Delta] = deque(maxlen=DELTAS_KEPT)  # since a load under way began
        self._loads = 0
        self._refreshing = asyncio.Lock()

    # -- the stream ------------------------------------------------------------------

    async def start(self) -> None:
        """Takes the stream's head as the position; nothing is loaded."""
        self.position, self.epoch = await head(self._pool)
        self.changes.start(self.position)

    async def refresh(self) -> None:
        """Brings the cache to the stream's head."""
        async with self._refreshing:
            delta = await changes_after(self._pool, self.position)
            if delta.epoch == 0:  # the database has crashed, and nobody has written since
                await open_epoch(self._pool)
                delta = await changes_after(self._pool, self.position)
            self._take(delta)

    async def reach(self, position: int) -> None:
        """Refreshes until the cache is at ``position`` or the head, whichever is first."""
        if self.position < position:
            await self.refresh()

    def _take(self, delta: Delta) -> None:
        if delta.epoch != self.epoch or not delta.complete or delta.upto < self.position:
            self._start_anew(delta)
            return
        if delta.upto == self.position:
            return
        if self._loads:
            self._deltas.append(delta)
        try:
            touched = self._apply(delta)
        except Exception:  # half applied it would stay wrong, and fail again each time
            log.exception("A change of the stream could not be applied")
            self._start_anew(delta)
            return
        self.position = delta.upto
        self._tell(touched, delta.changes)

    def _tell(self, users: set[int], changes: Sequence[ChangeRow]) -> None:
        for listener in self.listeners:
            listener(users, changes)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """While something is loaded, what the stream brings is kept for it."""
        self._loads += 1
        try:
            yield
        finally:
            self._loads -= 1
            if not self._loads:
                self._deltas.clear()

    def _start_anew(self, delta: Delta) -> None:
        """Too much to catch up with, or the database has lost positions: forget everything."""
        log.info("The cache starts anew at position %d of epoch %d", delta.upto, delta.epoch)
        everybody = set(self.users)
        self.rooms.clear()
        self.spaces.clear()
        self._by_id.clear()
        self.users.clear()
        self.transactions.clear()
        self.changes.start(delta.upto)
        self._in_room.clear()
        self._deltas.clear()
        self.position, self.epoch = delta.upto, delta.epoch
        self._tell(everybody, delta.changes)

    def _apply(self, delta: Delta) -> set[int]:
        """Applies a delta; gives the users for whom something may read differently."""
        touched: set[int] = set()
        for room_row in delta.rooms:
            room = self.rooms.get(room_row.room_key)
            if room is not None:
                self._set_room(room, room_row, delta.upto, touched)
        for row in delta.events:
            room = self.rooms.get(row.room_key)
            if room is not None and not row.history:
                for event in self.events([row]):
                    room.add(event)
                if (row.type, row.state_key) == TOMBSTONE:
                    self._tombstoned(room)
        for user_row in delta.users:
            user = self.users.get(user_row.user_key)
            if user is not None:
                self._set_user(user, user_row, delta.upto)
                touched.add(user_row.user_key)
        rooms = {row.room_key: row for row in delta.rooms}
        for view in delta.user_rooms:
            user = self.users.get(view.user_key)
            if user is not None:
                self._set_view(user, view, rooms.get(view.room_key), delta.upto)
                touched.add(view.user_key)
        for txn in delta.txns:
            known = self.transactions.get(txn.device_key)
            if known is not None:
                known[txn.event_key] = txn.txn_id
        for child in delta.children:
            self._set_child(child, delta.upto)
        self.changes.note(delta.changes)
        for user_key in touched & self.users.keys():
            self.users[user_key].touch_replaced(delta.upto)
        return touched

    def _set_room(self, room: CachedRoom, row: RoomRow, upto: int, touched: set[int]) -> None:
        before = room.row
        room.replace_row(row, self.position, upto)
        reset = before.reset_pos != row.reset_pos  # perhaps to another tombstone
        for user_key in self._in_room.get(row.room_key, ()):
            user = self.users[user_key]
            if user.rooms[row.room_key].membership != "join":
                continue  # what happens in it must not show, not even that it does
            user.note_successor(row.room_key)
            if reset:
                user.replaced.changed(row.room_key, row.room_id)
            user.touch(upto, row.room_key)
            touched.add(user_key)

    def _set_child(self, row: ChildRow, upto: int) -> None:
        """A space names a room, or does no longer: it may move in the lists of who is in both."""
        child = self._by_id.get(row.child)
        if not self.spaces.change(row.room_key, row.child, valid=row.valid) or child is None:
            return
        here = self._in_room.get(row.room_key, set())
        for user_key in here & self._in_room.get(child, set()):
            self.users[user_key].touch(upto, child)

    def _tombstoned(self, room: CachedRoom) -> None:
        """The room has another tombstone, perhaps with the same replacement."""
        row = room.row
        for user_key in self._in_room.get(row.room_key, ()):
            user = self.users[user_key]
            if user.rooms[row.room_key].membership == "join":
                user.replaced.changed(row.room_key, row.room_id)

    def _set_user(self, user: CachedUser, row: UserRow, upto: int) -> None:
        moved = user.set_direct(row, self.position, upto)
        user.row = row
        for room_key in moved:
            user.touch(upto, room_key)
        if frozenset(row.ignored) != user.ignored:
            user.ignored = frozenset(row.ignored)
            user.touch_all(upto)

    def _set_view(
        self, user: CachedUser, view: UserRoomRow, row: RoomRow | None, upto: int
    ) -> None:
        key = view.room_key
        room = self.rooms.get(key)
        if room is None:
            if row is None:
                self._forget_user(user)  # loaded anew when it is next asked for
                return
            room = self._hold(row, upto)
        before = user.rooms.get(key)
        user.rooms[key] = view
        user.by_id[room.row.room_id] = key
        self._in_room.setdefault(key, set()).add(user.row.user_key)
        user.touch(upto, key)
        user.note_successor(key)
        was = before.membership if before is not None else "leave"
        if was != view.membership and "join" in (was, view.membership):
            user.replaced.changed(key, room.row.room_id)
            for child in self.spaces.children_among(key, user.by_id.keys()):
                user.touch(upto, user.by_id[child])  # a space brings or takes its children

    def _hold(self, row: RoomRow, since: int) -> CachedRoom:
        """A room that is held from now on."""
        room = self.rooms[row.room_key] = CachedRoom(row, since)
        self._by_id[row.room_id] = row.room_key
        return room

    def users_in(self, room_key: int) -> Collection[int]:
        """The users held here who have to do with the room."""
        return self._in_room.get(room_key, ())

    # -- fills -----------------------------------------------------------------------

    async def user(self, user_key: int) -> CachedUser:
        """The user, loaded if need be."""
        user = self.users.get(user_key)
        while user is None:
            with self._loading():
                loaded = await loads.load_user(self._pool, user_key)
                await self.reach(loaded.heads.newest)
                user = self.users.get(user_key) or self._insert_user(loaded)
                if user is None:  # perhaps ahead of a database that has lost positions
                    await self.refresh()
        user.used = time.monotonic()
        return user

    def _insert_user(self, loaded: loads.LoadedUser) -> CachedUser | None:
        later = self._after(loaded.heads.oldest)
        if later is None:
            return None
        row, rows, views = loaded.row, loaded.rooms, loaded.views
        for delta in later:
            rows.update((r.room_key, r) for r in delta.rooms)
            views.update((v.room_key, v) for v in delta.user_rooms if v.user_key == row.user_key)
            row = next((u for u in delta.users if u.user_key == row.user_key), row)
        if not views.keys() <= rows.keys() | self.rooms.keys():
            return None
        for key in views:
            if key not in self.rooms:
                self._hold(rows[key], self.position)
            self._in_room.setdefault(key, set()).add(row.user_key)
        user = CachedUser(row, views, self.rooms, self.spaces, self.position)
        self.users[row.user_key] = user
        return user

    async def fill(
        self,
        *,
        timelines: Sequence[int] = (),
        states: Sequence[int] = (),
        members: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Loads what is missing of rooms that are held: timelines, states, members."""
        wanted = list(members)
        with self._loading():
            if timelines:
                top, rows = await loads.load_timelines(self._pool, timelines, TIMELINE_LOADED)
                await self._insert(top, rows, partial(self._put_timelines, timelines))
            if states:
                top, rows = await loads.load_states(self._pool, states)
                await self._insert(top, rows, partial(self._put_states, states))
            if wanted:
                top, rows = await loads.load_members(self._pool, wanted)
                await self._insert(top, rows, partial(self._put_members, wanted))

    async def _insert(
        self,
        top: int,
        rows: list[EventRow],
        put: Callable[[dict[int, list[CachedEvent]]], None],
    ) -> None:
        await self.reach(top)
        later = self._after(top)
        if later is None:  # the cache started anew meanwhile, or the database lost positions
            await self.refresh()
            return  # the plan is made again
        grouped: dict[int, list[CachedEvent]] = {}
        for row in rows:
            grouped.setdefault(row.room_key, []).extend(self.events([row]))
        moved = {r.room_key for delta in later for r in delta.rooms if r.reset_pos > top}
        for key in moved:
            grouped.pop(key, None)
        self._moved = moved
        put(grouped)
        for delta in later:
            for row in delta.events:
                room = self.rooms.get(row.room_key)
                if room is not None and not row.history and (row.pos or 0) > top:
                    for event in self.events([row]):
                        room.add(event)

    _moved: frozenset[int] | set[int] = frozenset()

    def _put_timelines(self, keys: Sequence[int], found: dict[int, list[CachedEvent]]) -> None:
        for key in keys:
            room = self.rooms.get(key)
            if room is None or key in self._moved:
                continue
            events = found.get(key, [])
            events.sort(key=lambda event: (event.ord or 0, event.event_key))
            whole = len(events) < TIMELINE_LOADED
            floor = (room.row.gap_ord or 0) if whole else (events[0].ord or 0)
            room.fill_timeline(events, floor)

    def _put_states(self, keys: Sequence[int], found: dict[int, list[CachedEvent]]) -> None:
        for key in keys:
            room = self.rooms.get(key)
            if room is not None and key not in self._moved:
                room.state = {(e.type, e.state_key or ""): e for e in found.get(key, ())}

    def _put_members(
        self, wanted: Sequence[tuple[int, str]], found: dict[int, list[CachedEvent]]
    ) -> None:
        by_user = {(key, e.state_key): e for key, events in found.items() for e in events}
        for key, user_id in wanted:
            room = self.rooms.get(key)
            if room is not None and key not in self._moved:
                room.set_member(user_id, by_user.get((key, user_id)))

    async def list_members(self, key: int) -> MemberList | None:
        """All members of a room that are known; None if the cache started anew meanwhile."""
        room = self.rooms.get(key)
        if room is None:
            return None
        members = room.list_members()
        async for top, page in loads.load_all_members(self._pool, key):
            await self.reach(top)  # the list must not be behind what is put into it
            members.add(self.events(page))
        return members if self.rooms.get(key) is room else None

    async def fill_spaces(self, keys: Iterable[int]) -> None:
        """Loads the children of spaces that are held, page by page."""
        for key in keys:
            with self._loading():
                heads, children = await loads.load_children(self._pool, key)
                await self.reach(heads.newest)
                later = self._after(heads.oldest)
                if later is None:  # as in ``_insert``
                    await self.refresh()
                elif key in self.rooms:
                    self._put_children(key, children, later)

    def _put_children(self, key: int, children: set[str], later: Sequence[Delta]) -> None:
        for delta in later:
            for row in delta.children:
                if row.room_key == key:
                    (children.add if row.valid else children.discard)(row.child)
        self.spaces.put(key, children)
        for user_key in self._in_room.get(key, ()):
            user = self.users[user_key]  # whose lists may have been made without them
            for child in self.spaces.children_among(key, user.by_id.keys()):
                user.touch(self.position, user.by_id[child])

    async def device(self, device_key: int) -> dict[int, str | None]:
        """The device's delivered own events: event key to transaction id or None."""
        self._used[device_key] = time.monotonic()
        known = self.transactions.get(device_key)
        while known is None:
            with self._loading():
                top, loaded = await loads.load_transactions(
                    self._pool, device_key, TRANSACTIONS_KEPT
                )
                await self.reach(top)
                later = self._after(top)
                if later is None:
                    await self.refresh()
                    continue
                for delta in later:
                    loaded.update(
                        (t.event_key, t.txn_id) for t in delta.txns if t.device_key == device_key
                    )
                known = self.transactions.setdefault(device_key, loaded)
        return known

    def _after(self, top: int) -> list[Delta] | None:
        """The deltas behind a snapshot's head; None if they are not all at hand."""
        if top >= self.position:
            return []
        if not self._deltas or self._deltas[0].after > top:
            return None
        return [delta for delta in self._deltas if delta.upto > top]

    def incomplete(self, room_key: int) -> RoomID | None:
        """The room's ID if its member list is partial; None if it is complete."""
        room = self.rooms.get(room_key)
        return None if room is None or room.row.members_complete else RoomID(room.row.room_id)

    # -- upkeep ----------------------------------------------------------------------

    def sweep(self, busy: Iterable[int], now: float) -> None:
        """Drops users that nobody waits for, and what only they held."""
        keep = set(busy)
        for user_key, user in list(self.users.items()):
            if user_key not in keep and now - user.used > IDLE_S:
                self._forget_user(user)
        for device_key, used in list(self._used.items()):
            if now - used > IDLE_S:
                self.transactions.pop(device_key, None)
                del self._used[device_key]
        for known in self.transactions.values():
            for event_key in list(known)[:-TRANSACTIONS_KEPT]:
                del known[event_key]
        for room in self.rooms.values():
            if now - room.used > IDLE_S:
                room.timeline = room.state = None
                room.members = {}

    def _forget_user(self, user: CachedUser) -> None:
        if self.users.pop(user.row.user_key, None) is not None:
            for room_key in user.rooms:
                self._leave(room_key, user.row.user_key)

    def _leave(self, room_key: int, user_key: int) -> None:
        users = self._in_room.get(room_key)
        if users is None:
            return
        users.discard(user_key)
        if not users:
            del self._in_room[room_key]
            room = self.rooms.pop(room_key, None)
            if room is not None:
                self.spaces.drop(room_key)
                del self._by_id[room.row.room_id]
