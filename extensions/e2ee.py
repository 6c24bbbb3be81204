"""Device lists and key counts (MSC3884), kept for the device whose poller brought them.

Changes of device lists are a log with the newest row per target user (EE-4a). An answer has
what lies in (since, now]; a connection that was told nothing yet begins where some
connection of the device has shown to be, by coming back with a later position. So a lost
answer, a restart or an expired connection repeats changes, never drops them, and two
connections do not take them from each other.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.extension import Answer, Arrival, Extension, Ingested, Scope, Write

CHANGED, LEFT = 1, 2
REMEMBERED: Final = 10_000

LISTS = """
WITH stored AS (
    INSERT INTO syncv3_device_list_updates
        (user_id, device_id, target_user_id, target_state, pos)
    SELECT user_id, device_id, target_user_id, target_state, $2
    FROM json_to_recordset($1) AS r (user_id text, device_id text, target_user_id text,
        target_state smallint)
    ON CONFLICT (user_id, device_id, target_user_id)
        DO UPDATE SET target_state = excluded.target_state, pos = excluded.pos
)
SELECT DISTINCT NULL::int AS user_key, r.device_key, NULL::int AS room_key
FROM json_to_recordset($1) AS r (device_key int)
"""
KEYS = """
INSERT INTO ss_device_keys AS k (device_key, one_time_keys, fallback_types, pos)
SELECT device_key, decode(one_time_keys, 'hex'), decode(fallback_types, 'hex'), $2
FROM json_to_recordset($1) AS r (device_key int, one_time_keys text, fallback_types text)
ON CONFLICT (device_key) DO UPDATE SET
    one_time_keys = coalesce(excluded.one_time_keys, k.one_time_keys),
    fallback_types = coalesce(excluded.fallback_types, k.fallback_types), pos = excluded.pos
    WHERE (k.one_time_keys, k.fallback_types) IS DISTINCT FROM (
        coalesce(excluded.one_time_keys, k.one_time_keys),
        coalesce(excluded.fallback_types, k.fallback_types))
RETURNING NULL::int AS user_key, device_key, NULL::int AS room_key
"""
LOAD = """
SELECT k.one_time_keys, k.fallback_types, coalesce(k.pos, 0), ARRAY(
    SELECT ROW(u.target_user_id, u.target_state) FROM syncv3_device_list_updates u
    WHERE u.user_id = $2 AND u.device_id = $3 AND u.pos <= $5
        AND u.pos > coalesce($4, k.lists_acknowledged, 0)
    ORDER BY u.pos, u.target_user_id)
FROM (SELECT) one LEFT JOIN ss_device_keys k ON k.device_key = $1
"""
"""Index syncv3_device_list_updates_pos; ``$4`` null: from what was acknowledged."""

ACKNOWLEDGE = """
INSERT INTO ss_device_keys AS k (device_key, pos, lists_acknowledged) VALUES ($1, 0, $2)
ON CONFLICT (device_key) DO UPDATE SET lists_acknowledged = excluded.lists_acknowledged
    WHERE k.lists_acknowledged < excluded.lists_acknowledged
"""
CLEAN = """
DELETE FROM syncv3_device_list_updates u USING ss_devices d, ss_users s, ss_device_keys k
WHERE s.user_id = u.user_id AND d.user_key = s.id AND d.device_id = u.device_id
    AND k.device_key = d.id AND u.pos < $1 AND u.pos <= k.lists_acknowledged
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """What is known of a device: JSON or None, when it last changed, users by state."""

    one_time_keys: bytes | None
    fallback_types: bytes | None
    pos: int
    changed: tuple[str, ...]
    left: tuple[str, ...]


class E2EE(Extension):
    """See the module (U-140, U-141)."""

    name = "e2ee"
    durable: ClassVar[bool] = True
    sections: ClassVar[frozenset[str]] = frozenset(
        {
            "device_lists",
            "device_one_time_keys_count",
            "device_unused_fallback_key_types",
            "unstable_fallback_types",
        }
    )

    def __init__(self) -> None:
        self._unacknowledged: OrderedDict[int, int] = OrderedDict()  # device: position

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
        writes = []
        if lists := _list_rows(part):
            writes.append(Write(LISTS, lists, tells=True))
        keys = part.device.one_time_keys, part.device.fallback_key_types
        if keys != (None, None):
            row = {
                "device_key": part.lease.device_key,
                "one_time_keys": keys[0].hex() if keys[0] is not None else None,
                "fallback_types": keys[1].hex() if keys[1] is not None else None,
            }
            writes.append(Write(KEYS, [row], tells=True))
        return Ingested(tuple(writes))

    # -- answers ---------------------------------------------------------------------

    async def accept(self, arrival: Arrival, pool: asyncpg.Pool) -> None:
        """The client came back with a later position: it has the device lists up to there."""
        device_key = arrival.device.device_key
        told = self._unacknowledged.get(device_key)
        if told is None or arrival.acknowledged is None or arrival.acknowledged < told:
            return
        await pool.execute(ACKNOWLEDGE, device_key, arrival.acknowledged)
        if self._unacknowledged.get(device_key) == told:
            del self._unacknowledged[device_key]

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Keys:
        device = scope.device
        since = scope.since if scope.told else None
        row = await pool.fetchrow(
            LOAD, device.device_key, device.user_id, device.device_id, since, scope.upto
        )
        assert row is not None
        states = {target: state for target, state in row[3]}
        if states:
            self._unacknowledged[device.device_key] = scope.upto
            self._unacknowledged.move_to_end(device.device_key)
            while len(self._unacknowledged) > REMEMBERED:
                self._unacknowledged.popitem(last=False)
        return Keys(
            row[0],
            row[1],
            row[2],
            tuple(user for user, state in states.items() if state == CHANGED),
            tuple(user for user, state in states.items() if state == LEFT),
        )

    def respond(self, scope: Scope, loaded: Keys) -> Answer:
        body: dict[str, Any] = {}
        if not scope.told or scope.since is None or loaded.pos > scope.since:
            if loaded.one_time_keys not in (None, b"{}"):
                body["device_one_time_keys_count"] = msgspec.Raw(loaded.one_time_keys)
            if loaded.fallback_types is not None:
                body["device_unused_fallback_key_types"] = msgspec.Raw(loaded.fallback_types)
        if loaded.changed or loaded.left:
            body["device_lists"] = {"changed": loaded.changed, "left": loaded.left}
        return Answer(body or None)

    async def cleanup(self, floor: int, pool: asyncpg.Pool) -> None:
        """Deletes what every connection of the device has."""
        await pool.execute(CLEAN, floor)


def _list_rows(part: Part) -> list[dict[str, Any]]:
    """A user in both lists has left (U-140)."""
    device = part.device
    states = dict.fromkeys(device.changed, CHANGED) | dict.fromkeys(device.left, LEFT)
    return [
        {
            "user_id": part.user_id,
            "device_id": part.device_id,
            "device_key": part.lease.device_key,
            "target_user_id": target,
            "target_state": state,
        }
        for target, state in sorted(states.items())
    ]
