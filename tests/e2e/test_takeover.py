"""A device goes on from the ``since`` that the Go proxy had, with a real homeserver behind it."""

import aiohttp
import asyncpg
import pytest

from syncv3.crypt import TokenCipher, token_hash
from tests.support.account import Account, text
from tests.support.client import SlidingClient, window
from tests.support.go_proxy import SECRET, left_behind
from tests.support.postgres import Postgres
from tests.support.room import JSON
from tests.support.service import Service

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

EMPTY = """TRUNCATE syncv3_sync2_devices, syncv3_sync2_tokens, syncv3_to_device_messages,
    syncv3_to_device_ack_pos, syncv3_device_list_updates"""
DEVICE = "INSERT INTO syncv3_sync2_devices (user_id, device_id, since) VALUES ($1, $2, $3)"
TOKEN = "INSERT INTO syncv3_sync2_tokens VALUES ($1, $2, $3, $4, now())"
MESSAGE = """INSERT INTO syncv3_to_device_messages VALUES (11, $1, $2, 'm.dummy', '@old:hs',
    '{"type":"m.dummy","sender":"@old:hs","content":{"n":1}}')"""
ALL = {"all": window(0, 20)}


async def polled_by_the_go_proxy(url: str, account: Account) -> None:
    """As it would be, had it polled this device until now; one message waits."""
    since = (await account.call("GET", "/sync", timeout=0))["next_batch"]
    owner = account.user_id, account.device_id
    db = await asyncpg.connect(url)
    await db.execute(EMPTY)
    await db.execute(DEVICE, *owner, since)
    sealed = TokenCipher(SECRET).encrypt(account.token)
    await db.execute(TOKEN, token_hash(account.token), sealed, *owner)
    await db.execute(MESSAGE, *owner)
    await db.close()


@pytest.mark.rules("U-33", "U-50", "TD-9a")
async def test_nothing_that_is_sent_once_is_skipped_or_told_twice(
    postgres: Postgres,
    http: aiohttp.ClientSession,
    homeserver_url: str,
    alice: Account,
    bob: Account,
    carol: Account,
) -> None:
    room = await alice.create_room("before", invite=[bob])
    await bob.join(room)
    url = await left_behind(postgres)
    await polled_by_the_go_proxy(url, alice)
    await bob.send_to_device(alice, "m.dummy", {"n": 2})
    await bob.login()  # on a new device
    await bob.send(room, text("while no proxy ran"))
    pending = await carol.create_room("invite", invite=[alice])
    service = await Service.start(
        http, homeserver=homeserver_url, database=url, SYNCV3_SECRET=SECRET
    )
    client = SlidingClient(http, service.url, alice.token)
    messages: list[int] = []
    changed: list[str] = []

    async def read(since: str, timeout_ms: int = 500) -> str:
        extensions: JSON = {
            "to_device": {"enabled": True, "since": since},
            "e2ee": {"enabled": True},
        }
        answer = await client.sync(lists=ALL, extensions=extensions, timeout_ms=timeout_ms)
        inbox = answer.extensions.get("to_device", {})
        messages.extend(event["content"]["n"] for event in inbox.get("events", ()))
        lists = answer.extensions.get("e2ee", {}).get("device_lists", {})
        changed.extend(lists.get("changed", ()))
        return str(inbox.get("next_batch", since))

    try:
        token = await read("10")
        for _ in range(4):
            token = await read(token)
        await bob.send_to_device(alice, "m.dummy", {"n": 3})
        for _ in range(4):
            token = await read(token)
    finally:
        print(service.output[-8000:])
        service.close()
        await postgres.drop(url)
    assert messages == [1, 2, 3]
    assert bob.user_id in changed
    assert client.rooms[room].bodies[-1] == "while no proxy ran"
    assert pending in client.rooms
