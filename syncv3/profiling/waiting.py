"""What waits, and where: all tasks of the loop, and what each thread is at.

Tasks are to this program what goroutines are to one in Go, so they are shown under that name. A
profile of processor time shows nothing of a task that waits; here it shows where it waits: at the
database, say, or for a lock.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections import Counter
from types import FrameType
from typing import Any, Final

from syncv3.profiling.pprof import CodeLine, Profile, Stack, Unit

UNIT: Final = (Unit("goroutine", "count"),)
DEPTH: Final = 200  # of a stack; recursion without end is shown as far as that


async def tasks() -> Counter[Stack]:
    """The stacks of all tasks of the running loop, and how many have each."""
    # The one that takes the profile is no part of it.
    own = asyncio.current_task()
    return Counter(stack_of(task) for task in asyncio.all_tasks() if task is not own)


def stack_of(task: "asyncio.Task[Any]") -> Stack:
    """Where a task stands, from its coroutine down to what it waits for."""
    places: list[CodeLine] = []
    waiting: Any = task.get_coro()
    while waiting is not None and len(places) < DEPTH:
        frame = _frame(waiting)
        if frame is None:
            break
        code = frame.f_code
        places.append(
            CodeLine(code.co_qualname, code.co_filename, frame.f_lineno, code.co_firstlineno)
        )
        waiting = _awaited(waiting)
    return tuple(places)


def _frame(waiting: Any) -> FrameType | None:
    """The frame of a coroutine, a generator or an asynchronous generator."""
    found = (getattr(waiting, name, None) for name in ("cr_frame", "gi_frame", "ag_frame"))
    return next((frame for frame in found if frame is not None), None)


def _awaited(waiting: Any) -> Any:
    """What a coroutine waits for; None: nothing that has frames, such as a future."""
    found = (getattr(waiting, name, None) for name in ("cr_await", "gi_yieldfrom", "ag_await"))
    return next((each for each in found if each is not None), None)


def profile_of(stacks: Counter[Stack]) -> Profile:
    """For ``go tool pprof``: how many tasks have each stack."""
    samples = {stack: (number,) for stack, number in stacks.items()}
    return Profile(UNIT, samples, time.time_ns())


def listed(stacks: Counter[Stack]) -> str:
    """The stacks as text, the most frequent first, the innermost call at the top."""
    lines = [f"{stacks.total()} tasks"]
    for stack, number in stacks.most_common():
        lines += ["", f"{number} @"]
        lines += [f"    {p.function} {p.file}:{p.line}" for p in reversed(stack)]
    return "\n".join(lines) + "\n"


def threads() -> str:
    """What each thread is at, as text. It needs no loop, and so answers when the loop hangs."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = []
    for ident, frame in sys._current_frames().items():
        lines += [f"{names.get(ident, 'a thread')} ({ident})", *_stack(frame), ""]
    return "\n".join(lines)


def _stack(frame: FrameType) -> list[str]:
    return [
        f"    {each.name} {each.filename}:{each.lineno}"
        for each in reversed(traceback.extract_stack(frame, limit=DEPTH))
    ]
