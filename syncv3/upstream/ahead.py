"""Cuts a room with a very large state block: the bulk of it goes ahead of the room, in slices.

A group holds the stream lock as long as it takes to write it. So a room of 100,000 members, or
a space of 5,000 children, is several parts: first slices of its state, which are stored without
telling anybody, then the room with its timeline and the few events that say what it is. How slices
are stored is in ``syncv3.ingest.planning.ahead``.
"""

from collections.abc import Container
from dataclasses import replace
from typing import Final

from syncv3.batch import JoinedRoom, LeftRoom
from syncv3.types import Event, UserID

AHEAD_FROM: Final = 500
"""A state block of more events than this is cut."""
SLICE: Final = 250  # half a group, so that others find room beside it

_OF_THE_ROOM: Final = frozenset(
    {
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.create",
        "m.room.encryption",
        "m.room.history_visibility",
        "m.room.join_rules",
        "m.room.name",
        "m.room.power_levels",
        "m.room.tombstone",
        "m.room.topic",
    }
)
"""State that comes with the room itself: lists read it, or planning does."""


def cut_ahead(room: JoinedRoom, user_id: UserID) -> tuple[list[JoinedRoom], JoinedRoom]:
    """The slices of state that go ahead, and the room that follows them.

    Each slice has the room's timeline as well, which only says where the state belongs.
    ``user_id`` is the polling user, whose own member event stays with the room.
    """
    if len(room.state) <= AHEAD_FROM:
        return [], room
    stays = [event for event in room.state if _stays(event, user_id)]
    goes = [event for event in room.state if not _stays(event, user_id)]
    slices = [
        replace(room, state=tuple(goes[at : at + SLICE])) for at in range(0, len(goes), SLICE)
    ]
    return slices, replace(room, state=tuple(stays))


def _stays(event: Event, user_id: UserID) -> bool:
    """Whether a state event comes with the room itself."""
    if event.type == "m.room.member":
        return event.state_key == user_id
    return event.state_key == "" and event.type in _OF_THE_ROOM


def without_bulk(room: LeftRoom, user_id: UserID) -> LeftRoom:
    """A room that was left, with that state alone which says what it is, and the members whom its
    last events need: their senders. The rest would be stored for nobody: its user has left, and
    others in the room have newer state."""
    needed = {event.sender for event in room.timeline} | {user_id}
    return replace(room, state=tuple(e for e in room.state if _is_needed(e, needed)))


def _is_needed(event: Event, members: Container[str]) -> bool:
    if event.type == "m.room.member":
        return event.state_key in members
    return event.state_key == "" and event.type in _OF_THE_ROOM
