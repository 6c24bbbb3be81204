"""When a dead worker's place is filled again."""

from syncv3.web.workers import FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S, Pauses, WorkerSlot


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
