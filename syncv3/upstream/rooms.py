"""One room of an answer to /sync: joined, left, or known from its stripped state.

Whatever is wrong in it costs at most itself: a value counts as absent, a section as empty. A
timeline that cannot be read at all is one hole (``Hole``): something happened there, and clients
must be able to ask for it. Functions give, beside what they have read, how many things they could
not use, for the log and the metrics.

``Raw`` is JSON that was cut out and not looked into. So each field of a room is decoded by itself,
and a field that is nested too deeply, or has broken UTF-8, does not spoil its neighbours.
"""

from collections.abc import Callable, Generator
from typing import Final

import msgspec
from msgspec import Raw

from syncv3.batch import AccountData, Hole, JoinedRoom, LeftRoom, StrippedRoom, Summary
from syncv3.types import Event, UserID
from syncv3.untrusted import (
    UNREADABLE,
    T,
    copy_json,
    decode,
    is_id,
    is_storable,
    list_of,
    raw_object,
    value_of,
)
from syncv3.upstream.events import Decoded, decode_events, is_event, lost_id


class Unusable(Exception):
    """This room or section cannot be read; the text names the place, not the content."""


class _Events(msgspec.Struct):
    events: list[Raw] | None = None


class _Joined(msgspec.Struct):
    state: Raw = Raw(b"")
    state_after: Raw = Raw(b"")
    unstable_state_after: Raw = msgspec.field(
        default=Raw(b""), name="org.matrix.msc4222.state_after"
    )
    timeline: Raw = Raw(b"")
    ephemeral: Raw = Raw(b"")
    account_data: Raw = Raw(b"")
    summary: Raw = Raw(b"")
    unread_notifications: Raw = Raw(b"")


class _Typed(msgspec.Struct):
    type: str


class _Told(msgspec.Struct):
    state: Raw = Raw(b"")
    state_after: Raw = Raw(b"")
    unstable_state_after: Raw = msgspec.field(
        default=Raw(b""), name="org.matrix.msc4222.state_after"
    )
    timeline: Raw = Raw(b"")


class _Timeline(msgspec.Struct):
    timeline: _Events | None = None


class _Stamp(msgspec.Struct):
    origin_server_ts: float = 0


_joined = msgspec.json.Decoder(_Joined)
_newest = msgspec.json.Decoder(_Timeline)
_told = msgspec.json.Decoder(_Told)
_stamp = msgspec.json.Decoder(_Stamp)
_typed = msgspec.json.Decoder(_Typed)
_events = msgspec.json.Decoder(_Events)
_table = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw] | None)

MOST_HEROES: Final = 100
"""Homeservers name five."""
LARGEST_COUNT = 2**31 - 1  # of an ``int`` of the database


def decode_joined(raw: Raw, *, state_after: bool) -> Generator[None, None, tuple[JoinedRoom, int]]:
    """One room of ``rooms.join`` and how many malformed things it had.

    ``state_after`` says that MSC4222 was asked for: then an answer without any ``state``
    has none to tell. Yields None to breathe. Raises ``Unusable``.
    """
    room = _decode(_joined, raw)
    # A homeserver that was asked for ``state_after`` may leave it out where it is empty; one that
    # does not know the parameter answers with ``state``.
    after = _given(room.state_after) or _given(room.unstable_state_after)
    state, odd_state = yield from _state(room)
    timeline, odd_timeline, chunk = yield from _timeline(room.timeline)
    account_data, odd_account_data = _lenient_account_data(room.account_data)
    ephemeral, odd_ephemeral = _lenient_list(room.ephemeral)
    counts = raw_object(room.unread_notifications)
    told_after = after or (state_after and not _given(room.state))
    decoded = JoinedRoom(
        state=state or (),
        state_after=told_after and state is not None,
        timeline=timeline.events,
        limited=value_of(chunk.get("limited", Raw(b""))) is True,
        prev_batch=_token(value_of(chunk.get("prev_batch", Raw(b"")))),
        notification_count=_count(counts, "notification_count"),
        highlight_count=_count(counts, "highlight_count"),
        summary=_decode_summary(room.summary),
        account_data=account_data,
        ephemeral=ephemeral,
        holes=timeline.holes,
    )
    return decoded, odd_state + odd_timeline + odd_account_data + odd_ephemeral


def decode_left(raw: Raw) -> Generator[None, None, tuple[LeftRoom, int]]:
    """One room of ``rooms.leave``, and how many malformed things it had. Raises ``Unusable``."""
    room = _decode(_joined, raw)
    state, odd_state = yield from _state(room)
    timeline, odd_timeline, chunk = yield from _timeline(room.timeline)
    decoded = LeftRoom(
        state=state or (),
        timeline=timeline.events,
        limited=value_of(chunk.get("limited", Raw(b""))) is True,
        prev_batch=_token(value_of(chunk.get("prev_batch", Raw(b"")))),
        holes=timeline.holes,
    )
    return decoded, odd_state + odd_timeline


