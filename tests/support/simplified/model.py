"""What a client knows after some answers, by the rules of matrix-rust-sdk (S-537).

Two servers may cut the same history into different answers. The models that a client builds
from them must be equal in the end; so this is what tests and the comparison look at. What no
right server can make a client see, such as an event that comes twice, raises ``Contradiction``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.room import JSON
from tests.support.simplified.answer import Answer, RoomEntry, StateKey
from tests.support.simplified.timeline import Timeline
from tests.support.simplified.wire import MEMBER, Dialect

NAME: Final = ("m.room.name", "")
AVATAR: Final = ("m.room.avatar", "")


class Contradiction(AssertionError):
    """The answers cannot all be right."""


@dataclass(slots=True)
class KnownRoom:
    """One room as the client knows it.

    ``membership`` is what S says. In U it is what matrix-rust-sdk believes: the stripped state
    says invite or knock; else the own member event in ``required_state`` says it; else the room
    is joined. ``with_members`` are the events whose senders the client must know.
    """

    membership: str = "join"
    timeline: Timeline = field(default_factory=Timeline)
    state: dict[StateKey, JSON] = field(default_factory=dict)
    name: str | None = None
    avatar: str | None = None
    heroes: list[JSON] = field(default_factory=list)
    counts: tuple[int, int] | None = None
    with_members: set[str] = field(default_factory=set)
    is_dm: bool = False
    bump_stamp: int | None = None
    stripped: list[JSON] | None = None

    @property
    def is_joined(self) -> bool:
        return self.membership == "join"

    def take(self, entry: RoomEntry, me: str, *, brings_members: bool = True) -> None:
        if not brings_members:
            self.with_members.clear()
        else:
            self.with_members |= set(entry.event_ids)
        self.membership = _membership(entry, me)
        self.timeline.take(entry)
        for key, event in entry.state.items():
            if "content" in event:
                self.state[key] = event
            else:
                self.state.pop(key, None)
        self._take_names(entry)
        if "heroes" in entry.raw:
            self.heroes = entry.raw["heroes"]
        self.counts = entry.counts or self.counts
        if entry.dialect is Dialect.U or entry.initial or "is_dm" in entry.raw:
            self.is_dm = entry.raw.get("is_dm", False)
        self.bump_stamp = entry.raw.get("bump_stamp", self.bump_stamp)
        if self.membership not in ("invite", "knock"):
            self.stripped = None
        elif entry.stripped is not None:
            self.stripped = entry.stripped

    def _take_names(self, entry: RoomEntry) -> None:
        """U cannot say that a name or an avatar was removed, but its state event can."""
        self.name = _told(entry, "name", NAME, "name", self.name)
        self.avatar = _told(entry, "avatar", AVATAR, "url", self.avatar)


def _membership(entry: RoomEntry, me: str) -> str:
    """Raises ``ValueError`` when what S says is not what the own member event says."""
    events = [*(entry.stripped or ()), *entry.state.values()]
    own = [e for e in events if (e["type"], e.get("state_key")) == (MEMBER, me)]
    believed: str = own[0]["content"]["membership"] if own else "join"
    if entry.dialect is Dialect.U:
        return believed
    told: str = entry.raw.get("membership", believed)
    if own and told != believed:
        raise ValueError(f"S-290: membership {told}, but the own event says {believed}")
    return told


def _told(
    entry: RoomEntry, name: str, key: StateKey, content: str, before: str | None
) -> str | None:
    """The field of the entry; else what the state event says; else what was known before."""
    if name in entry.raw:
        value: str | None = entry.raw[name]
        return value
    if key in entry.state:
        return entry.state[key].get("content", {}).get(content) or None
    return before


@dataclass(slots=True)
class Model:
    """All that one connection has told a client about ``me``.

    ``receipts`` has for each room what receipt each user has of each kind and thread;
    ``lists`` the last count of each list, ``orders`` the rooms of its first range if they were
    told: S never tells them, and this service only when they change.
    """

    me: str
    rooms: dict[str, KnownRoom] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    orders: dict[str, list[str]] = field(default_factory=dict)
    account_data: dict[str, JSON] = field(default_factory=dict)
    room_data: dict[str, dict[str, JSON]] = field(default_factory=dict)
    receipts: dict[str, dict[tuple[str, str, str], str]] = field(default_factory=dict)
    typing: dict[str, set[str]] = field(default_factory=dict)
    to_device: list[JSON] = field(default_factory=list)
    changed_devices: set[str] = field(default_factory=set)

    def take(self, answer: Answer) -> None:
        """Raises ``Contradiction`` if the answer cannot follow those before."""
        for room_id, entry in answer.rooms.items():
            self._take_room(room_id, entry, brings_members=answer.asked.brings_members)
        self.lists = {name: answer.count(name) for name in answer.asked.lists}
        self.orders = {name: self.orders.get(name, []) for name in answer.asked.lists}
        self.orders |= {name: answer.order(name) for name in self.lists if answer.tells_order(name)}
        self._take_account_data(answer.extension("account_data"))
        for room_id, event in answer.extension("receipts").get("rooms", {}).items():
            self._take_receipts(self.receipts.setdefault(room_id, {}), event["content"])
        for room_id, users in answer.typing.items():
            self.typing[room_id] = users
        self.to_device += answer.extension("to_device").get("events", ())
        self.changed_devices |= set(answer.changed_devices)

    def _take_room(self, room_id: str, entry: RoomEntry, *, brings_members: bool) -> None:
        if entry.initial:
            self.rooms[room_id] = KnownRoom()
        elif room_id not in self.rooms:
            raise Contradiction(f"S-175: {room_id} is new, but not initial: {entry.raw}")
        try:
            self.rooms[room_id].take(entry, self.me, brings_members=brings_members)
        except ValueError as error:
            raise Contradiction(f"{room_id}: {error}: {entry.raw}") from error

    def _take_account_data(self, told: JSON) -> None:
        self.account_data |= {e["type"]: e["content"] for e in told.get("global", ())}
        for room_id, events in told.get("rooms", {}).items():
            known = self.room_data.setdefault(room_id, {})
            known |= {event["type"]: event["content"] for event in events}

    @staticmethod
    def _take_receipts(known: dict[tuple[str, str, str], str], content: Mapping[str, Any]) -> None:
        for event_id, kinds in content.items():
            for kind, users in kinds.items():
                for user, receipt in users.items():
                    known[user, kind, receipt.get("thread_id", "")] = event_id
