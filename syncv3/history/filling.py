"""Fills the history of one room for one user: asks the homeserver, and stores what it says.

Each round looks at what is stored (``load_stretch``), decides what is missing (``asking``), asks
for a page, decides what of it is used (``chunk``), and writes that (``planning``), until the room
is as deep as wanted. Seconds pass while the homeserver answers, so what was decided before is
checked again when the page is written: the user may have left, or a gap may have opened.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import asyncpg

from syncv3.errors import HomeserverError
from syncv3.history.asking import MessagesRequest, next_ask
from syncv3.history.chunk import Page
from syncv3.history.planning import Planned, plan_page
from syncv3.history.queue import WantedHistory
from syncv3.ingest.group import Group
from syncv3.ingest.planning.planning import KeySources
from syncv3.store.history import load_redactions, load_stretch
from syncv3.store.knowledge import Knowledge, Wants
from syncv3.types import DeviceKey, RoomID, UserID

PAGES_MOST: Final = 3
"""Pages that are fetched for one entry. A page is nearly always enough; the rest is for pages of
which the homeserver shows the user nothing."""
PAGE_S: Final = 60.0
"""How long one page may take. Homeservers ask others for what they lack, for 20 s and more."""
TRIES: Final = 5
"""How often a page is planned anew because others have written the room meanwhile."""


class Homeserver(Protocol):
    """Where history comes from: the homeserver."""

    async def messages(
        self, token: str, room_id: RoomID, *, start: str | None, limit: int
    ) -> Page: ...


class Tokens(Protocol):
    async def tokens_of(self, device_key: DeviceKey) -> list[str]: ...


class Writer(Protocol):
    """Writes groups that belong to no batch; see ``syncv3.ingest.group_writer``."""

    @property
    def pool(self) -> asyncpg.Pool: ...

    @property
    def keys(self) -> KeySources: ...

    async def look_up(self, db: asyncpg.Connection, want: Wants, events: int = 0) -> Knowledge: ...

    async def write(
        self, db: asyncpg.Connection, group: Group, *, tell: bool = True
    ) -> int | None: ...


OnStrangers = Callable[[DeviceKey, RoomID, Sequence[UserID], int], None]
"""Told of senders without member event, and of a time before which they wrote."""


class Filler:
    """Fills rooms, one call each. Senders of whom there is no member event are asked about by
    others: ``on_strangers`` is told of them."""

    def __init__(
        self,
        source: Homeserver,
        tokens: Tokens,
        writer: Writer,
        on_strangers: OnStrangers = lambda device, room, senders, before_ms: None,
    ) -> None:
        self._source = source
        self._tokens = tokens
        self._writer = writer
        self._on_strangers = on_strangers

    async def fill(self, entry: WantedHistory) -> int:
        """Fetches until the room is as deep as wanted; how many events were stored.

        Raises ``HomeserverError``, ``UnknownToken``, ``TimeoutError``, and what the database
        raises. What was stored before stays.
        """
        stored = 0
        user_id = entry.device.user_id
        for _ in range(PAGES_MOST):
            stretch = await load_stretch(self._writer.pool, entry.device.user_key, entry.room_key)
            ask = next_ask(stretch, user_id, entry.depth) if stretch is not None else None
            if stretch is None or ask is None:
                break
            room_id = RoomID(stretch.room.room_id)
            page = await self._fetch(entry.device.device_key, room_id, ask)
            planned = await self._store(room_id, user_id, ask, page)
            stored += len(planned.chunk.events) if planned.chunk is not None else 0
            if planned.strangers:
                device_key = entry.device.device_key
                self._on_strangers(device_key, room_id, planned.strangers, ask.before_ms)
        return stored

    async def _fetch(self, device_key: DeviceKey, room_id: RoomID, ask: MessagesRequest) -> Page:
        tokens = await self._tokens.tokens_of(device_key)
        if not tokens:
            raise HomeserverError("nobody's token can be used")
        async with asyncio.timeout(PAGE_S):
            return await self._source.messages(tokens[0], room_id, start=ask.start, limit=ask.limit)

    async def _store(
        self, room_id: RoomID, user_id: UserID, ask: MessagesRequest, page: Page
    ) -> Planned:
        """Stores what is used of a page, and gives that; nothing if others write the room all the
        time: it is asked for again when it is wanted again."""
        for _ in range(TRIES):
            async with self._writer.pool.acquire() as db:
                planned = await self._plan(db, room_id, user_id, ask, page)
                if planned is None or await self._writer.write(db, planned.group) is None:
                    continue
            return planned
        return Planned(Group())

    async def _plan(
        self,
        db: asyncpg.Connection,
        room_id: RoomID,
        user_id: UserID,
        ask: MessagesRequest,
        page: Page,
    ) -> Planned | None:
        """The rows for a page; None if the room was written while it was looked up.

        Redactions that came since the page was asked for are looked up first. The version of the
        room says that none has come between the two looks.
        """
        ids = {event.event_id for event in page.events}
        version, redactions = await load_redactions(db, room_id, ask.head, ids)
        want = Wants({room_id}, ids, user_rooms={(user_id, room_id)})
        want.senders.update((room_id, event.sender) for event in page.events if event.sender)
        known = await self._writer.look_up(db, want, len(ids))
        row = known.rooms.get(room_id)
        if row is None or row.version != version:
            return None
        keys = self._writer.keys
        return plan_page(room_id, user_id, ask, page, redactions, known, keys)
