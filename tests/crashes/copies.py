"""What one client has been told, and whether that can be.

The rule for timelines: a room's copy begins with an answer that is ``initial`` and from
then on must be a run of what the user may see, in order and without holes. An event that
is not among it is a leak; one that comes again is a repetition; one left out is lost.
Where ``initial`` leaves older events of a stay out it must say so, and its ``prev_batch``
must lead to all of them. So must the end of a stay within what an answer of the homeserver
left out: a client is told that its user has left, and not what came just before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crashes.ledger import INSIDE, MEMBER, Ledger, Sight
from tests.support.listing import ListCopy
from tests.support.room import ENDED

Told = Mapping[str, Any]


class Broken(AssertionError):
    """A promise is broken."""


@dataclass(slots=True)
class Copy:
    """One room as the client has it. ``last``: the place of its newest event, -1: none.

    ``reached``: the newest place that this client has ever been told. ``live``: it has
    been in a window in every answer since. ``ended``: the end of the membership was told.
    ``lost``: it has left a window that shows every room, and nothing was said of it.
    """

    last: int = -1
    reached: int = -1
    name: str = ""
    invite: bool = False
    live: bool = True
    ended: bool = False
    lost: bool = False


@dataclass(slots=True)
class Has:
    """All that a client of ``user`` has been told since it began.

    ``sort`` and ``ranges`` (both ends inclusive) are those of its one list.
    """

    ledger: Ledger
    user: str
    sort: str
    ranges: list[tuple[int, int]]
    window: ListCopy = field(default_factory=ListCopy)
    rooms: dict[str, Copy] = field(default_factory=dict)
    events: int = 0
    behind_gaps: int = 0

    def take(self, answer: Told) -> list[str]:
        """Apply one answer; the IDs of the events that are new to this client.

        Raises ``Broken``.
        """
        entry = answer["lists"]["all"]
        self.window.ranges = tuple(self.ranges)
        self.window.apply(entry["count"], entry.get("ops", ()))
        if problems := self.window.problems():
            raise Broken(f"wrong window: {problems}")
        shown = set(self.window.window())
        new: list[str] = []
        for room_id, told in answer["rooms"].items():
            new += self._room(room_id, told)
        whole = self.ranges[0][0] == 0 and self.ranges[0][1] >= self.window.count
        for room_id, copy in self.rooms.items():
            if copy.live and (copy.ended or room_id not in shown):
                copy.live, copy.lost = False, whole and not copy.ended
        if nothing := [room_id for room_id in shown if room_id not in self.rooms]:
            raise Broken(f"lost: {nothing} are in the window and were never sent")
        return new

    def _room(self, room_id: str, told: Told) -> list[str]:
        sight = self.ledger.sight(self.user, room_id)
        events = [event["event_id"] for event in told.get("timeline", ())]
        copy = self.rooms.get(room_id)
        if told.get("initial") or (_ends(told, self.user) and _starts_anew(told, copy)):
            copy = Copy(reached=copy.reached if copy else -1, name=copy.name if copy else "")
            if told.get("initial") or (told.get("limited") and _ended_stay(sight, events)):
                self._check_beginning(room_id, sight, events, told)
        elif copy is None:
            if events:
                raise Broken(f"repeated: {room_id} was never begun, but gets {events}")
            return []
        try:
            new = [event for event in events if self._append(room_id, sight, copy, event)]
        except Broken as broken:
            raise Broken(f"{broken}; told {_describe(sight, events, told)}") from None
        self.events += len(events)
        copy.invite = "invite_state" in told or (copy.invite and not events)
        copy.ended = _ends(told, self.user)
        copy.lost = False
        copy.name = self._name(room_id, sight, told, copy)
        self.rooms[room_id] = copy
        return new

    def _append(self, room_id: str, sight: Sight, copy: Copy, event_id: str) -> bool:
        """Whether the event is new to the client."""
        place = sight.places.get(event_id)
        if place is None:
            raise Broken(f"leaked: {event_id} of {room_id}")
        if copy.last >= 0 and place <= copy.last:
            raise Broken(f"repeated or out of order: {place} of {room_id} after {copy.last}")
        if copy.last >= 0 and place > copy.last + 1:
            raise Broken(f"lost: {room_id} goes from {copy.last} to {place}")
        new = place > copy.reached
        copy.last, copy.reached = place, max(place, copy.reached)
        return new

    def _check_beginning(
        self, room_id: str, sight: Sight, events: list[str], told: Told
    ) -> None:  # fmt: skip
        """What comes before the first event is said to be there, and can be fetched."""
        first = sight.places.get(events[0], 0) if events else 0
        if not events or first == sight.began(first):
            return
        if not told.get("limited"):
            raise Broken(f"lost: {room_id} begins at {first} and is not limited")
        token: str = told.get("prev_batch", "")
        if token[:1] not in ("s", "t") or int(token[1:]) < sight.events[first - 1].position:
            raise Broken(f"lost: {token!r} of {room_id} leads past what precedes {first}")
        self.behind_gaps += len(events) == 1 and _ends(told, self.user)

    def _name(self, room_id: str, sight: Sight, told: Told, copy: Copy) -> str:
        name: str = told.get("name", copy.name)
        if "name" in told and name not in sight.names:
            raise Broken(f"leaked: the name {name!r} of {room_id}")
        return name

    # -- at the end ------------------------------------------------------------------

    def missing(self) -> list[str]:
        """How this differs from what is true now; empty: it has exactly that."""
        order = self.ledger.order(self.user, self.sort)
        wanted = [order[i] for first, last in self.ranges for i in range(first, last + 1)
                  if i < len(order)]  # fmt: skip
        found = []
        if self.window.count != len(order):
            found.append(f"count {self.window.count}, true {len(order)}")
        if self.window.window() != wanted:
            found.append(f"window {self.window.window()}, true {wanted}")
        return found + [what for room_id in self.rooms if (what := self._lacks(room_id))]

    def _lacks(self, room_id: str) -> str:
        copy, sight = self.rooms[room_id], self.ledger.sight(self.user, room_id)
        if room_id not in self.window.window():
            # A room in doubt leaves the window; it may come back where nothing is shown.
            lost = copy.lost and sight.membership not in INSIDE
            return f"the end of {room_id} was not told" if lost else ""
        if sight.membership == "join":
            if copy.last != len(sight.events) - 1:
                return f"{room_id} ends at {copy.last}, true {len(sight.events) - 1}"
            return "" if copy.name == sight.name else f"{room_id} is called {copy.name}"
        return "" if copy.invite else f"the invite to {room_id} was not told"


def _describe(sight: Sight, events: list[str], told: Told) -> str:
    """An entry of ``rooms`` in one line: its places, and the first and last event."""
    places = [sight.places.get(event, -1) for event in events]
    ends = [(e["type"], e.get("state_key"), e["content"].get("membership"))
            for e in told["timeline"][:: max(1, len(events) - 1)]]  # fmt: skip
    flags = {name: told.get(name) for name in ("initial", "limited", "num_live", "prev_batch")}
    return f"{places} {ends} {flags}"


def _ends(told: Told, user: str) -> bool:
    own = [event for event in told.get("timeline", ())
           if event["type"] == MEMBER and event["state_key"] == user]  # fmt: skip
    return bool(own) and own[-1]["content"]["membership"] in ENDED


def _ended_stay(sight: Sight, events: list[str]) -> bool:
    """Whether the last event ended a stay, not an invite: then something precedes it."""
    place = sight.places.get(events[-1])
    before = sight.events[place].replaces if place is not None else None
    return before is not None and before["content"]["membership"] == "join"


def _starts_anew(told: Told, copy: Copy | None) -> bool:
    """The end is told to whoever may have had the room; behind a gap it is all there is."""
    return copy is None or not copy.live or bool(told.get("limited"))
