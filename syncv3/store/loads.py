"""What the cache loads on demand: each load is one statement, hence one snapshot.

What may be of any size is read in pages, each in a snapshot of its own. All loads give the head
of their snapshot, so that the cache can bring what it holds and what it
was given to the same position (docs/architecture/cache.md).

Each statement takes any number of rooms as arrays, so that an answer with a hundred rooms needs
one query of a kind and not a hundred. Within it each row is looked up by its key (``CROSS JOIN
LATERAL … LIMIT``) and not joined: a join would be planned by the statistics of the tables, which
may have been empty a minute ago, and read a table of millions of events from end to end.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

from syncv3.store.rows import EventRow, FilledRow, HistoryRow, RoomRow, UserRoomRow, UserRow

HEAD = "(SELECT last_pos FROM ss_stream_commits ORDER BY last_pos DESC LIMIT 1)"

USER = f"""
SELECT {HEAD},
    (SELECT ROW(u.id, u.user_id, u.pos, u.direct, u.direct_us, u.ignored, u.ignored_us)
        FROM ss_users u WHERE u.id = $1)
"""
USER_ROOMS = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(x, r) FROM (
        SELECT x.* FROM ss_user_rooms x WHERE x.user_key = $1 AND x.room_key > $2
        ORDER BY x.room_key LIMIT $3) x
    CROSS JOIN LATERAL (SELECT r.* FROM ss_rooms r WHERE r.room_key = x.room_key LIMIT 1) r
    ORDER BY x.room_key)
"""
"""Uses ss_user_rooms_pkey."""

FILLED = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(h.user_key, h.room_key, h.base_ord, max(h.pos)) FROM ss_history h
    WHERE h.user_key = $1 AND h.room_key > $2
    GROUP BY h.user_key, h.room_key, h.base_ord ORDER BY h.room_key LIMIT $3)
"""
"""Uses ss_history_pkey; of a room there are chunks of one ``base_ord`` only."""

TIMELINES = f"""
SELECT {HEAD}, ARRAY(
    SELECT e FROM unnest($1::int[]) w (room_key)
    JOIN ss_rooms r ON r.room_key = w.room_key
    CROSS JOIN LATERAL (
        SELECT * FROM ss_events t
        WHERE t.room_key = w.room_key AND t.ord >= coalesce(r.gap_ord, 0) AND NOT t.history
        ORDER BY t.ord DESC LIMIT $2) e)
"""
STATES = f"""
SELECT {HEAD}, ARRAY(
    SELECT e FROM unnest($1::int[]) w (room_key)
    CROSS JOIN LATERAL (
        SELECT s.event_key FROM ss_room_state s
        WHERE s.room_key = w.room_key AND s.to_pos IS NULL AND s.type < 'm.room.member'
        UNION ALL
        SELECT s.event_key FROM ss_room_state s
        WHERE s.room_key = w.room_key AND s.to_pos IS NULL AND s.type > 'm.room.member') s
    CROSS JOIN LATERAL (
        SELECT e.* FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1) e)
"""
"""Two ranges of ss_room_state_current: a room may have ten thousand members in between."""

# Each is one look into ss_room_state_current; most rooms have far more members than are asked for.
MEMBERS = f"""
SELECT {HEAD}, ARRAY(
    SELECT e FROM unnest($1::int[], $2::text[]) w (room_key, user_id)
    CROSS JOIN LATERAL (
        SELECT s.event_key FROM ss_room_state s
        WHERE s.room_key = w.room_key AND s.type = 'm.room.member'
            AND s.state_key = w.user_id AND s.to_pos IS NULL LIMIT 1) s
    CROSS JOIN LATERAL (
        SELECT e.* FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1) e)
"""
ALL_MEMBERS = f"""
SELECT {HEAD}, ARRAY(
    SELECT e FROM (
        SELECT s.event_key, s.state_key FROM ss_room_state s
        WHERE s.room_key = $1 AND s.to_pos IS NULL AND s.type = 'm.room.member'
            AND s.state_key > $2
        ORDER BY s.state_key LIMIT $3) s
    CROSS JOIN LATERAL (
        SELECT e.* FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1) e
    ORDER BY s.state_key)
"""
"""Uses ss_room_state_current."""

# In the order of the room, though it is asked by position: an event that was learned late belongs
# between others.
LIVE = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(w.n, e)
    FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
        w (room_key, from_ord, after, n)
    CROSS JOIN LATERAL (
        SELECT t.* FROM ss_events t
        WHERE t.room_key = w.room_key AND t.ord >= w.from_ord AND t.pos > w.after
            AND NOT t.history
        ORDER BY t.ord LIMIT $4) e)
"""
OLDER = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(w.n, e)
    FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
        w (room_key, from_ord, to_ord, n)
    CROSS JOIN LATERAL (
        SELECT t.* FROM ss_events t
        WHERE t.room_key = w.room_key AND t.ord >= w.from_ord AND t.ord < w.to_ord
            AND NOT t.history
        ORDER BY t.ord DESC LIMIT $4) e)
