"""The service ends in every way, and nobody notices more than a pause."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.client import SlidingClient, SyncError, window
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import chosen
from tests.support.waiting import still

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

ALL = {"all": window(0, 20)}
PATIENCE_S = 45.0  # until another process may sync for a killed one


@pytest_asyncio.fixture(loop_scope="module")
async def own(
    http: aiohttp.ClientSession, homeserver_url: str, postgres: Postgres
) -> AsyncIterator[Service]:
    """A service and a database that are this test's own."""
    url = await postgres.clone()
    service = await Service.start(http, homeserver=homeserver_url, database=url)
    yield service
    service.close()
    await postgres.drop(url)


async def retrying(client: SlidingClient, **request: object) -> None:
    """Sync as a client does while its server is away: again, until there is an answer."""
    async with asyncio.timeout(20):
        while True:
            try:
                await client.sync(**request)  # type: ignore[arg-type]
                return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)  # its pause between two tries
            except SyncError as refused:
                assert refused.status >= 500, refused


@pytest.mark.rules("Z-7", "P-0", "D-32")
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_a_connection_survives_a_restart(
    alice: Account, bob: Account, own: Service, http: aiohttp.ClientSession, kill: bool
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = SlidingClient(http, own.url, bob.token)
    await client.sync(lists=ALL)
    await client.until_event(room, await alice.send(room, "before"))
    await own.restart(kill=kill)
    event_id = await alice.send(room, "after")
    await client.until_event(room, event_id, patience_s=PATIENCE_S)
    assert client.bodies(room) == ["before", "after"]
    assert client.order() == [room]


@pytest.mark.rules("Z-7", "U-52", "D-32")
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_what_happens_while_the_service_is_away_arrives_afterwards(
    alice: Account, bob: Account, own: Service, http: aiohttp.ClientSession, kill: bool
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(3)]
    for room in rooms:
        await bob.join(room)
    client = SlidingClient(http, own.url, bob.token)
    await client.sync(lists=ALL)
    await client.until_event(rooms[0], await alice.send(rooms[0], "before"))
    await (own.kill9() if kill else own.stop())
    missed = await alice.send(rooms[1], "meanwhile")
    await own.launch()
    await client.until_event(rooms[1], missed, patience_s=PATIENCE_S)
    assert client.order()[:2] == [rooms[1], rooms[0]]


@pytest.mark.rules("Z-7", "L-82", "D-32", "O-87")
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_a_busy_conversation_survives_several_restarts(
    alice: Account, bob: Account, own: Service, http: aiohttp.ClientSession, kill: bool
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(4)]
    for room in rooms:
        await bob.join(room)
    client = SlidingClient(http, own.url, bob.token)
    await client.sync(lists={"all": window(0, 1)}, subscriptions={rooms[0]: {"timeline_limit": 50}})
    said = []
    for number in range(24):
        said.append(await alice.send(rooms[number % 4], f"message {number}"))
        await retrying(client)
        if number % 8 == 5:
            await own.restart(kill=kill)
    await client.until_event(rooms[0], said[20], patience_s=PATIENCE_S)
    assert client.event_ids(rooms[0])[-6:] == said[0::4]


@pytest.mark.rules("O-85", "O-C0")
async def test_a_stopped_service_answers_its_waiting_clients(
    alice: Account, own: Service, http: aiohttp.ClientSession
) -> None:
    client = SlidingClient(http, own.url, alice.token)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.ask({}, timeout_ms=30_000))
    await still(waiting, for_s=0.3)
    assert await own.stop() == 0
    assert (await waiting).pos


@pytest.mark.rules("O-87", "U-53", "U-163")
async def test_after_a_restart_new_clients_see_everything_at_once(
    alice: Account, own: Service, http: aiohttp.ClientSession
) -> None:
    room = await alice.create_room("Kitchen")
    await SlidingClient(http, own.url, alice.token).sync(lists=ALL)
    await own.restart(kill=True)
    client = SlidingClient(http, own.url, alice.token)
    await client.sync(lists=ALL)
    assert client.order() == [room]


# Two processes on one database


@pytest_asyncio.fixture(loop_scope="module")
async def pair(
    http: aiohttp.ClientSession, homeserver_url: str, postgres: Postgres
) -> AsyncIterator[tuple[Service, Service]]:
    """Two services that share a database, as behind a load balancer."""
    url = await postgres.clone()
    alone = chosen().alone()  # the tests choose which of them is asked
    first, second = [
        await Service.deploy(
            alone, http, homeserver=homeserver_url, database=url, SYNCV3_BUS="postgres"
        )
        for _ in range(2)
    ]
    yield first, second
    first.close()
    second.close()
    await postgres.drop(url)


@pytest.mark.rules("P-0", "D-32", "L-82")
async def test_two_processes_answer_one_connection_in_turn(
    alice: Account, bob: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(3)]
    for room in rooms:
        await bob.join(room)
    client = SlidingClient(http, pair[0].url, bob.token)
    await client.sync(lists={"all": window(0, 1)})
    for number in range(8):
        client.url = pair[(number + 1) % 2].url
        room = rooms[number % 3]
        await client.until_event(room, await alice.send(room, f"message {number}"))
        assert client.order()[0] == room


@pytest.mark.rules("C-8", "P-0")
async def test_a_request_at_one_process_ends_the_wait_at_the_other(
    alice: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession
) -> None:
    await alice.create_room("Kitchen")
    client = SlidingClient(http, pair[0].url, alice.token)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.ask({}, timeout_ms=30_000))
    await still(waiting, for_s=0.3)
    client.url = pair[1].url
    await asyncio.wait_for(client.sync(lists={"more": window(0, 9)}), 5)
    await asyncio.wait_for(waiting, 5)


@pytest.mark.rules("U-20")
async def test_the_pollers_of_a_killed_process_are_taken_over(
    alice: Account, bob: Account, pair: tuple[Service, Service], http: aiohttp.ClientSession
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = SlidingClient(http, pair[0].url, bob.token)
    await client.sync(lists=ALL)
    await pair[0].kill9()
    client.url = pair[1].url
    event_id = await alice.send(room, "hello")
    await client.until_event(room, event_id, patience_s=PATIENCE_S)


@pytest.mark.rules("O-C0", "O-85")
async def test_who_is_told_to_stop_answers_lets_go_and_logs_no_error(
    alice: Account, bob: Account, own: Service, http: aiohttp.ClientSession
) -> None:
    await alice.create_room("Kitchen")
    clients = [SlidingClient(http, own.url, who.token) for who in (alice, bob)]
    for client in clients:
        await client.sync(lists=ALL)
        await client.sync()
    waiting = [asyncio.create_task(client.sync(timeout_ms=60_000)) for client in clients]
    await still(*waiting, for_s=0.3)
    assert await own.stop() == 0
    async with asyncio.timeout(1):
        await asyncio.gather(*waiting)
    db = await asyncpg.connect(own.database)
    owned = await db.fetchval("SELECT count(*) FROM ss_pollers WHERE owner IS NOT NULL")
    workers = await db.fetchval("SELECT count(*) FROM ss_workers")
    await db.close()
    assert (owned, workers) == (0, 0)
    assert [line for line in own.output.splitlines() if " ERR " in line] == []
