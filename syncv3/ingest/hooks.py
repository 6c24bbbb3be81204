"""Runs the extensions' ingest hooks, and turns what they give into a group's rows."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from syncv3.batch import Part
from syncv3.extension import Extension, Ingested, Touched
from syncv3.ingest.group import Group
from syncv3.types import RoomID

log = logging.getLogger(__name__)


class HookFailed(Exception):
    """A durable extension could not take its section of a batch: its poller stops."""


def run_hooks(extensions: Sequence[Extension], part: Part) -> tuple[Ingested, ...]:
    """What each extension makes of a part, in their configured order.

    Raises ``HookFailed`` when a durable one raises; the failure of another is logged and
    its section of this part is left out.
    """
    results = []
    for extension in extensions:
        try:
            results.append(extension.ingest(part))
        except Exception as error:
            log.exception("Extension %s could not take in a batch", extension.name)
            if extension.durable:
                raise HookFailed(f"{extension.name}: {error}") from error
            results.append(Ingested())
    return tuple(results)


def add_hooks(
    group: Group,
    entries: Sequence[tuple[Part, Sequence[Ingested]]],
    extensions: Sequence[Extension],
    rooms: Mapping[RoomID, int],
) -> None:
    """Adds what the hooks gave to a group. ``rooms`` has the keys of the group's rooms.

    The rows of all parts for one statement are written by one execution of it.
    """
    written: dict[tuple[str, str, bool], list[Mapping[str, Any]]] = {}
    for part, results in entries:
        for extension, result in zip(extensions, results, strict=True):
            for write in result.writes:
                statement = (extension.name, write.statement, extension.durable)
                written.setdefault(statement, []).extend(write.rows)
            for touched in result.touched:
                group.changes.extend(_changes(extension.name, part, touched, rooms))
    for (name, sql, durable), payload in written.items():
        group.hooks.append((name, sql, json.dumps(payload), durable))


def _changes(
    name: str, part: Part, touched: Touched, rooms: Mapping[RoomID, int]
) -> list[tuple[str, int | None, int | None, int | None]]:
    user = None if touched.everyone else part.user_key
    device = part.lease.device_key if touched.device_only else None
    if touched.rooms is None:
        return [(name, user, device, None)]
    return [(name, user, device, rooms[room]) for room in sorted(touched.rooms) if room in rooms]
