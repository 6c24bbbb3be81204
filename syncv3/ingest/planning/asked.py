"""Plans what was asked of the homeserver apart from any sync: member lists, senders, who is there.

All of it is knowledge, not news. The answers to such questions have no place in the stream of
events, so it cannot be told whether one was made before or after what a sync has brought. A rule
decides. Say the room has a gap, and Bob's known member event A is from before it, or has no place
in the timeline: a listed event B of his replaces A, because the gap may hide the change from A to
B. If A has its place behind the gap, syncs have brought every change since, and A stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncv3.ingest.group import Group
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.lost import is_reused
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.ingest.planning.room_keys import MEMBER, content_of
from syncv3.ingest.planning.state import apply_state
from syncv3.ingest.planning.summary import follow_heroes
from syncv3.store.knowledge import Knowledge
from syncv3.types import Event, EventID, RoomID, UserID


@dataclass(frozen=True, slots=True)
class ListedMembers:
    """A piece of a member list: the rows to write, and the content of each member event as it is
    then."""

    group: Group
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def plan_listed(
    room_id: RoomID, members: Sequence[Event], known: Knowledge, keys: KeySources
) -> ListedMembers:
    """The rows for a piece of a complete member list.

    A list may have a hundred thousand members, so it is written in pieces, each in a transaction of
    its own. Nobody is told of a piece: ``plan_list_end`` tells of all. ``known`` must have the
    entries of the members that are listed.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id, quiet=True)
    listed = {
        event.state_key: event
        for event in members
        if event.state_key is not None and not is_reused(planning, draft, event)
    }
    result = {
        (MEMBER, user_id): event
        for user_id, event in listed.items()
        if _teaches(planning, draft, user_id, event)
    }
    apply_state(planning, draft, result, head_ord=draft.row.head_ord)
    entries = ((user_id, planning.entry(draft, MEMBER, user_id)) for user_id in listed)
    contents = {user_id: content_of(e.json) for user_id, e in entries if e is not None and e.json}
    return ListedMembers(planning.finish(), contents)


def _teaches(planning: Planning, draft: RoomDraft, user_id: str, event: Event) -> bool:
    """Whether a listed member event is another than the known one, which is not from behind the
    newest gap."""
    entry = planning.entry(draft, MEMBER, user_id)
    if entry is None:
        return True
    return entry.event_id != event.event_id and (
        entry.ord is None or entry.ord < (draft.row.gap_ord or 0)
    )


def plan_list_end(
    room_id: RoomID,
    joined: int,
    invited: int,
    members: Mapping[str, Mapping[str, Any]],
    known: Knowledge,
    keys: KeySources,
) -> Group:
    """The rows when all pieces of a list are stored: the list is complete, and clients are told.

    ``joined`` and ``invited`` are how many there are. ``members`` has the content of member events
    from which heroes are chosen.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    draft.set(joined=joined, invited=invited, members_complete=True)
    follow_heroes(draft, members)
    return planning.finish()


def plan_senders(
    room_id: RoomID,
    members: Sequence[Event],
    known: Knowledge,
    keys: KeySources,
    behind: EventID | None = None,
) -> Group:
    """The rows for the member events of senders of whom there was none.

    Who has one by now keeps it, unless ``behind`` is given: the message, behind a gap, for which
    these were asked, because the known member events may be from before the gap. Such are replaced,
    unless another gap has opened since: then the answer may be older than that one.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    if draft.new:
        return Group()
    message = planning.event(behind) if behind is not None else None
    newest = message is not None and (message.ord or 0) >= (draft.row.gap_ord or 0)
    learned = {
        (MEMBER, event.state_key): event
        for event in members
        if event.type == MEMBER
        and event.state_key is not None
        and not is_reused(planning, draft, event)
        and (
            planning.entry(draft, MEMBER, event.state_key) is None
            or (newest and _teaches(planning, draft, event.state_key, event))
        )
    }
    follow_heroes(draft, apply_state(planning, draft, learned, head_ord=draft.row.head_ord))
    return planning.finish()


def plan_confirmed(
    room_id: RoomID, gap_ord: int, user_ids: Iterable[UserID], known: Knowledge, keys: KeySources
) -> Group:
    """The rows for users who were found to be in a room behind a gap.

    Who was in it before may have left where the gap hides it, so nothing behind the gap is
    shown to them until the homeserver has said that they are members still (see ``joins``).
    ``gap_ord`` is the gap for which that was asked. The group is empty if another gap has opened
    since: the answer says nothing of that one.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id)
    if draft.new or draft.row.gap_ord != gap_ord:
        return Group()
    for user_id in user_ids:
        stay = planning.stay_of(user_id, room_id)
        if stay is not None and stay.membership == "join" and not draft.confirmed(stay):
            pos = planning.group.take_position()
            planning.put_stay(draft, stay, confirmed_ord=gap_ord, confirmed_pos=pos)
    return planning.finish()
