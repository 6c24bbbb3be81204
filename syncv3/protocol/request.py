"""What a client asks for, in no dialect: the engine's request.

A codec turns its dialect's JSON into these values and merges sticky parameters, so the
engine always sees a complete request. Ranges are half-open here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from syncv3.types import RoomID


class Sort(Enum):
    RECENCY = "by_recency"
    NAME = "by_name"
    NOTIFICATION_LEVEL = "by_notification_level"
    HIGHLIGHT_COUNT = "by_highlight_count"
    NOTIFICATION_COUNT = "by_notification_count"


@dataclass(frozen=True, slots=True)
class Filters:
    """All given fields must hold; None (or an empty tuple) does not filter (L-10 to L-20)."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    is_tombstoned: bool | None = None
    room_name_like: str = ""
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    room_types: tuple[str | None, ...] = ()
    not_room_types: tuple[str | None, ...] = ()
    spaces: tuple[RoomID, ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredState:
    """Which state events a room object carries: a set of (type, state key) selectors.

    ``$ME`` is already replaced by the user's ID. ``lazy_members`` is the selector
    ``["m.room.member", "$LAZY"]``. Wildcards are ``*`` as a whole element.
    The order of ``entries`` is the client's.
    """

    entries: tuple[tuple[str, str], ...] = ()
    lazy_members: bool = False


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """How one room is to be shown: the union of what lists and a subscription ask."""

    timeline_limit: int = 0
    required_state: RequiredState = RequiredState()
    heroes: bool = False
    old_rooms: "RoomConfig | None" = None  # include_old_rooms: how predecessors are shown


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list. ``ranges`` are half-open, in the client's order, without overlaps."""

    ranges: tuple[tuple[int, int], ...] = ()
    sort: tuple[Sort, ...] = (Sort.RECENCY,)
    filters: Filters = Filters()
    bump_types: frozenset[str] | None = None  # None: every event bumps
    all_rooms: bool = False  # slow_get_all_rooms
    config: RoomConfig = RoomConfig()


@dataclass(frozen=True, slots=True)
class Ask:
    """One complete request.

    ``subscriptions`` holds the merged subscriptions. ``sticky`` is what the connection
    must remember, as bytes that only the codec reads. ``extensions`` maps an extension's
    name to its merged request object.
    """

    lists: Mapping[str, ListSpec] = field(default_factory=dict)
    subscriptions: Mapping[RoomID, RoomConfig] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    sticky: bytes = b""
    txn_id: str | None = None
