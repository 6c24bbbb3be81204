"""An extension from elsewhere: installed by pip, beside a service that does not know it."""

import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.account import Account
from tests.support.answers import read
from tests.support.client import SlidingClient, window
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.ports import free_port
from tests.support.room import JSON
from tests.support.service import ROOT, Service

EXAMPLE = ROOT / "examples" / "presence_extension"
ALL = {"all": window(0, 20)}
ON = {"presence": {"enabled": True}}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh environment: what the service needs, and the example by pip."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-c", find], check=True, capture_output=True, text=True)
    Path(found.stdout.strip(), "rest.pth").write_text("\n".join(_places()))
    shutil.copytree(EXAMPLE, folder / "source")
    install: list[str] = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, *install, folder / "source"], check=True)
    yield python


def _places() -> list[str]:
    """Where this environment has its packages."""
    return list(dict.fromkeys([sysconfig.get_path("purelib"), *site.getsitepackages()]))


@pytest.fixture
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
async def service(
    python: Path,
    http: aiohttp.ClientSession,
    homeserver: FakeHomeserver,
    database_url: str,
    metrics_port: int,
) -> AsyncIterator[Service]:
    running = await Service.start(
        http,
        homeserver=homeserver.url,
        database=database_url,
        python=str(python),
        SYNCV3_EXTENSIONS="account_data,presence",
        SYNCV3_PROM=f"127.0.0.1:{metrics_port}",
    )
    yield running
    running.close()


def online(user_id: str, state: str = "online") -> JSON:
    return {"type": "m.presence", "sender": user_id, "content": {"presence": state}}


async def tell(homeserver: FakeHomeserver, observer: Account, *events: JSON) -> None:
    """The homeserver tells an observer of people's presence, in the poll after this one."""

    def add(answer: JSON) -> JSON:
        return answer | {"presence": {"events": list(events)}}

    homeserver.break_(Fault(rewrite=add), user_id=observer.user_id)
    for n in range(2):
        homeserver.world.set_account_data(observer.user_id, "org.example.wake", {"n": n})
        await homeserver.settled(observer.user_id)


def heard(client: SlidingClient) -> list[JSON]:
    return [e for a in client.answers for e in a.extensions.get("presence", {}).get("events", ())]


async def test_presence_of_people_in_shared_rooms_arrives(
    service: Service, homeserver: FakeHomeserver, http: aiohttp.ClientSession, metrics_port: int
) -> None:
    alice, bob, carol = [
        await Account.register(http, homeserver.url, name) for name in ("alice", "bob", "carol")
    ]
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.send(room, "hello")
    client = SlidingClient(http, service.url, alice.token)
    await client.sync(lists=ALL, extensions=ON)
    assert heard(client) == []
    await tell(homeserver, alice, online(bob.user_id), online(carol.user_id))
    await client.until(lambda: online(bob.user_id) in heard(client))
    await tell(homeserver, alice, online(bob.user_id, "unavailable"))
    await client.until(lambda: online(bob.user_id, "unavailable") in heard(client))
    assert carol.user_id not in str(heard(client))
    anew = SlidingClient(http, service.url, alice.token, conn_id="anew")
    await anew.sync(lists=ALL, extensions=ON)
    assert heard(anew) == [online(bob.user_id, "unavailable")]
    page = await read(http.get(f"http://127.0.0.1:{metrics_port}/metrics"))
    assert "\npresence_events_total 3.0\n" in await page.text()


async def test_its_filter_reaches_the_homeserver(
    service: Service, homeserver: FakeHomeserver, http: aiohttp.ClientSession
) -> None:
    alice = await Account.register(http, homeserver.url, "alice")
    await SlidingClient(http, service.url, alice.token).sync(lists=ALL)
    asked = [seen.query["filter"] for seen in homeserver.seen if seen.path.endswith("/sync")]
    assert all('"presence":{"types":["m.presence"]}' in filter_ for filter_ in asked)


@pytest.mark.rules("S-572")
async def test_clients_are_told_that_it_is_there(
    service: Service, homeserver: FakeHomeserver, http: aiohttp.ClientSession
) -> None:
    path = "/_matrix/client/versions"
    upstream = await (await read(http.get(homeserver.url + path))).json()
    answer = await read(http.get(service.url + path))
    features = dict.fromkeys(
        ("org.matrix.simplified_msc3575", "org.example.sliding_sync_presence"), True
    )
    assert await answer.json() == upstream | {"unstable_features": features}


async def test_a_name_that_nobody_registered_is_refused(
    http: aiohttp.ClientSession, homeserver: FakeHomeserver, database_url: str
) -> None:
    with pytest.raises(RuntimeError, match="there is no extension 'presence'"):
        await Service.start(
            http, homeserver=homeserver.url, database=database_url,
            SYNCV3_EXTENSIONS="presence",
        )  # fmt: skip
