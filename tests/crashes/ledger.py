"""What each user may see, straight from the homeserver's rooms, kept up to date.

A user *sees* the events from a join up to and including the event that ends the
membership, and their own member events always. A name is seen if it was the room's while
the user was in it or invited. Each look reads only what is new: runs have tens of
thousands of events.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from tests.support.room import Room, Stored
from tests.support.world import World

MEMBER = "m.room.member"
INSIDE = ("join", "invite")


@dataclass(slots=True)
class Sight:
    """One user's view of one room. A *place* is an index into ``events``.

    ``joins``: the places of the events that began a stay. ``read``: how much of the room's
    timeline is in here.
    """

    user: str
    events: list[Stored] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    joins: list[int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    membership: str | None = None
    name: str = ""
    read: int = 0

    def look(self, room: Room) -> None:
        """Take in what has happened since."""
        for stored in room.timeline[self.read :]:
            self._add(stored)
        self.read = len(room.timeline)

    def began(self, place: int) -> int:
        """The place of the join that began the stay in which ``place`` is; 0: before any."""
        count = bisect_right(self.joins, place)
        return self.joins[count - 1] if count else 0

    def _add(self, stored: Stored) -> None:
        own = stored.key == (MEMBER, self.user)
        before = self.membership
        if own:
            self.membership = stored.membership
        if stored.key == ("m.room.name", ""):
            self.name = stored.event["content"]["name"]
        if self.membership in INSIDE:
            self.names.add(self.name)
        if own or "join" in (before, self.membership):
            if self.membership == "join" != before:
                self.joins.append(len(self.events))
            self.places[stored.event["event_id"]] = len(self.events)
            self.events.append(stored)


@dataclass(slots=True)
class Ledger:
    """All sights of a world."""

    world: World
    _sights: dict[tuple[str, str], Sight] = field(default_factory=dict)

    def sight(self, user: str, room_id: str) -> Sight:
        """The user's view of the room as of now."""
        key = (user, room_id)
        if key not in self._sights:
            self._sights[key] = Sight(user)
        sight = self._sights[key]
        sight.look(self.world.rooms[room_id])
        return sight

    def order(self, user: str, sort: str) -> list[str]:
        """The rooms that the user is in or invited to, sorted ``by_name`` or ``by_recency``."""
        rooms = [r for r in self.world.rooms if self.sight(user, r).membership in INSIDE]
        if sort == "by_name":
            return sorted(rooms, key=lambda r: (self.sight(user, r).name.lower(), r))
        return sorted(rooms, key=lambda r: (-self._activity(user, r), r))

    def _activity(self, user: str, room_id: str) -> int:
        """When the room was last active, or the invite was sent: it says so in these worlds."""
        sight = self.sight(user, room_id)
        invited = sight.membership == "invite"
        newest = (sight.events if invited else self.world.rooms[room_id].timeline)[-1]
        ts: int = newest.event["origin_server_ts"]
        return ts
