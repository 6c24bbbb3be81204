"""Several workers on one port: what the process does that watches over them.

The framework starts workers and stops them, but one that was killed (by the kernel, when
memory ran out, say) was gone for good, until with the last of them the service was. So a
thread of this process looks whether they are alive, and has the framework start another in
a dead one's place.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

log = logging.getLogger(__name__)

LOOK_S: Final = 0.25
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
"""A worker that has lived for so long had no trouble with starting."""

STARTED: Final = {"ACKED", "FAILED", "COMPLETED"}
"""What the framework calls a worker that serves, and one that has ended since."""

Died = Callable[[int], None]
"""Told the process number of a worker that has ended."""


class Pauses:
    """How long a dead worker's place stays empty: longer each time, if workers die young.

    One that cannot start (the database is away) would else be started without end, and each
    start is half a second of work.
    """

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def after(self, lived_s: float) -> float:
        """For how long the place of a worker stays empty that has lived for so long."""
        if lived_s >= STEADY_S:
            self._next_s = FIRST_PAUSE_S
        pause_s = self._next_s
        self._next_s = min(self._next_s * 2, LONGEST_PAUSE_S)
        return pause_s


class WorkerSlot:
    """One worker's place: who fills it, since when, and when it is filled again."""

    def __init__(self, pid: int, now: float) -> None:
        self.pid = pid
        self._since = now
        self._pauses = Pauses()
        self._due: float | None = None

    def filled(self, pid: int, now: float) -> None:
        """It is alive. Another process than before: it has just been started."""
        if pid != self.pid:
            self.pid, self._since, self._due = pid, now, None

    def emptied(self, now: float) -> bool:
        """It is dead; whether that is news."""
        if self._due is not None:
            return False
        self._due = now + self._pauses.after(now - self._since)
        return True

    def is_due(self, now: float) -> bool:
        """Whether another is to be started now; it is said once for each."""
        if self._due is None or now < self._due:
            return False
        self._due = now + LONGEST_PAUSE_S  # if that should come to nothing
        return True


class Watch:
    """Watches over the workers of the framework's ``manager`` until that shuts down."""

    def __init__(self, manager: Any, died: Died) -> None:
        self._manager = manager
        self._died = died
        self._places: dict[str, WorkerSlot] = {}
        self._thread = threading.Thread(target=self._run, name="workers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def _ending(self) -> bool:
        return bool(self._manager._shutting_down)

    def _run(self) -> None:
        while not self._ending and not self._have_started():
            time.sleep(LOOK_S)  # a first start that fails is an end, which the framework sees to
        while not self._ending:
            now = time.monotonic()
            for process in list(self._manager.processes):
                self._look(process, now)
            time.sleep(LOOK_S)

    def _have_started(self) -> bool:
        """Whether the first start of all workers is over.

        One that was killed a moment after its start counts as well: the framework writes that it
        has ended only after all workers were there. Else nobody would take its place.
        """
        try:
            states = [state for state in self._manager.worker_state.values() if state.get("server")]
        except (OSError, EOFError):  # the framework's own helper process has ended
            return False
        told = sum(state.get("state") in STARTED for state in states)
        return bool(told == len(states) == self._manager.num_server)

    def _look(self, process: Any, now: float) -> None:
        """Sees whether a worker lives, and has another started when its place is due."""
        pid = process.pid
        if pid is None:
            return
        place = self._places.setdefault(process.name, WorkerSlot(pid, now))
        if process.is_alive():
            place.filled(pid, now)
        elif not self._ending:
            if place.emptied(now):
                log.warning(
                    "A worker has ended, another takes its place",
                    extra={"worker": process.name, "status": process.exitcode},
                )
                self._died(pid)
            if place.is_due(now):
                self._manager.monitor_publisher.send(f"{process.name}:")
