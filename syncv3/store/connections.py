"""Connections as they survive a restart.

Of each connection the view that was stored last is kept: its name, position and sticky request in
``ss_connections``, and a row for each of its rooms in ``ss_connection_rooms``. A client may have
thousands of rooms, so a save writes only the rows that differ (``Save``).

*Written asynchronously* (``synchronous_commit`` off). A crash of the server may lose the newest
saves. That costs an answer that says more than needed, never one that says less, since each
``pos`` says what its client has for certain; a durable commit for each answer would cost more.

*Turns.* With several workers any of them may write, so each request adds one to the row's ``turn``,
and a save counts only if the turn is still its own. Rows of rooms have the turn in which they were
written. So a worker that has a copy of turn 5 reads only the rows of turn 6 and later. Rows that
were deleted cannot be found like that: ``dropped`` is the turn in which some last were. If that is
after 5, too, all rows are read.

*Replaced ones.* A connection of which a client has tokens outlives another one of its name: its
``conn_id`` is null from then on (``RETIRE``).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import asyncpg

ASYNC = "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))"

# In one statement: the device's surplus connections go, in the order in which the client would miss
# them least; then the one of the same name becomes the new one, with another key, and loses its
# rooms. Rows that another statement has locked are skipped: a device may have one too many for a
# moment, but no two requests wait for each other.
CREATE = f"""
{ASYNC}, surplus AS (
    SELECT connection_key FROM ss_connections WHERE connection_key IN (
        SELECT connection_key FROM ss_connections
        LEFT JOIN unnest($7::bigint[], $8::float8[]) AS held (connection_key, idle_s)
            USING (connection_key)
        WHERE device_key = $1 AND (conn_id IS NULL OR (dialect, conn_id) <> ($3, $2))
        ORDER BY conn_id IS NULL, greatest(last_used, now() - make_interval(secs => idle_s)) DESC
        OFFSET $6)
    ORDER BY connection_key FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM ss_connections USING surplus
    WHERE ss_connections.connection_key = surplus.connection_key
    RETURNING ss_connections.connection_key
), rooms AS (
    DELETE FROM ss_connection_rooms WHERE connection_key IN (
        SELECT connection_key FROM gone UNION ALL
        SELECT connection_key FROM ss_connections
        WHERE device_key = $1 AND dialect = $3 AND conn_id = $2)
)
INSERT INTO ss_connections AS c (connection_key, device_key, conn_id, dialect, created, last_used,
    request, generation, nonce, pos, epoch)
SELECT $9, $1, $2, $3, now(), now(), $4, 0, 0, 0, $5 FROM quick
ON CONFLICT (device_key, dialect, conn_id) DO UPDATE SET
    connection_key = excluded.connection_key, created = now(), last_used = now(),
    request = excluded.request, generation = 0, nonce = 0, pos = 0, epoch = excluded.epoch,
    turn = 0, windows = NULL, told = NULL, configs = NULL, rooms = 0, dropped = 0,
    resumable = false
RETURNING connection_key, ARRAY(SELECT connection_key FROM gone) AS surplus, (
    SELECT connection_key FROM ss_connections
    WHERE device_key = $1 AND dialect = $3 AND conn_id = $2) AS replaced
