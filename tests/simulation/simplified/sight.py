"""What a user of the simplified dialects may see, straight from the homeserver's rooms.

A *sight* has the events of a room that the user may see, in order: those of their stays and
what the room's rules show of the time before, up to the end of the last stay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.simulation.simplified.asks import MEMBER, ListAsk, StateKey
from tests.simulation.truth import Truth
from tests.support.room import ENDED, Room, Stored
from tests.support.world import World

BUMPING: Final = frozenset((
    "m.room.create", "m.room.message", "m.room.encrypted", "m.sticker", "m.call.invite",
    "m.poll.start", "m.beacon_info",
))  # fmt: skip
HEROES_MOST: Final = 5
HIDING: Final = ("invite", "knock")


@dataclass(frozen=True, slots=True)
class Sight:
    """One user's view of one room. ``places`` maps event IDs to indexes of ``events``.

    ``own`` is the user's newest member event. ``began`` is the position of the join that
    began the newest stay, 0 without one; ``until`` that of the event which ended it, None
    while it lasts.
    """

    events: tuple[Stored, ...]
    places: Mapping[str, int]
    own: Stored | None
    began: int
    until: int | None

    @property
    def membership(self) -> str | None:
        return self.own.membership if self.own else None

    @property
    def is_joined(self) -> bool:
        return self.membership == "join"

    @property
    def is_ended(self) -> bool:
        return self.membership in ENDED

    @property
    def is_invited(self) -> bool:
        return self.membership in HIDING

    @property
    def is_stranger(self) -> bool:
        """Whether what has ended was no stay, but an invite or a knock, if anything."""
        if self.own is None or not self.is_ended:
            return False
        since = [s for s in self.events if s.key == self.own.key and s.position > (self.until or 0)]
        return not self.began or any(stored.membership in HIDING for stored in since)


@dataclass(slots=True)
class Sights:
    """All sights of a world; ``knows`` says whether the service can know of a kick.

    ``ranks`` has the order of a user's rooms as a service tells it that hears of several rooms at
    once: it cannot know which of them was active later.
    """

    truth: Truth
    knows: Callable[[str, str], bool] = lambda user, room_id: True
    ranks: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[tuple[str, str], tuple[int, Sight]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.truth.world

    def of(self, user: str, room_id: str) -> Sight:
        room = self.world.rooms[room_id]
        known = self._known.get((user, room_id))
        if known is None or known[0] != len(room.timeline):
            known = self._known[(user, room_id)] = (len(room.timeline), look(room, user))
        return known[1]

    # -- state -----------------------------------------------------------------------

    def state(self, user: str, room_id: str) -> Mapping[StateKey, Stored]:
        """The state that the user may see now: that of the end, after a stay."""
        sight, room = self.of(user, room_id), self.world.rooms[room_id]
        if sight.is_joined:
            return room.current
        state = {} if sight.until is None else dict(room.state_at(sight.until))
        if sight.own is not None:
            state[(MEMBER, user)] = sight.own
        return state

    def name(self, user: str, room_id: str) -> str | None:
        stored = self.state(user, room_id).get(("m.room.name", ""))
        name = stored.event["content"].get("name") if stored else None
        return name if isinstance(name, str) and name else None

    def avatar(self, user: str, room_id: str) -> str | None:
        stored = self.state(user, room_id).get(("m.room.avatar", ""))
        url = stored.event["content"].get("url") if stored else None
        return url if isinstance(url, str) else None

    def counts(self, room_id: str) -> tuple[int, int]:
        """How many have joined, and how many are invited."""
        room, now = self.world.rooms[room_id], self.world.position
        return len(room.members(now, "join")), len(room.members(now, "invite"))

    def heroes(self, user: str, room_id: str) -> list[str]:
        """Of whom the name of a nameless room is made (S-274)."""
        room, now = self.world.rooms[room_id], self.world.position
        for groups in (("join", "invite"), ("leave", "ban")):
            members = [m for each in groups for m in room.members(now, each)]
            others = [str(m.event["state_key"]) for m in members if m.event["state_key"] != user]
            if others:
                return others
        return []

    # -- lists -----------------------------------------------------------------------

    def order(self, user: str, ask: ListAsk, *, stable: bool) -> list[str]:
        """The rooms of a list, the most active first."""
        rooms = [
            room_id
            for room_id in self.world.rooms
            if self._is_listed(user, room_id, stable=stable) and self._passes(user, room_id, ask)
        ]
        if (ranks := self.ranks.get(user)) is not None:
            return sorted(
                rooms, key=lambda room_id: ranks.index(room_id) if room_id in ranks else 0
            )
        return sorted(rooms, key=lambda room_id: (-self.activity(user, room_id), room_id))

    def _is_listed(self, user: str, room_id: str, *, stable: bool) -> bool:
        """Whom others have removed still has the room in the list; who left has not (S-80)."""
        sight = self.of(user, room_id)
        if sight.own is None or not sight.is_ended:
            return sight.own is not None
        never = stable and sight.membership == "ban" and not sight.began
        return sight.own.sender != user and not never and self.knows(user, room_id)

    def _passes(self, user: str, room_id: str, ask: ListAsk) -> bool:
        tags = self.world.account_datum(user, "m.tag", room_id).get("tags", {})
        found: dict[str, Callable[[Any], bool]] = {
            "is_dm": lambda wanted: wanted == (room_id in self.direct(user)),
            "is_invited": lambda wanted: wanted == (self.of(user, room_id).membership == "invite"),
            "tags": lambda wanted: any(tag in tags for tag in wanted),
            "not_tags": lambda wanted: not any(tag in tags for tag in wanted),
        }
        return all(found[name](wanted) for name, wanted in ask.filters.items())

    def direct(self, user: str) -> set[str]:
        return self.truth.direct(user)

    def activity(self, user: str, room_id: str) -> int:
        """When something last happened, or when the invite or the end came (S-110, S-111)."""
        sight = self.of(user, room_id)
        assert sight.own is not None
        newest = self.world.rooms[room_id].timeline[-1] if sight.is_joined else sight.own
        ts: int = newest.event["origin_server_ts"]
        return ts

    # -- paging back -----------------------------------------------------------------

    def messages(self, user: str, room_id: str, token: str) -> list[str]:
        """What ``/messages`` has before a token of the homeserver, the newest first."""
        before = position_of(token)
        events = self.of(user, room_id).events
        return [s.event["event_id"] for s in reversed(events) if s.position <= before]


def position_of(token: str) -> int:
    """Behind which position a token of the model homeserver is; -1: it is none of them."""
    return int(token[1:]) if token[:1] in ("s", "t") and token[1:].isdecimal() else -1


def look(room: Room, user: str) -> Sight:
    """The user's view of a room as it is now."""
    began, until, own, inside = 0, None, None, False
    kept: set[int] = set()
    for stored in room.timeline:
        if stored.key == (MEMBER, user):
            own, was = stored, inside
            inside = stored.membership == "join"
            if inside and not was:
                began, until = stored.position, None
            elif was and not inside:
                until = stored.position
        if inside or stored.key == (MEMBER, user):
            kept.add(stored.position)
    limit = room.timeline[-1].position if inside or until is None else until
    events = tuple(
        stored
        for stored in room.timeline
        if stored.position in kept
        or (began and stored.position <= limit and room.visible(stored, user, limit))
    )
    return Sight(events, {s.event["event_id"]: n for n, s in enumerate(events)}, own, began, until)
