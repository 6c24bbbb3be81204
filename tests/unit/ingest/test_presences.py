"""What a device's poll says of its user."""

import pytest

from syncv3.ingest import presences
from syncv3.ingest.presences import Presences
from syncv3.types import DeviceKey

A, B = DeviceKey(1), DeviceKey(2)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.rules("S-600")
def test_what_the_latest_request_says_holds_a_minute_longer_than_it_may_wait() -> None:
    clock = Clock()
    said = Presences(clock)
    assert said.of(A) == "offline"
    said.say(A, "online", for_s=30)
    said.say(A, "unavailable", for_s=30)
    assert (said.of(A), said.of(B)) == ("unavailable", "offline")
    clock.now += 89
    assert said.of(A) == "unavailable"
    clock.now += 1
    assert said.of(A) == "offline"


def test_devices_are_forgotten_that_asked_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presences, "REMEMBERED", 2)
    said = Presences()
    for key in (1, 2, 1, 3):
        said.say(DeviceKey(key), "online", for_s=0)
    assert [said.of(DeviceKey(key)) for key in (1, 2, 3)] == ["online", "offline", "online"]
