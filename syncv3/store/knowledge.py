"""What must be known before a group of parts can be planned, and that knowledge.

``wants`` reads a group's parts and says what to look up; the store answers in one
statement and snapshot (``look_up``); planning then is a pure function of both. The group
is committed only if none of it has changed meanwhile.

An example: a part has message A of Bob's, a redaction of B, and a new topic C, all in one room of
Alice's. What must be known: the room; Alice's relation to it; whether A, B and C are stored
already; the bytes of B, which are redacted; the current topic; and whether there is a member event
of Bob's. None of that needs a second question, whatever the first answer is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import asyncpg

from syncv3.batch import JoinedRoom, LeftRoom, Part
from syncv3.store.event_ids import pack_event_id, unpack_event_id
from syncv3.store.rows import RoomRow, UserRoomRow
from syncv3.types import Event, EventID, RoomID, UserID

StateKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that is stored. ``json`` only where it was asked for (redaction targets)."""

    event_key: int
    room_key: int
    pos: int | None
    ord: int | None
    type: str
    state_key: str | None
    json: bytes | None = None
    current: bool = False  # it is the current value of its state key; only with ``json``


@dataclass(frozen=True, slots=True)
class StateEntry:
    """The current value of one state key. ``json`` for members only; ``ord`` None: it was
    never in the timeline."""

    event_key: int
    event_id: EventID
    json: bytes | None = None
    ord: int | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is stored of a group's rooms, events, state and local users."""

    epoch: int | None
    rooms: Mapping[RoomID, RoomRow] = field(default_factory=dict)
    events: Mapping[EventID, KnownEvent] = field(default_factory=dict)
    state: Mapping[tuple[RoomID, str, str], StateEntry] = field(default_factory=dict)
    user_rooms: Mapping[tuple[UserID, RoomID], UserRoomRow] = field(default_factory=dict)
    user_keys: Mapping[UserID, int] = field(default_factory=dict)
    unseen: Mapping[tuple[int, RoomID], int] = field(default_factory=dict)
    """By user key and room: the first gap that the user is not known to have been behind."""
    strangers: frozenset[tuple[RoomID, UserID]] = frozenset()
    """Senders of whom the room has no member event."""
    filled: Mapping[EventID, KnownEvent] = field(default_factory=dict)
    """Events that only somebody's history has: to a sync they are not known."""
    came_in: Mapping[tuple[RoomID, int], int] = field(default_factory=dict)
    """By room and the time at which a chunk of it was made: the lowest order of a join that a later
    report of the joined user's own poller has told. Such users have come in since the chunk."""


@dataclass(slots=True)
class Wants:
    """What to look up; each collection without repetitions."""

    rooms: set[RoomID] = field(default_factory=set)
    events: set[EventID] = field(default_factory=set)
    redacted: set[EventID] = field(default_factory=set)
    state: set[tuple[RoomID, str, str]] = field(default_factory=set)
    user_rooms: set[tuple[UserID, RoomID]] = field(default_factory=set)
    senders: set[tuple[RoomID, UserID]] = field(default_factory=set)
    made: set[tuple[RoomID, int]] = field(default_factory=set)  # when a report was, microseconds


def wants(parts: Iterable[Part]) -> Wants:
    """Everything that planning these parts will look at."""
    found = Wants()
    for part in parts:
        for room_id, joined in (*part.ahead.items(), *part.joined.items()):
            _room(found, part.user_id, room_id)
            _events(found, room_id, joined)
            found.senders.update((room_id, e.sender) for e in joined.timeline if e.sender)
            found.made.add((room_id, part.generated_us))
            if part.repeats:  # with the answer that was perhaps lost a change of them may be, too
                found.state.update((room_id, "m.room.member", e.sender) for e in joined.timeline)
            for user_id in joined.summary.heroes or ():
                found.state.add((room_id, "m.room.member", user_id))
            found.state.add((room_id, "m.room.member", part.user_id))
        for room_id, left in part.left.items():
            _room(found, part.user_id, room_id)
            _events(found, room_id, left)
            found.senders.update((room_id, e.sender) for e in left.timeline if e.sender)
        for room_id in (*part.invited, *part.knocked):
            _room(found, part.user_id, room_id)
    return found


