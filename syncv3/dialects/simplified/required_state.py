"""Which state a client of the simplified dialects asks for (S-230 to S-235).

A *selector* is a type and a state key, of which either may be None: any. So ``("t", None)`` is
each event of type t, ``(None, None)`` is all state.

Both dialects come to a ``Selection``, from what their requests write. An example of the unstable
one: ``[["m.room.name", ""], ["m.room.member", "$LAZY"], ["m.space.child", "*"]]`` is the name, the
members of the timeline, and all children of a space.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zlib import crc32

from syncv3.protocol.required_state import MEMBER, LeftOut, StateKey, Wanted
from syncv3.types import UserID

Selector = tuple[str | None, str | None]
ALL: Final[Selector] = (None, None)


@dataclass(frozen=True)
class Selection:
    """One source: what some selectors ``include`` and none of the others ``exclude``.

    With ``lazy`` members are loaded lazily. Then a selector without a state key covers no
    members: who asks for all state and lazy members does not want ten thousand of them (S-234).
    """

    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    lazy: bool = False

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.include, self.exclude, self.lazy))

    @cached_property
    def number(self) -> int:
        """Tells one source from another, in every process and after a restart."""
        return crc32(repr((self.include, self.exclude, self.lazy)).encode())

    @cached_property
    def wanted(self) -> Wanted:
        """What it means as one set."""
        left_out = LeftOut(
            pairs=frozenset((t, k) for t, k in self.exclude if t is not None and k is not None),
            types=frozenset(t for t, k in self.exclude if t is not None and k is None),
            keys=frozenset(k for t, k in self.exclude if t is None and k is not None),
        )
        if ALL in self.exclude:  # all is excluded; lazy members come with the timeline all the same
            return Wanted(lazy=self.lazy)
        types = frozenset(t for t, k in self.include if t is not None and k is None)
        return Wanted(
            pairs=frozenset((t, k) for t, k in self.include if t is not None and k is not None),
            types=types - {MEMBER} if self.lazy else types,
            keys=frozenset(k for t, k in self.include if t is None and k is not None),
            everything_but=self._everything_but,
            lazy=self.lazy,
        ).without(left_out)

    @property
    def _everything_but(self) -> frozenset[str] | None:
        if ALL not in self.include:
            return None
        return frozenset({MEMBER}) if self.lazy else frozenset()


def selection(
    include: Iterable[Selector], exclude: Iterable[Selector] = (), *, lazy: bool = False
) -> Selection | None:
    """The same in whatever order selectors come, and however often; None: no state at all."""
    chosen = tuple(sorted(set(include), key=_order))
    if not chosen and not lazy:
        return None
    return Selection(chosen, tuple(sorted(set(exclude), key=_order)), lazy)


def _order(selector: Selector) -> tuple[bool, str, bool, str]:
    event_type, state_key = selector
    return event_type is None, event_type or "", state_key is None, state_key or ""


@dataclass(frozen=True)
class Pairs:
    """``required_state`` of the unstable dialect: pairs of type and state key (S-230).

    ``*`` stands for any, ``$ME`` for the user. ``$LAZY`` members are loaded lazily, unless all
    members are asked for anyway (S-151, S-231).
    """

    entries: tuple[StateKey, ...] = ()

    def source(self, me: UserID) -> Selection | None:
        if ("*", "*") in self.entries:  # all members, too: there is nothing to load lazily
            return Selection((ALL,))
        keys: dict[str, str | None] = {"*": None, "$ME": me}
        include = {
            (None if event_type == "*" else event_type, keys.get(state_key, state_key))
            for event_type, state_key in self.entries
            if state_key != "$LAZY"
        }
        lazy = (MEMBER, "$LAZY") in self.entries and (MEMBER, None) not in include
        return selection(include, lazy=lazy)

    @property
    def selectors(self) -> int:
        return len(self.entries)
