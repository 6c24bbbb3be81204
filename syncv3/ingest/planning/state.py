"""Which state has changed: the state block of a chunk, and the state events in its timeline.

A value is *changed* when it is news for clients, and only *learned* when it is mere knowledge: a
member whom the homeserver sends late, or the state of a room when it is first known. The difference
is stored, since without it a member list would look to clients like ten thousand joins.

An answer tells state in two places. The block (``state``) is how things were before the chunk, or
behind it where the homeserver speaks MSC4222 (``state_after``). The timeline's own state events
come on top of the former. Neither is simply the room's state now. Say A and B name the room, in
this order, Alice's poller has brought both, and Bob's chunk begins with B. Its block has A, which
is older than B: so B, whose place is not before the chunk's beginning, stays the name. And Bob's
answer may be late: then its block only fills in what nothing is known of.

A value can also change where no timeline shows it: in a gap, or in a block that contradicts what
is known. Clients cannot be sent that as an event, so the room's ``reset_pos`` moves, by which the
room is sent to them as a whole (``initial``) once more.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from syncv3.batch import JoinedRoom
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import unseen_membership
from syncv3.ingest.planning.holes import hidden_before
from syncv3.ingest.planning.placement import Place, Placement
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import MEMBER, content_of, membership_of
from syncv3.ingest.planning.summary import first_count, follow_count, follow_heroes
from syncv3.store.knowledge import StateEntry
from syncv3.types import Event, EventID, UserID
from syncv3.untrusted import object_of

Key = tuple[str, str]
"""Type and state key."""


def take_state(
    planning: Planning,
    draft: RoomDraft,
    room: JoinedRoom,
    placement: Placement,
    start: int | None,
    *,
    head_ord: int | None,
    late: bool,
    user_id: UserID,
) -> None:
    """Applies the state block and the timeline's state events.

    ``state`` is the state before the timeline. So the timeline's events win over it, and so does
    every known event from the order ``start`` on, the beginning of the chunk. ``state_after``
    (MSC4222) is the state behind the timeline, and decides alone. A ``late`` chunk only teaches
    keys that have no value yet, and whether ``user_id``, whose chunk it is, has joined since.
    ``head_ord`` is where the room ended without the chunk; None: it was not known.
    """
    result = block_of(planning, draft, room, start, late=late, user_id=user_id)
    new = {p.event.event_id for p in placement.placed}
    if room.state_after:
        blocked = _by_key(room.state)
        if _contradicted(room, blocked, new):
            draft.set(reset_pos=planning.group.take_position())
        live = {key for key, event in blocked.items() if event.event_id in new}
    else:
        told = _told(planning, draft, room, placement, late=late)
        result |= dict(told)
        live = {key for key, event in told if event.event_id in new}
    members = apply_state(planning, draft, result, live, head_ord=head_ord, first=head_ord is None)
    follow_heroes(draft, members)


def block_of(
    planning: Planning,
    draft: RoomDraft,
    room: JoinedRoom,
    start: int | None,
    *,
    late: bool,
    user_id: UserID,
) -> dict[Key, Event]:
    """The events of a state block that count, by key; the arguments are those of ``take_state``.

    One does not count if what is known of its key is newer.

    A late chunk may have no place in the room: it begins and ends before all that is stored. Then
    what its timeline says of the state is learned as the block is. Say Bob's first answer has his
    join, and Alice's, which was made later and came first, begins behind it.
    """
    counts: dict[Key, Event] = {}
    block = _by_key(room.state)
    if late and start is None and not room.state_after:
        block |= _by_key(room.timeline)
    for key, event in block.items():
        entry = planning.entry(draft, *key)
        newer = late or (not room.state_after and _from(entry, start))
        if late and entry is not None and key == (MEMBER, user_id):
            newer = not _is_later_join(entry, event, start, draft.row.gap_ord or 0)
        if entry is None or not newer:
            counts[key] = event
    return counts


def _by_key(events: Sequence[Event]) -> dict[Key, Event]:
    return {(e.type, e.state_key): e for e in events if e.state_key is not None}


def _told(
    planning: Planning, draft: RoomDraft, room: JoinedRoom, placement: Placement, *, late: bool
) -> list[tuple[Key, Event]]:
    """The timeline's state events that may be the current value of their key, in its order."""
    new = {p.event.event_id for p in placement.placed}
    history = {p.event.event_id for p in placement.placed if p.place is Place.HISTORY}
    hidden = hidden_before(planning, draft, room)
    told = []
    for event in room.timeline:
        if event.state_key is None or event.event_id in history:
            continue
        if event.event_id not in new and (
            late or (planning.event(event.event_id) is None and event.event_id not in hidden)
        ):
            # Of a late chunk only what is new counts. In any other, an event that is not stored and
            # got no place is too old: it was superseded before what is known.
            continue
        key = (event.type, event.state_key)
        if not _superseded(planning, draft, key, event):
            told.append((key, event))
    return told


