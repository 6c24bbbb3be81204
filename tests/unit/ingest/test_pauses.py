"""Devices that nobody waits for: when they are polled, and what ends a pause."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.batch import Lease
from syncv3.errors import HomeserverError
from syncv3.ingest import pauses
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.gate import Places
from syncv3.ingest.intake import Sinks
from syncv3.ingest.pauses import NEVER, Attention, PausePace, due_at, pace_of
from syncv3.ingest.poller import Poller, PollerTools
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.upstream.body import SyncBody
from tests.unit.ingest.test_poller import DEVICE, World, answer, quick, running

__all__ = ["quick"]

AGES = 10_000.0
AT_ONCE = PausePace(grace_s=0, first_s=0, longest_s=0, together_s=1e-6, longest_wait_s=0)
FOR_AGES = PausePace(grace_s=0, first_s=AGES, longest_s=AGES, longest_wait_s=0)


@pytest.mark.rules("S-620")
@pytest.mark.parametrize(
    ("left_s", "polls", "chance", "due_s"),
    [
        pytest.param(1, 7, 1, 0, id="at once: somebody waits"),
        pytest.param(0, 0, 1, 5, id="nobody does, from now on"),
        pytest.param(-9, 1, 1, 10, id="the second pause is twice as long"),
        pytest.param(-9, 3, 1, 40, id="the fourth"),
        pytest.param(-9, 4, 1, 60, id="and so on, up to the longest"),
        pytest.param(-9, 5000, 1, 60, id="however many there were"),
        pytest.param(-9, 5000, 0, 45, id="chance makes it shorter, by a quarter at most"),
        pytest.param(-9, 5000, 0.5, 50, id="and it ends when others end"),
        pytest.param(-9, 0, 0, 5, id="which is later than now"),
    ],
)
def test_when_a_poll_is_due(left_s: float, polls: int, chance: float, due_s: float) -> None:
    now = 1_000.0
    assert due_at(now, now + left_s, polls, PausePace(), chance) == now + due_s


@given(
    now=st.floats(0, 1e6), polls=st.integers(0, 100), chance=st.floats(0, 1),
    before=st.floats(0, 1e5),
)  # fmt: skip
def test_a_pause_is_never_longer_than_the_longest_and_ends_with_others(
    now: float, polls: int, chance: float, before: float
) -> None:
    due = due_at(now, now - before, polls, PausePace(), chance)
    assert now < due <= now + PausePace().longest_s
    assert due % PausePace().together_s == 0


class Bounds:
    longest_poll_s = 90

    def __init__(self, pause_after_s: int) -> None:
        self.pause_after_s = pause_after_s


def test_an_operator_decides_when_pauses_begin_and_whether() -> None:
    assert pace_of(Bounds(0)) == NEVER
    assert pace_of(Bounds(7)) == PausePace(grace_s=7, longest_wait_s=90)


class Held(World):
    """Each question waits until ``answers`` is called for it; ``script`` has the answers."""

    def __init__(self, *script: Any) -> None:
        super().__init__(*script)
        self.held: list[asyncio.Event] = []

    async def sync(self, token: str, **request: Any) -> SyncBody:
        self.held.append(turn := asyncio.Event())
        self.asked.append({"token": token, **request})
        await turn.wait()
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return SyncBody(json.dumps(step).encode(), asyncio.get_running_loop().time())


def polling_at(world: World, pace: PausePace) -> Poller:
    clock = DatabaseClock()
    clock.read(0, asked=0, answered=0)
    sinks = Sinks(world, clock, world.measures, world.mark_begun)
    sources = PollerTools(world, world, pace=pace, places=Places(16))
    return Poller(sources, sinks, DEVICE, Lease(DEVICE.device_key, "w", 1), "s0")


async def until_resting(polling: Poller) -> None:
    while not polling.progress.resting:  # noqa: ASYNC110 (a test)
        await asyncio.sleep(0)


@asynccontextmanager
async def resting(world: World, pace: PausePace = FOR_AGES) -> AsyncIterator[Poller]:
    """The poll of a device for which nobody waits, in its first pause."""
    polling = polling_at(world, pace)
    async with running(polling):
        await world.asks(1)
        if isinstance(world, Held):
            world.held[0].set()
        await until_resting(polling)
        yield polling


@pytest.mark.rules("S-620", "S-600")
async def test_nobody_waits_so_the_homeserver_need_not_wait_either() -> None:
    world = World(*(answer(f"s{n}") for n in range(5)))
    async with running(polling_at(world, AT_ONCE)):
        await world.asks(5)
    assert [ask["timeout_ms"] for ask in world.asked[:5]] == [0] * 5
    assert [ask["presence"] for ask in world.asked[:5]] == ["offline"] * 5
    limits = [json.loads(ask["filter"])["room"]["timeline"]["limit"] for ask in world.asked]
    assert limits[:5] == [50, 100, 100, 100, 100]


@pytest.mark.rules("S-620")
async def test_a_poll_that_is_waited_for_never_rests() -> None:
    world = World(*(answer(f"s{n}") for n in range(5)))
    polling = polling_at(world, PausePace(first_s=AGES))
    async with running(polling):
        await world.asks(6)
        assert not polling.progress.resting
    assert [ask["timeout_ms"] for ask in world.asked] == [0, *[30_000] * 5]
    assert not any(part.pausing for part in world.parts)


@pytest.mark.rules("S-620")
async def test_a_poll_does_not_rest_before_its_first_answer() -> None:
    failures = [HomeserverError("502", status=502) for _ in range(5)]
    world = World(*failures, answer("s1"))
    async with running(polling_at(world, FOR_AGES)) as task:
        await world.asks(6)
        assert not task.done()
    assert len(world.parts) == 1


@pytest.mark.rules("S-620", "S-538")
async def test_a_request_ends_the_pause_and_gets_what_has_come() -> None:
    world = World(answer("s1"), answer("s2"))
    async with resting(world) as polling:
        assert len(world.asked) == 1
        behind = polling.attention.want(AGES)
        assert behind is not None
        await behind
        assert [part.next_since for part in world.parts] == ["s1", "s2"]
        await world.asks(3)
        assert not polling.progress.resting
    assert [ask["timeout_ms"] for ask in world.asked] == [0, 0, 30_000]


@pytest.mark.rules("S-620", "S-538")
async def test_a_question_from_before_the_request_is_not_enough() -> None:
    world = Held(answer("s1"), answer("s2"), answer("s3"))
    async with resting(world, AT_ONCE) as polling:
        await world.asks(2)
        behind = polling.attention.want(AGES)
        assert behind is not None
        waiting = asyncio.create_task(behind)
        world.held[1].set()
        await world.asks(3)
        assert not waiting.done() and world.asked[2]["timeout_ms"] == 0
        world.held[2].set()
        await waiting
        assert [part.next_since for part in world.parts] == ["s1", "s2", "s3"]


@pytest.mark.rules("S-620")
async def test_nobody_waits_for_a_poll_that_fails() -> None:
    world = Held(answer("s1"), HomeserverError("502", status=502), answer("s2"))
    async with resting(world) as polling:
        behind = polling.attention.want(AGES)
        assert behind is not None
        waiting = asyncio.create_task(behind)
        await world.asks(2)
        world.held[1].set()
        await waiting
        assert polling.attention.want(AGES) is None
        await world.asks(3)
        assert world.asked[2]["timeout_ms"] == 0
        world.held[2].set()
        await world.asks(4)
        assert world.asked[3]["timeout_ms"] == 30_000


@pytest.mark.rules("S-620")
async def test_a_poll_that_fails_does_not_pause_until_it_is_well_again() -> None:
    world = World(answer("s1"), HomeserverError("502", status=502), answer("s2"))
    async with resting(world) as polling:
        await (polling.attention.want(0) or asyncio.sleep(0))
        await asyncio.wait_for(world.asks(3), 5)
        while len(world.parts) < 2:  # noqa: ASYNC110 (a test)
            await asyncio.sleep(0)
        assert polling.progress.resting
    assert [ask["timeout_ms"] for ask in world.asked] == [0, 0, 0]


@pytest.mark.rules("S-620")
async def test_a_homeserver_that_hangs_is_waited_for_once_and_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses, "WAIT_S", 0.02)
    async with resting(Held(answer("s1"))) as polling:
        behind = polling.attention.want(AGES)
        assert behind is not None
        await behind
        assert polling.progress.resting and polling.attention.want(AGES) is None


async def test_a_poll_that_ends_lets_its_requests_go_on() -> None:
    async with resting(Held(answer("s1"))) as polling:
        behind = polling.attention.want(AGES)
        assert behind is not None
        waiting = asyncio.create_task(behind)
        polling.stop()
        await waiting


@pytest.mark.rules("U-28")
async def test_a_pause_ends_at_once_when_the_poller_is_stopped() -> None:
    polling = polling_at(World(answer("s1")), FOR_AGES)
    async with running(polling) as task:
        await until_resting(polling)
        polling.stop()
        await asyncio.wait((task,), timeout=5)
        assert task.done()


@pytest.mark.rules("U-131")
@pytest.mark.parametrize(
    ("grace_s", "pausing"), [(0.0, True), (pauses.ROLE_S - 1, True), (pauses.ROLE_S + 1, False)]
)
async def test_a_poll_speaks_for_no_room_when_its_pause_is_near(
    grace_s: float, pausing: bool
) -> None:
    world = World(answer("s1"))
    async with running(
        polling_at(world, PausePace(grace_s=grace_s, longest_wait_s=0, first_s=AGES))
    ):
        while not world.parts:  # noqa: ASYNC110 (a test)
            await asyncio.sleep(0)
    assert [part.pausing for part in world.parts] == [pausing]


async def test_a_request_counts_for_as_long_as_it_may_take_and_a_grace() -> None:
    progress = PollerProgress()
    progress.reach(Stage.CURRENT)
    attention = Attention(PausePace(grace_s=40, longest_wait_s=0), Places(1), progress)
    assert not attention.is_ending
    attention = Attention(PausePace(grace_s=10, longest_wait_s=0), Places(1), progress)
    assert attention.is_ending
    attention.want(20)
    assert attention.is_ending
    attention.want(30)
    assert not attention.is_ending
