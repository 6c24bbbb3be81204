"""Older messages in a story: they are asked for at one time and stored at another.

In between anything may happen: the user is kicked, a gap opens, the worker is killed, another
one stores the same. What a fill writes is compared with what it may write.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from msgspec import Raw

from syncv3.batch import Hole
from syncv3.errors import HomeserverError
from syncv3.history.filling import Filler
from syncv3.history.queue import WantedHistory
from syncv3.ingest.members import settled
from syncv3.types import DeviceKey, Event, RoomID, UserID
from syncv3.untrusted import in_breaths
from syncv3.upstream.events import decode_event, decode_events
from tests.simulation.polls import Polls
from tests.simulation.processes import Processes
from tests.simulation.reader import Violation
from tests.support.world import World

MEMBER: Final = "m.room.member"
UNTOUCHED: Final = """
SELECT md5(concat(
    (SELECT string_agg((to_jsonb(r) - 'version')::text, ',' ORDER BY room_key) FROM ss_rooms r),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM ss_room_state t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM ss_user_rooms t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM ss_gaps t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM ss_events t
        WHERE ord IS NOT NULL OR NOT history)))
"""
"""All that syncs have told: a fill leaves it as it is."""


class Page(NamedTuple):
    events: tuple[Event, ...]
    end: str | None
    holes: tuple[Hole, ...] = ()


@dataclass(eq=False)
class Fill:
    """One room of a user while it is filled, by the worker of this number.

    ``asked`` is set when the homeserver has answered; ``go_on`` lets the answer arrive.
    """

    worker: int
    entry: WantedHistory
    task: "asyncio.Task[int] | None" = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    strangers: list[tuple[RoomID, UserID, int]] = field(default_factory=list)


class Histories:
    """All fills that are wanted and under way."""

    def __init__(self, world: World, processes: Processes, polls: Polls) -> None:
        self.world = world
        self.processes = processes
        self.polls = polls
        self.fills: list[Fill] = []
        self.stored = 0
        self.limit = 100

    def wanted(self) -> list[tuple[int, WantedHistory]]:
        """What answers have left to be fetched, by worker; each may be fetched any number of
        times."""
        return [
            (number, WantedHistory(device, key, *want))
            for number, worker in enumerate(self.processes.workers)
            for (device, key), want in worker.everybody.wanted.items()
        ]

    async def do_ask_history(self, which: int, pages: int, *_: int) -> bool:
        """The homeserver is asked, and answers. The answer arrives later."""
        wanted = self.wanted()
        if not wanted:
            return False
        number, entry = wanted[which % len(wanted)]
        self.limit = (2, 5, 100)[pages % 3]
        await self.begin(Fill(number, entry))
        return True

    async def begin(self, fill: Fill) -> None:
        source = _Source(self, fill)
        writer = self.processes.worker(fill.worker).committer.writer
        filler = Filler(source, source, writer, source.meet)
        fill.task = asyncio.create_task(filler.fill(fill.entry))
        asked = asyncio.create_task(fill.asked.wait())
        await asyncio.wait({fill.task, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not fill.task.done():
            self.fills.append(fill)

    async def do_store_history(self, which: int, *_: int) -> bool:
        """An answer arrives, and is stored."""
        if not self.fills:
            return False
        await self.end(self.fills.pop(which % len(self.fills)))
        return True

    async def end(self, fill: Fill) -> None:
        assert fill.task is not None
        pool = self.processes.pool
        before = await pool.fetchval(UNTOUCHED)
        fill.go_on.set()
        with suppress(HomeserverError):  # the user has left meanwhile
            self.stored += await fill.task
        if await pool.fetchval(UNTOUCHED) != before:
            raise Violation("a fill has changed what only syncs may change")
        for room_id, user_id, before_ms in fill.strangers:
            await self.recall(fill.worker, room_id, user_id, before_ms)

    async def recall(self, worker: int, room_id: RoomID, user_id: UserID, before_ms: int) -> None:
        """What the homeserver tells of somebody as they are now."""
        room = self.world.rooms[room_id]
        stored = room.entry_at(self.world.position, (MEMBER, user_id))
        if stored is None:
            return
        event = decode_event(json.dumps(room.shown(stored, self.world.position)).encode())
        if found := settled([event], before_ms):
            await self.processes.worker(worker).learning.learn_senders(room_id, found)

    def forget(self, number: int) -> None:
        """A worker has ended: what it was about to store is lost."""
        for fill in [each for each in self.fills if each.worker == number]:
            assert fill.task is not None
            fill.task.cancel()
            self.fills.remove(fill)

    async def close(self) -> None:
        tasks = [fill.task for fill in self.fills if fill.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def fill_all(self) -> None:
        """Everything that is wanted is fetched and stored."""
        while self.fills:
            await self.do_store_history(0)
        self.limit = 100
        for number, entry in self.wanted():
            fill = Fill(number, entry)
            await self.begin(fill)
            if fill in self.fills:
                self.fills.remove(fill)
                await self.end(fill)
        for worker in self.processes.workers:
            worker.everybody.wanted.clear()
            await worker.cache.refresh()


class _Source:
    """The homeserver as one fill asks it."""

    def __init__(self, histories: Histories, fill: Fill) -> None:
        self.histories = histories
        self.fill = fill

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        return ["token"]

    def meet(
        self, device_key: DeviceKey, room_id: RoomID, senders: Sequence[UserID], before_ms: int
    ) -> None:
        self.fill.strangers += [(room_id, user_id, before_ms) for user_id in senders]

    async def messages(self, token: str, room_id: RoomID, *, start: str | None, limit: int) -> Page:
        """What the homeserver shows the user at the moment. It arrives when the story says so."""
        page = await self._page(room_id, start or "", min(limit, self.histories.limit))
        self.histories.polls.filled.add(room_id)
        self.fill.asked.set()
        await self.fill.go_on.wait()
        return page

    async def _page(self, room_id: RoomID, start: str, limit: int) -> Page:
        world = self.histories.world
        room, user_id = world.rooms[room_id], self.fill.entry.device.user_id
        upto = world.position
        if room.membership(user_id, upto) != "join":
            raise HomeserverError("messages: 403", status=403)
        visible = [
            stored
            for stored in room.timeline
            if stored.position <= min(int(start[1:]), upto) and room.visible(stored, user_id, upto)
        ]
        given = visible[::-1][:limit]
        shown = [Raw(json.dumps(room.shown(stored, upto)).encode()) for stored in given]
        events = (await in_breaths(decode_events(shown))).events
        end = f"t{given[-1].position - 1}" if len(visible) > len(given) else None
        return Page(events, end)
