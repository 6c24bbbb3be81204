"""The model homeserver: users, devices, rooms and what they do, in memory and at once.

Nothing here knows HTTP. Every act gets the next *position* of one stream, so "what
happened after ``since`` and up to ``upto``" has one meaning for everything. Event IDs and
timestamps are the same in every run.
"""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from tests.support.room import ENDED, JSON, Room, Stored

FIRST_TS = 1_700_000_000_000
STEP_MS = 1000  # between two events, unless the test says otherwise

POWER: JSON = {"users_default": 0, "events_default": 0, "state_default": 50, "ban": 50,
               "kick": 50, "redact": 50, "invite": 0}  # fmt: skip


class Refused(Exception):
    """The homeserver says no: HTTP status and errcode."""

    def __init__(self, status: int, errcode: str, message: str = "") -> None:
        super().__init__(message or errcode)
        self.status = status
        self.errcode = errcode


@dataclass(slots=True)
class Device:
    """One device; it may have several access tokens. ``seen_members``: who was sent lazily."""

    user_id: str
    device_id: str
    tokens: set[str] = field(default_factory=set)
    one_time_keys: dict[str, int] = field(default_factory=lambda: {"signed_curve25519": 50})
    fallback_types: list[str] = field(default_factory=lambda: ["signed_curve25519"])
    inbox: list[tuple[int, JSON]] = field(default_factory=list)
    seen_members: dict[tuple[str, str], str] = field(default_factory=dict)
    keys_position: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.user_id, self.device_id


class AccountDatum(NamedTuple):
    position: int
    user_id: str
    room_id: str | None
    type: str
    content: JSON


class Receipt(NamedTuple):
    position: int
    room_id: str
    user_id: str
    type: str
    event_id: str
    ts: int
    thread_id: str | None


class Typing(NamedTuple):
    position: int
    room_id: str
    user_ids: tuple[str, ...]


class DeviceListChange(NamedTuple):
    position: int
    observer: str
    target: str
    left: bool


