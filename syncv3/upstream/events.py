"""One event of the homeserver: what is shared, what is personal, what is malformed.

The bytes of an event are kept as they came, but for its ``unsigned``: that is cut out,
and of it only what is true for every receiver is kept, beside the event. An event
that cannot be used is dropped alone (rule U-81).
"""

from collections.abc import Generator, Iterable
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from syncv3.types import Event, EventID, UserID

BREATH_S = 0.005
"""How long a large body may be read without letting others run."""

LARGEST_TIMESTAMP = 2**53 - 1  # what fits into JSON everywhere

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading hostile JSON may raise; ``DecodeError`` includes wrong types."""


class Decoded(NamedTuple):
    """A list of events, and how many entries of it were none (rule U-81)."""

    events: tuple[Event, ...]
    malformed: int


Breathing = Generator[None, None, Decoded]
"""Yields None whenever ``BREATH_S`` have passed."""


class _Header(msgspec.Struct, gc=False):
    """What nearly every event looks like; anything else takes the slow way."""

    event_id: str
    type: str
    sender: str = ""
    origin_server_ts: int = 0
    state_key: str | None = None
    redacts: str | None = None
    content: Raw = Raw(b"")
    unsigned: Raw = Raw(b"")


class _OddHeader(msgspec.Struct, gc=False):
    """The same with whatever a broken client may have put in the lesser fields."""

    event_id: str
    type: str
    sender: Any = ""
    origin_server_ts: Any = 0
    state_key: str | None = None
    redacts: Any = None
    content: Raw = Raw(b"")
    unsigned: Raw = Raw(b"")


class _Unsigned(msgspec.Struct, gc=False):
    prev_content: Raw = Raw(b"")
    replaces_state: Raw = Raw(b"")
    prev_sender: Raw = Raw(b"")
    redacted_because: Raw = Raw(b"")
    transaction_id: Any = None


class _Membership(msgspec.Struct, gc=False):
    membership: str


class _Redacts(msgspec.Struct, gc=False):
    redacts: str


_header = msgspec.json.Decoder(_Header)
_odd_header = msgspec.json.Decoder(_OddHeader)
_unsigned = msgspec.json.Decoder(_Unsigned)
_membership = msgspec.json.Decoder(_Membership)
_redacts = msgspec.json.Decoder(_Redacts)
_members = msgspec.json.Decoder(dict[str, Raw])
_COMMA = ord(",")
_encode = msgspec.json.Encoder().encode


class Malformed(Exception):
    """This event cannot be used; the others of its room can."""


def decode_event(raw: Raw | bytes) -> Event:
    """The event in ``raw``, holding no view into it. Raises ``Malformed`` (rule U-81)."""
    try:
        return _decode(raw)
    except UNREADABLE as error:
        raise Malformed(str(error)) from error


def decode_events(raws: Iterable[Raw]) -> Breathing:
    """The usable events of one list in their order, each event ID once (rule U-90)."""
    found: dict[EventID, Event] = {}
    malformed = 0
    pause_at = perf_counter() + BREATH_S
    for raw in raws:
        try:
            event = decode_event(raw)
        except Malformed:
            malformed += 1
            continue
        found.setdefault(event.event_id, event)
        if perf_counter() > pause_at:
            yield
            pause_at = perf_counter() + BREATH_S
    return Decoded(tuple(found.values()), malformed)


def copy_json(raw: Raw | bytes) -> bytes:
    """The bytes of one JSON value, checked to be UTF-8; raises ``UnicodeDecodeError``.

    The JSON reader skips over broken UTF-8 in values that it need not look into; passed
    on, it would make a client's whole answer unreadable.
    """
    copied = bytes(raw)
    if not copied.isascii():
        copied.decode()
    return copied


def is_storable(*texts: str | None) -> bool:
    """PostgreSQL's text holds no NUL; names that do are nobody's real names (U-191)."""
    for text in texts:  # noqa: SIM110 (a generator costs thrice, for every event)
        if text is not None and "\x00" in text:
            return False
    return True


def _decode(raw: Raw | bytes) -> Event:
    header = _read_header(raw)
    if not header.event_id or not is_storable(header.event_id, header.type, header.state_key):
        raise Malformed("no event ID, or an identifier with NUL")
    is_member = header.type == "m.room.member" and header.state_key is not None
    if is_member and header.state_key:
        _membership.decode(header.content)  # a member event without membership is none
    json, rest, personal = copy_json(raw), b"", None
    if header.unsigned:
        json = _cut_unsigned(json, bytes(header.unsigned))
        rest, personal = _read_unsigned(header.unsigned)
    sender = header.sender if isinstance(header.sender, str) else ""
    txn_id = personal.transaction_id if personal is not None else None
    return Event(
        event_id=EventID(header.event_id),
        type=header.type,
        sender=UserID(sender if is_storable(sender) else ""),
        timestamp=_timestamp(header.origin_server_ts),
        json=json,
        state_key=header.state_key,
        unsigned=rest,
        redacts=_redacted(header) if header.type == "m.room.redaction" else None,
        transaction_id=txn_id if isinstance(txn_id, str) and is_storable(txn_id) else None,
        prev_membership=_prev_membership(personal) if is_member and personal else None,
    )


def _read_header(raw: Raw | bytes) -> _Header | _OddHeader:
    try:
        return _header.decode(raw)
    except msgspec.ValidationError:
        return _odd_header.decode(raw)


def _cut_unsigned(json: bytes, unsigned: bytes) -> bytes:
    """The event ``json`` without its key ``unsigned``, whose value is ``unsigned``.

    By bytes where only one place can be meant; content may hold the same bytes.
    """
    member = b'"unsigned":' + unsigned
    start = json.find(member)
    if start < 0 or json.count(b'"unsigned"') > 1:
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
    """The shared rest of ``unsigned``, and what it says; an odd one spoils no event."""
    try:
        read = _unsigned.decode(unsigned)
        if not (
            read.prev_content or read.replaces_state or read.prev_sender or read.redacted_because
        ):
            return b"", read
        shared = [
            (b'"prev_content":', read.prev_content),
            (b'"replaces_state":', read.replaces_state),
            (b'"prev_sender":', read.prev_sender),
            (b'"redacted_because":', _bare(read.redacted_because)),
        ]
        rest = b",".join(name + copy_json(value) for name, value in shared if _given(value))
    except UNREADABLE:
        return b"", None
    return rest, read


def _bare(event: Raw) -> Raw | bytes:
    """The redaction in ``redacted_because``, without its own personal ``unsigned``."""
    if not _given(event):
        return b""
    keys = _members.decode(event)
    return _encode({key: value for key, value in keys.items() if key != "unsigned"})


def _given(value: Raw | bytes) -> bool:
    return bool(value) and bytes(value) != b"null"


def _timestamp(value: Any) -> int:
    if type(value) is not int and type(value) is not float:  # True is no time either
        return 0
    return int(min(max(value, 0), LARGEST_TIMESTAMP))


def _redacted(header: _Header | _OddHeader) -> EventID | None:
    """Which event a redaction is about: top level, or content from room version 11 on."""
    redacts = header.redacts
    if not isinstance(redacts, str):
        try:
            redacts = _redacts.decode(header.content).redacts
        except UNREADABLE:
            return None
    return EventID(redacts) if is_storable(redacts) else None


def _prev_membership(unsigned: _Unsigned) -> str | None:
    if not _given(unsigned.prev_content):
        return None
    try:
        return _membership.decode(unsigned.prev_content).membership
    except UNREADABLE:
        return None
