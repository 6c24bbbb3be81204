"""A room's counts and heroes: followed through member events, put right by summaries.

``rooms.join.*.summary`` has the number of joined and invited members, and up to five *heroes*:
members by whom a room without a name is called. Homeservers send it only when it has changed, and
members are loaded lazily, so between two summaries both are followed by the member events that
come. The next summary replaces what was counted.

A summary leaves out the user whom it is for. So two users of one room are sent different heroes,
and each of their summaries would replace the other's. Stored are six: five, and the user
themselves. Each of them finds five others among these.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from syncv3.batch import Part, Summary
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import (
    MAX_HEROES,
    MEMBER,
    content_of,
    hero_of,
    membership_of,
    read_heroes,
)
from syncv3.store.knowledge import StateEntry
from syncv3.types import Event, UserID
from syncv3.untrusted import text

SUMMARY_HEROES: Final = 5  # as the specification says
MOST_MEMBERS: Final = 2**31 - 1  # what an ``int`` of the database holds


def take_summary(planning: Planning, part: Part, draft: RoomDraft, summary: Summary) -> None:
    """Stores the homeserver's own counts and heroes, where it gave them.

    A hero's name is that of their member event. If that has none, or is not known, it stays what it
    was: a summary names users by ID only.
    """
    counts = {"joined": summary.joined, "invited": summary.invited}
    draft_changes = {k: v for k, v in counts.items() if v is not None}
    if any(getattr(draft.row, k) != v for k, v in draft_changes.items()):
        draft.set(**draft_changes)
    heroes = summary.heroes
    if not heroes or _are_heroes(draft, heroes):
        return
    known = {hero[0]: hero for hero in (*read_heroes(draft.started.heroes), *draft.heroes)}
    chosen = []
    for user_id in (*heroes, part.user_id):
        entry = planning.entry(draft, MEMBER, user_id)
        content = content_of(entry.json) if entry is not None and entry.json else {}
        if "displayname" in content or user_id not in known:
            chosen.append(hero_of(user_id, content))
        else:
            chosen.append(known.get(user_id, (user_id, None, None, False)))
    draft.set_heroes(chosen)


def _are_heroes(draft: RoomDraft, heroes: Collection[UserID]) -> bool:
    """Whether a user's summary says nothing new of the room's heroes.

    Five that are all among the stored six say nothing new. Fewer than five are all members that
    there are besides the user, so the stored ones must be exactly these: they are written again.
    """
    return len(heroes) >= SUMMARY_HEROES and set(heroes) <= {h[0] for h in draft.heroes}


def follow_heroes(draft: RoomDraft, members: Mapping[str, Mapping[str, Any]]) -> None:
    """Keeps heroes true to member events seen, and fills up while there are few.

    ``members`` maps user IDs to the content of their new member event.
    """
    if not members:
        return
    heroes = {hero[0]: hero for hero in draft.heroes}
    for user_id in sorted(members):
        content = members[user_id]
        if content.get("membership") not in ("join", "invite"):
            heroes.pop(user_id, None)
        elif user_id in heroes or len(heroes) < MAX_HEROES:
            heroes[user_id] = hero_of(user_id, content)
    draft.set_heroes(list(heroes.values()))


def follow_count(draft: RoomDraft, before: StateEntry | None, event: Event) -> None:
    """Adjusts the counts for one member whose membership has changed.

    What it was is said by the known event, or else by the new event's ``prev_content``.
    """
    old = membership_of(before.json) if before else (event.prev_membership or "leave")
    _recount(draft, old, membership_of(event.json))


def first_count(draft: RoomDraft, before: StateEntry | None, content: Mapping[str, Any]) -> None:
    """Counts one member of a room whose first chunk has not come, or comes now.

    Each joined or invited member adds one, whatever their event followed: nobody was counted.
    """
    old = membership_of(before.json) if before else "leave"
    _recount(draft, old, text(content.get("membership")) or "leave")


def _recount(draft: RoomDraft, old: str, new: str) -> None:
    if old != new:
        draft.set(
            joined=_counted(draft.row.joined + (new == "join") - (old == "join")),
            invited=_counted(draft.row.invited + (new == "invite") - (old == "invite")),
        )


def _counted(number: int) -> int:
    """A count as the database can hold it: a summary may have said anything."""
    return min(max(0, number), MOST_MEMBERS)
