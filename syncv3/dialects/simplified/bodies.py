"""A request of the simplified dialects when its JSON was read: what both have in common.

In these dialects nothing is remembered: each request says all that it wants (S-22).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from syncv3.protocol.request import Filters
from syncv3.protocol.required_state import Source
from syncv3.types import UserID

ExtensionRequest = Mapping[str, object]
NO_FILTERS: Final = Filters()


class RequiredStateBody(Hashable, Protocol):
    """``required_state`` as a dialect reads it. Equal ones mean the same to the same user."""

    def source(self, me: UserID) -> Source | None:
        """What the user ``me`` asks for by it; None: no state at all."""

    @property
    def selectors(self) -> int:
        """How many events or kinds of events it names."""


@dataclass(frozen=True, slots=True)
class RoomBody:
    """How a room is to be shown: one subscription, or that part of a list."""

    timeline_limit: int
    required_state: RequiredStateBody


@dataclass(frozen=True, slots=True)
class ListBody:
    """One list. ``ranges`` include both ends; None: all rooms."""

    room: RoomBody
    ranges: tuple[tuple[int, int], ...] | None = None
    filters: Filters = NO_FILTERS


@dataclass(frozen=True, slots=True)
class Body:
    """One request. ``timeout_ms`` is what the client would wait for news."""

    timeout_ms: int = 0
    lists: Mapping[str, ListBody] = field(default_factory=dict)
    room_subscriptions: Mapping[str, RoomBody] = field(default_factory=dict)
    extensions: Mapping[str, ExtensionRequest] = field(default_factory=dict)
