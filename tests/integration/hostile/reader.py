"""A client of one of the two users, which remembers what has come and how."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.support.client import Response, SlidingClient
from tests.support.room import JSON

LARGEST = 2**53 - 1
EXTENSIONS: JSON = {
    name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts", "typing")
}


@dataclass(slots=True)
class Timeline:
    """``order`` has a room's events as they came first; ``gaps`` the tokens of gaps."""

    order: list[str] = field(default_factory=list)
    events: dict[str, JSON] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    rooms: list[JSON] = field(default_factory=list)

    def take(self, room: JSON) -> None:
        for event in room.get("timeline", ()):
            if event["event_id"] not in self.events:
                self.order.append(event["event_id"])
            self.events[event["event_id"]] = event
        if room.get("limited") and room.get("prev_batch"):
            self.gaps.append(room["prev_batch"])
        self.rooms.append(room)

    def leads_back_to(self, position: int) -> bool:
        """Whether a client that pages back from some gap comes to this position."""
        ends = [int(token[1:]) for token in self.gaps if token[1:].isdecimal()]
        return any(position <= end for end in ends)


class Reader:
    """One connection. ``inbox`` has the to-device messages, ``data`` the account data."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, token: str, *, rooms: int, conn_id: str = ""
    ) -> None:
        self.client = SlidingClient(http, url, token, conn_id=conn_id)
        self.timelines: dict[str, Timeline] = {}
        self.inbox: list[JSON] = []
        self.data: dict[str, JSON] = {}
        self._since: str | None = None
        self._lists: JSON | None = {
            "all": {
                "ranges": [[0, rooms]],
                "timeline_limit": 20,
                "required_state": [["*", ""], ["m.room.member", "$LAZY"]],
            }
        }

    async def sync(self, timeout_ms: int = 0) -> None:
        asked: JSON = dict(EXTENSIONS) if self._lists or self._since is None else {}
        if self._since is not None:
            asked["to_device"] = {"enabled": True, "since": self._since}
        answer = await self.client.sync(lists=self._lists, extensions=asked, timeout_ms=timeout_ms)
        self._lists = None
        self._take(answer)

    def timeline(self, room_id: str) -> Timeline:
        return self.timelines.setdefault(room_id, Timeline())

    def _take(self, answer: Response) -> None:
        for room_id, room in answer.rooms.items():
            self.timeline(room_id).take(room.raw)
            _check(room_id, room.raw)
        told = answer.extensions.get("to_device")
        if told is not None:
            self._since = told["next_batch"]
            self.inbox += told.get("events", ())
        for event in answer.extensions.get("account_data", {}).get("global", ()):
            self.data[event["type"]] = event["content"]


def _check(room_id: str, room: JSON) -> None:
    """What a strict client refuses a whole answer for."""
    for name in ("notification_count", "highlight_count", "joined_count", "invited_count",
                 "num_live", "timestamp"):  # fmt: skip
        _check_count(room_id, name, room.get(name, 0))
    for name, kinds in (("name", str), ("avatar", (str, type(None))), ("prev_batch", str)):
        value: Any = room.get(name, "")
        assert isinstance(value, kinds), f"{name} of {room_id}: {value!r}"


def _check_count(room_id: str, name: str, value: Any) -> None:
    good = type(value) is int and 0 <= value <= LARGEST
    assert good, f"{name} of {room_id}: {value!r}"
