"""SQL on the tables of the Go proxy, which are called ``syncv3_…``; ours never are.

They are read, and written only when everything goes back. Each function says of one noun what is
copied; who decides is ``syncv3.takeover``. All of them run in one transaction of its caller.
"""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import asyncpg

from syncv3.store.stream import take_position

LAST_SCHEMA: Final = 20240517104423
"""The last migration of the Go proxy (O-98): device lists are in a table of their own."""
TABLES: Final = (
    "syncv3_account_data",
    "syncv3_device_data",
    "syncv3_device_list_updates",
    "syncv3_events",
    "syncv3_invites",
    "syncv3_receipts",
    "syncv3_receipts_private",
    "syncv3_rooms",
    "syncv3_snapshots",
    "syncv3_spaces",
    "syncv3_sync2_devices",
    "syncv3_sync2_tokens",
    "syncv3_to_device_ack_pos",
    "syncv3_to_device_messages",
    "syncv3_txns",
    "syncv3_typing",
    "syncv3_unread",
    "goose_db_version",
)
SEQUENCES: Final = (
    "syncv3_account_data_seq",
    "syncv3_event_nids_seq",
    "syncv3_snapshots_seq",
    "syncv3_to_device_messages_seq",
)
"""What the Go proxy has made, all of which ``migrate --drop-old`` drops."""
COPIED: Final = (
    "syncv3_sync2_devices",
    "syncv3_sync2_tokens",
    "syncv3_to_device_messages",
    "syncv3_to_device_ack_pos",
    "syncv3_device_list_updates",
)
PAGE: Final = 1000

_HERE = "SELECT to_regclass('syncv3_sync2_devices') IS NOT NULL"
# goose adds a row for each step up or down: the newest row of a version says which it was.
_VERSIONS = """
SELECT version_id FROM (
    SELECT DISTINCT ON (version_id) version_id, is_applied FROM goose_db_version
    ORDER BY version_id, id DESC) v
WHERE is_applied ORDER BY version_id
"""


async def is_here(db: asyncpg.Connection) -> bool:
    """Whether the database has the Go proxy's tables."""
    return bool(await db.fetchval(_HERE))


async def schema_versions(db: asyncpg.Connection) -> list[int]:
    """Its migrations that are in force, in order; none if it has never noted any."""
    if not await db.fetchval("SELECT to_regclass('goose_db_version') IS NOT NULL"):
        return []
    return [row[0] for row in await db.fetch(_VERSIONS)]


# -- who else is connected ---------------------------------------------------------------


class Session(NamedTuple):
    """Another session on this database. ``name`` is what it calls itself."""

    pid: int
    name: str
    address: str


_SESSIONS = """
SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'a socket')
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
    AND a.backend_type = 'client backend' AND a.usename = current_user
    AND a.application_name <> ALL ($1::text[])
ORDER BY a.pid
"""


async def sessions(db: asyncpg.Connection, besides: tuple[str, ...]) -> list[Session]:
    """Sessions of our role that do not call themselves by one of these names.

    The Go proxy has our role, as both have the same ``SYNCV3_DB``, and gives itself no name.
    """
    return [Session(*row) for row in await db.fetch(_SESSIONS, list(besides))]


async def lock_tables(db: asyncpg.Connection, timeout_ms: int) -> None:
    """Nobody writes what is copied until the transaction ends. Raises ``LockNotAvailableError``."""
    await db.execute(f"SET LOCAL lock_timeout = {timeout_ms}")
    await db.execute(f"LOCK TABLE {', '.join(COPIED)} IN SHARE ROW EXCLUSIVE MODE")
    await db.execute("SET LOCAL lock_timeout = 0")


# -- taking over -------------------------------------------------------------------------

_NEWEST_TOKENS = """
SELECT token_encrypted FROM syncv3_sync2_tokens ORDER BY last_seen DESC, token_hash LIMIT $1
"""


async def newest_ciphertexts(db: asyncpg.Connection, most: int) -> list[str]:
    """Some encrypted tokens, to try with them whether the secret is the right one."""
    return [row[0] for row in await db.fetch(_NEWEST_TOKENS, most)]


