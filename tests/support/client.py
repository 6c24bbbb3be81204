"""A client that knows only the protocol, and checks it all the time.

After every answer it asserts what holds for any correct server: its copy of each list has
exactly the indexes of its windows, every room in a window has come with data, no event
came twice. A test asserts only what is special to it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp

from tests.support.listing import ListCopy
from tests.support.room import JSON

PATH = "/_matrix/client/unstable/org.matrix.msc3575/sync"
PATIENCE_S = 10.0  # how long ``until`` waits for what must come


class SyncError(Exception):
    """The service refused: HTTP status, errcode or None, its object."""

    def __init__(self, status: int, body: JSON) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.errcode: str | None = body.get("errcode")
        self.body = body


def window(first: int, last: int, *more: tuple[int, int], **fields: Any) -> JSON:
    """A list with these ranges (both ends inclusive); ``timeline_limit`` is 20 unless given."""
    return {"ranges": [[first, last], *more], "timeline_limit": 20, **fields}


def room_config(timeline_limit: int = 20, **fields: Any) -> JSON:
    """A room subscription."""
    return {"timeline_limit": timeline_limit, **fields}


def bodies(events: Iterable[JSON]) -> list[str]:
    """The texts among the events."""
    return [e["content"]["body"] for e in events if "body" in e["content"]]


def state_keys(events: Iterable[JSON]) -> set[tuple[str, str]]:
    return {(e["type"], e["state_key"]) for e in events}


@dataclass(frozen=True, slots=True)
class RoomObject:
    """One entry of ``rooms`` in an answer; ``raw`` has it all."""

    raw: JSON

    @property
    def initial(self) -> bool:
        return self.raw.get("initial", False) is True

    @property
    def timeline(self) -> list[JSON]:
        return list(self.raw.get("timeline", ()))

    @property
    def required_state(self) -> list[JSON]:
        return list(self.raw.get("required_state", ()))

    @property
    def bodies(self) -> list[str]:
        return bodies(self.timeline)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer as it came."""

    raw: JSON = field(repr=False)
    rooms: Mapping[str, RoomObject]

    @property
    def pos(self) -> str:
        pos: str = self.raw["pos"]
        return pos

    @property
    def txn_id(self) -> str | None:
        return self.raw.get("txn_id")

    @property
    def extensions(self) -> JSON:
        extensions: JSON = self.raw["extensions"]
        return extensions

    def count(self, name: str) -> int:
        count: int = self.raw["lists"][name]["count"]
        return count

    def ops(self, name: str) -> list[tuple[Any, ...]]:
        """The operations as tuples: ``("SYNC", 0, 2, rooms)``, ``("DELETE", 3)`` and so on."""
        return [_op(op) for op in self.raw["lists"][name].get("ops", ())]


def _op(op: JSON) -> tuple[Any, ...]:
    match op["op"]:
        case "SYNC":
            return ("SYNC", *op["range"], tuple(op["room_ids"]))
        case "INVALIDATE":
            return ("INVALIDATE", *op["range"])
        case "INSERT":
            return ("INSERT", op["index"], op["room_id"])
    return (op["op"], op["index"])


@dataclass(slots=True)
class KnownRoom:
    """What the client has of a room since its last ``initial`` object.

    ``state`` comes from ``required_state`` alone, as in today's clients (rule D-57).
    """

    timeline: list[JSON] = field(default_factory=list)
    state: dict[tuple[str, str], JSON] = field(default_factory=dict)
    fields: JSON = field(default_factory=dict)

    @property
    def bodies(self) -> list[str]:
        return bodies(self.timeline)

    @property
    def event_ids(self) -> list[str]:
        return [e["event_id"] for e in self.timeline]