def _room(found: Wants, user_id: UserID, room_id: RoomID) -> None:
    found.rooms.add(room_id)
    found.user_rooms.add((user_id, room_id))


def _events(found: Wants, room_id: RoomID, room: JoinedRoom | LeftRoom) -> None:
    """What the events of a room make it necessary to know. A member event is about a user, who may
    be a local one: then their view of the room may end with it."""
    found.events.update(hole.event_id for hole in room.holes)
    for event in _all(room):
        found.events.add(event.event_id)
        if event.redacts is not None:
            found.events.add(event.redacts)
            found.redacted.add(event.redacts)
        if event.state_key is not None:
            found.state.add((room_id, event.type, event.state_key))
            if event.type == "m.room.member":
                found.user_rooms.add((UserID(event.state_key), room_id))


def _all(room: JoinedRoom | LeftRoom) -> Iterator[Event]:
    yield from room.state
    yield from room.timeline


LOOK_UP = """
SELECT
    (SELECT epoch FROM ss_stream_fence),
    ARRAY(SELECT r FROM ss_rooms r WHERE r.room_id = ANY ($1::text[])),
    ARRAY(
        SELECT ROW(e.event_id, e.event_key, e.room_key, e.pos, e.ord, e.type, e.state_key,
            CASE WHEN e.event_id = ANY (coalesce($3::bytea[], '{}')) THEN e.json END,
            e.state_key IS NOT NULL AND e.event_id = ANY (coalesce($3::bytea[], '{}')) AND EXISTS (
                SELECT FROM ss_room_state s
                WHERE s.room_key = e.room_key AND s.type = e.type
                    AND s.state_key = e.state_key AND s.to_pos IS NULL
                    AND s.event_key = e.event_key), e.history AND e.ord IS NULL)
        FROM ss_events e WHERE e.event_id = ANY ($2::bytea[])),
    ARRAY(
        SELECT ROW(w.room_id, w.type, w.state_key, e.event_key, e.event_id,
            CASE WHEN w.type = 'm.room.member' THEN e.json END, e.ord)
        FROM unnest($4::text[], $5::text[], $6::text[]) w (room_id, type, state_key)
        CROSS JOIN LATERAL (
            SELECT r.room_key FROM ss_rooms r WHERE r.room_id = w.room_id LIMIT 1) r
        CROSS JOIN LATERAL (
            SELECT s.event_key FROM ss_room_state s
            WHERE s.room_key = r.room_key AND s.type = w.type
                AND s.state_key = w.state_key AND s.to_pos IS NULL LIMIT 1) s
        CROSS JOIN LATERAL (
            SELECT e.* FROM ss_events e WHERE e.event_key = s.event_key LIMIT 1) e),
    ARRAY(
        SELECT ROW(w.user_id, w.room_id, u.id, x, (
            SELECT min(g.ord) FROM ss_gaps g
            WHERE g.room_key = x.room_key AND g.ord > coalesce(x.confirmed_ord, 0)))
        FROM unnest($7::text[], $8::text[]) w (user_id, room_id)
        JOIN ss_users u ON u.user_id = w.user_id
        LEFT JOIN LATERAL (
            SELECT r.room_key FROM ss_rooms r WHERE r.room_id = w.room_id LIMIT 1) r ON true
        LEFT JOIN LATERAL (
            SELECT x.* FROM ss_user_rooms x
            WHERE x.user_key = u.id AND x.room_key = r.room_key LIMIT 1) x ON true),
    ARRAY(
        SELECT ROW(w.room_id, w.sender)
        FROM unnest($9::text[], $10::text[]) w (room_id, sender)
        LEFT JOIN LATERAL (
            SELECT r.room_key FROM ss_rooms r WHERE r.room_id = w.room_id LIMIT 1) r ON true
        LEFT JOIN LATERAL (
            SELECT true AS met FROM ss_room_state s
            WHERE s.room_key = r.room_key AND s.type = 'm.room.member'
                AND s.state_key = w.sender AND s.to_pos IS NULL LIMIT 1) s ON true
        WHERE s.met IS NULL),
    ARRAY(
        SELECT ROW(w.room_id, w.made, x.ord)
        FROM unnest($11::text[], $12::bigint[]) w (room_id, made)
        CROSS JOIN LATERAL (
            SELECT r.room_key FROM ss_rooms r
            WHERE r.room_id = w.room_id AND r.generated_us > w.made LIMIT 1) r
        CROSS JOIN LATERAL (
            SELECT min(x.joined_ord) AS ord FROM ss_user_rooms x
            WHERE x.room_key = r.room_key AND x.membership = 'join'
                AND x.generated_us > w.made) x
        WHERE x.ord IS NOT NULL)
"""
"""Each row is looked up by its key (LATERAL with LIMIT): joins would be planned from the
statistics of tables that were empty a minute ago. Uses
 ss_rooms_room_id, ss_events_event_id, ss_room_state_current, ss_user_rooms_pkey.
NULL stands for an empty array: the driver takes ten steps for each."""