"""
GAPS = """
SELECT w.* FROM unnest($1::int[], $2::bigint[], $3::bigint[]) w (room_key, behind, upto)
CROSS JOIN LATERAL (
    SELECT FROM ss_gaps g
    WHERE g.room_key = w.room_key AND g.ord > w.behind AND g.ord <= w.upto
    ORDER BY g.ord LIMIT 1) g
"""
"""Uses the primary key of ss_gaps: a room may have any number of gaps."""

# Chunks name events by ID, and their bytes may be stored already because of a sync.
HISTORY = f"""
SELECT {HEAD}, ARRAY(
    SELECT h FROM unnest($1::int[], $2::int[]) w (user_key, room_key)
    JOIN ss_history h USING (user_key, room_key) ORDER BY h.room_key, h.number), ARRAY(
    SELECT e FROM unnest($1::int[], $2::int[]) w (user_key, room_key)
    JOIN ss_history h USING (user_key, room_key)
    CROSS JOIN LATERAL unnest(h.events) u (event_id)
    CROSS JOIN LATERAL (
        SELECT t.* FROM ss_events t
        WHERE t.event_id = u.event_id AND t.room_key = w.room_key LIMIT 1) e)
"""
"""Uses ss_history_pkey and ss_events_event_id."""

CHILDREN = f"""
SELECT {HEAD}, ARRAY(
    SELECT c.child FROM ss_space_children c
    WHERE c.room_key = $1 AND c.child > $2 AND c.valid ORDER BY c.child LIMIT $3)
"""
"""Uses the primary key of ss_space_children."""

TXNS = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(t.event_key, t.txn_id) FROM ss_txns t WHERE t.device_key = $1
    ORDER BY t.event_key DESC LIMIT $2)
"""
"""Uses the primary key of ss_txns. Keys of later events are higher, but for a block or two."""


PAGE: Final = 1000
"""How many rows are read at once where there may be any number: a few milliseconds' worth."""
WIDE_PAGE: Final = 500
"""The same of rows that have whole events, or that are rooms."""


Stretch = tuple[int, int, int]
"""A room's key and two orders in it: what lies behind the first, up to the second."""


class Heads(NamedTuple):
    """The heads of the snapshots of a load that took several: of its first page and its last."""

    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class LoadedUser:
    """A user with all rooms they have to do with, by key."""

    heads: Heads
    row: UserRow
    stays: dict[int, UserRoomRow]
    rooms: dict[int, RoomRow]
    filled: dict[int, FilledRow]


async def load_user(pool: asyncpg.Pool, user_key: int) -> LoadedUser:
    """A user's rows and those of their rooms, page by page: others run in between.

    The pages are of different snapshots. What has changed in between is in the deltas that the
    cache keeps from the first head on (``Heads.oldest``), so it is put right there.
    """
    found = await pool.fetchrow(USER, user_key)
    assert found is not None
    oldest, user = found
    stays: dict[int, UserRoomRow] = {}
    rooms: dict[int, RoomRow] = {}
    newest, last, more = oldest, -1, True
    while more:
        page = await pool.fetchrow(USER_ROOMS, user_key, last, WIDE_PAGE)
        assert page is not None
        newest, pairs = page
        for stay, room in pairs:
            last = stay[1]
            stays[last] = UserRoomRow.of(stay)
            rooms[last] = RoomRow.of(room)
        more = len(pairs) == WIDE_PAGE
    newest, filled = await _load_filled(pool, user_key)
    return LoadedUser(Heads(oldest or 0, newest or 0), UserRow.of(user), stays, rooms, filled)


async def _load_filled(pool: asyncpg.Pool, user_key: int) -> tuple[int, dict[int, FilledRow]]:
    """What is stored of a user's own histories, by room, and the head of the last page."""
    filled: dict[int, FilledRow] = {}
    head, last, more = 0, -1, True
    while more:
        page = await pool.fetchrow(FILLED, user_key, last, PAGE)
        assert page is not None
        head, rows = page
        for row in map(FilledRow.of, rows):
            last = row.room_key
            filled[last] = row
        more = len(rows) == PAGE
    return head or 0, filled


async def load_timelines(
    pool: asyncpg.Pool, keys: Sequence[int], limit: int
) -> tuple[int, list[EventRow]]:
    """The newest ``limit`` events of rooms, back to their newest gap at most."""
    return await _events(pool, TIMELINES, keys, limit)