class SlidingClient:
    """One connection of one device. ``rooms`` and ``lists`` are what a user would see.

    ``stores``: it asks for delta tokens, and ``come_back`` begins with one, and the rooms (R-7).
    """

    path: ClassVar[str] = PATH

    def __init__(
        self, http: aiohttp.ClientSession, url: str, token: str, *, conn_id: str = "",
        stores: bool = False,
    ) -> None:  # fmt: skip
        self.stores = stores
        self.url = url
        self.token = token
        self.conn_id = conn_id
        self.forget()
        self._http = http

    def forget(self) -> None:
        """Start anew: what a client does at ``M_UNKNOWN_POS``."""
        self.come_back()
        self.delta_token = ""
        self.rooms: dict[str, KnownRoom] = {}

    def come_back(self) -> None:
        """Begin a new connection with the rooms, and the token, of this one."""
        self.pos: str | None = None
        self.lists: dict[str, ListCopy] = {}
        self.answers: list[Response] = []

    async def sync(
        self, *, lists: Mapping[str, JSON] | None = None,
        subscriptions: Mapping[str, JSON] | None = None, unsubscribe: Sequence[str] = (),
        extensions: JSON | None = None, timeout_ms: int = 0, txn_id: str | None = None,
        lose_answer: bool = False,
    ) -> Response:  # fmt: skip
        """One request and its answer, applied. Only what is given is sent (all is sticky).

        ``lose_answer``: the answer gets lost on its way, and the client asks again.
        Raises ``SyncError`` when the service refuses.
        """
        given: JSON = {
            "conn_id": self.conn_id, "txn_id": txn_id, "lists": lists, "extensions": extensions,
            "room_subscriptions": subscriptions, "unsubscribe_rooms": list(unsubscribe),
        }  # fmt: skip
        body = {name: value for name, value in given.items() if value}
        if self.stores and self.pos is None:
            body["delta_token"] = self.delta_token
        for _ in range(1 + lose_answer):
            response = await self.ask(body, timeout_ms=timeout_ms)
        self.take(response)
        return response

    async def ask(
        self, body: JSON | None, *, timeout_ms: int = 0, pos: str | None = None
    ) -> Response:
        """One request and its answer, which counts as lost unless it is given to ``take``.

        ``body`` None: the request comes without one. ``pos`` None: the client's own.
        """
        for name, request in (body or {}).get("lists", {}).items():
            self.lists.setdefault(name, ListCopy()).configure(request)
        query: dict[str, str | int] = {"timeout": timeout_ms}
        if position := pos if pos is not None else self.pos:
            query["pos"] = position
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._http.post(
            f"{self.url}{self.path}", params=query, json=body, headers=headers
        ) as response:
            answer = await response.json()
            if response.status != 200:
                raise SyncError(response.status, answer)
        return Response(answer, {r: RoomObject(raw) for r, raw in answer["rooms"].items()})

    def take(self, response: Response) -> None:
        """Apply an answer, and check what must hold."""
        for room_id, room in response.rooms.items():
            self._take_room(room_id, room)
        answered = response.raw["lists"]
        for name in [name for name in self.lists if name not in answered]:
            del self.lists[name]  # L-55
        for name, answer in answered.items():
            copy = self.lists.setdefault(name, ListCopy())
            copy.apply(answer["count"], answer.get("ops", ()))
            self._check_list(name, copy, answer)
        self.pos = response.pos
        self.delta_token = response.raw.get("delta_token", "")
        self.answers.append(response)

    async def until(
        self, condition: Callable[[], bool], *, patience_s: float = PATIENCE_S, **request: Any
    ) -> list[Response]:
        """Sync until the condition holds; the answers on the way. ``request`` is sent once."""
        answers: list[Response] = []
        deadline = asyncio.get_running_loop().time() + patience_s
        while not condition():
            left_ms = int((deadline - asyncio.get_running_loop().time()) * 1000)
            assert left_ms > 0, f"did not come within {patience_s} s; rooms: {self._glance()}"
            answers.append(await self.sync(timeout_ms=min(left_ms, 5_000), **request))
            request = {}
        return answers

    async def until_event(self, room_id: str, event_id: str, **request: Any) -> list[Response]:
        """Sync until the event is in the room's timeline."""
        return await self.until(lambda: event_id in self.event_ids(room_id), **request)

    def order(self, name: str = "all") -> list[str]:
        """The rooms of the list's windows, in order."""
        return self.lists[name].window()

    def event_ids(self, room_id: str) -> list[str]:
        return self.rooms[room_id].event_ids if room_id in self.rooms else []

    def bodies(self, room_id: str) -> list[str]:
        return self.rooms[room_id].bodies if room_id in self.rooms else []

    def _take_room(self, room_id: str, room: RoomObject) -> None:
        if room.initial:
            self.rooms[room_id] = KnownRoom()
        elif room_id not in self.rooms:
            bare = not room.timeline and not room.required_state  # D-40: only its counts
            assert bare, f"L-82: {room_id} has a delta, but never had data: {room.raw}"
            return
        known = self.rooms[room_id]
        seen = set(known.event_ids)
        for event in room.timeline:
            assert event["event_id"] not in seen, f"D-32: twice in {room_id}: {event}"
            seen.add(event["event_id"])
        assert room.raw.get("num_live", 0) <= len(room.timeline), f"D-34: {room.raw}"
        known.timeline += room.timeline
        known.state |= {(e["type"], e["state_key"]): e for e in room.required_state}
        known.fields |= {
            name: value
            for name, value in room.raw.items()
            if name not in ("timeline", "required_state", "initial", "num_live", "limited")
        }

    def _check_list(self, name: str, copy: ListCopy, answer: JSON) -> None:
        assert not copy.problems(), f"L-82: list {name}: {copy.problems()} after {answer}"
        nothing_sent = [room for room in copy.rooms.values() if room not in self.rooms]
        assert not nothing_sent, f"L-82: list {name}: no data for {nothing_sent} after {answer}"

    def _glance(self) -> dict[str, list[str]]:
        return {room_id: room.bodies for room_id, room in self.rooms.items()}
