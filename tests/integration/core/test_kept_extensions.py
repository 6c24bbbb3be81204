"""What extensions say to a client that keeps rooms which it is shown no longer."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from extensions.account_data import AccountData
from extensions.e2ee import E2EE
from extensions.receipts import Receipts
from extensions.to_device import ToDevice
from extensions.typing import Typing
from syncv3.batch import DeviceData
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.protocol.response import SyncResponse
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    World,
    account_data,
    chunk,
    event,
    founding,
    member,
)
from tests.integration.core.keeping import Client
from tests.unit.engine.keeping import Asked

ONE, TWO = RoomID("!one:hs"), RoomID("!two:hs")
ON: Mapping[str, Any] = {"enabled": True}
NONE: Mapping[str, Any] = {"enabled": True, "lists": [], "rooms": []}
STATE = Asked()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    extensions = [AccountData(), Receipts(), Typing(), ToDevice(), E2EE()]
    started = await World.start(database_url, extensions)
    try:
        yield started
    finally:
        await started.stop()


def asks(stop: int = 9, limit: int = 5, **extensions: Mapping[str, Any]) -> CompleteRequest:
    config = RoomConfig(limit, (STATE,))
    return CompleteRequest(
        lists={"all": ListSpec(((0, stop),), config=config)}, extensions=extensions
    )


async def says(world: World, room: RoomID, name: str, at: int, **more: Any) -> None:
    await world.poll(BOB, at, joined={room: chunk(event(name), **more)})


async def begun(world: World, **extensions: Mapping[str, Any]) -> Client:
    """Two rooms, of which one is shown: the one in which something has happened last."""
    await world.poll(ALICE, 9, joined={ONE: chunk(member("a1", ALICE), state=founding())})
    await world.poll(BOB, 10, joined={ONE: chunk(member("b1", BOB), event("m1"))})
    await world.poll(BOB, 11, joined={TWO: chunk(member("b2", BOB), event("m2"))})
    client = Client(world, BOB, asks(9, 5, **extensions))
    await client.sync()
    return client


def body(answer: SyncResponse, name: str) -> Any:
    found = answer.extensions.get(name)
    return None if found is None else json.loads(found)


def types(answer: SyncResponse) -> dict[str, list[str]]:
    rooms = (body(answer, "account_data") or {}).get("rooms", {})
    return {room: [each["type"] for each in events] for room, events in rooms.items()}


def tags(name: str) -> Any:
    return account_data("m.tag", {"tags": {name: {}}})


@pytest.mark.rules("S-377")
async def test_account_data_of_a_room_that_was_not_shown_comes_when_it_is(world: World) -> None:
    client = await begun(world, account_data=ON)
    client.ask = asks(1, account_data=ON)
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    assert types(await client.sync()) == {}
    assert types(await client.sync()) == {}
    client.ask = asks(9, account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-345", "S-377")
async def test_account_data_that_was_off_lost_nothing(world: World) -> None:
    client = await begun(world, account_data=ON)
    client.ask = asks(9)
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    await client.sync()
    client.ask = asks(9, account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-345")
async def test_a_room_that_was_sent_while_account_data_was_off(world: World) -> None:
    await world.poll(ALICE, 9, joined={ONE: chunk(member("a1", ALICE), state=founding())})
    await world.poll(BOB, 10, joined={TWO: chunk(member("b2", BOB), event("m2"))})
    client = Client(world, BOB, asks(account_data=ON))
    await client.sync()
    joined = chunk(event("m1"), member("b1", BOB), account_data=(tags("old"),))
    client.ask = asks()
    await world.poll(BOB, 20, joined={ONE: joined})
    assert ONE in (await client.sync()).rooms
    client.ask = asks(account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}


@pytest.mark.rules("S-345", "S-376")
async def test_account_data_that_is_on_for_the_first_time_tells_everything(world: World) -> None:
    client = await begun(world)
    joined = {ONE: chunk(account_data=(tags("a"),))}
    await world.poll(BOB, 20, joined=joined, account_data=(account_data("m.x", {}),))
    await client.sync()
    client.ask = asks(9, account_data=ON)
    answer = await client.sync()
    assert types(answer) == {ONE: ["m.tag"]}
    assert [each["type"] for each in body(answer, "account_data")["global"]] == ["m.x"]
    assert body(await client.sync(), "account_data") is None


@pytest.mark.rules("S-341", "S-377")
async def test_a_shown_room_that_was_not_chosen(world: World) -> None:
    client = await begun(world, account_data=ON)
    only_two = {"enabled": True, "lists": [], "rooms": [TWO]}
    client.ask = asks(9, account_data=only_two)
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    assert types(await client.sync()) == {}
    await world.poll(BOB, 21, joined={TWO: chunk(account_data=(tags("b"),))})
    assert types(await client.sync()) == {TWO: ["m.tag"]}
    client.ask = asks(9, account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-341", "S-377")
async def test_a_room_that_was_sent_without_being_chosen(world: World) -> None:
    await world.poll(ALICE, 9, joined={ONE: chunk(member("a1", ALICE), state=founding())})
    joined = chunk(event("m1"), member("b1", BOB), account_data=(tags("a"),))
    await world.poll(BOB, 10, joined={ONE: joined})
    client = Client(world, BOB, asks(account_data={"enabled": True, "lists": [], "rooms": []}))
    assert types(await client.sync()) == {}
    client.ask = asks(account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}


@pytest.mark.rules("S-341", "S-345")
async def test_a_room_that_was_sent_while_off_and_not_chosen_when_on_again(world: World) -> None:
    await world.poll(ALICE, 9, joined={ONE: chunk(member("a1", ALICE), state=founding())})
    await world.poll(BOB, 10, joined={TWO: chunk(member("b2", BOB), event("m2"))})
    client = Client(world, BOB, asks(account_data=ON))
    await client.sync()
    joined = chunk(event("m1"), member("b1", BOB), account_data=(tags("old"),))
    client.ask = asks()
    await world.poll(BOB, 20, joined={ONE: joined})
    assert ONE in (await client.sync()).rooms
    client.ask = asks(account_data=NONE)
    assert types(await client.sync()) == {}
    client.ask = asks(account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-341", "S-345")
async def test_a_shown_room_that_was_not_chosen_when_on_for_the_first_time(world: World) -> None:
    client = await begun(world)
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    await client.sync()
    client.ask = asks(account_data=NONE)
    assert types(await client.sync()) == {}
    client.ask = asks(account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-341", "S-345")
async def test_a_room_that_changed_while_off_and_not_chosen_when_on_again(world: World) -> None:
    client = await begun(world, account_data=ON)
    client.ask = asks()
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    await client.sync()
    client.ask = asks(account_data=NONE)
    assert types(await client.sync()) == {}
    client.ask = asks(account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


@pytest.mark.rules("S-341", "S-345")
async def test_a_room_whose_data_is_older_and_that_was_sent_while_off(world: World) -> None:
    client = await begun(world)
    client = Client(world, BOB, asks(0, account_data=ON))
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    assert types(await client.sync()) == {}
    client.ask = asks(9)
    assert ONE in (await client.sync()).rooms
    client.ask = asks(9, account_data=NONE)
    assert types(await client.sync()) == {}
    client.ask = asks(9, account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}


@pytest.mark.rules("S-341", "S-377")
async def test_a_shown_room_that_was_not_chosen_while_nobody_could_notice(world: World) -> None:
    """The log of changes does not go back so far: nobody knows which rooms have changed."""
    client = await begun(world, account_data=ON)
    client.ask = asks(9, account_data=NONE)
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(account_data=(tags("a"),))})
    world.cache.changes.start(world.cache.position)
    assert types(await client.sync()) == {}
    await says(world, TWO, "m5", 21)
    await client.sync()
    client.ask = asks(9, account_data=ON)
    assert types(await client.sync()) == {ONE: ["m.tag"]}
    assert types(await client.sync()) == {}


def read(at: str, user: str = ALICE, ts: int = 5) -> bytes:
    content = {f"${at}": {"m.read": {user: {"ts": ts}}}}
    return json.dumps({"type": "m.receipt", "content": content}).encode()


def readers(answer: SyncResponse) -> dict[str, dict[str, list[str]]]:
    """By room and event who has read up to there."""
    rooms = (body(answer, "receipts") or {}).get("rooms", {})
    return {
        room: {at[1:]: [*kinds["m.read"]] for at, kinds in receipt["content"].items()}
        for room, receipt in rooms.items()
    }


@pytest.mark.rules("S-387", "S-389")
async def test_receipts_in_a_room_that_was_not_shown_come_when_it_is(world: World) -> None:
    client = await begun(world, receipts=ON)
    client.ask = asks(1, receipts=ON)
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(ephemeral=(read("m1"),))})
    assert readers(await client.sync()) == {}
    client.ask = asks(9, receipts=ON)
    assert readers(await client.sync()) == {ONE: {"m1": [ALICE]}}
    assert readers(await client.sync()) == {}


@pytest.mark.rules("S-387", "S-389")
async def test_receipts_that_came_while_nobody_could_notice(world: World) -> None:
    """The log of changes was lost with a restart: a receipt in a room that is not shown is told
    all the same when it is, and then no more."""
    client = await begun(world, receipts=ON)
    client.ask = asks(1, receipts=ON)
    await client.sync()
    await world.poll(BOB, 20, joined={ONE: chunk(ephemeral=(read("m1"),))})
    world.cache.changes.start(world.cache.position)
    assert readers(await client.sync()) == {}
    await says(world, TWO, "m5", 21)
    await client.sync()
    client.ask = asks(9, receipts=ON)
    assert readers(await client.sync()) == {ONE: {"m1": [ALICE]}}
    for stop in (1, 9):
        client.ask = asks(stop, receipts=ON)
        assert readers(await client.sync()) == {}


@pytest.mark.rules("S-387", "S-389")
async def test_a_receipt_is_told_though_a_kill_has_lost_the_newest_answer(
    world: World, database_url: str
) -> None:
    """What is stored is of the answer before, which had told all up to there."""
    client = await begun(world, receipts=ON, account_data=ON)
    await client.sync()
    await world.flush()
    await says(world, TWO, "m3", 20)
    client.ask = asks(1, receipts=ON, account_data=ON)
    await client.sync()
    await world.kill()
    other = await World.start(database_url, [AccountData(), Receipts()])
    try:
        client.world = other
        await other.poll(
            BOB, 30, joined={TWO: chunk(ephemeral=(read("m2"),), account_data=(tags("a"),))}
        )
        answer = await client.sync()
        assert readers(answer) == {TWO: {"m2": [ALICE]}}
        assert types(answer) == {TWO: ["m.tag"]}
    finally:
        await other.stop()


@pytest.mark.rules("S-387", "S-389")
async def test_a_receipt_that_was_in_doubt_is_told_once_by_workers_in_turn(
    world: World, database_url: str
) -> None:
    """The log of changes was lost, so it is in doubt which receipts were told. One comes into a
    room that is shown, and each answer is made by the worker that has not made the last one."""
    extensions = [AccountData(), Receipts(), Typing(), ToDevice(), E2EE()]
    other = await World.start(database_url, extensions)
    worlds = [other, world, other, world]
    try:
        for each in worlds:
            each.connections.alone = False
        client = await begun(world, receipts=ON)
        await world.poll(BOB, 20, joined={ONE: chunk(ephemeral=(read("m1"),))})
        await other.cache.refresh()
        other.cache.changes.start(other.cache.position)
        told = []
        for each in worlds:
            client.world = each
            told.append(readers(await client.sync()))
        assert told[0] == {ONE: {"m1": [ALICE]}}
        assert told[1:] == [{}, {}, {}]
    finally:
        await other.stop()


@pytest.mark.rules("S-200", "S-386")
async def test_a_timeline_that_goes_further_back_comes_with_its_receipts(world: World) -> None:
    """Alice has read m1, which the client had not; her receipt on m9 is new."""
    await begun(world)
    await world.poll(BOB, 20, joined={ONE: chunk(ephemeral=(read("m1"),))})
    await says(world, ONE, "m3", 21)
    client = Client(world, BOB, asks(9, 1, receipts=ON))
    assert readers(await client.sync()) == {}
    client.ask = asks(9, 5, receipts=ON)
    answer = await client.sync()
    assert answer.rooms[ONE].expanded and readers(answer) == {ONE: {"m1": [ALICE]}}


def types_now(answer: SyncResponse) -> dict[str, list[str]]:
    rooms = (body(answer, "typing") or {}).get("rooms", {})
    return {room: event["content"]["user_ids"] for room, event in rooms.items()}


def typing(*users: str) -> bytes:
    return json.dumps({"type": "m.typing", "content": {"user_ids": users}}).encode()


@pytest.mark.rules("S-396", "S-397")
async def test_typing_is_told_when_it_changes_and_with_whole_rooms(world: World) -> None:
    client = await begun(world, typing=ON)
    now = time.time_ns() // 1000
    await world.poll(BOB, now, joined={ONE: chunk(ephemeral=(typing(ALICE),))})
    assert types_now(await client.sync()) == {ONE: [ALICE]}
    await says(world, ONE, "m3", now + 1)
    assert types_now(await client.sync()) == {}
    another = Client(world, BOB, asks(typing=ON), conn_id="another")
    assert types_now(await another.sync()) == {ONE: [ALICE]}
    await world.poll(BOB, now + 2, joined={ONE: chunk(ephemeral=(typing(),))})
    assert types_now(await another.sync()) == {ONE: []}
    late = Client(world, BOB, asks(typing=ON), conn_id="late")
    assert types_now(await late.sync()) == {}


@pytest.mark.rules("S-350", "S-353")
async def test_an_inbox_always_has_a_token(world: World) -> None:
    client = Client(world, BOB, CompleteRequest(extensions={"to_device": ON}))
    await client.sync()
    said = body(await client.sync(), "to_device")
    assert said["next_batch"] and said["events"] == []
    client.ask = CompleteRequest(extensions={"to_device": {"enabled": True, "since": "s12_34"}})
    assert body(await client.sync(), "to_device")["next_batch"] == said["next_batch"]


@pytest.mark.rules("S-366", "S-367", "S-368")
async def test_key_counts_are_always_there_and_no_news(world: World) -> None:
    client = Client(world, BOB, CompleteRequest(extensions={"e2ee": ON}))
    assert body(await client.sync(), "e2ee") is None, "nothing is known yet"
    counts = DeviceData(one_time_keys=b'{"other":3}', fallback_key_types=b'["signed_curve25519"]')
    await world.poll(BOB, 20, device_data=counts, one_time_keys_given=True)
    known = {
        "device_one_time_keys_count": {"signed_curve25519": 0, "other": 3},
        "device_unused_fallback_key_types": ["signed_curve25519"],
        "device_lists": {"changed": [], "left": []},
    }
    first = body(await client.sync(timeout_ms=50), "e2ee")
    assert first == known == body(await client.sync(), "e2ee")
    again = Client(world, BOB, CompleteRequest(extensions={"e2ee": ON}), conn_id="again")
    assert "device_lists" not in body(await again.sync(), "e2ee")
    await world.poll(BOB, 30, device_data=DeviceData(changed=(ALICE,)))
    said = body(await client.sync(timeout_ms=20_000), "e2ee")
    assert said["device_lists"] == {"changed": [ALICE], "left": []}
