"""Which rooms are in a list and in what order (L-10 to L-36).

Filters and sorts are compiled once per list, then run on thousands of rooms. Candidates
(L-1) and old rooms (L-2) are chosen by the caller.

An example: a list of DMs, sorted by notification level, then by recency. A room passes the filter
``is_dm``, and its key is (1, -1700000000000, "!a:b"): it has unread messages and is encrypted; it
was active at that time, the later the smaller; and its ID decides between rooms that are otherwise
alike, so that the order is the same on every worker.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from syncv3.protocol.request import Filters, Sort


class UnknownType(Enum):
    """The type of a room of which that is not known."""

    UNKNOWN = "unknown"


UNKNOWN: Final = UnknownType.UNKNOWN
RoomType = str | UnknownType | None
"""None: the room has no type."""

SortKey = tuple[int | str, ...]
"""Sorts ascending; keys of one list have equal shape and end with the room's ID (Z-9)."""


class Listed(Protocol):
    """What lists need to know of one room, as one user sees it.

    ``name`` is the calculated name (D-21), ``canonical_name`` that of ``canonical_name()``.
    ``parents`` are the spaces that name the room as a child *and* that the user is joined
    to (L-19). ``is_encrypted`` never turns false again (L-11); None: it is not known, and the
    room passes neither filter (S-132). A room of ``UNKNOWN`` type passes no filter of types.
    """

    @property
    def room_id(self) -> str: ...
    @property
    def is_dm(self) -> bool: ...
    @property
    def is_encrypted(self) -> bool | None: ...
    @property
    def is_invite(self) -> bool: ...
    @property
    def is_tombstoned(self) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def canonical_name(self) -> str: ...
    @property
    def tags(self) -> frozenset[str]: ...
    @property
    def room_type(self) -> RoomType: ...
    @property
    def parents(self) -> frozenset[str]: ...
    @property
    def highlight_count(self) -> int: ...
    @property
    def notification_count(self) -> int: ...


Filter = Callable[[Listed], bool]
Key = Callable[[Listed, int], SortKey]
"""(room, activity timestamp in milliseconds) → its key. The timestamp belongs to the list."""


def canonical_name(name: str) -> str:
    """The calculated name as ``by_name`` compares it, by code points (L-32)."""
    return name.strip("#!():_@").lower()


def make_filter(filters: Filters) -> Filter:
    """A predicate for rooms: all given fields hold (L-10 to L-20)."""
    checks = (*_flag_checks(filters), *_value_checks(filters))
    if len(checks) == 1:
        return checks[0]

    def every(room: Listed) -> bool:
        for check in checks:  # noqa: SIM110 - a generator costs twice as much per room
            if not check(room):
                return False
        return True

    return every


def _flag_checks(filters: Filters) -> list[Filter]:
    checks: list[Filter] = []
    if (is_dm := filters.is_dm) is not None:
        checks.append(lambda room: room.is_dm == is_dm)
    if (is_encrypted := filters.is_encrypted) is not None:
        checks.append(lambda room: room.is_encrypted == is_encrypted)
    if (is_invite := filters.is_invite) is not None:
        checks.append(lambda room: room.is_invite == is_invite)
    if (is_tombstoned := filters.is_tombstoned) is not None:
        checks.append(lambda room: room.is_tombstoned == is_tombstoned)
    return checks


def _value_checks(filters: Filters) -> list[Filter]:
    checks: list[Filter] = []
    if filters.room_name_like:
        wanted_name = filters.room_name_like.lower()
        checks.append(lambda room: wanted_name in room.name.lower())
    if filters.tags is not None:
        tags = frozenset(filters.tags)
        checks.append(lambda room: not tags.isdisjoint(room.tags))
    if filters.not_tags is not None:
        not_tags = frozenset(filters.not_tags)
        checks.append(lambda room: not_tags.isdisjoint(room.tags))
    if filters.room_types is not None:
        types = frozenset(filters.room_types)
        checks.append(lambda room: room.room_type in types)
    if filters.not_room_types is not None:
        not_types = frozenset(filters.not_room_types)
        checks.append(lambda room: _has_other_type(room, not_types))
    if filters.spaces is not None:
        spaces = frozenset(filters.spaces)
        checks.append(lambda room: not spaces.isdisjoint(room.parents))
    return checks


def _has_other_type(room: Listed, types: frozenset[str | None]) -> bool:
    """``not_room_types``: with no types in it everything passes, also what is not known."""
    return not types or (room.room_type is not UNKNOWN and room.room_type not in types)


def make_key(sort: tuple[Sort, ...]) -> Key:
    """The key function of a sort: its fields left to right, then the room's ID (L-30).

    Invites sort as one highlight and no notification (L-35).
    """
    fields = tuple(_FIELDS[name] for name in sort)
    match sort:  # what nearly all clients ask for, without a loop over fields for each room
        case (Sort.RECENCY,):
            return lambda room, activity: (-activity, room.room_id)
        case (Sort.NOTIFICATION_LEVEL, Sort.RECENCY):
            return lambda room, activity: (_notification_tier(room), -activity, room.room_id)
    return lambda room, activity: (*[field(room, activity) for field in fields], room.room_id)


def _notification_tier(room: Listed) -> int:
    """0: highlighted, 1: notified and encrypted, 2: notified, 3: the rest (L-33)."""
    if room.is_invite or room.highlight_count > 0:
        return 0
    if room.notification_count > 0:
        return 1 if room.is_encrypted else 2
    return 3


_FIELDS: dict[Sort, Callable[[Listed, int], int | str]] = {
    Sort.RECENCY: lambda room, activity: -activity,
    Sort.NAME: lambda room, activity: room.canonical_name,
    Sort.NOTIFICATION_LEVEL: lambda room, activity: _notification_tier(room),
    Sort.HIGHLIGHT_COUNT: lambda room, activity: -1 if room.is_invite else -room.highlight_count,
    Sort.NOTIFICATION_COUNT: lambda room, activity: (
        0 if room.is_invite else -room.notification_count
    ),
}
