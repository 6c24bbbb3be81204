"""To-device messages (MSC3885): kept from the homeserver's answer until acknowledged.

The homeserver deletes a message once the poller's next ``since`` acknowledges it, so a
row is written in the transaction that advances ``since``.
"""

import json
from typing import Any, ClassVar

import msgspec

from syncv3.batch import Part
from syncv3.extension import Extension, Ingested, Touched, Write

OTHER, REQUEST, CANCELLATION = 0, 1, 2

INSERT = """
INSERT INTO syncv3_to_device_messages
    (user_id, device_id, event_type, sender, message, unique_key, action, pos)
SELECT user_id, device_id, event_type, sender, message, unique_key, action, $2
FROM json_to_recordset($1) AS r (n int, user_id text, device_id text, event_type text,
    sender text, message text, unique_key text, action smallint)
ORDER BY n
"""


class ToDevice(Extension):
    """Stores what arrives for the polling device, in the homeserver's order."""

    name = "to_device"
    durable: ClassVar[bool] = True

    def ingest(self, part: Part) -> Ingested:
        if not part.device.to_device:
            return Ingested()
        rows = [_row(part, n, raw) for n, raw in enumerate(part.device.to_device)]
        return Ingested((Write(INSERT, rows),), (Touched(device_only=True),))


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
    return {
        "n": number,
        "user_id": part.user_id,
        "device_id": part.device_id,
        "event_type": str(event.get("type", "")),
        "sender": str(event.get("sender", "")),
        "message": raw.decode(),
        "unique_key": key,
        "action": action,
    }