def lost_room(raw: Raw) -> JoinedRoom:
    """What is told of a room of ``rooms.join`` of which nothing can be read: that something
    happened in it."""
    return JoinedRoom(limited=True, holes=(Hole(0, lost_id(raw)),))


def decode_stripped(raw: Raw, key: str) -> StrippedRoom:
    """``key`` (invite_state or knock_state) of one room, verbatim; raises ``Unusable``."""
    events, _ = decode_list(_decode(_table, raw).get(key, Raw(b"")))
    return StrippedRoom(events)


def decode_list(
    raw: Raw, copy: Callable[[Raw], bytes] = copy_json
) -> tuple[tuple[bytes, ...], int]:
    """``{"events": [...]}`` as whole JSON objects, and how many of them were none.

    ``copy`` raises for what cannot be used of the objects.
    """
    found = _raw_events(raw)
    usable = tuple(json for json in (_object_or_none(r, copy) for r in found) if json is not None)
    return usable, len(found) - len(usable)


def decode_account_data(raw: Raw) -> tuple[tuple[AccountData, ...], int]:
    """The newest event of each type (rule U-133), and how many were malformed."""
    newest: dict[str, AccountData] = {}
    malformed = 0
    for event in _raw_events(raw):
        try:
            kind = decode(_typed, event).type
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
    """Whether a section of ``rooms.join`` has any event of the room that can be used.

    One that has only the user's own account data does not say that they are in the room:
    Dendrite makes such a section beside the one of ``rooms.leave``. Nor does one of which
    nothing can be read.
    """
    try:
        told = decode(_told, raw)
    except UNREADABLE:
        return False
    parts = (told.timeline, told.state, told.state_after, told.unstable_state_after)
    return any(is_event(event) for part in parts for event in _events_in(part))


def _events_in(raw: Raw) -> list[Raw]:
    try:
        return _raw_events(raw)
    except Unusable:
        return []


def newest_timestamp(raw: Raw) -> int:
    """When the last event of a room's timeline was sent, in milliseconds, by its sender's clock; 0
    when that cannot be read. It only decides in which order rooms are taken in."""
    try:
        timeline = decode(_newest, raw).timeline
        if timeline is None or not timeline.events:
            return 0
        return int(decode(_stamp, timeline.events[-1]).origin_server_ts)
    except UNREADABLE:
        return 0


def _state(room: _Joined) -> Generator[None, None, tuple[tuple[Event, ...] | None, int]]:
    """The state block, of whichever kind (None: it cannot be read), and what is malformed."""
    given = (room.state_after, room.unstable_state_after, room.state)
    raw = next(filter(_given, given), Raw(b""))
    try:
        state = yield from decode_events(_raw_events(raw))
    except Unusable:
        return None, 1
    return state.events, state.malformed


def _timeline(raw: Raw) -> Generator[None, None, tuple[Decoded, int, dict[str, Raw]]]:
    """The events of a timeline, how many were malformed, and the fields beside them."""
    try:
        fields = _decode(_table, raw) if _given(raw) else {}
        raws = _decode(_array, fields.pop("events", Raw(b"null"))) or []
    except Unusable:
        return Decoded((), 1, (Hole(0, lost_id(raw)),)), 1, {}
    events = yield from decode_events(raws)
    return events, events.malformed, fields


def _raw_events(raw: Raw) -> list[Raw]:
    return (_decode(_events, raw).events or []) if _given(raw) else []


def _object_or_none(raw: Raw, copy: Callable[[Raw], bytes]) -> bytes | None:
    try:
        json = copy(raw)
    except UNREADABLE:
        return None
    return json if json.startswith(b"{") else None


def _lenient_account_data(raw: Raw) -> tuple[tuple[AccountData, ...], int]:
    """A room's account data. If all of it cannot be read, that is one loss, and the room is
    kept."""
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
    read = raw_object(raw)
    heroes = list_of(read.get("m.heroes", Raw(b"")))
    return Summary(
        heroes=None
        if heroes is None
        else tuple(UserID(user) for user in heroes if is_id(user))[:MOST_HEROES],
        joined=_count(read, "m.joined_member_count"),
        invited=_count(read, "m.invited_member_count"),
    )


def _decode(decoder: "msgspec.json.Decoder[T]", raw: Raw) -> T:
    try:
        return decode(decoder, raw)
    except UNREADABLE as error:
        raise Unusable(str(error)) from error


def _given(raw: Raw) -> bool:
    """Whether a value is there; null stands for none. Only its first bytes are looked at."""
    return bool(raw) and bytes(memoryview(raw)[:5]) != b"null"


def _count(fields: dict[str, Raw], name: str) -> int | None:
    """A count that the database can hold; None where there is no whole number."""
    value = value_of(fields.get(name, Raw(b"")))
    # ``isinstance`` would take ``true`` for 1.
    return min(max(value, 0), LARGEST_COUNT) if type(value) is int else None


def _token(value: object) -> str | None:
    return value if isinstance(value, str) and is_storable(value) else None
