"""One answer of simplified sliding sync, read in either form by the same names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.client import bodies
from tests.support.room import JSON
from tests.support.simplified.wire import Asked, Dialect

StateKey = tuple[str, str]

BARRIER = "org.example.barrier"
"""Account data that tests write, to learn that a server has caught up. Answers are read without."""


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """One entry of ``rooms``; ``raw`` has it as it came."""

    raw: JSON
    dialect: Dialect

    @property
    def initial(self) -> bool:
        return self.raw.get("initial", False) is True

    @property
    def timeline(self) -> list[JSON]:
        return list(self.raw.get("timeline", ()))

    @property
    def event_ids(self) -> list[str]:
        return [event["event_id"] for event in self.timeline]

    @property
    def bodies(self) -> list[str]:
        return bodies(self.timeline)

    @property
    def limited(self) -> bool:
        """Whether events are missing before the timeline; S may leave out ``false``."""
        return self.raw.get("limited", False) is True

    @property
    def expanded(self) -> bool:
        return self.raw.get(self.dialect.expanded, False) is True

    @property
    def num_live(self) -> int | None:
        number: int | None = self.raw.get("num_live")
        return number

    @property
    def state(self) -> dict[StateKey, JSON]:
        """``required_state``: (type, state key) → event, or a stub without ``content``."""
        return {(e["type"], e["state_key"]): e for e in self.raw.get("required_state", ())}

    @property
    def state_ids(self) -> dict[StateKey, str]:
        return {key: event["event_id"] for key, event in self.state.items() if "event_id" in event}

    @property
    def stripped(self) -> list[JSON] | None:
        """The stripped state of an invite or a knock; None when the entry has none."""
        events: list[JSON] | None = self.raw.get(self.dialect.stripped)
        return events

    @property
    def hero_ids(self) -> list[str]:
        return [hero["user_id"] for hero in self.raw.get("heroes", ())]

    @property
    def counts(self) -> tuple[int, int] | None:
        """Joined and invited members; None when the entry does not say."""
        if "joined_count" not in self.raw:
            return None
        return self.raw["joined_count"], self.raw["invited_count"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and what had been asked. ``raw`` is the whole object."""

    raw: JSON = field(repr=False)
    asked: Asked
    dialect: Dialect

    @property
    def pos(self) -> str:
        pos: str = self.raw["pos"]
        return pos

    @property
    def rooms(self) -> Mapping[str, RoomEntry]:
        return {room: RoomEntry(raw, self.dialect) for room, raw in self.raw["rooms"].items()}

    def count(self, name: str = "all") -> int:
        count: int = self.raw["lists"][name]["count"]
        return count

    def order(self, name: str = "all") -> list[str]:
        """The rooms of the list's first range, in order; only U says it."""
        rooms: list[str] = self.raw["lists"][name]["ops"][0]["room_ids"]
        return rooms

    def tells_order(self, name: str) -> bool:
        return bool(self.raw["lists"][name].get("ops"))

    def extension(self, name: str) -> JSON:
        """The extension's object; empty when it is not there."""
        answered: JSON = self.raw["extensions"].get(name, {})
        return answered

    @property
    def global_data(self) -> dict[str, JSON]:
        """Global account data: type → content."""
        events = self.extension("account_data").get("global", ())
        return {e["type"]: e["content"] for e in events if e["type"] != BARRIER}

    @property
    def room_data(self) -> dict[str, dict[str, JSON]]:
        """Room → type of its account data → content."""
        rooms = self.extension("account_data").get("rooms", {})
        found = {room: {e["type"]: e["content"] for e in events} for room, events in rooms.items()}
        return {room: events for room, events in found.items() if events}

    @property
    def receipts(self) -> dict[str, set[tuple[str, str, str]]]:
        """Room → (event ID, type of receipt, user)."""
        rooms = self.extension("receipts").get("rooms", {})
        return {room: set(_triples(event["content"])) for room, event in rooms.items()}

    @property
    def typing(self) -> dict[str, set[str]]:
        """Room → who types in it."""
        rooms = self.extension("typing").get("rooms", {})
        return {room: set(event["content"]["user_ids"]) for room, event in rooms.items()}

    @property
    def to_device(self) -> list[JSON]:
        events: list[JSON] = self.extension("to_device")["events"]
        return events

    @property
    def changed_devices(self) -> list[str]:
        """Whose devices changed."""
        users: list[str] = (self.extension("e2ee").get("device_lists") or {}).get("changed", [])
        return users

    @property
    def left_devices(self) -> list[str]:
        """Who shares no encrypted room any more."""
        users: list[str] = (self.extension("e2ee").get("device_lists") or {}).get("left", [])
        return users


def _triples(content: JSON) -> list[tuple[str, str, str]]:
    return [
        (event_id, kind, user)
        for event_id, kinds in content.items()
        for kind, users in kinds.items()
        for user in users
    ]
