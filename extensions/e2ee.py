"""Device lists and key counts (MSC3884), kept for the device whose poller brought them.

Changes of device lists are a log with the newest row per target user (EE-4a). An answer has
what lies in (since, now]; a connection that was told nothing yet begins where some
connection of the device has shown to be, by coming back with a later position. One of which it
is not known any more what it was told begins there, too, or at its own position if that is
earlier. So a lost answer, a restart or an expired connection repeats changes, never drops them,
and two connections do not take them from each other.

*Key counts in doubt.* Some homeservers leave the counts out of an answer, both when nothing
has changed and when no key is left. A client must not go on believing in keys that are gone.
So where an answer has no counts the homeserver is asked for them: soon after an encrypted
message, as its sender has claimed a key, else every quarter of an hour in which there is
news, as somebody may claim keys and send nothing. A homeserver that always tells the counts
is never asked.
"""

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final

import asyncpg
import msgspec

from syncv3.batch import Part
from syncv3.errors import HomeserverError, UnknownToken
from syncv3.extension import Answer, Arrival, Extension, Ingested, Scope, Services, Write
from syncv3.types import DeviceKey, UserID

log = logging.getLogger(__name__)

CHANGED, LEFT = 1, 2
EVERYBODY: Final = "*"
"""In place of a user ID: all who share an encrypted room with the user have changed."""
CURVE: Final = "signed_curve25519"
REMEMBERED: Final = 10_000  # devices
NAME_BYTES: Final = 255
"""How long a user ID may be, by the specification; no algorithm has so long a name either."""
ALGORITHMS_MOST: Final = 16
UPLOAD: Final = "/_matrix/client/v3/keys/upload"
ASK_EVERY_S: Final = 60.0
ASKED_AT_ONCE: Final = 8
LOOK_AFTER_S: Final = 0.1
FIRST_LOOKS: Final = 10
FIRST_LOOK_S: Final = 0.1
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 300.0
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
FAULTS: Final = (
    OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
)  # fmt: skip

# One row a target: what a client must know is only that it has to look at that user's devices.
LISTS = """
WITH stored AS (
    INSERT INTO ss_device_list_updates
        (user_id, device_id, target_user_id, target_state, pos)
    SELECT user_id, device_id, target_user_id, target_state, $2
    FROM json_to_recordset($1) AS r (user_id text, device_id text, target_user_id text,
        target_state smallint)
    ON CONFLICT (user_id, device_id, target_user_id)
        DO UPDATE SET target_state = excluded.target_state, pos = excluded.pos
)
SELECT DISTINCT NULL::int AS user_key, r.device_key, NULL::int AS room_key
FROM json_to_recordset($1) AS r (device_key int)
"""
KEYS = """
INSERT INTO ss_device_keys AS k
    (device_key, one_time_keys, algorithms, fallback_types, generated_us, pos)
SELECT device_key, decode(one_time_keys, 'hex'), algorithms, decode(fallback_types, 'hex'),
    generated_us, $2
FROM json_to_recordset($1) AS r (device_key int, one_time_keys text, algorithms text[],
    fallback_types text, generated_us bigint)
ON CONFLICT (device_key) DO UPDATE SET
    one_time_keys = coalesce(excluded.one_time_keys, k.one_time_keys),
    algorithms = ARRAY(SELECT DISTINCT a FROM unnest(k.algorithms || excluded.algorithms) a
        ORDER BY a LIMIT 16),
    fallback_types = coalesce(excluded.fallback_types, k.fallback_types),
    generated_us = excluded.generated_us, pos = excluded.pos
    WHERE (k.one_time_keys, k.fallback_types) IS DISTINCT FROM (
            coalesce(excluded.one_time_keys, k.one_time_keys),
            coalesce(excluded.fallback_types, k.fallback_types))
        AND excluded.generated_us > k.generated_us - 60000000
RETURNING NULL::int AS user_key, device_key, NULL::int AS room_key
"""
"""Reports of one device come in order, but for one that was set aside and is replayed later: it
must not overwrite what is newer. Clocks of two workers may differ by less than a minute."""

