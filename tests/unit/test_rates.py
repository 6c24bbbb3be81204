"""How often somebody may do something."""

import pytest

from syncv3.config import Limits
from syncv3.errors import LimitExceeded
from syncv3.rates import KEPT, Rate
from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey
from syncv3.web.pace import BURST_S, RequestPace
from tests.support.held import references

ALICE = Device(UserID("@alice:hs"), DeviceID("PHONE"), UserKey(1), DeviceKey(2))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_so_many_a_second() -> None:
    clock = Clock()
    rate = Rate(8, 2.0, clock)
    assert [rate.take("a") for _ in range(17)] == [0.0] * 17
    assert rate.take("a") == 0.125
    assert rate.take("b") == 0.0
    clock.now += 0.125
    assert rate.take("a") == 0.0
    assert rate.take("a") > 0.0
    clock.now += 100.0
    assert [rate.take("a") for _ in range(17)] == [0.0] * 17
    assert rate.take("a") > 0.0


def test_what_is_refused_does_not_count() -> None:
    clock = Clock()
    rate = Rate(10, 0.0, clock)
    rate.take("a")
    waits = [rate.take("a") for _ in range(100)]
    assert waits == [pytest.approx(0.1)] * 100
    assert rate.wait_s("a") == pytest.approx(0.1)
    assert rate.wait_s("b") == 0.0


def test_without_a_number_everything_goes() -> None:
    rate = Rate(0, 0.0)
    assert {rate.take("a") for _ in range(1000)} == {0.0}


def test_those_who_have_gone_are_forgotten() -> None:
    clock = Clock()
    rate = Rate(10, 1.0, clock)
    for who in range(KEPT):
        clock.now += 0.001
        rate.take(who)
    full = references(rate)
    for who in range(KEPT, 10 * KEPT):
        clock.now += 0.001
        rate.take(who)
    assert references(rate) <= full


@pytest.mark.rules("S-329")
def test_each_connection_has_ten_requests_a_second_whatever_the_others_do() -> None:
    """The device has as many connections as it may, and each sends ten a second."""
    limits = Limits(requests_per_s=10, connections_per_device=20)
    pace = RequestPace(limits)
    for _ in range(10 * int(BURST_S)):
        for conn in range(20):
            pace.take(ALICE, f"conn{conn}")


def test_new_connections_do_not_bring_a_device_more() -> None:
    pace = RequestPace(Limits(requests_per_s=10, connections_per_device=2))
    taken = 0
    with pytest.raises(LimitExceeded) as limit:
        for conn in range(1000):
            pace.take(ALICE, f"{conn}")
            taken += 1
    assert limit.value.limit == "device"
    assert taken < 2 * 10 * (BURST_S + 1)
