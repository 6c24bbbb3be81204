"""Makes room objects: whole ones, changes, invites, and the last word after a leave.

These are for rooms that the user is in, and for dialects whose clients keep only what they are
shown. (``entries.py`` has the entries of the other dialects.) Two bounds matter in all of it. What
the user may *see* begins with their join and the newest gap. What the client *lacks* begins
after the position up to which it was told of the room. A whole room is about the first alone; a
change is about both.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

from syncv3.cache.events import CachedEvent
from syncv3.cache.listed import ListedRoom
from syncv3.cache.rooms import CachedRoom
from syncv3.engine.ended import in_hole, is_later_word, known_to_end, token_of_end
from syncv3.engine.sending import Latest, Send, StateSent
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import (
    MEMBER,
    Timeline,
    initial_timeline,
    last_timeline,
    wire,
    without_later_redaction,
)
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.required_state import Wanted
from syncv3.protocol.response import RoomAnswer

BumpTypes = frozenset[str] | None
NOTHING: Final = Timeline()
NO_STATE: Final = Wanted()


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """A room object, with the timeline it has and the members it names lazily.

    ``unmet`` are senders of whom there is no member event yet.
    """

    answer: RoomAnswer
    timeline: Timeline = NOTHING
    members: frozenset[str] = frozenset()
    unmet: frozenset[str] = frozenset()
    struck: frozenset[str] = frozenset()  # see ``view.Met``


def build_whole(
    sources: Sources, listed: ListedRoom, send: Send, *, bump_types: BumpTypes
) -> Built:
    """A room, or parts of it, as of now (section 7), or its invite."""
    if send.stripped:
        return Built(_invite(listed, send.config))
    room, config, told = listed.room, send.config, listed.told
    events = Timeline()
    if isinstance(send.timeline, Latest):
        limit = send.timeline.limit
        events = initial_timeline(sources, room, listed.stay, limit, send.live_after)
    want = config.wanted
    senders = frozenset(e.sender for e in events.events) if want.lazy else frozenset()
    wanted = want if send.state is StateSent.ALL else NO_STATE
    required_state = _state(sources, room, wanted, senders)
    met = _met(room, senders)
    return Built(
        RoomAnswer(
            initial=send.initial,
            name=told.name,
            avatar=told.avatar,
            heroes=(told.heroes or None) if config.heroes else None,
            is_dm=told.is_dm,
            required_state=required_state,
            timeline=tuple(wire(sources, event) for event in events.events),
            prev_batch=events.prev_batch,
            limited=events.cut,
            num_live=events.live,
            joined_count=told.joined,
            invited_count=told.invited,
            notification_count=listed.notification_count,
            highlight_count=listed.highlight_count,
            timestamp=listed.activity(bump_types),
        ),
        events,
        met,
        senders - met,
    )


def build_delta(
    sources: Sources,
    listed: ListedRoom,
    send: Send,
    events: Timeline,
    *,
    bump_types: BumpTypes,
    members_sent: Iterable[str],
    unmet: Iterable[str],
) -> Built | None:
    """What changed in a room that the client has; None if nothing did.

    ``events`` are the new ones, already cut where an own event is held back. ``members_sent`` are
    the members that the client has. ``unmet`` are senders who were shown without a member event,
    as there was none: if it has come meanwhile it is sent now.
    """
    stay, want = listed.stay, send.config.wanted
    state = [e for e in events.events if _repeated(want, e)]
    lazily: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    if want.lazy:
        known = {*members_sent, *(e.state_key for e in state if e.type == MEMBER)}
        wanted_now = {*unmet, *(e.sender for e in events.events)} - known
        found = sources.members_of(listed.room.row.room_key, wanted_now)
        lazily = frozenset(found)
        strangers = frozenset(wanted_now - lazily)
        state[:0] = found.values()
    changed = changed_fields(sources, listed, send.fields_after, heroes=send.config.heroes)
    if not (events.events or state or changed or stay.unread_pos > send.fields_after):
        return None
    return Built(
        RoomAnswer(
            required_state=tuple(wire(sources, event) for event in state),
            timeline=tuple(wire(sources, event) for event in events.events),
            prev_batch=events.prev_batch,
            num_live=events.live,
            notification_count=stay.notification_count,
            highlight_count=stay.highlight_count,
            timestamp=listed.activity(bump_types) if events.events else None,
            **changed,
        ),
        events,
        lazily | {e.state_key or "" for e in state if e.type == MEMBER},
        strangers,
    )


def changed_fields(
    sources: Sources, listed: ListedRoom, bound: int, *, heroes: bool
) -> dict[str, Any]:
    """Name, avatar, counts and DM flag where they differ from what the client was told.

    It was told all up to ``bound`` (D-22, D-25). Where the cache does not know what that
    was, the row's positions say what may have changed since.
    """
    row, now = listed.room.row, listed.told
    before = sources.seen.told_at(row.room_key, bound)
    fields: dict[str, Any] = {}
    if _differs(before.name, now.name, row.name_pos > bound):
        fields["name"] = now.name
    if heroes and now.heroes and _differs(before.heroes, now.heroes, row.name_pos > bound):
        fields["heroes"] = now.heroes
    if _differs(before.joined, now.joined, row.counts_pos > bound):
        fields["joined_count"] = now.joined
    if _differs(before.invited, now.invited, row.counts_pos > bound):
        fields["invited_count"] = now.invited
    if _differs(before.is_dm, now.is_dm, sources.user.row.pos > bound):
        fields["is_dm"] = now.is_dm
    if _differs(before.avatar, now.avatar, row.avatar_pos > bound or "is_dm" in fields):
        fields["avatar"] = now.avatar
    return fields


def _differs(before: object, now: object, perhaps: bool) -> bool:
    """Whether a value is another one than before; ``perhaps`` if None is known of that."""
    return perhaps if before is None else before != now


def build_counts(listed: ListedRoom) -> RoomAnswer:
    """The unread counts of a room that is not shown (D-40): clients count over all rooms."""
    return RoomAnswer(
        notification_count=listed.notification_count, highlight_count=listed.highlight_count
    )


def build_left(sources: Sources, listed: ListedRoom, bound: int) -> RoomAnswer:
    """What the user may still see after a leave, kick, ban or rejection (M-5, M-8 to M-10).

    The events up to the end of the membership, ending with it; no name, no state.
    """
    room, stay = listed.room, listed.stay
    events: list[bytes] = []
    limited, prev_batch = False, None
    if stay.joined_ord is not None and room.row.head_ord is not None:
        found = last_timeline(sources, room, stay, bound) or Timeline((), True)
        known = found.events or known_to_end(sources, listed)
        if in_hole(sources, listed, known) or is_later_word(stay, known):
            found = Timeline((), True, prev_batch=token_of_end(listed))
        limited, prev_batch = found.cut, found.prev_batch
        seen = frozenset(event.event_id for event in found.events)
        events = [
            without_later_redaction(wire(sources, event), seen)
            for event in found.events
            if event.ord != stay.left_ord
        ]
    elif stay.visible_ord is not None or listed.remnant is not None:
        # An invite has ended; an earlier stay, or one that followed it, may have done so untold.
        limited, prev_batch = True, listed.remnant.token if listed.remnant is not None else None
    if stay.member_json is not None:
        events.append(stay.member_json)
    return RoomAnswer(
        timeline=tuple(events),
        prev_batch=prev_batch,
        limited=limited,
        num_live=len(events),
        notification_count=0,
        highlight_count=0,
        membership="ban" if stay.membership == "ban" else "leave",
    )


def _invite(listed: ListedRoom, config: RoomConfig) -> RoomAnswer:
    """A pending invite or knock: nothing but what its stripped state says (D-26, M-1)."""
    told = listed.told
    return RoomAnswer(
        initial=True,
        name=told.name,
        avatar=told.avatar,
        heroes=(told.heroes or None) if config.heroes else None,
        is_dm=told.is_dm,
        joined_count=told.joined,
        invited_count=told.invited,
        notification_count=listed.notification_count,
        highlight_count=listed.highlight_count,
        timestamp=listed.activity(None) or None,
        stripped_state=listed.stripped,
        membership="invite" if listed.is_invite else "knock",
    )


def _state(
    sources: Sources, room: CachedRoom, want: Wanted, senders: frozenset[str]
) -> tuple[bytes, ...]:
    """The current state that is asked for, with the members of the senders (7.4, 7.5)."""
    if want.nothing and not senders:
        return ()
    if room.state is None:
        sources.missing.states.add(room.row.room_key)
        return ()
    chosen = list(want.among(room.state))
    everybody: tuple[bytes, ...] = ()
    if want.all_members:
        sources.members_of(room.row.room_key, set(senders))  # who is met must be known
        everybody = _everybody(sources, room, but=want.members_left_out)
    else:
        members = {*want.members, *senders}
        chosen += sources.members_of(room.row.room_key, members).values()
    found = {event.event_key: event for event in chosen}  # once each, in order of arrival
    return (*(found[key].wire for key in sorted(found)), *everybody)


def _everybody(sources: Sources, room: CachedRoom, *, but: frozenset[str]) -> tuple[bytes, ...]:
    """All members of a room but some, several in each piece: there may be any number of them."""
    loaded = sources.loaded.all_members.get(room.row.room_key)
    if loaded is None or not room.follows(loaded):
        sources.missing.all_members.add(room.row.room_key)
        return ()
    return loaded.pieces(but)


def _repeated(want: Wanted, event: CachedEvent) -> bool:
    """Whether a live state event is repeated in ``required_state`` (D-57)."""
    return event.state_key is not None and want.repeats(event.type, event.state_key)


def _met(room: CachedRoom, senders: frozenset[str]) -> frozenset[str]:
    """Those of whom there is a member event: the others are sent when it has come."""
    return frozenset(user_id for user_id in senders if room.members.get(user_id) is not None)
