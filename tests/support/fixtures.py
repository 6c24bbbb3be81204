"""Fixtures of the tests that run the whole service; a conftest chooses the homeserver.

Everything of one module shares one service, one database and one homeserver, in one event
loop; each test has users of its own, so it does not matter what others left behind.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.client import Response, SlidingClient
from tests.support.postgres import Postgres
from tests.support.service import Service
from tests.support.shapes import Shape, chosen

Person = Callable[[str], Awaitable[Account]]
Connect = Callable[..., SlidingClient]

MANY = 40  # requests of which every worker must have answered some
_NUMBERS = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(postgres: Postgres) -> AsyncIterator[str]:
    """The module's migrated database."""
    url = await postgres.clone()
    yield url
    await postgres.drop(url)


@pytest.fixture(scope="module")
def shape() -> Shape:
    """How the service under test is deployed."""
    return chosen()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    http: aiohttp.ClientSession, homeserver_url: str, database: str, shape: Shape
) -> AsyncIterator[Service]:
    running = await Service.deploy(shape, http, homeserver=homeserver_url, database=database)
    yield running
    running.close()
    if running.balancer is not None and running.balancer.answered.total() >= MANY:
        assert len(running.balancer.answered) >= shape.serving, "some worker has answered nothing"


@pytest.fixture(autouse=True)
def said_by_the_service(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the test's services say meanwhile is shown with a failure."""
    services = [value for name in request.fixturenames if name in ("service", "own", "pair")
                for value in _tuple(request.getfixturevalue(name))]  # fmt: skip
    before = [len(service.output) for service in services]
    yield
    for service, seen in zip(services, before, strict=True):
        print(service.output[seen:][-8000:])


def _tuple(value: Service | tuple[Service, ...]) -> tuple[Service, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.fixture
def person(http: aiohttp.ClientSession, homeserver_url: str) -> Person:
    """Register somebody; the name gets a number, so that every test has its own people."""

    async def register(name: str) -> Account:
        return await Account.register(http, homeserver_url, f"{name}{next(_NUMBERS)}")

    return register


@pytest_asyncio.fixture(loop_scope="module")
async def alice(person: Person) -> Account:
    return await person("alice")


@pytest_asyncio.fixture(loop_scope="module")
async def bob(person: Person) -> Account:
    return await person("bob")


@pytest_asyncio.fixture(loop_scope="module")
async def carol(person: Person) -> Account:
    return await person("carol")


@pytest.fixture
def connect(http: aiohttp.ClientSession, service: Service) -> Connect:
    """A new client of an account: ``connect(alice)``, ``connect(alice, conn_id="room")``."""

    def new_client(account: Account, *, conn_id: str = "") -> SlidingClient:
        return SlidingClient(http, service.url, account.token, conn_id=conn_id)

    return new_client


async def caught_up(client: SlidingClient, account: Account) -> None:
    """Wait until the client has been given all that the homeserver knew until now.

    The account makes a room of its own that shows up after everything else.
    """
    marker = await account.create_room("marker", public=False)
    lists = {"marker": {"ranges": [[0, 0]], "timeline_limit": 1,
                        "filters": {"room_name_like": "marker"}}}  # fmt: skip
    await client.until(lambda: marker in client.rooms, lists=lists)


async def quiet(client: SlidingClient, account: Account) -> None:
    """``caught_up``, and nothing more comes: a real homeserver tells a new room in pieces."""
    await caught_up(client, account)
    while (await client.sync(timeout_ms=300)).rooms:
        continue


async def ends_a_wait(client: SlidingClient, is_it: Callable[[Response], bool]) -> Response:
    """Sync until the answer wanted; it must come before its request's time is up."""
    async with asyncio.timeout(15):
        while True:
            answer = await client.sync(timeout_ms=30_000)
            if is_it(answer):
                return answer


async def nothing_more(client: SlidingClient, *, for_ms: int = 300) -> None:
    """Assert that a long poll of this length brings no room and no operation."""
    response = await asyncio.wait_for(client.sync(timeout_ms=for_ms), 30)
    assert not response.rooms
    assert not any(answer.get("ops") for answer in response.raw["lists"].values())
