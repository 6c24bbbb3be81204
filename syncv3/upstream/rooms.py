"""One room of an answer to /sync: joined, left, or known from its stripped state."""

from collections.abc import Generator
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from syncv3.batch import AccountData, JoinedRoom, LeftRoom, StrippedRoom, Summary
from syncv3.types import UserID
from syncv3.upstream.events import UNREADABLE, Decoded, copy_json, decode_events, is_storable

_T = TypeVar("_T")


class Unusable(Exception):
    """This room or section cannot be read; the text names the place, not the content."""


class _Events(msgspec.Struct):
    events: list[Raw] | None = None


class _Timeline(msgspec.Struct):
    events: list[Raw] | None = None
    limited: Any = False
    prev_batch: Any = None


class _Joined(msgspec.Struct):
    state: _Events | None = None
    state_after: _Events | None = None
    unstable_state_after: _Events | None = msgspec.field(
        default=None, name="org.matrix.msc4222.state_after"
    )
    timeline: _Timeline | None = None
    ephemeral: Raw = Raw(b"")
    account_data: Raw = Raw(b"")
    summary: Raw = Raw(b"")
    unread_notifications: Raw = Raw(b"")


class _Counts(msgspec.Struct):
    notification_count: int | None = None
    highlight_count: int | None = None


class _Summary(msgspec.Struct):
    heroes: list[str] | None = msgspec.field(default=None, name="m.heroes")
    joined: int | None = msgspec.field(default=None, name="m.joined_member_count")
    invited: int | None = msgspec.field(default=None, name="m.invited_member_count")


class _Typed(msgspec.Struct):
    type: str


class _Told(msgspec.Struct):
    state: _Events | None = None
    state_after: _Events | None = None
    unstable_state_after: _Events | None = msgspec.field(
        default=None, name="org.matrix.msc4222.state_after"
    )
    timeline: _Events | None = None


class _Newest(msgspec.Struct):
    timeline: _Events | None = None


class _Stamp(msgspec.Struct):
    origin_server_ts: float = 0


_joined = msgspec.json.Decoder(_Joined)
_newest = msgspec.json.Decoder(_Newest)
_told = msgspec.json.Decoder(_Told)
_stamp = msgspec.json.Decoder(_Stamp)
_typed = msgspec.json.Decoder(_Typed)
_counts = msgspec.json.Decoder(_Counts)
_summary = msgspec.json.Decoder(_Summary)
_events = msgspec.json.Decoder(_Events)

LARGEST_COUNT = 2**31 - 1


def decode_joined(raw: Raw, *, state_after: bool) -> Generator[None, None, tuple[JoinedRoom, int]]:
    """One room of ``rooms.join`` and how many malformed events it had.

    ``state_after`` says that MSC4222 was asked for: then an answer without any ``state``
    has none to tell. Yields None to breathe. Raises ``Unusable``.
    """
    room = _decode(_joined, raw)
    after = room.state_after or room.unstable_state_after
    state, timeline = yield from _state_and_timeline(room)
    account_data, odd_account_data = _lenient_account_data(room.account_data)
    ephemeral, odd_ephemeral = _lenient_list(room.ephemeral)
    counts = _lenient(_counts, room.unread_notifications, _Counts())
    chunk = room.timeline or _Timeline()
    decoded = JoinedRoom(
        state=state.events,
        state_after=after is not None or (state_after and room.state is None),
        timeline=timeline.events,
        limited=chunk.limited is True,
        prev_batch=_token(chunk.prev_batch),
        notification_count=_count(counts.notification_count),
        highlight_count=_count(counts.highlight_count),
        summary=_decode_summary(room.summary),
        account_data=account_data,
        ephemeral=ephemeral,
    )
    return decoded, state.malformed + timeline.malformed + odd_account_data + odd_ephemeral


def decode_left(raw: Raw) -> Generator[None, None, tuple[LeftRoom, int]]:
    """One room of ``rooms.leave`` and how many malformed events it had; ``Unusable``."""
    room = _decode(_joined, raw)
    state, timeline = yield from _state_and_timeline(room)
    chunk = room.timeline or _Timeline()
    decoded = LeftRoom(
        state=state.events,
        timeline=timeline.events,
        limited=chunk.limited is True,
        prev_batch=_token(chunk.prev_batch),
    )
    return decoded, state.malformed + timeline.malformed


