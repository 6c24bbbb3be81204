"""Which events of a room's timeline one user's answer has.

A room's timeline is one row of events for all its members, ordered by ``ord``. Each event also has
the position (``pos``) at which *we* learned it. What one user is shown is a stretch of it:

- It begins at the user's join, and never before the newest *gap*: events are missing there,
  so what lies before must not look as if it came directly before what lies behind.
- It ends at the end of the user's membership, if that has ended.
- Events of ignored senders are left out, before anything is counted.

A whole room shows the newest ``limit`` events of that stretch (``initial_timeline``), and says
``limited`` if there are more of it, or if there is history before it. A change shows those
which became known after the client's position (``live_timeline``).

An example: A, B, a gap, C, D, E; the client asks for two events. It is sent D and E, ``limited``,
with a token that leads back from D. If it asks for ten it is sent C, D and E, ``limited``, with the
token of the gap. What the memory holds of a room is its newest part only, from ``room.floor`` on;
where that is not enough, what is lacking is noted as missing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from syncv3.cache.events import CachedEvent, begins_stay
from syncv3.cache.rooms import CachedRoom
from syncv3.engine.past import NO_PAST, Past, with_past
from syncv3.engine.sources import Sources
from syncv3.store.rows import UserRoomRow
from syncv3.untrusted import object_of, raw_object

LIVE_MOST: Final = 500  # with more events than this a room is sent anew
LOOK_BACK: Final = 250
LOOK_BACK_ROOMS: Final = 50
MEMBER: Final = "m.room.member"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events oldest first; ``cut`` says that older ones which the user may see are left out.

    ``live`` counts the trailing events that are news since the client's position. ``wants``: how
    many events from before the stored stretch should be there, for the user to see enough.
    """

    events: tuple[CachedEvent, ...] = ()
    cut: bool = False
    live: int = 0
    prev_batch: str | None = None
    wants: int = 0


def visible(stay: UserRoomRow, event: CachedEvent) -> bool:
    """Whether the event lies in what the user may see of the room (X-1, X-4)."""
    if event.ord is None or event.ord < (stay.joined_ord or 0):
        return False
    return stay.left_ord is None or event.ord <= stay.left_ord


def initial_timeline(
    sources: Sources, room: CachedRoom, stay: UserRoomRow, limit: int, after: int | None
) -> Timeline:
    """The newest ``limit`` events since the user's join and the newest gap (D-30).

    Events of ignored senders are left out before they are counted (IG-2). ``after``: events that
    became known later are live; None: none is, as on a first answer.
    """
    if room.timeline is None:
        sources.missing.timelines.add(room.row.room_key)
        return Timeline()
    seen = [event for event in room.timeline if visible(stay, event)]
    heeded = [event for event in seen if not ignored(sources, event)]
    if len(heeded) < min(limit, len(seen)):
        seen = [*look_back(sources, room, stay), *seen]
        heeded = [event for event in seen if not ignored(sources, event)]
    past = _past(sources, room, stay, seen) if len(heeded) < limit else None
    if past is not None:
        seen = with_past(past, seen)
        heeded = [event for event in seen if not ignored(sources, event)]
    shown = tuple(heeded[-limit:]) if limit > 0 else ()
    older = has_older(sources, stay, shown[0]) if shown else _ends_behind_gap(room, stay)
    older = older and not (past is not None and past.done)
    cut = len(heeded) > len(shown) or older or (not shown and bool(seen))
    live = 0
    if after is not None:
        for event in reversed(shown):
            if event.pos is None or event.pos <= after:
                break
            live += 1
    # If all that was looked at is ignored, the client goes on where the looking ended.
    first = shown[:1] if heeded else tuple(seen[:1])
    token = token_before(room, first, seen) if first or cut else None
    return Timeline(shown, cut, live, token, _wants(past, limit - len(shown)))


