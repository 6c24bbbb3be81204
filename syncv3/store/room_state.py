"""What a room's state was, and what of it has changed: read from the intervals of its values.

``ss_room_state`` has a row for each value that a state key has had. An example: the topic was A
when the service first heard of the room, at position 3, and was changed to B at 7 and to C at 9:

    value   learned_pos   from_pos   to_pos
    A       3             0          7          from_pos 0: it was learned, not changed
    B       7             7          9
    C       9             9          null       the current one

Three questions are answered from that. *What is it now?* The row without ``to_pos``. *What has
changed after 7?* Keys with a row whose ``learned_pos`` is higher: the topic. *What was it at the
end of Alice's membership, which was put at order 20 of the timeline and at position 8?* Of the
values that are not from behind that the last one: B. Positions alone would not do for that, as an
event from before her leave may have been learned after it. So where a value has a place in the
timeline that decides.

Each load is one statement, hence one snapshot, and gives the head of that (see ``loads.py``).
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import asyncpg

from syncv3.store.loads import HEAD
from syncv3.store.rows import EventRow

CHANGED_MOST: Final = 2_000  # keys of one room; if more have changed all state is sent
MEMBERS_MOST: Final = 1_000
"""So many members are told of a room that its user has left, if all were asked for."""
LAST: Final = 64
"""So many events before the end of a stay are looked at for state."""

CHANGED = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(w.n, s.type, s.state_key)
    FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY w (room_key, after, n)
    CROSS JOIN LATERAL (
        SELECT t.type, t.state_key FROM ss_room_state t
        WHERE t.room_key = w.room_key AND t.learned_pos > w.after
            AND (t.from_pos > 0 OR t.type <> 'm.room.member')
        ORDER BY t.learned_pos DESC LIMIT $3) s)
"""
"""Uses ss_room_state_changed. Values that have been replaced since then are among them: their
keys have changed, too. So are values that were only learned since then: nobody was told of them.
Members aside, of whom any number may be learned at once, and who are told when they speak."""


def pos_before_hole(room_key: str, left_ord: str, reset_pos: str) -> str:
    """SQL for the last position at which nothing from behind the end of a stay was known.

    Say a user was told of A, then B, L (they leave) and D happen. Somebody else's answer begins
    behind all that: it opens a gap behind A, and has the state as of D. It may come before the
    user's own answer ends their stay, which is then put before that gap.
    """
    return f"""least({reset_pos}, (
        SELECT h.pos - 1 FROM ss_gaps g
        CROSS JOIN LATERAL (
            SELECT f.pos FROM ss_events f
            WHERE f.room_key = g.room_key AND f.ord = g.ord ORDER BY f.ord, f.pos LIMIT 1) h
        WHERE g.room_key = {room_key} AND g.ord > {left_ord} ORDER BY g.ord LIMIT 1))"""


_END = f"""
    CROSS JOIN LATERAL (
        SELECT {pos_before_hole("w.room_key", "w.ord", "w.reset_pos")} AS pos OFFSET 0) h"""
"""Once for each stay, not for each value: so it is fenced off."""

_AT_END = """
    CROSS JOIN LATERAL (
        SELECT t.event_key, t.from_pos, t.learned_pos FROM ({values}) t
        JOIN ss_events e ON e.event_key = t.event_key
        WHERE CASE WHEN e.ord IS NULL THEN t.learned_pos <= h.pos ELSE e.ord <= w.ord END
        {order}) s
    CROSS JOIN LATERAL (
        SELECT e.* FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1) e
"""
"""A value was the current one at the end if it is not from behind it: an event of the timeline
knows its place there, of others it is known when they were learned. The last such counts."""


def _at_end(*conditions: str, order: str = "") -> str:
    """``_AT_END`` for the values that meet one of the conditions.

    Each is read from ss_room_state_current and from ss_room_state_replaced.
    """
    values = " UNION ALL ".join(
        "SELECT v.event_key, v.from_pos, v.learned_pos FROM ss_room_state v"
        f" WHERE v.room_key = w.room_key AND v.to_pos IS {replaced}NULL AND {condition}"
        for condition in conditions
        for replaced in ("", "NOT ")
    )
    return _END + _AT_END.format(values=values, order=order)


