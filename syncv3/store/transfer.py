"""SQL that gives what no homeserver sends twice as JSON, a row a line, and takes it in again.

Kinds of rows, in this order: ``device`` (how far it is), ``token``, ``message``, ``list``, and the
``sequence`` that numbers messages. Each row is what ``row_to_json`` makes of its columns, so the
statements below are the format.

Rows name users and devices, never our keys for them, as another database has others. Rooms are not
among them: the homeserver tells of these anew, so imported devices have them due (``rooms_due``).
"""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg

PAGE: Final = 1000

_OUT: Final = {
    "device": """SELECT u.user_id, d.device_id, p.since, p.last_used
        FROM ss_pollers p JOIN ss_devices d ON d.id = p.device_key
        JOIN ss_users u ON u.id = d.user_key ORDER BY u.user_id, d.device_id""",
    "token": """SELECT t.hash, t.token, u.user_id, d.device_id, t.last_seen, t.created
        FROM ss_tokens t JOIN ss_devices d ON d.id = t.device_key
        JOIN ss_users u ON u.id = d.user_key ORDER BY t.hash""",
    "message": """SELECT position, user_id, device_id, event_type, sender, message, unique_key,
        encode(key_hash, 'hex') AS key_hash, action, sent
        FROM ss_to_device_messages ORDER BY position""",
    "list": """SELECT user_id, device_id, target_user_id, target_state
        FROM ss_device_list_updates ORDER BY pos, user_id, device_id, target_user_id""",
    "sequence": "SELECT last_value FROM ss_to_device_messages_seq",
}
KINDS: Final = tuple(_OUT)

_COUNT: Final = """
SELECT (SELECT count(*) FROM ss_pollers) + (SELECT count(*) FROM ss_tokens)
    + (SELECT count(*) FROM ss_to_device_messages) + (SELECT count(*) FROM ss_device_list_updates)
    + 1
"""


async def count_rows(db: asyncpg.Connection) -> int:
    """How many rows ``rows`` gives."""
    return int(await db.fetchval(_COUNT))


async def rows(db: asyncpg.Connection) -> AsyncIterator[tuple[str, list[str]]]:
    """Pages of rows of one kind each, as JSON; of one snapshot, in the connection's transaction."""
    for kind, statement in _OUT.items():
        select = f"SELECT row_to_json(r)::text FROM ({statement}) r"
        page: list[str] = []
        async for row in db.cursor(select, prefetch=PAGE):
            page.append(row[0])
            if len(page) == PAGE:
                yield kind, page
                page = []
        if page:
            yield kind, page


_OWNERS: Final = (
    """INSERT INTO ss_users (user_id)
    SELECT DISTINCT r.user_id FROM json_to_recordset($1) AS r (user_id text)
    ON CONFLICT (user_id) DO NOTHING""",
    """INSERT INTO ss_devices (user_key, device_id)
    SELECT DISTINCT u.id, r.device_id
    FROM json_to_recordset($1) AS r (user_id text, device_id text)
    JOIN ss_users u ON u.user_id = r.user_id
    ON CONFLICT (user_key, device_id) DO NOTHING""",
)
# What is there already stays as it is.
_IN: Final = {
    "device": """INSERT INTO ss_pollers (device_key, since, rooms_due, last_used)
        SELECT d.id, r.since, CASE WHEN r.since IS NULL THEN 0 ELSE 1 END, r.last_used
        FROM json_to_recordset($1) AS r (user_id text, device_id text, since text,
            last_used timestamptz)
        JOIN ss_users u ON u.user_id = r.user_id
        JOIN ss_devices d ON d.user_key = u.id AND d.device_id = r.device_id
        ON CONFLICT (device_key) DO NOTHING""",
    "token": """INSERT INTO ss_tokens (hash, device_key, token, last_seen, created)
        SELECT r.hash, d.id, r.token, r.last_seen, r.created
        FROM json_to_recordset($1) AS r (hash text, token text, user_id text, device_id text,
            last_seen timestamptz, created timestamptz)
        JOIN ss_users u ON u.user_id = r.user_id
        JOIN ss_devices d ON d.user_key = u.id AND d.device_id = r.device_id
        ON CONFLICT (hash) DO NOTHING""",
    "message": """INSERT INTO ss_to_device_messages (position, user_id, device_id, event_type,
            sender, message, unique_key, key_hash, action, sent)
        SELECT r.position, r.user_id, r.device_id, r.event_type, r.sender, r.message,
            r.unique_key, decode(r.key_hash, 'hex'), r.action, r.sent
        FROM json_to_recordset($1) AS r (position bigint, user_id text, device_id text,
            event_type text, sender text, message text, unique_key text, key_hash text,
            action smallint, sent boolean)
        ON CONFLICT (position) DO NOTHING""",
    "list": """INSERT INTO ss_device_list_updates (user_id, device_id, target_user_id,
            target_state, pos)
        SELECT r.user_id, r.device_id, r.target_user_id, r.target_state, $2
        FROM json_to_recordset($1) AS r (user_id text, device_id text, target_user_id text,
            target_state smallint)
        ON CONFLICT (user_id, device_id, target_user_id) DO NOTHING""",
    "sequence": """SELECT setval('ss_to_device_messages_seq', greatest(r.last_value,
            (SELECT s.last_value FROM ss_to_device_messages_seq s)))
        FROM json_to_recordset($1) AS r (last_value bigint)""",
}
_EMPTY: Final = """
SELECT NOT EXISTS (SELECT FROM ss_pollers) AND NOT EXISTS (SELECT FROM ss_to_device_messages)
"""


async def is_empty(db: asyncpg.Connection) -> bool:
    """Whether nothing is there that an import could contradict."""
    return bool(await db.fetchval(_EMPTY))


async def take_in(db: asyncpg.Connection, kind: str, page: str, position: int) -> None:
    """Stores a page, a JSON array, of one kind. ``position`` is where list changes are news."""
    if kind in ("device", "token"):
        for statement in _OWNERS:
            await db.execute(statement, page)
    await db.execute(_IN[kind], page, *([position] if kind == "list" else []))
