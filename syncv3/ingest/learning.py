"""Stores what was asked of the homeserver apart from any sync, in slices.

A room may have any number of members. So a member list is looked up, planned and committed
slice by slice, each in a transaction of its own; others run in between, and write. Slices are
not told to anybody; the last step says that the list is complete, and how many members there
are. Whatever happens in the room meanwhile is newer than the list, and counts.

The count is the hard part. Say a room has A, B and C, the slices with A and B are stored, and then
a sync brings that A has left. Counted from the list there would be three. So ``_Taking`` remembers
each member's membership as it is stored, and at the end looks again at those of whom a member event
has come since the first slice, and at those who are stored but not in the list. If even then the
room was written between counting and the last step, that step is done again.

If a gap opens meanwhile, or state changes where no timeline shows it, nobody knows what else has
changed: then the list is not complete, and the caller may fetch it once more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import asyncpg

from syncv3.ingest.group import Group
from syncv3.ingest.planning.asked import (
    plan_confirmed,
    plan_list_end,
    plan_listed,
    plan_senders,
)
from syncv3.ingest.planning.planning import KeySources
from syncv3.ingest.planning.room_keys import MAX_HEROES, MEMBER, content_of, read_heroes
from syncv3.store.knowledge import Knowledge, Wants, changed_members, member_keys
from syncv3.store.rows import RoomRow
from syncv3.types import Event, EventID, RoomID, UserID
from syncv3.untrusted import text

SLICE: Final = 200
"""Members that are planned and written at once: a few milliseconds each."""
PAGE: Final = 1000  # user IDs that are read at once, when it is counted who is not in the list
TRIES: Final = 5  # of each step, while others write the same room

T = TypeVar("T")


class Writer(Protocol):
    """Writes groups that belong to no batch; see ``GroupWriter``."""

    @property
    def pool(self) -> asyncpg.Pool: ...

    @property
    def keys(self) -> KeySources: ...

    async def look_up(self, db: asyncpg.Connection, want: Wants, events: int = 0) -> Knowledge:
        """What is stored of all that ``want`` names. Keys for ``events`` new events are
        reserved."""

    async def write(self, db: asyncpg.Connection, group: Group, *, tell: bool = True) -> int | None:
        """Commits a group; ``tell``: whoever follows the stream is woken.

        Gives the position before the group's first. None: nothing was written, as the rooms were
        written meanwhile; look up and plan again.
        """


class Learning:
    """Stores members, senders and confirmations; raises what the database raises."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def confirm(self, room_id: RoomID, gap_ord: int, user_ids: Sequence[UserID]) -> None:
        """Stores that users were found to be in a room behind the gap at this order.

        If another gap has opened since nothing is stored: the answer does not reach behind that.
        """
        for some in slices(user_ids):
            want = Wants({room_id}, user_rooms={(user_id, room_id) for user_id in some})
            for _ in range(TRIES):
                async with self._writer.pool.acquire() as db:
                    known = await self._writer.look_up(db, want)
                    group = plan_confirmed(room_id, gap_ord, some, known, self._writer.keys)
                    if await self._writer.write(db, group) is not None:
                        break

    async def learn_senders(
        self, room_id: RoomID, members: Sequence[Event], behind: EventID | None = None
    ) -> None:
        """Stores member events of senders of whom there is none.

        ``behind``: the message for which they were asked, if those that are known may be older than
        a gap before it. Then these are replaced.
        """
        for some in slices(members):
            want = _wants(room_id, some)
            if behind is not None:
                want.events.add(behind)
            for _ in range(TRIES):
                async with self._writer.pool.acquire() as db:
                    known = await self._writer.look_up(db, want, len(some))
                    group = plan_senders(room_id, some, known, self._writer.keys, behind)
                    if await self._writer.write(db, group) is not None:
                        break

    async def learn_members(
        self, room_id: RoomID, members: Sequence[Event], gap_ord: int | None = None
    ) -> bool:
        """Stores a complete member list of a room (docs/architecture/history.md).

        ``gap_ord`` is the room's newest gap when the list was asked for. False: another has
        opened since, and the list is not complete.
        """
        taking = _Taking(self._writer, room_id, gap_ord)
        listed = {e.state_key: e for e in members if e.type == MEMBER and e.state_key is not None}
        for some in slices(sorted(listed)):
            if not await taking.take([listed[user_id] for user_id in some]):
                return False
        return await taking.end()


