"""When a request is answered: at once, on news that it asked for, or when its time is up."""

import asyncio
import time

import pytest

from tests.e2e.simplified.conftest import LONG_MS, SHORT_MS, Sync, waiting
from tests.support.account import Account
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(required_state=[("m.room.member", "$ME")])}


@pytest.mark.rules("S-321", "S-324")
async def test_a_message_ends_a_wait(alice: Account, conn: Connection, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL)
    async with waiting(conn) as request:
        event = await alice.send(room, "hello")
        answer = await request
    assert answer.rooms[room].event_ids == [event]
    assert answer.rooms[room].num_live == 1


@pytest.mark.rules("S-321", "S-324", "S-171")
@pytest.mark.parametrize("what", ["invite", "kick", "state"])
async def test_a_change_ends_a_wait(
    alice: Account, bob: Account, conn: Connection, sync: Sync, what: str
) -> None:
    room = await bob.create_room("Bob's", public=what != "invite")
    if what != "invite":
        await alice.join(room)
    await sync(lists=ALL)
    async with waiting(conn) as request:
        if what == "state":
            await bob.set_state(room, "m.room.topic", {"topic": "Tea"})
        else:
            await (bob.invite if what == "invite" else bob.kick)(room, alice)
        assert set((await request).rooms) == {room}


@pytest.mark.rules("S-322", "S-324", "S-325", "S-117")
async def test_what_was_not_asked_for_ends_no_wait(
    alice: Account, bob: Account, conn: Connection, sync: Sync, target: Target
) -> None:
    outside, shown = [await alice.create_room(name) for name in ("Outside", "Shown")]
    await bob.join(outside)
    await bob.join(shown)
    event = await alice.send(shown, "hello")
    await sync(lists={"top": window(0, 0)})
    async with waiting(conn, SHORT_MS) as request:
        began = time.monotonic()
        await alice.set_account_data("org.example.unrelated", {"a": 1})
        await bob.read(shown, event)
        await bob.type_in(shown)
        await bob.send_to_device(alice, "org.example.unrelated", {})
        await target.caught_up(alice)
        assert not request.done()
        answer = await request
    assert time.monotonic() - began > SHORT_MS / 1000 / 2
    assert not answer.rooms
    assert answer.count("top") == 2


@pytest.mark.rules("S-322", "S-325")
async def test_a_wait_for_nothing_ends_with_an_empty_answer(
    alice: Account, conn: Connection, sync: Sync
) -> None:
    await alice.create_room("Kitchen")
    await sync(lists=ALL)
    answer = await conn.sync(timeout_ms=500)
    assert not answer.rooms
    assert answer.count() == 1


@pytest.mark.rules("S-20", "S-321")
@pytest.mark.parametrize("timeout_ms", [None, 0])
async def test_without_a_timeout_nothing_is_waited_for(
    conn: Connection, sync: Sync, timeout_ms: int | None
) -> None:
    await sync(lists=ALL)
    async with asyncio.timeout(10):
        assert not (await conn.sync(timeout_ms=timeout_ms)).rooms


@pytest.mark.differs("Synapse refuses a negative timeout")
@pytest.mark.rules("S-20")
async def test_a_negative_timeout_is_none(conn: Connection, sync: Sync) -> None:
    await sync(lists=ALL)
    async with asyncio.timeout(10):
        assert not (await conn.sync(timeout_ms=-1)).rooms


@pytest.mark.rules("S-20", "S-321")
async def test_a_first_request_does_not_wait(conn: Connection, sync: Sync) -> None:
    await sync(lists=ALL)
    conn.forget()
    async with asyncio.timeout(LONG_MS / 2000):
        assert not (await conn.sync(timeout_ms=LONG_MS)).rooms


@pytest.mark.rules("S-323", "S-171", "S-160")
@pytest.mark.parametrize("what", ["range", "subscription", "list"])
async def test_a_new_question_is_answered_at_once(
    alice: Account, conn: Connection, sync: Sync, what: str
) -> None:
    low = await alice.create_room("Low")
    await alice.create_room("Top")
    top = {"top": window(0, 0)}
    await sync(lists=top)
    asked = {"range": {"lists": {"top": window(0, 1)}},
             "subscription": {"subscriptions": {low: room_config()}},
             "list": {"lists": top | {"all": window()}}}  # fmt: skip
    async with asyncio.timeout(LONG_MS / 2000):
        answer = await conn.sync(timeout_ms=LONG_MS, **asked[what])
    assert set(answer.rooms) == {low}


@pytest.mark.rules("S-322", "S-138")
async def test_a_changed_count_alone_ends_no_wait(
    alice: Account, conn: Connection, sync: Sync, target: Target
) -> None:
    """Ours tells new accounts of counts for a minute (S-327), no others."""
    await alice.create_room("Kitchen")
    await sync(lists={"none": window() | {"ranges": [[50, 60]]}})
    if target.service is not None:
        await target.service.restart()
    await sync()
    async with waiting(conn, SHORT_MS) as request:
        await alice.create_room("Garden")
        await target.caught_up(alice)
        assert not request.done()
        answer = await request
    assert answer.count("none") == 2
    assert not answer.rooms
