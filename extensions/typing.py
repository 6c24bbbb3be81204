"""Typing notifications (MSC3961): who is typing in the rooms a client can see.

Every poller in a room reports the same, some later than others. So only the poller that
spoke first is heard (U-131), until it ends, pauses, leaves the room or has not spoken of the room
for a while. A homeserver may hide from somebody whom they ignore: such a user's poller is heard
only where there is no other, and each client is told without those its user ignores.

An example: Carol begins to type, and stops. Alice's poll reports both at once, Bob's some seconds
later. If both were heard, Carol would type, stop, type and stop again on everybody's screen. So
Alice's poll is heard for this room, and what Bob's says is dropped.

*What is told.* A room that an answer shows comes with who is typing in it now (TY-3). Otherwise a
client is told when that has changed. So the list before the present one is kept, too: if only
somebody has come or gone whom a client's user ignores, nothing has changed for that client.

Somebody counts as typing for two minutes after the last report that named them: some
homeservers never say that it has expired (TY-4).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Extension, Ingested, Publish, Scope, Services, Write
from syncv3.types import RoomID, UserID

log = logging.getLogger(__name__)

REMEMBERED: Final = 20_000  # rooms whose lists are held in memory
TYPISTS_MOST: Final = 100
NAME_BYTES: Final = 255
FAULTS: Final = (
    OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
)  # fmt: skip
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

PUT = """
WITH told AS (
    SELECT DISTINCT ON (s.room_key) s.room_key, r.device_key, r.pausing, r.json, r.nobody,
        r.generated_us, cardinality(u.ignored) > 0 AS partial
    FROM json_to_recordset($1) AS r (room_id text, user_key int, device_key int, pausing boolean,
        json text, nobody boolean, generated_us bigint)
    JOIN ss_rooms s ON s.room_id = r.room_id
    JOIN ss_users u ON u.id = r.user_key
    LEFT JOIN ss_typing t ON t.room_key = s.room_key
    ORDER BY s.room_key, cardinality(u.ignored) > 0,
        (t.device_key IS NOT DISTINCT FROM r.device_key) DESC, r.pausing, r.generated_us DESC
), heard AS (
    SELECT r.room_key, CASE WHEN NOT r.pausing THEN r.device_key END AS device_key,
        r.partial, r.json, r.nobody, r.generated_us
    FROM told r LEFT JOIN ss_typing t ON t.room_key = r.room_key
    WHERE t.room_key IS NULL OR (r.generated_us > t.generated_us - 5000000 AND (
        t.device_key IS NULL OR t.device_key = r.device_key
        OR (t.partial AND NOT r.partial)
        OR t.generated_us < r.generated_us - 30000000
        OR NOT EXISTS (SELECT FROM ss_pollers p
            WHERE p.device_key = t.device_key AND p.owner IS NOT NULL)))
), stored AS (
    INSERT INTO ss_typing AS t
        (room_key, device_key, partial, json, nobody, generated_us, pos)
    SELECT room_key, device_key, partial, json, nobody, generated_us, $2 FROM heard
    ON CONFLICT (room_key) DO UPDATE SET device_key = excluded.device_key,
        partial = excluded.partial, json = excluded.json, nobody = excluded.nobody,
        generated_us = excluded.generated_us,
        before = CASE WHEN t.json = excluded.json THEN t.before ELSE t.json END,
        before_pos = CASE WHEN t.json = excluded.json THEN t.before_pos ELSE t.pos END,
        pos = CASE WHEN t.json = excluded.json THEN t.pos ELSE excluded.pos END
    RETURNING room_key, pos
)
SELECT NULL::int AS user_key, NULL::int AS device_key, room_key FROM stored WHERE pos = $2
"""
"""A poller is heard for 30 seconds after it has spoken of the room. What it says again is no
change, but names those who type once more. One that pauses, or soon will, says who is typing too,
but after it anybody is heard. Groups are written one at a time, so what is read is not old."""

# A poller whose user has left the room hears nothing more of it: from now on anybody is heard.
RELEASE = """
UPDATE ss_typing t SET device_key = NULL
FROM json_to_recordset($1) AS r (room_id text, device_key int)
JOIN ss_rooms s ON s.room_id = r.room_id
WHERE t.room_key = s.room_key AND t.device_key = r.device_key AND $2 IS NOT NULL
"""
# The last column is the age of the report in seconds, by the database's clock.
LOAD = """
SELECT room_key, json, pos, before, before_pos,
    extract(epoch FROM clock_timestamp()) - generated_us / 1000000.0
