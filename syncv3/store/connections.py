"""Connections as they survive a restart. Written asynchronously: losing the newest costs
an answer that says more than needed, never one that says less."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

ASYNC = "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))"

CREATE = f"""
{ASYNC}, surplus AS (
    SELECT connection_key FROM ss_connections WHERE connection_key IN (
        SELECT connection_key FROM ss_connections
        LEFT JOIN unnest($7::bigint[], $8::float8[]) AS held (connection_key, idle_s)
            USING (connection_key)
        WHERE device_key = $1 AND conn_id <> $2
        ORDER BY greatest(last_used, now() - make_interval(secs => idle_s)) DESC OFFSET $6)
    ORDER BY connection_key FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM ss_connections USING surplus
    WHERE ss_connections.connection_key = surplus.connection_key
    RETURNING ss_connections.connection_key
), rooms AS (
    DELETE FROM ss_connection_rooms WHERE connection_key IN (
        SELECT connection_key FROM gone UNION ALL
        SELECT connection_key FROM ss_connections WHERE device_key = $1 AND conn_id = $2)
)
INSERT INTO ss_connections AS c (connection_key, device_key, conn_id, dialect, created, last_used,
    request, generation, nonce, pos, epoch)
SELECT $9, $1, $2, $3, now(), now(), $4, 0, 0, 0, $5 FROM quick
ON CONFLICT (device_key, conn_id) DO UPDATE SET connection_key = excluded.connection_key,
    dialect = excluded.dialect, created = now(), last_used = now(), request = excluded.request,
    generation = 0, nonce = 0, pos = 0, epoch = excluded.epoch, turn = 0, windows = NULL
RETURNING connection_key, ARRAY(SELECT connection_key FROM gone) AS surplus,
    (SELECT connection_key FROM ss_connections WHERE device_key = $1 AND conn_id = $2) AS replaced
"""
KEY_BITS: Final = 62
LOAD = """
SELECT connection_key, dialect, request, generation, nonce, pos, epoch, turn, windows
FROM ss_connections WHERE device_key = $1 AND conn_id = $2
"""
LOAD_ROOMS = """
SELECT room_key, generation, config, members FROM ss_connection_rooms WHERE connection_key = $1
"""
TAKE_TURN = f"""
{ASYNC} UPDATE ss_connections SET turn = turn + 1, last_used = now() FROM quick
WHERE connection_key = $1 RETURNING turn
"""
SAVE = f"""
{ASYNC}, saved AS (
    UPDATE ss_connections c SET request = n.request, generation = n.generation,
        nonce = n.nonce, pos = n.pos, epoch = n.epoch, windows = n.windows, last_used = now()
    FROM quick, unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[],
        $6::bigint[], $7::bytea[], $8::bigint[])
        n (connection_key, request, generation, nonce, pos, epoch, windows, turn)
    WHERE c.connection_key = n.connection_key AND c.turn = n.turn
    RETURNING c.connection_key
), dropped AS (
    DELETE FROM ss_connection_rooms r
    USING saved s, unnest($9::bigint[], $10::int[]) n (connection_key, room_key)
    WHERE n.connection_key = s.connection_key AND r.connection_key = n.connection_key
        AND r.room_key = n.room_key
), replaced AS (
    DELETE FROM ss_connection_rooms r USING saved s
    WHERE s.connection_key = ANY ($16::bigint[]) AND r.connection_key = s.connection_key
        AND NOT EXISTS (
            SELECT FROM unnest($11::bigint[], $12::int[]) n (connection_key, room_key)
            WHERE n.connection_key = r.connection_key AND n.room_key = r.room_key)
), added AS (
    INSERT INTO ss_connection_rooms AS r (connection_key, room_key, generation, config, members)
    SELECT n.* FROM saved s JOIN
        unnest($11::bigint[], $12::int[], $13::bigint[], $14::int[], $15::bytea[])
        n (connection_key, room_key, generation, config, members) USING (connection_key)
    ON CONFLICT (connection_key, room_key) DO UPDATE SET generation = excluded.generation,
        config = excluded.config, members = excluded.members
)
SELECT connection_key FROM saved
"""
REMEMBERED = """
SELECT connection_key, octet_length(request),
    extract(epoch FROM now() - last_used)::float8
FROM ss_connections WHERE device_key = $1
"""
FORGET = """
WITH rooms AS (DELETE FROM ss_connection_rooms WHERE connection_key = ANY ($1::bigint[]))
DELETE FROM ss_connections WHERE connection_key = ANY ($1::bigint[])
"""
EXPIRE = "DELETE FROM ss_connections WHERE last_used < now() - make_interval(secs => $1)"
ORPHANS = """
DELETE FROM ss_connection_rooms WHERE ctid IN (
    SELECT r.ctid FROM ss_connection_rooms r
    LEFT JOIN ss_connections c USING (connection_key)
    WHERE c.connection_key IS NULL LIMIT $1)