"""
RETIRE = f"""
{ASYNC} UPDATE ss_connections SET conn_id = NULL, request = '', windows = NULL, turn = turn + 1
FROM quick WHERE device_key = $1 AND dialect = $2 AND conn_id = $3 AND resumable AND rooms > 0
RETURNING connection_key
"""
"""A connection that is replaced, but whose client may come back with a token of it: it has no name
any more, and nobody's turn is right for storing it."""
KEY_BITS: Final = 62
NEVER: Final = -1
"""A turn before all others."""
TELLS_ALL = """
(coalesce((convert_from(c.told, 'UTF8')::json ->> 'generation')::bigint, 0) = c.generation)
"""
"""Whether the row says which of its rooms were written when. A worker of an older version, which
may still run during an upgrade, does not: it leaves ``told`` as it was of an older view."""
SELECT = f"""
SELECT c.connection_key, request, generation, nonce, pos, epoch, turn, windows, told, configs,
    extract(epoch FROM now() - last_used)::float8, dropped <= $4 AND {TELLS_ALL}, r.*
FROM ss_connections c LEFT JOIN LATERAL (
    SELECT array_agg(room_key), array_agg(r.generation), array_agg(config), array_agg(members),
        array_agg(effective), array_agg(upto), array_agg(kept_upto), array_agg(is_dm)
    FROM ss_connection_rooms r
    WHERE r.connection_key = c.connection_key AND (c.dropped > $4 OR r.turn > $4 OR NOT {TELLS_ALL})
) r ON true
"""
"""A connection, and of its rooms those that were written after the turn $4: all of them if any
were deleted after it, or perhaps were. One statement, so that all is of one moment."""
LOAD = f"{SELECT} WHERE device_key = $1 AND dialect = $2 AND conn_id = $3"
# A client that comes back with a token keeps the replaced connection from being deleted as idle.
LOAD_EARLIER = f"""
WITH used AS (
    UPDATE ss_connections SET last_used = now()
    WHERE device_key = $1 AND dialect = $2 AND connection_key = $3 AND conn_id IS NULL)
{SELECT} WHERE device_key = $1 AND dialect = $2 AND connection_key = $3
"""
ROOM_COLUMNS: Final = 8
TAKE_TURN = f"""
{ASYNC} UPDATE ss_connections SET turn = turn + 1 FROM quick
WHERE connection_key = $1 RETURNING turn
"""
# Any number of connections at once. Only rows whose turn still is the save's own are written
# (``saved``), and the rooms of no others: so a worker that was paused in a request cannot overwrite
# what the next one has stored. ``replaced`` is for saves of all rooms: what else is there goes.
SAVE = f"""
{ASYNC}, saved AS (
    UPDATE ss_connections c SET request = n.request, generation = n.generation,
        nonce = n.nonce, pos = n.pos, epoch = n.epoch, windows = n.windows, last_used = now(),
        told = n.told, configs = coalesce(n.configs, c.configs), rooms = n.rooms,
        resumable = n.resumable,
        dropped = CASE WHEN n.drops OR NOT {TELLS_ALL} THEN n.turn ELSE c.dropped END
    FROM quick, unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[],
        $6::bigint[], $7::bytea[], $8::bigint[], $9::bytea[], $10::bytea[], $11::int[],
        $12::bool[], $25::bool[])
        n (connection_key, request, generation, nonce, pos, epoch, windows, turn, told, configs,
            rooms, drops, resumable)
    WHERE c.connection_key = n.connection_key AND c.turn = n.turn
    RETURNING c.connection_key, c.turn
), dropped AS (
    DELETE FROM ss_connection_rooms r
    USING saved s, unnest($13::bigint[], $14::int[]) n (connection_key, room_key)
    WHERE n.connection_key = s.connection_key AND r.connection_key = n.connection_key
        AND r.room_key = n.room_key
), replaced AS (
    DELETE FROM ss_connection_rooms r USING saved s
    WHERE s.connection_key = ANY ($15::bigint[]) AND r.connection_key = s.connection_key
        AND NOT EXISTS (
            SELECT FROM unnest($16::bigint[], $17::int[]) n (connection_key, room_key)
            WHERE n.connection_key = r.connection_key AND n.room_key = r.room_key)
), added AS (
    INSERT INTO ss_connection_rooms AS r (connection_key, turn, room_key, generation, config,
        members, effective, upto, kept_upto, is_dm)
    SELECT s.connection_key, s.turn, n.room_key, n.generation, n.config, n.members, n.effective,
        n.upto, n.kept_upto, n.is_dm
    FROM saved s JOIN unnest($16::bigint[], $17::int[], $18::bigint[], $19::int[], $20::bytea[],
        $21::int[], $22::bigint[], $23::bigint[], $24::bool[])
        n (connection_key, room_key, generation, config, members, effective, upto, kept_upto,
            is_dm) USING (connection_key)
    ON CONFLICT (connection_key, room_key) DO UPDATE SET generation = excluded.generation,
        config = excluded.config, members = excluded.members, turn = excluded.turn,
        effective = excluded.effective, upto = excluded.upto, kept_upto = excluded.kept_upto,
        is_dm = excluded.is_dm
)
SELECT connection_key FROM saved
"""
REMEMBERED = """
SELECT connection_key, octet_length(request), rooms,
    extract(epoch FROM now() - last_used)::float8, conn_id IS NOT NULL
FROM ss_connections WHERE device_key = $1
"""
FORGET = """
WITH rooms AS (DELETE FROM ss_connection_rooms WHERE connection_key = ANY ($1::bigint[]))
DELETE FROM ss_connections WHERE connection_key = ANY ($1::bigint[])
"""
EXPIRE = "DELETE FROM ss_connections WHERE last_used < now() - make_interval(secs => $1)"
# ``EXPIRE`` leaves the rooms to this: one connection may have fifty thousand.
ORPHANS = """
DELETE FROM ss_connection_rooms WHERE ctid IN (
    SELECT r.ctid FROM ss_connection_rooms r
    LEFT JOIN ss_connections c USING (connection_key)
    WHERE c.connection_key IS NULL LIMIT $1)
"""


