"""What one ``pos`` remembers: the state that its client is known to have.

A view is immutable. An answer is computed from the view of the request's ``pos`` and the
data now, and leaves a new view behind, named by its ``pos``; which of several views the
client really has shows when a ``pos`` comes back.

A view has three numbers. ``position`` says *how far* the client was told. ``generation`` and
``nonce`` together name *what* it was sent: which rooms, and how. Most answers only tell more of
the same rooms; then the new view has another position under the old name, and nothing has to be
stored. An example: view (4, x) at position 10 shows rooms A and B. A message in A gives (4, x) at
11. Then the window shows C, too: (5, y) at 12. The generation counts up, so of each room it can
be said since when it was sent like this (``Sent.generation``). The nonce is random, so two
answers to one request, of which one may have been lost, never have the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from syncv3.protocol.request import ListSpec, RoomConfig
from syncv3.protocol.required_state import StateKey
from syncv3.types import RoomID

ViewKey = tuple[int, int, int]
Name = tuple[int, int]
"""A view's generation and nonce."""
LINE_MOST: Final = 64  # names of older views that a view remembers to be made from
INHERITED: Final = 0
"""The generation of rooms that the client has from an earlier connection. Answers have others."""
NOBODY: Final[frozenset[str]] = frozenset()
UNMET: Final = -1
"""Among the positions with which members were sent: a sender of whom there was no event."""


def number_of(config: RoomConfig, *, members_complete: bool) -> int:
    """The ``config_id`` of a room that is sent with this config: see ``Sent``."""
    if config.wanted.all_members and not members_complete:
        return ~config.number
    return config.number


