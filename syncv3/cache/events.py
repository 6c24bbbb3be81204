"""Events as they are kept in memory: ready to be sent.

An event is read once, when it comes from the database, and its bytes are then put into any number
of answers as they are. Only two things make other bytes of it: its own transaction ID, which the
device that sent it is told, and a redaction. What is read of it is little: who sent it, and when.
All else that decides where it is shown are columns of its row.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from syncv3.protocol.redaction import redact
from syncv3.store.event_ids import unpack_event_id
from syncv3.store.rows import EventRow
from syncv3.types import EventID
from syncv3.untrusted import UNREADABLE, check_fit, is_id, object_of, raw_object, value_of

log = logging.getLogger(__name__)

REMEMBERED: Final = 10_000
"""Rows that could not be read, of which the log is told once."""


class _Header(msgspec.Struct):
    sender: str = ""
    origin_server_ts: int = 0


_header = msgspec.json.Decoder(_Header)


class CachedEvent(msgspec.Struct, frozen=True, gc=False):
    """One event. ``wire`` is what everybody gets; ``ord`` None: known as state only."""

    event_key: int
    pos: int | None
    ord: int | None
    event_id: EventID
    type: str
    state_key: str | None
    sender: str
    timestamp: int
    redacts: str | None
    prev_batch: str | None
    wire: bytes
    has_unsigned: bool

    def with_transaction(self, txn_id: str) -> bytes:
        """The event with ``unsigned.transaction_id``, for the device that sent it (TX-1)."""
        # ``unsigned`` stands at the end, as this service puts it there: so nothing is parsed.
        own = b'"transaction_id":' + msgspec.json.encode(txn_id)
        if self.has_unsigned:
            return self.wire[:-2] + b"," + own + b"}}"
        return self.wire[:-1] + b',"unsigned":{' + own + b"}}"


def begins_stay(event: CachedEvent, user_id: str, joined_ord: int | None) -> bool:
    """Whether a user is shown nothing before this event: the room begins with it, or their stay.

    ``joined_ord`` is where their stay in the room begins. That may also be the first chunk that
    is stored, so the join must be one of somebody who was not joined before.
    """
    if event.type == "m.room.create":
        return True
    own = event.type == "m.room.member" and event.state_key == user_id
    return own and event.ord == joined_ord and not _was_joined(event)


def _was_joined(event: CachedEvent) -> bool:
    """Whether a member event says that its user had been in the room before."""
    unsigned = raw_object(raw_object(event.wire).get("unsigned", b""))
    return object_of(unsigned.get("prev_content", b"")).get("membership") == "join"


class EventReader:
    """Makes events of rows. A row that cannot be read costs itself alone (rule U-192): it is
    left out, ``on_unreadable`` is told, and the log, once."""

    def __init__(self, on_unreadable: Callable[[], None] = lambda: None) -> None:
        self._on_unreadable = on_unreadable
        self._unreadable: set[int] = set()

    def __call__(self, rows: Iterable[EventRow]) -> list[CachedEvent]:
        found = []
        for row in rows:
            try:
                found.append(cached_event(row))
            except UNREADABLE as error:
                self._note(row, error)
        return found

    def _note(self, row: EventRow, error: Exception) -> None:
        if row.event_key in self._unreadable:
            return
        if len(self._unreadable) < REMEMBERED:
            self._unreadable.add(row.event_key)
        self._on_unreadable()
        log.warning(
            "A stored event cannot be read and is left out: %s",
            type(error).__name__,
            extra={"event_key": row.event_key, "room_key": row.room_key},
        )


def cached_event(row: EventRow) -> CachedEvent:
    """The event of a row. Raises ``UNREADABLE`` errors for one that nobody could be sent."""
    unsigned = row.unsigned
    wire = row.json[:-1] + b',"unsigned":{' + unsigned + b"}}" if unsigned else row.json
    check_fit(row.json)
    check_fit(unsigned or b"")
    try:
        header = _header.decode(wire)
        sender, timestamp = header.sender, header.origin_server_ts
    except msgspec.ValidationError:
        sender, timestamp = _lenient_header(wire)
    if not is_id(sender):
        sender = ""  # nobody's name, so there is no member event to look for (U-192)
    return CachedEvent(
        row.event_key,
        row.pos,
        row.ord,
        unpack_event_id(row.event_id),
        row.type,
        row.state_key,
        sender,
        timestamp,
        row.redacts,
        row.prev_batch,
        wire,
        bool(unsigned),
    )


def replaces(event: CachedEvent, held: CachedEvent) -> bool:
    """Whether a state event of the stream, newer than all that was loaded, replaces one held."""
    return held.ord is None or event.ord is None or event.ord >= held.ord


def redacted(event: CachedEvent, redaction: CachedEvent, room_version: str) -> CachedEvent:
    """The event without its content, as the redaction wants it.

    What has redacted the redaction itself is not repeated in it, so that no chain of
    redactions makes events grow.
    """
    because = b'"redacted_because":' + _bare(redaction)
    wire = redact(_bare(event), room_version)[:-1] + b',"unsigned":{' + because + b"}}"
    return msgspec.structs.replace(event, wire=wire, has_unsigned=True)


def _bare(event: CachedEvent) -> bytes:
    """The event without its ``unsigned``, which the redaction replaces."""
    if not event.has_unsigned:
        return event.wire
    fields = msgspec.json.decode(event.wire, type=dict[str, msgspec.Raw])
    fields.pop("unsigned", None)
    return msgspec.json.encode(fields)


def _lenient_header(json: bytes) -> tuple[str, int]:
    """Sender and time of an event in which one of them, or both, is something else."""
    if not json.startswith(b"{"):
        raise msgspec.ValidationError("a stored event is no object")
    fields = raw_object(json)
    sender = value_of(fields.get("sender", b""))
    timestamp = value_of(fields.get("origin_server_ts", b""))
    return (
        sender if isinstance(sender, str) else "",
        timestamp if type(timestamp) is int else 0,
    )
