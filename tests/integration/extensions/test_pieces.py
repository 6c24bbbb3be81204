"""Thousands of messages in one answer: in several transactions, each message once."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import asyncpg
import pytest

from extensions.to_device import ToDevice
from syncv3.batch import DeviceData, Lease, Part
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.committer import Committer
from syncv3.ingest.intake import Intake, Sinks
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.progress import PollerProgress
from syncv3.metrics import Metrics
from syncv3.store.pieces import load_pieces
from syncv3.types import Device
from syncv3.upstream.body import SyncBody
from tests.integration.extensions.stage import Stage
from tests.integration.extensions.test_set_aside import Careful, Desk


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, ToDevice()) as stage:
        yield stage


class Killed(Exception):
    """The process is gone."""


class Mortal:
    """Commits so many parts; the next one is the process's end, before it or just after."""

    def __init__(self, committer: Committer, left: int, *, late: bool = False) -> None:
        self.committer = committer
        self.left = left
        self.late = late
        self.sizes: list[int] = []

    async def commit(self, part: Part) -> None:
        self.left -= 1
        if self.left < 0 and not self.late:
            raise Killed
        await self.committer.commit(part)
        self.sizes.append(len(part.device.to_device))
        if self.left < 0:
            raise Killed


class Process:
    """One process's life with one device."""

    def __init__(self, stage: Stage, device: Device, since: str | None, ingest: Mortal) -> None:
        clock = DatabaseClock()
        clock.read(1_700_000_000_000_000, asked=0, answered=0)

        async def begun(lease: Lease, generated_us: int) -> None: ...

        sinks = Sinks(
            ingest, clock, PollerMeasures(Metrics()), begun, None, partial(load_pieces, stage.pool)
        )
        lease = Lease(device.device_key, "worker", 1)
        self.intake = Intake(sinks, device, lease, since, PollerProgress())

    async def take_in(self, next_batch: str, events: list[dict[str, Any]]) -> None:
        answer = {"next_batch": next_batch, "to_device": {"events": events}}
        now = asyncio.get_running_loop().time()
        await self.intake.take_in(SyncBody(json.dumps(answer).encode(), now))


def events(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """A number is told several times: equal messages are several."""
    return [{"type": "m.dummy", "content": {"n": number}} for number in numbers]


async def stored(stage: Stage) -> list[int]:
    messages = "SELECT message FROM ss_to_device_messages ORDER BY position"
    return [json.loads(row[0])["content"]["n"] for row in await stage.pool.fetch(messages)]


async def since(stage: Stage) -> str | None:
    found: str | None = await stage.pool.fetchval("SELECT since FROM ss_pollers")
    return found


async def test_they_are_written_in_pieces_and_since_moves_with_the_last(stage: Stage) -> None:
    device = await stage.device()
    ingest = Mortal(stage.committer, 100)
    numbers = list(range(1_700))
    await Process(stage, device, "0", ingest).take_in("s1", events(numbers))
    assert ingest.sizes == [500, 500, 500, 200]
    assert await stored(stage) == numbers
    assert await since(stage) == "s1"
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_pieces") == 0


@pytest.mark.rules("U-120", "U-144", "S-355")
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("same", [True, False], ids=["same process", "next process"])
async def test_wherever_it_is_killed_each_message_is_stored_once(
    stage: Stage, late: bool, same: bool
) -> None:
    """The client takes and acknowledges what it is given meanwhile."""
    device = await stage.device()
    numbers = [n % 1_300 for n in range(1_600)]
    told: list[int] = []
    token = "0"
    ingest = Mortal(stage.committer, 0)
    process = Process(stage, device, token, ingest)
    killed = 0
    while await since(stage) == "0":
        ingest.left, ingest.late = killed % 2, late
        if not same:
            process = Process(stage, device, token, ingest)
        try:
            await process.take_in("s1", events(numbers))
        except Killed:
            killed += 1
        told += await stored(stage)
        await stage.pool.execute("DELETE FROM ss_to_device_messages")
        if killed == 2:
            numbers = [*reversed(numbers), 7, 7]  # the homeserver sorts anew, and has more
    assert killed >= 3
    assert sorted(told) == sorted(numbers)
    assert await since(stage) == "s1"
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_pieces") == 0


@pytest.mark.rules("U-123")
async def test_others_are_served_while_a_flood_of_key_requests_is_taken_in(stage: Stage) -> None:
    """8,000 key requests to one device in one answer: others come in between its pieces."""
    victim, other = await stage.device(), await stage.device("@bob:hs")
    flood = Process(stage, victim, "0", Mortal(stage.committer, 100))
    taking = asyncio.create_task(flood.take_in("s1", list(map(key_request, range(8_000)))))
    while not await stored_of(stage, victim):
        assert not taking.done()
    between = []
    for n in range(3):
        await stage.committer.commit(stage.part(other, device=DeviceData(to_device=(b"{}",))))
        assert await stored_of(stage, other) == n + 1
        between.append(await stored_of(stage, victim))
    assert 0 < between[0] < between[-1] < 8_000
    await taking
    assert await stored_of(stage, victim) == 8_000


def key_request(number: int) -> dict[str, Any]:
    content = {"action": "request", "requesting_device_id": "M", "request_id": str(number)}
    return {"type": "m.room_key_request", "sender": "@mallory:hs", "content": content}


async def stored_of(stage: Stage, device: Device) -> int:
    count = "SELECT count(*) FROM ss_to_device_messages WHERE user_id = $1"
    found: int = await stage.pool.fetchval(count, device.user_id)
    return found


async def test_notes_of_another_answer_leave_nothing_out(stage: Stage) -> None:
    device = await stage.device()
    ingest = Mortal(stage.committer, 1)
    with pytest.raises(Killed):
        await Process(stage, device, "0", ingest).take_in("s1", events(range(600)))
    await stage.pool.execute("UPDATE ss_pollers SET since = 's1'")  # by a version without pieces
    ingest.left = 1
    await Process(stage, device, "s1", ingest).take_in("s2", events([3, 4]))
    assert (await stored(stage))[500:] == [3, 4]
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_pieces") == 0


async def test_no_group_has_more_than_one_piece_of_a_crowd(stage: Stage) -> None:
    """Ten devices with 500 messages each are ten groups, with others' between them."""
    devices = [await stage.device(f"@u{n}:hs") for n in range(5)]
    before = await stage.pool.fetchval("SELECT count(*) FROM ss_stream_commits")
    ingest = Mortal(stage.committer, 100)
    await asyncio.gather(
        *(Process(stage, d, "0", ingest).take_in("s1", events(range(500))) for d in devices)
    )
    after = await stage.pool.fetchval("SELECT count(*) FROM ss_stream_commits")
    assert after - before == len(devices)


async def test_a_piece_with_a_bad_message_is_like_any_other_part(pool: asyncpg.Pool) -> None:
    desk = Desk(pool, Careful())
    await pool.execute("CREATE TABLE taken (n int, pos bigint)")
    async with desk.stage:
        device = await desk.stage.device()
        raws = [{"n": n} | ({"do": "raise"} if n == 700 else {}) for n in range(1_200)]
        process = Process(desk.stage, device, "0", Mortal(desk.committer, 100))
        answer = {"next_batch": "s1", "to_device": {"events": raws}}
        now = asyncio.get_running_loop().time()
        await pool.execute("CREATE FUNCTION fail(text, int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
        await process.intake.take_in(SyncBody(json.dumps(answer).encode(), now))
    assert len(await desk.taken()) == 1_199
    assert await desk.aside() == [[700]]
