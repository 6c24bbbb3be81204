"""Holes: what a chunk of a timeline leaves out without a word, where its user was out.

What happened between a leave and a return is missing in the middle of a chunk, if history
is hidden from those who were not there. So such a chunk is used from its user's join on
only, and one of a room that was left only up to the leave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from syncv3.batch import JoinedRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.redactions import redact_target
from syncv3.ingest.planning.room_keys import ENDED, MEMBER, hides_history, membership_of
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, EventID, UserID


def join_at(timeline: Sequence[Event], user_id: UserID) -> int | None:
    """Where in a chunk the user comes in, for the last time; None if they do not."""
    for at in range(len(timeline) - 1, -1, -1):
        event = timeline[at]
        own = event.type == MEMBER and event.state_key == user_id
        if own and membership_of(event.json) == "join" and event.prev_membership != "join":
            return at
    return None


def until_end(timeline: Sequence[Event], user_id: UserID) -> tuple[Event, ...]:
    """A chunk of a room that its user has left, as far as it is without holes.

    Behind the end of the last stay only invites and the like are in it, not what happened
    in between.
    """
    own = [
        (i, membership_of(event.json))
        for i, event in enumerate(timeline)
        if event.type == MEMBER and event.state_key == user_id
    ]
    joined = max((i for i, membership in own if membership == "join"), default=-1)
    end = next((i for i, membership in own if i > joined and membership in ENDED), len(timeline))
    return tuple(timeline[: end + 1])


def behind_hole(planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom) -> JoinedRoom:
    """What a chunk has from its user's own join on, if history is hidden.

    What happened while the user was out is then left out of the middle of the chunk,
    and nothing says so: a leave of somebody else may be in there. What precedes the
    join is not theirs to see. What is new in it tells the state, and what was redacted.
    """
    if not draft.row.history_hidden and any(map(hides_history, (*room.state, *room.timeline))):
        draft.set(history_hidden=True)
    at = join_at(room.timeline, part.user_id)
    if not at or not draft.row.history_hidden:
        return room
    join = planning.event(room.timeline[at].event_id)
    before = (*room.state, *room.timeline[:at])
    new = [event for event in before if planning.event(event.event_id) is None]
    for event in new:
        redact_target(planning, draft, event)
    return replace(
        room,
        state=room.state if room.state_after else _state_of(new),
        timeline=room.timeline[at:],
        limited=room.limited or join is None or join.ord is None,
        prev_batch=None,  # what we have of it leads back from before the hole
    )


def before_hole(
    planning: Planning, draft: RoomDraft, stay: UserRoomRow | None, room: JoinedRoom
) -> int:
    """The order from on which events are newer than the state at the chunk's beginning."""
    orders = planning.orders(room.timeline)
    if orders:
        return orders[0]
    if stay is None:
        return 0  # only others have told anything
    if stay.membership == "join":
        known = draft.confirmed(stay)
        behind = draft.row.head_ord if known else (draft.row.gap_ord or 0) - 1
    else:
        behind = stay.left_ord
    return (behind or 0) + 1


def hidden_before(planning: Planning, draft: RoomDraft, room: JoinedRoom) -> frozenset[EventID]:
    """What lies directly before the newest gap, of a room with hidden history.

    Whoever came first behind it had not even the state of what they were not shown.
    """
    found: set[EventID] = set()
    ord_: int | None = None  # of the known event that follows
    for event in reversed(room.timeline if draft.row.history_hidden else ()):
        known = planning.event(event.event_id)
        if known is not None and known.ord is not None:
            ord_ = known.ord
        elif ord_ is not None and ord_ == draft.row.gap_ord:
            found.add(event.event_id)
    return frozenset(found)


def _state_of(events: Iterable[Event]) -> tuple[Event, ...]:
    """The state events among some, of each key the last one, in the order of these."""
    state: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.state_key is not None:
            state.pop((event.type, event.state_key), None)
            state[(event.type, event.state_key)] = event
    return tuple(state.values())
