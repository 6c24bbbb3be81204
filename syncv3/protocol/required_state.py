"""Which state events a room object carries.

A *source* is what one list or one subscription asks for. Several of them may show the same
room; it then carries what any of them asks for, each read by itself (D-56). An example: in a
dialect where naming a type narrows a wildcard, a list asks for ``["m.room.member", "$ME"]`` and
a subscription for ``["*", "*"]``. Read as one set the list's entry would narrow the
subscription, and no member but the user would ever be sent.

What a client's entries mean is its dialect's affair: the dialect makes a ``Source`` of them.
``Wanted`` is what sources mean, in a form that both a database query and a test of one event
can use. What several sources mean together is again one ``Wanted``: so a room costs the same
however many sources show it.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

T = TypeVar("T")

MEMBER = "m.room.member"
StateKey = tuple[str, str]


@dataclass(frozen=True)
class LeftOut:
    """State events that a source leaves out of what it asks for: pairs, whole types, and state
    keys of whatever type."""

    pairs: frozenset[StateKey] = frozenset()
    types: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def has(self, event_type: str, state_key: str) -> bool:
        """Whether this event is left out."""
        return (
            event_type in self.types
            or state_key in self.keys
            or (event_type, state_key) in self.pairs
        )

    @property
    def events(self) -> bool:
        """Whether it speaks of single events, not only of types."""
        return bool(self.pairs or self.keys)


@dataclass(frozen=True)
class Wanted:
    """The state events that sources ask for.

    Wanted is each of ``pairs`` (type, state key), each event of ``types``, each event with
    a state key of ``keys``, and each event of whatever type if ``everything_but`` is given
    (not None) and does not name the type. ``lazy``: members are loaded lazily (7.5), which
    the rest does not speak of.

    ``narrowed`` is asked for besides: sets of this kind, each without some single events. They
    are kept apart, as what one source leaves out another may ask for. An example: A asks for all
    state but the topic, B for the topic. Together they ask for all state.
    """

    pairs: frozenset[StateKey] = frozenset()
    types: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    everything_but: frozenset[str] | None = None
    lazy: bool = False
    narrowed: tuple["Narrowed", ...] = ()

    def covers(self, event_type: str, state_key: str) -> bool:
        """Whether the state event with this type and key is wanted, lazy members aside."""
        if (event_type, state_key) in self.pairs:
            return True
        if self.everything_but is not None and event_type not in self.everything_but:
            return True
        if event_type in self.types or state_key in self.keys:
            return True
        return any(each.covers(event_type, state_key) for each in self.narrowed)

    def repeats(self, event_type: str, state_key: str) -> bool:
        """Whether a live state event goes into ``required_state``, too (D-57).

        All member events do when members are loaded lazily.
        """
        return (self.lazy and event_type == MEMBER) or self.covers(event_type, state_key)

    def among(self, state: Mapping[StateKey, T]) -> list[T]:
        """The values of ``state`` that are wanted, each once and in no particular order."""
        if self.only_pairs:
            return [state[key] for key in self.pairs if key in state]
        return [value for key, value in state.items() if self.covers(*key)]

    def within(self, other: "Wanted") -> bool:
        """Whether all that is wanted here is wanted by the other, whatever there is."""
        # A type, or a key, that the other asks for as part of "everything" need not be named there.
        but = other.everything_but
        types = self.types if but is None else self.types & but
        keys = self.keys if but is None or but - other.types else frozenset()
        whole = self.everything_but is None or (
            but is not None and but - self.everything_but <= other.types
        )
        return (
            whole
            and types <= other.types
            and keys <= other.keys
            and all(other.covers(*pair) for pair in self.pairs)
            and all(each.within(other) for each in self.narrowed)
            and (not self.lazy or other.lazy or (other.all_members and not other.members_left_out))
        )

    def without(self, left_out: LeftOut) -> "Wanted":
        """The same but for some events. Lazy members are not left out: who speaks is known."""
        pairs = frozenset(pair for pair in self.pairs if not left_out.has(*pair))
        but = self.everything_but
        rest = Wanted(
            types=self.types - left_out.types,
            keys=self.keys - left_out.keys,
            everything_but=None if but is None else but | left_out.types,
        )
        # Whole types can be left out by naming fewer of them; single events must be remembered.
        if left_out.events or (rest.keys and left_out.types):
            narrowed = () if rest.nothing else (Narrowed(rest, left_out),)
            return Wanted(pairs, lazy=self.lazy, narrowed=narrowed)
        return Wanted(pairs, rest.types, rest.keys, rest.everything_but, self.lazy)

    @cached_property
    def only_pairs(self) -> bool:
        """Whether all that is asked for is named one by one, lazy members aside."""
        return self.everything_but is None and not (self.types or self.keys or self.narrowed)

    @property
    def nothing(self) -> bool:
        """Whether no state is asked for, lazy members aside."""
        return self.only_pairs and not self.pairs

    @cached_property
    def all_members(self) -> bool:
        """Whether the full member list must be known to answer: a wildcard covers members."""
        return self._all_members or any(each.wanted.all_members for each in self.narrowed)

    @property
    def _all_members(self) -> bool:
        if self.everything_but is not None and MEMBER not in self.everything_but:
            return True
        return MEMBER in self.types

    @cached_property
    def members(self) -> frozenset[str]:
        """The users whose member events are asked for by name."""
        named = {key for event_type, key in self.pairs if event_type == MEMBER}
        keys = self.keys.union(*[each.wanted.keys for each in self.narrowed])
        named |= {key for key in keys if key.startswith("@")}
        return frozenset(key for key in named if self.covers(MEMBER, key))

    @cached_property
    def members_left_out(self) -> frozenset[str]:
        """The users whose member events are not wanted, if otherwise all are."""
        if self._all_members:
            return frozenset()
        named = {key for each in self.narrowed for key in each.members_left_out}
        return frozenset(key for key in named if not self.covers(MEMBER, key))


@dataclass(frozen=True)
class Narrowed:
    """What ``wanted`` covers without some events; it names no pairs."""

    wanted: Wanted
    left_out: LeftOut

    def covers(self, event_type: str, state_key: str) -> bool:
        """Whether this state event is wanted."""
        if self.left_out.has(event_type, state_key):
            return False
        return self.wanted.covers(event_type, state_key)

    def within(self, other: Wanted) -> bool:
        """Whether all of it is surely wanted by the other, whatever there is."""
        return self in other.narrowed or self.wanted.within(other)

    @property
    def members_left_out(self) -> frozenset[str]:
        """The users whose member events it names to leave them out."""
        named = {key for event_type, key in self.left_out.pairs if event_type == MEMBER}
        return frozenset(named) | {key for key in self.left_out.keys if key.startswith("@")}


class Source(Hashable, Protocol):
    """What one list or one subscription asks for, as its dialect reads it."""

    @property
    def number(self) -> int:
        """Tells one source from another, in every process and after a restart."""

    @property
    def wanted(self) -> Wanted:
        """What its entries mean as one set."""


def wanted(sources: Iterable[Source]) -> Wanted:
    """All that any of the sources asks for, each read by itself (D-56).

    Of two sources that ask for everything but some types, a type is left out only if both
    leave it out.
    """
    each = [source.wanted for source in sources]
    if len(each) == 1:
        return each[0]
    but = [one.everything_but for one in each if one.everything_but is not None]
    return Wanted(
        pairs=frozenset().union(*[one.pairs for one in each]),
        types=frozenset().union(*[one.types for one in each]),
        keys=frozenset().union(*[one.keys for one in each]),
        everything_but=but[0].intersection(*but[1:]) if but else None,
        lazy=any(one.lazy for one in each),
        narrowed=tuple(dict.fromkeys(n for one in each for n in one.narrowed)),
    )
