"""Requests of one connection, one after the other, and what the engine sees of them."""

import json
from collections.abc import Mapping

from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.protocol.request import CompleteRequest, Filters, ListSpec, RoomConfig
from syncv3.types import RoomID, UserID

ME = UserID("@me:hs")
DIALECT = MSC3575(frozenset({"to_device", "e2ee", "typing"}))
ROOM = RoomID("!r:hs")
Json = Mapping[str, object]

FULL: Json = {
    "ranges": [[0, 9]],
    "sort": ["by_name", "by_recency"],
    "filters": {"is_dm": True, "tags": ["m.favourite"]},
    "timeline_limit": 5,
    "required_state": [["m.room.name", ""]],
    "include_old_rooms": {"timeline_limit": 1},
    "include_heroes": True,
    "slow_get_all_rooms": True,
    "bump_event_types": ["m.room.message"],
}
"""A list that says all there is to say of one."""


def ask(*bodies: Json, previous: CompleteRequest | None = None) -> CompleteRequest:
    """What the engine sees after these requests of one connection."""
    for body in bodies:
        previous = DIALECT.ask(DIALECT.read(json.dumps(body).encode(), {}), previous, me=ME)
    assert previous is not None
    return previous


def restored(sticky: bytes, me: UserID = ME) -> CompleteRequest:
    """What is known of a connection of which nothing but the stored bytes is left."""
    ask = DIALECT.restore(sticky, me=me)
    assert ask is not None
    return ask


def the_list(*entries: Json) -> ListSpec:
    """The list ``a`` after requests that said this of it, one after the other."""
    return ask(*({"lists": {"a": entry}} for entry in entries)).lists["a"]


def the_extension(*requests: Json) -> Json:
    return ask(*({"extensions": {"to_device": each}} for each in requests)).extensions["to_device"]


def config(timeline_limit: int = 0, *state: tuple[str, str], lazy: bool = False) -> RoomConfig:
    return RoomConfig(timeline_limit, (RequiredState(state, lazy),) if state or lazy else ())


def the_filters(**fields: object) -> Filters:
    return the_list({"filters": fields}).filters
