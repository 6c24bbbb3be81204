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
class Wanted:
    """The state events that sources ask for.

    Wanted is each of ``pairs`` (type, state key), each event of ``types``, each event with
    a state key of ``keys``, and each event of whatever type if ``everything_but`` is given
    (not None) and does not name the type. ``lazy``: members are loaded lazily (7.5), which
    the rest does not speak of.
    """

    pairs: frozenset[StateKey] = frozenset()
    types: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    everything_but: frozenset[str] | None = None
    lazy: bool = False

    def covers(self, event_type: str, state_key: str) -> bool:
        """Whether the state event with this type and key is wanted, lazy members aside."""
        if (event_type, state_key) in self.pairs:
            return True
        if self.everything_but is not None and event_type not in self.everything_but:
            return True
        return event_type in self.types or state_key in self.keys

    def repeats(self, event_type: str, state_key: str) -> bool:
        """Whether a live state event goes into ``required_state``, too (D-57).

        All member events do when members are loaded lazily.
        """
        return (self.lazy and event_type == MEMBER) or self.covers(event_type, state_key)

    def among(self, state: Mapping[StateKey, T]) -> list[T]:
        """The values of ``state`` that are wanted, each once and in no particular order."""
        if self.everything_but is None and not self.types and not self.keys:
            return [state[key] for key in self.pairs if key in state]
        return [value for key, value in state.items() if self.covers(*key)]

    def within(self, other: "Wanted") -> bool:
        """Whether all that is wanted here is wanted by the other, whatever there is."""
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
            and (not self.lazy or other.lazy or other.all_members)
        )

    @property
    def nothing(self) -> bool:
        """Whether no state is asked for, lazy members aside."""
        return self.everything_but is None and not (self.pairs or self.types or self.keys)

    @cached_property
    def all_members(self) -> bool:
        """Whether the full member list must be known to answer: a wildcard covers members."""
        if self.everything_but is not None and MEMBER not in self.everything_but:
            return True
        return MEMBER in self.types

    @cached_property
    def members(self) -> frozenset[str]:
        """The users whose member events are asked for by name."""
        named = {key for event_type, key in self.pairs if event_type == MEMBER}
        return frozenset(named) | {key for key in self.keys if key.startswith("@")}


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
    )
