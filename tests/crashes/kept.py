"""What one client of the simplified dialects has been told, and whether that can be.

The rule for timelines is that of ``copies``, but such a client keeps its rooms: a hole is allowed
where an answer says ``limited``, if its ``prev_batch`` leads to what is missing. After a crash
something may be told again; never may anything be left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.crashes.copies import Broken
from tests.crashes.ledger import MEMBER, Ledger, Sight
from tests.simulation.simplified.asks import Asks, ListAsk, Shape
from tests.simulation.simplified.sight import position_of
from tests.simulation.simplified.speech import Speech, Told
from tests.support.room import ENDED

Entry = Mapping[str, Any]
WHOLE: Final = ((0, 40),)


@dataclass(slots=True)
class Places:
    """Where each event is in its room. History is shared in these worlds: whoever is in a room
    may see all that was before, and who is not what was before the end."""

    ledger: Ledger
    _places: dict[str, dict[str, int]] = field(default_factory=dict)

    def of(self, room_id: str, event_id: str) -> int | None:
        timeline = self.ledger.world.rooms[room_id].timeline
        places = self._places.setdefault(room_id, {})
        for place in range(len(places), len(timeline)):
            places[timeline[place].event["event_id"]] = place
        return places.get(event_id)

    def seen(self, user: str, room_id: str, event_id: str) -> int | None:
        """The place of an event that the user may see; None: they may not."""
        place, sight = self.of(room_id, event_id), self.ledger.sight(user, room_id)
        if place is None or event_id in sight.places or not sight.joins:
            return place if event_id in sight.places else None
        joined = self.of(room_id, sight.events[sight.joins[-1]].event["event_id"])
        return place if joined is not None and place < joined else None

    def last(self, user: str, room_id: str) -> int:
        """The place of the newest event that the user may see."""
        newest = self.ledger.sight(user, room_id).events[-1].event["event_id"]
        return self.of(room_id, newest) or 0


@dataclass(slots=True)
class Room:
    """One room as the client has it. ``last``: the place of its newest event, -1: none.

    ``reached``: the newest place that this client has ever been told. ``ended``: the end of the
    membership was told. ``own``: the membership as the state says.
    """

    last: int = -1
    reached: int = -1
    name: str = ""
    invite: bool = False
    own: str = "join"

    @property
    def ended(self) -> bool:
        return self.own in ENDED


@dataclass(slots=True)
class Kept:
    """All that a client of ``user`` has been told since it began, in one dialect."""

    ledger: Ledger
    user: str
    speech: Speech
    shape: Shape
    ranges: tuple[tuple[int, int], ...] = WHOLE
    rooms: dict[str, Room] = field(default_factory=dict)
    count: int = 0
    events: int = 0
    behind_gaps: int = 0
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.ledger)

    @property
    def asks(self) -> Asks:
        lists = {"all": ListAsk(self.shape, self.ranges)}
        return Asks(lists, {}, {"to_device": {"enabled": True}})

    def take(self, told: Told) -> list[str]:
        """Apply one answer; the IDs of the events that are new to this client.

        Raises ``Broken``.
        """
        self.count = told.lists["all"][0]
        return [new for room_id, entry in told.rooms.items() for new in self._room(room_id, entry)]

    def _room(self, room_id: str, entry: Entry) -> list[str]:
        sight = self.ledger.sight(self.user, room_id)
        events = [event["event_id"] for event in entry.get("timeline", ())]
        room = self.rooms.get(room_id)
        if room is None or entry.get("initial"):
            if room is None and not entry.get("initial") and events:
                raise Broken(f"repeated: {room_id} was never begun, but gets {events}")
            room = Room(reached=room.reached if room else -1)
        places = [self._place(room_id, event) for event in events]
        self._check_run(room_id, room, places, entry)
        new = [e for e, place in zip(events, places, strict=True) if place > room.reached]
        self.events += len(events)
        if places:
            room.last, room.reached = places[-1], max(room.reached, places[-1])
        room.invite = entry["invite"] is not None
        for event in entry.get("required_state", ()):
            if (event["type"], event["state_key"]) == (MEMBER, self.user):
                room.own = event["content"]["membership"]
        self._take_name(room_id, sight, room, entry)
        self.rooms[room_id] = room
        return new

    def _place(self, room_id: str, event: str) -> int:
        place = self.places.seen(self.user, room_id, event)
        if place is None:
            raise Broken(f"leaked: {event} of {room_id}")
        return place

    def _check_run(
        self, room_id: str, room: Room, places: Sequence[int], entry: Entry
    ) -> None:  # fmt: skip
        """In order, without holes but those that the entry says and leads into."""
        before = room.last
        for place in places:
            whole = place == before + 1 or (place <= before and place == places[0])
            if not whole and not self._is_said(room_id, place, places, entry):
                raise Broken(f"lost: {room_id} goes from {before} to {place}; told {places}")
            before = place

    def _is_said(
        self, room_id: str, place: int, places: Sequence[int], entry: Entry
    ) -> bool:  # fmt: skip
        """Whether an entry says that something is missing before a place, or nothing was seen."""
        timeline = self.ledger.world.rooms[room_id].timeline
        stored = timeline[place]
        own = stored.key == (MEMBER, self.user) and stored.membership in ENDED
        if place == places[0] and entry.get("limited"):
            token = entry.get("prev_batch", "")
            if position_of(token) < timeline[place - 1].position:
                raise Broken(f"lost: {token!r} of {room_id} leads past what precedes {place}")
            self.behind_gaps += own and len(places) == 1
            return True
        return own and (stored.replaces or {"content": {}})["content"].get("membership") != "join"

    def _take_name(self, room_id: str, sight: Sight, room: Room, entry: Entry) -> None:
        name = entry.get("name")
        if name is not None and name not in sight.names and not room.invite:
            raise Broken(f"leaked: the name {name!r} of {room_id}")
        room.name = room.name if name is None else name

    # -- at the end ------------------------------------------------------------------

    def grow(self) -> None:
        """From now on the client wants all rooms: what it was not shown must come now."""
        self.ranges = WHOLE

    def missing(self) -> list[str]:
        """How this differs from what is true now; empty: it has exactly that."""
        inside = [r for r in self.ledger.world.rooms
                  if self.ledger.sight(self.user, r).membership in ("join", "invite")]  # fmt: skip
        found = [f"count {self.count}, true {len(inside)} at least"] if (
            self.count < len(inside)) else []  # fmt: skip
        for room_id in {*inside, *self.rooms}:
            found += filter(None, [self._lacks(room_id)])
        return found

    def _lacks(self, room_id: str) -> str:
        room, sight = self.rooms.get(room_id), self.ledger.sight(self.user, room_id)
        if room is None:
            return f"{room_id} was never sent"
        if sight.membership == "join":
            if room.last != (last := self.places.last(self.user, room_id)):
                return f"{room_id} ends at {room.last}, true {last}"
            if room.own != "join":
                return f"the user's state in {room_id} is {room.own}"
            return "" if room.name == sight.name else f"{room_id} is called {room.name}"
        if sight.membership == "invite":
            return "" if room.invite else f"the invite to {room_id} was not told"
        return "" if room.ended else f"the end of {room_id} was not told"