def _superseded(planning: Planning, draft: RoomDraft, key: Key, event: Event) -> bool:
    """Whether a later event of the timeline is the current value of the key already."""
    known = planning.event(event.event_id)
    # One that was not given a place lies directly before the newest gap (``hidden_before``).
    ord_ = known.ord if known is not None else (draft.row.gap_ord or 0) - 1
    entry = planning.entry(draft, *key)
    return ord_ is not None and entry is not None and entry.ord is not None and entry.ord > ord_


def _contradicted(room: JoinedRoom, blocked: Mapping[Key, Event], new: Collection[EventID]) -> bool:
    """Whether ``state_after`` contradicts the timeline: whoever saw that must be corrected.

    Clients take a state event of a timeline as the new value. State resolution may have decided
    otherwise; then the block has another event of this key, or none.
    """
    for event in room.timeline:
        if event.state_key is None or event.event_id not in new:
            continue
        after = blocked.get((event.type, event.state_key))
        if after is None or after.event_id != event.event_id:
            return True
    return False


def apply_state(
    planning: Planning,
    draft: RoomDraft,
    result: Mapping[Key, Event],
    live: Collection[Key] = (),
    *,
    head_ord: int | None,
    first: bool = False,
) -> dict[str, dict[str, Any]]:
    """Writes the keys of ``result`` whose value differs, and what they feed: names, counts, stays.

    ``live`` has the keys whose value is a new event of the timeline, which clients see there. All
    others change *aside*. ``head_ord`` is where the room ended before, ``first`` whether this is
    its first chunk: all of that is learned.

    Gives the content of the member events among them, by which the caller chooses heroes.
    """
    members: dict[str, dict[str, Any]] = {}
    for (type_, key), event in result.items():
        before = planning.entry(draft, type_, key)
        if before is not None and before.event_id == event.event_id:
            continue
        known = planning.event(event.event_id) or planning.put_event(draft, event)
        aside = (type_, key) not in live
        learned = first or (before is None and aside)
        pos = planning.group.take_position()
        planning.put_state(
            (draft.key, type_, key, known.event_key, pos, learned, before is not None)
        )
        # The bytes may be from before a redaction that this group has.
        json = planning.redacted.get(known.event_key, event.json)
        planning.state[(draft.room_id, type_, key)] = StateEntry(
            known.event_key, event.event_id, json, known.ord
        )
        content = content_of(json)
        draft.touched = True
        planning.feed(draft, type_, key, content)
        if type_ == MEMBER:
            members[key] = content
            if first:
                first_count(draft, before, content)
            elif not learned:  # one who is only learned is among the counted ones
                follow_count(draft, before, event)
            if aside and not first:
                unseen_membership(planning, draft, event, head_ord)
        if aside and not learned:
            draft.set(reset_pos=pos)  # no timeline shows the change: send the room anew (Z-16)
    return members


def _is_later_join(entry: StateEntry, event: Event, start: int | None, gap_ord: int) -> bool:
    """Whether the user's own join, from the state before a late chunk, follows what is known.

    Say Bob is kicked (K), comes back (B) and writes (m), and all but m lies in a gap of his answer.
    Alice's answer was made later, is taken in first and has m, but not B. K has a place before m,
    and the state before m has B: so B follows K.

    ``start`` is the order of the chunk's first event, ``gap_ord`` that of the event behind the
    room's newest gap. Where places do not tell, and both events are joins that Bob has sent
    himself, their times do: both are from the clock of his homeserver.
    """
    if membership_of(event.json) != "join":
        return False
    own = _own_join_at(entry, event)
    if entry.ord is not None:
        if start is None or start <= entry.ord:
            return False
        if start >= gap_ord or own is None:
            return True
    return own is not None and own < event.timestamp


def _own_join_at(entry: StateEntry, event: Event) -> int | None:
    """When the user sent the join that is known; None: it is no join, or somebody else's."""
    known = object_of(entry.json or b"")
    at = known.get("origin_server_ts")
    own = known.get("sender") == event.sender == event.state_key
    return at if own and isinstance(at, int) and membership_of(entry.json) == "join" else None


def _from(entry: StateEntry | None, ord_: int | None) -> bool:
    """Whether a state entry is an event of the timeline from this order on."""
    return entry is not None and entry.ord is not None and ord_ is not None and entry.ord >= ord_
