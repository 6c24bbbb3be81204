"""A Chromium, the service as a gateway in front of a homeserver, and people on it.

The homeserver is the fake one, or a real one that ``TEST_HOMESERVER`` names.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.support.account import Account
from tests.support.fixtures import alice, bob, carol, database, http, person
from tests.support.homeserver import FakeHomeserver
from tests.support.homeservers import chosen
from tests.support.ports import free_port
from tests.support.service import SECRET, START_S, Process

__all__ = ["alice", "bob", "carol", "database", "http", "person"]

OpenPage = Callable[..., Awaitable[Page]]
PATIENCE_MS = 20_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest.fixture(scope="module")
def homeserver_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if not os.environ.get("TEST_HOMESERVER"):
        fake: FakeHomeserver = request.getfixturevalue("homeserver")
        yield fake.url
        return
    real = chosen().start()
    yield real.url
    real.close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service") / "output"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(
    http: aiohttp.ClientSession, homeserver_url: str, database: str, log: Path
) -> AsyncIterator[str]:
    """The service's URL. The page asks all of it, as it is a gateway."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    service = Process(port, 1, sys.executable, log)
    service.launch({
        "SYNCV3_SERVER": homeserver_url, "SYNCV3_PUBLIC_SERVER": url, "SYNCV3_GATEWAY": "on",
        "SYNCV3_DB": database, "SYNCV3_SECRET": SECRET, "SYNCV3_LOG_LEVEL": "debug",
    })  # fmt: skip
    try:
        await until_healthy(http, url)
        yield url
    finally:
        service.close()


async def until_healthy(http: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(START_S):
        while True:
            try:
                async with http.get(f"{url}/health") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)  # between two looks


@pytest.fixture(autouse=True)
def said_by_the_service(log: Path) -> Iterator[None]:
    """What the service says meanwhile is shown with a failure."""
    before = log.stat().st_size if log.exists() else 0
    yield
    print(log.read_text()[before:][-6000:] if log.exists() else "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The Chromium of the machine; without one the tests fail."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "no Chromium: install the Debian package, or set CHROMIUM"
    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest.fixture
def complaints() -> list[str]:
    """What pages say on their consoles. Whoever expects any takes it out."""
    return []


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(
    browser: Browser, address: str, complaints: list[str]
) -> AsyncIterator[OpenPage]:
    """``open_page(account, dialect="msc4186")``: the page with the sync of an account started.

    At the end no page may have said anything on its console: what the policy forbids, errors
    of scripts, and rows that do not fit all end there.
    """
    pages: list[Page] = []

    async def opened(
        account: Account | None = None, dialect: str = "msc3575", *, dark: bool = False
    ) -> Page:
        page = await browser.new_page(
            viewport={"width": 1200, "height": 800}, color_scheme="dark" if dark else "light"
        )
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: complaints.append(told(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        await page.goto(f"{address}/client/")
        if account is not None:
            await page.get_by_label("Dialect").select_option(dialect)
            await page.get_by_label("Access token").fill(account.token)
            await page.get_by_role("button", name="Start Sync").click()
        return page

    yield opened
    for page in pages:
        await page.close()
    assert complaints == []


def told(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}"