# Two ranges of the index, on both sides of the members, of whom there may be any number.
NO_MEMBERS: Final = ("v.type < 'm.room.member'", "v.type > 'm.room.member'")
MEMBERS: Final = "v.type = 'm.room.member'"

# Two sources, as one alone lacks something: the intervals of values, and the last state events
# before the end. They are put in order of their positions, and the reader keeps the last of a key.
FROZEN = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(v.n, v.since, v.e) FROM (
        SELECT w.n, s.learned_pos AS since, e
        FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
            w (room_key, ord, reset_pos, n)
        {_at_end(*NO_MEMBERS)}
        UNION ALL
        SELECT w.n, e.pos, e
        FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
            w (room_key, ord, reset_pos, n)
        CROSS JOIN LATERAL (
            SELECT t.* FROM ss_events t
            WHERE t.room_key = w.room_key AND t.ord <= w.ord AND NOT t.history
            ORDER BY t.ord DESC LIMIT {LAST}) e
        WHERE e.state_key IS NOT NULL AND e.type <> 'm.room.member' AND e.pos > 0) v
    ORDER BY v.n, v.since)
"""
"""Of the events before the end some may have been replaced behind it within one answer of the
homeserver: so they have never been the stored value."""

FROZEN_MEMBERS = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(w.n, s.from_pos, e)
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY
        w (room_key, ord, reset_pos, user_id, n)
    {_at_end(f"{MEMBERS} AND v.state_key = w.user_id", order="ORDER BY t.from_pos DESC LIMIT 1")})
"""
ALL_FROZEN_MEMBERS = f"""
SELECT {HEAD}, ARRAY(
    SELECT ROW(w.n, s.from_pos, e)
    FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
        w (room_key, ord, reset_pos, n)
    {_at_end(MEMBERS, order=f"ORDER BY t.from_pos DESC LIMIT {MEMBERS_MOST}")}
    ORDER BY w.n, s.from_pos)
"""


class End(NamedTuple):
    """Where a user's stay in a room has ended: the order, and the position of that."""

    room_key: int
    ord: int
    pos: int


class RoomSince(NamedTuple):
    """A room, and a position after which something may have changed in it."""

    room_key: int
    after: int


Valued = tuple[int, EventRow]
"""Since when a value was the current one (0: that was only learned), and the value."""


async def load_changed(
    pool: asyncpg.Pool, wanted: Sequence[RoomSince]
) -> tuple[int, list[frozenset[tuple[str, str]] | None]]:
    """The state keys that have changed; None where they are too many."""
    record = await pool.fetchrow(CHANGED, *_columns(wanted), CHANGED_MOST + 1)
    assert record is not None
    found: list[list[tuple[str, str]]] = [[] for _ in wanted]
    for number, type_, state_key in record[1]:
        found[number - 1].append((type_, state_key))
    return record[0] or 0, [
        frozenset(keys) if len(keys) <= CHANGED_MOST else None for keys in found
    ]


async def load_frozen(pool: asyncpg.Pool, ends: Sequence[End]) -> list[list[Valued]]:
    """The state at ends of stays, without members; of each key the last value counts."""
    return _listed(ends, await pool.fetchrow(FROZEN, *_columns(ends)))


async def load_frozen_members(
    pool: asyncpg.Pool, wanted: Sequence[tuple[End, str]]
) -> list[list[Valued]]:
    """The member events of users at ends of stays: one or none each."""
    columns = _columns([(*end, user_id) for end, user_id in wanted])
    return _listed(wanted, await pool.fetchrow(FROZEN_MEMBERS, *columns))


async def load_all_frozen_members(pool: asyncpg.Pool, ends: Sequence[End]) -> list[list[Valued]]:
    """Those of all members; of each the last one counts."""
    return _listed(ends, await pool.fetchrow(ALL_FROZEN_MEMBERS, *_columns(ends)))


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _listed(wanted: Sequence[object], record: asyncpg.Record | None) -> list[list[Valued]]:
    assert record is not None
    found: list[list[Valued]] = [[] for _ in wanted]
    for number, from_pos, event in record[1]:
        found[number - 1].append((from_pos, EventRow.of(event)))
    return found
