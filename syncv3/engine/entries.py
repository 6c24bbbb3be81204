"""Makes the entries of rooms whose users may have left: bounded by the end of the membership.

The order matters. The timeline comes first, as it says whether the entry is limited and who has
spoken; then the state of the same stretch, then the fields that are made from it.

An example: a client has a room up to position 7, and asks for two events. At 8 Bob says A, at 9
Carol changes the topic (B), at 10 she says C. The timeline is B and C, and ``limited``, because A
was left out. The state has everything that changed after 7, whether the timeline shows it or not:
the topic. If members are loaded lazily, Carol's event comes if the client lacks it; Bob's does
not, as nothing of him is in the entry. Of the fields, the name is not said, as nothing that it is
made from has changed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from syncv3.cache.events import CachedEvent
from syncv3.cache.listed import ListedRoom
from syncv3.cache.rooms import CachedRoom
from syncv3.engine.bounded import Bounded, Keys, bounded
from syncv3.engine.ended import ended_timeline, remnant_timeline
from syncv3.engine.entry_state import EntryState, Known, changed_state, whole_state
from syncv3.engine.facts import ENDED
from syncv3.engine.newest import live_of, newest_timeline
from syncv3.engine.rooms import Built
from syncv3.engine.sending import Changed, Fields, Latest, Newest, Send, StateSent
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import Timeline, initial_timeline, wire, without_later_redaction
from syncv3.protocol.bump_types import BUMP_TYPES
from syncv3.protocol.required_state import MEMBER, StateKey, Wanted
from syncv3.protocol.response import RoomAnswer
from syncv3.store.rows import UserRoomRow
from syncv3.untrusted import object_of, raw_object, text

NAME: Final = ("m.room.name", "")
AVATAR: Final = ("m.room.avatar", "")
NOTHING: Final = Wanted()


def timeline_of(sources: Sources, listed: ListedRoom, send: Send) -> Timeline | None:
    """The timeline that is to be sent; None: the entry has none."""
    room, stay, want = listed.room, _with_history(listed.stay), send.timeline
    if not isinstance(want, Latest | Newest) or want.limit < 1:
        return None
    after = want.after if isinstance(want, Newest) else None
    if stay.membership in ENDED:
        if stay.joined_ord is None:
            return remnant_timeline(sources, listed, after, send.live_after)
        found = ended_timeline(sources, listed, stay, after, want.limit, send.live_after)
    elif isinstance(want, Latest):
        found = _latest(sources, room, stay, want.limit, send.live_after)
    else:
        found = newest_timeline(sources, room, stay, want, send.live_after)
    since = sum((event.ord or 0) >= (listed.stay.joined_ord or 0) for event in found.events)
    return replace(found, live=min(found.live, since)) if found.live > since else found


def _latest(
    sources: Sources, room: CachedRoom, stay: UserRoomRow, limit: int, live_after: int | None
) -> Timeline:
    """The newest events of a joined room, however old. Even if there is none, it is said from
    where to page back (S-195)."""
    found = initial_timeline(sources, room, stay, limit, live_after)
    begun = bool(found.events) and found.events[0].type != "m.room.create"
    return replace(
        found,
        cut=found.cut or begun,  # there is more before any join (S-193)
        live=live_of(found.events, live_after, _entered_at(stay)),
        prev_batch=found.prev_batch or room.row.head_token,
    )


def _entered_at(stay: UserRoomRow) -> int:
    """When the service was told that the user has come into the room; 0: when it first heard of
    them, which says nothing of when they came.

    The first events of a room have no positions, as most are old when the service hears of it.
    Say the user creates a room: their next sync brings A (create), B (their join) and C. All
    that has followed the join is news for a client that was there before (S-194).
    """
    return stay.reset_pos if stay.confirmed_pos < stay.reset_pos else 0


def _with_history(stay: UserRoomRow) -> UserRoomRow:
    """The user's relation to the room, as if they had joined where their own sync has begun.

    What it brought from before their join is theirs to see, too (S-176).
    """
    seen = stay.visible_ord
    if seen is None or stay.joined_ord is None or seen >= stay.joined_ord:
        return stay
    return msgspec.structs.replace(stay, joined_ord=seen)


def build_entry(
    sources: Sources, listed: ListedRoom, send: Send, events: Timeline | None, known: Known
) -> Built:
    """An entry with these events. ``known``: what its client knows of members.

    It is ``limited`` if events were left out, and also if it is not known any more which state
    has changed: then the client is sent all state that it asks for, as a whole.
    """
    room = bounded(sources, listed)
    timeline = events or Timeline()
    changed = room.changed(send.state.after) if isinstance(send.state, Changed) else None
    limited = timeline.cut or (isinstance(send.state, Changed) and changed is None)
    told = _state(sources, room, send, timeline.events, known, limited=limited)
    answer = RoomAnswer(
        initial=send.initial,
        required_state=(*_wires(sources, listed, told.events), *told.everybody),
        timeline=_wires(sources, listed, timeline.events),
        prev_batch=timeline.prev_batch,
        limited=limited,
        num_live=timeline.live,
        has_timeline=events is not None,
        expanded=isinstance(send.timeline, Latest) and send.timeline.expanded,
        is_dm=send.dm,
        notification_count=listed.notification_count,
        highlight_count=listed.highlight_count,
        bump_stamp=_stamp(listed, send, events, limited=limited),
        gone=told.gone,
        reminder=_wires(sources, listed, _reminder(sources, room, send, told)),
        membership=listed.stay.membership,  # type: ignore[arg-type]
        **_fields(listed, room, send, changed),
    )
    return Built(answer, timeline, told.members, told.unmet, told.struck)


def build_pending(listed: ListedRoom, send: Send) -> Built:
    """A pending invite or knock: nothing but what its stripped state says (S-310)."""
    told = listed.told
    stripped = send.stripped
    return Built(
        RoomAnswer(
            initial=send.initial,
            name=told.name if stripped else None,
            avatar=told.avatar if stripped else None,
            is_dm=send.dm,
            has_timeline=False,
            notification_count=listed.notification_count,
            highlight_count=listed.highlight_count,
            bump_stamp=listed.stamp(BUMP_TYPES),
            stripped_state=listed.stripped if stripped else None,
            membership="invite" if listed.is_invite else "knock",
        )
    )


def _state(
    sources: Sources,
    room: Bounded,
    send: Send,
    events: Sequence[CachedEvent],
    known: Known,
    *,
    limited: bool,
) -> EntryState:
    others = (sources.me,) if send.own_member else ()
    want = send.config.wanted
    if isinstance(send.state, Changed):
        return changed_state(room, want, send.state, events, known, limited=limited, others=others)
    return whole_state(room, want if send.state is StateSent.ALL else NOTHING, events, others)


def _reminder(
    sources: Sources, room: Bounded, send: Send, told: EntryState
) -> tuple[CachedEvent, ...]:
    """The user's own member event, unless it is told anyway."""
    if not send.reminds or told.everybody:
        return ()
    own = room.members((sources.me,)).values()
    return tuple(event for event in own if event not in told.events)


