"""Plans a group: what a few parts change, given what is stored. No I/O.

For each room of a part (``rooms``): place the timeline (``timeline``, ``placement``), find
out which state changed (``state``, ``summary``), then who may see what (``joins``, ``ends``,
``invites``). Three distinctions carry it:

- *live* / *history*: does it extend the room, or fill in what came before?
- *changed* / *learned*: is it news for connections, or only knowledge (a lazily sent
  member, the state of a room that others are in)?
- *own* / *others'*: only a user's own poller opens a room for them; any live event that
  ends a membership closes it, at once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from syncv3.batch import Part
from syncv3.ingest.group import Group
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.invites import take_invited, take_knocked
from syncv3.ingest.planning.own_data import take_account_data
from syncv3.ingest.planning.planning import Keys, Planning
from syncv3.ingest.planning.room_keys import MEMBER, membership_of
from syncv3.ingest.planning.rooms import take_joined, take_left
from syncv3.ingest.planning.state import apply_state
from syncv3.store.knowledge import Knowledge
from syncv3.types import Event, RoomID, UserID

R = TypeVar("R")


class BadRoom(Exception):
    """A room of a part cannot be taken in; the rest of the part can."""

    def __init__(self, part: int, room_id: RoomID, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        self.room_id = room_id
        self.reason = reason


def plan(
    parts: Sequence[Part],
    known: Knowledge,
    keys: Keys,
    *,
    excluded: Collection[tuple[int, RoomID]] = (),
) -> Group:
    """The rows that these parts come to.

    ``excluded`` names rooms, by part, to leave out. Raises ``BadRoom`` for a room that
    cannot be planned: plan again without it.
    """
    planning = Planning(known, keys)
    for number, part in enumerate(parts):
        _guard(planning.group, part)
        without = {room_id for at, room_id in excluded if at == number}
        _each(planning, number, part, part.joined, take_joined, without)
        _each(planning, number, part, part.left, take_left, without)
        _each(planning, number, part, part.invited, take_invited, without)
        _each(planning, number, part, part.knocked, take_knocked, without)
        take_account_data(planning, part)
    return planning.finish()


def _guard(group: Group, part: Part) -> None:
    """What must still hold of the part's poller when the group is written."""
    lease = part.lease
    moves = part.next_since is not None
    group.guards.append(
        (
            lease.device_key,
            lease.owner,
            lease.number,
            part.since,
            part.next_since,
            moves,
            part.generated_us,
        )
    )


def _each(
    planning: Planning,
    number: int,
    part: Part,
    rooms: Mapping[RoomID, R],
    take: Callable[[Planning, Part, RoomID, R], None],
    without: Collection[RoomID],
) -> None:
    for room_id, room in rooms.items():
        if room_id in without:
            continue
        try:
            take(planning, part, room_id, room)
        except Exception as error:  # whatever a homeserver may send: the room alone pays
            raise BadRoom(number, room_id, f"{type(error).__name__}: {error}") from error


def plan_members(room_id: RoomID, members: Sequence[Event], known: Knowledge, keys: Keys) -> Group:
    """The rows for a complete member list, fetched apart from any sync.

    It is knowledge: an entry that a timeline brought since the newest gap wins over it.
    ``known.state`` must have all members that are stored, listed or not: who came after
    the list was made counts too.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    if draft.new:
        return Group()
    result = {
        (MEMBER, event.state_key): event
        for event in members
        if event.type == MEMBER
        and event.state_key is not None
        and _teaches(planning, draft, event.state_key, event)
    }
    apply_state(planning, draft, result, head_ord=draft.row.head_ord)
    entries = {key: entry for (_, _, key), entry in known.state.items()}
    entries |= {key: entry for (_, _, key), entry in planning.state.items()}
    memberships = [membership_of(entry.json) for entry in entries.values()]
    draft.set(
        joined=memberships.count("join"),
        invited=memberships.count("invite"),
        members_complete=True,
    )
    return planning.finish()


def _teaches(planning: Planning, draft: RoomDraft, user_id: str, event: Event) -> bool:
    """Whether a listed member is other than the one known, and that one may be older."""
    entry = planning.entry(draft, MEMBER, user_id)
    if entry is None:
        return True
    brought = planning.event(entry.event_id)
    return (
        entry.event_id != event.event_id
        and brought is not None
        and (brought.ord is None or brought.ord < (draft.row.gap_ord or 0))
    )


def plan_senders(room_id: RoomID, members: Sequence[Event], known: Knowledge, keys: Keys) -> Group:
    """The rows for the member events of senders that had none; one that has is left alone."""
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    if draft.new:
        return Group()
    unknown = {
        (MEMBER, event.state_key): event
        for event in members
        if event.state_key is not None and planning.entry(draft, MEMBER, event.state_key) is None
    }
    apply_state(planning, draft, unknown, head_ord=draft.row.head_ord)
    return planning.finish()


def plan_confirmed(
    room_id: RoomID, gap_ord: int, user_ids: Iterable[UserID], known: Knowledge, keys: Keys
) -> Group:
    """The rows for users who were found to be in a room behind a gap.

    Who was in it before may have left where the gap hides it, so nothing behind the gap is
    shown to them until the homeserver has said that they are members still. None if another
    gap has opened since.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    if draft.new or draft.row.gap_ord != gap_ord:
        return Group()
    for user_id in user_ids:
        view = planning.view_of(user_id, room_id)
        if view is not None and view.membership == "join" and not draft.confirmed(view):
            pos = planning.group.take_position()
            planning.put_view(draft, view, confirmed_ord=gap_ord, confirmed_pos=pos)
    return planning.finish()
