"""What a dialect decides, and how long it waits: what differs of it in computing an answer.

The engine goes through the same steps for all dialects (``frame.py``), and asks the dialect's
manners at each step that has an answer of its own in its specification. The questions are about
plain values, so what a dialect answers can be read, and tested, without a cache or a database.
The largest difference is ``keeps_unshown``. In one dialect a client drops a room that leaves its
windows, and when the room is shown again it comes whole. In the others the client keeps it, and
is sent what it has missed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from syncv3.cache.seen import SeenRooms
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed
from syncv3.engine.facts import Facts
from syncv3.engine.rooms import Built
from syncv3.engine.sending import Send, Wait
from syncv3.engine.view import ListState, Sent
from syncv3.extension import Extension
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.protocol.response import RoomAnswer
from syncv3.types import RoomID


class Chosen(NamedTuple):
    """The lists and rooms that a request names for an extension; None: all of them."""

    lists: tuple[str, ...] | None
    rooms: tuple[str, ...] | None


class Active(NamedTuple):
    """An extension that a request has switched on."""

    extension: Extension
    config: Any
    chosen: Chosen


class Manners(Protocol):
    """Pure functions of values. ``asked`` is how the request shows a room, None: it does not."""

    @property
    def shortest_wait_s(self) -> float:
        """A request without news waits at least so long, whatever its timeout says."""

    @property
    def settle_s(self) -> float:
        """So long a first request may wait for what the homeserver is sending just now."""

    @property
    def tells_troubles(self) -> bool:
        """Whether a request that has waited in vain is told that the homeserver fails."""

    def may_have_rooms(self, ask: CompleteRequest) -> bool:
        """Whether an answer to this may say something of rooms, extensions aside."""

    @property
    def keeps_unshown(self) -> bool:
        """Whether the client keeps rooms that it is shown no longer.

        If not they are forgotten, and come as new when they are shown again.
        """

    @property
    def names_members(self) -> bool:
        """Whether rooms show the member events of those whom an extension names (D-64)."""

    def may_show(self, seen: SeenRooms, room_key: int) -> bool:
        """Whether a room is shown to a client that subscribes to it."""

    def decide(
        self, facts: Facts, sent: Sent | None, asked: RoomConfig | None
    ) -> Send | Wait | None:
        """What to send of a room that was ``sent`` like this; None: nothing."""

    def after(
        self,
        facts: Facts,
        sent: Sent | None,
        asked: RoomConfig | None,
        built: Built | None,
        *,
        held: bool,
        generation: int,
    ) -> Sent | None:
        """How a room that was looked at is sent when the answer has arrived; None: forgotten.

        ``built`` is what the answer has of it. ``held``: it was told to wait, and there was
        room to remember that. Whatever claims more than before has the new ``generation``.
        """

    def is_said(self, send: Send, answer: RoomAnswer) -> bool:
        """Whether what was built of a room is worth an entry in the answer."""

    def list_is_news(self, before: ListState | None, now: ListState) -> bool:
        """Whether there is something to say of a list."""

    def is_news(self, computed: Computed, *, importing: bool) -> bool:
        """Whether an answer ends a wait, extensions aside.

        ``importing``: the first answer of the homeserver is still coming in, or was a moment ago.
        """

    def scope(
        self, chosen: Chosen, ask: CompleteRequest, computed: Computed, user: CachedUser
    ) -> Mapping[RoomID, int]:
        """The rooms that an extension may speak about, all of which the user is joined to."""
