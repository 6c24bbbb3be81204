"""Joins: only a user's own poller opens a room for them, or confirms it past a gap.

A *stay* is what one local user is to one room: invited, in it or out of it. It is a row of
``ss_user_rooms``, which says of which stretch of the timeline they may be shown events, in room
orders:

- ``joined_ord``: the event of their join, or the first behind it where the join has no place.
- ``visible_ord``: the first event that they may see. It is before the join where their own answer
  began before it.
- ``left_ord``: the last event that they may see; None as long as they are in the room.
- ``confirmed_ord``: the newest gap behind which they are known to be in the room.
- ``generated_us``: when the report behind all this was made. An older report never overrules a
  newer one, so a lagging device of the same user does not turn a join back into an invite.

Opening. Alice and Bob are polled here. Alice's poller brings Bob's join (J). J is news for Alice,
and changes the counts. But from where on Bob may see the room, only the homeserver's answer to him
says. So his stay opens when that answer has the room in ``rooms.join``.

Confirming. Bob is joined, and Alice's poller meets a gap, then brings C. Members are loaded lazily,
so a leave of Bob's may be hidden in the gap, and nobody would tell us of it. So C is shown to
Alice, whose own poller has just reported the room, but not to Bob, until his own poller reports the
room behind the gap (here), or the homeserver lists him as a member (``asked.plan_confirmed``).
"""

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
    join = _join(planning, part, room)  # since the timeline was taken in, a new join has a place
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
    """Puts a later stay in the place of an ended one. It is told when its end is known already.

    Say Bob's stay ended with A. He has joined again (B), named the room (C) and left (L). Others'
    pollers brought all of this, behind a gap. Now his own answer has B and C, and he must see the
    room as he saw it last: as of C, not as of A. The stay is opened at B and ended at C at once. It
    does not reach to L, because his own answer shows that he was in the room up to C, and nobody
    has said so of the time between C and L.

    The same is done where nothing is known of him (``stay`` is None): Alice's first answer has L,
    and his own first one, which has him in the room, was made before. If nothing in his answer has
    a place in the room, what it says is kept for him alone (``put_out.keep_late``).
    """
    end = planning.entry(draft, MEMBER, part.user_id)
    if end is None or membership_of(end.json) not in ENDED or not _is_new(stay, join):
        return  # an invite, say, that followed the end: the user's own answer brings it
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
    """Opens the stay: the user is in the room, and sees it from this chunk's first event on.

    ``stay`` is what they were to the room before; None: nothing. Unread counts and tags stay.
    """
    start = placement.start_ord
    if start is None:  # no event of the chunk has a place: what comes next is theirs
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
        confirmed_ord=draft.row.gap_ord or 0,  # their own report shows that they are there
        # As high as ``reset_pos``: they were in the room before we looked, so this is no new join.
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
    """Whether the room opens, for a user who is not joined as far as is known.

    It does not if the end of their membership is newer than this report of a join. The time at
    which both were made decides; where it does not, the places of join and end in the timeline do.
    """
    if stay is not None and part.generated_us < stay.generated_us:
        behind = join is not None and stay.left_ord is not None and join.ord > stay.left_ord
        return stay.membership in ENDED and behind
    # The room's state may know of an end of which the stay does not: others' pollers brought it
    # while the user had no stay. Only a late chunk can be older than that.
    entry = planning.entry(draft, MEMBER, part.user_id) if late else None
    if entry is None or membership_of(entry.json) == "join":
        return True
    if join is not None:
        return join.ord > (entry.ord or 0)
    # The join is left out of the chunk, but it goes on behind the leave that is known.
    last = max(planning.orders(room.timeline), default=0)
    return entry.ord is not None and last > entry.ord


def _reaches(planning: Planning, draft: RoomDraft, room: JoinedRoom) -> bool:
    """Whether a chunk has an event from behind the room's newest gap; always in one without gap, if
    any event of the chunk has a place."""
    gap = draft.row.gap_ord or 0
    return any(ord_ >= gap for ord_ in planning.orders(room.timeline))


def _join(planning: Planning, part: Part, room: JoinedRoom) -> _Join | None:
    """The user's own new join in the chunk; None: it has none, or the join has no place."""
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
    """The ``joined_ord`` of a user whose join has no place in the timeline.

    If the chunk has the join, it is the first event behind it that has a place, or the next one
    that will come: what precedes the join may have a hole where they were out. If it does not, the
    join is from before the chunk, and it is ``start``, the chunk's first event.
    """
    at = join_at(room.timeline, part.user_id)
    if at is None:
        return start
    orders = planning.orders(room.timeline[at:])
    return orders[0] if orders else (draft.row.head_ord or 0) + STEP


def _joined_ts(room: JoinedRoom, user_id: UserID) -> int:
    """When the user joined, in milliseconds, if the state block says so; 0: not known.

    A member event that follows a join only changes a name or a picture: its time says nothing.
    """
    for event in room.state:
        if event.type == MEMBER and event.state_key == user_id:
            return 0 if event.prev_membership == "join" else event.timestamp
    return 0
