"""What a client asks for, in no dialect: the engine's request.

A dialect reads its JSON as a ``Request`` and completes it with what it remembers, so the engine
always sees a complete ``CompleteRequest``. Ranges are half-open here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Final
from zlib import crc32

from syncv3.protocol.required_state import Source, Wanted, wanted
from syncv3.types import RoomID

UNIONS_KEPT: Final = 1_000  # of one request; beyond that they are made anew


class Sort(Enum):
    """By what a list is sorted; the values are MSC3575's own words."""

    RECENCY = "by_recency"
    NAME = "by_name"
    NOTIFICATION_LEVEL = "by_notification_level"
    HIGHLIGHT_COUNT = "by_highlight_count"
    NOTIFICATION_COUNT = "by_notification_count"


@dataclass(frozen=True, slots=True)
class Filters:
    """All given fields must hold. None does not filter; an empty tuple lets nothing pass, or,
    in ``not_tags`` and ``not_room_types``, everything (L-10 to L-20)."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    is_tombstoned: bool | None = None
    room_name_like: str = ""
    tags: tuple[str, ...] | None = None
    not_tags: tuple[str, ...] | None = None
    room_types: tuple[str | None, ...] | None = None
    not_room_types: tuple[str | None, ...] | None = None
    spaces: tuple[RoomID, ...] | None = None

    @property
    def number(self) -> int:
        """How many values a room is compared with: of all fields that may have several."""
        return sum(len(given) for given in _all(self) if given.__class__ is tuple)


_all = attrgetter(*(each.name for each in fields(Filters)))


@dataclass(frozen=True)
class RoomConfig:
    """How one room is to be shown: what one list or subscription asks, or their ``union``.

    ``required_state`` has each source once; what they ask for is added up.
    """

    timeline_limit: int = 0
    required_state: tuple[Source, ...] = ()
    heroes: bool = False
    old_rooms: "RoomConfig | None" = None  # include_old_rooms: how predecessors are shown

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.timeline_limit, self.required_state, self.heroes, self.old_rooms))

    @cached_property
    def wanted(self) -> Wanted:
        """The state that is asked for."""
        return wanted(self.required_state)

    @cached_property
    def number(self) -> int:
        """Stands for the part of the config whose change makes a room be sent again.

        It is stored with each room that a client has: 31 bits, the same in every process,
        and in whatever order sources were united.
        """
        sources = sorted(source.number for source in self.required_state)
        return crc32(repr((self.timeline_limit, sources)).encode()) & 0x7FFFFFFF


def union(configs: Iterable[RoomConfig]) -> RoomConfig:
    """How a room is shown that several lists and a subscription want (D-56).

    Sources are kept apart and later read one by one; the larger limit wins; heroes and old
    rooms are shown if anyone asks, the latter by the union of what they ask.
    """
    every = tuple(dict.fromkeys(configs))
    if len(every) == 1:
        return every[0]
    old_rooms = [config.old_rooms for config in every if config.old_rooms is not None]
    return RoomConfig(
        timeline_limit=max((config.timeline_limit for config in every), default=0),
        required_state=tuple(dict.fromkeys(s for c in every for s in c.required_state)),
        heroes=any(config.heroes for config in every),
        old_rooms=union(old_rooms) if old_rooms else None,
    )


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
class Request:
    """One request as it came. ``said`` is the rest of it, which only its dialect reads.

    ``conn_id`` names one of the device's connections; it is empty when the client has only one.
    ``pos`` is None on a first request. ``timeout`` is what the client gave, not read yet.
    ``txn_id`` is what the answer has to repeat, if anything. ``blank``: there was no body.
    ``presence`` is what others are to be told of the user while the client asks; None: nothing.
    ``resume`` is the token of an earlier connection whose rooms the client has kept; empty if it
    only wants such tokens, None if it knows nothing of them. ``lists``, ``subscriptions`` and
    ``unsubscribed`` are how many of each it names, for the log.
    """

    conn_id: str = ""
    pos: str | None = None
    timeout: str | None = None
    txn_id: str | None = None
    blank: bool = False
    presence: str | None = None
    resume: str | None = None
    said: object = None
    lists: int = 0
    subscriptions: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """One complete request.

    ``sticky`` is what the connection must remember, as bytes that only its dialect reads; empty
    if there is nothing of that kind. ``extensions`` maps an extension's name to its request
    object. ``resumable``: the client keeps what it is sent, and wants tokens with which a later
    connection goes on from there.
    """

    lists: Mapping[str, ListSpec] = field(default_factory=dict)
    subscriptions: Mapping[RoomID, RoomConfig] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    sticky: bytes = b""
    resumable: bool = False
    _unions: dict[tuple[RoomConfig, ...], RoomConfig] = field(
        default_factory=dict, compare=False, repr=False
    )

    def united(self, configs: tuple[RoomConfig, ...]) -> RoomConfig:
        """The ``union`` of some of its configs, made once: the same object each time."""
        if len(configs) == 1:
            return configs[0]
        found = self._unions.get(configs)
        if found is None:
            if len(self._unions) >= UNIONS_KEPT:
                self._unions.clear()
            found = self._unions[configs] = union(configs)
        return found