class Sent(msgspec.Struct, frozen=True):
    """How a room was sent. ``config`` is None where only its number survived a restart.

    A negative ``config_id`` is the complement of the config's number: members that it asks
    for were not known. When their list has come the room differs from what was sent.
    ``generation`` is that of the answer which last claimed more: in which the room became live,
    was sent with more state or a longer timeline, or was told further than ``upto``.

    ``upto`` is None for a room that was told as far as the view is, or as ``View.held`` says.
    Otherwise something happened in the room after this position that the client was not told.
    ``kept`` are state entries that the client has though ``config`` does not ask for them any
    more; it has what they were at ``kept_upto``. ``is_dm`` is what it was told of that.
    ``inside``: the client was told of it while its user was in it. It may be unknown of a room
    that is not ``inside``; of others it was an invite or a knock, or had ended before.

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
    inside: bool = False


class Reach(NamedTuple):
    """How far an extension has told the client.

    ``resumed`` is None when it tells nothing at present: it failed, or was switched off. Then it
    has told what happened up to ``upto`` (0: nothing), in the rooms whose ``Sent.generation`` is
    at most ``generation``, and nothing of the others. Otherwise it keeps step with the view,
    since the generation ``resumed``; but rooms that are older than that, and not shown, are
    where it had left them.

    ``partly``, in dialects whose clients do not keep rooms: its request names lists or rooms, so
    it may not have told of all that are shown.

    An example: in generation 4 the client has room A, and account data is told up to position
    10. The next request does not ask for it: ``Reach(10, 4, None)``. At 20 room B is sent, in
    generation 5, and both rooms leave the window. At 30 account data is asked for again, in
    generation 6: ``Reach(10, 4, 6)``. When A and B are shown again it owes what changed in A
    after 10, and all that there is in B, whenever that was. Of C, sent in generation 7, it owes
    nothing.
    """

    upto: int = 0
    generation: int = 0
    resumed: int | None = 0
    partly: bool = False

    @property
    def answered(self) -> bool:
        """Whether it has ever answered."""
        return self.resumed is not None or self.generation > 0

    def stopped(self, position: int, generation: int) -> "Reach":
        """How far it is if it tells nothing after that position."""
        return (
            Reach(position, generation, None) if self.resumed == 0 else self._replace(resumed=None)
        )

    def going_on(self, generation: int) -> "Reach":
        """How far it is if it tells all there is of the rooms that are shown."""
        return self if self.resumed is not None else self._replace(resumed=generation)


IN_STEP: Final = Reach()


class Quiet(NamedTuple):
    """A doubt about what extensions told of rooms that are not shown.

    Rooms whose ``Sent.generation`` is at most ``generation``, and which the view does not show,
    were told by extensions up to ``position`` for certain, though the view is further. It costs
    nothing to say so of 5,000 rooms at once, where it is not known in which of them something
    has changed: after a start the log of changes is empty.

    An example: room A is kept, but outside all windows; a receipt comes into it at 12. The
    service is started anew and answers at 15: the receipt may be among what it does not know of,
    so ``Quiet(4, 9)`` says that extensions told of A up to 9 only. When A is shown again they
    tell what is newer than 9. A room that is sent anew has a newer generation: it is not meant.
    """

    generation: int
    position: int

    def also(self, other: "Quiet | None") -> "Quiet":
        """Both doubts in one: never less of a doubt than either."""
        if other is None:
            return self
        return Quiet(max(self.generation, other.generation), min(self.position, other.position))


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
class ListState:
    """A list as it was told: its windows hold room keys, one tuple a range.

    ``known`` is False when the windows were forgotten (a restart): they are invalidated.
    """

    spec: ListSpec
    windows: tuple[tuple[int, ...], ...] = ()
    count: int = 0
    known: bool = True


class View(msgspec.Struct, frozen=True):
    """The sent state at one ``pos``.

    ``rooms`` are those which the client has: told completely up to ``position``, or to another
    bound (see ``bound``). ``owed`` are those of them in which the user's membership has ended,
    and that was not told; None: it is not known any more which. ``met`` has what the answer says
    of lazily loaded members: it counts when the client comes back with this view.
    ``first`` marks the view of a connection that was told nothing.
    ``unsure``: the client may have more rooms than ``rooms`` has. So it is when answers were
    lost with a process that was killed: rooms that only they had sent are not known any more. In
    dialects whose clients keep rooms that are not shown it stays so until the connection begins
    anew, and the end of a membership is told of rooms that are not known, too.
    ``visible`` (None: not known any more) repeats how each room was shown, so that a request
    without news need not find it out again.
    ``request_bytes`` is the size of the sticky request that it was made from.
    ``told`` has the extensions that were asked: see ``Reach``. ``quiet``: see there. ``lagging``
    has, by extension, rooms of which it has told less than up to there, as they were shown and
    yet not in its scope (``scopes.NEVER``: nothing).

    ``kept`` are rooms that the client has and is not shown, with an ``upto`` each, for dialects
    whose clients may begin a later connection with them (``engine.resuming``). They are no part
    of ``rooms``: on this connection only those of an earlier one are gone on with.
    ``line`` has the names of the views that it was made from, the newest last. ``heard``, of the
    first view only, says by extension up to where it has told of some of the kept rooms.

    All but ``position``, ``held``, ``visible`` and the lists' windows is the same in all views of
    one generation and nonce: a change of anything else gives a view a new name.
    """

    generation: int
    nonce: int
    position: int
    base_generation: int = 0
    base_position: int = 0
    lists: Mapping[str, ListState] = {}
    rooms: Mapping[int, Sent] = {}
    subscriptions: Mapping[RoomID, RoomConfig] = {}
    held: Mapping[int, int] = {}
    request_bytes: int = 0
    first: bool = False
    unsure: bool = False
    visible: Mapping[int, RoomConfig] | None = None
    told: Mapping[str, Reach] = {}
    quiet: Quiet | None = None
    lagging: Mapping[str, Mapping[int, int]] = {}
    owed: frozenset[int] | None = None
    met: Mapping[int, Met] = {}
    kept: Mapping[int, Sent] = {}
    line: tuple[Name, ...] = ()
    heard: Mapping[str, Mapping[int, int]] = {}

    @property
    def name(self) -> Name:
        """It says what was sent, but not how far."""
        return self.generation, self.nonce

    @property
    def has(self) -> Mapping[int, Sent]:
        """All rooms that the client is known to have: what is stored of it."""
        return {**self.rooms, **self.kept} if self.kept else self.rooms

    @property
    def parts(self) -> tuple[Mapping[int, object], ...]:
        """What it has by room, in memory."""
        return self.rooms, self.visible or {}, self.kept

    def sent(self, room_key: int) -> Sent | None:
        """How a room was sent that the client has."""
        return self.rooms.get(room_key) or self.kept.get(room_key)

    def made_from(self, before: "View") -> "View":
        """The same, with that view at the end of its line."""
        if self.name == before.name:
            return replace(self, line=before.line) if self.line != before.line else self
        return replace(self, line=(*before.line, before.name)[-LINE_MOST:])

    @property
    def key(self) -> ViewKey:
        """What a token says of it."""
        return self.generation, self.nonce, self.position  # a name alone is that of many positions

    def bound(self, room_key: int) -> int:
        """The position up to which a room was told."""
        held = self.held.get(room_key)
        if held is not None:
            return held
        sent = self.sent(room_key)
        return self.position if sent is None or sent.upto is None else sent.upto

    def since(self, extension: str) -> int | None:
        """Up to where an extension has told what belongs to no room; None: nothing.

        One that was not asked before counts as having told all there was.
        """
        if self.first:
            return None
        reach = self.told.get(extension, IN_STEP)
        return reach.upto or None if reach.resumed is None else self.position

    def has_told(self, extension: str) -> bool:
        """Whether an extension has answered, as far as that is remembered."""
        return extension in self.told and self.told[extension].answered

    def bound_of(self, extension: str, room_key: int) -> int | None:
        """Up to where an extension has told of a room; None: nothing.

        Events that wait do not hold it back: it has told of the room with each answer.
        """
        sent, reach = self.rooms.get(room_key), self.told.get(extension)
        if sent is None or reach is None:
            return None
        shown = self.visible is not None and room_key in self.visible
        bounds = [self.position if sent.upto is None else sent.upto]
        if reach.resumed is None or (sent.generation < reach.resumed and not shown):
            # The extension has been off, and has not caught up with this room.
            if sent.generation > reach.generation or not reach.upto:
                return None  # the room was sent while it was off
            bounds.append(reach.upto)
        if self.quiet is not None and sent.generation <= self.quiet.generation and not shown:
            bounds.append(self.quiet.position)
        return min(bounds)
