"""Loads what turned out missing while an answer was made.

What others will want, too, goes into the cache and follows the stream from then on: timelines,
states, single members, the children of spaces. What only this answer needs goes into its
``Loaded``, and is forgotten with it: old events, whole member lists, the state at the end of a
membership. Most of it was read at some position, the ``top``, and is used only as long as its room
has not changed since.
"""

from collections.abc import Sequence
from typing import Protocol

import asyncpg

from syncv3.cache.cache import Cache
from syncv3.cache.events import CachedEvent
from syncv3.engine.ended import ENDED_MOST
from syncv3.engine.past import read_past
from syncv3.engine.sources import Frozen, Loaded, Missing
from syncv3.engine.timeline import LIVE_MOST, LOOK_BACK
from syncv3.store import loads, room_state
from syncv3.store.room_state import End, Valued
from syncv3.store.rows import HistoryRow


class Members(Protocol):
    """Completes the member lists of rooms, for requests that ask for all members."""

    async def complete(self, rooms: Sequence[int]) -> None: ...


class Loader:
    """Puts what is kept into the cache, and what only one answer needs into its ``Loaded``."""

    def __init__(self, pool: asyncpg.Pool, cache: Cache, members: Members) -> None:
        self._pool = pool
        self._cache = cache
        self._members = members

    async def load(self, missing: Missing, loaded: Loaded) -> None:
        """One query for each kind, however many rooms lack it."""
        if missing.all_members:
            await self._load_members(sorted(missing.all_members), loaded)
        if missing.live:
            await self._load_live(sorted(missing.live), loaded)
        if missing.older:
            await self._load_older(sorted(missing.older), loaded)
        if missing.pasts:
            await self._load_pasts(sorted(missing.pasts), loaded)
        if missing.gaps:
            lacking = await loads.load_gaps(self._pool, sorted(missing.gaps))
            loaded.gaps.update((stretch, stretch in lacking) for stretch in missing.gaps)
        if missing.changed:
            await self._load_changed(sorted(missing.changed), loaded)
        if missing.ended:
            await self._load_ended(sorted(missing.ended), loaded)
        await self._load_frozen(missing, loaded)
        if missing.spaces:
            await self._cache.fill_spaces(sorted(missing.spaces))
        if missing.timelines or missing.states or missing.members:
            await self._cache.fill(
                timelines=sorted(missing.timelines),
                states=sorted(missing.states),
                members=missing.members,
            )

    async def _meet(self, top: int) -> None:
        """What was loaded is as of ``top``. If that is behind the cache, the database may have lost
        what the cache has: say, a standby took over that had not got the last commits. What was
        loaded would look outdated, and be asked for again, for ever. A refresh notices the loss.
        """
        if top < self._cache.position:
            await self._cache.refresh()

    async def _load_members(self, keys: Sequence[int], loaded: Loaded) -> None:
        await self._members.complete(keys)
        for key in keys:
            members = await self._cache.list_members(key)
            if members is not None:
                loaded.all_members[key] = members

    async def _load_live(self, wanted: Sequence[tuple[int, int, int]], loaded: Loaded) -> None:
        # One more than may be sent, so that it shows if there is too much.
        top, lists = await loads.load_live(self._pool, wanted, LIVE_MOST + 1)
        await self._meet(top)
        for asked, rows in zip(wanted, lists, strict=True):
            loaded.live[asked] = top, self._cache.events(rows)

    async def _load_older(self, wanted: Sequence[tuple[int, int, int]], loaded: Loaded) -> None:
        top, lists = await loads.load_older(self._pool, wanted, LOOK_BACK)
        await self._meet(top)
        for asked, rows in zip(wanted, lists, strict=True):
            loaded.older[asked] = top, self._cache.events(reversed(rows))

    async def _load_changed(self, wanted: Sequence[room_state.RoomSince], loaded: Loaded) -> None:
        top, found = await room_state.load_changed(self._pool, wanted)
        await self._meet(top)
        for since, keys in zip(wanted, found, strict=True):
            loaded.changed[since] = top, keys

    async def _load_ended(self, wanted: Sequence[tuple[int, int, int]], loaded: Loaded) -> None:
        _, lists = await loads.load_older(self._pool, wanted, ENDED_MOST)
        for asked, rows in zip(wanted, lists, strict=True):
            loaded.ended[asked] = self._cache.events(reversed(rows))

    async def _load_frozen(self, missing: Missing, loaded: Loaded) -> None:
        """State as of ends of views: nothing changes it any more, but for redactions."""
        if ends := sorted(missing.frozen):
            found = await room_state.load_frozen(self._pool, ends)
            loaded.frozen.update(self._by_end(ends, found))
        if ends := sorted(missing.all_frozen_members):
            found = await room_state.load_all_frozen_members(self._pool, ends)
            loaded.all_frozen_members.update(self._by_end(ends, found))
        if members := sorted(missing.frozen_members):
            found = await room_state.load_frozen_members(self._pool, members)
            for asked, rows in zip(members, found, strict=True):
                loaded.frozen_members[asked] = next(iter(self._frozen(rows).values()), None)

    def _by_end(self, ends: Sequence[End], found: Sequence[list[Valued]]) -> dict[End, Frozen]:
        return {end: self._frozen(rows) for end, rows in zip(ends, found, strict=True)}

    def _frozen(self, rows: Sequence[Valued]) -> Frozen:
        """Of each key the last value."""
        return {
            (event.type, event.state_key or ""): (from_pos, event)
            for from_pos, row in rows
            for event in self._cache.events([row])
        }

    async def _load_pasts(self, wanted: Sequence[tuple[int, int]], loaded: Loaded) -> None:
        top, rows, events = await loads.load_history(self._pool, wanted)
        await self._meet(top)
        by_id: dict[str, CachedEvent] = {e.event_id: e for e in self._cache.events(events)}
        chunks: dict[tuple[int, int], list[HistoryRow]] = {}
        for row in rows:
            chunks.setdefault((row.user_key, row.room_key), []).append(row)
        for asked in wanted:
            loaded.pasts[asked] = top, read_past(chunks.get(asked, ()), by_id)
