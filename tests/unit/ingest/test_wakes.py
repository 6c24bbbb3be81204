"""A request at a worker that does not own the device's poll: what it says, and waits for."""

import asyncio
import math
from collections.abc import Awaitable
from typing import Any, cast

import pytest

from syncv3.bus.local import CAUGHT_UP, WANTED, LocalBus
from syncv3.ingest import wakes
from syncv3.ingest.pauses import PausePace
from syncv3.ingest.running import Running
from syncv3.ingest.wakes import Wakes, is_hint_due
from syncv3.types import DeviceKey

KEY = DeviceKey(7)


@pytest.mark.parametrize(
    ("known_s", "due"),
    [
        pytest.param(0, True, id="the owner knows nothing"),
        pytest.param(330, False, id="it was told just now"),
        pytest.param(180, False, id="half of the grace is left"),
        pytest.param(179, True, id="less is left"),
        pytest.param(-500, True, id="it may rest since long"),
    ],
)
def test_when_the_owner_is_told(known_s: float, due: bool) -> None:
    assert is_hint_due(known_s, 30, 300) is due
    assert not is_hint_due(known_s, 30, math.inf)


class Polling:
    """Stands for the pollers of one worker, with one that may be ``behind``."""

    def __init__(self, *, behind: Awaitable[None] | None = None, here: bool = True) -> None:
        self.attention = self
        self.wanted: list[float] = []
        self.behind = behind
        self.here = here

    def get(self, key: DeviceKey) -> "Polling | None":
        return self if self.here and key == KEY else None

    def want(self, for_s: float) -> Any:
        self.wanted.append(for_s)
        return self.behind


class Here:
    """Two workers on one bus: the first has the poll."""

    def __init__(self, owner: Polling, *, grace_s: float = 300) -> None:
        self.bus = LocalBus()
        self.bus.others = True
        self.said: list[tuple[str, str]] = []
        self.bus.subscribe(lambda topic, payload: self.said.append((topic, payload)))
        pace = PausePace(grace_s=grace_s)
        self.other = Wakes(self.bus, cast(Running, Polling(here=False)), pace)
        self.owner = Wakes(self.bus, cast(Running, owner), pace)


async def test_the_owner_hears_of_a_request_and_answers_when_it_has_caught_up() -> None:
    behind = asyncio.get_running_loop().create_future()

    async def caught_up() -> None:
        await behind

    here = Here(owner := Polling(behind=caught_up()))
    waiting = asyncio.create_task(here.other.want(KEY, 29.5) or asyncio.sleep(0))
    await asyncio.sleep(0)
    assert owner.wanted == [30.0] and not waiting.done()
    behind.set_result(None)
    await waiting
    assert here.said == [(WANTED, "7 30"), (CAUGHT_UP, "7")]
    await here.owner.stop()


async def test_an_owner_that_is_not_behind_answers_at_once() -> None:
    here = Here(Polling())
    waiting = here.other.want(KEY, 0)
    assert waiting is not None and here.said[-1] == (CAUGHT_UP, "7")
    async with asyncio.timeout(0.5):  # and that is less than it would wait in vain
        await waiting


async def test_requests_that_follow_say_nothing_and_wait_for_nothing() -> None:
    here = Here(owner := Polling())
    first = here.other.want(KEY, 30)
    assert first is not None
    await first
    assert [here.other.want(KEY, 30) for _ in range(5)] == [None] * 5
    assert owner.wanted == [30.0]


async def test_a_longer_request_is_told_but_not_waited_for() -> None:
    here = Here(owner := Polling(), grace_s=10)
    first = here.other.want(KEY, 0)
    assert first is not None
    await first
    assert here.other.want(KEY, 60) is None
    assert owner.wanted == [0.0, 60.0]


async def test_an_owner_that_is_dead_is_waited_for_once_and_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wakes, "WAIT_S", 0.02)
    here = Here(Polling(here=False))
    waiting = here.other.want(KEY, 30)
    assert waiting is not None
    await waiting
    assert here.other.want(KEY, 30) is None


async def test_alone_there_is_nobody_to_tell() -> None:
    here = Here(Polling())
    here.bus.others = False
    assert here.other.want(KEY, 30) is None and here.said == []


async def test_only_as_many_devices_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakes, "REMEMBERED", 2)
    here = Here(owner := Polling())
    monkeypatch.setattr(wakes, "WAIT_S", 0.0)
    for key in (KEY, DeviceKey(8), DeviceKey(9), KEY):
        await (here.other.want(key, 30) or asyncio.sleep(0))
    assert owner.wanted == [30.0, 30.0]
