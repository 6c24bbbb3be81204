"""Typing notifications (MSC3961): who is typing in the rooms a client can see.

Every poller in a room reports the same, some later than others. So only the poller that
spoke first is heard (U-131), until it ends, leaves the room or is not heard of any more;
what it said last ends, too, when it falls silent.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Extension, Ingested, Publish, Scope, Services, Write
from syncv3.types import RoomID, UserID

log = logging.getLogger(__name__)

REMEMBERED: Final = 20_000
FAULTS: Final = (
    OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
)  # fmt: skip

PUT = """
WITH told AS (
    SELECT DISTINCT ON (s.room_key) s.room_key, r.device_key, r.json, r.nobody, r.generated_us
    FROM json_to_recordset($1) AS r (room_id text, device_key int, json text, nobody boolean,
        generated_us bigint)
    JOIN ss_rooms s ON s.room_id = r.room_id
    LEFT JOIN ss_typing t ON t.room_key = s.room_key
    ORDER BY s.room_key, (t.device_key IS NOT DISTINCT FROM r.device_key) DESC,
        r.generated_us DESC
)
INSERT INTO ss_typing AS t (room_key, device_key, json, nobody, generated_us, pos)
SELECT room_key, device_key, json, nobody, generated_us, $2 FROM told
ON CONFLICT (room_key) DO UPDATE SET device_key = excluded.device_key, json = excluded.json,
    nobody = excluded.nobody, generated_us = excluded.generated_us, pos = excluded.pos
    WHERE t.json <> excluded.json AND (
        t.device_key IS NULL OR t.device_key = excluded.device_key
        OR NOT EXISTS (SELECT FROM ss_pollers p WHERE p.device_key = t.device_key
            AND p.owner IS NOT NULL AND p.generated_us > excluded.generated_us - 150000000))
RETURNING NULL::int AS user_key, NULL::int AS device_key, room_key
"""
RELEASE = """
UPDATE ss_typing t SET device_key = NULL
FROM json_to_recordset($1) AS r (room_id text, device_key int)
JOIN ss_rooms s ON s.room_id = r.room_id
WHERE t.room_key = s.room_key AND t.device_key = r.device_key AND $2 IS NOT NULL
"""
LOAD = "SELECT room_key, json, pos FROM ss_typing WHERE room_key = ANY ($1::int[])"

SILENT = """
SELECT t.room_key, t.pos FROM ss_typing t LEFT JOIN ss_pollers p ON p.device_key = t.device_key
WHERE NOT t.nobody AND greatest(t.generated_us, coalesce(p.generated_us, 0))
    < extract(epoch FROM clock_timestamp()) * 1000000 - 1000000 * CASE
        WHEN p.owner IS NULL THEN $1::float8 ELSE $2::float8 END
"""
"""A poller that runs is heard of once in 90 seconds, though nothing happens."""

END = """
UPDATE ss_typing t SET json = '{"type":"m.typing","content":{"user_ids":[]}}', nobody = true,
    device_key = NULL, pos = $2
FROM json_to_recordset($1) AS r (room_key int, pos bigint)
WHERE t.room_key = r.room_key AND t.pos = r.pos
RETURNING NULL::int AS user_key, NULL::int AS device_key, t.room_key
"""


@dataclass(frozen=True, slots=True)
class Now:
    """A room's latest event, None if there is none, known to be so at position ``at``."""

    at: int
    event: bytes | None = None
    pos: int = 0


NOBODY: Final = Now(0)


class _Content(msgspec.Struct):
    user_ids: list[str] = []


class _Event(msgspec.Struct):
    type: str = ""
    content: _Content = msgspec.field(default_factory=_Content)


_event = msgspec.json.Decoder(_Event)


class Typing(Extension):
    """Who is typing (TY-1 to TY-7, U-131).

    The latest events are kept in memory, as they go with each answer that has their room
    (TY-3). A list is ended ``silent_s`` after its running poller was last heard of,
    ``stopped_s`` if the poller has ended.
    """

    name = "typing"
    always: ClassVar[bool] = True
    upstream_filter: ClassVar[Mapping[str, Any]] = {"room": {"ephemeral": {"types": ["m.typing"]}}}

    def __init__(
        self, silent_s: float = 150.0, stopped_s: float = 45.0, look_every_s: float = 15.0
    ) -> None:
        self._known: OrderedDict[int, Now] = OrderedDict()
        self._silent_s = silent_s
        self._stopped_s = stopped_s
        self._look_every_s = look_every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self, services: Services) -> None:
        self._task = asyncio.create_task(self._watch(services), name="typing")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
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
        rows = await pool.fetch(SILENT, self._stopped_s, self._silent_s)
        if rows:
            ended = [{"room_key": room_key, "pos": pos} for room_key, pos in rows]
            await publish(self.name, [Write(END, ended, tells=True)])

    # -- answers ---------------------------------------------------------------------

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> dict[RoomID, Now]:
        """The latest event of rooms in the answer and of those where it changed."""
        rooms = dict.fromkeys(scope.shown)
        if scope.since is not None and scope.changed:
            rooms |= {
                room_id: None
                for room_id, key in scope.rooms.items()
                if scope.watermarks.changed(scope.since, key)
            }
        keys = [scope.rooms[room_id] for room_id in rooms]
        unknown = [key for key in keys if self._is_unknown(scope, key)]
        learned = {}
        if unknown:
            learned = self._learn(unknown, await pool.fetch(LOAD, unknown), scope.upto)
        latest = {key: learned.get(key) or self._known.get(key, NOBODY) for key in keys}
        return {room_id: latest[scope.rooms[room_id]] for room_id in rooms}

    def respond(self, scope: Scope, loaded: dict[RoomID, Now]) -> Answer:
        events: dict[RoomID, msgspec.Raw] = {}
        members: dict[RoomID, frozenset[UserID]] = {}
        news = False
        for room_id, now in loaded.items():
            changed = scope.since is not None and scope.since < now.pos <= scope.upto
            if now.event is None or not (changed or room_id in scope.shown):
                continue
            news = news or changed
            events[room_id] = msgspec.Raw(now.event)
            members[room_id] = frozenset(map(UserID, _event.decode(now.event).content.user_ids))
        body: dict[str, Any] | None = {"rooms": events} if events else None
        return Answer(body, news=news, members=members)

    def _is_unknown(self, scope: Scope, room_key: int) -> bool:
        now = self._known.get(room_key)
        return now is None or scope.watermarks.changed(now.at, room_key)

    def _learn(self, room_keys: list[int], rows: list[Any], at: int) -> dict[int, Now]:
        found = {row[0]: Now(at, row[1].encode(), row[2]) for row in rows}
        learned = {key: found.get(key, Now(at)) for key in room_keys}
        for key, now in learned.items():
            self._known[key] = now
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return learned


def _row(part: Part, room_id: RoomID, raw: bytes) -> dict[str, Any] | None:
    """None when it is not as the specification has it."""
    try:
        event = _event.decode(raw)
    except msgspec.ValidationError:
        return None
    if event.type != "m.typing":
        return None
    return {
        "room_id": room_id,
        "device_key": part.lease.device_key,
        "json": raw.decode(),
        "nobody": not event.content.user_ids,
        "generated_us": part.generated_us,
    }
