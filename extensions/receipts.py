"""Read receipts (MSC3960): public, private and threaded.

One row per room, user, kind and thread. A room that is sent whole comes with the public
receipts on the events of its timeline and with the user's own; afterwards only what
changed is sent. Those of people whom the user ignores are left out: whether the homeserver
does that, too, only shows in the answers to that user.

A receipt is public when the poll of another user has told it. Some homeservers tell a private
one to its owner as ``m.read``; so what the owner's own polls say is ``own``, for the owner only,
in a row beside the public one. For example: Bob reads $1 publicly, then $2 privately. His poll
tells $1 and $2, Alice's $1. So Alice sees him at $1, and he himself at $2.

All pollers in a room report the same receipts, some later than others. Which of two is the newer
one is told by their own time (``ts``). That is the clock of the reader's homeserver, which may be
wrong: so a report that was made more than a minute after the stored one counts in any case.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any, ClassVar, Final, NamedTuple

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Extension, Ingested, Scope, Write
from syncv3.types import RoomID

KINDS: Final = {"m.read": False, "m.read.private": True}
MINUTE_US: Final = 60_000_000
LATEST_TS: Final = 2**53  # a larger one counts as 0: clients could not read it
NAME_BYTES: Final = 255
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

PUT = """
WITH told AS (
    SELECT DISTINCT ON (s.room_key, r.user_id, r.private, r.thread_id, r.own)
        s.room_key, r.user_id, r.private, r.thread_id, r.own, r.event_id, r.ts, r.minute_us,
        r.user_key
    FROM json_to_recordset($1) AS r (room_id text, user_id text, private boolean,
        thread_id text, own boolean, event_id text, ts bigint, minute_us bigint, user_key int)
    JOIN ss_rooms s ON s.room_id = r.room_id
    ORDER BY s.room_key, r.user_id, r.private, r.thread_id, r.own, r.ts DESC, r.minute_us DESC
), stored AS (
    INSERT INTO ss_receipts AS t
        (room_key, user_id, private, thread_id, own, event_id, ts, generated_us, pos)
    SELECT room_key, user_id, private, thread_id, own, event_id, ts, minute_us, $2 FROM told
    ON CONFLICT (room_key, user_id, private, thread_id, own) DO UPDATE SET
        event_id = excluded.event_id, ts = excluded.ts, generated_us = excluded.generated_us,
        pos = excluded.pos
        WHERE t.event_id <> excluded.event_id
            AND (excluded.ts >= t.ts OR excluded.generated_us > t.generated_us + 60000000)
    RETURNING room_key, user_id, private, thread_id, own
)
SELECT DISTINCT t.user_key, NULL::int AS device_key, t.room_key
FROM stored JOIN told t USING (room_key, user_id, private, thread_id, own)
"""
"""A poller that lags reports receipts that were overtaken: their time is older."""

# Three parts: receipts of others on some events, of others since some positions, and the user's
# own.
LOAD = """
SELECT r.room_key, r.user_id, r.private, r.thread_id, r.event_id, r.ts
FROM unnest($1::int[], $2::text[]) w (room_key, event_id)
JOIN ss_receipts r ON r.room_key = w.room_key AND r.event_id = w.event_id
    AND NOT r.own AND r.user_id <> $4
UNION
SELECT r.room_key, r.user_id, r.private, r.thread_id, r.event_id, r.ts
FROM unnest($5::int[], $6::bigint[]) w (room_key, after)
JOIN ss_receipts r ON r.room_key = w.room_key AND r.pos > w.after AND r.pos <= $7
    AND NOT r.own AND r.user_id <> $4
UNION
SELECT r.room_key, r.user_id, r.private, r.thread_id, r.event_id, r.ts
FROM ss_receipts r WHERE r.user_id = $4
    AND (r.room_key = ANY ($3::int[])
        OR EXISTS (SELECT FROM unnest($5::int[], $6::bigint[]) w (room_key, after)
            WHERE r.room_key = w.room_key AND r.pos > w.after AND r.pos <= $7))
    AND NOT EXISTS (
        SELECT FROM ss_receipts o
        WHERE (o.room_key, o.user_id, o.private, o.thread_id, o.own)
                = (r.room_key, r.user_id, r.private, r.thread_id, NOT r.own)
            AND CASE WHEN o.event_id = r.event_id THEN o.pos < r.pos
                ELSE o.ts > r.ts AND o.generated_us >= r.generated_us - 60000000 END)
