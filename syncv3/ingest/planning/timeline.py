"""The timeline: places a chunk's new events in their room and stores them.

Where each belongs is decided in ``placement``, a function of plain values. Here these values are
gathered, and here is what follows from the decision: rows for the events, the room's new end, gaps,
tokens, ends of other users' memberships, and redactions.

Tokens. A client that pages back from a timeline must not miss anything (D-33). The token that the
homeserver gave for a chunk (``prev_batch``) leads back from directly before its first event, so it
is stored with that event. For all others the token of the nearest newer event that has one will
do: paging from there shows a few known events again. Behind the newest of these stands the room's
``head_token``, the ``next_batch`` of the answer that brought the newest event.

If an event in the middle of a chunk could not be used, the chunk is placed in pieces, each but the
first behind a gap (see ``lost``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncv3.batch import JoinedRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import came_back, others_membership
from syncv3.ingest.planning.holes import join_at
from syncv3.ingest.planning.lost import is_lost, pieces
from syncv3.ingest.planning.placement import Place, Placed, Placement, place
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.redactions import redact_target
from syncv3.ingest.planning.room_keys import MEMBER
from syncv3.ingest.planning.stamps import stamp_of_arrival
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, RoomID, UserID


def take_timeline(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    stay: UserRoomRow | None,
    room: JoinedRoom,
    *,
    ended: bool = False,
) -> Placement:
    """Places and stores a chunk's new events; live ones act on members and redactions.

    ``stay`` is what the chunk's user was to the room before it; None: nothing. ``ended``: they have
    left, and the chunk ends with that.
    """
    members = {e.state_key: e for e in room.timeline if e.type == MEMBER and e.state_key}
    before = {key: planning.stay_of(UserID(key), draft.room_id) for key in members}
    # Only the time counts here. ``is_late`` may also find that the chunk ends before the newest
    # event; then it touches known events, and these say where the new ones belong.
    late = part.generated_us < draft.row.generated_us
    taken = Placement((), draft.end)
    for number, piece in enumerate(_pieces(planning, draft, room, late=late)):
        if number == 0:
            chunk = replace(room, timeline=piece)
        else:  # the chunk's token leads back from before what is lost
            chunk = replace(room, timeline=piece, limited=True, prev_batch=None)
            ended = ended and not _at_end(planning, draft, taken)
        placement = _take_piece(
            planning, part, draft, stay, chunk, members, late=late and number == 0, ended=ended
        )
        taken = taken.followed_by(placement)
    for user_id, event in members.items():
        came_back(planning, draft, before[user_id], event)
    return taken


def _pieces(
    planning: Planning, draft: RoomDraft, room: JoinedRoom, *, late: bool
) -> list[tuple[Event, ...]]:
    """The chunk's timeline, cut where events could not be used.

    A late chunk is only cut if its last known event is the room's newest. In any other late chunk
    what was lost lies in front of what others have told, or in history: it is left out, and no gap
    is noted.
    """
    known = [planning.event(event.event_id) for event in room.timeline]
    orders = [k.ord if k else None for k in known]
    last = next((ord_ for ord_ in reversed(orders) if ord_ is not None), None)
    if late and last != draft.row.head_ord:
        pairs = zip(room.timeline, known, strict=True)
        return [tuple(event for event, k in pairs if k is not None or not is_lost(event))]
    return pieces(room.timeline, [ord_ is not None for ord_ in orders])


def _at_end(planning: Planning, draft: RoomDraft, taken: Placement) -> bool:
    """Whether what was placed last is the room's newest event."""
    return bool(taken.placed) and taken.placed[-1].ord == draft.row.head_ord


def _take_piece(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    stay: UserRoomRow | None,
    room: JoinedRoom,
    members: Mapping[str, Event],
    *,
    late: bool,
    ended: bool,
) -> Placement:
    """Places and stores events between which nothing is missing.

    ``members`` has the last member event of each user in the whole chunk.
    """
    head = draft.row.head_ord
    orders = _orders(planning, draft, room)
    placement = find_place(planning, part, draft, stay, room, late=late, ended=ended)
    if placement.gap:  # before the loop below: a leave behind the gap ends a stay in front of it
        draft.set(gap_ord=placement.end.gap_ord)
    # Tokens of a late answer may lead back from before what is stored, and so skip it. They are
    # used only if the chunk has the room's newest event and goes on behind it.
    behind = late and not (head in orders and placement.end.head_ord != head)
    # The chunk of somebody who has left may be left out although it is newer than all that is
    # stored: then only this answer's token leads back to it.
    if not behind and (ended or any(p.place is not Place.HISTORY for p in placement.placed)):
        draft.set(head_token=part.next_batch)
    for placed in placement.placed:
        prev_batch = room.prev_batch if placed.first and not behind else None
        _store(planning, part, draft, placed, prev_batch)
        _act(planning, part, draft, placed, members)
    if placement.end != draft.end:
        draft.set(
            head_ord=placement.end.head_ord,
            gap_ord=placement.end.gap_ord,
            filled_ord=placement.end.filled_ord,
        )
    if placement.gap:
        planning.group.gaps.append((draft.key, placement.start_ord, room.prev_batch, part.user_key))
        draft.set(reset_pos=planning.group.take_position(), members_complete=False)
    return placement


