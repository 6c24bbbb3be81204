"""What can go wrong between a homeserver and those who ask it, as values."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.support.room import JSON

Rewrite = Callable[[JSON], JSON]
Raw = Callable[[asyncio.Transport], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of, before or after an answer; the fields combine.

    ``delay_s``: before the answer is computed. ``slow_s``: after it, before its first
    byte. ``hang``: no answer ever. ``status``: an error instead. ``body``: these bytes
    instead. ``rewrite``: the answer's object changed; ``edit``: its bytes. ``repeat``: the
    device's previous answer again. ``drop``: half of the body, then the connection is cut.
    ``truncate``: half of the body, as if it were all. ``raw``: it writes what it likes instead
    of an answer, until it returns or the other side has closed.
    """

    delay_s: float = 0.0
    slow_s: float = 0.0
    hang: bool = False
    status: int | None = None
    errcode: str = "M_UNKNOWN"
    soft_logout: bool = False
    retry_after_s: int | None = None
    body: bytes | None = None
    rewrite: Rewrite | None = None
    edit: Callable[[bytes], bytes] | None = None
    repeat: bool = False
    drop: bool = False
    truncate: bool = False
    raw: Raw | None = None

    def error(self) -> JSON:
        extra: JSON = {"soft_logout": True} if self.soft_logout else {}
        if self.retry_after_s is not None:
            extra["retry_after_ms"] = self.retry_after_s * 1000
        return {"errcode": self.errcode, "error": "as told", **extra}

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}


@dataclass(slots=True)
class Trap:
    """Where a fault strikes: requests whose path contains ``path``, of these senders.

    ``times`` None: until ``clear``. ``hits`` counts.
    """

    fault: Fault
    path: str = "/sync"
    user_id: str | None = None
    device_id: str | None = None
    times: int | None = 1
    hits: int = field(default=0, init=False)

    def clear(self) -> None:
        self.times = self.hits

    def strikes(self, path: str, user_id: str | None, device_id: str | None) -> bool:
        """Whether this request is struck; counts it if so."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.path not in path or self.user_id not in (None, user_id):
            return False
        if self.device_id not in (None, device_id):
            return False
        self.hits += 1
        return True


RATE_LIMITED = Fault(status=429, errcode="M_LIMIT_EXCEEDED", retry_after_s=1)
OVERLOADED = Fault(status=503)
BROKEN = Fault(status=500)
GARBAGE = Fault(body=b"<html>502 Bad Gateway</html>")
TOKEN_DEAD = Fault(status=401, errcode="M_UNKNOWN_TOKEN")


# Rewrites of a /sync answer


def in_room(room_id: str, change: Callable[[JSON], None]) -> Rewrite:
    """Change the room's part of ``rooms.join``, when it is there."""

    def rewrite(body: JSON) -> JSON:
        changed: JSON = json.loads(json.dumps(body))
        if (entry := changed.get("rooms", {}).get("join", {}).get(room_id)) is not None:
            change(entry)
        return changed

    return rewrite


def without_create(room_id: str) -> Rewrite:
    def change(entry: JSON) -> None:
        for name in ("state", "timeline"):
            entry[name]["events"] = [e for e in entry[name]["events"]
                                     if e["type"] != "m.room.create"]  # fmt: skip

    return in_room(room_id, change)


def create_in_timeline(room_id: str) -> Rewrite:
    """All state moves to the front of the timeline, as some homeservers do."""

    def change(entry: JSON) -> None:
        entry["timeline"]["events"] = entry["state"]["events"] + entry["timeline"]["events"]
        entry["state"]["events"] = []

    return in_room(room_id, change)


def with_malformed_events(room_id: str) -> Rewrite:
    """Events that are none, among the good ones."""

    def change(entry: JSON) -> None:
        bad: list[object] = [
            {"type": "m.room.message", "content": {}},
            {"event_id": "$no-type", "sender": "@a:hs", "content": {}},
            {"event_id": "$odd", "type": 7, "sender": "@a:hs", "content": {}},
            {"event_id": "$member", "type": "m.room.member", "state_key": "@a:hs",
             "sender": "@a:hs", "content": {}},
            "not an object",
            None,
        ]  # fmt: skip
        for name in ("state", "timeline"):
            entry[name]["events"] = bad + entry[name]["events"]

    return in_room(room_id, change)


def without_members(room_id: str, *user_ids: str) -> Rewrite:
    """A homeserver that forgets to send who these senders are."""

    def change(entry: JSON) -> None:
        for name in ("state", "timeline"):
            entry[name]["events"] = [e for e in entry[name]["events"]
                                     if e.get("state_key") not in user_ids]  # fmt: skip

    return in_room(room_id, change)
