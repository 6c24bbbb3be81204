"""One room of the model homeserver: an append-only timeline, read as of any position.

Everything is derived from the events at or before a position, so that a slow device can
be shown an older world and every answer is a function of its arguments.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

JSON = dict[str, Any]
StateKey = tuple[str, str]

STRIPPED = (
    "m.room.create",
    "m.room.join_rules",
    "m.room.canonical_alias",
    "m.room.avatar",
    "m.room.name",
    "m.room.topic",
    "m.room.encryption",
)
KEPT_CONTENT: dict[str, tuple[str, ...]] = {  # by redaction, room versions 9 and 10
    "m.room.member": ("membership", "join_authorised_via_users_server"),
    "m.room.create": ("creator", "room_version", "type", "predecessor"),
    "m.room.join_rules": ("join_rule", "allow"),
    "m.room.power_levels": ("ban", "events", "events_default", "kick", "redact",
                            "state_default", "users", "users_default"),
    "m.room.history_visibility": ("history_visibility",),
}  # fmt: skip
ENDED = ("leave", "ban")


@dataclass(frozen=True, slots=True)
class Stored:
    """One event where it was accepted. ``owner`` is the (user, device) that sent it with
    ``txn_id``; ``replaces`` is the state event that it took the place of."""

    position: int
    event: JSON
    owner: tuple[str, str] | None = None
    txn_id: str | None = None
    replaces: JSON | None = None

    @property
    def key(self) -> StateKey | None:
        event = self.event
        return (event["type"], event["state_key"]) if "state_key" in event else None

    @property
    def membership(self) -> str | None:
        membership: str | None = self.event["content"].get("membership")
        return membership

    @property
    def sender(self) -> str:
        sender: str = self.event["sender"]
        return sender


@dataclass(slots=True)
class Room:
    """``timeline`` is in order of acceptance; ``redactions`` by the redacted event's ID.

    ``history`` has all events of each state key, oldest first, so that the state at any
    position is found without reading the timeline: long runs have thousands of events.
    """

    room_id: str
    version: str
    timeline: list[Stored] = field(default_factory=list)
    current: dict[StateKey, Stored] = field(default_factory=dict)
    history: dict[StateKey, list[Stored]] = field(default_factory=dict)
    redactions: dict[str, Stored] = field(default_factory=dict)
    resets: list[int] = field(default_factory=list)
    dated: bool = False  # stripped state says when its events were sent

    def add(self, stored: Stored) -> None:
        self.timeline.append(stored)
        if stored.key:
            self.current[stored.key] = stored
            self.history.setdefault(stored.key, []).append(stored)
        if stored.event["type"] == "m.room.redaction":
            self.redactions[stored.event["redacts"]] = stored

    def reset(self, position: int, stored: Stored) -> None:
        """An older state event is current again, though the timeline does not say so."""
        assert stored.key is not None
        again = replace(stored, position=position)
        self.current[stored.key] = again
        self.history[stored.key].append(again)
        self.resets.append(position)

    def find(self, event_id: str) -> Stored | None:
        return next((s for s in self.timeline if s.event["event_id"] == event_id), None)

    def state_at(self, position: int) -> dict[StateKey, Stored]:
        """The state after everything at or before ``position``."""
        newest = max([s.position for s in self.timeline[-1:]] + self.resets[-1:], default=0)
        if newest <= position:
            return self.current
        found = {key: self.entry_at(position, key) for key in self.history}
        return {key: stored for key, stored in found.items() if stored}

    def entry_at(self, position: int, key: StateKey) -> Stored | None:
        """One state event of ``state_at``."""
        versions = self.history.get(key, ())
        count = bisect_right(versions, position, key=_position)
        return versions[count - 1] if count else None

    def content_at(self, position: int, kind: str, key: str = "") -> JSON:
        """The content of a state event, redacted if it was; empty when there is none."""
        stored = self.entry_at(position, (kind, key))
        return self.shown(stored, position)["content"] if stored else {}

    def membership(self, user: str, position: int) -> str | None:
        """``join``, ``invite``, ``knock``, ``leave``, ``ban``; None: never had any."""
        stored = self.entry_at(position, ("m.room.member", user))
        return stored.membership if stored else None

    def members(self, position: int, *memberships: str) -> list[Stored]:
        """Member events with one of these memberships, in order of acceptance."""
        found = [
            s
            for key, s in self.state_at(position).items()
            if key[0] == "m.room.member" and s.membership in memberships
        ]
        return sorted(found, key=lambda s: s.position)

    def own_changes(self, user: str, since: int, upto: int) -> list[Stored]:
        """The user's member events in (since, upto], oldest first."""
        return _between(self.history.get(("m.room.member", user), ()), since, upto)

    def between(self, since: int, upto: int) -> list[Stored]:
        return _between(self.timeline, since, upto)

    def latest_first(self, upto: int) -> Iterator[Stored]:
        """Events at or before ``upto``, the newest first."""
        for index in range(bisect_right(self.timeline, upto, key=_position) - 1, -1, -1):
            yield self.timeline[index]

    def visible(self, stored: Stored, user: str, upto: int) -> bool:
        """Whether history visibility lets the user, as of ``upto``, see an event."""
        if stored.key == ("m.room.member", user):
            return True
        at = stored.position
        then = self.membership(user, at)
        if then == "join":
            return True
        rules = [self._rule(at)]
        if stored.key == ("m.room.history_visibility", ""):  # the more open one counts
            rules.append(self._rule(at - 1))
        later = any(s.membership == "join" for s in self.own_changes(user, at, upto))
        return (
            "world_readable" in rules
            or ("shared" in rules and later)  # who joins later may look back
            or ("invited" in rules and then == "invite")
        )

    def _rule(self, at: int) -> str:
        """The history visibility after a position."""
        content = self.content_at(at, "m.room.history_visibility")
        return str(content.get("history_visibility", "shared"))

    def shown(self, stored: Stored, upto: int, reader: tuple[str, str] | None = None) -> JSON:
        """The event as a client gets it at ``upto``; ``reader`` is its (user, device)."""
        redaction = self.redactions.get(stored.event["event_id"])
        event = dict(stored.event)
        unsigned: JSON = {"age": 1}
        if stored.replaces is not None:
            unsigned["prev_content"] = stored.replaces["content"]
            unsigned["prev_sender"] = stored.replaces["sender"]
            unsigned["replaces_state"] = stored.replaces["event_id"]
        if reader is not None:
            unsigned["membership"] = self.membership(reader[0], stored.position) or "leave"
            if stored.txn_id is not None and stored.owner == reader:
                unsigned["transaction_id"] = stored.txn_id
        if redaction is not None and redaction.position <= upto:
            kept = KEPT_CONTENT.get(event["type"], ())
            event["content"] = {k: v for k, v in event["content"].items() if k in kept}
            unsigned.pop("prev_content", None)
            unsigned["redacted_because"] = dict(redaction.event)
            unsigned["redacted_by"] = redaction.event["event_id"]
        return event | {"unsigned": unsigned}

    def stripped(self, user: str, upto: int) -> list[JSON]:
        """What an invited or knocking user is told; their own member event comes last."""
        state = self.state_at(upto)
        own = state[("m.room.member", user)]
        keys: list[StateKey] = [(kind, "") for kind in STRIPPED]
        if own.sender != user:
            keys.append(("m.room.member", own.sender))
        keys.append(("m.room.member", user))
        names = ["type", "state_key", "content", "sender"]
        if self.dated:
            names.append("origin_server_ts")
        found = [state[key].event for key in keys if key in state]
        return [{name: event[name] for name in names} for event in found]


def _between(events: Sequence[Stored], since: int, upto: int) -> list[Stored]:
    first = bisect_right(events, since, key=_position)
    return list(events[first : bisect_right(events, upto, key=_position)])


def _position(stored: Stored) -> int:
    return stored.position
