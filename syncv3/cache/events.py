"""Events as they are kept in memory: ready to be sent."""

import msgspec

from syncv3.protocol.redaction import redact
from syncv3.store.event_ids import unpack_event_id
from syncv3.store.rows import EventRow
from syncv3.types import EventID


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
        own = b'"transaction_id":' + msgspec.json.encode(txn_id)
        if self.has_unsigned:
            return self.wire[:-2] + b"," + own + b"}}"
        return self.wire[:-1] + b',"unsigned":{' + own + b"}}"


def cached_event(row: EventRow) -> CachedEvent:
    """The event of a row."""
    sender, timestamp = "", 0
    try:
        header = _header.decode(row.json)
        sender, timestamp = header.sender, header.origin_server_ts
    except msgspec.ValidationError:
        sender = _lenient_sender(row.json)
    unsigned = row.unsigned
    wire = row.json[:-1] + b',"unsigned":{' + unsigned + b"}}" if unsigned else row.json
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


def _lenient_sender(json: bytes) -> str:
    """The sender of an event whose timestamp is not a number."""
    sender = msgspec.json.decode(json).get("sender")
    return sender if isinstance(sender, str) else ""
