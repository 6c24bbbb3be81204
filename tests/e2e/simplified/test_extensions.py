"""Account data, receipts and typing: of which rooms, and when."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.e2e.simplified.conftest import LONG_MS, SHORT_MS, Sync, waiting
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ON: JSON = {"enabled": True}
DATA = {"account_data": ON}
RECEIPTS = {"receipts": ON}
TYPING = {"typing": ON}
EVERY = {name: ON for name in ("account_data", "receipts", "typing", "e2ee", "to_device")}
ALL = {"all": window()}
TOP = {"all": window(0, 0)}

ROOMS_OF: Final[dict[str, Callable[[Answer], Any]]] = {
    "account_data": lambda answer: set(answer.room_data),
    "receipts": lambda answer: set(answer.receipts),
    "typing": lambda answer: set(answer.typing),
}


async def shared_room(alice: Account, bob: Account, name: str = "Kitchen") -> str:
    room = await alice.create_room(name)
    await bob.join(room)
    return room


async def something_in(room: str, alice: Account, bob: Account) -> None:
    """Account data, a receipt and somebody who types."""
    event = await alice.send(room, "hello")
    await alice.tag(room, "m.favourite")
    await bob.read(room, event)
    await bob.type_in(room)


@pytest.mark.rules("S-340", "S-421")
async def test_only_what_is_enabled_is_answered(alice: Account, sync: Sync) -> None:
    await alice.create_room("Kitchen")
    off: dict[str, JSON] = {"account_data": {"enabled": False}, "typing": {},
                            "receipts": {"enabled": None}, "presence": ON}  # fmt: skip
    answer = await sync(lists=ALL, extensions=off)
    assert answer.raw["extensions"] == {}


@pytest.mark.rules("S-343", "S-325", "S-350", "S-366")
async def test_what_is_enabled_is_there_even_without_news(
    alice: Account, conn: Connection, sync: Sync
) -> None:
    await alice.create_room("Kitchen")
    await sync(lists=ALL, extensions=EVERY)
    await conn.sync()
    answer = await conn.sync(timeout_ms=200)
    assert answer.to_device == []
    assert answer.extension("e2ee")["device_one_time_keys_count"] == {"signed_curve25519": 0}
    assert answer.extension("e2ee")["device_unused_fallback_key_types"] == []
    assert (answer.global_data, answer.room_data, answer.receipts, answer.typing) == ({},) * 4


@pytest.mark.rules("S-341", "S-342")
@pytest.mark.parametrize("extension", list(ROOMS_OF))
async def test_an_extension_is_of_the_rooms_that_are_shown(
    alice: Account, bob: Account, target: Target, extension: str
) -> None:
    names = ("outside", "second", "subscribed", "first")
    rooms = {name: await shared_room(alice, bob, name) for name in names}
    for room in rooms.values():
        await something_in(room, alice, bob)
    lists = {"first": window(0, 0), "second": window(2, 2)}
    subscriptions = {rooms["subscribed"]: room_config()}

    async def shown(**config: Any) -> set[str]:
        await target.caught_up(alice)
        answer = await target.connect(alice).sync(
            lists=lists, subscriptions=subscriptions, extensions={extension: ON | config}
        )
        found = ROOMS_OF[extension](answer)
        return {name for name, room in rooms.items() if room in found}

    window_of_all = {"first", "second", "subscribed"}
    assert await shown() == window_of_all
    assert await shown(lists=["first"]) == window_of_all, "rooms is all rooms unless given"
    assert await shown(lists=["first"], rooms=[]) == {"first"}
    assert await shown(lists=["*", "unknown"], rooms=[]) == {"first", "second"}
    assert await shown(lists=["unknown", "*"], rooms=[]) == {"first", "second"}
    assert await shown(lists=[], rooms=[rooms["outside"], "*"]) == window_of_all
    assert await shown(lists=[], rooms=[rooms["subscribed"]]) == {"subscribed"}
    assert await shown(lists=[], rooms=[rooms["outside"], rooms["second"]]) == {"second"}
    assert await shown(lists=[], rooms=[]) == set()
    assert await shown(lists=["second"], rooms=[rooms["first"]]) == {"first", "second"}


# Receipts


@pytest.mark.rules("S-386", "S-385", "S-388", "S-614")
async def test_at_first_receipts_for_the_timeline_and_all_own_ones_come(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await shared_room(alice, bob)
    await carol.join(room)
    old, shown = await alice.send(room, "old"), await alice.send(room, "shown")
    await carol.read(room, old)
    await bob.read(room, shown)
    await carol.read(room, shown, "m.read.private")
    await alice.read(room, old, "m.read.private")
    answer = await sync(lists={"all": window(timeline_limit=1)}, extensions=RECEIPTS)
    assert answer.receipts == {
        room: {(shown, "m.read", bob.user_id), (old, "m.read.private", alice.user_id)}
    }
    receipt = answer.extension("receipts")["rooms"][room]["content"][shown]["m.read"][bob.user_id]
    assert isinstance(receipt["ts"], int)


@pytest.mark.rules("S-387", "S-388")
async def test_later_all_new_receipts_come_for_whatever_event(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await shared_room(alice, bob)
    old, new = await alice.send(room, "old"), await alice.send(room, "new")
    await sync(lists={"all": window(timeline_limit=1)}, extensions=RECEIPTS)
    await bob.read(room, old)
    assert (await sync()).receipts == {room: {(old, "m.read", bob.user_id)}}
    await bob.read(room, new)
    await alice.read(room, new, "m.read.private")
    assert (await sync()).receipts == {
        room: {(new, "m.read", bob.user_id), (new, "m.read.private", alice.user_id)}
    }
    assert (await sync()).receipts == {}


@pytest.mark.rules("S-389", "S-387", "S-342")
async def test_receipts_of_a_room_that_was_out_of_sight_come_when_it_is_back(
    alice: Account, bob: Account, sync: Sync
) -> None:
    low, high = [await shared_room(alice, bob, name) for name in ("Low", "High")]
    event = await alice.send(low, "on top")
    await sync(lists=TOP, extensions=RECEIPTS)
    await alice.send(high, "above")
    await sync()
    await bob.read(low, event)
    assert (await sync()).receipts == {}
    await alice.send(low, "on top again")
    assert (await sync()).receipts == {low: {(event, "m.read", bob.user_id)}}


@pytest.mark.rules("S-386", "S-200")
async def test_a_longer_timeline_brings_the_receipts_for_it(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await shared_room(alice, bob)
    old = await alice.send(room, "old")
    await bob.read(room, old)
    await alice.send(room, "new")
    first = await sync(lists={"all": window(timeline_limit=1)}, extensions=RECEIPTS)
    assert (room, first.receipts) == (room, {})
    answer = await sync(lists={"all": window(timeline_limit=2)})
    assert answer.rooms[room].expanded
    assert answer.receipts == {room: {(old, "m.read", bob.user_id)}}


@pytest.mark.needs("threaded-receipts")
@pytest.mark.rules("S-391", "S-385")
async def test_the_latest_receipt_of_each_thread_comes(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await shared_room(alice, bob)
    events = await alice.send_all(room, ["1", "2", "3"])
    await bob.read(room, events[0])
    await bob.read(room, events[1])
    await bob.read(room, events[2], thread_id="main")
    await sync(lists=ALL, extensions=RECEIPTS)
    assert conn.model.receipts[room] == {
        (bob.user_id, "m.read", ""): events[1], (bob.user_id, "m.read", "main"): events[2]
    }  # fmt: skip


@pytest.mark.rules("S-390", "S-324")
async def test_a_receipt_ends_a_wait(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await shared_room(alice, bob)
    event = await alice.send(room, "hello")
    await sync(lists=ALL, extensions=RECEIPTS)
    async with waiting(conn, LONG_MS) as request:
        await bob.read(room, event)
        answer = await request
    assert answer.receipts == {room: {(event, "m.read", bob.user_id)}}
    assert not answer.rooms


@pytest.mark.rules("S-388", "S-390", "S-324", "S-342")
async def test_receipts_that_are_not_shown_end_no_wait(
    alice: Account, bob: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    outside, room = [await shared_room(alice, bob, name) for name in ("Outside", "Shown")]
    events = {each: await alice.send(each, "hello") for each in (outside, room)}
    await sync(lists=TOP, extensions=RECEIPTS)
    async with waiting(conn, SHORT_MS) as request:
        await bob.read(room, events[room], "m.read.private")
        await bob.read(outside, events[outside])
        await target.caught_up(alice)
        assert not request.done()
        assert (await request).receipts == {}


# Typing


@pytest.mark.rules("S-395", "S-396")
async def test_who_types_comes_and_goes(alice: Account, bob: Account, sync: Sync) -> None:
    room, quiet = await shared_room(alice, bob), await shared_room(alice, bob, "Quiet")
    await bob.type_in(room)
    first = await sync(lists=ALL, extensions=TYPING)
    assert first.typing == {room: {bob.user_id}}
    assert quiet in first.rooms
    await alice.type_in(room)
    assert (await sync()).typing == {room: {alice.user_id, bob.user_id}}
    assert (await sync()).typing == {}
    await bob.type_in(room, on=False)
    await alice.type_in(room, on=False)
    assert (await sync()).typing == {room: set()}


@pytest.mark.rules("S-397", "S-342")
async def test_who_types_in_a_room_that_comes_into_sight_is_shown(
    alice: Account, bob: Account, sync: Sync
) -> None:
    low, _ = [await shared_room(alice, bob, name) for name in ("Low", "High")]
    await sync(lists=TOP, extensions=TYPING)
    await bob.type_in(low)
    answer = await sync(lists=ALL)
    assert answer.rooms[low].initial
    assert answer.typing == {low: {bob.user_id}}


@pytest.mark.rules("S-398", "S-324")
async def test_typing_ends_a_wait_only_where_it_is_shown(
    alice: Account, bob: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    outside, room = [await shared_room(alice, bob, name) for name in ("Outside", "Shown")]
    await sync(lists=TOP, extensions=TYPING)
    async with waiting(conn, SHORT_MS) as request:
        await bob.type_in(outside)
        await target.caught_up(alice)
        assert not request.done()
        assert (await request).typing == {}
    async with waiting(conn, LONG_MS) as request:
        await bob.type_in(room)
        assert (await request).typing == {room: {bob.user_id}}
