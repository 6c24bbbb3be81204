"""Holes: what a chunk of a timeline leaves out without a word, where its user was out.

Say Bob sees A and leaves (L). B happens while he is out. He comes back (J), and sees C. If history
is hidden from those who were not there (``history_visibility`` is ``joined`` or ``invited``), his
next answer has the chunk A, L, J, C. Nothing in it says that B is missing between L and J. Taken as
it is, J would follow L for everybody, and if B was Carol's leave, nobody would hear of it.

So of such a chunk only J and C are placed. The state events in front of J are still used as state,
since a value that Bob was shown is true unless a newer one is known, and its redactions take
effect. The chunk of a room that its user has left is used up to the leave only.

These holes have nothing to do with ``Part``'s holes, which are events that could not be used
(``lost``).
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
    """The index at which the user comes in, for the last time; None if they do not.

    A join that follows a join is no coming in: it changes a name or a picture.
    """
    for at in range(len(timeline) - 1, -1, -1):
        event = timeline[at]
        own = event.type == MEMBER and event.state_key == user_id
        if own and membership_of(event.json) == "join" and event.prev_membership != "join":
            return at
    return None


def until_end(timeline: Sequence[Event], user_id: UserID) -> tuple[Event, ...]:
    """A chunk of a room that its user has left, up to the leave or ban that ended their last stay.

    What stands behind that are other events of the user's own membership, such as an invite and its
    refusal. What happened between these is not in the chunk.
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
    """The chunk from its user's own new join on, if history is (or was once) hidden.

    Gives ``room`` itself if there is nothing to cut. Else the new state events from before the join
    are in ``state``, as the last value of each key, and new redactions have been applied. The chunk
    counts as ``limited`` unless the join has its place already: what is known in front of it does
    not lead up to it.
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
    """The order from which on known events are newer than the state at the chunk's beginning.

    ``room`` is the whole chunk, before ``behind_hole`` has cut it. If any of its events has a
    place, the first of them decides. Else the state is as new as the last that the user was shown:
    if they are joined, the room's end, or its newest gap if they were not confirmed behind that; if
    they are out, their leave. ``stay`` is None if they never had one.
    """
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
    """The chunk's events directly before the upper end of the newest gap, if history is hidden.

    They have no place and get none, because the gap is noted already. But whoever's chunk opened
    that gap was not shown them, and the state of that chunk need not have them: so they may be the
    current state.
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