FROM ss_typing WHERE room_key = ANY ($1::int[])
"""

SILENT = """
SELECT t.room_key, t.pos FROM ss_typing t LEFT JOIN ss_pollers p ON p.device_key = t.device_key
WHERE NOT t.nobody AND CASE WHEN p.owner IS NULL
    THEN greatest(t.generated_us, coalesce(p.generated_us, 0))
        < extract(epoch FROM clock_timestamp()) * 1000000 - 1000000 * $1::float8
    ELSE t.generated_us < extract(epoch FROM clock_timestamp()) * 1000000 - 1000000 * $2::float8
    END
"""
"""Index ss_typing_somebody."""

# Only if nothing has been said since it was looked at: ``pos`` is still that one.
END = """
UPDATE ss_typing t SET json = '{"type":"m.typing","content":{"user_ids":[]}}', nobody = true,
    device_key = NULL, before = t.json, before_pos = t.pos, pos = $2
FROM json_to_recordset($1) AS r (room_key int, pos bigint)
WHERE t.room_key = r.room_key AND t.pos = r.pos
RETURNING NULL::int AS user_key, NULL::int AS device_key, t.room_key
"""


@dataclass(frozen=True, slots=True)
class Now:
    """Who is typing in a room, None if nothing is known, known to be so at position ``at``.

    It is so since ``pos``; ``before`` has who did from ``before_pos`` until then. It holds
    until ``until``, a time of the loop, unless they are named again.
    """

    at: int
    users: tuple[UserID, ...] | None = None
    pos: int = 0
    before: tuple[UserID, ...] = ()
    before_pos: int = 0
    until: float = 0.0


NOBODY: Final = Now(0)


class _Content(msgspec.Struct):
    """Each user is read by itself: one that is no text costs itself alone."""

    user_ids: list[msgspec.Raw] = []


class _Event(msgspec.Struct):
    """An ephemeral event as a homeserver tells it."""

    type: str = ""
    content: _Content = msgspec.field(default_factory=_Content)


class _Stored(msgspec.Struct):
    """An event of ours: it has been read before it was stored."""

    class Content(msgspec.Struct):
        user_ids: tuple[UserID, ...]

    content: Content


_event: Final = msgspec.json.Decoder(_Event)
_name: Final = msgspec.json.Decoder(str)
_stored: Final = msgspec.json.Decoder(_Stored)


class Typing(Extension):
    """Who is typing (TY-1 to TY-7, U-131).

    The latest lists are kept in memory, as they go with each answer that has their room
    (TY-3). A list is ended ``named_s`` after the last report of it, and ``stopped_s`` after
    its poller was last heard of if that has ended.
    """

    name = "typing"
    with_rooms: ClassVar[bool] = True
    upstream_filter: ClassVar[Mapping[str, Any]] = {"room": {"ephemeral": {"types": ["m.typing"]}}}

    def __init__(
        self, named_s: float = 120.0, stopped_s: float = 45.0, look_every_s: float = 5.0
    ) -> None:
        self._known: OrderedDict[int, Now] = OrderedDict()
        self._named_s = named_s
        self._stopped_s = stopped_s
        self._look_every_s = look_every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self, services: Services) -> None:
        """Begins to look for typing that nobody ends."""
        self._task = asyncio.create_task(self._watch(services), name="typing")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
        """Who is typing in the rooms of an answer, and which rooms its user has left."""
        rows = [
            row
            for room_id, room in part.joined.items()
            for raw in room.ephemeral
            if b"m.typing" in raw and (row := _row(part, room_id, raw)) is not None
        ]
        writes = [Write(PUT, rows, tells=True)] if rows else []
        if part.left:
            device_key = part.lease.device_key
            left = [{"room_id": room_id, "device_key": device_key} for room_id in part.left]
            writes.append(Write(RELEASE, left))
        return Ingested(tuple(writes))

    async def _watch(self, services: Services) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                await self.end_silent(services.pool, services.publish)
            except FAULTS as error:
                log.warning("Typing cannot be looked through: %s", error)

    async def end_silent(self, pool: asyncpg.Pool, publish: Publish) -> None:
        """Ends typing that nobody would end otherwise."""
        named_s = self._named_s - self._look_every_s  # the next look would be too late
        rows = await pool.fetch(SILENT, self._stopped_s, named_s)
        if rows:
            ended = [{"room_key": room_key, "pos": pos} for room_key, pos in rows]
            await publish(self.name, [Write(END, ended, tells=True)])

    # -- answers ---------------------------------------------------------------------

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> dict[RoomID, Now]:
        """The latest list of rooms in the answer and of those where it changed."""
        rooms = dict.fromkeys(scope.shown)
        if scope.since is not None and scope.changed:
            rooms |= dict.fromkeys(scope.changed_since(scope.since))
        keys = [scope.rooms[room_id] for room_id in rooms]
        unknown = [key for key in keys if self._is_unknown(scope, key)]
        learned = {}
        if unknown:
            learned = self._learn(unknown, await pool.fetch(LOAD, unknown), scope.upto)
        latest = {key: learned.get(key) or self._known.get(key, NOBODY) for key in keys}
        return {room_id: latest[scope.rooms[room_id]] for room_id in rooms}

    def respond(self, scope: Scope, loaded: dict[RoomID, Now]) -> Answer:
        """The lists that are new to the client, and those of rooms that the answer shows anyway.

        Only the former end a wait. The members who are typing are named to the rooms.
        """
        events: dict[RoomID, Any] = {}
        members: dict[RoomID, frozenset[UserID]] = {}
        news = False
        for room_id, now in loaded.items():
            changed = _has_changed(scope, now)
            if now.users is None or not (changed or room_id in scope.shown):
                continue
            users = _without_ignored(scope, now.users)
            if not (changed or scope.repeats or (users and scope.shown[room_id].initial)):
                continue  # who has the room was told, and is not told that nobody types (S-396)
            news = news or changed
            events[room_id] = {"type": "m.typing", "content": {"user_ids": users}}
            members[room_id] = frozenset(users)
        body: dict[str, Any] | None = {"rooms": events} if events else None
        return Answer(body, news=news, members=members)

    def _is_unknown(self, scope: Scope, room_key: int) -> bool:
        """Whether memory does not know who is typing: something was said since, or its time is
        over, and it may have been said again without a change."""
        now = self._known.get(room_key)
        if now is None or scope.watermarks.changed(now.at, room_key):
            return True
        return bool(now.users) and asyncio.get_running_loop().time() >= now.until

    def _learn(self, room_keys: list[int], rows: list[Any], at: int) -> dict[int, Now]:
        """Takes in what the database says of some rooms at position ``at``; of those that it has
        no row of, nothing is known."""
        time = asyncio.get_running_loop().time()
        learned = {key: Now(at) for key in room_keys}
        for key, json, pos, before, before_pos, age_s in rows:
            left_s = self._named_s - float(age_s)
            users = _users_of(json) if left_s > 0 else ()
            learned[key] = Now(at, users, pos, _users_of(before), before_pos, time + left_s)
        for key, now in learned.items():
            self._known[key] = now
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return learned


def _has_changed(scope: Scope, now: Now) -> bool:
    """Whether the list is another than the client was told, as far as that is known."""
    if scope.since is None or not scope.since < now.pos <= scope.upto:
        return False
    if not scope.ignored or scope.since < now.before_pos:
        return True  # more than one change ago: what the client was told is not kept
    return _without_ignored(scope, now.before) != _without_ignored(scope, now.users or ())


def _without_ignored(scope: Scope, users: Sequence[UserID]) -> tuple[UserID, ...]:
    """Those of some users whom the client's user does not ignore."""
    return tuple(user for user in users if user not in scope.ignored)


def _users_of(json: str | None) -> tuple[UserID, ...]:
    """Who types in a stored event; nobody if there is none, or it is of an older version."""
    try:
        return () if json is None else _stored.decode(json).content.user_ids
    except UNREADABLE:
        return ()


def _row(part: Part, room_id: RoomID, raw: bytes) -> dict[str, Any] | None:
    """None when it is not as the specification has it."""
    try:
        event = _event.decode(raw)
    except UNREADABLE:
        return None
    if event.type != "m.typing":
        return None
    named = [user for user in map(_user, event.content.user_ids) if user is not None]
    users = named[:TYPISTS_MOST]
    return {
        "room_id": room_id,
        "user_key": part.user_key,
        "device_key": part.lease.device_key,
        "pausing": part.pausing,
        "json": msgspec.json.encode({"type": "m.typing", "content": {"user_ids": users}}).decode(),
        "nobody": not users,
        "generated_us": part.generated_us,
    }


def _user(raw: msgspec.Raw) -> str | None:
    """A user ID; None for what is none."""
    try:
        user = _name.decode(raw)
    except UNREADABLE:
        return None
    return user if "\x00" not in user and len(user.encode()) <= NAME_BYTES else None
