"""One device's poll, with a homeserver and an ingest that are scripts."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from syncv3.batch import Lease, Part
from syncv3.errors import HomeserverError, LeaseLost, UnknownToken
from syncv3.ingest import backoff, poller
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.intake import Sinks
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.poller import Poller, PollerTools
from syncv3.ingest.progress import Stage
from syncv3.metrics import Metrics
from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey
from syncv3.upstream.body import SyncBody

DEVICE = Device(UserID("@me:x"), DeviceID("D"), UserKey(1), DeviceKey(1))
Step = dict[str, Any] | Exception


class World:
    """Answers ``script`` one by one, then waits for ever; remembers what was asked."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.tokens = ["new", "old"]
        self.parts: list[Part] = []
        self.failures: list[Exception] = []
        self.begun: list[int] = []
        self.confirmed: list[tuple[str, float]] = []
        self.metrics = Metrics()
        self.measures = PollerMeasures(self.metrics)

    async def sync(self, token: str, **request: Any) -> SyncBody:
        self.asked.append({"token": token, **request})
        if not self.script:
            await asyncio.Event().wait()
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return SyncBody(json.dumps(step).encode(), asyncio.get_running_loop().time())

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        return list(self.tokens)

    async def drop(self, token: str, rejection: UnknownToken) -> None:
        self.tokens.remove(token)

    def confirm(self, token: str, asked: float) -> None:
        self.confirmed.append((token, asked))

    async def commit(self, part: Part) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.parts.append(part)

    async def mark_begun(self, lease: Lease, generated_us: int) -> None:
        self.begun.append(generated_us)

    def poller(self, since: str | None = None, **options: Any) -> Poller:
        clock = DatabaseClock()
        clock.read(0, asked=0, answered=0)
        sinks = Sinks(self, clock, self.measures, self.mark_begun)
        lease = Lease(DEVICE.device_key, "w", 1)
        return Poller(PollerTools(self, self), sinks, DEVICE, lease, since, **options)

    async def asks(self, number: int) -> None:
        while len(self.asked) < number:  # noqa: ASYNC110 (a test)
            await asyncio.sleep(0)


@asynccontextmanager
async def running(polling: Poller) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(polling.run())
    yield task
    polling.stop()
    await asyncio.wait((task,), timeout=5)


