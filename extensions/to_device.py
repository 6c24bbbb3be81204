"""To-device messages (MSC3885): kept from the homeserver's answer until acknowledged.

The homeserver deletes a message once the poller's next ``since`` acknowledges it, so a row
is written in the transaction that advances ``since``. A client acknowledges with its
``since``: rows up to there are deleted then, also if the answer gets lost (TD-3, TD-11).
An example: messages A, B and C are stored at 7, 8 and 9. The client is given all three, with
a token of position 9, and the answer gets lost. It comes back with the token that it had, and is
given them again. When it comes with that of 9 they are deleted.

*Requests for keys.* A client that lacks a key asks all other devices for it, and cancels that when
it has got it. While a device is away, both messages may pile up for it by the thousand. So a
cancellation takes the request that it cancels away, and itself, as long as no client was given
the request (U-123). A request that was given out may be on somebody's screen: then the
cancellation must come, too.

Tokens are ``t<epoch>_<position>`` (TD-9a). The epoch is the moment at which the database's
current epoch was opened, in microseconds: no two epochs of no two databases share one. A
token of an older epoch counts for the messages that were stored before that epoch ended, a
token of a database that is gone for nothing.

A bare decimal is a token of the Go proxy, whose messages have kept their positions. It counts for
those, and for all others up to a bound that ``ss_takeovers`` has. While its tables are still
there, so that everything can go back to it, clients are given bare decimals by us as well: it
understands no other, and would give them nothing.
"""

import hashlib
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Arrival, Extension, Ingested, Scope, Services, Write

log = logging.getLogger(__name__)

OTHER, REQUEST, CANCELLATION = 0, 1, 2
DEFAULT_LIMIT: Final = 100  # messages in one answer, if the client does not say
MOST: Final = 1000
REMEMBERED: Final = 10_000  # devices of which it is known, without a query, how far they are
ALL: Final = 2**63 - 1
TAKEN_OVER: Final = 0  # in place of an epoch's stamp: a bare decimal
NESTED_MOST: Final = 100
DIGITS_MOST: Final = 1000
"""How deep a message may be nested, and how many digits a number may have. Some clients' readers
give up at 128 levels or at 4,300 digits, and then lose the whole answer. As that comes again until
it is acknowledged, such a client could never go on behind the message."""
TRACED: Final = b"org.matrix.msgid"
TRACED_MOST: Final = 64
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_TOKENS: Final = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_LONG_NUMBER: Final = re.compile(rb"[0-9]{%d}" % (DIGITS_MOST + 1))
_STEPS: Final = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}

INSERT = """
WITH arrived AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset($1) AS (user_id text, device_id text,
        device_key int, event_type text, sender text, message text, unique_key text,
        key_hash text, action smallint, stays boolean)) WITH ORDINALITY
        r (user_id, device_id, device_key, event_type, sender, message, unique_key,
            key_hash, action, stays, n)
), withdrawn AS (
    DELETE FROM ss_to_device_messages m USING (
        SELECT DISTINCT user_id, device_id, unique_key, decode(key_hash, 'hex') AS key_hash
        FROM arrived WHERE action = 2) c
    WHERE m.user_id = c.user_id AND m.device_id = c.device_id AND m.key_hash = c.key_hash
        AND m.unique_key = c.unique_key AND m.action = 1 AND NOT m.sent
    RETURNING m.user_id, m.device_id, m.unique_key
), kept AS (
    INSERT INTO ss_to_device_messages
        (user_id, device_id, event_type, sender, message, unique_key, key_hash, action, pos)
    SELECT a.user_id, a.device_id, a.event_type, a.sender, a.message, a.unique_key,
        decode(a.key_hash, 'hex'), a.action, $2
    FROM arrived a
    WHERE a.stays AND NOT (a.action = 2 AND (a.user_id, a.device_id, a.unique_key)
        IN (SELECT w.user_id, w.device_id, w.unique_key FROM withdrawn w))
    ORDER BY a.n
    RETURNING user_id, device_id
)
SELECT DISTINCT NULL::int AS user_key, a.device_key, NULL::int AS room_key
FROM (SELECT DISTINCT user_id, device_id FROM kept) k
JOIN (SELECT DISTINCT user_id, device_id, device_key FROM arrived) a USING (user_id, device_id)
"""
"""A cancellation and a request that no client was given yet annihilate each other (U-123).

Uses ss_to_device_messages_key. What annihilates inside the answer itself does not ``stay``.
"""

