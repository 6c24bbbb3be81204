"""How often the log is told of what goes wrong again and again."""

import pytest

from syncv3 import complaints as module
from syncv3.complaints import (
    AGAIN_S,
    FIRST_S,
    LONGEST_S,
    REASONS_MOST,
    Complaints,
    Hourly,
    reason_of,
)  # fmt: skip
from tests.support.held import references


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(complaints: Complaints, clock: Clock, *, tries: int, every_s: float) -> list[int]:
    """The counts that the log is told while something fails so often."""
    found = []
    for _ in range(tries):
        times = complaints.due("broken")
        if times is not None:
            found.append(times)
        clock.now += every_s
    return found


def test_the_first_time_is_told_and_then_ever_more_rarely() -> None:
    clock = Clock()
    day = told(Complaints(clock), clock, tries=24 * 240, every_s=15.0)
    assert day[:4] == [1, 4, 8, 16]
    assert len(day) < 35
    assert LONGEST_S // 15 in day


def test_every_try_is_counted() -> None:
    clock = Clock()
    complaints = Complaints(clock)
    counts = told(complaints, clock, tries=100, every_s=FIRST_S / 3)
    clock.now += LONGEST_S
    assert sum(counts) + (complaints.due("broken") or 0) == 101


def test_another_reason_is_told_at_once() -> None:
    complaints = Complaints(Clock())
    assert complaints.due("one") == 1
    assert complaints.due("two") == 1
    assert complaints.due("one") is None


def test_after_a_success_the_next_time_is_a_first_one() -> None:
    complaints = Complaints(Clock())
    assert not complaints.over()
    complaints.due("broken")
    assert complaints.over()
    assert complaints.due("broken") == 1


def test_ever_new_reasons_take_no_memory() -> None:
    complaints = Complaints(Clock())
    for n in range(REASONS_MOST):
        complaints.due(f"reason {n}")
    full = references(complaints)
    for n in range(1_000):
        complaints.due(f"another reason {n}")
    assert references(complaints) == full


def test_a_reason_names_the_place_and_not_the_content() -> None:
    nothing: dict[str, int] = {}
    try:
        nothing["secret"]
    except KeyError as error:
        reason = reason_of(error)
    assert reason.startswith("KeyError at test_complaints.py:") and "secret" not in reason


def test_what_one_of_many_brings_about_is_told_at_once_and_after_an_hour() -> None:
    now = [0.0]
    telling = Hourly(lambda: now[0])
    assert [telling.due(key) for key in ("a", "a", "b", "b")] == [True, False, True, False]
    now[0] = AGAIN_S - 1
    assert not telling.due("a")
    now[0] = AGAIN_S
    assert [telling.due("a"), telling.due("a")] == [True, False]


def test_of_so_many_it_is_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    telling = Hourly()
    assert all(map(telling.due, "abc"))
    assert telling.due("a") and not telling.due("c")
