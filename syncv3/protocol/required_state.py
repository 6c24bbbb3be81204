"""Which state events a room object carries (D-50 to D-57).

``RequiredState`` is what the client wrote; ``Wanted`` is what it means, in a form that
both a database query and a test of one event can use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from syncv3.protocol.request import RequiredState, RoomConfig

T = TypeVar("T")

MEMBER = "m.room.member"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The meaning of a required state, lazy members aside.

    Wanted is each of ``pairs`` (type, state key), each event of ``types``, each event with
    a state key of ``keys``. With ``everything``, each event is wanted but those of the
    types in ``narrowed``, of which only ``pairs`` are (D-54); ``types`` and ``keys`` are
    empty then.
    """

    pairs: frozenset[tuple[str, str]]
    types: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    everything: bool = False
    narrowed: frozenset[str] = frozenset()

    def covers(self, event_type: str, state_key: str) -> bool:
        """Whether the state event with this type and key is wanted."""
        if (event_type, state_key) in self.pairs:
            return True
        if self.everything:
            return event_type not in self.narrowed
        return event_type in self.types or state_key in self.keys


def wanted(required: RequiredState) -> Wanted:
    """What the entries mean as one set (D-51, D-54)."""
    pairs = frozenset(entry for entry in required.entries if "*" not in entry)
    if ("*", "*") in required.entries:
        narrowed = {event_type for event_type, _ in pairs}
        if required.lazy_members:
            narrowed.add(MEMBER)
        return Wanted(pairs, everything=True, narrowed=frozenset(narrowed))
    types = frozenset(event_type for event_type, key in required.entries if key == "*")
    keys = frozenset(key for event_type, key in required.entries if event_type == "*")
    return Wanted(pairs, types=types, keys=keys)


def select(
    required: RequiredState, state: Mapping[tuple[str, str], T], lazy_members: Iterable[str] = ()
) -> list[T]:
    """The values of ``state`` ((type, state key) → value) that the client wants, each once.

    ``lazy_members`` are the user IDs whose member events go along if the client loads
    members lazily (D-60); unknown ones are skipped. The order is that of no rule: the
    caller sorts (D-50).
    """
    wants = wanted(required)
    keys: set[tuple[str, str]] = set()
    if required.lazy_members:
        keys.update((MEMBER, user_id) for user_id in lazy_members)
    if not (wants.everything or wants.types or wants.keys):
        keys |= wants.pairs
        return [state[key] for key in keys if key in state]
    return [value for key, value in state.items() if key in keys or wants.covers(*key)]


def matches(required: RequiredState, event_type: str, state_key: str) -> bool:
    """Whether a live state event is repeated in ``required_state`` (D-57).

    All member events are when members are loaded lazily. For many events of one
    required state, keep its ``wanted()``.
    """
    if required.lazy_members and event_type == MEMBER:
        return True
    return wanted(required).covers(event_type, state_key)


def needs_all_members(required: RequiredState) -> bool:
    """Whether the full member list must be known to answer: a wildcard covers members."""
    wants = wanted(required)
    if wants.everything:
        return MEMBER not in wants.narrowed
    return MEMBER in wants.types


def union(configs: Iterable[RoomConfig]) -> RoomConfig:
    """How a room is shown that several lists and a subscription want (D-56).

    Entries are concatenated and later evaluated as one set; the larger limit wins; heroes
    and old rooms are shown if anyone asks, the latter by the union of what they ask.
    """
    every = tuple(configs)
    if len(every) == 1:
        return every[0]
    entries = dict.fromkeys(entry for config in every for entry in config.required_state.entries)
    old_rooms = [config.old_rooms for config in every if config.old_rooms is not None]
    return RoomConfig(
        timeline_limit=max((config.timeline_limit for config in every), default=0),
        required_state=RequiredState(
            entries=tuple(entries),
            lazy_members=any(config.required_state.lazy_members for config in every),
        ),
        heroes=any(config.heroes for config in every),
        old_rooms=union(old_rooms) if old_rooms else None,
    )
