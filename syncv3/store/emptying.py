"""SQL that forgets copies of what the homeserver has, so that they are fetched anew.

Whatever is forgotten, devices whose rooms it touches have them due again: their pollers go on
from their ``since``, and the rooms come beside it (``syncv3.ingest.handover``). Nothing of what a
homeserver sends only once is deleted, except by ``forget_devices``. No worker may run meanwhile:
workers hold copies of their own. Each function is called in a transaction.
"""

from typing import Final

import asyncpg

KEPT: Final = (
    "ss_users",
    "ss_devices",
    "ss_tokens",
    "ss_pollers",
    "ss_device_keys",
    "ss_to_device_messages",
    "ss_device_list_updates",
    "ss_pieces",
    "ss_set_aside",
    "ss_takeovers",
    "ss_functions",
    "ss_stream_commits",
    "ss_stream_epochs",
    "ss_stream_fence",
)
"""What ``reset`` leaves: what nobody sends twice, whose it is, and how far it is told."""

_OTHERS: Final = """
SELECT quote_ident(relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND relname LIKE 'ss\\_%' AND relname <> ALL ($1::text[])
"""
# Without an owner, so that a worker that starts takes them at once.
_DUE: Final = "UPDATE ss_pollers SET rooms_due = 1, owner = NULL WHERE since IS NOT NULL"


async def reset(db: asyncpg.Connection) -> int:
    """Forgets all rooms, connections and account data; how many devices have rooms due."""
    names = [row[0] for row in await db.fetch(_OTHERS, list(KEPT))]
    await db.execute(f"TRUNCATE {', '.join(names)}")
    return _count(await db.execute(_DUE))


_DEVICES: Final = """
SELECT d.id FROM ss_devices d JOIN ss_users u ON u.id = d.user_key
WHERE u.user_id = $1 AND ($2::text IS NULL OR d.device_id = $2)
"""
_OF_CONNECTIONS: Final = (
    """DELETE FROM ss_connection_rooms r USING ss_connections c
    WHERE r.connection_key = c.connection_key AND c.device_key = ANY ($1::int[])""",
    "DELETE FROM ss_connections WHERE device_key = ANY ($1::int[])",
)
_OF_USER: Final = tuple(
    f"DELETE FROM {table} WHERE user_key = (SELECT id FROM ss_users WHERE user_id = $1)"
    for table in ("ss_user_rooms", "ss_history", "ss_account_data")
)


async def device_keys(db: asyncpg.Connection, user_id: str, device_id: str | None) -> list[int]:
    """The devices of a user, or the one; none: it is not known here."""
    return [row[0] for row in await db.fetch(_DEVICES, user_id, device_id)]


async def purge_devices(db: asyncpg.Connection, keys: list[int]) -> None:
    """Forgets the connections of devices, and has their rooms fetched anew."""
    for statement in _OF_CONNECTIONS:
        await db.execute(statement, keys)
    await db.execute(f"{_DUE} AND device_key = ANY ($1::int[])", keys)


async def purge_user(db: asyncpg.Connection, user_id: str, keys: list[int]) -> None:
    """Forgets what a user is to rooms, and their account data. ``keys`` are all their devices."""
    await purge_devices(db, keys)
    for statement in _OF_USER:
        await db.execute(statement, user_id)


_OF_DEVICES: Final = (
    """DELETE FROM ss_to_device_messages m USING ss_devices d, ss_users u
    WHERE d.id = ANY ($1::int[]) AND u.id = d.user_key
        AND m.user_id = u.user_id AND m.device_id = d.device_id""",
    """DELETE FROM ss_device_list_updates l USING ss_devices d, ss_users u
    WHERE d.id = ANY ($1::int[]) AND u.id = d.user_key
        AND l.user_id = u.user_id AND l.device_id = d.device_id""",
    *(
        f"DELETE FROM {table} WHERE device_key = ANY ($1::int[])"
        for table in ("ss_tokens", "ss_device_keys", "ss_pieces", "ss_set_aside", "ss_pollers")
    ),
    "DELETE FROM ss_devices WHERE id = ANY ($1::int[])",
)


async def forget_devices(db: asyncpg.Connection, keys: list[int]) -> None:
    """Deletes all that is kept for devices, also messages that nobody sends again."""
    for statement in (*_OF_CONNECTIONS, *_OF_DEVICES):
        await db.execute(statement, keys)


_ROOM: Final = "SELECT room_key FROM ss_rooms WHERE room_id = $1"
# Whoever has left is told of the room no more: nothing of it need be fetched for them.
_MEMBERS_DEVICES: Final = """
SELECT d.id FROM ss_user_rooms r JOIN ss_devices d ON d.user_key = r.user_key
WHERE r.room_key = $1 AND r.membership IN ('join', 'invite', 'knock')
"""
_WITH_ROOM: Final = """
SELECT DISTINCT c.device_key FROM ss_connection_rooms r
JOIN ss_connections c ON c.connection_key = r.connection_key WHERE r.room_key = $1
"""
_OF_ROOM: Final = tuple(
    f"DELETE FROM {table} WHERE room_key = $1"
    for table in (
        "ss_events",
        "ss_gaps",
        "ss_room_state",
        "ss_space_children",
        "ss_user_rooms",
        "ss_history",
        "ss_receipts",
        "ss_typing",
        "ss_account_data",
        "ss_changes",
        "ss_rooms",
    )
)


async def purge_room(db: asyncpg.Connection, room_id: str) -> int | None:
    """Forgets a room; how many devices fetch their rooms anew for it. None: it is not known."""
    room_key = await db.fetchval(_ROOM, room_id)
    if room_key is None:
        return None
    members = [row[0] for row in await db.fetch(_MEMBERS_DEVICES, room_key)]
    had = [row[0] for row in await db.fetch(_WITH_ROOM, room_key)]
    await purge_devices(db, members)
    for statement in _OF_CONNECTIONS:
        await db.execute(statement, had)
    for statement in _OF_ROOM:
        await db.execute(statement, room_key)
    return len(members)


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])
