"""A room's state as its user may see it: as it is now, or as it was when their membership ended.

Both answer the same questions. What has to be loaded first is noted as missing.

An example: the topic is set to A, Alice is kicked, the topic is set to B. For Bob, who is in the
room, the topic is B (``_Now``). For Alice it stays A (``_AtEnd``): the database has each value with
the positions from and to which it held, so the state at her end can be asked for. For Carol, who
was invited once and never in, nothing of this exists (``_Told``).
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from syncv3.cache.events import CachedEvent
from syncv3.cache.listed import ListedRoom
from syncv3.engine.ended import end_of, own_end, remnant_events
from syncv3.engine.facts import ENDED
from syncv3.engine.sources import Frozen, Sources
from syncv3.protocol.required_state import MEMBER, StateKey
from syncv3.store.room_state import RoomSince

Keys = frozenset[StateKey]
NONE: Mapping[StateKey, CachedEvent] = {}


class Bounded(Protocol):
    """Questions about one room, for one answer."""

    def state(self) -> Mapping[StateKey, CachedEvent]:
        """All of it but members."""

    def members(self, user_ids: Iterable[str]) -> Mapping[str, CachedEvent]:
        """The member events of users, as far as they exist."""

    def everybody(self) -> tuple[bytes, ...]:
        """All member events; a piece may be several with commas between them."""

    def changed(self, after: int) -> Keys | None:
        """What changed after a position; None: too much to tell, or all that there is."""


def bounded(sources: Sources, listed: ListedRoom) -> Bounded:
    """The state of a room that the user is, or was, in."""
    if listed.stay.membership not in ENDED:
        return _Now(sources, listed)
    if listed.stay.joined_ord is None:
        return _Told(sources, listed)
    return _AtEnd(sources, listed)


class _Now:
    def __init__(self, sources: Sources, listed: ListedRoom) -> None:
        self._sources = sources
        self._room = listed.room
        self._key = listed.room.row.room_key

    def state(self) -> Mapping[StateKey, CachedEvent]:
        if self._room.state is None:
            self._sources.missing.states.add(self._key)
            return NONE
        return self._room.state

    def members(self, user_ids: Iterable[str]) -> Mapping[str, CachedEvent]:
        return self._sources.members_of(self._key, set(user_ids))

    def everybody(self) -> tuple[bytes, ...]:
        loaded = self._sources.loaded.all_members.get(self._key)
        if loaded is None or not self._room.follows(loaded):
            self._sources.missing.all_members.add(self._key)
            return ()
        return loaded.pieces()

    def changed(self, after: int) -> Keys | None:
        """What the log does not reach back to is loaded, and holds until the room changes."""
        known = self._room.changes.after(after)
        if known is not None:
            return known
        wanted = RoomSince(self._key, after)
        loaded = self._sources.loaded.changed.get(wanted)
        if loaded is None or loaded[0] < self._room.row.pos:
            self._sources.missing.changed.add(wanted)
            return frozenset()
        return loaded[1]


class _AtEnd:
    """The user's own member event is the one that has ended the membership.

    If that was in a hole, the room is as it was before the hole, and as the user was told since.
    """

    def __init__(self, sources: Sources, listed: ListedRoom) -> None:
        self._sources = sources
        self._listed = listed
        self._end = end_of(listed.stay)
        self._told = remnant_events(listed)

    @property
    def _own(self) -> CachedEvent:
        return own_end(self._sources, self._listed.room, self._listed.stay)

    def _frozen(self) -> Frozen:
        found = self._sources.loaded.frozen.get(self._end)
        if found is None:
            self._sources.missing.frozen.add(self._end)
        return found or {}

    def state(self) -> Mapping[StateKey, CachedEvent]:
        told = {key: event for key, event in self._told.items() if key[0] != MEMBER}
        return {key: event for key, (_, event) in self._frozen().items()} | told

    def members(self, user_ids: Iterable[str]) -> Mapping[str, CachedEvent]:
        found = {}
        for user_id in user_ids:
            if user_id == self._sources.me:
                found[user_id] = self._own
            elif (event := self._told.get((MEMBER, user_id))) is not None:
                found[user_id] = event
            elif (valued := self._member(user_id)) is not None:
                found[user_id] = valued[1]
        return found

    def _member(self, user_id: str) -> tuple[int, CachedEvent] | None:
        asked = (self._end, user_id)
        if asked not in self._sources.loaded.frozen_members:
            self._sources.missing.frozen_members.add(asked)
        return self._sources.loaded.frozen_members.get(asked)

    def everybody(self) -> tuple[bytes, ...]:
        found = self._sources.loaded.all_frozen_members.get(self._end)
        if found is None:
            self._sources.missing.all_frozen_members.add(self._end)
            return ()
        told = {key: event for key, event in self._told.items() if key[0] == MEMBER}
        members = {key: event for key, (_, event) in found.items()} | told
        others = [event.wire for (_, user), event in members.items() if user != self._sources.me]
        return (*others, self._own.wire)

    def changed(self, after: int) -> Keys | None:
        """Members aside: those who were met are told by the timeline.

        Others may have told the end before the user's own answer has said what the room was then.
        """
        found = {key for key, (from_pos, _) in self._frozen().items() if from_pos > after}
        if self._listed.stay.ended_pos > after:
            found.add((MEMBER, self._sources.me))
        if max(self._listed.stay.ended_pos, self._listed.stay.pos) > after:
            found.update(self._told)
        return frozenset(found)


class _Told:
    """A room that the user never was in here: nothing of what is stored of it is theirs.

    They are told how it ended for them; and if they were put out of it before they came here,
    what their homeserver told them of it then.
    """

    def __init__(self, sources: Sources, listed: ListedRoom) -> None:
        self._stay = listed.stay
        own = own_end(sources, listed.room, listed.stay)
        self._events = {**remnant_events(listed), (MEMBER, sources.me): own}

    def state(self) -> Mapping[StateKey, CachedEvent]:
        return {key: event for key, event in self._events.items() if key[0] != MEMBER}

    def members(self, user_ids: Iterable[str]) -> Mapping[str, CachedEvent]:
        keys = {user_id: (MEMBER, user_id) for user_id in user_ids}
        return {user: self._events[key] for user, key in keys.items() if key in self._events}

    def everybody(self) -> tuple[bytes, ...]:
        return tuple(event.wire for (type_, _), event in self._events.items() if type_ == MEMBER)

    def changed(self, after: int) -> Keys | None:
        if self._stay.reset_pos > after:
            return frozenset(self._events)
        own = [key for key, event in self._events.items() if (event.pos or 0) > after]
        return frozenset(own)
