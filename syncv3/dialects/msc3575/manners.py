"""What MSC3575 sends of a room, and what is news.

A client keeps only the rooms in its windows and subscriptions. A room that comes back into
a window is sent whole; one that stays is sent what has changed. Rooms outside are told of
only where their unread counts changed (D-40), where their user joined them (L-111), and where a
membership has ended of which the client may know.

A client with a delta token (R-7) has rooms of an earlier connection. ``Sent.upto`` says of these
how far they were told, ``INHERITED`` that it was then: they go on from there. Of rooms that
have left the windows of this connection it is remembered, too, but for the next one only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from syncv3.cache.seen import SeenRooms
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed
from syncv3.engine.facts import ENDED, JOIN, Facts
from syncv3.engine.manners import Chosen
from syncv3.engine.rooms import Built
from syncv3.engine.scopes import RoomsOf
from syncv3.engine.sending import (
    COUNTS,
    WAIT,
    Fields,
    LastWords,
    Latest,
    Send,
    Since,
    StateSent,
    Wait,
)
from syncv3.engine.showing import rooms_in_windows
from syncv3.engine.view import INHERITED, ListState, Sent, number_of
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.protocol.response import RoomAnswer
from syncv3.types import RoomID

SHORTEST_WAIT_S = 0.1  # W-2
GOES_ON_MOST = 50
"""A room of an earlier connection is sent whole if it has more new events than this, and than are
asked for: that is less for the client to get, and it can page to the others."""


@dataclass(frozen=True, slots=True)
class Manners3575:
    """See ``syncv3.engine.manners.Manners``."""

    shortest_wait_s: float = SHORTEST_WAIT_S
    settle_s: float = 0.0
    tells_troubles: bool = True
    keeps_unshown: bool = False
    names_members: bool = True

    def may_show(self, seen: SeenRooms, room_key: int) -> bool:
        """Rooms that the user is known to be in."""
        return seen.may_see(room_key)

    def decide(
        self, facts: Facts, sent: Sent | None, asked: RoomConfig | None
    ) -> Send | Wait | None:
        if asked is None:
            return _outside(facts, sent)
        if sent is None or _begins_anew(facts, sent, asked):
            return _whole(facts, asked)
        # The client has it, though it was not shown: from an earlier connection, or from before it
        # left the windows.
        if sent.upto is not None:
            return _kept(facts, sent, asked)
        if _number(facts, asked) != sent.config_id:
            return _reconfigured(facts, sent, asked)
        if facts.changed or facts.held or facts.dm_changed:
            return _changes(facts, asked)
        return None

    def after(
        self,
        facts: Facts,
        sent: Sent | None,
        asked: RoomConfig | None,
        built: Built | None,
        *,
        held: bool,
        generation: int,
    ) -> Sent | None:
        # Outside the windows nothing is remembered, except that it waits for a doubt to be cleared.
        if asked is None:
            return (sent or Sent(0, generation)) if held else None
        number = _number(facts, asked)
        kept = sent is not None and sent.upto is not None
        if sent is None or kept or sent.config_id != number or _begins_anew(facts, sent, asked):
            return Sent(number, generation, asked)
        return sent if sent.config is not None else Sent(number, sent.generation, asked)

    def is_said(self, send: Send, answer: RoomAnswer) -> bool:
        """What is empty is not built at all."""
        return True

    def list_is_news(self, before: ListState | None, now: ListState) -> bool:
        """Rooms that moved inside the windows; of a list of all rooms only how many they are."""
        if before is None or not before.known or before.spec.all_rooms != now.spec.all_rooms:
            return True
        if before.spec.filters != now.spec.filters or before.spec.sort != now.spec.sort:
            return True
        if now.spec.all_rooms:
            return before.count != now.count
        return before.windows != now.windows

    def may_have_rooms(self, ask: CompleteRequest) -> bool:
        """Also without lists there are unread counts (D-40), and ends of memberships."""
        return True

    def is_news(self, computed: Computed, *, importing: bool) -> bool:
        """Also unread counts of rooms that are not shown (D-40), and moved lists (W-9)."""
        return computed.lists_moved or bool(computed.rooms)

    def scope(
        self, chosen: Chosen, ask: CompleteRequest, computed: Computed, user: CachedUser
    ) -> Mapping[RoomID, int]:
        """E-3; never a room that the user is not in (X-3)."""
        if chosen.lists is None and chosen.rooms is None:
            return RoomsOf(user, computed.visible)
        states = computed.view.lists
        named = states if chosen.lists is None else dict.fromkeys(chosen.lists)
        listed = rooms_in_windows(states[name] for name in named if name in states)
        rooms: dict[RoomID, int] = {}
        for key in computed.visible:
            room_id = RoomID(user.known[key].row.room_id)
            if key in listed or (chosen.rooms is None and room_id in ask.subscriptions):
                rooms[room_id] = key
        for name in chosen.rooms or ():
            if name in user.by_id:
                rooms[RoomID(name)] = user.by_id[name]
        return {room_id: key for room_id, key in rooms.items() if user.may_see(key)}


def _number(facts: Facts, asked: RoomConfig) -> int:
    return number_of(asked, members_complete=facts.members_complete)


def _begins_anew(facts: Facts, sent: Sent, asked: RoomConfig) -> bool:
    """Whether what was sent does not hold any more (M-30, Z-16).

    So it is also when all members are asked for, and all of them have become known: then the
    number that was stored is the complement of the present one (``Sent.config_id``).
    """
    renewed = facts.rejoined or facts.found_again or facts.gap
    return renewed or sent.config_id == ~_number(facts, asked)


def _whole(facts: Facts, asked: RoomConfig) -> Send:
    """The whole room (section 7), with its predecessors, or its invite."""
    if facts.membership != JOIN:
        return Send(asked, initial=True, stripped=True, fields=Fields.ALL, counts=True)
    old = asked.old_rooms
    return Send(
        asked,
        initial=True,
        timeline=Latest(asked.timeline_limit),
        state=StateSent.ALL,
        fields=Fields.ALL,
        counts=True,
        live_after=facts.position,
        predecessors=None if old is None else _predecessor(old),
    )


def _predecessor(asked: RoomConfig) -> Send:
    """A room that was replaced, as of now (D-70 to D-73)."""
    return Send(
        asked,
        initial=True,
        timeline=Latest(asked.timeline_limit),
        state=StateSent.ALL,
        fields=Fields.ALL,
        counts=True,
    )


def _reconfigured(facts: Facts, sent: Sent, asked: RoomConfig) -> Send | None:
    """Parameters that changed in place send what they ask for, and nothing else (L-53).

    The whole room is sent when it entered another window or was subscribed to with other
    parameters, and when it has other news: so that none is left out.
    """
    # A new subscription wants the room; one that has ended wants nothing, nor does a list whose
    # parameters changed in place. If the room is in another list now, it may want more.
    if facts.resubscribed is not None:
        widened = facts.resubscribed
    elif facts.reconfigured:
        widened = False
    else:
        widened = sent.config is None or _asks_more(sent.config, asked)
    if widened or facts.changed:
        return _whole(facts, asked)
    limits = any(old.timeline_limit != new.timeline_limit for old, new in facts.reconfigured)
    states = any(old.required_state != new.required_state for old, new in facts.reconfigured)
    if not (limits or states) or facts.membership != JOIN:
        return None
    old = asked.old_rooms
    return Send(
        asked,
        initial=True,
        timeline=Latest(asked.timeline_limit) if limits else None,
        state=StateSent.ALL if states else None,
        fields=Fields.ALL,
        counts=True,
        live_after=facts.position,
        predecessors=None if old is None else _predecessor(old),
    )


def _kept(facts: Facts, sent: Sent, asked: RoomConfig) -> Send | None:
    """A room that is shown again, or for the first time to a client that has it (R-7, L-79)."""
    if sent.generation != INHERITED or not _has_all(sent, asked):
        return _whole(facts, asked)
    if not (facts.changed or facts.dm_changed):
        return None
    changes = _changes(facts, asked)
    if changes is None or changes.initial:
        return changes
    assert sent.upto is not None
    return msgspec.structs.replace(
        changes,
        timeline=Since(facts.bound, max(asked.timeline_limit, GOES_ON_MOST)),
        fields_after=sent.upto,
    )


def _has_all(sent: Sent, asked: RoomConfig) -> bool:
    """Whether a client was sent all that is asked for of a room, by an earlier connection."""
    had = sent.config
    return (
        had is not None
        and sent.config_id >= 0  # all members that were asked for were known
        and not _asks_more(had, asked)
        and (had.heroes or not asked.heroes)
        and asked.old_rooms in (None, had.old_rooms)
    )


def _asks_more(before: RoomConfig, now: RoomConfig) -> bool:
    """Whether the room object may lack something that is asked for now."""
    more_events = now.timeline_limit > before.timeline_limit
    return more_events or not now.wanted.within(before.wanted)


def _changes(facts: Facts, asked: RoomConfig) -> Send | None:
    """What has changed since; an invite is told as a whole or not at all."""
    if facts.membership == "invite" and facts.dm_changed:
        return _whole(facts, asked)
    if facts.membership != JOIN:
        return None
    if facts.overflow:
        return _whole(facts, asked)
    return Send(
        asked,
        timeline=Since(facts.bound),
        state=StateSent.IN_TIMELINE,
        fields=Fields.CHANGED,
        counts=True,
        fields_after=facts.position or 0,
    )


def _outside(facts: Facts, sent: Sent | None) -> Send | Wait | None:
    """A touched room outside every window and subscription."""
    known = sent is not None or facts.unsure
    kept = sent is not None and sent.upto is not None
    if facts.membership in ENDED:
        return Send(timeline=LastWords(facts.bound)) if known and facts.rejoined else None
    if facts.membership != JOIN:
        return None
    if not facts.confirmed:
        return WAIT if known and not kept else None
    if facts.listing is not None:
        return _whole(facts, facts.listing)  # L-111
    return COUNTS if facts.unread else None
