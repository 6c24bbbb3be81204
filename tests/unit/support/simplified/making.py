"""Answers of simplified sliding sync as a server would give them, made by hand."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.room import JSON
from tests.support.simplified.answer import Answer
from tests.support.simplified.wire import Asked, Dialect, window

ME = "@me:hs"
ROOM = "!kitchen:hs"
_TIMES = itertools.count(1)


def event(event_id: str, body: str = "hello", sender: str = ME) -> JSON:
    return {"event_id": event_id, "type": "m.room.message", "sender": sender,
            "origin_server_ts": next(_TIMES), "content": {"body": body}}  # fmt: skip


def state(event_id: str, kind: str, content: JSON, key: str = "", sender: str = ME) -> JSON:
    return {"event_id": event_id, "type": kind, "sender": sender, "state_key": key,
            "origin_server_ts": next(_TIMES), "content": content}  # fmt: skip


def own(membership: str = "join", event_id: str = "$own") -> JSON:
    return state(event_id, "m.room.member", {"membership": membership}, ME)


def entry(timeline: Sequence[JSON] = (), required_state: Sequence[JSON] = (), **more: Any) -> JSON:
    """An entry of ``rooms``, with what must be beside a timeline."""
    made: JSON = {}
    if timeline:
        made |= {"timeline": list(timeline), "num_live": 0, "prev_batch": "t1", "limited": False}
    if required_state:
        made["required_state"] = list(required_state)
    if more.get("initial"):
        made["bump_stamp"] = 1
    return made | more


def asked(**fields: Any) -> Asked:
    return Asked(lists={"all": window()}, **fields)


def answer(
    rooms: Mapping[str, JSON], dialect: Dialect = Dialect.U, request: Asked | None = None,
    extensions: Mapping[str, JSON] | None = None,
) -> Answer:  # fmt: skip
    request = request or asked()
    lists: JSON = {"all": {"count": len(rooms)}}
    if dialect is Dialect.U:
        lists["all"]["ops"] = [{"op": "SYNC", "range": [0, 99], "room_ids": list(rooms)}]
    raw = {"pos": "p1", "lists": lists, "rooms": dict(rooms), "extensions": dict(extensions or {})}
    return Answer(raw, request, dialect)
