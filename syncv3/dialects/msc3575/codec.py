"""The JSON of MSC3575: its request body checked, its response body written.

Requests: ``parse`` decodes into the shapes of ``sticky`` and checks values, so that all
that is merged later is valid. Unknown keys are ignored everywhere; so are bytes behind the
first JSON value (H-6). Responses: the ``...Json`` shapes below say which field is written
when (MSC3575-S-1 to S-6, D-1 to D-15); events are spliced in as the bytes they are.
"""

import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from syncv3.dialects.msc3575.bodies import (
    Body,
    FilterBody,
    ListBody,
    OldRoomsBody,
    SubscriptionBody,
)
from syncv3.dialects.msc3575.operations import Delete, Insert, Invalidate, Operation, Sync
from syncv3.dialects.msc3575.sticky import MAX_SUBSCRIPTIONS
from syncv3.dialects.msc3575.windows import list_operations
from syncv3.dialects.reading import (
    MAX_INTEGER,
    MAX_LISTS,
    MAX_RANGES,
    MAX_REQUIRED_STATE,
    MAX_ROOM_NAME_BYTES,
    check_count,
    check_filter_values,
    check_not_negative,
    check_size,
    decode,
    read_extensions,
    refuse_nul,
)
from syncv3.errors import BadJSON, InvalidParam, NotJSON
from syncv3.protocol.response import Hero, ListChange, RoomAnswer, SyncResponse
from syncv3.untrusted import UNREADABLE

MAX_CONN_ID_BYTES = 16
MAX_TXN_ID_BYTES = 64
MAX_LIST_KEY_BYTES = 64
MAX_SORTS = 20
MAX_BUMP_TYPES = 200


# Requests


class RequestJson(msgspec.Struct, frozen=True):
    """A whole request. Null is "absent" everywhere; extensions are decoded once known."""

    conn_id: str | None = None
    txn_id: str | None = None
    delta_token: msgspec.Raw = msgspec.Raw(b"null")
    lists: dict[str, ListBody | None] | None = None
    room_subscriptions: dict[str, msgspec.Raw] | None = None
    unsubscribe_rooms: list[str] | None = None
    extensions: dict[str, msgspec.Raw] | None = None


T = TypeVar("T")

_requests = msgspec.json.Decoder(RequestJson)
_subscription_bodies: msgspec.json.Decoder[SubscriptionBody | None] = msgspec.json.Decoder(
    SubscriptionBody | None
)
_texts = msgspec.json.Decoder(str)
_first_value = json.JSONDecoder()


def parse(raw: bytes, *, known: frozenset[str]) -> Body:
    """One valid request; extensions not ``known`` are left out.

    No bytes at all are an empty object. Raises ``BadJSON`` for what is not JSON of the right
    shape, ``InvalidParam`` for values out of range.
    """
    if not raw:
        return Body(blank=True)
    request = _decode_request(raw)
    check_size("conn_id", request.conn_id, MAX_CONN_ID_BYTES)
    check_size("txn_id", request.txn_id, MAX_TXN_ID_BYTES)
    refuse_nul(raw)
    return Body(
        conn_id=request.conn_id or "",
        txn_id=request.txn_id or None,
        delta_token=_token(request.delta_token),
        lists=_lists(request.lists or {}),
        room_subscriptions=_subscriptions(request.room_subscriptions or {}),
        unsubscribe_rooms=tuple(request.unsubscribe_rooms or ()),
        extensions=_extensions(request.extensions or {}, known),
    )


def _decode_request(raw: bytes) -> RequestJson:
    try:
        return _decode(_requests, raw)
    except BadJSON:  # only then is it looked for where the first value ends
        first = _first_json_value(raw)
        if len(first) == len(raw):
            raise
    return _decode(_requests, first)


def _decode(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw, what: str = "") -> T:
    """The value; all that is wrong is ``BadJSON`` in this dialect (H-20)."""
    try:
        return decode(decoder, raw, what)
    except NotJSON as error:
        raise BadJSON(error.message) from error


