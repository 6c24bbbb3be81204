"""Account data (MSC3959): global and of rooms, all at first and changes afterwards.

All devices of a user report the same; ``ss_put_account_data`` (in ``store/sql``) decides
what is a change, so that a device that lags behind does not turn a value back.

A client has the account data of a room when it has the room. So a room that is sent whole comes
with all of it, and afterwards changes are told. An example: R is sent at 7, with its tags. At 9 a
tag is added, while R is outside the client's lists, so nothing is told. At 12 R is shown again, and
what came after 7 is told: that is R's *bound* (``Scope.bounds``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import asyncpg
import msgspec

from syncv3.batch import AccountData as Datum
from syncv3.batch import Part
from syncv3.extension import Answer, Extension, Ingested, Scope, Write
from syncv3.types import RoomID

GLOBAL = 0

PUT = "SELECT user_key, device_key, room_key FROM ss_put_account_data($1, $2)"
# All of some rooms; what changed in all other rooms since one position; and what changed in some
# rooms since a position for each.
WHOLE = """
SELECT room_key, json FROM ss_account_data WHERE user_key = $1 AND room_key = ANY ($2::int[])
ORDER BY room_key, pos, type
"""
CHANGED = """
SELECT room_key, json FROM ss_account_data
WHERE user_key = $1 AND pos > $2 AND pos <= $3 AND NOT room_key = ANY ($4::int[])
ORDER BY pos, type
"""
BEHIND = """
SELECT t.room_key, t.json FROM unnest($2::int[], $3::bigint[]) w (room_key, after)
JOIN ss_account_data t ON t.user_key = $1 AND t.room_key = w.room_key AND t.pos > w.after
    AND t.pos <= $4
ORDER BY t.pos, t.type
"""
"""Indexes ss_account_data_type (WHOLE, BEHIND) and ss_account_data_pos."""


@dataclass(frozen=True, slots=True)
class Found:
    """Events as JSON, by room key; ``GLOBAL``: of no room."""

    events: dict[int, list[str]]


class AccountData(Extension):
    """Account data of the user and of their rooms (AD-1 to AD-6, U-133)."""

    name = "account_data"
    catches_up: ClassVar[bool] = True
    upstream_filter: ClassVar[Mapping[str, Any]] = {
        "account_data": {"types": ["*"]},
        "room": {"account_data": {"types": ["*"]}},
    }

    def ingest(self, part: Part) -> Ingested:
        """A row for each report, global or of a joined room."""
        rows = [_row(part, datum, None) for datum in part.account_data]
        rows += [
            _row(part, datum, room_id)
            for room_id, room in part.joined.items()
            for datum in room.account_data
        ]
        return Ingested((Write(PUT, rows, tells=True),)) if rows else Ingested()

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Found:
        """What is sent whole: rooms sent whole, at first all global ones; else changes.

        Of rooms that were out of the scope, what has changed since they were in it.
        """
        user_key = scope.device.user_key
        whole = [scope.rooms[room_id] for room_id in _whole(scope)]
        behind = {
            scope.rooms[room_id]: bound
            for room_id, bound in scope.bounds.items()
            if bound is not None and scope.rooms[room_id] not in whole
        }
        if scope.since is None:  # the connection was told nothing of what belongs to no room
            whole.append(GLOBAL)
        rows = list(await pool.fetch(WHOLE, user_key, whole)) if whole else []
        if behind:
            bounds = [*behind], [*behind.values()]
            rows += await pool.fetch(BEHIND, user_key, *bounds, scope.upto)
        if scope.since is not None and scope.changed:
            others = [*whole, *behind]
            rows += await pool.fetch(CHANGED, user_key, scope.since, scope.upto, others)
        events: dict[int, list[str]] = {}
        for room_key, json in rows:
            events.setdefault(room_key, []).append(json)
        return Found(events)

    def respond(self, scope: Scope, loaded: Found) -> Answer:
        """``global`` and ``rooms``, as far as there is something of them.

        What was loaded may have rooms outside the scope, as changes are looked up by user.
        """
        body: dict[str, Any] = {}
        counts = None
        if GLOBAL in loaded.events:
            body["global"] = _raw(loaded.events[GLOBAL])
            counts = {"ag": len(loaded.events[GLOBAL])}
        rooms = {
            room_id: _raw(loaded.events[key])
            for room_id, key in scope.rooms.items()
            if key in loaded.events
        }
        if rooms:
            body["rooms"] = rooms
        return Answer(body or None, counts=counts)


def _whole(scope: Scope) -> set[RoomID]:
    """The rooms of which all is told."""
    unknown = {room_id for room_id, at in scope.bounds.items() if at is None}
    return unknown if scope.keeps and scope.since is not None else unknown.union(scope.initial)


def _row(part: Part, datum: Datum, room_id: RoomID | None) -> dict[str, Any]:
    """One report for ``PUT``; ``room_id`` None: global."""
    return {
        "user_key": part.user_key,
        "device_key": part.lease.device_key,
        "room_id": room_id,
        "type": datum.type,
        "json": datum.json.decode(),
        "generated_us": part.generated_us,
    }


def _raw(events: list[str]) -> list[msgspec.Raw]:
    """Events as they are put into the answer: JSON already."""
    return [msgspec.Raw(event.encode()) for event in events]
