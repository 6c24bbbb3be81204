"""The server that real clients are tested against: a homeserver, alone or behind this service.

Clients are given one base URL, so this service is a gateway then: it answers what it serves
itself, and passes everything else on to the homeserver.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.real_homeserver import RealHomeserver
from tests.support.service import SECRET, START_S, Process


@dataclass(frozen=True, slots=True)
class Server:
    """Where clients ask, and how it is restarted; ``restart`` returns when it is back."""

    url: str
    restart: Callable[[], Awaitable[None]]
    close: Callable[[], None]


def elsewhere(url: str) -> Server:
    """One that somebody else started, and ``CLIENTS_RESTART`` restarts."""

    async def restart() -> None:
        command = os.environ["CLIENTS_RESTART"]
        process = await asyncio.create_subprocess_shell(command)
        assert await process.wait() == 0, command

    return Server(url, restart, lambda: None)


def alone(homeserver: RealHomeserver) -> Server:
    """The homeserver's own implementation."""

    async def restart() -> None:
        await asyncio.to_thread(homeserver.restart)

    return Server(homeserver.url, restart, homeserver.close)


def behind(homeserver: RealHomeserver, database: str, python: str, folder: Path) -> Server:
    """This service as a gateway to the homeserver; its log is in ``folder``."""
    port = free_port()
    environment = {
        "SYNCV3_SERVER": homeserver.url,
        "SYNCV3_DB": database,
        "SYNCV3_SECRET": SECRET,
        "SYNCV3_GATEWAY": "on",
        "SYNCV3_LOG_LEVEL": "debug",
    }
    process = Process(port, 1, python, folder / "service.log")
    url = f"http://127.0.0.1:{port}"

    async def restart() -> None:
        await process.stop()
        process.launch(environment)
        await asyncio.to_thread(_until_healthy, url, process)

    def close() -> None:
        process.close()
        homeserver.close()

    process.launch(environment)
    try:
        _until_healthy(url, process)
    except BaseException:
        close()
        raise
    return Server(url, restart, close)


def _until_healthy(url: str, process: Process) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.runs:
        with suppress(URLError, ConnectionError), urlopen(f"{url}/health") as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)  # between two looks
    raise RuntimeError("the service did not start")


def migrated(postgres: Postgres) -> str:
    """A new database."""
    return asyncio.run(postgres.clone())
