"""Gaps in rooms' timelines: counted, and followed by the question who is in the room behind them.

A gap may hide that somebody has left, so behind it a room is shown only to those who are known to
be there (``planning.joins``). One call of ``/joined_members`` for each gap finds that out.

Those that a poll meets after a pause are counted apart, and so are the calls of
``/joined_members`` that they cost: that is the price of pauses.
"""

from collections.abc import Callable
from typing import Protocol

from syncv3.metrics import Metrics
from syncv3.types import DeviceKey, RoomID


class Confirming(Protocol):
    """Finds out who is in a room behind a gap; see ``MemberLists``."""

    def confirm(
        self, device_key: DeviceKey, room_id: RoomID, asking: Callable[[], None]
    ) -> None: ...


class Gaps:
    """Listens to what committed groups have shown (``findings.Listeners.gaps``).

    ``paused`` says whether what a device's poll brings now follows a pause.
    """

    def __init__(
        self, metrics: Metrics, paused: Callable[[DeviceKey], bool], members: Confirming
    ) -> None:
        self._metrics = metrics
        self._paused = paused
        self._members = members

    def found(self, device_key: DeviceKey, room_id: RoomID) -> None:
        """The poll of this device met a gap in this room."""
        paused = "yes" if self._paused(device_key) else "no"
        self._metrics.gaps.labels(paused).inc()
        self._members.confirm(device_key, room_id, self._metrics.gap_questions.labels(paused).inc)
