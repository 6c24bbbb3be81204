"""Which state an entry has: all that is asked for, or what its client has not (S-240 to S-265).

A client that keeps a room has the state which it asked for up to the position at which it was told
of the room. So it lacks what has changed since, and what it did not ask for then. An example: it
asked for name and topic, and was told of the room at 7. Now it asks for topic and avatar. The topic
changed at 8, the avatar was set at 3. It is sent both: the topic as it has changed, the avatar
because it was not asked for. The name it still has, though it does not ask for it any more; so
that is remembered (``Changed.kept``), and if it asks for the name again at 12, and the name has not
changed since 7, it is not sent again.

Members are apart, as there may be any number. Asked for lazily, those come who are in the timeline,
as far as the client has not got them; and, unless the entry is limited, whoever has changed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from syncv3.cache.events import CachedEvent
from syncv3.engine.bounded import Bounded, Keys
from syncv3.engine.sending import Changed
from syncv3.protocol.required_state import MEMBER, StateKey, Wanted

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What a client knows of the members that are loaded lazily: see ``view.Met``."""

    members: frozenset[str] = NOBODY
    unmet: frozenset[str] = NOBODY


@dataclass(frozen=True, slots=True)
class EntryState:
    """The state of an entry. ``everybody`` are further pieces of member events.

    ``members`` were sent, ``unmet`` are senders without a member event, ``struck`` members that
    the client knew and that have changed untold. ``gone`` has what exists no more.
    """

    events: tuple[CachedEvent, ...] = ()
    everybody: tuple[bytes, ...] = ()
    members: frozenset[str] = NOBODY
    unmet: frozenset[str] = NOBODY
    struck: frozenset[str] = NOBODY
    gone: tuple[StateKey, ...] = ()


def people_in(events: Iterable[CachedEvent]) -> frozenset[str]:
    """Who has sent these events, and who is the subject of member events (S-260)."""
    senders = {event.sender for event in events}
    targets = {e.state_key for e in events if e.type == MEMBER and e.state_key is not None}
    return frozenset(senders | targets)


def whole_state(
    room: Bounded, want: Wanted, events: Collection[CachedEvent], others: Collection[str] = ()
) -> EntryState:
    """All state that is asked for, and the members of the timeline if these come lazily.

    ``others`` are users whose member events come in any case.
    """
    met: frozenset[str] = people_in(events) if want.lazy else NOBODY
    state = [] if want.nothing else want.among(room.state())
    found = room.members({*want.members, *met, *others})
    everybody = room.everybody() if want.all_members else ()
    members = met & found.keys()
    return EntryState(
        _once(state, {} if want.all_members else found), everybody, members, met - members
    )


def changed_state(
    room: Bounded,
    want: Wanted,
    state: Changed,
    events: Collection[CachedEvent],
    known: Known,
    *,
    limited: bool,
    others: Collection[str] = (),
) -> EntryState:
    """What has changed of the state that is asked for, and what was not asked for before."""
    return _Difference(room, want, state, known).told(events, others, limited=limited)


class _Difference:
    """What a client lacks. ``changed`` None: all of it, as far as is known."""

    def __init__(self, room: Bounded, want: Wanted, had: Changed, known: Known) -> None:
        self.room = room
        self.want = want
        self.had = had.had
        self.known = known
        self.changed = room.changed(had.after)
        # Whether something is asked for that was not: only then all state must be gone through.
        self.more = want != had.had and not want.within(had.had)
        kept: Keys = had.kept if self.more else frozenset()
        if kept:
            later = room.changed(had.kept_upto)  # what has changed since is not what the client has
            kept = frozenset() if later is None else kept - later
        self.kept = kept

    def has(self, key: StateKey) -> bool:
        """Whether the client has the present value of a key."""
        if self.changed is None or key in self.changed:
            return False
        return self.had.covers(*key) or key in self.kept

    def has_member(self, user_id: str) -> bool:
        """Whether the client has the present member event of a user."""
        key = (MEMBER, user_id)
        if self.changed is None or key in self.changed:
            return False
        return user_id in self.known.members or self.has(key)

    def told(
        self, events: Collection[CachedEvent], others: Collection[str], *, limited: bool
    ) -> EntryState:
        state, gone = self._state()
        everybody: tuple[bytes, ...] = ()
        changed = self._changed_members()
        wanted = {user_id for user_id in self.want.members if not self.has_member(user_id)}
        wanted |= {*others}
        if self.want.all_members and (self.changed is None or not self.had.all_members):
            everybody = self.room.everybody()
        elif self.want.all_members:
            wanted |= changed
        met = self._lazily(events, changed, limited=limited)
        found = self.room.members(wanted | met)
        # Members who changed without being told now: they are sent when they next appear.
        struck = self.known.members - found.keys()
        struck = struck if self.changed is None else struck & changed
        sent = {} if everybody else found
        return EntryState(
            _once(state.values(), sent),
            everybody,
            frozenset(found) if self.want.lazy else NOBODY,
            frozenset(met - found.keys()),
            frozenset(struck),
            gone,
        )

    def _state(self) -> tuple[Mapping[StateKey, CachedEvent], tuple[StateKey, ...]]:
        """The entries that the client lacks, members aside; and those that it has, and that exist
        no more."""
        if self.changed is None or self.more:
            now = self.room.state()
            keys = {key for key in now if self.want.covers(*key) and not self.has(key)}
        else:
            keys = {k for k in self.changed if k[0] != MEMBER and self.want.covers(*k)}
            now = self.room.state() if keys else {}
        lost = self.changed or frozenset()
        gone = [
            key for key in lost
            if key[0] != MEMBER and key not in now
            and self.want.covers(*key) and self.had.covers(*key)
        ]  # fmt: skip
        return {key: now[key] for key in keys if key in now}, tuple(sorted(gone))

    def _changed_members(self) -> frozenset[str]:
        return frozenset([key for type_, key in self.changed or () if type_ == MEMBER])

    def _lazily(
        self, events: Collection[CachedEvent], changed: frozenset[str], *, limited: bool
    ) -> frozenset[str]:
        """Whose member events come because members are loaded lazily."""
        if not self.want.lazy:
            return NOBODY
        present = people_in(events) | self.known.unmet
        lacking = frozenset([user_id for user_id in present if not self.has_member(user_id)])
        return lacking if limited else lacking | changed


def _once(
    state: Iterable[CachedEvent], members: Mapping[str, CachedEvent]
) -> tuple[CachedEvent, ...]:
    """Each event once, the older ones first."""
    found = {event.event_id: event for event in (*state, *members.values())}
    return tuple(sorted(found.values(), key=lambda event: event.event_key))
