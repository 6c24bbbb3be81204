"""The rooms of a part, step by step: timeline, state, then who may see it.

The order of the steps matters, because each relies on what those before it have written:

1. What cannot be used becomes a hole in the timeline (``lost``), so that no step sees it.
2. The version of a new room is read: it decides how the events of this very chunk are redacted.
3. Is the chunk *late*? That is asked while its events are not stored, and the room's end not moved.
4. If the chunk begins before its user's own join and history is hidden, it is cut (``holes``).
5. The new events get their places. Gaps are noted here; ends of memberships look at them.
6. State comes after that, because its events must have their places: a later one wins.
7. Senders are noted who have no member event: neither before, nor by the state of this chunk.
8. Counts and heroes of the homeserver's summary replace those that were counted from events.
9. The user's own stay is opened or confirmed, now that the chunk has places.
10. Unread counts and tags come last: they are stored with the stay.
"""

from syncv3.batch import JoinedRoom, LeftRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import end_again, end_stay, is_other_end, whole
from syncv3.ingest.planning.hole_ends import add_to_end, keep_hole
from syncv3.ingest.planning.holes import before_hole, behind_hole, until_end
from syncv3.ingest.planning.joins import own_join
from syncv3.ingest.planning.lost import as_received
from syncv3.ingest.planning.own_data import note_own_events, take_unread_and_tags
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.put_out import own_events, take_put_out
from syncv3.ingest.planning.room_keys import (
    CREATE,
    ENDED,
    MEMBER,
    content_of,
    key_changes,
    membership_of,
)
from syncv3.ingest.planning.state import take_state
from syncv3.ingest.planning.summary import take_summary
from syncv3.ingest.planning.timeline import (
    is_late,
    note_doubtful,
    note_strangers,
    take_timeline,
)
from syncv3.store.rows import UserRoomRow
from syncv3.types import RoomID


def take_joined(planning: Planning, part: Part, room_id: RoomID, room: JoinedRoom) -> None:
    """A room of ``rooms.join``: timeline, state, then the user's own stay in it.

    The module says why the steps are in this order.
    """
    draft = planning.draft(room_id)
    room = as_received(planning, draft, room)
    stay = planning.stay(part.user_id, part.user_key, room_id)
    draft.tell_quiet_changes()
    head = draft.row.head_ord  # where the room ended without this chunk
    first = head is None
    if first and not (room.state or room.timeline):
        return  # nothing but counts: its events are still to come (U-17B)
    if first:
        _read_version(draft, room)
    late = not first and is_late(planning, part, draft, room)
    whole, room = room, behind_hole(planning, part, draft, room)
    start = None if room is whole else before_hole(planning, draft, stay, whole)
    placement = take_timeline(planning, part, draft, stay, room)
    start = placement.start_ord if start is None else start
    take_state(
        planning, draft, room, placement, start, head_ord=head, late=late, user_id=part.user_id
    )
    note_strangers(planning, room_id, placement.placed)
    note_doubtful(planning, part, draft, room, placement)
    if not late:
        take_summary(planning, part, draft, room.summary)
        if part.generated_us > draft.row.generated_us and (placement.placed or first):
            draft.set(generated_us=part.generated_us)
    own_join(planning, part, draft, room, placement, late=late)
    note_own_events(planning, part, room.timeline)
    take_unread_and_tags(planning, part, draft, room)


def _read_version(draft: RoomDraft, room: JoinedRoom) -> None:
    """The version decides how the events of the first chunk itself are redacted.

    A room without a create event that can be used has none: it is shown to its members all
    the same, and redacted by the rules of version 1.
    """
    created = [e for e in (*room.state, *room.timeline) if e.type == CREATE and e.state_key == ""]
    if created:
        draft.set(**key_changes(CREATE, "", content_of(created[0].json)))


def take_left(planning: Planning, part: Part, room_id: RoomID, room: LeftRoom) -> None:
    """A room of ``rooms.leave``: what happened up to the leave, and the leave.

    Others may be in the room still, so what the user's last chunk brings is stored for them as
    well. But the user may have left long ago, so it says nothing of how the room is now.
    """
    stay = planning.stay(part.user_id, part.user_key, room_id)
    if stay is None:
        take_put_out(planning, part, room_id, room)
        return
    draft = planning.draft(room_id)
    room = as_received(planning, draft, room)
    if part.generated_us < stay.generated_us:  # an older report than what is known (M-11)
        add_to_end(planning, part, draft, stay, room)
        return
    if draft.row.head_ord is not None and stay.membership == "join":
        _take_last_chunk(planning, part, draft, stay, room)
    _end(planning, part, draft, planning.stay(part.user_id, part.user_key, room_id) or stay, room)
    keep_hole(planning, part, draft, stay, room)


def _take_last_chunk(
    planning: Planning, part: Part, draft: RoomDraft, stay: UserRoomRow, room: LeftRoom
) -> None:
    """Stores what the user was shown last, up to their leave.

    Its state is taken as that of a late chunk: it only fills in what nothing is known of. Where the
    chunk lies behind a gap nothing of it is stored (no ``start_ord``). Those who are in the room
    bring all of it, and what is state in this section they bring as events of the timeline.
    """
    head, chunk = draft.row.head_ord, _last_chunk(part, room)
    placement = take_timeline(planning, part, draft, stay, chunk, ended=True)
    start = placement.start_ord
    if start is not None:
        take_state(
            planning, draft, chunk, placement, start, head_ord=head, late=True, user_id=part.user_id
        )
    note_strangers(planning, draft.room_id, placement.placed)
    _look_behind_state(planning, part, draft)


def _look_behind_state(planning: Planning, part: Part, draft: RoomDraft) -> None:
    """Lets the user whose stay has just ended see the state that came with the end.

    Somebody who is out is shown the room's state as of ``reset_pos``. The chunk's timeline has set
    that, and the state of its block, which is from before the end (say the member event of whoever
    has kicked the user), got later positions. So ``reset_pos`` moves behind these.
    """
    stay = planning.stay(part.user_id, part.user_key, draft.room_id)
    if stay is not None and stay.membership in ENDED:
        planning.put_stay(draft, stay, reset_pos=planning.group.take_position())


def _end(
    planning: Planning, part: Part, draft: RoomDraft, stay: UserRoomRow, room: LeftRoom
) -> None:
    """Ends the user's stay, or renews what is known of its end.

    The user's last member event says how it ended. The section alone says that they are out, so
    without such an event, or with one that says something else, it counts as a leave.
    """
    own = own_events(room, part.user_id)
    last = own[-1] if own else None
    membership = membership_of(last.json) if last else "leave"
    if membership not in ENDED:
        membership = "leave"
    if stay.membership not in ENDED:
        end_stay(planning, draft, stay, membership, last, part.generated_us)
    elif last is not None and is_other_end(stay, membership, last):
        end_again(planning, draft, stay, membership, last, part.generated_us)
    elif stay.generated_us < part.generated_us:  # the same end again, now with its ``unsigned``
        told = whole(last) if last is not None else stay.member_json
        planning.put_stay(draft, stay, generated_us=part.generated_us, member_json=told)


def _last_chunk(part: Part, room: LeftRoom) -> JoinedRoom:
    """What the user saw last, as if it were a chunk of a joined room.

    Of the state only the members who speak in it: the rest is of an unknown time before the end.
    """
    timeline = until_end(room.timeline, part.user_id)
    senders = {event.sender for event in timeline}
    return JoinedRoom(
        state=tuple(e for e in room.state if e.type == MEMBER and e.state_key in senders),
        timeline=timeline,
        limited=room.limited,
        prev_batch=room.prev_batch,
    )
