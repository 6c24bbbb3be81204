"""Where the loop's thread spends its processor time: stacks, taken a hundred times a second.

pyinstrument takes them. Its clock is that of the thread here, so waiting counts for nothing: a
stack is credited with the processor time that has passed since the last one was taken. Each stack
is counted as well, so that a profile can show both.
"""

import asyncio
import sys
import time
from collections import Counter
from typing import Any, Final, NamedTuple

from pyinstrument.renderers import HTMLRenderer
from pyinstrument.session import Session
from pyinstrument.stack_sampler import get_stack_sampler

from syncv3.profiling.pprof import CodeLine, Profile, Stack, Unit

INTERVAL_S: Final = 0.01  # as Go's profiles have it
AS_FLAME_GRAPH: Final = (
    "const view = 'pyinstrument:viewOptions';"
    ' localStorage.getItem(view) ?? localStorage.setItem(view, \'{"viewMode":"timeline"}\');'
)
"""What the page shows first; it remembers what the reader chooses."""
Frames = tuple[str, ...]
"""A stack as pyinstrument writes it down, the outermost call first."""


class Sampled(NamedTuple):
    """What was seen in ``seconds`` since ``began`` (seconds since the epoch).

    ``times``: how often each stack was seen; ``spent_s``: processor time that it is credited with.
    ``cpu_s``: processor time of the thread in all.
    """

    began: float
    seconds: float
    cpu_s: float
    times: Counter[Frames]
    spent_s: Counter[Frames]


async def sample(seconds: float) -> Sampled:
    """Watch the thread of the running loop for so long."""
    sampler = get_stack_sampler()
    times: Counter[Frames] = Counter()
    spent: Counter[Frames] = Counter()

    def see(stack: list[str], since_last_s: float, _state: Any) -> None:
        frames = tuple(map(sys.intern, stack))
        times[frames] += 1
        spent[frames] += since_last_s  # type: ignore[assignment]

    began, started, cpu = time.time(), time.monotonic(), time.thread_time()
    # Of this thread: the sampler calls it where it takes a stack.
    sampler.timer_func = time.thread_time
    sampler.subscribe(see, desired_interval=INTERVAL_S, use_async_context=False)
    try:
        await asyncio.sleep(seconds)
    finally:
        sampler.unsubscribe(see)
        sampler.timer_func = None
    lasted, used = time.monotonic() - started, time.thread_time() - cpu
    return Sampled(began, lasted, used, times, spent)


def profile_of(sampled: Sampled) -> Profile:
    """For ``go tool pprof``: samples and nanoseconds."""
    numbers: dict[Stack, tuple[int, ...]] = {}
    for frames, times in sampled.times.items():
        stack = tuple(place_of(frame) for frame in frames[1:])  # the first names the thread
        before = numbers.get(stack, (0, 0))
        spent_ns = int(sampled.spent_s[frames] * 1e9)
        numbers[stack] = (before[0] + times, before[1] + spent_ns)
    units = (Unit("samples", "count"), Unit("cpu", "nanoseconds"))
    began_ns, lasted_ns = int(sampled.began * 1e9), int(sampled.seconds * 1e9)
    return Profile(units, numbers, began_ns, lasted_ns, int(INTERVAL_S * 1e9))


def place_of(frame: str) -> CodeLine:
    """The line of code that pyinstrument's text of a frame names: name, file and first line,
    then more."""
    identity, *more = frame.split("\x01")
    name, file, first_line = identity.split("\x00")
    known = {each[0]: each[1:] for each in more if each}
    owner = known.get("c")
    line = known.get("l", first_line)
    return CodeLine(f"{owner}.{name}" if owner else name, file, int(line), int(first_line))


def html_of(sampled: Sampled) -> str:
    """A page with a tree of calls and, as its time line, a flame graph.

    pyinstrument draws stacks in the order of time. Here they come sorted, each once with all of its
    time, so equal ones stand side by side: that is a flame graph.
    """
    records = [(list(frames), float(sampled.spent_s[frames])) for frames in sorted(sampled.times)]
    session = Session(
        frame_records=records,
        start_time=sampled.began,
        duration=sampled.seconds,
        min_interval=INTERVAL_S,
        max_interval=INTERVAL_S,
        sample_count=sampled.times.total(),
        start_call_stack=[""],  # nothing that all have in common is left out
        target_description="syncv3, processor time of the loop",
        cpu_time=sampled.cpu_s,
        sys_path=sys.path,
        sys_prefixes=[sys.prefix, sys.base_prefix],
    )
    page = str(HTMLRenderer().render(session))
    return page.replace("<body>", f"<body><script>{AS_FLAME_GRAPH}</script>", 1)