class World:
    """All that a homeserver knows. Methods that act raise ``Refused`` when it must not be."""

    def __init__(self, server_name: str = "hs", seed: str = "world") -> None:
        self.server_name = server_name
        self.position = 0
        self.clock_ms = FIRST_TS
        self.dates_invites = False  # whether stripped state says when its events were sent
        self.rooms: dict[str, Room] = {}
        self.aliases: dict[str, str] = {}
        self.users: dict[str, JSON] = {}  # user ID → profile
        self.devices: dict[tuple[str, str], Device] = {}
        self.tokens: dict[str, Device] = {}
        self.expired: dict[str, bool] = {}  # token → soft_logout
        self.account_data: list[AccountDatum] = []
        self.receipts: list[Receipt] = []
        self.typing: list[Typing] = []
        self.device_lists: list[DeviceListChange] = []
        self.unread: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        self.forgotten: dict[tuple[str, str], int] = {}
        self.sent: dict[tuple[str, str], JSON] = {}  # (token, txn ID) → answer
        self.hides_ignored = False  # their typing and receipts; Synapse does not
        self.leaks_invites = False  # of ignored people
        self.tells_of_gaps = False  # also of members who have changed there and do not speak
        self.calls_private_read = False  # tells a private receipt to its owner as m.read
        self.is_terse = False  # about key counts, and about typing that has expired
        self.changed = asyncio.Event()
        self._times: list[float] = [time.monotonic()]  # by position
        self._seed = seed
        self._ids = 0

    # The stream

    def advance(self) -> int:
        """The next position; whoever waits for news looks again."""
        self.position += 1
        self._times.append(time.monotonic())
        self.changed.set()
        self.changed = asyncio.Event()
        return self.position

    def position_ago(self, seconds: float) -> int:
        """The newest position that is at least that old."""
        limit = time.monotonic() - seconds
        return max((p for p in range(self.position, -1, -1) if self._times[p] <= limit), default=0)

    def new_id(self) -> str:
        """43 characters of the URL-safe alphabet, the same in every run."""
        self._ids += 1
        digest = sha256(f"{self._seed}/{self._ids}".encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def tick(self, ts: int | None = None) -> int:
        if ts is not None:
            return ts
        self.clock_ms += STEP_MS
        return self.clock_ms

    # Users and devices

    def create_user(self, localpart: str, displayname: str | None = None) -> str:
        user_id = f"@{localpart}:{self.server_name}"
        self.users.setdefault(user_id, {"displayname": displayname or localpart.title()})
        return user_id

    def create_token(self, user_id: str, device_id: str | None = None) -> str:
        """A new access token; several calls for one device give it several."""
        device_id = device_id or f"DEVICE{len(self.devices) + 1}"
        device = self.devices.setdefault((user_id, device_id), Device(user_id, device_id))
        token = f"token-{self.new_id()[:12]}-{user_id[1:].partition(':')[0]}"
        device.tokens.add(token)
        self.tokens[token] = device
        return token

    def expire(self, token: str, *, soft_logout: bool = False) -> None:
        """The token stops working; the device stays."""
        self.tokens.pop(token).tokens.discard(token)
        self.expired[token] = soft_logout
        self.advance()

    def device_of(self, token: str) -> Device:
        if token not in self.tokens:
            raise Refused(401, "M_UNKNOWN_TOKEN")
        return self.tokens[token]

    # Events

    def room(self, room_id: str) -> Room:
        if room_id not in self.rooms:
            raise Refused(404, "M_NOT_FOUND", "no such room")
        return self.rooms[room_id]

    def append(
        self, room: Room, sender: str, kind: str, content: JSON, *, state_key: str | None = None,
        ts: int | None = None, device: Device | None = None, txn_id: str | None = None,
        **extra: Any,
    ) -> str:  # fmt: skip
        """Accept an event without asking whether it may be; its ID."""
        event: JSON = {"type": kind, "sender": sender, "content": content,
                       "event_id": f"${self.new_id()}",
                       "origin_server_ts": self.tick(ts), **extra}  # fmt: skip
        if state_key is not None:
            event["state_key"] = state_key
        before = room.current.get((kind, state_key)) if state_key is not None else None
        room.add(Stored(
            position=self.advance(), event=event, owner=device.key if device else None,
            txn_id=txn_id, replaces=before.event if before else None,
        ))  # fmt: skip
        event_id: str = event["event_id"]
        return event_id

    def send(
        self, room_id: str, sender: str, kind: str, content: JSON, *, state_key: str | None = None,
        ts: int | None = None, device: Device | None = None, txn_id: str | None = None,
        **extra: Any,
    ) -> str:  # fmt: skip
        """As a joined member. A state event that changes nothing is the old one."""
        room = self.room(room_id)
        if room.membership(sender, self.position) != "join":
            raise Refused(403, "M_FORBIDDEN", "not in the room")
        if state_key is not None and kind != "m.room.member":
            before = room.current.get((kind, state_key))
            if before and before.event["content"] == content and before.sender == sender:
                event_id: str = before.event["event_id"]
                return event_id
        return self.append(room, sender, kind, content, state_key=state_key, ts=ts,
                           device=device, txn_id=txn_id, **extra)  # fmt: skip

    def redact(self, room_id: str, sender: str, event_id: str, **extra: Any) -> str:
        return self.send(room_id, sender, "m.room.redaction", {"redacts": event_id},
                         redacts=event_id, **extra)  # fmt: skip

    # Memberships

    def member(
        self, room_id: str, sender: str, target: str, membership: str, **content: Any
    ) -> str:
        """A member event as the rules of the room allow it."""
        room = self.room(room_id)
        before = room.membership(target, self.position)
        self._check_member(room, sender, target, before, membership)
        profile = self.users.get(target, {}) if membership in ("join", "invite", "knock") else {}
        return self.append(room, sender, "m.room.member",
                           {"membership": membership, **profile, **content},
                           state_key=target)  # fmt: skip

    def _check_member(
        self, room: Room, sender: str, target: str, before: str | None, membership: str
    ) -> None:
        rule = room.content_at(self.position, "m.room.join_rules").get("join_rule", "invite")
        inside = room.membership(sender, self.position) == "join"
        allowed = {
            "join": before in ("join", "invite") or (rule == "public" and before != "ban"),
            "knock": rule == "knock" and before not in ("join", "ban", "invite"),
            "invite": inside and before not in ("join", "ban"),
            "ban": inside,
            "leave": (sender == target and before in ("join", "invite", "knock")) or inside,
        }[membership]
        if not allowed:
            raise Refused(403, "M_FORBIDDEN", f"{before} to {membership} is not allowed")

    def forget(self, room_id: str, user_id: str) -> None:
        if self.room(room_id).membership(user_id, self.position) not in ENDED:
            raise Refused(400, "M_UNKNOWN", "still in the room")
        self.forgotten[(user_id, room_id)] = self.position

    # Rooms

    def create_room(
        self, creator: str, *, name: str | None = None, topic: str | None = None,
        alias: str | None = None, preset: str = "private_chat", invite: Iterable[str] = (),
        is_direct: bool = False, version: str = "10", creation: JSON | None = None,
        initial_state: Iterable[JSON] = (), room_id: str | None = None,
    ) -> str:  # fmt: skip
        """A room in the order in which Synapse makes one; its ID."""
        room = Room(room_id or f"!{self.new_id()[:18]}:{self.server_name}", version)
        room.dated = self.dates_invites
        self.rooms[room.room_id] = room
        create = {"creator": creator, "room_version": version, **(creation or {})}
        rule = "public" if preset == "public_chat" else "invite"
        self._state(room, creator, "m.room.create", create)
        self.append(room, creator, "m.room.member",
                    {"membership": "join", **self.users[creator]}, state_key=creator)  # fmt: skip
        self._state(room, creator, "m.room.power_levels", {**POWER, "users": {creator: 100}})
        if alias:
            self.aliases[alias] = room.room_id
            self._state(room, creator, "m.room.canonical_alias", {"alias": alias})
        self._state(room, creator, "m.room.join_rules", {"join_rule": rule})
        self._state(room, creator, "m.room.history_visibility", {"history_visibility": "shared"})
        for event in initial_state:
            self.append(room, creator, event["type"], event["content"],
                        state_key=event.get("state_key", ""))  # fmt: skip
        if name:
            self._state(room, creator, "m.room.name", {"name": name})
        if topic:
            self._state(room, creator, "m.room.topic", {"topic": topic})
        for target in invite:
            extra = {"is_direct": True} if is_direct else {}
            self.member(room.room_id, creator, target, "invite", **extra)
        return room.room_id

    def _state(self, room: Room, sender: str, kind: str, content: JSON) -> None:
        self.append(room, sender, kind, content, state_key="")

    def upgrade(self, room_id: str, user_id: str, version: str) -> str:
        """A replacement room, and the tombstone in the old one; the new room's ID."""
        old = self.room(room_id)
        state = [
            {"type": kind, "content": old.content_at(self.position, kind)}
            for kind in ("m.room.name", "m.room.topic", "m.room.avatar", "m.room.encryption")
            if (kind, "") in old.current
        ]
        predecessor = {"room_id": room_id, "event_id": old.timeline[-1].event["event_id"]}
        preset = "public_chat" if self._is_public(old) else "private_chat"
        new = self.create_room(user_id, version=version, creation={"predecessor": predecessor},
                               preset=preset, initial_state=state)  # fmt: skip
        self.send(room_id, user_id, "m.room.tombstone",
                  {"body": "replaced", "replacement_room": new}, state_key="")  # fmt: skip
        return new

    def _is_public(self, room: Room) -> bool:
        return room.content_at(self.position, "m.room.join_rules").get("join_rule") == "public"

    # What is not an event

    def set_account_data(
        self, user_id: str, kind: str, content: JSON, room_id: str | None = None
    ) -> None:
        self.account_data.append(AccountDatum(self.advance(), user_id, room_id, kind, content))

    def account_datum(
        self, user_id: str, kind: str, room_id: str | None = None, upto: int | None = None
    ) -> JSON:
        """The newest content of one type; empty when there is none."""
        limit = self.position if upto is None else upto
        return next((d.content for d in reversed(self.account_data)
                     if d.position <= limit and (d.user_id, d.type, d.room_id)
                     == (user_id, kind, room_id)), {})  # fmt: skip

    def receipt(
        self, room_id: str, user_id: str, event_id: str, kind: str = "m.read",
        thread_id: str | None = None,
    ) -> None:  # fmt: skip
        position = self.advance()
        self.receipts.append(
            Receipt(position, room_id, user_id, kind, event_id, self.clock_ms, thread_id)
        )

    def set_typing(self, room_id: str, user_id: str, on: bool) -> None:
        now = next((t.user_ids for t in reversed(self.typing) if t.room_id == room_id), ())
        users = tuple(u for u in now if u != user_id) + ((user_id,) if on else ())
        if users != now:
            self.typing.append(Typing(self.advance(), room_id, users))

    def set_unread(self, user_id: str, room_id: str, notifications: int, highlights: int) -> None:
        """Counts as the test wants them, instead of counted ones, from now on."""
        self.unread[(user_id, room_id)].append((self.advance(), notifications, highlights))

    def to_device(self, sender: str, target: str, device_id: str, kind: str, content: JSON) -> None:
        """To one device, or to all of the target's when ``device_id`` is ``*``."""
        event = {"type": kind, "sender": sender, "content": content}
        for device in list(self.devices.values()):
            if device.user_id == target and device_id in ("*", device.device_id):
                device.inbox.append((self.advance(), event))

    def change_device_list(self, target: str, *observers: str, left: bool = False) -> None:
        """The target's devices changed: tell ``observers``, or whoever shares a room."""
        told = observers or tuple(self._sharing_with(target))
        self.device_lists += [DeviceListChange(self.advance(), o, target, left) for o in told]

    def _sharing_with(self, user_id: str) -> set[str]:
        rooms = [r for r in self.rooms.values() if r.membership(user_id, self.position) == "join"]
        return {m.event["state_key"] for r in rooms for m in r.members(self.position, "join")}

    def set_keys(self, device: Device, counts: dict[str, int], fallback: list[str]) -> None:
        device.one_time_keys, device.fallback_types = counts, fallback
        device.keys_position = self.advance()
