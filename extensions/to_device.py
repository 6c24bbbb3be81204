"""To-device messages (MSC3885): kept from the homeserver's answer until acknowledged.

The homeserver deletes a message once the poller's next ``since`` acknowledges it, so a row
is written in the transaction that advances ``since``. A client acknowledges with its
``since``: rows up to there are deleted then, also if the answer gets lost (TD-3, TD-11).

Tokens are ``t<epoch>_<position>`` (TD-9a). The epoch is the moment at which the database's
current epoch was opened, in microseconds: no two epochs of no two databases share one. A
token of an older epoch counts for the messages that were stored before that epoch ended, a
token of a database that is gone for nothing. A bare decimal counts for messages that were
taken over from the Go proxy: their stream position is 0.
"""

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Arrival, Extension, Ingested, Scope, Services, Write

log = logging.getLogger(__name__)

OTHER, REQUEST, CANCELLATION = 0, 1, 2
DEFAULT_LIMIT: Final = 100
MOST: Final = 1000
REMEMBERED: Final = 10_000
ALL: Final = 2**63 - 1
TAKEN_OVER: Final = 0

INSERT = """
WITH arrived AS (
    SELECT * FROM ROWS FROM (json_to_recordset($1) AS (n int, user_id text, device_id text,
        device_key int, event_type text, sender text, message text, unique_key text,
        action smallint)) WITH ORDINALITY
        r (nr, user_id, device_id, device_key, event_type, sender, message, unique_key,
            action, n)
), withdrawn AS (
    DELETE FROM syncv3_to_device_messages m USING arrived c
    WHERE c.action = 2 AND m.user_id = c.user_id AND m.device_id = c.device_id
        AND m.unique_key = c.unique_key AND m.action = 1 AND NOT m.sent
    RETURNING m.user_id, m.device_id, m.unique_key
), kept AS (
    INSERT INTO syncv3_to_device_messages
        (user_id, device_id, event_type, sender, message, unique_key, action, pos)
    SELECT a.user_id, a.device_id, a.event_type, a.sender, a.message, a.unique_key, a.action, $2
    FROM arrived a
    WHERE NOT (a.action = 2 AND (
            EXISTS (SELECT FROM withdrawn w WHERE (w.user_id, w.device_id, w.unique_key)
                = (a.user_id, a.device_id, a.unique_key))
            OR EXISTS (SELECT FROM arrived r WHERE r.action = 1 AND r.n < a.n
                AND (r.user_id, r.device_id, r.unique_key)
                    = (a.user_id, a.device_id, a.unique_key))))
        AND NOT (a.action = 1 AND EXISTS (SELECT FROM arrived c WHERE c.action = 2 AND c.n > a.n
            AND (c.user_id, c.device_id, c.unique_key)
                = (a.user_id, a.device_id, a.unique_key)))
    ORDER BY a.n
    RETURNING user_id, device_id
)
SELECT DISTINCT NULL::int AS user_key, a.device_key, NULL::int AS room_key
FROM kept k JOIN arrived a USING (user_id, device_id)
"""
"""A cancellation and a request that no client was given yet annihilate each other (U-123)."""

STAMPS = """
SELECT epoch, (extract(epoch FROM opened) * 1000000)::bigint, last_pos FROM ss_stream_epochs
"""
DELETE = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
DELETE FROM syncv3_to_device_messages m USING quick
WHERE m.user_id = $1 AND m.device_id = $2 AND m.position <= $3 AND m.pos <= CASE
    WHEN $4 = 0::bigint THEN 0
    ELSE (SELECT coalesce(e.last_pos, 9223372036854775807) FROM ss_stream_epochs e
        WHERE (extract(epoch FROM e.opened) * 1000000)::bigint = $4) END
