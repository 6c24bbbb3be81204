"""Fills that are cut off, that meet each other, and whose database has lost something."""

import asyncio
from dataclasses import replace
from random import Random

import pytest

from syncv3.errors import HomeserverError
from syncv3.history.filling import Filler
from syncv3.history.history import History, failure_of
from syncv3.history.queue import Queue
from syncv3.metrics import Metrics
from tests.integration.core.build import ALICE, ALL_ROOMS, BOB, ROOM, founding, messages, told
from tests.integration.history.stage import Page, Stage
from tests.simulation.database import Database

TEN = [f"m{n}" for n in range(10)]

pytestmark = pytest.mark.rules("S-611")


async def test_a_worker_that_ends_in_the_middle_leaves_what_it_has_and_another_goes_on(
    stage: Stage,
) -> None:
    """Killed between two pages: the client goes on with its old ``pos`` at another worker."""
    await stage.open(messages(*[f"m{n}" for n in range(60)]), 59)
    await stage.sync(limit=45)
    pages = 0

    async def killed() -> None:
        raise asyncio.CancelledError

    def second(page: Page) -> Page:
        nonlocal pages
        pages += 1
        if pages == 1:
            return Page(page.events[:10], "t49")
        stage.home.meanwhile = killed
        return page

    stage.home.twist = second
    with pytest.raises(asyncio.CancelledError):
        await stage.fill()
    stage.home.twist = lambda page: page
    stage.home.meanwhile = None
    other = await stage.another()
    assert await stage.told(limit=45, world=other) == [f"m{n}" for n in range(49, 60)]
    assert await stage.fill(other) == 34
    assert await stage.told(limit=45, world=other) == [f"m{n}" for n in range(15, 60)]
    assert [asked.start for asked in stage.home.asked] == ["t59", "t49", "t49"]


async def test_a_client_that_goes_on_after_a_restart_is_told_that_there_is_more(
    stage: Stage,
) -> None:
    """The worker that stored it ended before the client was told; the fact is not lost."""
    await stage.open(messages(*TEN), 9)
    pos = (await stage.sync()).pos
    await stage.world.connections.share(alone=False)
    await stage.fill()
    other = await stage.another()
    await other.sync(ALICE, pos)
    user = await other.cache.user((await stage.world.device(ALICE)).user_key)
    [key] = user.rooms
    assert user.filled_at(key) > 0
    assert list(user.filled_since(0)) == [key]