# An epoch as tokens name it: by the time at which it was opened, and where it ended.
STAMPS = """
SELECT epoch, (extract(epoch FROM opened) * 1000000)::bigint, last_pos FROM ss_stream_epochs
"""
# ``position`` counts messages, ``pos`` is the stream's. In a database that has lost commits numbers
# of messages may come again; so of a token only what was stored by its epoch's end counts.
DELETE = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
DELETE FROM ss_to_device_messages m USING quick
WHERE m.user_id = $1 AND m.device_id = $2 AND m.position <= $3 AND m.pos <= CASE
    WHEN $4 = 0::bigint THEN $5::bigint
    ELSE (SELECT coalesce(e.last_pos, 9223372036854775807) FROM ss_stream_epochs e
        WHERE (extract(epoch FROM e.opened) * 1000000)::bigint = $4) END
"""
DECIMALS = """
SELECT decimals_upto, returned IS NULL AND dropped IS NULL
FROM ss_takeovers ORDER BY id DESC LIMIT 1
"""
# As ``DELETE``, but durable: the client will not name these messages again.
FORGET = """
DELETE FROM ss_to_device_messages
WHERE user_id = $1 AND device_id = $2 AND position <= $3 AND pos <= $4
"""
# What came after the client's token, or was stored in a later epoch under a number from before.
SELECT = """
SELECT position, message, action = 1 AND NOT sent FROM ss_to_device_messages
WHERE user_id = $1 AND device_id = $2 AND (position > $3 OR pos > $4)
ORDER BY position LIMIT $5
"""
MARK = """
UPDATE ss_to_device_messages SET sent = true WHERE position = ANY ($1::bigint[])
RETURNING position
"""
"""Durable before the answer leaves: a cancellation that comes later must be delivered."""


@dataclass(frozen=True, slots=True)
class ToDeviceToken:
    """What a client has. ``stamp`` names an epoch; ``TAKEN_OVER``: the Go proxy's."""

    stamp: int
    position: int


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived: the whole as it came, and what is looked at. ``unique_key`` and its hash
    are those of a key request or of its cancellation."""

    json: str
    type: str
    sender: str
    action: int = OTHER
    unique_key: str | None = None
    key_hash: str | None = None


@dataclass(frozen=True, slots=True)
class ToDeviceConfig:
    """What a request asks for: how many messages at most, behind which token (None: all)."""

    limit: int
    since: ToDeviceToken | None
    foreign: bool = False  # the client gave a token that is none of ours


@dataclass(frozen=True, slots=True)
class Inbox:
    """What is there for the client: (position, message) in order, and the token it gets."""

    messages: tuple[tuple[int, str], ...]
    next_batch: str


_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_string: Final = msgspec.json.Decoder(str)


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
        self._decimals_upto = TAKEN_OVER  # the stream position up to which decimals count
        self._decimal = False  # whether clients are given decimals
        self._acknowledged: OrderedDict[int, ToDeviceToken] = OrderedDict()  # up to there deleted
        # By device: at this position of the stream it had all messages, with this token.
        self._drained: OrderedDict[int, tuple[int, ToDeviceToken]] = OrderedDict()

    async def start(self, services: Services) -> None:
        """Learns the epochs that tokens may name."""
        await self._load_stamps(services.pool)

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
        """A row for each message; what requests and cancellations leave of each other."""
        if not part.device.to_device:
            return Ingested()
        messages = [read_message(raw) for raw in part.device.to_device]
        staying = _staying([(message.action, message.key_hash) for message in messages])
        rows = [
            _row(part, n, message, n in staying)
            for n, message in enumerate(messages)
            if n in staying or message.action == CANCELLATION
        ]
        return Ingested((Write(INSERT, rows, tells=True),))

    # -- answers ---------------------------------------------------------------------

    def configure(self, request: Mapping[str, Any]) -> ToDeviceConfig:
        """Reads ``limit`` and ``since``; whatever else they are than a number and a token of ours
        counts as none."""
        limit = request.get("limit")
        since = request.get("since")
        token = read_token(since) if since else None
        if since and token is None:
            log.info("A client has a to-device token that is none of ours")
        number = limit if isinstance(limit, int) and limit > 0 else DEFAULT_LIMIT
        return ToDeviceConfig(min(number, MOST), token, foreign=bool(since) and token is None)

    async def accept(self, arrival: Arrival, pool: asyncpg.Pool) -> None:
        """Deletes what the client has (TD-3); once a token, it is sticky."""
        token, device = arrival.config.since, arrival.device
        if token is None or self._acknowledged.get(device.device_key) == token:
            return
        has = token.position, token.stamp, self._decimals_upto
        await pool.execute(DELETE, device.user_id, device.device_id, *has)
        _remember(self._acknowledged, device.device_key, token)

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Inbox | None:
        """The inbox behind the client's token; without a query if it is known to be empty. None: a
        foreign token keeps the extension silent (TD-5), where it may be; else it counts as none."""
        if scope.config.foreign and not scope.complete:
            return None
        if scope.epoch not in self._stamps:
            await self._load_stamps(pool)
        stamp = TAKEN_OVER if self._decimal else self._stamps[scope.epoch]
        token, device = scope.config.since, scope.device
        mine = token if token is not None and token.stamp == stamp else ToDeviceToken(stamp, 0)
        known = self._drained.get(device.device_key)
        if known is not None and mine.stamp == known[1].stamp:
            at, drained = known
            if mine.position >= drained.position and not scope.watermarks.changed(at):
                return Inbox((), _write(mine))
        had = (0, -1) if token is None else await self._had(token, pool)
        if token is not None and token.stamp != stamp:
            # Its acknowledgement may be lost with the epoch, and the next token says nothing
            # of these messages: they must be gone, for certain, before the client has it.
            await pool.execute(FORGET, device.user_id, device.device_id, *had)
        rows = await pool.fetch(SELECT, device.user_id, device.device_id, *had, scope.config.limit)
        if rows:
            mine = ToDeviceToken(stamp, rows[-1][0])
        if len(rows) < scope.config.limit:
            _remember(self._drained, device.device_key, (scope.upto, mine))
        rows = await _mark_requests(rows, pool)
        return Inbox(tuple((row[0], row[1]) for row in rows), _write(mine))

    def respond(self, scope: Scope, loaded: Inbox | None) -> Answer:
        """The messages, and the token behind them. A token alone is no news."""
        if loaded is None:
            return Answer()
        body: dict[str, Any] = {"next_batch": loaded.next_batch}
        for _, message in loaded.messages:
            _log("delivered", message.encode())
        if loaded.messages or scope.complete:
            body["events"] = [msgspec.Raw(message.encode()) for _, message in loaded.messages]
        counts = {"d": len(loaded.messages)} if loaded.messages else None
        return Answer(body, news=bool(loaded.messages), counts=counts)

    # -- tokens ----------------------------------------------------------------------

    async def _had(self, token: ToDeviceToken, pool: asyncpg.Pool) -> tuple[int, int]:
        """The position and the stream position up to which a client has its messages."""
        if token.stamp == TAKEN_OVER:
            return token.position, self._decimals_upto
        if token.stamp not in self._ends:
            await self._load_stamps(pool)
        return token.position, self._ends.get(token.stamp, -1)

    async def _load_stamps(self, pool: asyncpg.Pool) -> None:
        """Reads what epochs there are, and what counts of bare decimals."""
        if (row := await pool.fetchrow(DECIMALS)) is not None:
            self._decimals_upto, self._decimal = row
        rows = await pool.fetch(STAMPS)
        # Not added to what was known: an epoch may be gone with the database that had it.
        self._stamps = {epoch: stamp for epoch, stamp, _ in rows}
        self._ends = {stamp: ALL if last is None else last for _, stamp, last in rows}


def read_token(text: object) -> ToDeviceToken | None:
    """A client's token; None when it is none."""
    if not isinstance(text, str) or not text.isascii():
        return None
    if text.isdecimal():
        return _bounded(TAKEN_OVER, int(text[:20]))
    stamp, _, position = text[1:].partition("_")
    if text[:1] == "t" and stamp.isdecimal() and position.isdecimal() and len(text) <= 42:
        return _bounded(int(stamp), int(position))
    return None