"""
"""Indexes ss_receipts_event, ss_receipts_pos and ss_receipts_pkey. The last part is the user's
own: of the two rows the newer one, and what both say is told once, when the first came, although
the other may have a later time: who reads the same event again moves nothing."""


class Receipt(NamedTuple):
    """Up to which event somebody has read a room, or a thread of it (``thread_id`` empty: the
    room itself), and when: ``ts``, in milliseconds."""

    room_key: int
    user_id: str
    private: bool
    thread_id: str
    event_id: str
    ts: int


class _Event(msgspec.Struct):
    """An ephemeral event. What is in its content is read piece by piece: each may be odd."""

    type: str = ""
    content: dict[str, msgspec.Raw] = {}


_event: Final = msgspec.json.Decoder(_Event)
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Receipts(Extension):
    """Who has read up to where (RR-1 to RR-6, U-132)."""

    name = "receipts"
    needs_timeline: ClassVar[bool] = True
    catches_up: ClassVar[bool] = True
    upstream_filter: ClassVar[Mapping[str, Any]] = {"room": {"ephemeral": {"types": ["m.receipt"]}}}

    def ingest(self, part: Part) -> Ingested:
        """A row for each receipt of an answer; the statement keeps those that are news."""
        rows = [
            row
            for room_id, room in part.joined.items()
            for raw in room.ephemeral
            if b"m.receipt" in raw
            for row in _rows(part, room_id, raw)
        ]
        return Ingested((Write(PUT, rows, tells=True),)) if rows else Ingested()

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> list[Receipt]:
        """On the events of rooms that are sent whole, or further back than before, and the user's
        own in these; also those in rooms of which nothing was told. Elsewhere what has changed."""
        begun = {*scope.initial, *scope.expanded}
        events = [
            (scope.rooms[room_id], event)
            for room_id in begun
            for event in scope.shown[room_id].timeline
        ]
        untold = [room_id for room_id, bound in scope.bounds.items() if bound is None]
        begun.update(untold)
        changed = _changed(scope, {*scope.initial, *untold})
        if not begun and not changed:
            return []
        rows = await pool.fetch(
            LOAD,
            [key for key, _ in events],
            [event_id for _, event_id in events],
            [scope.rooms[room_id] for room_id in begun],
            scope.device.user_id,
            [*changed],
            [*changed.values()],
            scope.upto,
        )
        return [Receipt(*row) for row in rows]

    def respond(self, scope: Scope, loaded: list[Receipt]) -> Answer:
        """One event for each room, as a homeserver would send it.

        A user has one place in it for each event and kind. If they have read the event in the room
        and in a thread, the former is told (RR-4).
        """
        rooms = {key: room_id for room_id, key in scope.rooms.items()} if loaded else {}
        content: dict[RoomID, dict[str, dict[str, dict[str, Any]]]] = {}
        shown = [r for r in loaded if r.user_id not in scope.ignored]
        for receipt in sorted(shown, key=lambda r: (r.thread_id != "", *r)):
            kind = "m.read.private" if receipt.private else "m.read"
            events = content.setdefault(rooms[receipt.room_key], {})
            readers = events.setdefault(receipt.event_id, {}).setdefault(kind, {})
            readers.setdefault(receipt.user_id, _mark(receipt))  # RR-4: unthreaded is first
        body = {
            room_id: {"type": "m.receipt", "content": events} for room_id, events in content.items()
        }
        return Answer({"rooms": body} if body else None)


def _changed(scope: Scope, besides: Container[RoomID]) -> dict[int, int]:
    """The rooms in which receipts may have changed, by key: after which position."""
    since = scope.since
    found = {
        scope.rooms[room_id]: bound
        for room_id, bound in scope.bounds.items()
        if bound is not None and room_id not in besides
    }
    if since is None or not scope.changed:
        return found
    for room_id, key in scope.changed_since(since).items():
        if room_id not in besides:
            found.setdefault(key, since)
    return found


def _mark(receipt: Receipt) -> dict[str, Any]:
    """What stands below a user's name."""
    mark: dict[str, Any] = {"ts": receipt.ts}
    if receipt.thread_id:
        mark["thread_id"] = receipt.thread_id
    return mark


def _rows(part: Part, room_id: RoomID, raw: bytes) -> Iterator[dict[str, Any]]:
    """A row per receipt. Equal ones of several pollers come to equal rows.

    What is not as the specification has it is left out: the event, one event ID's receipts
    or one receipt.
    """
    try:
        event = _event.decode(raw)
    except UNREADABLE:
        return
    if event.type != "m.receipt":
        return
    for event_id, kinds in event.content.items():
        for kind, readers in _table(kinds).items():
            if kind not in KINDS:
                continue
            for user_id, mark in _table(readers).items():
                fields = _table(mark)
                thread, ts = _value(fields.get("thread_id")), _value(fields.get("ts"))
                thread_id = thread if isinstance(thread, str) else ""
                own = KINDS[kind] or user_id == part.user_id
                row = {
                    "room_id": room_id,
                    "user_id": user_id,
                    "private": KINDS[kind],
                    "thread_id": thread_id,
                    "own": own,
                    "event_id": event_id,
                    "ts": ts if type(ts) is int and 0 <= ts <= LATEST_TS else 0,
                    # To the minute, so that the rows of several pollers are equal.
                    "minute_us": part.generated_us // MINUTE_US * MINUTE_US,
                    "user_key": part.user_key if own else None,
                }
                if all(map(_is_name, (user_id, event_id, thread_id))):
                    yield row


def _table(raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of an object; none if it is no object."""
    try:
        return _object.decode(raw)
    except UNREADABLE:
        return {}


def _value(raw: msgspec.Raw | None) -> object:
    """A value; None if there is none, or none that can be read."""
    try:
        return None if raw is None else msgspec.json.decode(raw)
    except UNREADABLE:
        return None


def _is_name(text: str) -> bool:
    """Whether it can be a user or event ID: those have 255 bytes at most."""
    return "\x00" not in text and len(text.encode()) <= NAME_BYTES
