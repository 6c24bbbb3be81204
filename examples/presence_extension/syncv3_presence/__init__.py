"""Presence: who is online, of the people a user shares rooms with.

The homeserver tells each user's poller of the people that this user may know about, so what
it told is kept by observer. An answer then speaks of those who are joined to a room in the
extension's scope: people in rooms that the client does not look at are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import msgspec
from prometheus_client import Counter

from syncv3.batch import Part
from syncv3.extension import Answer, Extension, Ingested, Schema, Scope, Services, Write

PUT = """
INSERT INTO presence_seen AS p (observer, user_id, json, generated_us, pos)
SELECT DISTINCT ON (observer, user_id) observer, user_id, json, generated_us, $2
FROM json_to_recordset($1) AS r (n int, observer int, user_id text, json text,
    generated_us bigint)
ORDER BY observer, user_id, generated_us DESC, n DESC
ON CONFLICT (observer, user_id) DO UPDATE SET json = excluded.json,
    generated_us = excluded.generated_us, pos = excluded.pos
    WHERE p.json <> excluded.json AND p.generated_us <= excluded.generated_us
RETURNING observer AS user_key, NULL::int AS device_key, NULL::int AS room_key
"""
LOAD = """
SELECT p.json FROM presence_seen p
WHERE p.observer = $1 AND EXISTS (
    SELECT FROM ss_room_state s JOIN ss_events e ON e.event_key = s.event_key
    WHERE s.room_key = ANY (CASE WHEN p.pos > $4 AND p.pos <= $5 
        THEN $2::int[] ELSE $3::int[] END)
        AND s.type = 'm.room.member' AND s.state_key = p.user_id AND s.to_pos IS NULL
        AND convert_from(e.json, 'UTF8')::json #>> '{content,membership}' = 'join')
ORDER BY p.pos, p.user_id
"""
"""What changed of people in the scope's rooms ($2), all of those in rooms sent whole ($3)."""


@dataclass(frozen=True, slots=True)
class _Event:
    sender: str


_event = msgspec.json.Decoder(_Event)


class Presence(Extension):
    """See the module."""

    name = "presence"
    sections: ClassVar = frozenset({"presence"})
    upstream_filter: ClassVar = {"presence": {"types": ["m.presence"]}}
    schema = Schema("syncv3_presence.models", Path(__file__).parent / "migrations")

    def features(self, upstream: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"org.example.sliding_sync_presence": True}

    async def start(self, services: Services) -> None:
        self._told = Counter(
            "presence_events", "Presence events given to clients.", registry=services.registry
        )

    def ingest(self, part: Part) -> Ingested:
        rows = [
            {
                "n": number,
                "observer": part.user_key,
                "user_id": _event.decode(raw).sender,
                "json": raw.decode(),
                "generated_us": part.generated_us,
            }
            for number, raw in enumerate(part.presence)
        ]
        return Ingested((Write(PUT, rows, tells=True),)) if rows else Ingested()

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> list[str]:
        everywhere = list(scope.rooms.values())
        first = scope.since is None or not scope.told
        whole = everywhere if first else [scope.rooms[room_id] for room_id in scope.initial]
        since = 0 if scope.since is None else scope.since
        rows = await pool.fetch(LOAD, scope.device.user_key, everywhere, whole, since, scope.upto)
        return [row[0] for row in rows]

    def respond(self, scope: Scope, loaded: list[str]) -> Answer:
        if not loaded:
            return Answer()
        self._told.inc(len(loaded))
        return Answer({"events": [msgspec.Raw(event.encode()) for event in loaded]})
