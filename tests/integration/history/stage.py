"""A room whose events are at the homeserver, and workers that have only some of them.

The homeserver's token ``t5`` is the place before the event number 5. What it shows to whom is
what ``hidden`` leaves. Users are asked about with their tokens, which are their names.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

from syncv3.batch import Hole, JoinedRoom
from syncv3.history.filling import Filler
from syncv3.history.queue import WantedHistory
from syncv3.protocol.response import SyncResponse
from syncv3.types import Device, DeviceKey, Event, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    ROOM,
    World,
    chunk,
    founding,
    told,
)


class Page(NamedTuple):
    events: tuple[Event, ...]
    end: str | None
    holes: tuple[Hole, ...] = ()


class Asked(NamedTuple):
    who: str
    start: str
    limit: int


@dataclass
class Home:
    """The room as the homeserver has it, oldest first. ``meanwhile`` is called while it answers;
    ``twist`` changes an answer."""

    events: list[Event] = field(default_factory=list)
    hidden: dict[UserID, set[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    tokens: dict[int, str] = field(default_factory=dict)
    meanwhile: Callable[[], Any] | None = None
    twist: Callable[[Page], Page] = lambda page: page

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        return [self.tokens[device_key]]

    def place(self, token: str) -> int:
        """How many events are before a token: those of syncs were made at the end."""
        return int(token[1:]) if token[0] == "t" else len(self.events)

    async def messages(self, token: str, room_id: RoomID, *, start: str | None, limit: int) -> Page:
        assert start is not None
        self.asked.append(Asked(token, start, limit))
        hidden = self.hidden.get(UserID(token), set())
        older = [
            (number, event)
            for number, event in enumerate(self.events[: self.place(start)])
            if event.event_id[1:] not in hidden
        ]
        given = older[::-1][:limit]
        end = f"t{given[-1][0]}" if len(older) > len(given) else None
        page = self.twist(Page(tuple(event for _, event in given), end))
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            await act()
        return page


@dataclass
class Stage:
    """``world`` is a worker, and ``others`` are further ones on the same database."""

    url: str
    world: World
    home: Home
    others: list[World] = field(default_factory=list)

    @classmethod
    async def start(cls, url: str) -> Self:
        return cls(url, await World.start(url), Home())

    async def stop(self) -> None:
        for world in (self.world, *self.others):
            await world.stop()

    async def another(self) -> World:
        world = await World.start(self.url)
        self.others.append(world)
        return world

    def chunk(self, first: int, upto: int | None = None, **more: Any) -> JoinedRoom:
        """What a sync tells of these events of the room, with the token from before them."""
        events = self.home.events[first:upto]
        room = chunk(*events, limited=True, **more)
        return replace(room, prev_batch=f"t{first}")

    async def open(self, events: Sequence[Event], first: int, *users: UserID, at: int = 10) -> None:
        """A room with these events, of which the users' syncs bring those from ``first`` on."""
        self.home.events = list(events)
        users = users or (ALICE,)
        for number, user in enumerate(users):
            await self.world.poll(user, at + number, self.chunk(first, state=founding(*users)))

    async def sync(
        self,
        user: UserID = ALICE,
        pos: str | None = None,
        *,
        limit: int = 20,
        world: World | None = None,
        subscribe: bool = False,
    ) -> SyncResponse:
        """What a client is told that asks for so many events of each room."""
        body: dict[str, Any] = {"lists": {"all": {**ALL_ROOMS["lists"]["all"],
                                                  "timeline_limit": limit}}}  # fmt: skip
        if subscribe:
            subscription = {"timeline_limit": limit, "required_state": []}
            body = {"room_subscriptions": {ROOM: subscription}}
        return await (world or self.world).sync(user, pos, body)

    async def told(self, user: UserID = ALICE, **more: Any) -> list[str]:
        """The events of the room that a new connection is told."""
        return told(await self.sync(user, **more))

    def wanted(self, world: World | None = None) -> list[WantedHistory]:
        """The entries that were wanted since the last time."""
        everybody = (world or self.world).everybody
        found = [
            WantedHistory(device, key, *want) for (device, key), want in everybody.wanted.items()
        ]
        everybody.wanted.clear()
        return found

    async def fill(
        self, world: World | None = None, entries: Iterable[WantedHistory] | None = None
    ) -> int:
        """Fetches what is wanted; how many events were stored."""
        on = world or self.world
        wanted = list(entries) if entries is not None else self.wanted(on)
        for entry in wanted:
            self.home.tokens[entry.device.device_key] = entry.device.user_id
        filler = Filler(self.home, self.home, on.committer.writer)
        stored = await asyncio.gather(*(filler.fill(entry) for entry in wanted))
        await on.cache.refresh()
        return sum(stored)

    async def filled(self, user: UserID = ALICE, **more: Any) -> list[str]:
        """What a new connection is told when the history that it wants has come."""
        await self.sync(user, **more)
        await self.fill()
        return await self.told(user, **more)

    async def stored(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table, in order."""
        rows = await self.world.pool.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")
        return [tuple(row) for row in rows]

    async def entry(self, user: UserID = ALICE, depth: int = 20) -> WantedHistory:
        """An entry for the room, as if it had been wanted."""
        device: Device = await self.world.device(user)
        key = await self.world.pool.fetchval("SELECT room_key FROM ss_rooms")
        return WantedHistory(device, key, depth, False)
