"""Cuts off hooks that hang: they run on the event loop, where nothing else does meanwhile.

A thread looks whether the hook that is running has done so for too long, and then signals
the main thread, in which an exception is raised. That ends an endless loop and a blocking
system call; it does not end C code that keeps the interpreter to itself.

A hook that may wait (``async``) is watched step by step. A step runs from one ``await`` to the
next, and only in a step is the loop held up. How long all of it may take, waits included, is
bounded by a timeout (``within``).
"""

import asyncio
import signal
import threading
import time
import types
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final, TypeVar

from syncv3.extension import HOOK_S

SIGNAL: Final = signal.SIGURG
"""What interrupts: ignored by default, and sent by nobody else."""
LOOKS: Final = 4
"""How many times the thread looks while a hook may run."""

_T = TypeVar("_T")


class HookHung(Exception):
    """A hook was cut off as it took longer than it may."""


class _CutOff(BaseException):
    """Raised inside a hook; its own ``except Exception`` does not catch it."""


class Watchdog:
    """Watches the hooks of a process, which run one at a time.

    Before ``start``, and outside the main thread, it calls hooks without watching them.
    """

    def __init__(self, limit_s: float = HOOK_S) -> None:
        self._limit_s = limit_s
        self._since: float | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._before: Any = None

    def start(self) -> None:
        """Watches from now on: only in the main thread, the one that signals reach."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._before = signal.signal(SIGNAL, self._cut_off)
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watches no more, and gives the signal back."""
        if self._thread is None:
            return
        self._ended.set()
        self._thread.join()
        if signal.getsignal(SIGNAL) == self._cut_off:
            signal.signal(SIGNAL, self._before)

    def call(self, hook: Callable[..., _T], *arguments: Any) -> _T:
        """What the hook returns. Raises what it raises, and ``HookHung``."""
        if self._since is not None:
            return hook(*arguments)  # called by a hook that is watched
        try:
            try:
                self._since = time.monotonic()
                return hook(*arguments)
            finally:
                self._since = None
        except _CutOff:
            raise HookHung(f"it took longer than {self._limit_s:g} s") from None

    async def within(self, most_s: float, hook: Awaitable[_T]) -> _T:
        """What a hook returns that may wait, but only for so long; each of its steps is watched.

        Raises ``TimeoutError`` beside what ``call`` raises. Most hooks need not wait for anything:
        these are not worth a timeout.
        """
        steps = hook.__await__()
        try:
            waits_for = self.call(steps.send, None)
        except StopIteration as end:
            result: _T = end.value
            return result
        async with asyncio.timeout(most_s):
            return await _steps(self, steps, waits_for)

    def _watch(self) -> None:
        main = threading.main_thread().ident
        assert main is not None
        while not self._ended.wait(self._limit_s / LOOKS):
            if self._is_late():
                signal.pthread_kill(main, SIGNAL)

    def _is_late(self) -> bool:
        since = self._since
        return since is not None and time.monotonic() - since >= self._limit_s

    def _cut_off(self, number: int, frame: types.FrameType | None) -> None:
        # The hook may have ended between the thread's look and this: another one is not to blame.
        if self._is_late():
            self._since = None
            raise _CutOff
        if callable(self._before):
            self._before(number, frame)


@types.coroutine
def _steps(
    watchdog: Watchdog, steps: Generator[Any, Any, _T], waits_for: Any
) -> Generator[Any, Any, _T]:
    """Drives a hook after its first one, which has begun to wait for something."""
    while True:
        resume: Callable[..., Any] = steps.send
        try:
            value = yield waits_for
        except BaseException as error:  # a cancellation, say: it is the hook's to handle
            resume, value = steps.throw, error
        try:
            waits_for = watchdog.call(resume, value)
        except StopIteration as end:
            result: _T = end.value
            return result
