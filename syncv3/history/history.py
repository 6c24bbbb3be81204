"""Fetches older events of rooms in the background, as clients open them (rule S-611).

An answer goes out with what is stored. If that is less than the client asks for, and there is
more at the homeserver, it is fetched with the user's own token and stored for that user alone;
the next answer has it, for nothing. Only who has just opened a room waits for it, a moment. See
docs/architecture/history.md.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from syncv3.complaints import Complaints, reason_of
from syncv3.errors import HomeserverError, UnknownToken
from syncv3.history.queue import Key, Queue, WantedHistory
from syncv3.metrics import Metrics
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.types import Device

log = logging.getLogger(__name__)

UNTOLD_PAUSE_S: Final = 30.0
"""The pause of a user after a 429 that names none."""


class FillsHistory(Protocol):
    """Fills the history of one room; see ``Filler``."""

    async def fill(self, entry: WantedHistory) -> int: ...


@dataclass(frozen=True, slots=True)
class FillFailure:
    """What kind of failure an error is, and what follows from it.

    ``kind`` is a label of the metric. ``again``: the same may succeed later, and is tried by
    itself. ``user_pause_s``: for so long nothing is asked for this user.
    """

    kind: str
    again: bool
    user_pause_s: float | None = None


class History:
    """Runs what ``Queue`` decides: one task takes entries off it, and has each filled by a task of
    its own. ``want`` is called by each answer that has less of a room than its client asks for."""

    def __init__(self, filler: FillsHistory, metrics: Metrics, queue: Queue | None = None) -> None:
        self._filler = filler
        self._metrics = metrics
        self._queue = Queue() if queue is None else queue
        self._complaints = Complaints()
        self._wake = asyncio.Event()
        self._fills: set[asyncio.Task[None]] = set()
        self._waiting: dict[Key, set[asyncio.Future[None]]] = {}
        self._task: asyncio.Task[None] | None = None

    def want(self, device: Device, rooms: Mapping[int, tuple[int, bool]]) -> None:
        """The device's user is to have older events of rooms. ``rooms`` maps room keys to how many,
        and to whether the client has opened the room. It may be called for the same room any number
        of times."""
        self._wanted(device, rooms)

    async def fetched(
        self, device: Device, rooms: Mapping[int, tuple[int, bool]], most_s: float
    ) -> None:
        """The same, and wait until all of it is fetched or has failed, ``most_s`` seconds at most.

        Rooms for which there is no need or no place are not waited for.
        """
        loop = asyncio.get_running_loop()
        ends = {key: loop.create_future() for key in self._wanted(device, rooms)}
        if not ends:
            return
        for key, end in ends.items():
            self._waiting.setdefault(key, set()).add(end)
        try:
            await asyncio.wait(ends.values(), timeout=most_s)
        finally:
            for key, end in ends.items():
                self._waiting[key].discard(end)
                if not self._waiting[key]:
                    del self._waiting[key]

    def _wanted(self, device: Device, rooms: Mapping[int, tuple[int, bool]]) -> list[Key]:
        """Queues rooms; gives those that were queued: of the others there is enough, or no place
        for them."""
        now = time.monotonic()
        entries = [WantedHistory(device, key, *want) for key, want in rooms.items()]
        taken = [entry.key for entry in entries if self._queue.want(entry, now)]
        self._wake.set()
        return taken

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="history")

    async def stop(self) -> None:
        """Ends at once: what was not stored is asked for again when it is next wanted."""
        tasks = [*self._fills, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = time.monotonic()
            while (entry := self._queue.take(now)) is not None:
                task = asyncio.create_task(self._fill(entry))
                self._fills.add(task)
                task.add_done_callback(self._fills.discard)
            self._metrics.history_waiting.set(len(self._queue))
            await self._sleep(self._queue.wait_s(now))

    async def _sleep(self, seconds: float | None) -> None:
        """Waits until something is wanted, a fill is over, or so many seconds have passed. None:
        no time ends it."""
        loop = asyncio.get_running_loop()
        handle = loop.call_later(seconds, self._wake.set) if seconds is not None else None
        try:
            await self._wake.wait()
        finally:
            if handle is not None:
                handle.cancel()

    async def _fill(self, entry: WantedHistory) -> None:
        started = time.monotonic()
        try:
            stored = await self._filler.fill(entry)
        except Exception as error:  # whatever it is: the others go on
            self._failed(entry, error)
        else:
            self._metrics.history_fills.inc()
            self._metrics.history_events.inc(stored)
            self._queue.succeeded(entry, time.monotonic())
        finally:
            self._metrics.history_duration.observe(time.monotonic() - started)
            for end in self._waiting.get(entry.key, ()):
                if not end.done():
                    end.set_result(None)
            self._wake.set()

    def _failed(self, entry: WantedHistory, error: Exception) -> None:
        failure = failure_of(error)
        self._metrics.history_failures.labels(failure.kind).inc()
        times = self._complaints.due(failure.kind)
        if times is not None:
            log.warning(
                "Older messages could not be fetched (%s, %d times): %s",
                failure.kind,
                times,
                error if isinstance(error, HomeserverError) else reason_of(error),
                extra={"user": entry.device.user_id},
            )
        now = time.monotonic()
        self._queue.failed(entry, now, again=failure.again, user_pause_s=failure.user_pause_s)


def failure_of(error: Exception) -> FillFailure:
    """What follows from an error with which a fill has ended."""
    match error:
        case HomeserverError(status=HTTPStatus.TOO_MANY_REQUESTS):
            pause = error.retry_after_s
            return FillFailure("limited", True, UNTOLD_PAUSE_S if pause is None else pause)
        case HomeserverError(status=int(status)) if 400 <= status < 500:
            return FillFailure("refused", False)
        case HomeserverError():
            return FillFailure("homeserver", True, error.retry_after_s)
        case UnknownToken():
            return FillFailure("token", False)
        case TimeoutError():
            return FillFailure("slow", True)
    database = isinstance(error, DATABASE_FAULTS)
    return FillFailure("database" if database else "bug", database)
