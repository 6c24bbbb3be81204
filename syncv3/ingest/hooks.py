"""Runs the extensions' ingest hooks, and turns what they give into a group's rows."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from syncv3.batch import Part
from syncv3.extension import Extension, Ingested, Touched, Write
from syncv3.ingest.group import Group
from syncv3.types import RoomID
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

SET_ASIDE: Final = """
INSERT INTO ss_rejected_sections (extension, device_key, rows, error)
SELECT extension, device_key, sections, error
FROM json_to_recordset($1) AS r (extension text, device_key int, sections text, error text)
"""


class HookFailed(Exception):
    """A durable extension could not take its section of a batch: its poll does not go on."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


def run_hooks(
    extensions: Sequence[Extension],
    part: Part,
    watchdog: Watchdog,
    on_failure: Callable[[str], None],
) -> tuple[Ingested, ...]:
    """What each extension makes of a part, in their configured order.

    Raises ``HookFailed`` when a durable one raises or hangs. What another could not take in
    is logged and set aside in ``ss_rejected_sections``; the poll goes on.
    """
    results = []
    for extension in extensions:
        try:
            results.append(watchdog.call(extension.ingest, part))
        except Exception as error:
            log.exception("Extension %s could not take in a batch", extension.name)
            on_failure(extension.name)
            if extension.durable:
                raise HookFailed(extension.name, str(error)) from error
            results.append(Ingested((_set_aside(extension.name, part, error),)))
    return tuple(results)


def _set_aside(name: str, part: Part, error: Exception) -> Write:
    """All that the extension may have been after: everything in the part but the events."""
    sections = {
        "account_data": part.account_data,
        "device": part.device,
        "presence": part.presence,
        "rooms": {
            room_id: {"account_data": room.account_data, "ephemeral": room.ephemeral}
            for room_id, room in part.joined.items()
            if room.account_data or room.ephemeral
        },
    }
    row = {
        "extension": name,
        "device_key": part.lease.device_key,
        "sections": msgspec.json.encode(sections).decode(),
        "error": f"{type(error).__name__}: {error}".replace("\x00", ""),
    }
    return Write(SET_ASIDE, [row])


def add_hooks(
    group: Group,
    entries: Sequence[tuple[Part, Sequence[Ingested]]],
    extensions: Sequence[Extension],
    rooms: Mapping[RoomID, int],
) -> None:
    """Adds what the hooks gave to a group. ``rooms`` has the keys of the group's rooms.

    The rows of all parts for one statement are written by one execution of it; of equal
    rows, as several pollers bring them, only the first is.
    """
    written: dict[tuple[str, str, bool, bool], dict[str, None]] = {}
    changes: dict[tuple[str, int | None, int | None, int | None], None] = {}
    for part, results in entries:
        for extension, result in zip(extensions, results, strict=True):
            for write in result.writes:
                statement = (extension.name, write.statement, extension.durable, write.tells)
                rows = written.setdefault(statement, {})
                rows.update((json.dumps(row), None) for row in write.rows)
            for touched in result.touched:
                changes.update(_changes(extension.name, part, touched, rooms))
    add_writes(group, written)
    group.changes.extend(changes)


def add_writes(
    group: Group, written: Mapping[tuple[str, str, bool, bool], Mapping[str, None]]
) -> None:
    """Adds statements, by (extension, statement, durable, tells), with their rows as JSON."""
    for (name, sql, durable, tells), rows in written.items():
        group.hooks.append((name, sql, f"[{','.join(rows)}]", durable, tells))


def _changes(
    name: str, part: Part, touched: Touched, rooms: Mapping[RoomID, int]
) -> dict[tuple[str, int | None, int | None, int | None], None]:
    user = None if touched.everyone else part.user_key
    device = part.lease.device_key if touched.device_only else None
    if touched.rooms is None:
        return {(name, user, device, None): None}
    return {(name, user, device, rooms[room]): None for room in touched.rooms if room in rooms}