async def test_two_workers_fill_the_same_stretch_at_once(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    other = await stage.another()
    entry = await stage.entry()
    stage.home.tokens[entry.device.device_key] = ALICE
    fillers = [Filler(stage.home, stage.home, w.committer.writer) for w in (stage.world, other)]
    await asyncio.gather(*(filler.fill(entry) for filler in fillers for _ in range(3)))
    for world in (stage.world, other):
        await world.cache.refresh()
        assert await stage.told(world=world) == TEN
    assert len(await stage.stored("ss_history")) == 1
    assert len(await stage.stored("ss_events")) == 10 + 2


async def test_two_users_fill_the_same_stretch_at_once(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    stage.home.hidden[BOB] = {"m3"}
    await stage.fill(entries=[await stage.entry(user) for user in (ALICE, BOB)])
    assert await stage.told(ALICE) == TEN
    assert await stage.told(BOB) == [m for m in TEN if m != "m3"]


async def test_a_room_that_is_written_all_the_time_is_filled_too(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE)
    await stage.sync(limit=50)
    news = messages(*[f"n{n}" for n in range(20)])

    async def talk() -> None:
        for number, event in enumerate(news):
            stage.home.events.append(event)
            room = replace(stage.chunk(10 + number), limited=False)
            await stage.world.poll(ALICE, 20 + number, room)

    _, stored = await asyncio.gather(talk(), stage.fill())
    assert stored == 9
    assert await stage.told(limit=50) == [*TEN, *[f"n{n}" for n in range(20)]]


async def test_a_fill_goes_on_in_the_next_epoch(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    await stage.sync()

    async def crash() -> None:
        await stage.world.pool.execute("TRUNCATE ss_stream_fence")

    stage.home.meanwhile = crash
    await stage.fill()
    assert await stage.told() == TEN


async def test_what_the_database_has_lost_is_fetched_again(stage: Stage) -> None:
    """And its positions, which begin elsewhere now, are no reason to tell it twice."""
    async with Database.open(stage.url) as database:
        await stage.open(messages(*TEN), 9)
        await database.keep()
        assert await stage.filled() == TEN
        await database.put_back()
        await stage.world.cache.refresh()
    assert await stage.told() == ["m9"]
    assert await stage.fill() == 9
    assert await stage.told() == TEN


async def test_a_page_from_before_a_loss_does_not_precede_what_has_its_place_now(
    stage: Stage,
) -> None:
    """m9 was the first event of the room that was stored. The database has lost it, and now
    m12 has that place."""
    await stage.world.device(ALICE)
    since = dict(stage.world.since)
    async with Database.open(stage.url) as database:
        await database.keep()
        await stage.open(messages(*TEN), 9)
        await stage.sync()

        async def lose() -> None:
            await database.put_back()
            await stage.world.cache.refresh()
            stage.world.since = since
            stage.home.events += messages("m10", "m11", "m12")
            await stage.world.poll(ALICE, 30, stage.chunk(12, state=founding(ALICE)))

        stage.home.meanwhile = lose
        await stage.fill()
    assert await stage.told() == [*TEN, "m10", "m11", "m12"]


# -- the homeserver fails ------------------------------------------------------------


class Failing:
    """A homeserver that fails ``times`` times, then works. ``tried`` is told of each request."""

    def __init__(self, stage: Stage, error: Exception, times: int) -> None:
        self.stage, self.error, self.left = stage, error, times
        self.tries = 0
        self.tried = asyncio.Event()

    async def tokens_of(self, device_key: int) -> list[str]:
        return [ALICE]

    async def messages(self, *arguments: object, **more: object) -> Page:
        self.tries += 1
        self.tried.set()
        if self.left:
            self.left -= 1
            raise self.error
        return await self.stage.home.messages(*arguments, **more)  # type: ignore[arg-type]


class Now(Random):
    """Makes all pauses short."""

    def uniform(self, a: float, b: float) -> float:
        return 0.001


async def run(stage: Stage, source: Failing, *, until: int) -> Metrics:
    """Wants the room a thousand times, and runs until it was tried so often."""
    metrics = Metrics()
    filler = Filler(source, source, stage.world.committer.writer)
    history = History(filler, metrics, Queue(Now()))
    entry = await stage.entry()
    await history.start()
    try:
        async with asyncio.timeout(10):
            for _ in range(1000):
                history.want(entry.device, {entry.room_key: (20, False)})
            while source.tries < until:
                source.tried.clear()
                await source.tried.wait()
            await asyncio.sleep(0.1)  # a further try would be made now
    finally:
        await history.stop()
    await stage.world.cache.refresh()
    return metrics


def count(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"sliding_sync_history_{name}", labels) or 0.0


async def test_a_room_that_is_wanted_a_thousand_times_is_fetched_once(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    source = Failing(stage, HomeserverError("not used"), 0)
    metrics = await run(stage, source, until=1)
    assert (source.tries, await stage.told()) == (1, TEN)
    assert count(metrics, "num_events_total") == 9
    assert count(metrics, "num_fills_total") == 1


async def test_a_homeserver_that_fails_is_asked_again_and_the_log_told_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.open(messages(*TEN), 9)
    source = Failing(stage, HomeserverError("messages: 502", status=502), 3)
    metrics = await run(stage, source, until=4)
    assert (source.tries, await stage.told()) == (4, TEN)
    assert count(metrics, "num_failures_total", kind="homeserver") == 3
    [said] = [record for record in caplog.records if "Older messages" in record.message]
    assert (said.levelname, said.__dict__["user"]) == ("WARNING", ALICE)


async def test_a_refusal_is_not_tried_again(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    error = HomeserverError("messages: 403", status=403, errcode="M_FORBIDDEN")
    source = Failing(stage, error, 100)
    await run(stage, source, until=1)
    assert source.tries == 1


async def test_a_homeserver_that_wants_a_pause_gets_it(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    error = HomeserverError("messages: 429", status=429, retry_after_s=3600)
    source = Failing(stage, error, 100)
    metrics = await run(stage, source, until=1)
    assert source.tries == 1
    assert count(metrics, "num_failures_total", kind="limited") == 1
    assert await stage.told() == ["m9"]


@pytest.mark.parametrize(
    ("error", "kind", "again", "pause"),
    [
        (HomeserverError("", status=429, retry_after_s=7), "limited", True, 7),
        (HomeserverError("", status=429), "limited", True, 30),
        (HomeserverError("", status=403), "refused", False, None),
        (HomeserverError("", status=503, retry_after_s=9), "homeserver", True, 9),
        (HomeserverError(""), "homeserver", True, None),
        (TimeoutError(), "slow", True, None),
        (ConnectionResetError(), "database", True, None),
        (ValueError(), "bug", False, None),
    ],
)
def test_what_follows_from_an_error(
    error: Exception, kind: str, again: bool, pause: float | None
) -> None:
    found = failure_of(error)
    assert (found.kind, found.again, found.user_pause_s) == (kind, again, pause)


async def test_a_room_is_answered_at_once_whatever_the_homeserver_does(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    answer = await stage.world.sync(ALICE, None, ALL_ROOMS)
    assert told(answer) == ["m9"]
    assert answer.rooms[ROOM].limited
    assert stage.home.asked == []
