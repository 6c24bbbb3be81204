"""Who opens a room waits a moment for its history; nobody else does."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from syncv3.engine.computed import Want
from syncv3.errors import HomeserverError
from syncv3.history.history import History
from syncv3.history.queue import WantedHistory
from syncv3.metrics import Metrics
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.types import Device, RoomID
from tests.integration.core.build import ALICE, ROOM, chunk, event, founding, messages, told
from tests.integration.core.keeping import Client, named, window
from tests.integration.history.stage import Stage
from tests.support.held import held_by
from tests.support.waiting import until
from tests.unit.engine.keeping import Asked

TEN = [f"m{n}" for n in range(10)]

pytestmark = pytest.mark.rules("S-611")


@dataclass
class Fetching:
    """Fetches what is waited for. ``waits`` has how many rooms that were, each time."""

    stage: Stage
    waits: list[int] = field(default_factory=list)

    async def fetched(self, device: Device, rooms: Mapping[int, Want], most_s: float) -> None:
        self.waits.append(len(rooms))
        assert most_s <= 0.3
        await self.stage.fill(
            entries=[WantedHistory(device, key, *want) for key, want in rooms.items()]
        )


@pytest.fixture
def fetching(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Fetching:
    made = Fetching(stage)
    monkeypatch.setattr(stage.world.everybody, "fetched", made.fetched)
    return made


@pytest.mark.parametrize("keeps", [False, True], ids=["MSC3575", "simplified"])
async def test_who_opens_a_room_is_shown_a_screenful_at_once(
    stage: Stage, fetching: Fetching, keeps: bool
) -> None:
    await stage.open(messages(*TEN), 9)
    if keeps:
        client = Client(stage.world, ALICE, window(limit=1))
        assert len((await client.room()).timeline) == 1
        config = RoomConfig(8, (Asked(),))
        client.ask = CompleteRequest(lists=client.ask.lists, subscriptions={ROOM: config})
        room = await client.room()
        assert room.expanded and not room.initial
    else:
        room = (await stage.sync(limit=8, subscribe=True)).rooms[ROOM]
    assert named(room.timeline) == TEN[-8:]
    assert fetching.waits == [1]


async def test_a_window_and_its_other_rooms_wait_for_no_history(
    stage: Stage, fetching: Fetching
) -> None:
    await stage.open(messages(*TEN), 9)
    other = RoomID("!other:hs")
    await stage.world.poll(ALICE, 30, joined={other: chunk(event("o1"), *founding(ALICE))})
    client = Client(stage.world, ALICE, window(limit=5))
    client.ask = CompleteRequest(client.ask.lists, {ROOM: RoomConfig(8, (Asked(),))})
    assert (await client.rooms()).keys() == {ROOM, other}
    stage.home.events.append(event("m10"))
    await stage.world.poll(ALICE, 40, replace(stage.chunk(10), limited=False))
    assert named((await client.room()).timeline) == ["m10"]  # nor does a live message later
    assert fetching.waits == []


async def test_a_live_message_waits_for_nothing_where_history_cannot_be_had(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[object] = []

    async def in_vain(*asked: object) -> None:
        waits.append(asked)

    monkeypatch.setattr(stage.world.everybody, "fetched", in_vain)
    await stage.open(messages(*TEN), 9)
    answer = await stage.sync(limit=8, subscribe=True)
    assert told(answer) == ["m9"]
    stage.home.events.append(event("m10"))
    await stage.world.poll(ALICE, 40, replace(stage.chunk(10), limited=False))
    assert told(await stage.sync(pos=answer.pos, limit=8, subscribe=True)) == ["m10"]
    assert len(waits) == 1


class Slow:
    """Fills when it is told to, or fails."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.fills: list[int] = []
        self.error: Exception | None = None

    async def fill(self, entry: WantedHistory) -> int:
        self.fills.append(entry.room_key)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return 1


@asynccontextmanager
async def history_of(slow: Slow) -> AsyncIterator[History]:
    history = History(slow, Metrics())
    await history.start()
    await asyncio.sleep(0)  # it begins to wait
    try:
        yield history
    finally:
        await history.stop()


def waits_in(history: History) -> int:
    """How many futures it keeps, of those who wait for it and its own, and sets of such."""
    return sum(type(found) in (asyncio.Future, set) for found in held_by(history))


@pytest.mark.parametrize("error", [None, HomeserverError("403", status=403)])
async def test_the_wait_ends_with_what_is_fetched_or_cannot_be(
    stage: Stage, error: Exception | None
) -> None:
    device, slow = await stage.world.device(ALICE), Slow()
    slow.error = error
    async with history_of(slow) as history:
        idle = waits_in(history)
        wanted = {1: (20, True), 2: (20, True)}
        waiting = [asyncio.create_task(history.fetched(device, wanted, 60)) for _ in range(2)]
        await until(lambda: len(slow.fills) == 2)
        assert not any(each.done() for each in waiting)
        slow.go.set()
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        assert sorted(slow.fills) == [1, 2]
        slow.error = None  # whose traceback keeps whatever it has come through
        await until(lambda: waits_in(history) == idle)


async def test_the_wait_has_an_end_though_the_homeserver_takes_its_time(stage: Stage) -> None:
    device, slow = await stage.world.device(ALICE), Slow()
    async with history_of(slow) as history:
        idle = waits_in(history)
        await asyncio.wait_for(history.fetched(device, {1: (20, True)}, 0.01), 5)
        assert not slow.go.is_set()
        slow.go.set()  # it goes on in the background
        await until(lambda: waits_in(history) == idle)


async def test_who_has_what_there_is_does_not_wait(stage: Stage) -> None:
    device, slow = await stage.world.device(ALICE), Slow()
    slow.go.set()
    async with history_of(slow) as history:
        for _ in range(2):
            await asyncio.wait_for(history.fetched(device, {1: (20, True)}, 60), 5)
        assert slow.fills == [1]
