"""Which state a client of the stable dialect asks for (S-232 to S-234).

An example: ``{"include": [{"type": "m.room.name"}, {"type": "m.room.member", "state_key": "@a:b"}],
"lazy_members": true}`` asks for the room's name, one member, and those who have written what the
timeline shows. ``{"include": [{}], "exclude": [{"type": "m.room.member"}]}`` is all but members.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from syncv3.dialects.reading import MAX_REQUIRED_STATE, check_count
from syncv3.dialects.simplified.required_state import Selection, Selector, selection
from syncv3.types import UserID


class ElementJson(msgspec.Struct, frozen=True):
    """A kind of state events: a field that is absent or null matches all."""

    type: str | None = None
    state_key: str | None = None


class StateJson(msgspec.Struct, frozen=True):
    """``required_state``."""

    include: list[ElementJson] | None = None
    exclude: list[ElementJson] | None = None
    lazy_members: bool | None = None

    def elements(self) -> "Elements":
        """The same as a value. Raises ``InvalidParam``."""
        for name, given in (("include", self.include), ("exclude", self.exclude)):
            check_count(f"elements to {name} in required_state", given, MAX_REQUIRED_STATE)
        lazy = bool(self.lazy_members)
        return Elements(_selectors(self.include or ()), _selectors(self.exclude or ()), lazy)


def _selectors(elements: Iterable[ElementJson]) -> tuple[Selector, ...]:
    return tuple((element.type, element.state_key) for element in elements)


@dataclass(frozen=True)
class Elements:
    """What is included and what not. There are no wildcards: ``*`` and ``$ME`` are literal."""

    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    lazy: bool = False

    def source(self, me: UserID) -> Selection | None:
        return selection(self.include, self.exclude, lazy=self.lazy)

    @property
    def selectors(self) -> int:
        return len(self.include) + len(self.exclude)