# At once if somebody has probably claimed a key (``likely``), else every quarter of an hour.
DOUBT = """
INSERT INTO ss_device_keys AS k (device_key, pos, doubtful)
SELECT device_key, 0, true FROM json_to_recordset($1) AS r (device_key int, likely boolean)
    WHERE $2 IS NOT NULL
ON CONFLICT (device_key) DO UPDATE SET doubtful = true
    WHERE NOT k.doubtful AND (k.asked IS NULL OR k.asked < now() - CASE
        WHEN (SELECT bool_or(r.likely) FROM json_to_recordset($1) AS r (device_key int,
            likely boolean) WHERE r.device_key = k.device_key)
        THEN interval '0' ELSE interval '15 minutes' END)
"""
DUE = """
SELECT extract(epoch FROM min(coalesce(asked, '-infinity'))
    + make_interval(secs => $1) - clock_timestamp())::float8
FROM ss_device_keys WHERE doubtful
"""
CLAIM = """
UPDATE ss_device_keys k SET doubtful = false, asked = clock_timestamp()
WHERE k.device_key IN (
    SELECT device_key FROM ss_device_keys
    WHERE doubtful AND coalesce(asked, '-infinity') <= clock_timestamp() - make_interval(secs => $1)
    ORDER BY asked NULLS FIRST LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING k.device_key, k.pos
"""
"""Index ss_device_keys_doubtful. Of several workers one gets a device."""

STILL = "UPDATE ss_device_keys SET doubtful = true WHERE device_key = ANY ($1::int[])"
ANSWERED = """
UPDATE ss_device_keys k SET one_time_keys = decode(r.one_time_keys, 'hex'), pos = $2,
    algorithms = ARRAY(SELECT DISTINCT a FROM unnest(k.algorithms || r.algorithms) a
        ORDER BY a LIMIT 16)
FROM json_to_recordset($1) AS r (device_key int, pos bigint, one_time_keys text,
    algorithms text[])
WHERE k.device_key = r.device_key AND k.pos = r.pos
    AND k.one_time_keys IS DISTINCT FROM decode(r.one_time_keys, 'hex')
RETURNING NULL::int AS user_key, k.device_key, NULL::int AS room_key
"""
"""Unless a poll has said something meanwhile: that is newer than the answer."""

LOAD = """
SELECT k.one_time_keys, k.algorithms, k.fallback_types, coalesce(k.pos, 0), ARRAY(
    SELECT ROW(u.target_user_id, u.target_state) FROM ss_device_list_updates u
    WHERE u.user_id = $2 AND u.device_id = $3 AND u.pos <= $5
        AND u.pos > CASE WHEN $6 THEN $4 ELSE least($4, coalesce(k.lists_acknowledged, 0)) END
    ORDER BY u.pos, u.target_user_id),
    coalesce(k.one_time_keys IS NULL AND (k.doubtful OR k.asked > now() - interval '5 s'), false)
FROM (SELECT) one LEFT JOIN ss_device_keys k ON k.device_key = $1
"""
"""Index ss_device_list_updates_pos; ``$6``: the lists were told up to ``$4``. Else from what
was acknowledged, or from ``$4`` if that is less. Last: the homeserver is being asked for the
counts, of which nothing is known yet."""

SHARING = """
SELECT DISTINCT s.state_key FROM ss_user_rooms x
JOIN ss_rooms r ON r.room_key = x.room_key AND r.encrypted
JOIN ss_room_state s ON s.room_key = r.room_key AND s.type = 'm.room.member' AND s.to_pos IS NULL
WHERE x.user_key = $1 AND x.membership = 'join' ORDER BY s.state_key
"""
"""Index ss_room_state_current. Who has left is among them, which costs a client nothing: it only
looks at users whose devices it knows."""

