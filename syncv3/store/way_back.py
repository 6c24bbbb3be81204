"""SQL that writes what was taken over, and what has come since, into the Go proxy's tables.

Each function writes one noun; ``syncv3.takeover`` decides, and has the transaction.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import asyncpg

from syncv3.store.old_proxy import SEQUENCES, TABLES

KEPT: Final = (
    "ss_takeovers",
    "ss_functions",
    "ss_stream_commits",
    "ss_stream_epochs",
    "ss_stream_fence",
)
"""Of our tables: positions and epochs must never begin anew."""

_WORKERS = "SELECT worker FROM ss_workers WHERE beat > clock_timestamp() - $1::interval"


async def live_workers(db: asyncpg.Connection, within: timedelta) -> list[str]:
    """The workers that have shown to be alive within that time: none may run on the way back."""
    return [row[0] for row in await db.fetch(_WORKERS, within)]


async def count_set_aside(db: asyncpg.Connection) -> int:
    """How much is set aside: the Go proxy has no place for it."""
    return int(await db.fetchval("SELECT count(*) FROM ss_set_aside"))


# An empty ``since`` makes the Go proxy ask for everything.
_SINCE = """
INSERT INTO syncv3_sync2_devices (user_id, device_id, since)
SELECT u.user_id, d.device_id, CASE WHEN $1 THEN '' ELSE coalesce(p.since, '') END
FROM ss_pollers p JOIN ss_devices d ON d.id = p.device_key JOIN ss_users u ON u.id = d.user_key
ON CONFLICT (user_id, device_id) DO UPDATE SET since = excluded.since
"""


async def write_devices(db: asyncpg.Connection, *, rooms_anew: bool) -> int:
    """How far each device is. ``rooms_anew``: as if none had ever been asked for."""
    return _count(await db.execute(_SINCE, rooms_anew))


# What is not ours any more has been rejected by the homeserver, or was not used for long.
_DROP_TOKENS = """
DELETE FROM syncv3_sync2_tokens o
WHERE NOT EXISTS (SELECT FROM ss_tokens t WHERE t.hash = o.token_hash)
"""
_TOKENS = """
INSERT INTO syncv3_sync2_tokens (token_hash, token_encrypted, user_id, device_id, last_seen)
SELECT t.hash, t.token, u.user_id, d.device_id, t.last_seen
FROM ss_tokens t JOIN ss_devices d ON d.id = t.device_key JOIN ss_users u ON u.id = d.user_key
ON CONFLICT (token_hash) DO UPDATE SET token_encrypted = excluded.token_encrypted,
    last_seen = excluded.last_seen
"""
_ALL_TOKENS = "SELECT token_hash, token_encrypted FROM syncv3_sync2_tokens"
_RESEAL = "UPDATE syncv3_sync2_tokens SET token_encrypted = $2 WHERE token_hash = $1"


async def write_tokens(db: asyncpg.Connection, reseal: Callable[[str], str]) -> int:
    """The tokens that are good, each as ``reseal`` gives it: the Go proxy knows one secret."""
    await db.execute(_DROP_TOKENS)
    written = _count(await db.execute(_TOKENS))
    stored = await db.fetch(_ALL_TOKENS)
    changed = [(key, new) for key, old in stored if (new := reseal(old)) != old]
    await db.executemany(_RESEAL, changed)
    return written


_MESSAGES = """
INSERT INTO syncv3_to_device_messages
    (position, user_id, device_id, event_type, sender, message, unique_key, action)
SELECT position, user_id, device_id, event_type, sender, message, NULL, action
FROM ss_to_device_messages
"""
_KEYS = """
SELECT position, unique_key FROM ss_to_device_messages WHERE unique_key IS NOT NULL
"""
_KEY = "UPDATE syncv3_to_device_messages SET unique_key = $2 WHERE position = $1"
_UNACKNOWLEDGED = """
INSERT INTO syncv3_to_device_ack_pos AS a (user_id, device_id, unack_pos)
SELECT u.user_id, d.device_id, coalesce((SELECT max(m.position) FROM ss_to_device_messages m
    WHERE m.user_id = u.user_id AND m.device_id = d.device_id AND m.sent), 0)
FROM ss_devices d JOIN ss_users u ON u.id = d.user_key
ON CONFLICT (user_id, device_id) DO UPDATE SET unack_pos = excluded.unack_pos
"""
_GO_ON = """
SELECT setval('syncv3_to_device_messages_seq', greatest(
    (SELECT last_value FROM syncv3_to_device_messages_seq),
    (SELECT last_value FROM ss_to_device_messages_seq)))
"""


async def write_messages(db: asyncpg.Connection) -> int:
    """To-device messages that no client has acknowledged, with their numbers.

    What was acknowledged here must not be there: it would be delivered again.
    """
    await db.execute("DELETE FROM syncv3_to_device_messages")
    written = _count(await db.execute(_MESSAGES))
    keys = [(row[0], _their_key(row[1])) for row in await db.fetch(_KEYS)]
    await db.executemany(_KEY, keys)
    await db.execute(_UNACKNOWLEDGED)
    await db.execute(_GO_ON)
    return written


def _their_key(ours: str) -> str | None:
    """What the Go proxy knows a key request by; None where its column cannot have it."""
    key = "-".join(json.loads(ours))
    try:
        key.encode()
    except UnicodeEncodeError:
        return None
    return None if "\x00" in key else key


_LISTS = """
INSERT INTO syncv3_device_list_updates (user_id, device_id, target_user_id, target_state, bucket)
SELECT l.user_id, l.device_id, l.target_user_id, l.target_state, 1
FROM ss_device_list_updates l
LEFT JOIN ss_users u ON u.user_id = l.user_id
LEFT JOIN ss_devices d ON d.user_key = u.id AND d.device_id = l.device_id
LEFT JOIN ss_device_keys k ON k.device_key = d.id
WHERE l.pos > coalesce(k.lists_acknowledged, 0)
"""


async def write_lists(db: asyncpg.Connection) -> int:
    """Changes of device lists that no client has shown to have, as not sent yet."""
    await db.execute("DELETE FROM syncv3_device_list_updates")
    return _count(await db.execute(_LISTS))


_OURS = """
SELECT quote_ident(relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND relname LIKE 'ss\\_%' AND relname <> ALL ($1::text[])
"""


async def empty_ours(db: asyncpg.Connection) -> None:
    """All that the Go proxy has now, and all that is only a copy of what the homeserver has."""
    names = [row[0] for row in await db.fetch(_OURS, list(KEPT))]
    await db.execute(f"TRUNCATE {', '.join(names)}")


_LAST = "WHERE id = (SELECT max(id) FROM ss_takeovers)"
_DROPPED = f"""
UPDATE ss_takeovers SET dropped = now(), decimals_upto = (
    SELECT coalesce(max(last_pos), 0) FROM ss_stream_commits) {_LAST}
"""


async def note_returned(db: asyncpg.Connection) -> None:
    """Notes that all was written back: the next start may take it over again."""
    await db.execute(f"UPDATE ss_takeovers SET returned = now() {_LAST}")


async def drop_theirs(db: asyncpg.Connection) -> None:
    """Drops the Go proxy's tables, and nothing else: no table of ours has such a name.

    From now on clients are given tokens of our own; bare numbers count for what was stored
    until now.
    """
    await db.execute("SELECT ss_stream_lock()")
    await db.execute(_DROPPED)
    await db.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
    await db.execute(f"DROP SEQUENCE IF EXISTS {', '.join(SEQUENCES)}")


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])
