"""One event of the homeserver: what is shared, what is personal, what is malformed.

The bytes of an event are kept as they came, but for its ``unsigned``: that is cut out,
and of it only what is true for every receiver is kept, beside the event. Say Alice's poller brings
an event of hers with ``age``, ``transaction_id`` and ``prev_content`` in its ``unsigned``. The age
is wrong a moment later, the transaction ID is for her device alone and stored as such, and only
``prev_content`` is kept with the event, which others are sent, too.

Nearly all events are read by a decoder that knows the types of all fields, as that is the quickest
way. Where it stumbles, each field is read by itself (``_OddHeader``).

An event that cannot be used is dropped alone (rule U-81), and where it stood is told as a hole.
"""

from collections.abc import Generator, Iterable
from hashlib import sha256
from time import perf_counter
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from syncv3.batch import Hole
from syncv3.types import Event, EventID, UserID
from syncv3.untrusted import (
    BREATH_S,
    LONGEST_ID,
    UNREADABLE,
    copy_json,
    decode,
    is_id,
    is_storable,
    pruned,
    raw_object,
    value_of,
)

LARGEST_TIMESTAMP = 2**53 - 1  # what fits into JSON everywhere


class Decoded(NamedTuple):
    """The usable events of a list, how many entries could not be used (rule U-81), and where
    these stood."""

    events: tuple[Event, ...]
    malformed: int
    holes: tuple[Hole, ...] = ()


Breathing = Generator[None, None, Decoded]
"""Yields None whenever ``BREATH_S`` have passed."""


class _Header(msgspec.Struct, gc=False):
    """The fields of an event, with the types that they nearly always have."""

    event_id: str
    type: str
    sender: str = ""
    origin_server_ts: int = 0
    state_key: str | None = None
    redacts: str | None = None
    content: Raw = Raw(b"")
    unsigned: Raw = Raw(b"")


class _OddHeader(msgspec.Struct, gc=False):
    """The same for events in which the lesser fields have other types: these are read one by
    one."""

    event_id: str
    type: str
    sender: Raw = Raw(b"")
    origin_server_ts: Raw = Raw(b"")
    state_key: str | None = None
    redacts: Raw = Raw(b"")
    content: Raw = Raw(b"")
    unsigned: Raw = Raw(b"")


class _Unsigned(msgspec.Struct, gc=False):
    prev_content: Raw = Raw(b"")
    replaces_state: Raw = Raw(b"")
    prev_sender: Raw = Raw(b"")
    redacted_because: Raw = Raw(b"")
    transaction_id: Raw = Raw(b"")


class _Membership(msgspec.Struct, gc=False):
    membership: str


class _Redacts(msgspec.Struct, gc=False):
    redacts: str


class _Named(msgspec.Struct, gc=False):
    event_id: str


_header = msgspec.json.Decoder(_Header)
_odd_header = msgspec.json.Decoder(_OddHeader)
_unsigned = msgspec.json.Decoder(_Unsigned)
_membership = msgspec.json.Decoder(_Membership)
_redacts = msgspec.json.Decoder(_Redacts)
_named = msgspec.json.Decoder(_Named)
_members = msgspec.json.Decoder(dict[str, Raw])
_COMMA = ord(",")
_ESCAPED_ASCII = rb"\u00"  # a key may be written so: "\u0075nsigned"
# What of ``unsigned`` is true for everybody; the rest is for the polling user alone, or ages.
_SHARED: Final = ("prev_content", "replaces_state", "prev_sender", "redacted_because")
_encode = msgspec.json.Encoder().encode


class Malformed(Exception):
    """This event cannot be used; the others of its room can."""


def decode_event(raw: Raw | bytes) -> Event:
    """The event in ``raw``, holding no view into it. Raises ``Malformed`` (rule U-81)."""
    try:
        return _decode(raw)
    except RecursionError:
        pass  # something in it is too deep: perhaps only in ``unsigned``
    except UNREADABLE as error:
        raise Malformed(str(error)) from error
    try:
        return _decode(pruned(raw))
    except UNREADABLE as error:
        raise Malformed(str(error)) from error


def is_event(raw: Raw | bytes) -> bool:
    """Whether ``raw`` is an event that can be used."""
    try:
        decode_event(raw)
    except Malformed:
        return False
    return True


def decode_events(raws: Iterable[Raw]) -> Breathing:
    """The usable events of one list in their order, each event ID once (rule U-90): the first.

    A hole stands where one was unusable, counted in usable events: A, X, B gives A and B, and a
    hole at 1.
    """
    found: dict[EventID, Event] = {}
    holes: list[Hole] = []
    pause_at = perf_counter() + BREATH_S
    for raw in raws:
        try:
            event = decode_event(raw)
        except Malformed:
            holes.append(Hole(len(found), lost_id(raw)))
        else:
            found.setdefault(event.event_id, event)
        if perf_counter() > pause_at:
            yield
            pause_at = perf_counter() + BREATH_S
    return Decoded(tuple(found.values()), len(holes), tuple(holes))


def lost_id(raw: Raw | bytes) -> EventID:
    """The made-up name of an event that cannot be used.

    It is the same in each poller's answer. It is not the event's own ID, under which it may come
    again in a form that can be used.
    """
    try:
        name = decode(_named, raw).event_id.encode()
    except UNREADABLE:
        name = bytes(raw)
    return EventID("lost:" + sha256(name).hexdigest())