class StoredRoom(NamedTuple):
    """A room that a client has been sent: see ``models.ConnectionRoom``."""

    generation: int
    config_id: int
    members: bytes | None = None
    effective: int | None = None
    upto: int | None = None
    kept_upto: int = 0
    is_dm: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection's row and its rooms by room key; ``partial``: only those asked for.

    ``idle_s`` is the time since it was last saved.
    """

    connection_key: int
    request: bytes
    generation: int
    nonce: int
    pos: int
    epoch: int
    turn: int
    windows: bytes | None
    told: bytes | None
    configs: bytes | None
    idle_s: float
    partial: bool
    rooms: Mapping[int, StoredRoom]


@dataclass(frozen=True, slots=True)
class Save:
    """What is to be stored of one connection: its row, rooms gone and rooms new or changed.

    ``whole``: ``added`` are all its rooms, in place of whatever is stored. ``configs`` is None
    if they stay as they are stored; ``rooms`` is how many there are then.
    """

    connection_key: int
    request: bytes
    generation: int
    nonce: int
    pos: int
    epoch: int
    windows: bytes | None
    turn: int
    told: bytes
    configs: bytes | None
    rooms: int
    dropped: Sequence[int]
    added: Mapping[int, StoredRoom]
    whole: bool
    resumable: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored of one of a device's connections.

    ``bytes`` is the size of its sticky request. ``idle_s`` is the time since it was last saved:
    a connection in use is saved at least once an hour. One that was replaced is not ``named``.
    """

    bytes: int
    rooms: int
    idle_s: float
    named: bool = True


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
    """A new connection in place of any of that name, which is kept if its client may go on from it.

    The device keeps its ``most`` newest ones. ``idle_s`` says how long connections that
    are held in memory have not been used: what is stored of that is older. The key is random:
    a database that has lost connections must not give their keys to others.
    """
    async with pool.acquire() as line, line.transaction():
        retired = await line.fetchval(RETIRE, device_key, dialect, conn_id)
        row = await line.fetchrow(
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
    created = Created(**dict(row))
    return created if retired is None else replace(created, replaced=retired)


async def load_connection(
    pool: asyncpg.Pool, device_key: int, dialect: str, conn_id: str, turn: int = NEVER
) -> StoredConnection | None:
    """The stored connection of that name, or None.

    Of its rooms only those are read that were written after ``turn``, where that is enough.
    """
    return _stored(await pool.fetchrow(LOAD, device_key, dialect, conn_id, turn))


async def load_earlier(
    pool: asyncpg.Pool, device_key: int, dialect: str, connection_key: int
) -> StoredConnection | None:
    """The device's stored connection of that key, whether or not it was replaced, or None."""
    return _stored(await pool.fetchrow(LOAD_EARLIER, device_key, dialect, connection_key, NEVER))


def _stored(row: asyncpg.Record | None) -> StoredConnection | None:
    """The value of a row of ``SELECT``; its last columns are arrays with an entry for each room."""
    if row is None:
        return None
    values = tuple(row.values())
    keys, *columns = values[-ROOM_COLUMNS:]
    rooms = {} if keys is None else dict(zip(keys, map(StoredRoom, *columns), strict=True))
    return StoredConnection(*(*values[:-ROOM_COLUMNS], rooms))


async def remembered(pool: asyncpg.Pool, device_key: int) -> dict[int, Remembered]:
    """What is stored of a device's connections, by key."""
    rows = await pool.fetch(REMEMBERED, device_key)
    return {key: Remembered(*values) for key, *values in rows}


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
    adds = [(s.connection_key, room, *v) for s in saves for room, v in s.added.items()]
    (
        keys, rooms, generations, config_ids, members, effective, upto, kept, dms,
    ) = zip(*adds, strict=True) if adds else ((),) * 9  # fmt: skip
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
        [s.told for s in saves],
        [s.configs for s in saves],
        [s.rooms for s in saves],
        [s.whole or bool(s.dropped) for s in saves],
        [key for key, _ in drops],
        [room for _, room in drops],
        [s.connection_key for s in saves if s.whole],
        keys, rooms, generations, config_ids, members, effective, upto, kept, dms,
        [s.resumable for s in saves],
    )  # fmt: skip
    return {row[0] for row in rows}


async def expire_connections(pool: asyncpg.Pool, idle_s: float, batch: int) -> int:
    """Deletes connections that were not used for so long, and rooms without a connection.

    How many connections there were. Rooms go in batches, so that no statement takes long.
    """
    deleted: str = await pool.execute(EXPIRE, idle_s)
    while await pool.execute(ORPHANS, batch) == f"DELETE {batch}":
        pass
    return int(deleted.removeprefix("DELETE "))
