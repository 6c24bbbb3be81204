"""Ends of memberships in a hole: what was told of them is kept for their users alone.

Say Bob was told of A, then B, C and L (he leaves) happen, and his homeserver's answer begins with
C: what is between A and C it has left out. Others in the room may bring all of it. But their
answers may also begin behind L, and then what is stored of the room never says anything of C, and
its state is that of a time at which Bob was out.

So his stay in what is stored for everybody ends with A. What his own answer says of the room's
state, which is how he saw it last, is kept in his own row (``syncv3.store.remnant``), with the
token that leads back from L.
"""

import msgspec

from syncv3.batch import LeftRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import is_other_end
from syncv3.ingest.planning.holes import until_end
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.put_out import JOIN, kept_before, kept_of, own_events, was_in
from syncv3.ingest.planning.room_keys import ENDED, membership_of
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event
from syncv3.untrusted import object_of


def keep_hole(
    planning: Planning, part: Part, draft: RoomDraft, before: UserRoomRow, room: LeftRoom
) -> None:
    """Keeps what a section says of the room for its user alone, if their stay ended in a hole.

    ``before`` is what the user was to the room until the section came.
    """
    stay = planning.stay(part.user_id, part.user_key, draft.room_id)
    if stay is None or stay.membership not in ENDED:
        return
    same = stay.stripped is not None and _is_same(before.member_json, stay.member_json)
    if same and stay.joined_ord is not None:
        return  # it is kept already, and the end is the one that was known
    if same or _in_hole(planning, part, before, stay, room):
        own = own_events(room, part.user_id)
        sender = own[-1].sender if own else part.user_id
        known = kept_before(before) if same else None
        kept = kept_of(part, room, sender, known)
        if kept_before(msgspec.structs.replace(stay, stripped=kept)) != known:
            planning.put_stay(draft, stay, stripped=kept)  # else another device has told it all


def _is_same(one: bytes | None, other: bytes | None) -> bool:
    """Whether the end is told by the same event, with or without what is ``unsigned``."""
    if one is None or other is None:
        return one is other
    return bool(object_of(one).get("event_id", "") == object_of(other).get("event_id"))


def _in_hole(
    planning: Planning, part: Part, before: UserRoomRow, stay: UserRoomRow, room: LeftRoom
) -> bool:
    """Whether what is stored of the room does not lead up to the end of the stay that a section
    tells of."""
    if stay.joined_ord is None:  # an invite has ended; they may have come in and be out again
        return was_in(own_events(room, part.user_id))
    end = _end_of_stay(part, room)
    if before.membership != JOIN and (end is None or end.prev_membership != JOIN):
        return False  # the stay had ended before, and what this is about is no stay
    return end is None or not _follows(planning, stay, end)


def add_to_end(
    planning: Planning, part: Part, draft: RoomDraft, stay: UserRoomRow, room: LeftRoom
) -> None:
    """Takes in a section that is older than what is known of the stay.

    It changes no stay. But if others' pollers have told the very end that it tells, it still says
    how the user saw the room last, which they did not.
    """
    own = own_events(room, part.user_id)
    if not own or stay.membership not in ENDED:
        return
    if not is_other_end(stay, membership_of(own[-1].json), own[-1]):
        keep_hole(planning, part, draft, stay, room)


def _follows(planning: Planning, stay: UserRoomRow, end: Event) -> bool:
    """Whether the event of the end has its place where the stay ends, and is not mere history."""
    known = planning.event(end.event_id)
    return known is not None and known.pos is not None and known.ord == stay.left_ord


def _end_of_stay(part: Part, room: LeftRoom) -> Event | None:
    """The event that ended the last stay that a section tells of; None: it has none."""
    own = own_events(LeftRoom(timeline=until_end(room.timeline, part.user_id)), part.user_id)
    own = own or own_events(room, part.user_id)
    return own[-1] if own and membership_of(own[-1].json) in ENDED else None