"""


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A live room of a stored connection."""

    generation: int
    config_id: int
    members: bytes | None


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection's row and its live rooms by room key."""

    connection_key: int
    dialect: str
    request: bytes
    generation: int
    nonce: int
    pos: int
    epoch: int
    turn: int
    windows: bytes | None
    rooms: Mapping[int, StoredRoom]


@dataclass(frozen=True, slots=True)
class Save:
    """What is to be stored of one connection: its row, rooms gone and rooms new or changed.

    ``whole``: ``added`` are all its rooms, in place of whatever is stored.
    """

    connection_key: int
    request: bytes
    generation: int
    nonce: int
    pos: int
    epoch: int
    windows: bytes | None
    turn: int
    dropped: Sequence[int]
    added: Mapping[int, StoredRoom]
    whole: bool


@dataclass(frozen=True, slots=True)
class Created:
    """A new connection, those dropped for it, and the one of the same name before it."""

    connection_key: int
    surplus: Sequence[int]
    replaced: int | None


async def create_connection(
    pool: asyncpg.Pool,
    device_key: int,
    conn_id: str,
    dialect: str,
    epoch: int,
    most: int,
    idle_s: Mapping[int, float],
) -> Created:
    """A new connection in place of any of that name.

    The device keeps its ``most`` newest ones. ``idle_s`` says how long connections that
    are held in memory have not been used: what is stored of that is older. The key is random:
    a database that has lost connections must not give their keys to others.
    """
    row = await pool.fetchrow(
        CREATE,
        device_key,
        conn_id,
        dialect,
        b"",
        epoch,
        most - 1,
        list(idle_s),
        list(idle_s.values()),
        secrets.randbits(KEY_BITS),
    )
    assert row is not None
    return Created(**dict(row))


async def load_connection(
    pool: asyncpg.Pool, device_key: int, conn_id: str
) -> StoredConnection | None:
    """The stored connection of that name, or None."""
    row = await pool.fetchrow(LOAD, device_key, conn_id)
    if row is None:
        return None
    stored = await pool.fetch(LOAD_ROOMS, row["connection_key"])
    rooms = {r[0]: StoredRoom(r[1], r[2], r[3]) for r in stored}
    return StoredConnection(**dict(row), rooms=rooms)


async def remembered(pool: asyncpg.Pool, device_key: int) -> dict[int, tuple[int, float]]:
    """By connection of a device: the bytes of its sticky request, and how long it was not used.

    The time is that of the last save: a connection in use is saved at least once an hour.
    """
    rows = await pool.fetch(REMEMBERED, device_key)
    return {key: (size, idle_s) for key, size, idle_s in rows}


async def forget_connections(pool: asyncpg.Pool, keys: Sequence[int]) -> None:
    """Deletes connections."""
    await pool.execute(FORGET, list(keys))


async def take_turn(pool: asyncpg.Pool, connection_key: int) -> int | None:
    """Makes this request the connection's newest; None if the connection is gone."""
    turn: int | None = await pool.fetchval(TAKE_TURN, connection_key)
    return turn


async def save_connections(pool: asyncpg.Pool, saves: Sequence[Save]) -> set[int]:
    """Stores connections in one statement; gives those whose turn it still was."""
    drops = [(s.connection_key, room) for s in saves for room in s.dropped]
    adds = [(s.connection_key, room, v) for s in saves for room, v in s.added.items()]
    rows = await pool.fetch(
        SAVE,
        [s.connection_key for s in saves],
        [s.request for s in saves],
        [s.generation for s in saves],
        [s.nonce for s in saves],
        [s.pos for s in saves],
        [s.epoch for s in saves],
        [s.windows for s in saves],
        [s.turn for s in saves],
        [key for key, _ in drops],
        [room for _, room in drops],
        [key for key, _, _ in adds],
        [room for _, room, _ in adds],
        [v.generation for _, _, v in adds],
        [v.config_id for _, _, v in adds],
        [v.members for _, _, v in adds],
        [s.connection_key for s in saves if s.whole],
    )
    return {row[0] for row in rows}


async def expire_connections(pool: asyncpg.Pool, idle_s: float, batch: int) -> None:
    """Deletes connections that were not used for so long, and rooms without a connection.

    Rooms go in batches, so that no statement takes long.
    """
    await pool.execute(EXPIRE, idle_s)
    while await pool.execute(ORPHANS, batch) == f"DELETE {batch}":
        pass