def _past(
    sources: Sources, room: CachedRoom, stay: UserRoomRow, seen: Sequence[CachedEvent]
) -> Past | None:
    """What the user has asked for of the time before the stored stretch; None: nothing of it is
    to be shown, as the stretch is not all here, or begins with the room or the user's join."""
    row = room.row
    if not seen or room.floor > max(row.gap_ord or 0, stay.joined_ord or 0):
        return None
    if not has_older(sources, stay, seen[0]):
        return None
    asked = (stay.user_key, row.room_key)
    loaded = sources.loaded.pasts.get(asked)
    if loaded is None or loaded[0] < max(row.pos, sources.user.filled_at(row.room_key)):
        sources.missing.pasts.add(asked)
        return None
    past = loaded[1]
    return past if any(event.ord == past.base_ord for event in seen) else NO_PAST


def _wants(past: Past | None, lacking: int) -> int:
    """How many events from before the stretch there should be."""
    if past is None or past.done or past.stuck or lacking <= 0:
        return 0
    return len(past.events) + lacking


def still_wants(sources: Sources, room: CachedRoom, stay: UserRoomRow, limit: int) -> int:
    """The same for a room in which something happens, while its history lacks: perhaps because
    it could not be fetched when the room was sent."""
    timeline, row = room.timeline, room.row
    if timeline is None or len(timeline) >= limit or sources.user.filled_at(row.room_key):
        return 0
    seen = [event for event in timeline if visible(stay, event)]
    if not seen or room.floor > max(row.gap_ord or 0, stay.joined_ord or 0):
        return 0
    return limit - len(seen) if has_older(sources, stay, seen[0]) else 0


def look_back(sources: Sources, room: CachedRoom, stay: UserRoomRow) -> list[CachedEvent]:
    """What precedes the loaded part of the timeline, as far as ``LOOK_BACK`` goes.

    It is needed where many of the loaded events are those of ignored senders. An answer
    looks back in some of its rooms only: what the others lack can be paged to.
    """
    start = max(room.row.gap_ord or 0, stay.joined_ord or 0)
    asked = (room.row.room_key, start, room.floor)
    loaded = sources.loaded.older.get(asked)
    if loaded is not None and loaded[0] >= room.row.pos:
        return [event for event in loaded[1] if visible(stay, event)]
    looked = len(sources.loaded.older) + len(sources.missing.older)
    if room.floor > start and looked < LOOK_BACK_ROOMS:
        sources.missing.older.add(asked)
    return []


def live_timeline(
    sources: Sources,
    room: CachedRoom,
    stay: UserRoomRow,
    bound: int,
    *,
    across_gaps: bool = False,
) -> Timeline | None:
    """What happened after ``bound``; None when it is too much: the room starts anew.

    What lies before the room's newest gap is in it only with ``across_gaps``.
    """
    timeline = room.timeline
    key = room.row.room_key
    elsewhere = across_gaps and room.row.gap_ord is not None
    if timeline is None and not elsewhere:
        sources.missing.timelines.add(key)
        return Timeline()
    if timeline is not None and not elsewhere and covers(room, timeline, bound):
        found: Sequence[CachedEvent] = [e for e in timeline if e.pos is not None and e.pos > bound]
    else:
        wanted = (key, stay.joined_ord or 0, bound)
        loaded = sources.loaded.live.get(wanted)
        if loaded is None or loaded[0] < room.row.pos:
            sources.missing.live.add(wanted)
            return Timeline()
        upto = sources.cache.position
        found = [e for e in loaded[1] if e.pos is not None and e.pos <= upto]
    if len(found) >= LIVE_MOST:
        return None
    shown = tuple(e for e in found if visible(stay, e) and not ignored(sources, e))
    token = token_before(room, shown, room.timeline or ()) if shown else None
    return Timeline(shown, False, len(shown), token)