async def load_states(pool: asyncpg.Pool, keys: Sequence[int]) -> tuple[int, list[EventRow]]:
    """The current state of rooms, without members."""
    return await _events(pool, STATES, keys)


async def load_members(
    pool: asyncpg.Pool, wanted: Iterable[tuple[int, str]]
) -> tuple[int, list[EventRow]]:
    """The member events of (room, user) pairs, those that exist."""
    pairs = list(wanted)
    return await _events(pool, MEMBERS, [key for key, _ in pairs], [user for _, user in pairs])


async def load_all_members(
    pool: asyncpg.Pool, key: int, size: int = WIDE_PAGE
) -> AsyncIterator[tuple[int, list[EventRow]]]:
    """All known member events of a room, page by page, each with the head of its snapshot.

    A page begins behind the last event's state key. Should the database name an event that has
    another key than its entry, a page might come again and again: that ends the list.
    """
    last, begun = "", set[str]()
    while last not in begun:
        begun.add(last)
        head, rows = await _events(pool, ALL_MEMBERS, key, last, size)
        yield head, rows
        if len(rows) == size:
            last = rows[-1].state_key or ""


async def load_live(
    pool: asyncpg.Pool, wanted: Sequence[tuple[int, int, int]], limit: int
) -> tuple[int, list[list[EventRow]]]:
    """Events that became known after a position, in room order, at most ``limit`` a room.

    ``wanted`` names room, lowest order and position; there is one list for each.
    """
    return await _listed(pool, LIVE, wanted, limit)


async def load_older(
    pool: asyncpg.Pool, wanted: Sequence[tuple[int, int, int]], limit: int
) -> tuple[int, list[list[EventRow]]]:
    """The newest ``limit`` events of a stretch of a room's timeline, newest first.

    ``wanted`` names room, lowest order, and the order before which the stretch ends; there is
    one list for each.
    """
    return await _listed(pool, OLDER, wanted, limit)


async def _listed(
    pool: asyncpg.Pool, statement: str, wanted: Sequence[tuple[int, int, int]], limit: int
) -> tuple[int, list[list[EventRow]]]:
    columns = [list(column) for column in zip(*wanted, strict=True)]
    record = await pool.fetchrow(statement, *columns, limit)
    assert record is not None
    found: list[list[EventRow]] = [[] for _ in wanted]
    for number, event in record[1]:
        found[number - 1].append(EventRow.of(event))
    return record[0] or 0, found


async def load_history(
    pool: asyncpg.Pool, wanted: Sequence[tuple[int, int]]
) -> tuple[int, list[HistoryRow], list[EventRow]]:
    """What users' own calls of /messages have given of rooms: chunks in order, and events.

    ``wanted`` names user and room.
    """
    found = await pool.fetchrow(HISTORY, *map(list, zip(*wanted, strict=True)))
    assert found is not None
    head, chunks, events = found
    return head or 0, list(map(HistoryRow.of, chunks)), list(map(EventRow.of, events))


async def load_gaps(pool: asyncpg.Pool, stretches: Iterable[Stretch]) -> frozenset[Stretch]:
    """Those of some stretches in which events are missing."""
    columns = [list(column) for column in zip(*stretches, strict=True)]
    rows = await pool.fetch(GAPS, *columns)
    return frozenset((row[0], row[1], row[2]) for row in rows)


async def load_children(pool: asyncpg.Pool, space: int) -> tuple[Heads, set[str]]:
    """The rooms that a space names as its children, page by page: others run in between."""
    found: set[str] = set()
    heads: list[int] = []
    last = ""
    while len(found) == len(heads) * PAGE:  # as long as all pages were full
        record = await pool.fetchrow(CHILDREN, space, last, PAGE)
        assert record is not None
        heads.append(record[0] or 0)
        found.update(record[1])
        last = record[1][-1] if record[1] else last
    return Heads(heads[0], heads[-1]), found


async def load_transactions(
    pool: asyncpg.Pool, device_key: int, most: int
) -> tuple[int, dict[int, str | None]]:
    """The device's newest own events that its poller delivered, the newest one last: event key
    to transaction id."""
    found = await pool.fetchrow(TXNS, device_key, most)
    assert found is not None
    return found[0] or 0, {row[0]: row[1] for row in reversed(found[1])}


async def _events(
    pool: asyncpg.Pool, statement: str, *arguments: object
) -> tuple[int, list[EventRow]]:
    found = await pool.fetchrow(statement, *arguments)
    assert found is not None
    return found[0] or 0, list(map(EventRow.of, found[1]))