def _decode(raw: Raw | bytes) -> Event:
    header = _read_header(raw)
    if not header.event_id or not is_id(header.event_id):
        raise Malformed("no event ID, or one that cannot be stored")
    if header.type == "m.room.member" and header.state_key:
        _membership.decode(header.content)  # a member event without membership is none
    json, rest, personal = bytes(raw), b"", None
    if header.unsigned:
        json = _cut_unsigned(json, bytes(header.unsigned))
        rest, personal = _read_unsigned(header.unsigned)
    state_key = _state_key(header)
    is_member = header.type == "m.room.member" and state_key is not None
    txn_id = value_of(personal.transaction_id) if personal is not None else None
    return Event(
        event_id=EventID(header.event_id),
        type=_type(header.type),
        sender=UserID(header.sender if is_id(header.sender) else ""),
        timestamp=_timestamp(header.origin_server_ts),
        json=copy_json(json),
        state_key=state_key,
        unsigned=rest,
        redacts=_redacted(header) if header.type == "m.room.redaction" else None,
        transaction_id=txn_id if isinstance(txn_id, str) and is_storable(txn_id) else None,
        prev_membership=_prev_membership(personal) if is_member and personal else None,
    )


def _read_header(raw: Raw | bytes) -> _Header:
    try:
        return _header.decode(raw)
    except msgspec.ValidationError:
        odd = _odd_header.decode(raw)
    sender, redacts = value_of(odd.sender), value_of(odd.redacts)
    return _Header(
        odd.event_id,
        odd.type,
        sender if isinstance(sender, str) else "",
        _timestamp(value_of(odd.origin_server_ts)),
        odd.state_key,
        redacts if isinstance(redacts, str) else None,
        odd.content,
        odd.unsigned,
    )


def _type(text: str) -> str:
    """The type as it is stored and compared here, where no index can hold more; clients get the
    event as it came."""
    return text if is_id(text) else text.replace("\x00", "\ufffd")[:LONGEST_ID]


def _state_key(header: _Header) -> str | None:
    """The state key. An event whose key or type no table can hold is no state here: it is
    passed on in the timeline, like any other."""
    return header.state_key if is_id(header.state_key) and is_id(header.type) else None


def _cut_unsigned(json: bytes, unsigned: bytes) -> bytes:
    """The event ``json`` without its key ``unsigned``, whose value is ``unsigned``.

    By bytes where only one place can be meant. But content may hold the same bytes: somebody may
    write a message that quotes an event. And the key itself may be written with escapes. In such
    cases the object is taken apart and put together again.
    """
    member = b'"unsigned":' + unsigned
    start = json.find(member)
    if start < 0 or json.count(b'"unsigned"') > 1 or _ESCAPED_ASCII in json:
        keys = _members.decode(json)
        keys.pop("unsigned", None)
        return _encode(keys)
    end = start + len(member)
    if json[start - 1] == _COMMA:
        start -= 1
    elif json[end] == _COMMA:
        end += 1
    return json[:start] + json[end:]


def _read_unsigned(unsigned: Raw) -> tuple[bytes, _Unsigned | None]:
    """What of ``unsigned`` everybody gets, as JSON without braces, and all that could be read of
    it."""
    try:
        read = _unsigned.decode(unsigned)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b"", None
    shared = [(name, _shared(name, getattr(read, name))) for name in _SHARED]
    return b",".join(b'"%s":%s' % (name.encode(), json) for name, json in shared if json), read


def _shared(name: str, value: Raw) -> bytes:
    """One of the values that everybody gets; empty where it is absent or cannot be used."""
    if not _given(value):
        return b""
    try:
        return copy_json(_bare(value) if name == "redacted_because" else value)
    except UNREADABLE:
        return b""


def _bare(event: Raw) -> bytes:
    """The redaction in ``redacted_because``, without its own personal ``unsigned``; empty if it
    is no object."""
    keys = {key: value for key, value in raw_object(event).items() if key != "unsigned"}
    return _encode(keys) if keys else b""


def _given(value: Raw | bytes) -> bool:
    return bool(value) and bytes(value) != b"null"


def _timestamp(value: Any) -> int:
    """Milliseconds; 0 for what is no number. Negative and very large ones are cut: they are sorted
    by, stored in a ``bigint`` and sent to clients."""
    if type(value) is not int and type(value) is not float:  # True is no time either
        return 0
    return int(min(max(value, 0), LARGEST_TIMESTAMP))


def _redacted(header: _Header) -> EventID | None:
    """The event that a redaction is about. From room version 11 on that is in its content,
    before on top."""
    redacts = header.redacts
    if redacts is None:
        try:
            redacts = _redacts.decode(header.content).redacts
        except UNREADABLE:
            return None
    return EventID(redacts) if is_id(redacts) else None


def _prev_membership(unsigned: _Unsigned) -> str | None:
    """What a member was before this event; None: it is not said, or cannot be read."""
    if not _given(unsigned.prev_content):
        return None
    try:
        return _membership.decode(unsigned.prev_content).membership
    except UNREADABLE:
        return None