_OWNERS = """
SELECT user_id, device_id FROM syncv3_sync2_devices
UNION SELECT user_id, device_id FROM syncv3_sync2_tokens
"""
_COPY_USERS = f"""
INSERT INTO ss_users (user_id) SELECT DISTINCT o.user_id FROM ({_OWNERS}) o ORDER BY o.user_id
ON CONFLICT (user_id) DO NOTHING
"""
_COPY_DEVICES = f"""
INSERT INTO ss_devices (user_key, device_id)
SELECT u.id, o.device_id FROM ({_OWNERS}) o JOIN ss_users u ON u.user_id = o.user_id
ON CONFLICT (user_key, device_id) DO NOTHING
"""
# An empty ``since`` is that of a device which was never polled: nothing is due of it.
_COPY_SINCE = """
INSERT INTO ss_pollers AS p (device_key, since, rooms_due, last_used)
SELECT d.id, nullif(o.since, ''), CASE WHEN o.since = '' THEN 0 ELSE 1 END, coalesce(
    (SELECT max(t.last_seen) FROM syncv3_sync2_tokens t
        WHERE t.user_id = o.user_id AND t.device_id = o.device_id), 'epoch')
FROM syncv3_sync2_devices o
JOIN ss_users u ON u.user_id = o.user_id
JOIN ss_devices d ON d.user_key = u.id AND d.device_id = o.device_id
ON CONFLICT (device_key) DO UPDATE SET since = excluded.since, rooms_due = excluded.rooms_due,
    generated_us = 0, last_used = greatest(p.last_used, excluded.last_used)
"""
_COPY_TOKENS = """
INSERT INTO ss_tokens AS t (hash, device_key, token, last_seen, created)
SELECT o.token_hash, d.id, o.token_encrypted, o.last_seen, o.last_seen
FROM syncv3_sync2_tokens o
JOIN ss_users u ON u.user_id = o.user_id
JOIN ss_devices d ON d.user_key = u.id AND d.device_id = o.device_id
ON CONFLICT (hash) DO UPDATE SET last_seen = greatest(t.last_seen, excluded.last_seen)
"""


async def copy_devices(db: asyncpg.Connection) -> int:
    """Users, devices and how far each is; a device with a ``since`` has its rooms due."""
    await db.execute(_COPY_USERS)
    await db.execute(_COPY_DEVICES)
    return _count(await db.execute(_COPY_SINCE))


async def copy_tokens(db: asyncpg.Connection) -> int:
    """Access tokens, whose hashes and ciphertexts have our formats (U-1, U-6)."""
    return _count(await db.execute(_COPY_TOKENS))


_COPY_LISTS = """
INSERT INTO ss_device_list_updates (user_id, device_id, target_user_id, target_state, pos)
SELECT DISTINCT ON (user_id, device_id, target_user_id)
    user_id, device_id, target_user_id, target_state, $1
FROM syncv3_device_list_updates ORDER BY user_id, device_id, target_user_id, bucket
ON CONFLICT (user_id, device_id, target_user_id)
    DO UPDATE SET target_state = excluded.target_state, pos = excluded.pos
"""


async def copy_lists(db: asyncpg.Connection) -> int:
    """Changes of device lists, all at one new position of the stream.

    Those in bucket 1 were not sent yet, those in bucket 2 were sent and not acknowledged. Of
    two for the same target the former is newer.
    """
    return _count(await db.execute(_COPY_LISTS, await take_position(db)))


class OldMessage(NamedTuple):
    """A to-device message; ``sent``: its client was given it, and did not acknowledge it."""

    position: int
    user_id: str
    device_id: str
    event_type: str
    sender: str
    message: str
    sent: bool


_MESSAGES = """
SELECT m.position, m.user_id, m.device_id, m.event_type, m.sender, m.message,
    m.position <= coalesce(a.unack_pos, 0)
FROM syncv3_to_device_messages m
LEFT JOIN syncv3_to_device_ack_pos a ON a.user_id = m.user_id AND a.device_id = m.device_id
WHERE m.position > $1 ORDER BY m.position LIMIT $2
"""


