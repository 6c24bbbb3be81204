"""Joins: only a user's own poller opens a room for them, or confirms it past a gap."""

from typing import NamedTuple

from syncv3.batch import JoinedRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import put_end
from syncv3.ingest.planning.holes import join_at
from syncv3.ingest.planning.placement import STEP, Placement
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.put_out import keep_late
from syncv3.ingest.planning.room_keys import ENDED, MEMBER, membership_of
from syncv3.ingest.planning.stamps import stamp_of_report
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, UserID


class _Join(NamedTuple):
    """The user's latest transition into ``join`` in a chunk, where it has a place."""

    event: Event
    ord: int


def own_join(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    room: JoinedRoom,
    placement: Placement,
    *,
    late: bool,
) -> None:
    """The room is in the user's own ``rooms.join``: open it, or confirm it past a gap.

    A section without any event of the room says nothing about membership: Dendrite makes
    one for account data that the user sets, also of rooms that they have never been in.
    A late chunk that does not reach past the newest gap says nothing of what is behind
    it; the user's next answer must have the room again.
    """
    if not room.state and not room.timeline:
        return
    stay = planning.stay(part.user_id, part.user_key, draft.room_id)
    join = _join(planning, part, room)
    reached = not late or _reaches(planning, draft, room)
    if stay is not None and stay.membership == "join":
        if join is None or join.ord <= (stay.joined_ord or 0):
            if reached and not draft.confirmed(stay):
                pos = planning.group.take_position()
                planning.put_stay(draft, stay, confirmed_ord=draft.row.gap_ord, confirmed_pos=pos)
            return
    elif not _opens(planning, part, draft, room, stay, join, late=late):
        if reached or stay is None:
            _note_stay(planning, part, draft, room, placement, stay, join)
        return
    if reached:
        _open(planning, part, draft, room, placement, stay, join)


def _note_stay(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    room: JoinedRoom,
    placement: Placement,
    stay: UserRoomRow | None,
    join: _Join | None,
) -> None:
    """A stay that is told late, when its end is known already: the stay moves to it.

    Say Bob's stay ended with A. He has joined again (B), named the room (C) and left (L); others
    told all of this, and a gap before B kept it from him. Now his own answer has B and C. What he
    saw of the room last is the room as of C, not as of A. He was shown all that his own answer
    has, and who was in the room between that and L nobody has said.

    So it is where nothing is known of him: Alice's first answer has L, and his own first one was
    made before. What precedes Alice's may have no place in the room: then it is kept for him alone.
    """
    end = planning.entry(draft, MEMBER, part.user_id)
    if end is None or not _is_new(stay, join):
        return
    seen = planning.orders(room.timeline)
    if not seen:
        keep_late(planning, part, draft, room, end)
        return
    last = max(seen)
    _open(planning, part, draft, room, placement, stay, join)
    opened = planning.stay(part.user_id, part.user_key, draft.room_id)
    assert opened is not None
    put_end(
        planning,
        draft,
        opened,
        membership_of(end.json),
        end.json,
        left_ord=last,
        generated_us=part.generated_us if stay is None else stay.generated_us,
    )


def _is_new(stay: UserRoomRow | None, join: _Join | None) -> bool:
    """Whether a report tells of a stay that is not known yet."""
    if stay is None:
        return True
    return stay.membership in ENDED and join is not None and join.ord > (stay.left_ord or 0)


def _open(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    room: JoinedRoom,
    placement: Placement,
    stay: UserRoomRow | None,
    join: _Join | None,
) -> None:
    start = placement.start_ord
    if start is None:
        start = (draft.row.head_ord or 0) + STEP
    joined_ord = join.ord if join else _since_join(planning, part, draft, room, start)
    pos = planning.group.take_position()
    base = stay or UserRoomRow(part.user_key, draft.key, pos, "join", pos, 0)
    joined_ts = join.event.timestamp if join else _joined_ts(room, part.user_id)
    planning.put_stay(
        draft,
        base,
        membership="join",
        reset_pos=pos,
        generated_us=max(part.generated_us, base.generated_us),
        joined_ord=joined_ord,
        visible_ord=min(start, joined_ord),
        left_ord=None,
        confirmed_ord=draft.row.gap_ord or 0,
        confirmed_pos=pos if part.imports else 0,
        joined_ts=joined_ts,
        member_json=None,
        stripped=None,
        forgotten=False,
        stamp=stamp_of_report(part, joined_ts, stay),
    )


def _opens(
    planning: Planning,
    part: Part,
    draft: RoomDraft,
    room: JoinedRoom,
    stay: UserRoomRow | None,
    join: _Join | None,
    *,
    late: bool,
) -> bool:
    """Whether the report of a join is newer than the end of the membership known."""
    if stay is not None and part.generated_us < stay.generated_us:
        behind = join is not None and stay.left_ord is not None and join.ord > stay.left_ord
        return stay.membership in ENDED and behind
    entry = planning.entry(draft, MEMBER, part.user_id) if late else None
    if entry is None or membership_of(entry.json) == "join":
        return True
    if join is not None:
        return join.ord > (entry.ord or 0)
    # The join is left out of the chunk, but it goes on behind the leave that is known.
    last = max(planning.orders(room.timeline), default=0)
    return entry.ord is not None and last > entry.ord


def _reaches(planning: Planning, draft: RoomDraft, room: JoinedRoom) -> bool:
    """Whether a chunk has an event from behind the room's newest gap."""
    gap = draft.row.gap_ord or 0
    return any(ord_ >= gap for ord_ in planning.orders(room.timeline))


def _join(planning: Planning, part: Part, room: JoinedRoom) -> _Join | None:
    at = join_at(room.timeline, part.user_id)
    if at is None:
        return None
    known = planning.event(room.timeline[at].event_id)
    if known is None or known.ord is None:
        return None
    return _Join(room.timeline[at], known.ord)


def _since_join(
    planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom, start: int
) -> int:
    """Where the user's stay begins, if their join itself has no place in the timeline.

    That is behind the join, as what precedes it may have a hole where they were out;
    at ``start`` if the whole chunk is behind it.
    """
    at = join_at(room.timeline, part.user_id)
    if at is None:
        return start
    orders = planning.orders(room.timeline[at:])
    return orders[0] if orders else (draft.row.head_ord or 0) + STEP


def _joined_ts(room: JoinedRoom, user_id: UserID) -> int:
    """When the user joined, if the state block says so; 0 = not known."""
    for event in room.state:
        if event.type == MEMBER and event.state_key == user_id:
            return 0 if event.prev_membership == "join" else event.timestamp
    return 0