def _wires(
    sources: Sources, listed: ListedRoom, events: Sequence[CachedEvent]
) -> tuple[bytes, ...]:
    """The events as the device gets them; who has left is shown no redaction of later."""
    found = [wire(sources, event) for event in events]
    if listed.stay.membership in ENDED:
        seen = frozenset(event.event_id for event in events)
        found = [without_later_redaction(each, seen) for each in found]
    return tuple(found)


def _stamp(listed: ListedRoom, send: Send, events: Timeline | None, *, limited: bool) -> int | None:
    """When the room was last active, where that may be another time than before (S-282)."""
    always = send.initial or limited or listed.stay.membership != "join"
    if always or events is None or any(event.type in BUMP_TYPES for event in events.events):
        return listed.stamp(BUMP_TYPES)
    return None


def _fields(listed: ListedRoom, room: Bounded, send: Send, changed: Keys | None) -> dict[str, Any]:
    """Name, avatar, heroes and counts, as far as they are to be said (S-270 to S-276)."""
    if send.fields is None:
        return {}
    whole = send.fields is not Fields.TOUCHED or changed is None
    keys: Keys = changed or frozenset()
    # A field is said if the state that it is made from has changed, perhaps to the same value:
    # which value the client was told is not kept.
    named = whole or NAME in keys
    pictured = whole or AVATAR in keys
    if listed.stay.membership in ENDED:
        return _frozen_fields(room, named=named, pictured=pictured)
    told, fields = listed.told, dict[str, Any]()
    if named:
        fields["name"] = told.name or ""
    if pictured:
        fields["avatar"] = told.avatar
    counted = whole or listed.room.row.counts_pos > send.fields_after
    if counted or any(type_ == MEMBER for type_, _ in keys):
        fields |= {"joined_count": told.joined, "invited_count": told.invited}
        named = True
    if named and told.heroes:
        fields["heroes"] = told.heroes
    return fields


def _frozen_fields(room: Bounded, *, named: bool, pictured: bool) -> dict[str, Any]:
    """Name and avatar as of the end of the membership, and nothing else (S-273, S-275)."""
    fields = dict[str, Any]()
    if named:
        fields["name"] = _content(room, NAME, "name") or ""
    if pictured:
        fields["avatar"] = (_content(room, AVATAR, "url"),)
    return fields


def _content(room: Bounded, key: StateKey, name: str) -> str | None:
    event = room.state().get(key)
    if event is None:
        return None
    return text(object_of(raw_object(event.wire).get("content", b"")).get(name))
