"""Device lists and key counts (MSC3884), kept for the device whose poller brought them.

Changes of device lists are a log with the newest row per target user: a device that has
missed an answer still finds there whatever lies behind its position.
"""

from typing import ClassVar

from syncv3.batch import Part
from syncv3.extension import Extension, Ingested, Touched, Write

CHANGED, LEFT = 1, 2

LISTS = """
INSERT INTO syncv3_device_list_updates (user_id, device_id, target_user_id, target_state, pos)
SELECT user_id, device_id, target_user_id, target_state, $2
FROM json_to_recordset($1) AS r (user_id text, device_id text, target_user_id text,
    target_state smallint)
ON CONFLICT (user_id, device_id, target_user_id)
    DO UPDATE SET target_state = excluded.target_state, pos = excluded.pos
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
"""


class E2EE(Extension):
    """Stores device list changes and key counts of the polling device (U-140, U-141)."""

    name = "e2ee"
    durable: ClassVar[bool] = True

    def ingest(self, part: Part) -> Ingested:
        device = part.device
        states = dict.fromkeys(device.changed, CHANGED) | dict.fromkeys(device.left, LEFT)
        writes = []
        if states:
            rows = [
                {
                    "user_id": part.user_id,
                    "device_id": part.device_id,
                    "target_user_id": target,
                    "target_state": state,
                }
                for target, state in sorted(states.items())
            ]
            writes.append(Write(LISTS, rows))
        keys = (device.one_time_keys, device.fallback_key_types)
        if keys != (None, None):
            row = {
                "device_key": part.lease.device_key,
                "one_time_keys": keys[0].hex() if keys[0] is not None else None,
                "fallback_types": keys[1].hex() if keys[1] is not None else None,
            }
            writes.append(Write(KEYS, [row]))
        touched = (Touched(device_only=True),) if states else ()
        return Ingested(tuple(writes), touched)
