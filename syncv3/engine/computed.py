"""What the computation of an answer gives: the answer's rooms and lists, the next view, and what
those who wait, load, or remember must know of how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from syncv3.engine.timeline import Timeline
from syncv3.engine.view import Met, View
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.response import ListChange, RoomAnswer
from syncv3.types import RoomID


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A room that an answer has: whether it is sent whole, whether its timeline goes back behind
    what the client had, and the timeline."""

    initial: bool
    expanded: bool
    timeline: Timeline


class Want(NamedTuple):
    """How many events from before the stored stretch a room should have; ``opened``: the client
    has subscribed to it."""

    depth: int
    opened: bool


@dataclass(slots=True)
class Computed:
    """An answer in the making. Keys of rooms where it says ``int``.

    ``view`` is what the client has then. ``lists_moved``: the lists are worth an answer.
    ``shown`` are the rooms that extensions may refer to, ``visible`` how each room is shown.
    ``renewed`` were sent whole. ``members``, ``unmet`` and ``met`` say who was sent lazily (see
    ``view.Met``; ``met`` in dialects whose clients keep rooms). ``wants`` has the rooms of which
    the user should see more history.

    ``waits`` has the own events that are held back; ``unconfirmed`` says that a room which
    was live lies behind a gap that its user is not known to be in yet. An ``unfinished`` one
    has taken its time: it must not be used, the next attempt goes on.
    """

    view: View
    lists: dict[str, ListChange] = field(default_factory=dict)
    rooms: dict[RoomID, RoomAnswer] = field(default_factory=dict)
    lists_moved: bool = False
    members: dict[int, frozenset[str]] = field(default_factory=dict)
    unmet: dict[int, frozenset[str]] = field(default_factory=dict)
    renewed: set[int] = field(default_factory=set)
    met: dict[int, Met] = field(default_factory=dict)
    shown: dict[RoomID, ShownRoom] = field(default_factory=dict)
    visible: Mapping[int, RoomConfig] = field(default_factory=dict)
    wants: dict[int, Want] = field(default_factory=dict)
    waits: set[int] = field(default_factory=set)
    unconfirmed: bool = False
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """How the view that an answer leaves behind is called, if its sent state is new."""

    generation: int
    nonce: int