"""
FORGET = """
DELETE FROM syncv3_to_device_messages
WHERE user_id = $1 AND device_id = $2 AND position <= $3 AND pos <= $4
"""
SELECT = """
SELECT position, message, action = 1 AND NOT sent FROM syncv3_to_device_messages
WHERE user_id = $1 AND device_id = $2 AND (position > $3 OR pos > $4)
ORDER BY position LIMIT $5
"""
MARK = """
UPDATE syncv3_to_device_messages SET sent = true WHERE position = ANY ($1::bigint[])
RETURNING position
"""
"""Durable before the answer leaves: a cancellation that comes later must be delivered."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a client has. ``stamp`` names an epoch; ``TAKEN_OVER``: the Go proxy's."""

    stamp: int
    position: int


@dataclass(frozen=True, slots=True)
class Config:
    limit: int
    since: Token | None


@dataclass(frozen=True, slots=True)
class Had:
    """What a client has: messages with a position and a stream position up to these."""

    position: int = 0
    pos: int = -1


@dataclass(frozen=True, slots=True)
class Inbox:
    """What is there for the client: (position, message) in order, and the token it gets."""

    messages: tuple[tuple[int, str], ...]
    next_batch: str


class ToDevice(Extension):
    """See the module."""

    name = "to_device"
    durable: ClassVar[bool] = True
    sections: ClassVar[frozenset[str]] = frozenset({"to_device"})
    always: ClassVar[bool] = True
    constant: ClassVar[frozenset[str]] = frozenset({"next_batch"})

    def __init__(self) -> None:
        self._stamps: dict[int, int] = {}  # epoch: its stamp
        self._ends: dict[int, int] = {}  # stamp: the last stream position of its epoch
        self._acknowledged: OrderedDict[int, Token] = OrderedDict()
        self._drained: OrderedDict[int, tuple[int, Token]] = OrderedDict()

    async def start(self, services: Services) -> None:
        await self._load_stamps(services.pool)

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
        if not part.device.to_device:
            return Ingested()
        rows = [_row(part, n, raw) for n, raw in enumerate(part.device.to_device)]
        return Ingested((Write(INSERT, rows, tells=True),))

    # -- answers ---------------------------------------------------------------------

    def configure(self, request: Mapping[str, Any]) -> Config | None:
        """None when ``since`` is no token at all: the extension keeps silent (TD-5)."""
        limit = request.get("limit")
        since = request.get("since")
        token = None
        if since:
            token = read_token(since)
            if token is None:
                return None
        number = limit if isinstance(limit, int) and limit > 0 else DEFAULT_LIMIT
        return Config(min(number, MOST), token)

    async def accept(self, arrival: Arrival, pool: asyncpg.Pool) -> None:
        """Deletes what the client has (TD-3); once a token, it is sticky."""
        token, device = arrival.config.since, arrival.device
        if token is None or self._acknowledged.get(device.device_key) == token:
            return
        await pool.execute(DELETE, device.user_id, device.device_id, token.position, token.stamp)
        _remember(self._acknowledged, device.device_key, token)

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Inbox:
        """The inbox behind the client's token; without a query if it is known to be empty."""
        if scope.epoch not in self._stamps:
            await self._load_stamps(pool)
        stamp = self._stamps[scope.epoch]
        token, device = scope.config.since, scope.device
        mine = token if token is not None and token.stamp == stamp else Token(stamp, 0)
        known = self._drained.get(device.device_key)
        if known is not None and mine.stamp == known[1].stamp:
            at, drained = known
            if mine.position >= drained.position and not scope.watermarks.changed(at):
                return Inbox((), _write(mine))
        had = Had() if token is None else await self._had(token, pool)
        if token is not None and token.stamp != stamp:
            # Its acknowledgement may be lost with the epoch, and the next token says nothing
            # of these messages: they must be gone, for certain, before the client has it.
            await pool.execute(FORGET, device.user_id, device.device_id, had.position, had.pos)
        rows = await pool.fetch(
            SELECT, device.user_id, device.device_id, had.position, had.pos, scope.config.limit
        )
        if rows:
            mine = Token(stamp, rows[-1][0])
        if len(rows) < scope.config.limit:
            _remember(self._drained, device.device_key, (scope.upto, mine))
        rows = await _mark_requests(rows, pool)
        return Inbox(tuple((row[0], row[1]) for row in rows), _write(mine))

    def respond(self, scope: Scope, loaded: Inbox) -> Answer:
        body: dict[str, Any] = {"next_batch": loaded.next_batch}
        if loaded.messages:
            for _, message in loaded.messages:
                _log("delivered", message.encode())
            body["events"] = [msgspec.Raw(message.encode()) for _, message in loaded.messages]
        return Answer(body)

    # -- tokens ----------------------------------------------------------------------

    async def _had(self, token: Token, pool: asyncpg.Pool) -> Had:
        if token.stamp == TAKEN_OVER:
            return Had(token.position, 0)
        if token.stamp not in self._ends:
            await self._load_stamps(pool)
        return Had(token.position, self._ends.get(token.stamp, -1))

    async def _load_stamps(self, pool: asyncpg.Pool) -> None:
        for epoch, stamp, last_pos in await pool.fetch(STAMPS):
            self._stamps[epoch] = stamp
            self._ends[stamp] = ALL if last_pos is None else last_pos