async def look_up(db: asyncpg.Connection, want: Wants) -> Knowledge:
    """What is stored of all that ``want`` names, as of one snapshot."""
    state = list(want.state)
    pairs = list(want.user_rooms)
    senders = list(want.senders)
    made = list(want.made)
    found = await db.fetchrow(
        LOOK_UP,
        list(want.rooms),
        [pack_event_id(e) for e in want.events],
        [pack_event_id(e) for e in want.redacted] or None,
        [room_id for room_id, _, _ in state] or None,
        [type_ for _, type_, _ in state] or None,
        [key for _, _, key in state] or None,
        [user_id for user_id, _ in pairs],
        [room_id for _, room_id in pairs],
        [room_id for room_id, _ in senders] or None,
        [sender for _, sender in senders] or None,
        [room_id for room_id, _ in made] or None,
        [generated_us for _, generated_us in made] or None,
    )
    assert found is not None
    epoch, rooms, events, entries, users, strangers, came_in = found
    return Knowledge(
        epoch=epoch,
        rooms={RoomID(row.room_id): row for row in map(RoomRow.of, rooms)},
        events={unpack_event_id(e[0]): KnownEvent(*e[1:-1]) for e in events if not e[-1]},
        filled={unpack_event_id(e[0]): KnownEvent(*e[1:-1]) for e in events if e[-1]},
        state={
            (s[0], s[1], s[2]): StateEntry(s[3], unpack_event_id(s[4]), s[5], s[6]) for s in entries
        },
        user_rooms={(u[0], u[1]): UserRoomRow.of(u[3]) for u in users if u[3] is not None},
        user_keys={u[0]: u[2] for u in users},
        unseen={(u[2], u[1]): u[4] for u in users if u[4] is not None},
        strangers=frozenset(map(tuple, strangers)),
        came_in={(c[0], c[1]): c[2] for c in came_in},
    )


# By pages, in the order of an index: the members of a large room are not read in one go.
MEMBER_KEYS = """
SELECT s.state_key FROM ss_rooms r JOIN ss_room_state s USING (room_key)
WHERE r.room_id = $1 AND s.type = 'm.room.member' AND s.to_pos IS NULL AND s.state_key > $2
ORDER BY s.state_key LIMIT $3
"""
"""Uses ss_rooms_room_id, ss_room_state_current."""

CHANGED_MEMBERS = """
SELECT DISTINCT e.state_key FROM ss_events e
WHERE e.pos > $2 AND e.room_key = $1 AND e.type = 'm.room.member' AND e.state_key IS NOT NULL
"""
"""Uses ss_events_pos."""


async def member_keys(pool: asyncpg.Pool, room_id: RoomID, after: str, limit: int) -> list[str]:
    """The users of whom a member event is stored, in their order, those behind ``after``."""
    return [row[0] for row in await pool.fetch(MEMBER_KEYS, room_id, after, limit)]


async def changed_members(pool: asyncpg.Pool, room_key: int, after: int) -> list[str]:
    """The users of whom a member event was sent after a position."""
    return [row[0] for row in await pool.fetch(CHANGED_MEMBERS, room_key, after)]
