"""What extensions say in each answer, and what of it ends a wait."""

import asyncio
from dataclasses import replace

import pytest

from tests.integration.simplified.conftest import Sync, waiting
from tests.support.account import Account
from tests.support.client import PATH
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import window
from tests.support.waiting import still

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = {"e2ee": {"enabled": True}, "to_device": {"enabled": True}}


@pytest.mark.rules("S-325", "S-343", "S-350", "S-366", "S-367", "S-62")
async def test_an_encryption_connection_that_timed_out_says_all_it_can(
    bob: Account, conn: Connection, sync: Sync
) -> None:
    await bob.upload_device_keys()
    first = await sync(extensions=KEYS, timeout_ms=30_000)
    assert "device_lists" not in first.extension("e2ee"), "S-367"
    for _ in range(2):
        answer = await sync(timeout_ms=100)
        e2ee = answer.extension("e2ee")
        assert "signed_curve25519" in e2ee["device_one_time_keys_count"]
        assert e2ee["device_unused_fallback_key_types"] == ["signed_curve25519"]
        assert e2ee["device_lists"] == {"changed": [], "left": []}
        assert answer.extension("to_device")["events"] == []


@pytest.mark.rules("S-3", "S-352", "S-366")
async def test_a_token_without_a_device_has_rooms_but_neither_inbox_nor_keys(
    homeserver: FakeHomeserver, alice: Account, bob: Account, endpoint: Target
) -> None:
    def nameless(answer: JSON) -> JSON:
        return {name: value for name, value in answer.items() if "device" not in name}

    for path in ("/account/whoami", "/sync"):
        homeserver.break_(Fault(rewrite=nameless), path=path, user_id=bob.user_id, times=None)
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    conn = endpoint.connect(replace(bob, device_id=""))
    answer = await conn.sync(lists={"all": window()}, extensions=KEYS)
    assert set(answer.rooms) == {room}
    for told in (answer, await conn.sync(timeout_ms=300)):
        assert told.extension("to_device")["events"] == []
        assert told.extension("e2ee")["device_one_time_keys_count"] == {}
        assert told.extension("e2ee")["device_unused_fallback_key_types"] == []
    event = await alice.send(room, "hello")
    await conn.until_event(room, event)
    uploads = [seen for seen in homeserver.seen if seen.path.endswith("/keys/upload")]
    assert not [seen for seen in uploads if seen.user_id == bob.user_id]  # there are no keys


@pytest.mark.rules("S-324", "S-368", "S-354")
async def test_neither_rooms_nor_key_counts_end_its_wait_but_a_message_does(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(extensions=KEYS)
    await sync()
    async with waiting(conn) as task:
        await alice.send(room, "hello")
        await bob.upload_one_time_key()
        await still(task, for_s=1)
        await alice.send_to_device(bob, "m.test", {"n": 1})
        answer = await asyncio.wait_for(task, 10)
    assert [event["content"] for event in answer.to_device] == [{"n": 1}]
    assert answer.rooms == {}


@pytest.mark.rules("S-351", "S-353", "S-350")
@pytest.mark.parametrize("since", ["s72594_4483_1934", "", "t999999_5", "12345", "{}"])
async def test_a_foreign_since_is_none(
    alice: Account, bob: Account, conn: Connection, sync: Sync, since: str
) -> None:
    await sync(extensions=KEYS)
    await alice.send_to_device(bob, "m.test", {"n": 1})
    extensions = {"to_device": {"enabled": True, "since": since}}
    answers = await conn.until(lambda: bool(conn.model.to_device), extensions=extensions)
    token = answers[-1].extension("to_device")["next_batch"]
    assert token != since and conn.model.to_device[0]["content"] == {"n": 1}


@pytest.mark.rules("S-353", "TD-5", "TD-6")
async def test_clients_of_the_older_dialect_are_told_nothing_after_such_a_since(
    endpoint: Target, bob: Account
) -> None:
    older = f"{endpoint.url}{PATH}"
    headers = {"Authorization": f"Bearer {bob.token}"}
    body = {"extensions": {"to_device": {"enabled": True, "since": "s72594_4483"}}}
    async with endpoint.http.post(older, json=body, headers=headers) as response:
        assert (await response.json())["extensions"] == {}


@pytest.mark.rules("S-341", "S-342")
async def test_typing_is_told_of_the_rooms_that_are_shown_and_chosen(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    lists = {"all": window(), "none": window(filters={"is_dm": True})}
    chosen = {"typing": {"enabled": True, "rooms": [], "lists": ["none", "unknown"]}}
    await sync(lists=lists, extensions=chosen)
    await sync()
    async with waiting(conn) as task:
        await alice.type_in(room)
        await still(task, for_s=0.7)
    await conn.sync(extensions={"typing": {"enabled": True}})
    await alice.type_in(room, False)
    answers = await conn.until(lambda: conn.model.typing.get(room) == set())
    assert answers[-1].rooms == {}, "typing needs no entry of its room"
