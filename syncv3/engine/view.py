"""What one ``pos`` remembers: the state that its client is known to have.

A view is immutable. An answer is computed from the view of the request's ``pos`` and the
data now, and leaves a new view behind, named by its ``pos``; which of several views the
client really has shows when a ``pos`` comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from syncv3.protocol.request import ListSpec, RoomConfig
from syncv3.protocol.required_state import StateKey
from syncv3.types import RoomID

ViewKey = tuple[int, int, int]
NOBODY: Final[frozenset[str]] = frozenset()
UNMET: Final = -1
"""Among the positions with which members were sent: a sender of whom there was no event."""


def number_of(config: RoomConfig, *, members_complete: bool) -> int:
    """The ``config_id`` of a room that is sent with this config."""
    if config.wanted.all_members and not members_complete:
        return ~config.number
    return config.number


@dataclass(frozen=True, slots=True)
class Sent:
    """How a room was sent. ``config`` is None where only its number survived a restart.

    A negative ``config_id`` is the complement of the config's number: members that it asks
    for were not known. When their list has come the room differs from what was sent.
    ``generation`` is that of the answer which last claimed more: in which the room became live,
    was sent with more state or a longer timeline, or was told further than ``upto``.

    ``upto`` is None for a room that was told as far as the view is, or as ``View.held`` says.
    Otherwise something happened in the room after this position that the client was not told.
    ``kept`` are state entries that the client has though ``config`` does not ask for them any
    more; it has what they were at ``kept_upto``. ``is_dm`` is what it was told of that.

    An example: A is a room with a topic, in the window at position 7. The window then shows
    another room. At 8 nothing happens in A: it is still told as far as the view. At 9 A gets a
    message: from then on ``upto`` is 8, until A is shown again and all after 8 is sent.
    """

    config_id: int
    generation: int
    config: RoomConfig | None = None
    upto: int | None = None
    kept: frozenset[StateKey] = frozenset()
    kept_upto: int = 0
    is_dm: bool | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """What one answer says of the members of a room that are loaded lazily.

    ``members`` were sent. ``unmet`` are senders of whom there was no member event. ``struck`` had
    been sent, and have changed in a way that was not told: they are sent when they next appear.
    ``anew``: of what was sent before nothing counts any more.
    """

    members: frozenset[str] = NOBODY
    unmet: frozenset[str] = NOBODY
    struck: frozenset[str] = NOBODY
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Off:
    """An extension that the last request did not ask for: it has told all up to ``upto`` (None:
    nothing yet) of the rooms that the client had in a view of that ``generation``."""

    upto: int | None
    generation: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """Of rooms that were not shown nobody knows any more what extensions owe (a restart): those
    that were sent with this ``generation``, or before, were told up to ``position`` only."""

    generation: int
    position: int


@dataclass(frozen=True, slots=True)
class ListState:
    """A list as it was told: its windows hold room keys, one tuple a range.

    ``known`` is False when the windows were forgotten (a restart): they are invalidated.
    """

    spec: ListSpec
    windows: tuple[tuple[int, ...], ...] = ()
    count: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """The sent state at one ``pos``.

    ``rooms`` are those that the client has: told completely up to ``position``, to the bound
    that ``held`` has for them, or up to their own ``upto``. ``owed`` are those of them in which
    the user's membership has ended, and that was not told; None: it is not known any more which.
    ``met`` has what the answer says of lazily loaded members: it counts when the client comes
    back with this view. ``first`` marks the view of a connection that was told nothing.
    ``unsure``: the client may have more rooms live than ``rooms`` has (a restart).
    ``visible`` (None: not known any more) repeats how each room was shown, so that a request
    without news need not find it out again.
    ``request_bytes`` is the size of the sticky request that it was made from.
    ``told`` names the extensions that have answered, up to ``position`` or to the bound that
    ``behind`` has for those which failed (None: they never answered). ``off`` has those which
    answered before, and were not asked last. ``lagging`` has, by extension, rooms that the client
    has and of which it was told less than up to there, as they were not in the extension's scope
    (``scopes.NEVER``: nothing). ``quiet`` speaks of such rooms, too.
    """

    generation: int
    nonce: int
    position: int
    base_generation: int = 0
    base_position: int = 0
    lists: Mapping[str, ListState] = field(default_factory=dict)
    rooms: Mapping[int, Sent] = field(default_factory=dict)
    subscriptions: Mapping[RoomID, RoomConfig] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)
    request_bytes: int = 0
    first: bool = False
    unsure: bool = False
    visible: Mapping[int, RoomConfig] | None = None
    told: frozenset[str] = frozenset()
    behind: Mapping[str, int | None] = field(default_factory=dict)
    off: Mapping[str, Off] = field(default_factory=dict)
    lagging: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    quiet: Quiet | None = None
    owed: frozenset[int] | None = None
    met: Mapping[int, Met] = field(default_factory=dict)

    @property
    def key(self) -> ViewKey:
        """What a token says of it."""
        return self.generation, self.nonce, self.position

    def bound(self, room_key: int) -> int:
        """The position up to which a room was told that the client has."""
        held = self.held.get(room_key)
        if held is not None:
            return held
        sent = self.rooms.get(room_key)
        return self.position if sent is None or sent.upto is None else sent.upto

    def quiet_of(self, room_key: int, sent: Sent) -> int:
        """Up to where extensions have told of a room, as far as ``quiet`` says."""
        quiet = self.quiet
        shown = self.visible is not None and room_key in self.visible
        if quiet is None or shown or sent.generation > quiet.generation:
            return self.position
        return quiet.position
