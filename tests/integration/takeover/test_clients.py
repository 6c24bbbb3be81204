"""Clients of the Go proxy, after this service was started on its database."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from tests.support.account import Account
from tests.support.client import Response, SlidingClient, SyncError, window
from tests.support.go_proxy import FACTS, PEOPLE, SECRET, known_to
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON
from tests.support.service import Service

ALL = {"all": window(0, 20)}
BOTH: JSON = {"to_device": {"enabled": True}, "e2ee": {"enabled": True}}
R2 = "R2"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def homeserver(old_url: str) -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver("synapse") as running:
        await known_to(running, old_url)
        yield running


def person(http: aiohttp.ClientSession, homeserver: FakeHomeserver, name: str) -> Account:
    one = PEOPLE[name]
    return Account(http, homeserver.url, one["user_id"], one["device_id"], one["access_token"])


async def started(http: aiohttp.ClientSession, homeserver: FakeHomeserver, url: str) -> Service:
    settings = {"SYNCV3_SECRET": SECRET}
    return await Service.start(http, homeserver=homeserver.url, database=url, **settings)


@pytest.fixture
async def service(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, old_url: str
) -> AsyncIterator[Service]:
    running = await started(http, homeserver, old_url)
    yield running
    print(running.output[-8000:])
    running.close()


class Reader:
    """A client that acknowledges what it reads, and keeps it."""

    def __init__(self, http: aiohttp.ClientSession, service: Service, name: str) -> None:
        self.client = SlidingClient(http, service.url, PEOPLE[name]["access_token"])
        self.messages: list[int | str] = []
        self.changed: list[str] = []
        self.tokens: list[str] = []

    async def read(self, since: str | None = None, timeout_ms: int = 0) -> Response:
        extensions = BOTH | {"to_device": {"enabled": True, **({"since": since} if since else {})}}
        answer = await self.client.sync(lists=ALL, extensions=extensions, timeout_ms=timeout_ms)
        given = answer.extensions.get("to_device", {})
        for event in given.get("events", ()):
            content = event["content"]
            self.messages.append(content["n"] if "n" in content else content["request_id"])
        self.changed += answer.extensions.get("e2ee", {}).get("device_lists", {}).get("changed", [])
        if "next_batch" in given:
            self.tokens.append(given["next_batch"])
        return answer

    async def read_on(self, times: int = 3) -> None:
        for _ in range(times):
            await self.read(self.tokens[-1], timeout_ms=100)


@pytest.mark.rules("TD-3", "TD-9a", "TD-10", "U-7", "U-50")
async def test_who_goes_on_with_an_old_token_gets_all_that_waits_in_order_and_once(
    http: aiohttp.ClientSession, service: Service
) -> None:
    first, second = Reader(http, service, "alice"), Reader(http, service, "alice2")
    await first.read(FACTS["alice_first_next_batch"])
    await first.read_on()
    assert first.messages == [3, R2]
    assert first.changed == [PEOPLE["bob"]["user_id"]]
    await second.read()
    await second.read_on()
    assert second.messages == [1, 2, 3, R2]
    assert second.changed == [PEOPLE["bob"]["user_id"]]
    assert first.client.rooms and first.client.rooms.keys() == second.client.rooms.keys()


async def test_what_came_while_no_proxy_ran_comes_once_and_behind_what_waited(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, old_url: str
) -> None:
    alice, carol = person(http, homeserver, "alice"), person(http, homeserver, "carol")
    room = await carol.create_room("new", invite=[alice])
    await alice.join(room)
    await carol.send_to_device(alice, "m.dummy", {"n": 4})
    homeserver.world.change_device_list(carol.user_id, alice.user_id)
    service = await started(http, homeserver, old_url)
    try:
        reader = Reader(http, service, "alice")
        await reader.read(FACTS["alice_first_next_batch"])
        await reader.read_on()
        await carol.send_to_device(alice, "m.dummy", {"n": 5})
        await reader.read_on()
    finally:
        print(service.output[-8000:])
        service.close()
    assert reader.messages == [3, R2, 4, 5]
    assert sorted(set(reader.changed)) == sorted({PEOPLE["bob"]["user_id"], carol.user_id})
    assert room in reader.client.rooms


async def test_the_old_token_is_asked_about_first_and_the_rooms_come_by_a_full_answer(
    http: aiohttp.ClientSession,
    homeserver: FakeHomeserver,
    service: Service,
    db: asyncpg.Connection,
) -> None:
    for name in PEOPLE:
        await Reader(http, service, name).read()
    device = PEOPLE["alice"]["device_id"]
    asked = [s.query.get("since") for s in homeserver.seen
             if s.path.endswith("/sync") and s.device_id == device]  # fmt: skip
    assert asked[0] is not None and None in asked
    assert await db.fetchval("SELECT count(*) FROM ss_pollers WHERE rooms_due > 0") == 0


async def test_a_pos_of_the_go_proxy_is_unknown_at_once(
    http: aiohttp.ClientSession, service: Service
) -> None:
    client = SlidingClient(http, service.url, PEOPLE["alice"]["access_token"])
    client.pos = "7"
    with pytest.raises(SyncError) as refused:
        await asyncio.wait_for(client.sync(lists=ALL), 5)
    assert refused.value.errcode == "M_UNKNOWN_POS"


async def test_tokens_are_bare_numbers_while_there_is_a_way_back(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, service: Service
) -> None:
    reader = Reader(http, service, "alice")
    await reader.read(FACTS["alice_first_next_batch"])
    carol, alice = person(http, homeserver, "carol"), person(http, homeserver, "alice")
    await carol.send_to_device(alice, "m.dummy", {"n": 4})
    await reader.read_on()
    assert reader.tokens[0] == "9" and int(reader.tokens[-1]) > 10


async def test_no_number_comes_again_when_the_database_has_lost_commits(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, old_url: str, db: asyncpg.Connection
) -> None:
    """The client has a number that the database does not know of: nothing gets it later."""
    service = await started(http, homeserver, old_url)
    reader = Reader(http, service, "alice")
    await reader.read(FACTS["alice_first_next_batch"])
    await reader.read_on()
    await service.stop()
    await db.execute("TRUNCATE ss_stream_fence")  # as a restored backup is
    await service.launch()
    try:
        carol, alice = person(http, homeserver, "carol"), person(http, homeserver, "alice")
        await carol.send_to_device(alice, "m.dummy", {"n": 4})
        reader.client.forget()
        await reader.read("30")  # as if 20 more had been told and lost
        await reader.read_on()
    finally:
        service.close()
    assert reader.messages == [3, R2, 4]
