"""Warnings about a device's answer, each told once however often the answer is fetched again.

An answer with a bad room may be fetched again and again, say while the database is away. Each time
the same room is found to be bad. What was told is forgotten when the answer is stored as a whole:
the next answer may have a bad room of its own.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from syncv3.batch import Part
from syncv3.ingest.parts import rooms_of
from syncv3.types import DeviceKey, RoomID

log = logging.getLogger(__name__)

TOLD_MOST: Final = 1000
"""Warnings about one answer that are remembered while it is fetched again and again."""


class Remarks:
    """What the log was told of each device's answer, as long as that is not stored as a whole."""

    def __init__(self) -> None:
        self._told: dict[DeviceKey, set[tuple[RoomID | None, str]]] = {}

    def pass_on(self, parts: Sequence[Part], remarks: Iterable[tuple[RoomID, str]]) -> None:
        """Tells the log what planning has remarked of rooms in these parts."""
        for room_id, remark in remarks:
            self.warn(next(part for part in parts if room_id in rooms_of(part)), room_id, remark)

    def warn(self, part: Part, room_id: RoomID | None, what: str) -> None:
        """Warns of something in a device's answer, or in one room of it."""
        told = self._told.setdefault(part.lease.device_key, set())
        if (room_id, what) in told:
            return
        if len(told) < TOLD_MOST:
            told.add((room_id, what))
        log.warning(
            "In %s's sync: %s", part.user_id, what, extra={"room": room_id, "user": part.user_id}
        )

    def over(self, part: Part) -> None:
        """A part is stored. If it was the last of its answer, all that was told of that is
        forgotten."""
        if part.next_since is not None:
            self._told.pop(part.lease.device_key, None)
