"""Notes of which messages of an answer are stored, while its ``since`` is not (see models).

A group moves ``since`` together with what it stores, so usually none are needed. An answer with
very many to-device messages is written in pieces, and ``since`` moves with the last. If the process
ends in between, the homeserver gives the same answer again; what is noted is then left out.

``NOTE`` and ``FORGET`` are run with a group, as statements of extensions are: rows as JSON, and a
position.
"""

from typing import Final

import asyncpg

from syncv3.types import DeviceKey

LOAD: Final = "SELECT since, digests FROM ss_pieces WHERE device_key = $1 ORDER BY id"
"""Index ss_pieces_device."""
NOTE: Final = """
INSERT INTO ss_pieces (device_key, since, digests)
SELECT device_key, since, decode(digests, 'hex')
FROM json_to_recordset($1) AS r (device_key int, since text, digests text)
WHERE $2::bigint IS NOT NULL
"""
FORGET: Final = """
DELETE FROM ss_pieces p USING json_to_recordset($1) AS r (device_key int)
WHERE p.device_key = r.device_key AND $2::bigint IS NOT NULL
"""


async def load_pieces(
    db: asyncpg.Pool, device_key: DeviceKey, since: str | None
) -> tuple[bool, list[bytes]]:
    """Whether there are notes of a device, and those of the answer to ``since``."""
    rows = await db.fetch(LOAD, device_key)
    return bool(rows), [row[1] for row in rows if row[0] == (since or "")]
