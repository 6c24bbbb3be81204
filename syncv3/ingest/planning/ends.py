"""Ends of stays: any live event that ends a membership closes the room for its user, at once.

``joins`` says what a stay is. Nothing here opens one.

The end may be told by whoever's poller is first. Say Alice, Bob and Carol are in a room, and Carol
kicks Bob (K). Alice's poller brings K. From then on Bob sees the room up to K and nothing behind
it, although his own poller has not said so yet: it may be far behind, and meanwhile messages
arrive that are not for him. When his own poller brings K in ``rooms.leave``, that is the same end
told again (``is_other_end``), and changes nothing.

Three ways lead here: a live member event in a timeline (``others_membership``), a member event in a
state block, whose place in the timeline nobody knows (``unseen_membership``), and the section
``rooms.leave`` of the user's own answer (``rooms``).
"""

from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import ENDED, membership_of
from syncv3.ingest.planning.stamps import stamp_of_arrival
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, UserID
from syncv3.untrusted import object_of


def others_membership(
    planning: Planning,
    draft: RoomDraft,
    event: Event,
    ord_: int,
    *,
    last: Event,
    generated_us: int,
) -> None:
    """A live member event at ``ord_``: it may end a local user's stay, and never opens one.

    ``last`` is the last member event of this user in the chunk, ``generated_us`` when the
    chunk was made. Both are needed where the stay is an invite, which has no place in the timeline:
    say a chunk has A (Bob leaves) and B (he is invited), and his own poller has brought the invite.
    A does not end it, since it is B that the stay is about.
    """
    membership = membership_of(event.json)
    stay = planning.stay_of(UserID(event.state_key or ""), draft.room_id)
    if stay is not None and stay.membership == membership == "join":
        _rejoin(planning, draft, stay, event, ord_, generated_us)
    if stay is None or membership not in ENDED or stay.membership in ENDED:
        return
    if stay.membership == "join" and ord_ < (stay.joined_ord or 0):
        return  # an earlier leave, before the join that is known
    if stay.membership != "join" and (
        generated_us < stay.generated_us or membership_of(last.json) == stay.membership
    ):
        return  # an earlier leave, before the invite that is known
    end_stay(planning, draft, stay, membership, event, generated_us, ord_)


def _rejoin(
    planning: Planning,
    draft: RoomDraft,
    stay: UserRoomRow,
    event: Event,
    ord_: int,
    generated_us: int,
) -> None:
    """A join of somebody who counts as joined: they had left, where a gap hides it (X-4).

    So the stay begins at this join: what happened while they were out is not theirs to see. A join
    that follows a join (``prev_membership``) only changes a name or a picture.
    """
    if event.prev_membership == "join" or ord_ <= (stay.joined_ord or 0):
        return
    pos = planning.group.take_position()
    planning.put_stay(
        draft,
        stay,
        joined_ord=ord_,
        visible_ord=ord_,
        reset_pos=pos,
        joined_ts=event.timestamp,
        stamp=max(stay.stamp, stamp_of_arrival(generated_us)),
    )


def came_back(
    planning: Planning, draft: RoomDraft, before: UserRoomRow | None, last: Event
) -> None:
    """Lets a user's own answer open their stay again, if this chunk has ended it and they are back
    in the room at its end.

    Say another user's chunk has A (Bob leaves) and B (Bob joins). A ends Bob's stay, and B does not
    open it: only Bob's own poller does that. Its answer with B may have been made a moment before
    this chunk, so the end must not count as newer than that answer.
    """
    if before is None or before.membership in ENDED or membership_of(last.json) in ENDED:
        return
    stay = planning.stay_of(UserID(last.state_key or ""), draft.room_id)
    if stay is not None and stay.membership in ENDED:
        planning.put_stay(draft, stay, generated_us=before.generated_us)


def unseen_membership(
    planning: Planning, draft: RoomDraft, event: Event, head_ord: int | None
) -> None:
    """A member event that came in a state block: it may end a stay, before the chunk.

    It has no place in the timeline, so the stay ends at ``head_ord``, where the room ended without
    the chunk.
    """
    membership = membership_of(event.json)
    stay = planning.stay_of(UserID(event.state_key or ""), draft.room_id)
    if stay is None or membership not in ENDED or stay.membership in ENDED:
        return
    end_stay(planning, draft, stay, membership, event, draft.row.generated_us, head_ord)


