"""Account data as several devices of one user report it."""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from extensions.account_data import AccountData
from syncv3.batch import AccountData as Datum
from syncv3.batch import JoinedRoom
from syncv3.extension import Answer, Shown
from syncv3.types import Device
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, AccountData()) as stage:
        yield stage


def datum(value: Any, kind: str = "org.example") -> Datum:
    return Datum(kind, json.dumps({"type": kind, "content": value}).encode())


def told(answer: Answer) -> list[Any]:
    """The contents of the global events."""
    return [json.loads(bytes(e))["content"] for e in (answer.body or {}).get("global", ())]


def of_rooms(answer: Answer) -> dict[str, list[Any]]:
    rooms: Any = (answer.body or {}).get("rooms", {})
    return {room: [json.loads(bytes(e))["content"] for e in es] for room, es in rooms.items()}


@pytest.mark.rules("AD-1", "AD-2")
async def test_everything_is_told_at_first(stage: Stage) -> None:
    device, room = await stage.device(), await stage.room()
    await stage.report(
        device,
        account_data=(datum(1), datum(2, "org.other")),
        joined={room: JoinedRoom(account_data=(datum("r"),))},
    )
    answer = await stage.ask(device, shown={room: Shown(True)})
    assert told(answer) == [1, 2]
    assert of_rooms(answer) == {room: ["r"]}


@pytest.mark.rules("AD-1")
async def test_switched_on_later_it_tells_only_changes(stage: Stage) -> None:
    device = await stage.device()
    await stage.report(device, account_data=(datum(1),))
    pos = stage.cache.position
    assert told(await stage.ask(device, since=pos, told=False)) == []
    await stage.report(device, account_data=(datum(2),))
    assert told(await stage.ask(device, since=pos, told=False)) == [2]


@pytest.mark.rules("AD-3", "AD-5")
async def test_a_change_is_told_once(stage: Stage) -> None:
    device, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(device, joined={room: JoinedRoom(account_data=(datum(1), datum(2)))})
    assert of_rooms(await stage.ask(device, since=pos)) == {room: [2]}
    assert (await stage.ask(device, since=stage.cache.position)).body is None


@pytest.mark.rules("AD-4")
async def test_a_room_that_only_has_news_does_not_repeat_its_data(stage: Stage) -> None:
    device, room = await stage.device(), await stage.room()
    await stage.report(device, joined={room: JoinedRoom(account_data=(datum(1),))})
    answer = await stage.ask(device, since=stage.cache.position, shown={room: Shown(False)})
    assert answer.body is None


@pytest.mark.rules("E-3")
async def test_rooms_out_of_scope_are_not_told(stage: Stage) -> None:
    device, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(device, joined={room: JoinedRoom(account_data=(datum(1),))})
    assert (await stage.ask(device, since=pos, rooms=[])).body is None


async def test_only_the_user_is_told(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    pos = stage.cache.position
    await stage.report(alice, account_data=(datum(1),))
    assert (await stage.ask(bob, since=pos)).body is None
    assert [c.user_key for c in stage.changes] == [alice.user_key]


async def values_after(stage: Stage, *reports: tuple[Device, Any]) -> list[Any]:
    """What a client of the user is told, report by report."""
    pos = stage.cache.position
    seen: list[Any] = []
    for device, value in reports:
        await stage.report(device, account_data=(datum(value),))
        seen += told(await stage.ask(device, since=pos))
        pos = stage.cache.position
    return seen


@pytest.mark.rules("U-133")
async def test_a_device_that_lags_behind_turns_nothing_back(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    reports = [(phone, "A"), (phone, "B"), (laptop, "A"), (phone, "C"), (laptop, "B"),
               (laptop, "C")]  # fmt: skip
    assert await values_after(stage, *reports) == ["A", "B", "C"]


@pytest.mark.rules("U-133")
async def test_a_change_back_is_a_change(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    reports = [(phone, "A"), (laptop, "A"), (phone, "B"), (laptop, "B"), (laptop, "A"),
               (phone, "A"), (phone, "B"), (phone, "A"), (laptop, "B"), (laptop, "A")]  # fmt: skip
    assert await values_after(stage, *reports) == ["A", "B", "A", "B", "A"]


@pytest.mark.rules("U-133")
async def test_an_old_value_is_a_change_when_it_is_long_gone(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    await values_after(stage, (phone, "A"), (phone, "B"))
    stage.clock_us += 61_000_000
    assert await values_after(stage, (laptop, "A")) == ["A"]


@pytest.mark.rules("U-133")
async def test_an_answer_that_was_made_earlier_changes_nothing(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    early = stage.clock_us
    pos = stage.cache.position
    await stage.report(phone, account_data=(datum("B"),))
    await stage.report(laptop, account_data=(datum("Z"),), at_us=early)
    assert told(await stage.ask(phone, since=pos)) == ["B"]


async def test_many_rooms_at_once_are_one_change(stage: Stage) -> None:
    device = await stage.device()
    rooms = [await stage.room(f"!{n}:hs") for n in range(30)]
    data = JoinedRoom(account_data=(datum(1),))
    await stage.report(device, joined=dict.fromkeys(rooms, data))
    assert [(c.user_key, c.room_key) for c in stage.changes] == [(device.user_key, None)]


async def test_nothing_new_costs_no_query(stage: Stage) -> None:
    device = await stage.device()
    await stage.report(device, account_data=(datum(1),))
    await stage.ask(device, since=stage.cache.position)
    assert stage.queries.statements == []


@pytest.mark.rules("U-133")
async def test_a_type_may_be_of_any_length(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    room = await stage.room()
    long = random.Random(1).randbytes(4000).hex()
    for value in (1, 2):
        for device in (phone, laptop):
            await stage.report(
                device,
                account_data=(datum(value, long), datum(value)),
                joined={room: JoinedRoom(account_data=(datum(value, long),))},
            )
    answer = await stage.ask(phone, shown={room: Shown(True)})
    assert told(answer) == [2, 2]
    assert of_rooms(answer) == {room: [2]}
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_account_data") == 3


async def test_any_json_is_kept_as_it_came(stage: Stage) -> None:
    device = await stage.device()
    odd = b'{"type":"m.x","content":{"n":1e400,"\\u0000":"\\u0000","m":%s}}' % (b"9" * 5000)
    await stage.report(device, account_data=(Datum("m.x", odd),))
    answer = await stage.ask(device)
    assert answer.body is not None
    assert [bytes(event) for event in answer.body["global"]] == [odd]
