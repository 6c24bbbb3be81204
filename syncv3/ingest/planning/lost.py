"""Events that cannot be used: where they stood, a timeline has a hole.

A chunk A, X, B of which X cannot be used must not look as if B followed A. So X is stored
all the same, with a name made up for it and nothing in it, and a gap is noted before it:
whoever is in the room is sent it anew from B on, ``limited``, with a token from which X and
A are found. Other pollers bring the same chunk; they find X in its place, and note nothing.

An event is lost if it cannot be read or stored (the decoder says so, as ``holes`` of the room), if
its ID is that of another event (``is_reused``), or if all of its room cannot be taken in
(``whole_room_lost``). The made-up names are digests of what all pollers see alike, so that one loss
is one gap, however many bring it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar

import msgspec

from syncv3.batch import Hole, JoinedRoom, LeftRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.store.knowledge import Knowledge, KnownEvent
from syncv3.types import Event, EventID, RoomID, UserID

R = TypeVar("R", JoinedRoom, LeftRoom)


def lost_event(event_id: EventID) -> Event:
    """The event that stands in the place of one that cannot be used, under a made-up name."""
    json = msgspec.json.encode({"event_id": event_id})
    return Event(event_id=event_id, type="", sender=UserID(""), timestamp=0, json=json)


def is_lost(event: Event) -> bool:
    """Whether an event only stands for one that was lost: it has nothing but a made-up name."""
    return event.type == "" and event.json == lost_event(event.event_id).json


def as_received(planning: Planning, draft: RoomDraft, room: R) -> R:
    """The room with its timeline as the homeserver has sent it: an event that cannot be used is
    in its place, as a lost one."""
    return _without_reused(planning, draft, _with_holes(room))


def _with_holes(room: R) -> R:
    if not room.holes:
        return room
    timeline = list(room.timeline)
    for hole in reversed(room.holes):
        timeline.insert(hole.at, lost_event(hole.event_id))
    return replace(room, timeline=tuple(timeline), holes=())


def _without_reused(planning: Planning, draft: RoomDraft, room: R) -> R:
    """The room without events whose ID belongs to another event already (rule U-192).

    In old room versions the sender's server chooses the ID, and so may choose one that exists. Keys
    are by ID: the second event would be taken for the first.
    """
    reused = [e for e in (*room.state, *room.timeline) if is_reused(planning, draft, e)]
    if not reused:
        return room
    names = {e.event_id: reused_id(draft.room_id, e.event_id) for e in reused}
    for event_id, name in names.items():
        if planning.event(name) is None:
            planning.group.remarks.append((draft.room_id, f"the ID {event_id} comes again"))
    return replace(
        room,
        state=tuple(e for e in room.state if e not in reused),
        timeline=tuple(lost_event(names[e.event_id]) if e in reused else e for e in room.timeline),
    )


def is_reused(planning: Planning, draft: RoomDraft, event: Event) -> bool:
    """Whether the ID is that of an event in another room, or of another type or state key."""
    known = planning.event(event.event_id)
    return known is not None and _differs(known, draft.key, event)


def reused_names(parts: Iterable[Part], known: Knowledge) -> set[EventID]:
    """The names of what comes in these parts under other events' IDs.

    They are only found once the events of the parts are known, and must be looked up themselves,
    since another poller may have brought the same event, and so have stored the name.
    """
    found: set[EventID] = set()
    for part in parts:
        for room_id, joined in (*part.ahead.items(), *part.joined.items()):
            found |= _reused_names(room_id, (*joined.state, *joined.timeline), known)
        for room_id, left in part.left.items():
            found |= _reused_names(room_id, (*left.state, *left.timeline), known)
    return found


def _reused_names(room_id: RoomID, events: Iterable[Event], known: Knowledge) -> set[EventID]:
    row = known.rooms.get(room_id)
    key = None if row is None else row.room_key
    return {
        reused_id(room_id, event.event_id)
        for event in events
        if (stored := known.events.get(event.event_id)) and _differs(stored, key, event)
    }


def _differs(known: KnownEvent, room_key: int | None, event: Event) -> bool:
    stored = known.room_key, known.type, known.state_key
    return stored != (room_key, event.type, event.state_key)


def reused_id(room_id: RoomID, event_id: EventID) -> EventID:
    """The made-up name of an event that came in this room under another event's ID."""
    return EventID("lost:" + sha256(f"{room_id} {event_id}".encode()).hexdigest())


def whole_room_lost(room: JoinedRoom, otherwise: str) -> JoinedRoom:
    """What is stored of a room that could not be taken in: that something is missing in it.

    Pollers whose chunks end with the same event name it alike; ``otherwise`` names it where
    there is no such event. A section without any event, which says nothing of whether its user
    is in the room, loses only what else is in it.
    """
    if not (room.state or room.timeline or room.holes):
        return JoinedRoom()
    last = room.timeline[-1].event_id if room.timeline else otherwise
    name = EventID("lost:" + sha256(f"room {last}".encode()).hexdigest())
    return JoinedRoom(limited=True, holes=(Hole(0, name),))


def pieces(timeline: Sequence[Event], known: Sequence[bool]) -> list[tuple[Event, ...]]:
    """A chunk in pieces: each but the first begins with what was lost, and stands behind a gap.

    ``known`` marks events that have a place already. What was lost before the last of these
    is left out: others were told of what is around as if nothing were missing. Say X was lost, and
    the chunk is A X B. If nothing is known the pieces are A and X B. If B is known, another
    poller brought it without X, and there is one piece, A B. If X is known, as another poller has
    lost it too, there is one as well: A X B.
    """
    last = max((i for i, k in enumerate(known) if k), default=-1)
    found: list[list[Event]] = [[]]
    for i, event in enumerate(timeline):
        lost = is_lost(event) and not known[i]
        if lost and i < last:
            continue
        before = found[-1][-1] if found[-1] else None
        if lost and not (before is not None and is_lost(before)):
            found.append([])
        found[-1].append(event)
    return [tuple(piece) for piece in found]