def _bounded(stamp: int, position: int) -> ToDeviceToken | None:
    """The token, if the database has numbers as large as these."""
    return ToDeviceToken(stamp, position) if max(stamp, position) <= ALL else None


def _log(what: str, message: bytes) -> None:
    """Traces messages that say how they may be traced (U-125)."""
    if TRACED not in message:
        return
    trace_id = _text(_fields(_fields(message).get("content", b"")).get(TRACED.decode(), b""))
    if trace_id is not None:
        level = logging.INFO if what == "delivered" else logging.DEBUG
        log.log(level, "to-device message %s", what, extra={"id": trace_id[:TRACED_MOST]})


def _write(token: ToDeviceToken) -> str:
    if token.stamp == TAKEN_OVER:
        return str(token.position)
    return f"t{token.stamp}_{token.position}"


def _remember(known: "OrderedDict[int, Any]", device_key: int, value: Any) -> None:
    """Keeps a value for a device; those of devices not heard of for longest go."""
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


def read_message(raw: bytes) -> Message:
    """A message as far as it must be understood; its other content may be any JSON.

    Raises ``ValueError`` for what must not reach a client: see ``NESTED_MOST``.
    """
    if _is_nested_too_deep(raw):
        raise ValueError(f"nested deeper than {NESTED_MOST} levels")
    if _LONG_NUMBER.search(raw) and _LONG_NUMBER.search(_STRINGS.sub(b"", raw)):
        raise ValueError(f"a number has more than {DIGITS_MOST} digits")
    fields = _fields(raw)
    kind, sender = _text(fields.get("type", b"")) or "", _text(fields.get("sender", b"")) or ""
    message = Message(raw.decode(), kind, sender)
    if kind != "m.room_key_request":
        return message
    content = _fields(fields.get("content", b""))
    asker, request = (
        _text(content.get(name, b"")) for name in ("requesting_device_id", "request_id")
    )
    if asker is None or request is None:
        return message
    names = (kind, sender, asker, request)
    cancels = _text(content.get("action", b"")) == "request_cancellation"
    return replace(
        message,
        action=CANCELLATION if cancels else REQUEST,
        unique_key=json.dumps(names),
        key_hash=_hash_of(names),
    )