async def count_messages(db: asyncpg.Connection) -> int:
    """How many to-device messages the Go proxy has."""
    return int(await db.fetchval("SELECT count(*) FROM syncv3_to_device_messages"))


async def pages_of_messages(db: asyncpg.Connection) -> AsyncIterator[list[OldMessage]]:
    """All to-device messages in order, in pages."""
    last = -1
    while rows := await db.fetch(_MESSAGES, last, PAGE):
        yield [OldMessage(*row) for row in rows]
        last = rows[-1][0]


class NewMessage(NamedTuple):
    """A row of ours for a message; its position in the stream is 0: it is nobody's news."""

    position: int
    user_id: str
    device_id: str
    event_type: str
    sender: str
    message: str
    unique_key: str | None
    key_hash: bytes | None
    action: int
    sent: bool


async def have_messages(db: asyncpg.Connection) -> bool:
    """Whether we have messages already: theirs then need other positions than they have."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM ss_to_device_messages)"))


async def add_messages(db: asyncpg.Connection, rows: list[NewMessage]) -> None:
    """Stores messages by ``COPY``: there may be very many of them."""
    await db.copy_records_to_table(
        "ss_to_device_messages", records=rows, columns=[*NewMessage._fields]
    )


_NEXT_POSITIONS = "SELECT nextval('ss_to_device_messages_seq') FROM generate_series(1, $1)"


async def next_positions(db: asyncpg.Connection, number: int) -> list[int]:
    """So many new positions of messages, ascending."""
    return [row[0] for row in await db.fetch(_NEXT_POSITIONS, number)]


# Clients have tokens that are such numbers: one that came twice would stand for two messages.
_GO_ON_BEHIND = """
SELECT setval('ss_to_device_messages_seq', greatest(
    (SELECT last_value FROM ss_to_device_messages_seq),
    (SELECT last_value FROM syncv3_to_device_messages_seq),
    (SELECT coalesce(max(position), 0) FROM syncv3_to_device_messages)))
"""


async def go_on_behind(db: asyncpg.Connection) -> None:
    """Our next message comes behind all that the Go proxy has numbered (TD-10)."""
    await db.execute(_GO_ON_BEHIND)


_SET_ASIDE = """
INSERT INTO ss_set_aside (extension, device_key, sender, generated_us, item, error)
SELECT 'to_device', d.id, $3, (extract(epoch FROM now()) * 1e6)::bigint, $4, $5
FROM ss_users u JOIN ss_devices d ON d.user_key = u.id WHERE u.user_id = $1 AND d.device_id = $2
"""


async def set_aside(db: asyncpg.Connection, old: OldMessage, item: str, error: str) -> None:
    """Keeps a message that cannot be taken in for a replay: nobody would send it again."""
    await db.execute(_SET_ASIDE, old.user_id, old.device_id, old.sender, item, error)


# -- what was taken over -----------------------------------------------------------------


class TakeoverState(NamedTuple):
    """The last taking over, if there was any. ``returned``, ``dropped``: since then."""

    returned: bool
    dropped: bool


_STATE = """
SELECT returned IS NOT NULL, dropped IS NOT NULL FROM ss_takeovers ORDER BY id DESC LIMIT 1
"""
_NOTE = """
INSERT INTO ss_takeovers (devices, tokens, messages, lists, decimals_upto)
VALUES ($1, $2, $3, $4, 9223372036854775807)
"""


async def state(db: asyncpg.Connection) -> TakeoverState | None:
    """What was taken over; None: nothing ever, or our tables are not there."""
    if not await db.fetchval("SELECT to_regclass('ss_takeovers') IS NOT NULL"):
        return None
    row = await db.fetchrow(_STATE)
    return None if row is None else TakeoverState(*row)


async def note_taken(
    db: asyncpg.Connection, *, devices: int, tokens: int, messages: int, lists: int
) -> None:
    """Notes that it was taken over, and how much it was; that is what ``state`` tells."""
    await db.execute(_NOTE, devices, tokens, messages, lists)


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])
