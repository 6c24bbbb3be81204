"""One room in the cache: its row, and what was loaded of its timeline and state.

``timeline`` and ``state`` are None until somebody needs them. Both are brought along by
the stream from then on; a gap or a change behind the timeline drops them.

The stream tells changes of state as events of the timeline. Where a change has no event there,
because it happened inside a gap, it tells only that there is one: the row's ``reset_pos`` moves.
Then nothing that is held of the state can be trusted, and it is loaded anew when it is needed.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final, NamedTuple
from weakref import WeakSet

import msgspec

from syncv3.cache.events import CachedEvent, redacted, replaces
from syncv3.cache.members import MemberList
from syncv3.cache.state_log import StateLog
from syncv3.protocol.response import Hero
from syncv3.store.newest import ANY_TYPE, NewestByType, newest_stamp, read_newest
from syncv3.store.rows import RoomRow
from syncv3.types import UserID

KEEP: Final = 60  # events of a timeline after it was cut; it is cut at ``KEEP_MOST``
LABELS_KEPT: Final = 16
KEEP_MOST: Final = 120
MEMBERS_MOST: Final = 20_000
"""Members held of one room: all who have come or spoken lately, as any number may."""
MEMBER: Final = "m.room.member"
StateKey = tuple[str, str]


class Labels(NamedTuple):
    """What a room's name, avatar and counts are made from."""

    name: str | None
    alias: str | None
    avatar: str | None
    joined: int
    invited: int
    heroes: bytes