def decode_stripped(raw: Raw, key: str) -> StrippedRoom:
    """``key`` (invite_state or knock_state) of one room, verbatim; raises ``Unusable``."""
    try:
        room = msgspec.json.decode(raw, type=dict[str, Raw])
    except UNREADABLE as error:
        raise Unusable(str(error)) from error
    events, _ = decode_list(room.get(key, Raw(b"")))
    return StrippedRoom(events)


def decode_list(raw: Raw) -> tuple[tuple[bytes, ...], int]:
    """``{"events": [...]}`` as whole JSON objects, and how many of them were none."""
    found = _raw_events(raw)
    usable = tuple(json for json in map(_object_or_none, found) if json is not None)
    return usable, len(found) - len(usable)


def decode_account_data(raw: Raw) -> tuple[tuple[AccountData, ...], int]:
    """The newest event of each type (rule U-133), and how many were malformed."""
    newest: dict[str, AccountData] = {}
    malformed = 0
    for event in _raw_events(raw):
        try:
            kind = _typed.decode(event).type
            json = copy_json(event)
        except UNREADABLE:
            malformed += 1
            continue
        if is_storable(kind):
            newest[kind] = AccountData(kind, json)
        else:
            malformed += 1
    return tuple(newest.values()), malformed


def tells_of_room(raw: Raw) -> bool:
    """Whether a section of ``rooms.join`` has any event of the room.

    One that has only the user's own account data does not say that they are in the room:
    Dendrite makes such a section beside the one of ``rooms.leave``.
    """
    try:
        told = _told.decode(raw)
    except UNREADABLE:
        return True
    parts = (told.state, told.state_after, told.unstable_state_after, told.timeline)
    return any(part is not None and part.events for part in parts)


def newest_timestamp(raw: Raw) -> int:
    """When the last event of a room's timeline was sent; 0 when that cannot be read."""
    try:
        timeline = _newest.decode(raw).timeline
        if timeline is None or not timeline.events:
            return 0
        return int(_stamp.decode(timeline.events[-1]).origin_server_ts)
    except (*UNREADABLE, OverflowError):
        return 0


def _state_and_timeline(room: _Joined) -> Generator[None, None, tuple[Decoded, Decoded]]:
    state = room.state_after or room.unstable_state_after or room.state or _Events()
    before = yield from decode_events(state.events or ())
    events = (room.timeline and room.timeline.events) or ()
    timeline = yield from decode_events(events)
    return before, timeline


def _raw_events(raw: Raw) -> list[Raw]:
    if not raw:
        return []
    section = _decode(_events, raw) if bytes(raw) != b"null" else _Events()
    return section.events or []


def _object_or_none(raw: Raw) -> bytes | None:
    try:
        json = copy_json(raw)
    except UnicodeDecodeError:
        return None
    return json if json.startswith(b"{") else None


def _lenient_account_data(raw: Raw) -> tuple[tuple[AccountData, ...], int]:
    """Account data that cannot be read is one loss, not the loss of its room."""
    try:
        return decode_account_data(raw)
    except Unusable:
        return (), 1


def _lenient_list(raw: Raw) -> tuple[tuple[bytes, ...], int]:
    try:
        return decode_list(raw)
    except Unusable:
        return (), 1


def _decode_summary(raw: Raw) -> Summary:
    read = _lenient(_summary, raw, _Summary())
    heroes = None
    if read.heroes is not None:
        heroes = tuple(UserID(user) for user in read.heroes if is_storable(user))
    return Summary(heroes=heroes, joined=_count(read.joined), invited=_count(read.invited))


def _lenient(decoder: "msgspec.json.Decoder[_T]", raw: Raw, fallback: _T) -> _T:
    """What ``raw`` holds; ``fallback`` when it is absent or unusable."""
    if not raw:
        return fallback
    try:
        return decoder.decode(raw)
    except UNREADABLE:
        return fallback


def _decode(decoder: "msgspec.json.Decoder[_T]", raw: Raw) -> _T:
    try:
        return decoder.decode(raw)
    except UNREADABLE as error:
        raise Unusable(str(error)) from error


def _count(value: int | None) -> int | None:
    return None if value is None else min(max(value, 0), LARGEST_COUNT)


def _token(value: object) -> str | None:
    return value if isinstance(value, str) and is_storable(value) else None
