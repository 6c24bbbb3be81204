"""One address for everything: a client that only knows the gateway."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import Account, ApiError
from tests.support.client import SlidingClient
from tests.support.service import Service
from tests.support.shapes import Shape

pytestmark = pytest.mark.asyncio(loop_scope="module")

WINDOW = {"all": {"ranges": [[0, 9]], "timeline_limit": 5}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    http: aiohttp.ClientSession, homeserver_url: str, database: str, shape: Shape
) -> AsyncIterator[Service]:
    running = await Service.deploy(
        shape.alone(), http, homeserver=homeserver_url, database=database, SYNCV3_GATEWAY="on"
    )
    yield running
    print(running.output[-4000:])
    running.close()


async def through(gateway: Service, account: Account, device_id: str | None = None) -> Account:
    """The same user, logged in through the gateway."""
    there = Account(account.http, gateway.url, account.user_id, account.device_id, account.token)
    return await there.login(device_id)


@pytest.mark.rules("S-571")
async def test_who_knows_only_the_gateway_logs_in_sends_and_syncs(
    http: aiohttp.ClientSession, gateway: Service, alice: Account, bob: Account
) -> None:
    here, there = await through(gateway, alice), await through(gateway, bob)
    room = await here.create_room("Anchors/%2F?&")
    await there.join(room)
    client = SlidingClient(http, gateway.url, there.token)
    await client.until(lambda: room in client.rooms, lists=WINDOW)
    event_id = await here.send(room, "hello")
    await client.until(
        lambda: any(e["event_id"] == event_id for e in client.rooms[room].timeline), lists=WINDOW
    )


async def test_a_device_that_slides_here_has_no_v2_sync_whatever_its_token(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    phone = await through(gateway, alice, "PHONE")
    await phone.call("GET", "/sync", timeout=0)  # not yet
    await SlidingClient(http, gateway.url, phone.token).sync(lists=WINDOW)
    with pytest.raises(ApiError) as refused:
        await phone.call("GET", "/sync", timeout=0)
    assert (refused.value.status, refused.value.errcode) == (403, "M_FORBIDDEN")
    laptop = await through(gateway, alice, "LAPTOP")
    await laptop.call("GET", "/sync", timeout=0)
    again = await through(gateway, alice, "PHONE")  # a token that was never used here
    with pytest.raises(ApiError) as refused:
        await again.call("GET", "/sync", timeout=0)
    assert refused.value.status == 403


async def test_a_dead_token_is_told_so(gateway: Service, alice: Account) -> None:
    gone = await through(gateway, alice)
    await gone.logout()
    with pytest.raises(ApiError) as refused:
        await gone.call("GET", "/sync", timeout=0)
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.rules("S-85", "S-602")
async def test_a_room_that_is_forgotten_is_gone_at_the_next_request(
    http: aiohttp.ClientSession, gateway: Service, alice: Account, bob: Account
) -> None:
    here, there = await through(gateway, alice), await through(gateway, bob)
    room = await here.create_room("Over")
    await there.join(room)
    client = SlidingClient(http, gateway.url, there.token)
    await client.sync(lists=WINDOW)
    await client.until(lambda: room in client.order())
    await there.leave(room)
    await there.forget(room)
    subscription = {"timeline_limit": 5, "required_state": []}
    answer = await client.sync(subscriptions={room: subscription})
    assert answer.count("all") == 0
    assert client.order() == []
    await there.join(room)
    await client.until(lambda: room in client.order())


@pytest.mark.rules("EE-2", "S-366")
async def test_keys_that_were_uploaded_are_counted_in_the_next_answer(
    http: aiohttp.ClientSession, gateway: Service, alice: Account
) -> None:
    phone = await through(gateway, alice)
    await phone.upload_device_keys()
    client = SlidingClient(http, gateway.url, phone.token)
    await client.sync(lists=WINDOW, extensions={"e2ee": {"enabled": True}})
    for _ in range(3):
        uploaded = await phone.upload_one_time_key()
        answer = await client.sync(timeout_ms=0)
        assert answer.extensions["e2ee"]["device_one_time_keys_count"] == uploaded


async def paged(account: Account, room: str, path: str = "messages", **query: Any) -> list[str]:
    """What paging to the end brings, page by page: the messages' texts, in the order given.

    Each once: pages of Dendrite overlap.
    """
    found: list[str] = []
    quoted = quote(room, safe="")
    while True:
        page = await account.call("GET", f"/rooms/{quoted}/{path}", limit=2, **query)
        found += [e["content"]["body"] for e in page["chunk"] if e["type"] == "m.room.message"]
        if not page.get("end") or not page["chunk"]:
            return list(dict.fromkeys(found))
        query["from"] = page["end"]


@pytest.mark.rules("S-65", "S-605")
async def test_paging_from_a_pos_skips_nothing_in_either_direction(
    http: aiohttp.ClientSession, gateway: Service, alice: Account, bob: Account
) -> None:
    here, there = await through(gateway, alice), await through(gateway, bob)
    room = await here.create_room("Pages")
    await there.join(room)
    client = SlidingClient(http, gateway.url, there.token)
    await client.sync(lists=WINDOW)
    positions: list[str] = []
    texts = [f"m{number}" for number in range(7)]
    for text in texts:
        event_id = await (here if text != "m3" else there).send(room, text)
        await client.until_event(room, event_id)
        assert client.pos is not None
        positions.append(client.pos)
    for number, pos in enumerate(positions, 1):
        before, behind = texts[:number], texts[number:]
        back = await paged(there, room, dir="b", **{"from": pos})
        assert [text for text in reversed(back) if text in before] == before
        on = await paged(there, room, dir="f", **{"from": pos})
        assert [text for text in on if text in behind] == behind
        down = await paged(there, room, dir="b", to=pos)
        assert down[: len(behind)] == behind[::-1]
        assert set(down) >= set(behind)
    with pytest.raises(ApiError) as refused:
        await paged(here, room, dir="b", **{"from": positions[0]})
    assert refused.value.status == 400, "another's pos is nothing that the homeserver knows"
