"""Rooms that a user was put out of, and of which nothing was known here as theirs.

A homeserver tells them with a first answer: Bob was kicked or banned before he came here. He may
also be banned without ever having been in the room, or come in and be kicked between two polls.

His client is to show such a room, and who has put him out. What the answer says of it is kept in
his own row (``syncv3.store.remnant``), and not as state of the room: it is of the time of his end,
last year perhaps, and says nothing of the room as others have it today. If he was never in the
room, only the event that has put him out is kept. Rooms that a user has left by themselves are
nothing to them any more (S-80).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from syncv3.batch import JoinedRoom, LeftRoom, Part, StrippedRoom
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.ends import whole
from syncv3.ingest.planning.holes import until_end
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import ENDED, MEMBER, membership_of
from syncv3.ingest.planning.stamps import stamp_of_arrival, stamp_of_report
from syncv3.store.knowledge import StateEntry
from syncv3.store.remnant import remnant_of, write_remnant
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, RoomID, UserID
from syncv3.untrusted import object_of
from syncv3.upstream.stripped import trimmed

JOIN: Final = "join"
Key = tuple[str, str]


def own_events(room: LeftRoom, user_id: UserID) -> Sequence[Event]:
    """The user's own member events in a section, the last one decides."""
    return [
        event
        for event in (*room.state, *room.timeline)
        if event.type == MEMBER and event.state_key == user_id
    ]


def take_put_out(planning: Planning, part: Part, room_id: RoomID, room: LeftRoom) -> None:
    """A room of ``rooms.leave`` whose user has no stay in it: opens one that has ended."""
    own = own_events(room, part.user_id)
    if not own or own[-1].sender == part.user_id:  # nothing says how it ended, or they left
        return
    end = own[-1]
    membership = membership_of(end.json)
    if membership not in ENDED:
        return
    draft = planning.draft(room_id)
    pos = planning.group.take_position()
    stay = UserRoomRow(part.user_key, draft.key, pos, membership, pos, part.generated_us)
    planning.put_stay(
        draft,
        stay,
        member_json=whole(end),
        stripped=kept_of(part, room, end.sender) if was_in(own) else None,
        stamp=stamp_of_report(part, end.timestamp, None),
    )


def keep_late(
    planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom, end: StateEntry
) -> None:
    """A user's own answer has the room as joined, late: others have told ``end``, and they are out.

    It was their first answer, and nothing of it has a place in what is stored of the room. What it
    says of the room is kept for them, until their next answer tells of the end.
    """
    json = end.json or b""
    sender, membership = str(object_of(json).get("sender")), membership_of(json)
    if sender == part.user_id or membership not in ENDED:
        return
    told = LeftRoom(room.state, room.timeline)
    pos = planning.group.take_position()
    stay = UserRoomRow(part.user_key, draft.key, pos, membership, pos, part.generated_us)
    planning.put_stay(
        draft,
        stay,
        member_json=json,
        stripped=kept_of(part, told, sender),
        stamp=stamp_of_arrival(part.generated_us),
    )


def was_in(own: Sequence[Event]) -> bool:
    """Whether the user had been in the room, by their own member events in a section."""
    return any(e.prev_membership == JOIN or membership_of(e.json) == JOIN for e in own)


def kept_of(
    part: Part, room: LeftRoom, sender: str, before: Mapping[Key, bytes] | None = None
) -> bytes:
    """The state that the user alone is shown of the room, as of their end, in its stored form.

    Of members there is only ``sender``, who has put them out. ``before``: what an earlier answer
    has told of the same end. The size is bounded, as that of an invite is. The answer's
    ``next_batch`` is kept with it: paging back from there shows all that they may see.
    """
    state = {**(before or {}), **_state_at_end(part, room)}
    # Their name is shown with the end; nobody else needs to be known of.
    by_whom = (MEMBER, sender)
    kept = [json for key, json in state.items() if key[0] != MEMBER or key == by_whom]
    return write_remnant(trimmed(StrippedRoom(tuple(kept)), part.user_id).events, part.next_batch)


def kept_before(stay: UserRoomRow) -> Mapping[Key, bytes]:
    """What is kept of the room for its user alone, by type and state key."""
    remnant = remnant_of(stay)
    kept = {json: object_of(json) for json in (remnant.events if remnant is not None else ())}
    return {(str(e.get("type")), str(e.get("state_key"))): json for json, e in kept.items()}


def _state_at_end(part: Part, room: LeftRoom) -> Mapping[Key, bytes]:
    events = (*room.state, *until_end(room.timeline, part.user_id))
    return {(e.type, e.state_key): e.json for e in events if e.state_key is not None}