def _token(raw: msgspec.Raw) -> str | None:
    """A text; whatever else it is counts as absent, as any token does that is not ours (R-7)."""
    try:
        return _texts.decode(raw)
    except UNREADABLE:
        return None


def _first_json_value(raw: bytes) -> bytes:
    """``raw`` without what follows its first JSON value; all of it if there is no value."""
    text = raw.decode(errors="surrogateescape")
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        _, end = _first_value.raw_decode(text, start)
    except (ValueError, RecursionError):
        return raw
    return text[:end].encode(errors="surrogateescape")


def _lists(given: Mapping[str, ListBody | None]) -> dict[str, ListBody]:
    check_count("lists", given, MAX_LISTS)
    lists = {key: entry or ListBody() for key, entry in given.items()}
    for key, entry in lists.items():
        check_size("a list's key", key, MAX_LIST_KEY_BYTES)
        _check_list(entry)
    return lists


def _check_list(entry: ListBody) -> None:
    _check_ranges(entry.ranges or [])
    check_count("sort", entry.sort, MAX_SORTS)
    check_count("bump_event_types", entry.bump_event_types, MAX_BUMP_TYPES)
    _check_room_config(entry)
    if entry.filters is not None:
        _check_filters(entry.filters)


def _check_ranges(ranges: list[tuple[int, int]]) -> None:
    """Both ends are inclusive, in order, and no index is in two ranges (R-20)."""
    check_count("ranges", ranges, MAX_RANGES)
    end = -1
    for first, last in sorted(ranges):
        if not 0 <= first <= last <= MAX_INTEGER:
            raise InvalidParam(f"[{first}, {last}] is not a range")
        if first <= end:
            raise InvalidParam(f"ranges overlap at index {first}")
        end = last


def _check_room_config(entry: ListBody | SubscriptionBody | OldRoomsBody) -> None:
    """Bounds of what says how a room is shown, and how its predecessors are."""
    check_count("required_state", entry.required_state, MAX_REQUIRED_STATE)
    check_not_negative("timeline_limit", entry.timeline_limit)
    if not isinstance(entry, OldRoomsBody) and entry.include_old_rooms is not None:
        _check_room_config(entry.include_old_rooms)


def _check_filters(entry: FilterBody) -> None:
    check_size("room_name_like", entry.room_name_like, MAX_ROOM_NAME_BYTES)
    check_filter_values(entry)


def _subscriptions(given: Mapping[str, msgspec.Raw]) -> dict[str, SubscriptionBody]:
    """The entries; those written alike are decoded and checked once, and are one object."""
    check_count("room_subscriptions", given, MAX_SUBSCRIPTIONS)
    alike: dict[bytes, SubscriptionBody] = {}
    rooms = {}
    for room_id, raw in given.items():
        entry = alike.get(bytes(raw))
        if entry is None:
            entry = _decode(_subscription_bodies, raw, "room_subscriptions: ") or SubscriptionBody()
            _check_room_config(entry)
            alike[bytes(raw)] = entry
        rooms[room_id] = entry
    return rooms


def _extensions(
    given: Mapping[str, msgspec.Raw], known: frozenset[str]
) -> dict[str, dict[str, object]]:
    """The known extensions' objects, their common fields checked (E-1, E-2, Z-19)."""
    extensions = {}
    for name, shape, values in read_extensions(given, known):
        check_not_negative("limit", shape.limit)
        extensions[name] = values
    return extensions


# Responses


class HeroJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of those whose names make up a room's name; what is not known is left out."""

    user_id: str
    displayname: str | None = None
    avatar_url: str | None = None


class RoomJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room object. Fields of type int are left out when 0, the others when UNSET."""

    initial: bool = False
    name: str | UnsetType = UNSET
    avatar: str | UnsetType | None = UNSET
    heroes: list[HeroJson] | UnsetType = UNSET
    is_dm: bool | UnsetType = UNSET
    required_state: list[msgspec.Raw] | UnsetType = UNSET
    timeline: list[msgspec.Raw] | UnsetType = UNSET
    limited: bool = False
    prev_batch: str | UnsetType = UNSET
    num_live: int = 0
    joined_count: int = 0
    invited_count: int | UnsetType = UNSET
    notification_count: int | UnsetType = UNSET
    highlight_count: int | UnsetType = UNSET
    timestamp: int = 0
    invite_state: list[msgspec.Raw] | UnsetType = UNSET


class OperationJson(msgspec.Struct, frozen=True):
    """An operation of a list: SYNC and INVALIDATE have a range, DELETE and INSERT an index."""

    op: str
    range: tuple[int, int] | UnsetType = UNSET
    index: int | UnsetType = UNSET
    room_id: str | UnsetType = UNSET
    room_ids: tuple[str, ...] | UnsetType = UNSET


class ListJson(msgspec.Struct, frozen=True):
    """A list: how many rooms it has in all, and what has changed in its windows."""

    count: int
    ops: list[OperationJson] | UnsetType = UNSET


class ResponseJson(msgspec.Struct, frozen=True):
    """A whole response. Lists, rooms and extensions are there even if they are empty."""

    pos: str
    lists: dict[str, ListJson]
    rooms: dict[str, RoomJson]
    extensions: dict[str, msgspec.Raw]
    txn_id: str | UnsetType = UNSET
    delta_token: str | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def encode(answer: SyncResponse) -> bytes:
    """The response: one JSON object and a newline (H-7)."""
    response = ResponseJson(
        pos=answer.pos,
        lists={key: _list_json(change) for key, change in answer.lists.items()},
        rooms={room_id: _room_json(room) for room_id, room in answer.rooms.items()},
        extensions={name: msgspec.Raw(body) for name, body in answer.extensions.items()},
        txn_id=answer.txn_id or UNSET,
        delta_token=_given(answer.resume),
    )
    return _encoder.encode_lines([response])


def _list_json(change: ListChange) -> ListJson:
    ops = [_operation_json(operation) for operation in list_operations(change)]
    return ListJson(change.count, ops or UNSET)


def _operation_json(operation: Operation) -> OperationJson:
    match operation:  # ranges are half-open here, and have both ends on the wire
        case Sync(start, rooms):
            return OperationJson("SYNC", range=(start, start + len(rooms) - 1), room_ids=rooms)
        case Invalidate(start, stop):
            return OperationJson("INVALIDATE", range=(start, stop - 1))
        case Delete(index):
            return OperationJson("DELETE", index=index)
        case Insert(index, room_id):
            return OperationJson("INSERT", index=index, room_id=room_id)


def _room_json(room: RoomAnswer) -> RoomJson:
    """A room object: what is None in the answer is left out, not written as null.

    A null avatar says that the room has none.
    """
    return RoomJson(
        initial=room.initial,
        name=_given(room.name),
        avatar=UNSET if room.avatar is None else room.avatar[0],
        heroes=UNSET if room.heroes is None else [_hero_json(hero) for hero in room.heroes],
        is_dm=_is_dm(room),
        required_state=_events(room.required_state) or UNSET,
        timeline=_events(room.timeline) or UNSET,
        limited=room.limited,
        prev_batch=_given(room.prev_batch),
        num_live=room.num_live,
        joined_count=room.joined_count or 0,
        invited_count=_given(room.invited_count),
        notification_count=_given(room.notification_count),
        highlight_count=_given(room.highlight_count),
        timestamp=room.timestamp or 0,
        invite_state=UNSET if room.stripped_state is None else _events(room.stripped_state),
    )


def _is_dm(room: RoomAnswer) -> bool | UnsetType:
    """A whole room says it only of a DM (D-5), a delta also that it is one no more (D-25)."""
    return (room.is_dm or UNSET) if room.initial else _given(room.is_dm)


def _hero_json(hero: Hero) -> HeroJson:
    return HeroJson(hero.user_id, hero.displayname, hero.avatar_url)


def _events(events: Iterable[bytes]) -> list[msgspec.Raw]:
    return [msgspec.Raw(event) for event in events]


def _given(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
