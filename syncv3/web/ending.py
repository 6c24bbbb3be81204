"""Being told to stop while starting: ``SIGTERM`` and ``SIGINT`` from the first moment on.

The framework heeds them only while its loop runs for good. One that comes before would kill
the process, and leave behind what was begun (a database server, say). One that comes
between the last listener of the start and the loop would be forgotten: the process would go
on until it is killed. With several workers, the process that watches over them would wait
for ever for those that ended before they served.
"""

import asyncio
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Final, NoReturn

from sanic.exceptions import ServerKilled

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
SOON_S: Final = 0.05
WORKERS_S: Final = 20.0  # for workers to end by themselves; then they are killed
AFTERWARDS_S: Final = 3  # for the manager to notice that they have ended


class Ending:
    """Whether the process was told to stop, and what that means at this point of its life.

    ``watch`` from the first moment, ``starting`` and ``started`` around the start, ``serve``
    when the loop is about to run for good.
    """

    def __init__(self) -> None:
        self.asked = False
        self.serving = False
        self._start: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def watch(self) -> None:
        """Heed the signals until the framework does. For the main thread only."""
        for number in SIGNALS:
            signal.signal(number, self._heed)

    def starting(self) -> None:
        """From now on a signal cancels the calling task."""
        self._start, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        self._cancel_if_asked()

    def started(self) -> None:
        """The start has succeeded: a signal is kept until ``serve``."""
        self._start = None

    def _heed(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._loop is None:  # nothing has been begun yet
            raise SystemExit(0)
        self._loop.call_soon_threadsafe(self._cancel_if_asked)

    def _cancel_if_asked(self) -> None:
        if self.asked and self._start is not None:
            self._start.cancel()


def watch_over_workers(manager: Any) -> None:
    """Heed the signals in the process that watches over workers.

    The framework's manager waits for each worker to report that it serves, also when it has
    just told them to end.
    """

    def heed(number: int, frame: FrameType | None) -> None:
        manager.shutdown_signal(number, frame)
        deadline = time.monotonic() + WORKERS_S
        while any(process.is_alive() for process in manager.processes):
            if time.monotonic() > deadline:
                with suppress(ServerKilled):
                    manager.kill()
                break
            time.sleep(SOON_S)
        signal.signal(signal.SIGALRM, _end)
        signal.alarm(AFTERWARDS_S)  # if the manager has not noticed by then

    for number in SIGNALS:
        signal.signal(number, heed)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
