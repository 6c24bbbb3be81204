"""Carries out what a dialect has decided to send of a room.

One thing is decided here for all dialects: whether own events are *held back* (TX-3). A client
wants its own message back with the transaction ID that it gave it; only its own device's poller
is told that. Say Alice's device sends M, and Bob's poller brings M before her own does. If M were
sent to Alice's device now, without its ID, her client would show M twice: once as the message
that it is still sending, once as a new one. So the timeline is cut before M, and the room stays
where it was told (``held``): A before M is sent, M and whatever follows it in this room wait, other
rooms go on. When the ID has come, or after a second (``released``), the rest is sent.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from syncv3.cache.events import CachedEvent
from syncv3.cache.listed import ListedRoom
from syncv3.engine.entries import build_entry, build_pending, timeline_of
from syncv3.engine.entry_state import Known
from syncv3.engine.facts import ENDED, PENDING
from syncv3.engine.newest import live_of
from syncv3.engine.progress import AnswerProgress
from syncv3.engine.rooms import Built, build_counts, build_delta, build_left, build_whole
from syncv3.engine.sending import LastWords, Newest, Send, Since
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import Timeline, held_from, live_timeline, still_wants
from syncv3.engine.view import UNMET, View
from syncv3.protocol.pos import MAX_HELD


class Overflow:
    """More has happened than can be sent as a part of the room."""


OVERFLOW: Final = Overflow()


@dataclass(slots=True)
class Builder:
    """Builds the rooms of one answer, for a client that has ``view``.

    ``members_sent`` has the members that were sent lazily on this connection, and ``released``
    the own events that are held back no longer. ``held`` takes the rooms that are told only up
    to an earlier position, and ``waits`` the own events which are the reason (TX-3).
    """

    sources: Sources
    view: View
    members_sent: Mapping[int, Mapping[str, int]]
    released: frozenset[int]
    bump_types: frozenset[str] | None
    progress: AnswerProgress
    held: dict[int, int] = field(default_factory=dict)
    waits: set[int] = field(default_factory=set)

    def build(self, key: int, send: Send) -> Built | Overflow | None:
        """The room object; None if there turns out to be nothing to say.

        ``OVERFLOW`` if there is more than can be sent as a part of the room: the dialect is asked
        once more. ``key`` is the room's.
        """
        if send.bounded:
            return self._entry(key, send)
        match send.timeline:
            case Since(after, most):
                return self._changes(key, send, after, most)
            case LastWords(after):
                room = self.sources.seen.room(key)
                return Built(build_left(self.sources, room, after))
        if send.fields is None:
            return Built(build_counts(self.sources.seen.room(key)))
        return self.whole(key, send)

    def whole(self, key: int, send: Send) -> Built:
        """A room as of now."""

        def build() -> Built:
            room = self.sources.seen.room(key)
            return build_whole(self.sources, room, send, bump_types=self.bump_types)

        built = self.progress.room(self.sources, key, send, build)
        assert built is not None
        return built

    def _changes(
        self, key: int, send: Send, after: int, most: int | None
    ) -> Built | Overflow | None:
        listed = self.sources.seen.room(key)
        events = live_timeline(self.sources, listed.room, listed.stay, after)
        if events is None or (most is not None and len(events.events) > most):
            return OVERFLOW
        events = self._hold_back(key, events, after)
        lacking = still_wants(self.sources, listed.room, listed.stay, send.config.timeline_limit)
        events = replace(events, wants=lacking) if lacking else events
        known = self._known_members(key)

        def build() -> Built | None:
            return build_delta(
                self.sources,
                listed,
                send,
                events,
                bump_types=self.bump_types,
                members_sent=known,
                unmet=self.members_sent.get(key, {}).keys() - known,
            )

        if key in self.held:  # what is held back changes with time, so it is not taken over
            return build()
        return self.progress.room(self.sources, key, (send, _said_of(events)), build)

    def _entry(self, key: int, send: Send) -> Built | None:
        """An entry for a client that keeps what it has been sent; None while all of it waits.

        What else has changed since then waits with the events: said without them, it would be
        said again with each answer, as the client stays where it is.
        """
        listed = self.sources.seen.room(key)
        if listed.stay.membership in PENDING:
            return build_pending(listed, send)
        events = timeline_of(self.sources, listed, send)
        ended = listed.stay.membership in ENDED  # the end itself must not wait, nor come twice
        if events is not None and isinstance(send.timeline, Newest) and not ended:
            some = events.events
            events = self._cut_at_waiting(listed, events, send, send.timeline)
            if some and not events.events and not send.initial:
                return None
        known = Known() if send.initial else self._known(key)

        def build() -> Built:
            return build_entry(self.sources, listed, send, events, known)

        if key in self.held:
            return build()
        built = self.progress.room(self.sources, key, (send, _said_of(events)), build)
        assert built is not None
        return built

    def _cut_at_waiting(
        self, listed: ListedRoom, events: Timeline, send: Send, want: Newest
    ) -> Timeline:
        """``_hold_back``, and what it leaves may lack older events.

        If nothing is left, the token is the one from before the first event that was held back:
        the client is told nothing behind it, and can page to all that precedes it (S-195).
        """
        kept = self._hold_back(listed.room.row.room_key, events, want.after)
        if kept is events:
            return events
        earlier = None if kept.events or not events.cut else self._before_all(listed, send, want)
        return earlier or replace(
            kept, cut=events.cut and bool(kept.events), prev_batch=events.prev_batch,
            live=live_of(kept.events, send.live_after),
        )  # fmt: skip

    def _before_all(self, listed: ListedRoom, send: Send, want: Newest) -> Timeline | None:
        """What precedes all own events that wait, where the timeline is too short to have it.

        Say a client asks for one event of each room, Bob writes A, and the client's user M: the
        newest event is M, which waits. The client is told A meanwhile.
        """
        known = [e for e in listed.room.timeline or () if (e.pos or 0) > want.after]
        waiting = self._waiting(known)
        self.waits.update(event.event_key for event in waiting)
        first = Newest(want.after, want.limit, waiting[0].ord)
        found = timeline_of(self.sources, listed, msgspec.structs.replace(send, timeline=first))
        kept = _before(waiting[0], known)
        if found is None or not found.events or not kept:
            return None
        self.held[listed.room.row.room_key] = max(event.pos or 0 for event in kept)
        return found

    def _known(self, key: int) -> Known:
        """The members that the client has, as far as it has shown to have the answers.

        One may have been stored that the client has lost: its members were sent later.
        """
        sent, bound = self.members_sent.get(key, {}), self.view.position
        known = frozenset([user_id for user_id, at in sent.items() if UNMET < at <= bound])
        return Known(known, frozenset(sent) - known)

    def _known_members(self, key: int) -> list[str]:
        """The members that the client holds: those sent with answers up to the view.

        It may have lost an answer since then. All others of whom the connection knows are to
        be sent, if there is an event of them.
        """
        sent = self.members_sent.get(key, {})
        return [user_id for user_id, at in sent.items() if UNMET < at <= self.view.bound(key)]

    def hold(self, key: int, bound: int) -> bool:
        """Leaves the room where the client is; False: a token has no room for one more."""
        if len(self.held) < MAX_HELD:
            self.held[key] = bound
        return key in self.held

    def _hold_back(self, key: int, events: Timeline, bound: int) -> Timeline:
        """Cuts before an own event whose transaction id has not come yet (TX-3).

        In a room of an earlier connection nothing waits where another one begins: of old events
        the ids are not kept.
        """
        if self.view.first and key in self.view.kept:
            return events
        waiting = self._waiting(events.events)
        if not waiting or not self.hold(key, bound):
            return events
        self.waits.update(event.event_key for event in waiting)  # all at the same time
        kept = _before(waiting[0], events.events)
        if kept:
            self.held[key] = max(event.pos or 0 for event in kept)
        return Timeline(tuple(kept), False, len(kept), events.prev_batch if kept else None)

    def _waiting(self, events: Sequence[CachedEvent]) -> list[CachedEvent]:
        return held_from(self.sources, [e for e in events if e.event_key not in self.released])


def _said_of(events: Timeline | None) -> Hashable:
    """What a room is built with of a timeline. An earlier attempt may have had the same events,
    but not known yet whether there are older ones, and of how many the client is short."""
    if events is None:
        return None
    keys = tuple([event.event_key for event in events.events])
    return keys, events.cut, events.live, events.prev_batch, events.wants


def _before(event: CachedEvent, events: Sequence[CachedEvent]) -> list[CachedEvent]:
    """The events before one of them, in the room and in the stream; none if these differ.

    Positions follow the stream, not the room: only what comes first in both can be told up to
    a position.
    """
    kept = list(events[: events.index(event)])
    upto = max((each.pos or 0 for each in kept), default=0)
    first = not any((each.pos or 0) <= upto for each in events[len(kept) :])
    return kept if first else []