@dataclass(slots=True)
class _Taking:
    """One member list while it is stored. See the module for how members are counted on the way."""

    writer: Writer
    room_id: RoomID
    gap_ord: int | None
    memberships: dict[str, str] = field(default_factory=dict)
    heroes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    started: RoomRow | None = None
    resets: set[int] = field(default_factory=set)

    async def take(self, members: Sequence[Event]) -> bool:
        """Stores a slice. False: a gap has opened since the list was asked for, or others write
        the room all the time."""
        want = _wants(self.room_id, members)
        for _ in range(TRIES):
            async with self.writer.pool.acquire() as db:
                known = await self.writer.look_up(db, want, len(members))
                if self._row(known) is None:
                    return False
                listed = plan_listed(self.room_id, members, known, self.writer.keys)
                base = await self.writer.write(db, listed.group, tell=False)
            if base is not None:
                # Relative positions are negative: this is the ``reset_pos`` that was written.
                self.resets.update(base - row.reset_pos for row in listed.group.rooms)
                self._count(listed.contents)
                return True
        return False

    async def end(self) -> bool:
        """Counts the members who are stored and not in the list, and stores that the list is
        complete."""
        last: str | None = ""
        while last is not None:
            keys = await member_keys(self.writer.pool, self.room_id, last, PAGE)
            for some in slices([key for key in keys if key not in self.memberships]):
                await self._look_at(some)
            last = keys[-1] if len(keys) == PAGE else None
        for _ in range(TRIES):
            ended = await self._try_to_end()
            if ended is not None:
                return ended
        return False

    async def _try_to_end(self) -> bool | None:
        """One try to complete the list. False: it is not complete, as something has changed that
        no timeline shows. None: the room was written meanwhile, so try again."""
        row = self._row(await self._known(Wants({self.room_id})))
        if row is None or self.started is None:
            return False
        if row.reset_pos not in {self.started.reset_pos, *self.resets}:
            # Neither as it was at the beginning nor as a slice has set it.
            return False  # state has changed behind the timeline: nobody knows whose
        changed = await changed_members(self.writer.pool, row.room_key, self.started.pos)
        for some in slices(changed):
            await self._look_at(some)
        counted = list(self.memberships.values())
        joined, invited = counted.count("join"), counted.count("invite")
        async with self.writer.pool.acquire() as db:
            known = await self.writer.look_up(db, Wants({self.room_id}))
            if known.rooms[self.room_id].version != row.version:
                return None  # what was counted is not all
            heroes = {user_id: content for user_id, content in self.heroes.items() if content}
            keys = self.writer.keys
            group = plan_list_end(self.room_id, joined, invited, heroes, known, keys)
            return None if await self.writer.write(db, group) is None else True

    async def _look_at(self, user_ids: Iterable[str]) -> None:
        """Counts these users by what is stored of them now."""
        state = {(self.room_id, MEMBER, user_id) for user_id in user_ids}
        known = await self._known(Wants({self.room_id}, state=state))
        self._count({key: content_of(e.json or b"{}") for (_, _, key), e in known.state.items()})

    async def _known(self, want: Wants) -> Knowledge:
        async with self.writer.pool.acquire() as db:
            return await self.writer.look_up(db, want)

    def _row(self, known: Knowledge) -> RoomRow | None:
        """The room as it is stored. None: it is not known, or a gap has opened since the list
        was asked for."""
        row = known.rooms.get(self.room_id)
        if row is None or row.gap_ord != self.gap_ord:
            return None
        if self.started is None:
            self.started = row
            self.heroes = {hero[0]: {} for hero in read_heroes(row.heroes)}
        return row

    def _count(self, contents: Mapping[str, Mapping[str, Any]]) -> None:
        """Notes members' memberships; and the content of those who may be heroes: who is one
        already, and the first others."""
        for user_id, content in contents.items():
            membership = text(content.get("membership")) or "leave"
            self.memberships[user_id] = membership
            among = membership in ("join", "invite") and len(self.heroes) < 2 * MAX_HEROES
            if among or user_id in self.heroes:
                self.heroes[user_id] = content


def slices(values: Sequence[T], size: int = SLICE) -> Iterator[Sequence[T]]:
    """The values in runs of ``size``."""
    return (values[at : at + size] for at in range(0, len(values), size))


def _wants(room_id: RoomID, members: Sequence[Event]) -> Wants:
    want = Wants({room_id}, {e.event_id for e in members})
    for event in members:
        if event.state_key is not None:
            want.state.add((room_id, MEMBER, event.state_key))
            want.user_rooms.add((UserID(event.state_key), room_id))
    return want