def read_token(text: object) -> Token | None:
    """A client's token; None when it is none."""
    if not isinstance(text, str) or not text.isascii():
        return None
    if text.isdecimal():
        return _bounded(TAKEN_OVER, int(text[:20]))
    stamp, _, position = text[1:].partition("_")
    if text[:1] == "t" and stamp.isdecimal() and position.isdecimal() and len(text) <= 42:
        return _bounded(int(stamp), int(position))
    return None


def _bounded(stamp: int, position: int) -> Token | None:
    return Token(stamp, position) if max(stamp, position) <= ALL else None


def _log(what: str, message: bytes) -> None:
    """Traces messages that say how they may be traced (U-125)."""
    if b"org.matrix.msgid" not in message:
        return
    content = msgspec.json.decode(message).get("content")
    if isinstance(content, dict) and "org.matrix.msgid" in content:
        level = logging.INFO if what == "delivered" else logging.DEBUG
        log.log(level, "to-device message %s", what, extra={"id": content["org.matrix.msgid"]})


def _write(token: Token) -> str:
    return f"t{token.stamp}_{token.position}"


def _remember(known: "OrderedDict[int, Any]", device_key: int, value: Any) -> None:
    known[device_key] = value
    known.move_to_end(device_key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)


async def _mark_requests(rows: list[Any], pool: asyncpg.Pool) -> list[Any]:
    """Notes which key requests are handed out now; one cancelled meanwhile is not."""
    fresh = [row[0] for row in rows if row[2]]
    if not fresh:
        return rows
    marked = {row[0] for row in await pool.fetch(MARK, fresh)}
    return [row for row in rows if not row[2] or row[0] in marked]


def _row(part: Part, number: int, raw: bytes) -> dict[str, Any]:
    event = msgspec.json.decode(raw)
    if not isinstance(event, dict):
        event = {}
    content = event.get("content")
    content = content if isinstance(content, dict) else {}
    action = OTHER
    key = None
    if event.get("type") == "m.room_key_request":
        action = CANCELLATION if content.get("action") == "request_cancellation" else REQUEST
        ids = (content.get("requesting_device_id"), content.get("request_id"))
        key = json.dumps([event.get("type"), event.get("sender"), *ids])
    _log("arrived", raw)
    return {
        "n": number,  # two equal messages are two
        "user_id": part.user_id,
        "device_id": part.device_id,
        "device_key": part.lease.device_key,
        "event_type": _text(event.get("type")),
        "sender": _text(event.get("sender")),
        "message": raw.decode(),
        "unique_key": key,
        "action": action,
    }


def _text(value: object) -> str:
    """A string as PostgreSQL takes it."""
    return value.replace("\x00", "") if isinstance(value, str) else ""
