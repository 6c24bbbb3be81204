"""When a dead worker's place is filled again."""

import threading

import pytest

from syncv3.web.workers import (
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    LOOK_S,
    STEADY_S,
    Pauses,
    Watch,
    WorkerSlot,
)


def test_workers_that_die_young_come_back_ever_later_and_others_at_once() -> None:
    pauses = Pauses()
    waits = [pauses.after(1.0) for _ in range(9)]
    assert waits[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert waits[-1] == LONGEST_PAUSE_S
    assert pauses.after(STEADY_S) == FIRST_PAUSE_S


def test_a_death_is_news_once_and_another_is_started_once() -> None:
    place = WorkerSlot(7, now=0.0)
    assert [place.emptied(at) for at in (100.0, 100.1)] == [True, False]
    assert [place.is_due(at) for at in (100.1, 100.5, 100.6)] == [False, True, False]
    place.filled(8, now=101.0)
    assert not place.is_due(200.0)
    assert place.emptied(200.0)
    assert place.pid == 8


class Manager:
    """The framework's manager, whose workers are in these states."""

    def __init__(self, *states: str) -> None:
        self.worker_state = {f"w{at}": {"server": True, "state": s} for at, s in enumerate(states)}
        self.worker_state["reloader"] = {"server": False, "state": "STARTED"}
        self.num_server = 2
        self._shutting_down = False
        self.processes: list[Worker] = [Worker("w0"), Worker("w1")]
        self.monitor_publisher = self
        self.sent = threading.Event()

    def shut_down(self) -> None:
        self._shutting_down = True

    def send(self, message: str) -> None:
        assert message == "w0:"
        self.shut_down()
        self.sent.set()


class Worker:
    exitcode = -9

    def __init__(self, name: str) -> None:
        self.name = name
        self.pid = int(name[1:]) + 100

    def is_alive(self) -> bool:
        return self.name != "w0"


@pytest.mark.rules("O-6")
def test_a_worker_that_was_killed_right_after_the_start_is_replaced() -> None:
    manager, died = Manager("FAILED", "ACKED"), list[int]()
    Watch(manager, died.append).start()
    assert manager.sent.wait(10)
    assert died == [100]


@pytest.mark.parametrize("states", [("STARTED", "ACKED"), ("FAILED",)])
def test_a_first_start_that_is_not_over_is_the_frameworks(states: tuple[str, ...]) -> None:
    manager = Manager(*states)
    Watch(manager, lambda pid: None).start()
    assert not manager.sent.wait(LOOK_S + FIRST_PAUSE_S + 0.1)
    manager.shut_down()