def answer(since: str, **more: Any) -> dict[str, Any]:
    return {"next_batch": since, "to_device": {"events": [{"type": "m.x"}]}} | more


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits: the lengths of waits are tested on their own."""
    monkeypatch.setattr(backoff, "FIRST_S", 0.0)
    monkeypatch.setattr(poller, "LEAST_PACE_S", 0.0)


@pytest.mark.rules("U-33", "U-34", "U-50", "S-620", "U-37")
async def test_polls_follow_each_other_and_wait_only_once_one_is_stored() -> None:
    world = World(answer("s1"), answer("s2"))
    async with running(world.poller()):
        await world.asks(3)
    assert [ask["since"] for ask in world.asked] == [None, "s1", "s2"]
    assert [ask["timeout_ms"] for ask in world.asked] == [0, 30_000, 30_000]
    assert [ask["initial"] for ask in world.asked] == [True, False, False]
    assert [(part.since, part.next_since) for part in world.parts] == [(None, "s1"), ("s1", "s2")]


class Slow(World):
    """An answer takes half a minute to come in: what is said of its time is its beginning."""

    async def sync(self, token: str, **request: Any) -> SyncBody:
        body = await super().sync(token, **request)
        return SyncBody(body.data, 12.5)


async def test_an_answer_is_as_old_as_its_first_byte() -> None:
    world = Slow(answer("s1"))
    async with running(world.poller()):
        await world.asks(2)
    assert [part.generated_us for part in world.parts] == [12_500_000]


@pytest.mark.rules("U-40", "U-43", "UZ-5")
async def test_a_failing_homeserver_is_asked_again_for_ever() -> None:
    failures = [HomeserverError("502", status=502) for _ in range(30)]
    world = World(answer("s1"), *failures, answer("s2"))
    async with running(world.poller()):
        await world.asks(33)
    assert {ask["since"] for ask in world.asked[1:32]} == {"s1"}
    assert world.tokens == ["new", "old"]


@pytest.mark.rules("U-42", "U-17H")
async def test_a_batch_that_could_not_be_stored_is_fetched_again() -> None:
    world = World(answer("s1"), answer("s1"))
    world.failures = [OSError("database is away")]
    async with running(world.poller("s0")):
        await world.asks(3)
    assert [ask["since"] for ask in world.asked] == ["s0", "s0", "s1"]


async def test_an_answer_that_is_no_json_is_fetched_again() -> None:
    world = World({"no": "next_batch"}, answer("s1"))
    async with running(world.poller("s0")):
        await world.asks(3)
    assert [part.next_since for part in world.parts] == ["s1"]


@pytest.mark.rules("UZ-8", "U-12")
async def test_a_dead_token_is_replaced_by_the_next() -> None:
    world = World(answer("s1"), UnknownToken("gone"), answer("s2"))
    async with running(world.poller()):
        await world.asks(4)
    assert [ask["token"] for ask in world.asked] == ["new", "new", "old", "old"]
    assert world.asked[2]["since"] == "s1" and world.tokens == ["old"]


@pytest.mark.rules("U-2")
async def test_an_answer_confirms_the_token_as_of_when_it_was_asked_for() -> None:
    class Slow(World):
        async def sync(self, token: str, **request: Any) -> SyncBody:
            begun.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.02)  # a slow homeserver
            return await super().sync(token, **request)

    begun: list[float] = []
    world = Slow(answer("s1"), HomeserverError("502", status=502), answer("s2"))
    async with running(world.poller()):
        await world.asks(4)
    assert [token for token, _ in world.confirmed] == ["new", "new"]
    asked = [at for _, at in world.confirmed]
    assert asked[0] <= begun[0] and begun[1] < asked[1] <= begun[2]


@pytest.mark.rules("U-43")
async def test_failures_are_noted_from_the_first_on_until_an_answer_is_stored() -> None:
    failure = HomeserverError("403", status=403, errcode="M_CONSENT_NOT_GIVEN")
    seen: list[tuple[bool, int]] = []

    class Watching(World):
        async def sync(self, token: str, **request: Any) -> SyncBody:
            progress = polling.progress
            seen.append((progress.failing_since is not None, progress.failures))
            assert progress.asking_since is not None
            return await super().sync(token, **request)

    world = Watching(answer("s1"), failure, failure, answer("s2"))
    polling = world.poller()
    async with running(polling):
        await world.asks(5)
    assert seen == [(False, 0), (False, 0), (True, 1), (True, 2), (False, 0)]


@pytest.mark.rules("U-41", "U-25", "U-28")
async def test_without_tokens_the_poller_ends_and_says_why() -> None:
    world = World(UnknownToken("gone"), UnknownToken("gone", soft_logout=True))
    polling = world.poller()
    with pytest.raises(UnknownToken) as ended:
        await polling.run()
    assert ended.value.soft_logout and polling.progress.error is ended.value
    with pytest.raises(UnknownToken):
        await world.poller().run()


async def test_a_lost_lease_ends_the_poller_and_keeps_the_tokens() -> None:
    world = World(answer("s1"))
    world.failures = [LeaseLost()]
    with pytest.raises(LeaseLost):
        await world.poller().run()
    assert world.tokens == ["new", "old"]


@pytest.mark.rules("U-28A")
async def test_a_stopped_poller_finishes_its_commit_and_asks_no_more() -> None:
    world = World(answer("s1"), answer("s2"))
    committing, go_on = asyncio.Event(), asyncio.Event()

    class Slow(World):
        async def commit(self, part: Part) -> None:
            committing.set()
            await go_on.wait()
            await super().commit(part)

    world = Slow(answer("s1"), answer("s2"))
    polling = world.poller()
    task = asyncio.create_task(polling.run())
    await committing.wait()
    polling.stop()
    go_on.set()
    await task
    assert len(world.parts) == 1 and len(world.asked) == 1
    assert polling.progress.stage is Stage.ENDED and polling.progress.error is None


async def test_a_poller_that_is_stopped_while_it_fails_ends_and_begins_no_wait() -> None:
    committing, go_on = asyncio.Event(), asyncio.Event()

    class Failing(World):
        async def commit(self, part: Part) -> None:
            committing.set()
            await go_on.wait()
            raise OSError("database is away")

    polling = Failing(answer("s1")).poller()
    task = asyncio.create_task(polling.run())
    await committing.wait()
    polling.stop()
    go_on.set()
    await asyncio.wait((task,))
    gc.collect()  # a wait that was made, but never begun, would be complained about here
    assert task.cancelled()


async def test_answers_without_news_are_not_stored_but_move_on() -> None:
    world = World(answer("s1"), {"next_batch": "s2"}, {"next_batch": "s3"}, answer("s4"))
    async with running(world.poller()):
        await world.asks(5)
    assert [ask["since"] for ask in world.asked] == [None, "s1", "s2", "s3", "s4"]
    assert [(part.since, part.next_since) for part in world.parts] == [(None, "s1"), ("s1", "s4")]


@pytest.mark.rules("U-141", "U-142")
async def test_key_counts_are_passed_on_when_they_changed() -> None:
    keys = [{"device_one_time_keys_count": {"c": n}, "device_unused_fallback_key_types": t}
            for n, t in ((5, ["c"]), (5, ["c"]), (4, ["c"]), (4, []))]  # fmt: skip
    world = World(*(answer(f"s{n}", **key) for n, key in enumerate(keys)))
    async with running(world.poller()):
        await world.asks(5)
    assert [part.device.one_time_keys for part in world.parts] == [
        b'{"c": 5}', None, b'{"c": 4}', None,
    ]  # fmt: skip
    assert [part.device.fallback_key_types for part in world.parts] == [b'["c"]', None, None, b"[]"]


@pytest.mark.rules("U-23")
async def test_a_further_device_asks_for_no_rooms_once() -> None:
    world = World(answer("s1"))
    async with running(world.poller(no_rooms=True)):
        await world.asks(2)
    rooms = [json.loads(ask["filter"])["room"].get("rooms") for ask in world.asked]
    assert rooms == [[], None]


@pytest.mark.rules("S-613")
async def test_a_since_token_that_is_refused_for_good_is_given_up() -> None:
    refusals = [HomeserverError("400", status=400)] * poller.DEAD_SINCE_AFTER
    world = World(*refusals, {"next_batch": "s9"}, answer("s10"))
    async with running(world.poller("s0")):
        await world.asks(len(refusals) + 3)
    assert [ask["since"] for ask in world.asked[-4:]] == ["s0", None, "s9", "s10"]
    parts = [(part.since, part.next_since, part.begins_anew) for part in world.parts]
    assert parts == [("s0", "s9", True), ("s9", "s10", False)]


def events(room: str, number: int) -> dict[str, Any]:
    return {"events": [{"type": "m.x", "content": {}, "event_id": f"${room}.{n}",
                        "state_key": str(n)} for n in range(number)]}  # fmt: skip


async def stages_of(join: Mapping[str, Any]) -> tuple[list[Stage], World]:
    """How far the poller was when it committed each part of a first answer with these rooms."""
    stages: list[Stage] = []
    look: Callable[[], Stage]

    class Watching(World):
        async def commit(self, part: Part) -> None:
            stages.append(look())
            await super().commit(part)

    world = Watching(answer("s1", rooms={"join": join}))
    polling = world.poller()
    look = lambda: polling.progress.stage  # noqa: E731
    async with running(polling):
        await world.asks(2)
    return stages, world


async def test_the_first_rooms_of_a_first_sync_can_be_served_before_the_rest() -> None:
    join = {f"!{r}:x": {"timeline": events(str(r), 400)} for r in range(3)}
    stages, world = await stages_of(join)
    assert stages == [Stage.STARTED, Stage.SERVING, Stage.SERVING]
    assert len(world.begun) == 1 and len({part.generated_us for part in world.parts}) == 1


async def test_state_that_goes_ahead_of_its_room_can_not_be_served() -> None:
    join = {"!0:x": {"state": events("0", 600)}, "!1:x": {"timeline": events("1", 500)}}
    stages, world = await stages_of(join)
    assert [len(part.ahead) for part in world.parts] == [1, 1, 1, 0, 0]
    assert stages == [*[Stage.STARTED] * 4, Stage.SERVING]
    assert len(world.begun) == 1


@pytest.mark.rules("O-79", "O-7A", "O-7B", "O-7C", "O-7D", "O-7E")
async def test_polls_are_counted() -> None:
    room = {
        "timeline": {"events": [{"type": "m.x", "event_id": "$1"}], "limited": True},
        "state": {"events": [{"type": "m.x", "event_id": "$2", "state_key": ""}]},
    }
    world = World(answer("s1", rooms={"join": {"!r:x": room}}))
    async with running(world.poller()):
        await world.asks(2)
        page = world.metrics.exposition().decode()
    for line in (
        "sliding_sync_poller_num_outstanding_sync_v2_reqs 1.0",
        "sliding_sync_poller_total_num_polls 2.0",
        'sliding_sync_poller_process_duration_secs_count{first="1",initial="1"} 1.0',
        'sliding_sync_poller_timeline_size_count{limited="limited"} 1.0',
        "sliding_sync_poller_gappy_state_size_count 1.0",
        "sliding_sync_poller_num_rooms_to_come 0.0",
    ):
        assert line in page


# The log of a poll that stands still


def warnings(caplog: pytest.LogCaptureFixture, message: str) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.getMessage() == message]


@pytest.mark.rules("U-42", "U-44")
async def test_a_poll_that_stands_still_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """One traceback and one line, not one at each try."""
    world = World(*(answer("s1") for _ in range(41)))
    world.failures = [ValueError("cannot be stored: secret content") for _ in range(40)]
    async with running(world.poller("s0")):
        await world.asks(42)
    assert len(warnings(caplog, "cannot take in an answer")) == 1
    told = warnings(caplog, "waiting before the poll is repeated")
    assert [record.reason for record in told] == [  # type: ignore[attr-defined]
        told[0].reason  # type: ignore[attr-defined]
    ]
    assert "secret" not in str(vars(told[0]))


async def test_each_reason_for_which_a_poll_fails_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = [HomeserverError(text) for text in ("one", "two", "one", "two", "three")]
    world = World(*faults, answer("s1"), HomeserverError("one"))
    async with running(world.poller("s0")):
        await world.asks(8)
    told = warnings(caplog, "waiting before the poll is repeated")
    reasons = [record.reason for record in told]  # type: ignore[attr-defined]
    assert reasons == ["one", "two", "three", "one"]


@pytest.mark.rules("U-81")
async def test_what_an_answer_loses_is_told_once_though_it_is_fetched_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timeline = {"timeline": {"events": [{"type": 5}]}}
    bad = answer("s1", rooms={"join": {"!r:x": timeline, "!q:x": timeline}})
    world = World(bad, bad, bad, bad | {"next_batch": "s2"})
    world.failures = [OSError("away"), OSError("away")]
    async with running(world.poller("s0")):
        await world.asks(5)
    told = warnings(caplog, "left out what cannot be used of an answer")
    rooms = [record.room for record in told]  # type: ignore[attr-defined]
    assert rooms == ["!r:x", "!q:x", "!r:x", "!q:x"]
