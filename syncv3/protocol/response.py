"""What the engine answers, in no dialect: a codec writes it as its dialect's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from syncv3.protocol.request import ListSpec
from syncv3.protocol.required_state import StateKey
from syncv3.types import RoomID, UserID

HEROES_MOST: Final = 5
"""Homeservers name so many heroes of a room, besides the user."""
Window = tuple[RoomID, ...]
"""The rooms of one range in order, cut at the end of the list."""


@dataclass(frozen=True, slots=True)
class ListChange:
    """One list before (what the client's ``pos`` had been told) and now.

    ``before`` is None for a list that the client has not been told of (new, or its
    windows are no longer known: ``forgotten`` then has the ranges to invalidate).
    ``windows`` belong to ``spec.ranges`` one by one. ``moved`` has the rooms whose place
    may have changed through an update, in the order of their last change; the others
    only shifted.
    """

    spec: ListSpec
    windows: tuple[Window, ...]
    count: int
    before: ListSpec | None = None
    windows_before: tuple[Window, ...] = ()
    count_before: int = 0
    forgotten: bool = False
    moved: tuple[RoomID, ...] = ()
    full_order: tuple[RoomID, ...] | None = None  # all rooms, for ``all_rooms`` lists


@dataclass(frozen=True, slots=True)
class Hero:
    """A member after whom a nameless room is called; what is not known of them is None."""

    user_id: UserID
    displayname: str | None = None
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """One room object. None means: not in this answer. Events are whole JSON objects.

    An element of ``required_state`` may be several events with commas between them: so a list
    of any number of members is handled in few pieces. ``avatar`` is a one-tuple around the URL
    or None, so that "no avatar" can be said; an empty ``name`` says that the room has none.

    ``has_timeline``: a timeline was asked for and looked up, though it may be empty. ``expanded``
    marks one that goes back behind what the client had. ``gone`` are state entries that it has
    and that no longer exist. ``reminder`` is the user's own member event, where the client may have
    it, and yet needs it beside what else the entry says. ``bump_stamp`` says, in milliseconds, when
    the room was last active as clients sort it, ``lists`` which lists have the room in a window.
    """

    initial: bool = False
    name: str | None = None
    avatar: tuple[str | None] | None = None
    heroes: tuple[Hero, ...] | None = None
    is_dm: bool | None = None
    required_state: tuple[bytes, ...] = ()
    timeline: tuple[bytes, ...] = ()
    prev_batch: str | None = None
    limited: bool = False
    num_live: int = 0
    has_timeline: bool = True
    expanded: bool = False
    joined_count: int | None = None
    invited_count: int | None = None
    notification_count: int | None = None
    highlight_count: int | None = None
    timestamp: int | None = None
    bump_stamp: int | None = None
    gone: tuple[StateKey, ...] = ()
    reminder: tuple[bytes, ...] = ()
    lists: tuple[str, ...] = ()
    stripped_state: tuple[bytes, ...] | None = None
    membership: Literal["join", "invite", "knock", "leave", "ban"] = "join"


@dataclass(frozen=True, slots=True)
class SyncResponse:
    """A whole response. ``extensions`` maps a response key to its object as JSON.

    ``resume`` is a token with which a later connection goes on from this answer, if it is wanted.
    """

    pos: str
    lists: Mapping[str, ListChange] = field(default_factory=dict)
    rooms: Mapping[RoomID, RoomAnswer] = field(default_factory=dict)
    extensions: Mapping[str, bytes] = field(default_factory=dict)
    txn_id: str | None = None
    resume: str | None = None
