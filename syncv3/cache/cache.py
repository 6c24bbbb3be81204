"""The worker's replica of the part of the database that it serves now, at one position.

*The stream moves it*: ``refresh`` reads everything after the cache's position in one
snapshot and applies it (``applying``); the position then is that snapshot's head.

Nothing is loaded before somebody asks for it (``fills``), and what nobody asked for lately is
dropped (``held``).

All that is held is as of ``position``: whoever reads without waiting in between (no ``await``) sees
one state of the database, as in a snapshot. That is why an answer can be computed as if by a pure
function. An example of what must not happen: at 7 Bob's leave, at 8 a message that he may not see.
Somebody who read the message as of 8 and the members as of 6 would show it to him.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence

import asyncpg

from syncv3.cache.applying import apply
from syncv3.cache.events import EventReader
from syncv3.cache.fills import Fills
from syncv3.cache.held import Held
from syncv3.cache.members import MemberList
from syncv3.cache.recent import RecentDeltas
from syncv3.cache.users import CachedUser
from syncv3.store.rows import ChangeRow
from syncv3.store.stream import Delta, changes_after, head, open_epoch
from syncv3.types import RoomID

log = logging.getLogger(__name__)

Woken = Callable[[set[int], Sequence[ChangeRow]], None]
"""Called after a refresh with the users whose rooms it touched and the extensions' changes."""


class Cache:
    """Rooms, users and devices that are served here, at ``position`` of ``epoch``."""

    def __init__(
        self, pool: asyncpg.Pool, on_unreadable: Callable[[], None] = lambda: None
    ) -> None:
        self.pool = pool
        self.listeners: list[Woken] = []
        self.events = EventReader(on_unreadable)
        self.position = 0
        self.epoch = 0
        self.held = Held()
        self.recent = RecentDeltas()
        self.rooms = self.held.rooms
        self.users = self.held.users
        self.transactions = self.held.transactions
        self.changes = self.held.changes
        self.spaces = self.held.spaces
        self._fills = Fills(self, self.held, self.events)
        self._refreshing = asyncio.Lock()

    # -- the stream ------------------------------------------------------------------

    async def start(self) -> None:
        """Takes the stream's head as the position; nothing is loaded."""
        self.position, self.epoch = await head(self.pool)
        self.changes.start(self.position)

    async def refresh(self) -> None:
        """Brings the cache to the stream's head."""
        async with self._refreshing:
            delta = await changes_after(self.pool, self.position)
            if delta.epoch == 0:  # the database has crashed, and nobody has written since
                await open_epoch(self.pool)
                delta = await changes_after(self.pool, self.position)
            self._take(delta)

    async def reach(self, position: int) -> None:
        """Refreshes until the cache is at ``position`` or the head, whichever is first."""
        if self.position < position:
            await self.refresh()

    def _take(self, delta: Delta) -> None:
        # A head behind the position: a standby has taken over that had not got everything.
        if delta.epoch != self.epoch or not delta.complete or delta.upto < self.position:
            self._start_anew(delta)
            return
        if delta.upto == self.position:
            return
        self.recent.note(delta)  # for what is being loaded just now
        try:
            touched = apply(self.held, delta, self.events)
        except Exception:  # half applied it would stay wrong, and fail again each time
            log.exception("A change of the stream could not be applied")
            self._start_anew(delta)
            return
        self.position = delta.upto
        self._tell(touched, delta.changes)

    def _start_anew(self, delta: Delta) -> None:
        """Too much to catch up with, or the database has lost positions: forget everything."""
        log.info("The cache starts anew at position %d of epoch %d", delta.upto, delta.epoch)
        everybody = set(self.users)
        self.held.start_anew(delta.upto)
        self.recent.forget()
        self.position, self.epoch = delta.upto, delta.epoch
        self._tell(everybody, delta.changes)

    def _tell(self, users: set[int], changes: Sequence[ChangeRow]) -> None:
        for listener in self.listeners:
            listener(users, changes)

    # -- what is held ----------------------------------------------------------------

    def users_in(self, room_key: int) -> Collection[int]:
        """The users held here who have to do with the room."""
        return self.held.users_in(room_key)

    def incomplete(self, room_key: int) -> RoomID | None:
        """The room's ID if its member list is partial; None if it is complete."""
        room = self.rooms.get(room_key)
        return None if room is None or room.row.members_complete else RoomID(room.row.room_id)

    def sweep(self, busy: Iterable[int], now: float) -> None:
        """Drops users that nobody waits for, and what only they held."""
        self.held.sweep(busy, now)

    # -- what is loaded: see ``Fills`` -------------------------------------------------

    async def user(self, user_key: int) -> CachedUser:
        """The user, loaded if need be."""
        return await self._fills.user(user_key)

    async def device(self, device_key: int) -> dict[int, str | None]:
        """The device's delivered own events: event key to transaction id or None."""
        return await self._fills.device(device_key)

    async def fill(
        self,
        *,
        timelines: Sequence[int] = (),
        states: Sequence[int] = (),
        members: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Loads what is missing of rooms that are held: timelines, states, members."""
        await self._fills.fill(timelines=timelines, states=states, members=members)

    async def list_members(self, key: int) -> MemberList | None:
        """All members of a room that are known; None if the cache started anew meanwhile."""
        return await self._fills.list_members(key)

    async def fill_spaces(self, keys: Iterable[int]) -> None:
        """Loads the children of spaces that are held, page by page."""
        await self._fills.fill_spaces(keys)