def _hash_of(names: Iterable[str]) -> str:
    """SHA-256, in hex, over the names, each with its length before it (U-123)."""
    digest = hashlib.sha256()
    for name in names:
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def _staying(actions: Sequence[tuple[int, str | None]]) -> set[int]:
    """Which messages of one answer are left when requests and cancellations annihilate.

    A request goes if a cancellation of it follows, a cancellation if its request precedes.
    """
    going: set[int] = set()
    for wanted, partner, order in (
        (CANCELLATION, REQUEST, range(len(actions))),
        (REQUEST, CANCELLATION, range(len(actions) - 1, -1, -1)),
    ):
        met: set[str | None] = set()
        for n in order:
            action, key_hash = actions[n]
            if action == partner:
                met.add(key_hash)
            elif action == wanted and key_hash in met:
                going.add(n)
    return set(range(len(actions))) - going


def _row(part: Part, number: int, message: Message, stays: bool) -> dict[str, Any]:
    """A message for ``INSERT``; one that does not stay is there for what it withdraws."""
    _log("arrived", message.json.encode())
    return {
        "n": number,  # two equal messages are two
        "user_id": part.user_id,
        "device_id": part.device_id,
        "device_key": part.lease.device_key,
        "event_type": message.type.replace("\x00", ""),
        "sender": message.sender.replace("\x00", ""),
        "message": message.json,
        "unique_key": message.unique_key,
        "key_hash": message.key_hash,
        "action": message.action,
        "stays": stays,
    }


def _is_nested_too_deep(raw: bytes) -> bool:
    """Without reading it: a reader may give up at such a message. Nearly all have few brackets."""
    if raw.count(b"{") + raw.count(b"[") <= NESTED_MOST:
        return False
    depth = 0
    for found in _TOKENS.finditer(raw):
        depth += _STEPS.get(found[0], 0)
        if depth > NESTED_MOST:
            return True
    return False


def _fields(raw: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of an object, each as JSON; none if it is no object."""
    try:
        return _object.decode(raw)
    except UNREADABLE:
        return {}


def _text(raw: bytes | msgspec.Raw) -> str | None:
    """The string that ``raw`` is; None if it is something else."""
    try:
        return _string.decode(raw)
    except UNREADABLE:
        return None
