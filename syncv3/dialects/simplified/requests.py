"""Reads the requests of the unstable dialect (section 2, [U]).

``pos``, ``timeout`` and ``set_presence`` are in the query, all else in the body.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw

from syncv3.dialects.reading import (
    MAX_LISTS,
    MAX_RANGES,
    MAX_REQUIRED_STATE,
    check_count,
    check_not_negative,
    decode,
    refuse_nul,
)
from syncv3.dialects.simplified import reading
from syncv3.dialects.simplified.bodies import NO_FILTERS, Body, ListBody, RoomBody
from syncv3.dialects.simplified.required_state import Pairs
from syncv3.errors import InvalidParam
from syncv3.protocol.request import Request

MAX_LIST_NAME: Final = 64
MAX_SUBSCRIPTIONS: Final = 1_000
MAX_LIMIT: Final = 1_000

_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}")


class ListFiltersJson(reading.FiltersJson, frozen=True):
    room_name_like: str | None = None


class RoomConfigJson(msgspec.Struct, frozen=True):
    """One entry of ``room_subscriptions``."""

    timeline_limit: int | None = None
    required_state: list[tuple[str, str]] | None = None


class ListConfigJson(RoomConfigJson, frozen=True):
    """One entry of ``lists``. Ranges include both ends."""

    ranges: list[tuple[int, int]] | None = None
    slow_get_all_rooms: bool | None = None
    filters: ListFiltersJson | None = None


class RequestJson(msgspec.Struct, frozen=True):
    """A request's body. Null is "absent" everywhere; subscriptions and extensions stay JSON at
    first, as many are written alike, or not known here."""

    conn_id: str | None = None
    txn_id: str | None = None
    lists: dict[str, ListConfigJson | None] | None = None
    room_subscriptions: dict[str, Raw] | None = None
    extensions: dict[str, Raw] | None = None


_requests = msgspec.json.Decoder(RequestJson)
_rooms = msgspec.json.Decoder(RoomConfigJson)


def read(raw: bytes, query: Mapping[str, str], known: frozenset[str]) -> Request:
    """One valid request; extensions not ``known`` are left out.

    No body is an empty object (S-6). Raises ``MatrixError`` for what is wrong.
    """
    said = decode(_requests, raw or b"{}")
    refuse_nul(raw)
    pos = query.get("pos") or None
    presence = query.get("set_presence")
    return Request(
        conn_id=reading.check_conn_id(said.conn_id),
        pos=pos,
        presence=presence if presence in reading.PRESENCES else "online",
        txn_id=_echoed(said.txn_id),
        said=Body(
            timeout_ms=_timeout_ms(query.get("timeout")),
            lists=_lists(said.lists or {}),
            room_subscriptions=_subscriptions(said.room_subscriptions or {}),
            extensions=reading.read_enabled(said.extensions, known),
        ),
        lists=len(said.lists or ()),
        subscriptions=len(said.room_subscriptions or ()),
    )


def _timeout_ms(said: str | None) -> int:
    if not said:
        return 0
    # Not ``int()`` alone: it takes digits of other scripts, underscores and spaces.
    if not _WHOLE_NUMBER.fullmatch(said):
        raise InvalidParam("timeout is not a whole number of milliseconds")
    return reading.bounded_wait_ms(int(said))


def _echoed(txn_id: str | None) -> str | None:
    """What is given back; nothing else is done with it, so a long one is no error."""
    fits = txn_id is not None and len(txn_id.encode()) <= reading.MAX_TXN_ID_BYTES
    return txn_id or None if fits else None


def _lists(given: Mapping[str, ListConfigJson | None]) -> dict[str, ListBody]:
    check_count("lists", given, MAX_LISTS)
    lists = {}
    for name, entry in given.items():
        if len(name) > MAX_LIST_NAME:
            raise InvalidParam(f"a list's name is longer than {MAX_LIST_NAME} characters")
        if entry is not None:
            lists[name] = _list(entry)
    return lists


def _list(entry: ListConfigJson) -> ListBody:
    """One list; without ranges it has all rooms, and so it has with ``slow_get_all_rooms``."""
    check_count("ranges", entry.ranges, MAX_RANGES)
    ranges = None
    if entry.ranges is not None and not entry.slow_get_all_rooms:
        ranges = tuple(reading.check_range(*ends) for ends in entry.ranges)
    filters = entry.filters
    return ListBody(
        room=_room(entry),
        ranges=ranges,
        filters=NO_FILTERS if filters is None else filters.filters(filters.room_name_like),
    )


def _room(entry: RoomConfigJson) -> RoomBody:
    """Clients leave out ``required_state`` when it is empty."""
    limit = reading.required("timeline_limit", entry.timeline_limit)
    check_not_negative("timeline_limit", limit, MAX_LIMIT)
    check_count("required_state", entry.required_state, MAX_REQUIRED_STATE)
    return RoomBody(limit, Pairs(tuple(entry.required_state or ())))


def _subscriptions(given: Mapping[str, Raw]) -> dict[str, RoomBody]:
    check_count("room_subscriptions", given, MAX_SUBSCRIPTIONS)
    return reading.read_subscriptions(given, _rooms, _room)