def find_place(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    stay: UserRoomRow | None,
    room: JoinedRoom,
    *,
    late: bool,
    ended: bool = False,
) -> Placement:
    """Where a chunk's new events belong, without storing anything; see ``take_timeline``."""
    return place(
        room.timeline,
        _orders(planning, draft, room),
        draft.end,
        stored=[planning.event(event.event_id) is not None for event in room.timeline],
        limited=room.limited,
        continues=stay is not None and stay.membership == "join" and draft.confirmed(stay),
        late=late,
        ended=ended,
        entering=join_at(room.timeline, part.user_id),
        before=_came_in(planning, part, draft.room_id),
        behind_lost=bool(room.timeline) and is_lost(room.timeline[0]),
    )


def _orders(planning: Planning, draft: RoomDraft, room: JoinedRoom) -> list[int | None]:
    """The room orders of a chunk's events; None where an event has none in this room."""
    known = (planning.event(event.event_id) for event in room.timeline)
    return [k.ord if k and k.room_key == draft.key else None for k in known]


def is_late(planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom) -> bool:
    """Whether the homeserver made this chunk before what is known of the room.

    The time at which its first byte came stands for that, and may err by a moment. But say A and
    B are known, and a chunk ends with A: an answer ends at the homeserver's *now*, so the chunk
    was made before B happened, whenever it came.
    """
    if part.generated_us < draft.row.generated_us:
        return True
    newest = planning.event(room.timeline[-1].event_id) if room.timeline else None
    return (
        newest is not None
        and newest.room_key == draft.key
        and newest.ord is not None
        and newest.ord < (draft.row.head_ord or 0)
    )


def note_strangers(planning: Planning, room_id: RoomID, placed: Sequence[Placed]) -> None:
    """Notes senders of placed events of whom the room has no member event.

    The homeserver loads members lazily, and may have sent this one in an answer that was lost.
    Without it clients cannot show a name: ``members`` asks for it once the group is written.
    """
    for event in (p.event for p in placed):
        if (room_id, event.sender) not in planning.known.strangers:
            continue
        # Their member event may have come with this very group.
        if (room_id, MEMBER, event.sender) not in planning.state:
            events = planning.group.strangers.setdefault(room_id, {})
            events[event.sender] = event.event_id


def note_doubtful(
    planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom, placement: Placement
) -> None:
    """Notes senders behind a new gap whose member event may have changed in it.

    Say a sender's new name was in an answer that got lost on its way here. The homeserver takes
    the client to know it, so the next answer, although it begins at the same ``since``, may leave
    the member event out. So it is asked for, if answers may have been lost (``part.repeats``).
    """
    if not (part.repeats and placement.gap):
        return
    told = {e.state_key for e in (*room.state, *room.timeline) if e.type == MEMBER}
    for event in (p.event for p in placement.placed):
        if event.sender not in told and planning.entry(draft, MEMBER, event.sender) is not None:
            events = planning.group.doubtful.setdefault(draft.room_id, {})
            events[event.sender] = event.event_id


def _came_in(planning: Planning, part: Part, room_id: RoomID) -> int | None:
    """The order of the first join among reports that are newer than this part; None: there is none.

    A report is a user's own answer that has the room in ``rooms.join``. ``place`` says what the
    order is needed for.
    """
    stored = planning.known.came_in.get((room_id, part.generated_us))
    planned = [
        stay.joined_ord
        for stay in planning.stays.get(room_id, {}).values()
        if stay.membership == "join"
        and stay.generated_us > part.generated_us
        and stay.joined_ord is not None
    ]
    return min([*planned, *([] if stored is None else [stored])], default=None)


def _store(
    planning: Planning, part: Part, draft: RoomDraft, placed: Placed, prev_batch: str | None
) -> None:
    history = placed.place is Place.HISTORY or is_lost(placed.event)
    planning.put_event(
        draft,
        placed.event,
        ord_=placed.ord,
        pos=planning.group.take_position() if placed.place is Place.LIVE else None,
        history=history,
        prev_batch=prev_batch,
    )
    if not history and placed.ord > (draft.row.head_ord or 0):
        draft.appended(placed.event, _stamp(part, placed))


def _stamp(part: Part, placed: Placed) -> int:
    """When an event arrived, in milliseconds. Events of a room's first chunk happened before we
    looked, so there the sender's time counts, unless it is in the future."""
    arrived = stamp_of_arrival(part.generated_us)
    return min(placed.event.timestamp, arrived) if placed.place is Place.FIRST else arrived


def _act(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    placed: Placed,
    members: Mapping[str, Event],
) -> None:
    """What an event does to others: a live member event may end a stay, a redaction redacts."""
    event = placed.event
    if placed.place is Place.LIVE and event.type == MEMBER and event.state_key:
        others_membership(
            planning,
            draft,
            event,
            placed.ord,
            last=members[event.state_key],
            generated_us=part.generated_us,
        )
    redact_target(planning, draft, event)