def last_timeline(
    sources: Sources, room: CachedRoom, stay: UserRoomRow, bound: int
) -> Timeline | None:
    """What a user who has left may still be told; ``cut`` if something lies before it.

    That is a gap, or an earlier stay. (A room that goes on starts anew after these.) Of a stay
    that began after ``bound`` all is told: what others were told of it before, too.
    """
    entered = stay.entered_pos > bound
    found = live_timeline(sources, room, stay, 0 if entered else bound, across_gaps=True)
    if found is None or not found.events:
        return found
    if entered or found.events[0].ord == stay.joined_ord:
        found = replace(found, cut=True)
    if room.row.gap_ord is None:
        return found
    orders = [event.ord or 0 for event in found.events]
    before = [orders[0] - 1, *orders]  # a gap may begin at an event between that was lost
    stretches = [(room.row.room_key, *pair) for pair in zip(before, orders, strict=False)]
    behind_gap = sources.loaded.gaps
    if unknown := [stretch for stretch in stretches if stretch not in behind_gap]:
        sources.missing.gaps.update(unknown)
        return found
    # Perhaps no gap lies between these events, and the newest one before the first of them: if the
    # client was not told of it, something is missing there (``cut``), and all of these are told.
    told_behind = room.row.reset_pos <= bound or room.row.gap_ord > orders[0]
    otherwise = None if told_behind else 0
    at = max((i for i, stretch in enumerate(stretches) if behind_gap[stretch]), default=otherwise)
    if at is None:
        return found
    rest = found.events[at:]
    return Timeline(rest, True, len(rest), token_before(room, rest, room.timeline or ()))


def held_from(sources: Sources, events: Collection[CachedEvent]) -> list[CachedEvent]:
    """The own events whose transaction ids are still to come (TX-3).

    State events have none. Events without a position are old: no poller reports them any more.
    """
    return [
        event
        for event in events
        if event.sender == sources.me
        and event.state_key is None
        and event.pos is not None
        and event.event_key not in sources.transactions
    ]


def wire(sources: Sources, event: CachedEvent) -> bytes:
    """The event as this device gets it: with its own transaction id, if it has one."""
    if event.sender == sources.me:
        txn_id = sources.transactions.get(event.event_key)
        if txn_id is not None:
            return event.with_transaction(txn_id)
    return event.wire


def without_later_redaction(whole: bytes, seen: Collection[str]) -> bytes:
    """An event for somebody who has left: it does not show a redaction they may not see.

    What was redacted stays so; ``seen`` are the events that are told with it.
    """
    if b'"redacted_because"' not in whole:
        return whole
    fields = raw_object(whole)
    unsigned = raw_object(fields.get("unsigned", b""))
    because = unsigned.get("redacted_because")
    if because is None or object_of(because).get("event_id") in seen:
        return whole
    del unsigned["redacted_because"]
    fields["unsigned"] = msgspec.Raw(msgspec.json.encode(unsigned))
    if not unsigned:
        del fields["unsigned"]
    return msgspec.json.encode(fields)


def covers(room: CachedRoom, timeline: list[CachedEvent], bound: int) -> bool:
    """Whether everything after ``bound`` is in the loaded part of the timeline.

    It goes back to the newest gap at most, which may have opened after ``bound``.
    """
    gap = room.row.gap_ord
    if room.floor <= (gap or 0) and (gap is None or room.row.reset_pos <= bound):
        return True
    oldest = timeline[0] if timeline else None
    return oldest is not None and (oldest.pos or 0) <= bound  # the first chunk has no positions


def _ends_behind_gap(room: CachedRoom, stay: UserRoomRow) -> bool:
    """Whether a timeline is empty because all that is known lies before the newest gap.

    What is behind it was lost, and nothing has followed yet.
    """
    gap = room.row.gap_ord
    return gap is not None and gap >= (stay.joined_ord or 0)


def has_older(sources: Sources, stay: UserRoomRow, first: CachedEvent) -> bool:
    """Whether there is history before the oldest event, here or at the homeserver."""
    return not begins_stay(first, sources.me, stay.joined_ord)


def ignored(sources: Sources, event: CachedEvent) -> bool:
    """Whether the user is not shown it, as they ignore its sender. State is shown from anybody."""
    return event.state_key is None and event.sender in sources.user.ignored


def token_before(
    room: CachedRoom, shown: Sequence[CachedEvent], known: Sequence[CachedEvent]
) -> str | None:
    """A token from which ``/messages`` goes back without skipping any (D-33).

    It may lead back to events that are shown, but never to a place before the first of them.
    ``known`` events may have one where the first has none. If none is shown it leads back
    to all that is stored.
    """
    if not shown:
        return room.row.head_token
    first = shown[0]
    if first.prev_batch is not None:
        return first.prev_batch
    for event in known:
        if (event.ord or 0) > (first.ord or 0) and event.prev_batch is not None:
            return event.prev_batch
    return room.row.head_token
