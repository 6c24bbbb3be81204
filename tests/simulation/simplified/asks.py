"""What a client of the simplified family wants, in no dialect.

Nothing is sticky there (S-22): a request says all of it each time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

MEMBER: Final = "m.room.member"
StateKey = tuple[str, str]
Element = tuple[str | None, str | None]
ME: Final = "$ME"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which state: elements of type and state key, where None is anything; ``ME`` is the user.

    ``excludes`` can be said in MSC4186 only; elsewhere they do not count.
    """

    includes: tuple[Element, ...] = ()
    excludes: tuple[Element, ...] = ()
    lazy: bool = False

    def selects(self, key: StateKey, me: str, *, excluding: bool) -> bool:
        """Whether a state entry is asked for by its key, lazily loaded members aside."""
        if self.lazy and key[0] == MEMBER and excluding:
            wanted = any(k is not None and _fits((t, k), key, me) for t, k in self.includes)
        else:
            wanted = any(_fits(element, key, me) for element in self.includes)
        banned = excluding and any(_fits(element, key, me) for element in self.excludes)
        return wanted and not banned

    def is_lazy(self, *, excluding: bool) -> bool:
        """In the older dialect a wildcard over members wins over lazy loading (S-231)."""
        whole = any(t in (None, MEMBER) and k is None for t, k in self.includes)
        return self.lazy and (excluding or not whole)


def _fits(element: Element, key: StateKey, me: str) -> bool:
    kind, state_key = element
    state_key = me if state_key == ME else state_key
    return kind in (None, key[0]) and state_key in (None, key[1])


@dataclass(frozen=True, slots=True)
class Shape:
    """How a room is wanted."""

    limit: int
    selection: Selection


@dataclass(frozen=True, slots=True)
class ListAsk:
    """One list. ``ranges`` include both ends; None: all rooms. ``filters`` are named as in
    MSC4186."""

    shape: Shape
    ranges: tuple[tuple[int, int], ...] | None = ((0, 20),)
    filters: Mapping[str, Any] = field(default_factory=dict)

    def window(self, order: list[str]) -> list[str]:
        """The rooms of the list's ranges."""
        if self.ranges is None:
            return order
        places = [i for first, last in self.ranges for i in range(first, last + 1)]
        return [order[i] for i in dict.fromkeys(places) if i < len(order)]


@dataclass(frozen=True, slots=True)
class Asks:
    """A whole request but for ``pos`` and tokens. ``extensions`` maps names to their objects."""

    lists: Mapping[str, ListAsk] = field(default_factory=dict)
    subscriptions: Mapping[str, Shape] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def wants_rooms(self) -> bool:
        return bool(self.lists or self.subscriptions)

    @property
    def with_ranges(self) -> frozenset[str]:
        """The lists that do not want all rooms."""
        return frozenset([name for name, ask in self.lists.items() if ask.ranges is not None])

    def shapes_of(self, room_id: str, windows: Mapping[str, Iterable[str]]) -> list[Shape]:
        """Who wants the room, and how; none: nobody."""
        shapes = [ask.shape for name, ask in self.lists.items() if room_id in windows[name]]
        subscribed = self.subscriptions.get(room_id)
        return [*shapes, subscribed] if subscribed is not None else shapes

    def scope_of(self, name: str, windows: Mapping[str, Iterable[str]]) -> set[str]:
        """The rooms that an extension may speak about (S-341)."""
        asked = self.extensions[name]
        shown = {room for rooms in windows.values() for room in rooms} | self.subscriptions.keys()
        lists, rooms = asked.get("lists", ["*"]), asked.get("rooms", ["*"])
        listed = windows if "*" in lists else [each for each in lists if each in windows]
        chosen = {room for each in listed for room in windows[each]}
        return chosen | (shown if "*" in rooms else shown & set(rooms))

    def with_list(self, name: str, ask: ListAsk) -> "Asks":
        return replace(self, lists={**self.lists, name: ask})

    def with_subscription(self, room_id: str, shape: Shape | None) -> "Asks":
        """None: without it."""
        others = {r: s for r, s in self.subscriptions.items() if r != room_id}
        return replace(self, subscriptions=others | ({} if shape is None else {room_id: shape}))


NAME: Final = ("m.room.name", "")
TOPIC: Final = ("m.room.topic", "")
OWN: Final = (MEMBER, ME)
SELECTIONS: Final = (
    Selection((NAME, TOPIC, OWN), lazy=True),  # as the SDKs do
    Selection((TOPIC, OWN), lazy=True),
    Selection((("m.room.topic", None), OWN)),
    Selection((OWN,), lazy=True),
    Selection(((None, ""), OWN)),
    Selection((NAME, OWN)),
    Selection(((None, ""), OWN), excludes=(TOPIC,), lazy=True),
    Selection((OWN,)),
)
RANGES: Final = (
    ((0, 20),), ((0, 1),), ((0, 0),), ((1, 2),), ((0, 0), (2, 3)), None,
)  # fmt: skip
LIMITS: Final = (20, 5, 2, 1, 0, 3)
FILTERS: Final[tuple[Mapping[str, Any], ...]] = (
    {}, {}, {}, {"is_dm": True}, {"is_dm": False}, {"is_invited": False}, {"is_invited": True},
    {"tags": ["m.favourite"]}, {"not_tags": ["m.favourite"]},
)  # fmt: skip
SCOPES: Final[tuple[Mapping[str, Any], ...]] = (
    {}, {}, {"rooms": ["*"]}, {"rooms": [], "lists": ["a"]}, {"rooms": []},
    {"lists": [], "rooms": []},
)  # fmt: skip
SCOPED: Final = ("account_data", "receipts")
UNSCOPED: Final = ("to_device", "e2ee")


def shape_of(limit: int, selection: int) -> Shape:
    return Shape(LIMITS[limit % len(LIMITS)], SELECTIONS[selection % len(SELECTIONS)])


def list_of(ranges: int, limit: int, selection: int, filters: int) -> ListAsk:
    """A list, from any numbers."""
    return ListAsk(
        shape_of(limit, selection), RANGES[ranges % len(RANGES)], FILTERS[filters % len(FILTERS)]
    )


def extensions_of(numbers: Iterable[int]) -> dict[str, Mapping[str, Any]]:
    """Some of the extensions, from any four numbers; most of them mostly."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for name, number in zip((*SCOPED, *UNSCOPED), numbers, strict=True):
        if number % 5 == 4:
            continue
        scope = SCOPES[number // 5 % len(SCOPES)] if name in SCOPED else {}
        chosen[name] = {"enabled": True, **scope}
        if name == "to_device" and number % 2:
            chosen[name] = {"enabled": True, "limit": 1 + number // 5 % 3}
    return chosen
