"""``python -m tests.demo``: start everything, print where to look, and end all of it on Ctrl-C.

Everything lives in one folder, which goes at the end. A signal only sets an event: it never
cuts into a start half-way, so there is always somebody who knows of each process.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

from syncv3.embedded import opened
from tests.demo.company import Company
from tests.support.account import PASSWORD
from tests.support.ports import free_port
from tests.support.real_homeserver import RealHomeserver
from tests.support.service import START_S, Process
from tests.support.synapse import start_synapse

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_TAIL: Final = 3000
SECRET: Final = "the secret of a demonstration"


class Broken(Exception):
    """Something of the demonstration ended by itself, or did not come up; the text says what."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the service; 0: any free one")
    port = parser.parse_args().port or free_port()
    os.umask(0o022)  # PostgreSQL of root is another user, who has to pass through the folders
    with tempfile.TemporaryDirectory(prefix="syncv3-demo-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            asyncio.run(demonstrate(folder, port))
        except (Broken, RuntimeError, FileNotFoundError) as error:
            sys.exit(str(error))
    print("Stopped. Nothing is left behind.", flush=True)


async def demonstrate(folder: Path, port: int) -> None:
    """Returns after a signal, with all that it began undone. Raises ``Broken``."""
    stopping = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await play(folder, port, stopping)
    except (Broken, RuntimeError):
        if not stopping.is_set():  # a terminal sends Ctrl-C to Synapse, too, which then ends
            raise


async def play(folder: Path, port: int, stopping: asyncio.Event) -> None:
    say("Starting Synapse …")
    async with synapse(folder / "synapse") as homeserver:
        if stopping.is_set():
            return
        say("Starting the service, with a database of its own …")
        async with (
            serving(folder, homeserver.url, port) as service,
            aiohttp.ClientSession() as http,
        ):
            await until_healthy(http, service, folder, stopping)
            parts = (perform(http, homeserver, port), watched(service, homeserver, folder))
            await first_of(stopping, *map(asyncio.ensure_future, parts))
            say("Stopping …")


async def perform(http: aiohttp.ClientSession, homeserver: RealHomeserver, port: int) -> None:
    """Bring the company together, say where to look, and let them talk."""
    say("Letting some people meet …")
    company = await Company.meet(http, homeserver.url)
    url = f"http://127.0.0.1:{port}"
    say(
        f"\nThe page:  {url}/client/\nIts token: {company.viewer.token}\n\n"
        f"Any other client on this machine: homeserver {url},\n"
        f"user {company.viewer.user_id}, password {PASSWORD}\n\n"
        "Ctrl-C ends it."
    )
    await company.talk()


@asynccontextmanager
async def synapse(folder: Path) -> AsyncIterator[RealHomeserver]:
    os.mkdir(folder)
    running = await asyncio.to_thread(start_synapse, folder=folder)
    try:
        yield running
    finally:
        await asyncio.to_thread(running.close)


@asynccontextmanager
async def serving(folder: Path, homeserver: str, port: int) -> AsyncIterator[Process]:
    """The service as a gateway. Its embedded database is stopped even if it was killed."""
    data = folder / "data"
    service = Process(port, 1, sys.executable, folder / "output")
    service.launch({
        "SYNCV3_SERVER": homeserver, "SYNCV3_PUBLIC_SERVER": f"http://127.0.0.1:{port}",
        "SYNCV3_GATEWAY": "on", "SYNCV3_DATA_DIR": str(data), "SYNCV3_SECRET": SECRET,
    })  # fmt: skip
    try:
        yield service
    finally:
        if service.runs:
            await service.stop()
        if (data / "postgresql" / "postmaster.pid").exists():
            async with opened(None, data):  # takes it over, and stops it
                pass


async def until_healthy(
    http: aiohttp.ClientSession, service: Process, folder: Path, stopping: asyncio.Event
) -> None:
    """Returns early when it is told to stop. Raises ``Broken``."""
    deadline = asyncio.get_running_loop().time() + START_S * 3
    while not stopping.is_set():
        with suppress(aiohttp.ClientError):
            async with http.get(f"http://127.0.0.1:{service.port}/health") as response:
                if response.status == 200:
                    return
        if not service.runs or asyncio.get_running_loop().time() > deadline:
            raise Broken(f"The service did not start:\n{tail(folder)}")
        await asyncio.sleep(0.1)  # between two looks


async def watched(service: Process, homeserver: RealHomeserver, folder: Path) -> None:
    """Raises ``Broken`` as soon as one of the two has ended by itself."""
    while True:
        await asyncio.sleep(1)  # between two looks
        if not service.runs:
            raise Broken(f"The service has ended:\n{tail(folder)}")
        if not homeserver.runs:
            raise Broken("Synapse has ended.")


async def first_of(stopping: asyncio.Event, *others: asyncio.Future[None]) -> None:
    """Until it is told to stop, or one of the others fails: its error is raised then."""
    everything: list[asyncio.Future[Any]] = [asyncio.ensure_future(stopping.wait()), *others]
    await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
    for each in everything:
        each.cancel()
    ended = await asyncio.gather(*others, return_exceptions=True)
    failed = [end for end in ended if isinstance(end, Exception)]
    if failed and not stopping.is_set():
        raise failed[0]


def tail(folder: Path) -> str:
    return (folder / "output").read_text(errors="replace")[-LOG_TAIL:]


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
