"""The metrics of several workers as one page.

Each worker counts into files that the library maps into memory, in a folder that the process
above them has made. That process reads the files and adds up, so that a scrape says the same
whoever has answered a request, and a worker that died takes nothing away that was counted.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from syncv3.metrics import exposition_of

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where the library of a worker looks for the folder, when it is first imported."""
KINDS: Final = ("counter", "histogram")
DEAD: Final = "dead"


class Gathered:
    """What the workers have counted in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry, str(folder))  # type: ignore[no-untyped-call]
        self._registry.register(Processes(folder))

    def exposition(self) -> bytes:
        """As ``Metrics.exposition``."""
        with self._lock:
            return exposition_of(self._registry)

    def died(self, pid: int) -> None:
        """A worker is dead: its gauges go, and what it has counted moves to that of all dead.

        A worker that dies again and again would else leave files without end.
        """
        with self._lock:
            mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
            for kind in KINDS:
                self._fold(kind, self._folder / f"{kind}_{pid}.db")

    def _fold(self, kind: str, one: Path) -> None:
        """Adds a dead worker's file to that of all dead, which is replaced as a whole: a scrape
        sees the old one or the new one."""
        if not one.exists():
            return
        dead, draft = self._folder / f"{kind}_{DEAD}.db", self._folder / f"{kind}.draft"
        draft.unlink(missing_ok=True)
        files = [str(path) for path in (dead, one) if path.exists()]
        total: Any = MmapedDict(str(draft))  # type: ignore[no-untyped-call]
        for key, value in _added_up(files):
            total.write_value(key, value, 0.0)
        total.close()
        draft.replace(dead)
        one.unlink()


def _added_up(files: list[str]) -> Iterator[tuple[str, float]]:
    """All samples of some files of one kind, as the files have them."""
    merged: Iterable[Metric] = MultiProcessCollector.merge(files, accumulate=False)  # type: ignore[no-untyped-call]
    for metric in merged:
        for sample in metric.samples:
            names, values = list(sample.labels), list(sample.labels.values())
            key = mmap_key(metric.name, sample.name, names, values, metric.documentation)
            yield key, sample.value


class Processes:
    """Memory, processor time and open files of each worker and of the process above them, told
    apart by ``pid``: the library has these for a single process only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        found: dict[str, Metric] = {}
        for pid in [os.getpid(), *self._workers()]:
            for metric in _of_process(pid):
                total = found.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type)
                )
                for sample in metric.samples:
                    total.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return found.values()

    def _workers(self) -> Iterator[int]:
        """Those that live: a dead one's gauges are gone."""
        for path in sorted(self._folder.glob("gauge_livesum_*.db")):
            with suppress(ValueError):
                yield int(path.stem.rpartition("_")[2])


def _of_process(pid: int) -> Iterable[Any]:
    found: Iterable[Any] = ProcessCollector(pid=lambda: pid, registry=None).collect()
    return found
