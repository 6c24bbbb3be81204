"""Slices, debts and pauses, on a clock that only moves when it is told to."""

import asyncio

import pytest

from syncv3.engine.turns import (
    CALM_S,
    FREE_S,
    LATELY_S,
    LONGEST_PAUSE_S,
    PACE_S,
    SHARE,
    SLICE_S,
    DeviceTurns,
)
from tests.support.held import references

GREEDY, OTHER = 1, 2


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.turns = DeviceTurns(lambda: self.now, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def paused(self, device_key: int) -> float:
        """How long the device has to wait now."""
        self.slept.clear()
        asyncio.run(self.turns.pause(device_key))
        return sum(self.slept)


def test_a_device_that_takes_little_never_waits() -> None:
    clock = Clock()
    for _ in range(1_000):
        clock.turns.charge(OTHER, 0.001)
        clock.turns.charge(GREEDY, 0.001)
        assert clock.paused(GREEDY) == 0
        clock.now += 0.02


def test_who_takes_much_waits_until_the_debt_is_forgiven() -> None:
    clock = Clock()
    clock.turns.charge(OTHER, 0.001)
    clock.turns.charge(GREEDY, FREE_S)
    assert clock.paused(GREEDY) == PACE_S
    clock.turns.charge(GREEDY, 0.02)
    assert clock.paused(GREEDY) == pytest.approx(0.02 / SHARE, rel=0.1)
    assert clock.turns.debt(GREEDY) == pytest.approx(FREE_S, rel=0.1)


def test_requests_that_come_at_the_same_time_are_set_apart() -> None:
    clock = Clock()

    async def ask() -> float:
        await clock.turns.pause(GREEDY)
        return clock.now

    async def ask_ten_times() -> list[float]:
        return await asyncio.gather(*(ask() for _ in range(10)))

    clock.turns.charge(OTHER, 0.001)
    assert len(set(asyncio.run(ask_ten_times()))) == 1
    clock.turns.charge(GREEDY, 2 * CALM_S)
    assert len(set(asyncio.run(ask_ten_times()))) == 10


def test_in_the_long_run_a_greedy_device_gets_its_share() -> None:
    clock, computed = Clock(), 0.0
    began = clock.now
    while clock.now < began + 60:
        clock.turns.charge(OTHER, 0.0)
        asyncio.run(clock.turns.pause(GREEDY))
        clock.now += SLICE_S
        computed += SLICE_S
        clock.turns.charge(GREEDY, SLICE_S)
    assert computed == pytest.approx(60 * SHARE + FREE_S, rel=0.1)


def test_nobody_waits_for_others_who_are_not_there() -> None:
    clock = Clock()
    clock.turns.charge(GREEDY, 10)
    assert clock.paused(GREEDY) == 0
    clock.turns.charge(OTHER, 0.001)
    assert clock.paused(GREEDY) > 0
    clock.now += LATELY_S
    clock.turns.charge(GREEDY, 1)
    assert clock.paused(GREEDY) == 0


def test_no_pause_is_very_long() -> None:
    clock = Clock()
    clock.turns.charge(OTHER, 0.001)
    clock.turns.charge(GREEDY, 1_000)
    assert clock.paused(GREEDY) == LONGEST_PAUSE_S


def test_after_a_slice_others_get_as_long_as_it_took() -> None:
    clock = Clock()
    asyncio.run(clock.turns.between_slices(GREEDY, 0.01))
    clock.turns.charge(OTHER, 0.001)
    asyncio.run(clock.turns.between_slices(GREEDY, 0.01))
    assert clock.slept == [0, 0.01]


def test_a_slice_has_time_for_what_is_new_in_it() -> None:
    clock = Clock()
    over = clock.turns.slice()
    clock.now += 10 * SLICE_S  # to find again what earlier slices had found
    assert not over()
    clock.now += 9 * SLICE_S
    assert not over()
    clock.now += 2 * SLICE_S
    assert over()


def test_long_computations_of_a_user_come_one_after_the_other() -> None:
    turns = DeviceTurns()
    lock = turns.long(7)
    assert turns.long(7) is lock
    assert turns.long(8) is not lock


def test_debts_that_are_forgiven_are_forgotten() -> None:
    clock, sizes = Clock(), []
    for device_key in range(10_000):
        clock.turns.charge(device_key, 0.001)
        clock.now += 0.02
        if device_key % 1_000 == 0:
            sizes.append(references(clock.turns))
    assert max(sizes[5:]) <= max(sizes[:5])
