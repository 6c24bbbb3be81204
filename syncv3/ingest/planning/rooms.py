"""The rooms of a part, step by step: timeline, state, then who may see it."""

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
    """A room of ``rooms.join``: timeline, state, then the user's own stay in it."""
    draft = planning.draft(room_id)
    room = as_received(planning, draft, room)
    stay = planning.stay(part.user_id, part.user_key, room_id)
    draft.tell_quiet_changes()
    head = draft.row.head_ord
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
    """A room of ``rooms.leave``: what happened up to the leave, and the leave."""
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
    head, chunk = draft.row.head_ord, _last_chunk(part, room)
    placement = take_timeline(planning, part, draft, stay, chunk, ended=True)
    start = placement.start_ord
    if start is not None:  # else others bring it all, and what is in the state as events
        take_state(
            planning, draft, chunk, placement, start, head_ord=head, late=True, user_id=part.user_id
        )
    note_strangers(planning, draft.room_id, placement.placed)
    _look_behind_state(planning, part, draft)


def _look_behind_state(planning: Planning, part: Part, draft: RoomDraft) -> None:
    """What came with the end is of the time before it, say who has kicked the user.

    The timeline has ended the stay, and the state was taken in after it.
    """
    stay = planning.stay(part.user_id, part.user_key, draft.room_id)
    if stay is not None and stay.membership in ENDED:
        planning.put_stay(draft, stay, reset_pos=planning.group.take_position())


def _end(
    planning: Planning, part: Part, draft: RoomDraft, stay: UserRoomRow, room: LeftRoom
) -> None:
    own = own_events(room, part.user_id)
    last = own[-1] if own else None
    membership = membership_of(last.json) if last else "leave"
    if membership not in ENDED:
        membership = "leave"
    if stay.membership not in ENDED:
        end_stay(planning, draft, stay, membership, last, part.generated_us)
    elif last is not None and is_other_end(stay, membership, last):
        end_again(planning, draft, stay, membership, last, part.generated_us)
    elif stay.generated_us < part.generated_us:
        told = whole(last) if last is not None else stay.member_json
        planning.put_stay(draft, stay, generated_us=part.generated_us, member_json=told)


def _last_chunk(part: Part, room: LeftRoom) -> JoinedRoom:
    """What the user saw last, with the members who speak in it."""
    timeline = until_end(room.timeline, part.user_id)
    senders = {event.sender for event in timeline}
    return JoinedRoom(
        state=tuple(e for e in room.state if e.type == MEMBER and e.state_key in senders),
        timeline=timeline,
        limited=room.limited,
        prev_batch=room.prev_batch,
    )