def end_stay(
    planning: Planning,
    draft: RoomDraft,
    stay: UserRoomRow,
    membership: str,
    event: Event | None,
    generated_us: int,
    ord_: int | None = None,
) -> None:
    """The user has left: they see the room up to this event, and nothing that follows it.

    ``ord_`` is the event's order; None: where it has its place, if it has one, else the room's end.
    ``event`` is None where an end is only concluded, say from an invite that followed it.

    A gap before it may end their stay earlier. Say Bob was seen in the room at A, a gap follows,
    then B, and C says that Bob has left. Nobody knows whether he was in the room at B: he may have
    left in the gap, come back later and left again. So his stay ends with A, unless he was
    confirmed to be in the room behind the gap.
    """
    known = planning.event(event.event_id) if event else None
    left_ord = ord_ if ord_ is not None else (known.ord if known else None)
    if draft.row.gap_ord is not None and not draft.confirmed(stay):
        # The first gap behind which they were not confirmed; it may be older than the newest.
        gap = planning.known.unseen.get((stay.user_key, draft.room_id), 0)
        before = (gap if gap > (stay.confirmed_ord or 0) else draft.row.gap_ord) - 1
        left_ord = before if left_ord is None else min(left_ord, before)
    put_end(
        planning,
        draft,
        stay,
        membership,
        whole(event) if event else None,
        left_ord=left_ord if left_ord is not None else (draft.row.head_ord or 0),
        generated_us=generated_us,
    )


def put_end(
    planning: Planning,
    draft: RoomDraft,
    stay: UserRoomRow,
    membership: str,
    member_json: bytes | None,
    *,
    left_ord: int,
    generated_us: int,
) -> None:
    """Ends a stay behind the event at ``left_ord``. ``member_json``: the event that says so."""
    pos = planning.group.take_position()
    planning.put_stay(
        draft,
        stay,
        membership=membership,
        reset_pos=pos,
        left_ord=left_ord,
        member_json=member_json,
        # While they are in, this column is about gaps. Of an ended stay it says when they came in.
        confirmed_pos=stay.reset_pos if stay.membership == "join" else 0,
        generated_us=max(generated_us, stay.generated_us),
        stripped=None,
        stamp=max(stay.stamp, stamp_of_arrival(generated_us)),
    )


def end_again(
    planning: Planning,
    draft: RoomDraft,
    stay: UserRoomRow,
    membership: str,
    event: Event,
    generated_us: int,
) -> None:
    """The end of a stay is told otherwise than before: by another event, or as a ban.

    The stay keeps its end. Say Bob leaves (A), Alice writes (B) and bans him (C). He sees all up to
    A, and C, which is what became of him; B is not for him. The position up to which he sees the
    room's state (``reset_pos``) stays, too. That there is something new to tell him is said by
    another one (``confirmed_pos``).
    """
    stamp = max(stay.stamp, stamp_of_arrival(generated_us))
    planning.put_stay(
        draft,
        stay,
        membership=membership,
        member_json=whole(event),
        confirmed_pos=planning.group.take_position(),
        generated_us=generated_us,
        stamp=stamp,
        # An end without its event was only concluded, and this tells of the same end: a room that
        # the user has forgotten since stays forgotten. After another end it does not.
        forgotten=stay.forgotten and stay.member_json is None,
    )


def is_other_end(stay: UserRoomRow, membership: str, event: Event) -> bool:
    """Whether a report of an end says something else than what is known of it: another membership,
    or another event."""
    if stay.membership != membership:
        return True
    if stay.member_json is None:  # the end was only concluded; now there is the event that it has
        return False
    return object_of(stay.member_json).get("event_id") != event.event_id


def whole(event: Event) -> bytes:
    """The event as a client gets it: its JSON, with ``unsigned`` put back in as the last key."""
    if not event.unsigned:
        return event.json
    return event.json[:-1] + b',"unsigned":{' + event.unsigned + b"}}"