ACKNOWLEDGE = """
INSERT INTO ss_device_keys AS k (device_key, pos, lists_acknowledged) VALUES ($1, 0, $2)
ON CONFLICT (device_key) DO UPDATE SET lists_acknowledged = excluded.lists_acknowledged
    WHERE k.lists_acknowledged < excluded.lists_acknowledged
"""
# Below the floor, and acknowledged: no connection of the device needs it any more.
CLEAN = """
DELETE FROM ss_device_list_updates u USING ss_devices d, ss_users s, ss_device_keys k
WHERE s.user_id = u.user_id AND d.user_key = s.id AND d.device_id = u.device_id
    AND k.device_key = d.id AND u.pos < $1 AND u.pos <= k.lists_acknowledged
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """What is known of a device: JSON or None, when it last changed, users by state.

    ``algorithms`` are those of which there ever were one-time keys.
    """

    one_time_keys: bytes | None
    algorithms: tuple[str, ...]
    fallback_types: bytes | None
    pos: int
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class _Uploaded(msgspec.Struct):
    one_time_key_counts: msgspec.Raw


Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_counts: Final = msgspec.json.Decoder(dict[str, Count])
_types: Final = msgspec.json.Decoder(list[str])
_uploaded: Final = msgspec.json.Decoder(_Uploaded)


class E2EE(Extension):
    """See the module (U-140, U-141).

    A device's counts are asked for every ``ask_every_s`` at most.
    """

    name = "e2ee"
    has_whole: ClassVar[bool] = True
    durable: ClassVar[bool] = True
    sections: ClassVar[frozenset[str]] = frozenset(
        {
            "device_lists",
            "device_one_time_keys_count",
            "device_unused_fallback_key_types",
            "unstable_fallback_types",
        }
    )

    def __init__(
        self, ask_every_s: float = ASK_EVERY_S, look_after_s: float = LOOK_AFTER_S
    ) -> None:
        self._unacknowledged: OrderedDict[int, int] = OrderedDict()  # device: position
        self._known: OrderedDict[int, tuple[int, Keys]] = OrderedDict()  # at which position
        self._ask_every_s = ask_every_s
        self._look_after_s = look_after_s
        self._doubts = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, services: Services) -> None:
        self._task = asyncio.create_task(self._ask_for_ever(services), name="key counts")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- ingest ----------------------------------------------------------------------

    def ingest(self, part: Part) -> Ingested:
        writes = []
        if lists := _list_rows(part):
            writes.append(Write(LISTS, lists, tells=True))
        if row := _keys_row(part):
            writes.append(Write(KEYS, [row], tells=True))
        if not part.one_time_keys_given and part.device_id:  # else it has no keys
            likely = any(b"m.room.encrypted" in raw for raw in part.device.to_device)
            row = {"device_key": part.lease.device_key, "likely": likely}
            writes.append(Write(DOUBT, [row]))
            self._doubts.set()
        return Ingested(tuple(writes))

    # -- questions -------------------------------------------------------------------

    async def _ask_for_ever(self, services: Services) -> None:
        """Looks for doubts: soon and often after this process had one, as it is being
        committed then; else rarely, as another process may have left some."""
        pause_s = due_s = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._doubts.wait(), min(pause_s, due_s))
            pause_s = min(2 * pause_s, LONGEST_S)
            if self._doubts.is_set():
                self._doubts.clear()
                pause_s = self._look_after_s
                await asyncio.sleep(pause_s)
            try:
                due_s = await self.ask_doubtful(services)
            except FAULTS as error:
                log.warning("Key counts cannot be asked for: %s", type(error).__name__)
                due_s = LONGEST_S
            pause_s = max(pause_s, SHORTEST_S)

    async def ask_doubtful(self, services: Services) -> float:
        """Asks for the key counts that are in doubt; how long until the next may be asked.

        The homeserver answers an upload of nothing with the counts.
        """
        while claimed := await services.pool.fetch(CLAIM, self._ask_every_s, ASKED_AT_ONCE):
            asking = [_ask(services, device_key, pos) for device_key, pos in claimed]
            answers = await asyncio.gather(*asking)
            if rows := [row for row in answers if row is not None]:
                await services.publish(self.name, [Write(ANSWERED, rows, tells=True)])
            in_doubt = [key for (key, _), row in zip(claimed, answers, strict=True) if row is None]
            await services.pool.execute(STILL, in_doubt)
        due_s = await services.pool.fetchval(DUE, self._ask_every_s)
        return LONGEST_S if due_s is None else min(max(due_s, SHORTEST_S), LONGEST_S)

    # -- answers ---------------------------------------------------------------------

    async def accept(self, arrival: Arrival, pool: asyncpg.Pool) -> None:
        """The client came back with a later position: it has the device lists up to there."""
        device_key = arrival.device.device_key
        told = self._unacknowledged.get(device_key)
        if told is None or arrival.acknowledged is None or arrival.acknowledged < told:
            return
        await pool.execute(ACKNOWLEDGE, device_key, arrival.acknowledged)
        if self._unacknowledged.get(device_key) == told:
            del self._unacknowledged[device_key]

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Keys:
        """For a connection's first answer also what the homeserver is being asked just now.

        If nothing has changed since the device's keys were looked up last, they are still those.
        """
        device = scope.device
        told = scope.since if scope.told else None
        at, known = self._known.get(device.device_key, (0, None))
        quiet = told is not None and not scope.watermarks.changed(min(at, told))
        if known is not None and quiet:
            return known
        owner = device.device_key, device.user_id, device.device_id
        for _ in range(FIRST_LOOKS):
            row = await pool.fetchrow(LOAD, *owner, scope.since, scope.upto, told is not None)
            assert row is not None
            # A first answer waits a second at most for counts that are being asked for.
            if scope.since is not None or not row[5]:
                break
            await asyncio.sleep(FIRST_LOOK_S)
        states = {target: state for target, state in row[4]}
        if states.pop(EVERYBODY, None) is not None:
            sharing = await pool.fetch(SHARING, device.user_key)
            states = dict.fromkeys((each for (each,) in sharing), CHANGED) | states
        if row[4]:
            _remember(self._unacknowledged, device.device_key, scope.upto)
        keys = Keys(row[0], tuple(row[1] or ()), row[2], row[3])
        _remember(self._known, device.device_key, (scope.upto, keys))
        return replace(
            keys,
            changed=tuple(user for user, state in states.items() if state == CHANGED),
            left=tuple(user for user, state in states.items() if state == LEFT),
        )

    def respond(self, scope: Scope, loaded: Keys) -> Answer:
        """Counts if they may have changed, or always (S-366). Lists that have; of a first answer
        where all that is known is told, none: its client looks at everybody (S-367)."""
        body: dict[str, Any] = {}
        counts = None
        since, moved = scope.since, bool(loaded.changed or loaded.left)
        if scope.complete or since is None or not scope.told or loaded.pos > since:
            body |= _keys_told(scope, loaded)
        if since is not None if scope.complete else moved:
            body["device_lists"] = {"changed": loaded.changed, "left": loaded.left}
            counts = {"dl_c": len(loaded.changed), "dl_l": len(loaded.left)}
        news = None if scope.counts_wake else moved and since is not None
        return Answer(body or None, news, counts=counts)

    async def cleanup(self, floor: int, pool: asyncpg.Pool) -> None:
        """Deletes what every connection of the device has."""
        await pool.execute(CLEAN, floor)


def _keys_told(scope: Scope, keys: Keys) -> dict[str, Any]:
    """What is known of keys: an invented 0 would have the client upload some."""
    if scope.complete and not scope.device.device_id:  # who has no keys
        return {"device_one_time_keys_count": {}, "device_unused_fallback_key_types": []}
    told: dict[str, Any] = {}
    least = {CURVE: 0} if scope.complete and keys.one_time_keys is not None else {}
    if counts := least | _all_counts(keys):
        told["device_one_time_keys_count"] = counts
    if keys.fallback_types is not None:
        told["device_unused_fallback_key_types"] = msgspec.Raw(keys.fallback_types)
    return told


def _remember(known: "OrderedDict[int, Any]", device_key: int, value: Any) -> None:
    known[device_key] = value
    known.move_to_end(device_key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)


async def _ask(services: Services, device_key: DeviceKey, pos: int) -> dict[str, Any] | None:
    """A row for what the homeserver says; None: it does not, and nothing is known."""
    try:
        body = await services.ask(device_key, UPLOAD, body={})
        counts = _usable_counts(_uploaded.decode(body).one_time_key_counts)
    except UnknownToken:
        return {"device_key": device_key, "pos": -1}  # nobody to ask for: it is settled
    except (HomeserverError, *UNREADABLE) as error:
        log.info("Key counts could not be asked for", extra={"reason": type(error).__name__})
        return None
    return None if counts is None else {"device_key": device_key, "pos": pos, **counts}


def _all_counts(keys: Keys) -> dict[str, int]:
    """The counts with a 0 for each algorithm that has none left (EE-2)."""
    if keys.one_time_keys is None:
        return {}
    counts = _counts.decode(keys.one_time_keys)
    return {algorithm: 0 for algorithm in keys.algorithms if algorithm not in counts} | counts


def _keys_row(part: Part) -> dict[str, Any] | None:
    """What is told of keys; None if nothing, or nothing that can be understood."""
    counts, types = part.device.one_time_keys, part.device.fallback_key_types
    row: dict[str, Any] = {}
    if counts is not None:
        row |= _usable_counts(counts) or {}
    if types is not None and (fallback_types := _usable_types(types)) is not None:
        row["fallback_types"] = fallback_types
    if not row:
        return None
    row.setdefault("algorithms", [])
    return row | {"device_key": part.lease.device_key, "generated_us": part.generated_us}


def _usable_counts(raw: bytes | msgspec.Raw) -> dict[str, Any] | None:
    """Columns for a counts object; None where it is none. What is odd is unknown, never 0."""
    try:
        counts = _counts.decode(raw)
    except UNREADABLE:
        return None
    if len(counts) > ALGORITHMS_MOST or not all(map(_is_name, counts)):
        return None
    return {
        "one_time_keys": msgspec.json.encode(counts, order="sorted").hex(),
        "algorithms": sorted(counts),
    }


def _usable_types(raw: bytes) -> str | None:
    try:
        types = _types.decode(raw)
    except UNREADABLE:
        return None
    usable = len(types) <= ALGORITHMS_MOST and all(map(_is_name, types))
    return msgspec.json.encode(types).hex() if usable else None


def _is_name(text: str) -> bool:
    """Whether it is as an algorithm or a user is called: not too long for an index."""
    return "\x00" not in text and len(text.encode()) <= NAME_BYTES


def _list_rows(part: Part) -> list[dict[str, Any]]:
    """A user in both lists has left (U-140). What is no user ID names nobody.

    A homeserver that has refused the device's ``since`` does not tell what has changed since.
    """
    device = part.device
    states = dict.fromkeys(device.changed, CHANGED) | dict.fromkeys(device.left, LEFT)
    states.pop(UserID(EVERYBODY), None)
    if part.begins_anew:
        states[UserID(EVERYBODY)] = CHANGED
    return [
        {
            "user_id": part.user_id,
            "device_id": part.device_id,
            "device_key": part.lease.device_key,
            "target_user_id": target,
            "target_state": state,
        }
        for target, state in sorted(states.items())
        if _is_name(target)
    ]
