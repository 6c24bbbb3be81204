"""A room's timeline as a client puts it together from the pieces of its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.client import bodies
from tests.support.room import JSON
from tests.support.simplified.answer import RoomEntry


@dataclass(slots=True)
class Timeline:
    """``events`` oldest first. ``holes`` has what events are missing before: event ID of the
    first event behind the hole → the token that continues backwards from there.

    A hole before the oldest event is the history that the client has not looked at yet.
    """

    events: list[JSON] = field(default_factory=list)
    holes: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [event["event_id"] for event in self.events]

    @property
    def bodies(self) -> list[str]:
        return bodies(self.events)

    @property
    def inner_holes(self) -> list[str]:
        """The events behind a hole that are not the oldest."""
        return [event_id for event_id in self.ids[1:] if event_id in self.holes]

    def since_last_hole(self) -> list[str]:
        """The IDs of the newest events, as far as none is missing between them."""
        ids = self.ids
        starts = [index for index, event_id in enumerate(ids) if event_id in self.holes]
        return ids[starts[-1] :] if starts else ids

    def take(self, entry: RoomEntry) -> None:
        """Raises ``ValueError`` when an event comes twice, or events without their place."""
        events = entry.timeline
        if not events:
            return
        oldest = events[0]["event_id"]
        attached = self._is_attached(oldest)
        if entry.expanded:
            self._replace(events)
        else:
            self._append(events)
        if entry.limited and not attached:
            self.holes[oldest] = entry.raw["prev_batch"]

    def _is_attached(self, event_id: str) -> bool:
        """Whether the client knows the event and the one before it."""
        return event_id in self.ids[1:] and event_id not in self.holes

    def _append(self, events: Sequence[JSON]) -> None:
        known = set(self.ids)
        if repeated := [e["event_id"] for e in events if e["event_id"] in known]:
            raise ValueError(f"events that the client has already: {repeated}")
        self.events += events

    def _replace(self, events: Sequence[JSON]) -> None:
        """Put the newest events, as they came once more, in place of those known.

        With A, B | D known and | a hole: C, D, E tell that C is in the hole.
        """
        told = {event["event_id"] for event in events}
        known = self.ids
        first = next((i for i, event_id in enumerate(known) if event_id in told), len(known))
        if lost := [event_id for event_id in known[first:] if event_id not in told]:
            raise ValueError(f"S-200: a timeline without known events {lost}")
        if first > 0 and known[first:] and not self._fits(events, known[first]):
            raise ValueError("S-200: events between two that had no hole between them")
        for event_id in known[first:]:
            self.holes.pop(event_id, None)
        self.events = [*self.events[:first], *events]

    def _fits(self, events: Sequence[JSON], joint: str) -> bool:
        """Whether the client may learn of events before the known event ``joint``."""
        return events[0]["event_id"] == joint or joint in self.holes
