"""Loads what somebody asks for and is not held: users, timelines, states, members, children.

*A fill meets the stream*: what is loaded was read in another snapshot, with head S. If S is
ahead of the cache, the cache is refreshed first; what came after S is applied from the recent
deltas before the fill is put in. So everything in the cache is as of one position, always.

An example: the cache is at 10, and Alice's rooms are loaded in a snapshot at 12. The cache is
brought to 12 at least; meanwhile it has come to 14. Of the deltas (10, 12] and (12, 14] the second
may have something of Alice's that the snapshot had not: it is added to what was loaded, and then
Alice is put in, as of 14. Without that, a change at 13 would be missing for as long as she is held:
the stream does not tell it again.

If the deltas do not reach back to the snapshot any more (too many have come, or the cache has
started anew), what was loaded is of no use, and is loaded again.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

import asyncpg

from syncv3.cache.applying import add_event, touch_children
from syncv3.cache.events import CachedEvent, EventReader
from syncv3.cache.held import TRANSACTIONS_KEPT, Held
from syncv3.cache.members import MemberList
from syncv3.cache.recent import RecentDeltas
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.users import CachedUser
from syncv3.store import loads
from syncv3.store.rows import EventRow
from syncv3.store.stream import Delta

TIMELINE_LOADED: Final = 50  # as many events as any dialect shows of a room

Put = Callable[[CachedRoom, list[CachedEvent]], None]
"""Puts what was loaded of a room into it."""


class Stream(Protocol):
    """What moves the cache; see ``Cache``."""

    pool: asyncpg.Pool
    position: int
    recent: RecentDeltas

    async def refresh(self) -> None: ...

    async def reach(self, position: int) -> None: ...


class Fills:
    """Loads into what is ``held``, and brings it to the position of the ``stream``."""

    def __init__(self, stream: Stream, held: Held, read: EventReader) -> None:
        self._stream = stream
        self._held = held
        self._read = read

    # -- users and devices -----------------------------------------------------------

    async def user(self, user_key: int) -> CachedUser:
        """The user, loaded if need be."""
        user = self._held.users.get(user_key)
        while user is None:
            with self._stream.recent.loading():
                loaded = await loads.load_user(self._stream.pool, user_key)
                await self._stream.reach(loaded.heads.newest)
                user = self._held.users.get(user_key) or self._put_user(loaded)
                if user is None:  # perhaps ahead of a database that has lost positions
                    await self._stream.refresh()
        user.used = time.monotonic()
        return user

    def _put_user(self, loaded: loads.LoadedUser) -> CachedUser | None:
        """Puts a loaded user in, as of the cache's position; None: it cannot be brought there."""
        later = self._after(loaded.heads.oldest)
        if later is None:
            return None
        row, rows, stays, filled = loaded.row, loaded.rooms, loaded.stays, loaded.filled
        for delta in later:
            rows.update((r.room_key, r) for r in delta.rooms)
            stays.update((v.room_key, v) for v in delta.user_rooms if v.user_key == row.user_key)
            filled.update((f.room_key, f) for f in delta.filled if f.user_key == row.user_key)
            row = next((u for u in delta.users if u.user_key == row.user_key), row)
        held, position = self._held, self._stream.position
        # A delta may name a room that the user came to know of after the snapshot, without its row.
        if not stays.keys() <= rows.keys() | held.rooms.keys():
            return None
        for key in stays:
            if key not in held.rooms:
                held.hold_room(rows[key], position)
            held.enter(key, row.user_key)
        user = CachedUser(row, stays, held.rooms, held.spaces, position, filled)
        held.users[row.user_key] = user
        return user

    async def device(self, device_key: int) -> dict[int, str | None]:
        """The device's delivered own events: event key to transaction id or None."""
        self._held.used[device_key] = time.monotonic()
        known = self._held.transactions.get(device_key)
        while known is None:
            with self._stream.recent.loading():
                top, loaded = await loads.load_transactions(
                    self._stream.pool, device_key, TRANSACTIONS_KEPT
                )
                await self._stream.reach(top)
                later = self._after(top)
                if later is None:
                    await self._stream.refresh()
                    continue
                for delta in later:
                    loaded.update(
                        (t.event_key, t.txn_id) for t in delta.txns if t.device_key == device_key
                    )
                known = self._held.transactions.setdefault(device_key, loaded)
        return known

    # -- what is missing of rooms ----------------------------------------------------

    async def fill(
        self,
        *,
        timelines: Sequence[int] = (),
        states: Sequence[int] = (),
        members: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Loads what is missing of rooms that are held: timelines, states, members."""
        wanted = list(members)
        pool = self._stream.pool
        with self._stream.recent.loading():
            if timelines:
                top, rows = await loads.load_timelines(pool, timelines, TIMELINE_LOADED)
                await self._put(top, rows, dict.fromkeys(timelines, put_timeline))
            if states:
                top, rows = await loads.load_states(pool, states)
                await self._put(top, rows, dict.fromkeys(states, put_state))
            if wanted:
                top, rows = await loads.load_members(pool, wanted)
                users: dict[int, list[str]] = {}
                for key, user_id in wanted:
                    users.setdefault(key, []).append(user_id)
                puts = {key: partial(put_members, user_ids) for key, user_ids in users.items()}
                await self._put(top, rows, puts)

    async def _put(self, top: int, rows: list[EventRow], puts: Mapping[int, Put]) -> None:
        """Puts what was read of some rooms into them, and what the stream brought since."""
        await self._stream.reach(top)
        later = self._after(top)
        if later is None:  # the cache started anew meanwhile, or the database lost positions
            await self._stream.refresh()
            return  # the plan is made again
        found: dict[int, list[CachedEvent]] = {}
        for row in rows:
            found.setdefault(row.room_key, []).extend(self._read([row]))
        reset = {row.room_key for delta in later for row in delta.rooms if row.reset_pos > top}
        for key, put in puts.items():
            room = self._held.rooms.get(key)
            if room is not None and key not in reset:
                put(room, found.get(key, []))
        for delta in later:
            for row in delta.events:
                if (row.pos or 0) > top:
                    add_event(self._held, row, self._read)

    async def list_members(self, key: int) -> MemberList | None:
        """All members of a room that are known; None if the cache started anew meanwhile."""
        room = self._held.rooms.get(key)
        if room is None:
            return None
        members = room.list_members()
        async for top, page in loads.load_all_members(self._stream.pool, key):
            await self._stream.reach(top)  # the list must not be behind what is put into it
            members.add(self._read(page))
        return members if self._held.rooms.get(key) is room else None

    # -- spaces ----------------------------------------------------------------------

    async def fill_spaces(self, keys: Iterable[int]) -> None:
        """Loads the children of spaces that are held, page by page."""
        for key in keys:
            with self._stream.recent.loading():
                heads, children = await loads.load_children(self._stream.pool, key)
                await self._stream.reach(heads.newest)
                later = self._after(heads.oldest)
                if later is None:  # as in ``_put``
                    await self._stream.refresh()
                elif key in self._held.rooms:
                    self._put_children(key, children, later)

    def _put_children(self, key: int, children: set[str], later: Sequence[Delta]) -> None:
        """Puts a space's children in, as of the cache's position."""
        for delta in later:
            for row in delta.children:
                if row.room_key == key:
                    (children.add if row.valid else children.discard)(row.child)
        self._held.spaces.put(key, children)
        for user_key in self._held.users_in(key):  # whose lists may have been made without them
            touch_children(self._held, self._held.users[user_key], key, self._stream.position)

    def _after(self, top: int) -> list[Delta] | None:
        """What came after a snapshot's head; None: it is not all at hand."""
        return self._stream.recent.between(top, self._stream.position)


def put_timeline(room: CachedRoom, events: list[CachedEvent]) -> None:
    """The room's newest events. If there are no more, all since its newest gap are there."""
    events.sort(key=lambda event: (event.ord or 0, event.event_key))
    whole = len(events) < TIMELINE_LOADED
    floor = (room.row.gap_ord or 0) if whole else (events[0].ord or 0)
    room.fill_timeline(events, floor)


def put_state(room: CachedRoom, events: list[CachedEvent]) -> None:
    """All state but members."""
    room.state = {(event.type, event.state_key or ""): event for event in events}


def put_members(user_ids: Iterable[str], room: CachedRoom, events: list[CachedEvent]) -> None:
    """The member events of users; who has none is known to have none."""
    by_user = {event.state_key: event for event in events}
    for user_id in user_ids:
        room.set_member(user_id, by_user.get(user_id))
