"""Devices that nobody waits for rest, and their clients miss nothing."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.faults import Fault
from tests.support.fixtures import Connect, Person
from tests.support.homeserver import FakeHomeserver, Seen
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import chosen
from tests.support.waiting import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALL = {"all": window(0, 20, timeline_limit=100)}
SETTINGS = {"SYNCV3_PAUSE_AFTER_SECS": "1", "SYNCV3_LONGEST_POLL_SECS": "1"}
AWHILE_S = 0.4
"""A poll that does not rest is asked again sooner than this."""
SLOW = Fault(delay_s=0.2)
"""Who does not wait for what the homeserver says is answered sooner."""
METRICS_PORT = free_port()
_NUMBERS = itertools.count()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    http: aiohttp.ClientSession, homeserver_url: str, database: str
) -> AsyncIterator[Service]:
    """Its polls rest soon."""
    running = await Service.deploy(
        chosen(), http, homeserver=homeserver_url, database=database, **SETTINGS
    )
    yield running
    running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def own(
    http: aiohttp.ClientSession, homeserver_url: str, postgres: Postgres
) -> AsyncIterator[Service]:
    """The same as one process, with metrics."""
    url = await postgres.clone()
    running = await Service.deploy(
        chosen().alone(), http, homeserver=homeserver_url, database=url,
        SYNCV3_PROM=f"127.0.0.1:{METRICS_PORT}", **SETTINGS,
    )  # fmt: skip
    yield running
    running.close()
    await postgres.drop(url)


def asked(homeserver: FakeHomeserver, account: Account) -> list[Seen]:
    """The questions of the poll of this account."""
    return [
        seen
        for seen in homeserver.seen
        if seen.path.endswith("/sync") and seen.device_id == account.device_id
    ]


async def rests(homeserver: FakeHomeserver, account: Account) -> None:
    """Wait until the poll pauses. It begins to when its last long poll has ended."""
    async with asyncio.timeout(30):
        while True:
            before = len(asked(homeserver, account))
            await account.set_account_data("x.ends.a.long.poll", {"number": next(_NUMBERS)})
            await asyncio.sleep(AWHILE_S)  # another poll would have begun
            if len(asked(homeserver, account)) == before:
                return


async def counted(http: aiohttp.ClientSession, name: str) -> float:
    """A metric of the process with metrics; labels belong to the name."""
    async with http.get(f"http://127.0.0.1:{METRICS_PORT}/metrics") as response:
        page = await response.text()
    found = re.search(rf"(?m)^sliding_sync_poller_{re.escape(name)} (\S+)$", page)
    return float(found[1]) if found else 0.0


async def until_resting(http: aiohttp.ClientSession, devices: int) -> None:
    """It is counted every five seconds."""

    async def do_rest() -> bool:
        return await counted(http, "num_resting") == devices

    await until(do_rest, 20, every_s=0.2)


@pytest.mark.rules("S-538", "S-620")
async def test_a_new_connection_after_a_push_has_the_event(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await connect(alice).sync(lists=ALL)
    await rests(homeserver, alice)
    homeserver.break_(SLOW, device_id=alice.device_id)
    event = await bob.send(room, "dinner is ready")
    woken = connect(alice, conn_id="notifications")
    await woken.sync(subscriptions={room: {"timeline_limit": 16, "required_state": []}})
    assert event in woken.event_ids(room)
    await asyncio.sleep(AWHILE_S)  # another poll would have begun
    assert [seen.query["timeout"] for seen in asked(homeserver, alice)][-2:] == ["0", "30000"]


@pytest.mark.rules("S-620")
async def test_one_request_that_does_not_wait_has_all_that_came_during_the_pause(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(alice)
    extensions = {"to_device": {"enabled": True}}
    since = (await client.sync(lists=ALL, extensions=extensions)).extensions["to_device"]
    await rests(homeserver, alice)
    homeserver.break_(SLOW, device_id=alice.device_id)
    event = await bob.send(room, "dinner is ready")
    await bob.send_to_device(alice, "m.room_key", {"n": 1})
    answer = await client.sync(extensions={"to_device": {"since": since["next_batch"]}})
    assert client.event_ids(room)[-1] == event
    sent = answer.extensions["to_device"]["events"]
    assert [message["content"] for message in sent] == [{"n": 1}]


@pytest.mark.rules("S-620")
async def test_a_client_that_asks_again_and_again_never_meets_a_pause(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(alice)
    await client.sync(lists=ALL)
    for number in range(8):  # twice as long as a device is waited for, and its last long poll
        event = await bob.send(room, f"message {number}")
        await client.until_event(room, event)
        await asyncio.sleep(0.5)  # the pace of the talk
    timeouts = [seen.query["timeout"] for seen in asked(homeserver, alice)]
    assert timeouts == ["0", *["30000"] * (len(timeouts) - 1)]


@pytest.mark.rules("S-620")
@pytest.mark.parametrize(
    ("messages", "gaps", "shown"),
    [
        pytest.param(90, 0, 90, id="as many as the homeserver gives at once"),
        pytest.param(140, 1, 50, id="more: the room is sent anew"),
    ],
)
async def test_a_gap_that_a_pause_has_caused_is_counted(
    person: Person, own: Service, http: aiohttp.ClientSession, homeserver: FakeHomeserver,
    messages: int, gaps: int, shown: int,
) -> None:  # fmt: skip
    alice, bob, carol = [await person(name) for name in ("alice", "bob", "carol")]
    room = await alice.create_room("Kitchen")
    clients = {who: SlidingClient(http, own.url, who.token) for who in (alice, carol)}
    for who in (bob, carol):
        await who.join(room)
    for client in clients.values():
        await client.sync(lists=ALL)
    for who in clients:
        await rests(homeserver, who)
    await until_resting(http, 2)
    sent = await bob.send_all(room, (f"message {n}" for n in range(messages)))
    answer = await clients[alice].sync()
    assert clients[alice].event_ids(room)[-shown:] == sent[-shown:]
    assert answer.rooms[room].raw.get("limited", False) == bool(gaps)
    await clients[carol].until_event(room, sent[-1])
    assert await counted(http, 'num_gaps{paused="yes"}') == gaps
    assert await counted(http, 'num_gap_questions{paused="yes"}') == gaps
    await until_resting(http, 0)
