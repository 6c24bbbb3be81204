"""Reads the requests of the stable dialect (section 2, [S]): all of it is in the body.

It differs from the unstable dialect's in form: a list has one ``range``, state is asked for by what
is included and excluded, and what is missing or of a wrong type is refused where the unstable
dialect goes on with a default. What comes out is the same ``Body``, so from there on both are
treated alike.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from syncv3.dialects.msc4186.required_state import StateJson
from syncv3.dialects.reading import (
    MAX_LISTS,
    check_count,
    check_not_negative,
    decode,
    refuse_nul,
)
from syncv3.dialects.simplified import reading
from syncv3.dialects.simplified.bodies import NO_FILTERS, Body, ListBody, RoomBody
from syncv3.errors import InvalidParam
from syncv3.protocol.request import Request

MAX_SUBSCRIPTIONS: Final = 100

_NAME: Final = re.compile(r"[0-9A-Za-z._~-]{1,255}")


class RoomConfigJson(msgspec.Struct, frozen=True):
    """One entry of ``room_subscriptions``."""

    timeline_limit: int | None = None
    required_state: StateJson | None = None


class ListConfigJson(RoomConfigJson, frozen=True):
    """One entry of ``lists``. The range includes both ends."""

    range: tuple[int, int] | None = None
    filters: reading.FiltersJson | None = None


class RequestJson(msgspec.Struct, frozen=True):
    """A whole request. Null is "absent" everywhere.

    Subscriptions and extensions stay JSON at first: many of the former may be written alike, and
    are read once; of the latter only those that are known here are read.
    """

    conn_id: str | None = None
    pos: str | None = None
    timeout: object = None
    set_presence: str | None = None
    lists: dict[str, ListConfigJson | None] | None = None
    room_subscriptions: dict[str, Raw] | None = None
    extensions: dict[str, Raw] | None = None


_requests = msgspec.json.Decoder(RequestJson)
_rooms = msgspec.json.Decoder(RoomConfigJson)


def read(raw: bytes, known: frozenset[str]) -> Request:
    """One valid request; extensions not ``known`` are left out.

    No body is an empty object (S-6). Raises ``MatrixError`` for what is wrong.
    """
    said = decode(_requests, raw or b"{}")
    refuse_nul(raw)
    return Request(
        conn_id=reading.check_conn_id(said.conn_id),
        pos=said.pos or None,
        presence=reading.check_presence(said.set_presence or "online"),
        said=Body(
            timeout_ms=_timeout_ms(said.timeout),
            lists=_lists(said.lists or {}),
            room_subscriptions=_subscriptions(said.room_subscriptions or {}),
            extensions=reading.read_enabled(said.extensions, known),
        ),
        lists=len(said.lists or ()),
        subscriptions=len(said.room_subscriptions or ()),
    )


def _timeout_ms(said: object) -> int:
    if said is None:
        return 0
    if not isinstance(said, int) or isinstance(said, bool):  # true is an int in Python
        raise InvalidParam("timeout is not a whole number of milliseconds")
    return reading.bounded_wait_ms(said)


def _lists(given: Mapping[str, ListConfigJson | None]) -> dict[str, ListBody]:
    check_count("lists", given, MAX_LISTS)
    for name in given:
        if not _NAME.fullmatch(name):
            raise InvalidParam("a list's name is not 1 to 255 characters out of 0-9A-Za-z._~-")
    return {name: _list(entry) for name, entry in given.items() if entry is not None}


def _list(entry: ListConfigJson) -> ListBody:
    return ListBody(
        room=_room(entry),
        ranges=None if entry.range is None else (reading.check_range(*entry.range),),
        filters=NO_FILTERS if entry.filters is None else entry.filters.filters(),
    )


def _room(entry: RoomConfigJson) -> RoomBody:
    limit = reading.required("timeline_limit", entry.timeline_limit)
    check_not_negative("timeline_limit", limit)
    return RoomBody(limit, reading.required("required_state", entry.required_state).elements())


def _subscriptions(given: Mapping[str, Raw]) -> dict[str, RoomBody]:
    check_count("room_subscriptions", given, MAX_SUBSCRIPTIONS)
    return reading.read_subscriptions(given, _rooms, _room)