class CachedRoom:
    """A room that somebody served here is in. ``since`` which position it is held."""

    __slots__ = (
        "__weakref__",
        "_absent",
        "_heroes",
        "_ids",
        "_indexed",
        "_labels",
        "_lists",
        "_newest",
        "changes",
        "floor",
        "members",
        "row",
        "since",
        "state",
        "timeline",
        "used",
    )

    def __init__(self, row: RoomRow, since: int) -> None:
        self.row = row
        self.since = since
        self._labels: list[tuple[int, int, Labels]] = []  # up to where, until when, which
        self.timeline: list[CachedEvent] | None = None
        self.floor = 0  # the timeline holds all events from this order on
        self.state: dict[StateKey, CachedEvent] | None = None  # all but members
        self.members: dict[str, CachedEvent | None] = {}  # those looked up; None: no event
        self.used = 0.0
        self.changes = StateLog(since)
        self._absent: set[str] = set()  # the users among the members of whom there is no event
        self._ids: dict[str, StateKey] | None = None
        self._indexed: dict[StateKey, CachedEvent] | None = None  # the state that they are of
        self._lists: WeakSet[MemberList] | None = None
        self._heroes: tuple[Hero, ...] | None = None
        self._newest: NewestByType | None = None

    # -- the row ---------------------------------------------------------------------

    @property
    def heroes(self) -> tuple[Hero, ...]:
        """The members after whom a nameless room is called."""
        if self._heroes is None:
            self._heroes = read_heroes(self.row.heroes)
        return self._heroes

    @property
    def labels(self) -> Labels:
        """What the row says now that its name, avatar and counts are made from."""
        row = self.row
        return Labels(row.name, row.alias, row.avatar, row.joined, row.invited, row.heroes)

    def labels_at(self, position: int) -> Labels | None:
        """The labels at an earlier position; None if they are not known.

        They are not if the room was not held yet, if too much has changed since, or if
        they changed between two positions of this worker around the one asked for.
        """
        labels: Labels | None = self.labels
        for upto, until, before in reversed(self._labels):
            if position >= until:
                return labels
            labels = before if position <= upto else None
        return labels if position >= self.since else None

    def newest(self, type_: str = ANY_TYPE) -> list[tuple[int, str]]:
        """(timestamp, sender) of the newest events of a type by arrival, two senders."""
        return [(entry.timestamp, entry.sender) for entry in self._by_type.get(type_, ())]

    def stamp(
        self, types: Iterable[str] = (ANY_TYPE,), ignored: frozenset[str] = frozenset()
    ) -> int | None:
        """When the newest event of some types arrived, in milliseconds; None: none is known.

        Events of ``ignored`` senders don't count: their user is not shown them.
        """
        return newest_stamp(self._by_type, types, self.row.generated_us, ignored)

    @property
    def _by_type(self) -> NewestByType:
        if self._newest is None:
            self._newest = read_newest(self.row.newest)
        return self._newest

    def newest_of(self, types: frozenset[str]) -> list[tuple[int, str]]:
        """``newest`` of each of these types; as many steps as the smaller of both sets has."""
        found = self._by_type.keys() & types
        return [entry for type_ in found for entry in self.newest(type_)]

    def replace_row(self, row: RoomRow, after: int, upto: int) -> None:
        """A newer row: drops whatever the change behind it made doubtful.

        The old one holds for the positions up to ``after``, the new one from ``upto`` on.
        """
        labels = self.labels
        before, self.row = self.row, row
        if labels != self.labels:
            self._labels.append((after, upto, labels))
            if len(self._labels) > LABELS_KEPT:
                self.since = self._labels.pop(0)[1]
        if before.heroes != row.heroes:
            self._heroes = None
        if before.newest != row.newest:
            self._newest = None
        if before.reset_pos != row.reset_pos:
            self.state = None
            self.members = {}
            self.changes.start(upto)
        if before.reset_pos != row.reset_pos or before.members_complete != row.members_complete:
            for members in self._lists or ():
                members.stale = True
        if before.pos != row.pos:
            self._look_again()
        if before.gap_ord != row.gap_ord:
            self.timeline = None

    def _look_again(self) -> None:
        """Whose member event was not known may have become known: with no other change."""
        for user_id in self._absent:
            if self.members.get(user_id, ...) is None:
                del self.members[user_id]
        self._absent.clear()

    # -- the timeline ----------------------------------------------------------------

    def fill_timeline(self, events: Iterable[CachedEvent], floor: int) -> None:
        """Everything from ``floor`` on, in order."""
        self.timeline = list(events)
        self.floor = floor

    def add(self, event: CachedEvent) -> None:
        """An event of the stream: the timeline, the state and redactions follow."""
        timeline = self.timeline
        if timeline is not None and event.ord is not None and event.ord >= self.floor:
            self._place(timeline, event)
        if event.state_key is not None:
            self._set_state(event)
        elif event.redacts is not None:
            self._redact(event)

    def _place(self, timeline: list[CachedEvent], event: CachedEvent) -> None:
        at = len(timeline)
        if timeline and timeline[-1].ord >= event.ord:  # type: ignore[operator]
            at = bisect_left(timeline, (event.ord, 0), key=lambda e: (e.ord, 0))
            while at < len(timeline) and timeline[at].ord == event.ord:
                if timeline[at].event_key == event.event_key:
                    return
                at += 1
        timeline.insert(at, event)
        if len(timeline) > KEEP_MOST:
            del timeline[: len(timeline) - KEEP]
            self.floor = timeline[0].ord or 0

    def _set_state(self, event: CachedEvent) -> None:
        assert event.state_key is not None
        if event.pos is not None:
            self.changes.note((event.type, event.state_key), event.pos)
        if event.type == MEMBER:
            before = self.members.get(event.state_key)
            current = (
                not self._may_be_outdated(event) if before is None else replaces(event, before)
            )
            if current:
                self.set_member(event.state_key, event)
            for members in self._lists or ():
                members.follow(event)
        elif self.state is not None:
            old = self.state.get((event.type, event.state_key))
            if old is None or replaces(event, old):
                self.state[(event.type, event.state_key)] = event
                self._reindex(old, event)

    def _may_be_outdated(self, event: CachedEvent) -> bool:
        """Whether something that the stream does not tell has changed since.

        Say Bob leaves (A), and comes back (B) in a gap: B is known from a state block alone. A
        worker that was told of neither gets A and the room's row in one delta; B is for it to load.
        """
        return event.pos is not None and event.pos < self.row.reset_pos

    def set_member(self, user_id: str, event: CachedEvent | None) -> None:
        """The member event of a user; None: there is none, as far as is known by now."""
        self._reindex(self.members.get(user_id), event)
        self.members[user_id] = event
        if event is None:
            self._absent.add(user_id)
        if len(self.members) > MEMBERS_MOST:
            for longest_held in list(islice(self.members, MEMBERS_MOST // 2)):
                self._reindex(self.members.pop(longest_held), None)
                self._absent.discard(longest_held)

    def list_members(self) -> MemberList:
        """A list of all members, to be filled, that follows the stream from now on."""
        members = MemberList()
        self._lists = self._lists or WeakSet()
        self._lists.add(members)
        return members

    def follows(self, members: MemberList) -> bool:
        """Whether a list is one of this room as it is held now, and has all that is known."""
        return not members.stale and members in (self._lists or ())

    def _redact(self, event: CachedEvent) -> None:
        """Puts the redacted form in place of the target, wherever it is held."""
        version = self.row.room_version or "1"
        for at, held in enumerate(self.timeline or ()):
            if held.event_id == event.redacts and self.timeline is not None:
                self.timeline[at] = redacted(held, event, version)
        key = self._ids_of_state().get(event.redacts or "")
        if key is not None:
            type_, state_key = key
            holder: Any = self.members if type_ == MEMBER else self.state
            at_key = state_key if type_ == MEMBER else key
            of_state = (holder or {}).get(at_key)
            if of_state is not None and of_state.event_id == event.redacts:
                holder[at_key] = redacted(of_state, event, version)
        for members in self._lists or ():
            members.redact(event, version)

    def _reindex(self, before: CachedEvent | None, event: CachedEvent | None) -> None:
        """Another event is held of a state key, or none any more."""
        if self._ids is None:
            return
        if before is not None:
            self._ids.pop(before.event_id, None)
        if event is not None:
            self._ids[event.event_id] = (event.type, event.state_key or "")

    def _ids_of_state(self) -> dict[str, StateKey]:
        """State events and members held, by event ID.

        Made when something is redacted for the first time, and kept from then on.
        """
        if self._ids is None or self._indexed is not self.state:
            held = [*(self.state or {}).values(), *self.members.values()]
            self._ids = {e.event_id: (e.type, e.state_key or "") for e in held if e is not None}
            self._indexed = self.state
        return self._ids


def read_heroes(stored: bytes) -> tuple[Hero, ...]:
    """The heroes of a room row."""
    return tuple(Hero(UserID(h[0]), h[1], h[2]) for h in msgspec.json.decode(stored))
