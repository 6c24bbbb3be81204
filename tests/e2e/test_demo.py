"""``make demo`` as somebody sees it who has just found this project."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.support.answers import read
from tests.support.client import SlidingClient, window

ROOT = Path(__file__).resolve().parents[2]
START_S = 100.0  # of a Synapse and of the service, one after the other


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demonstration keeps its files. PostgreSQL's user has to pass through it, and
    the path of a socket in it must be short: ``tmp_path`` is neither."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o711)
        yield path


@pytest_asyncio.fixture
async def demo(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.demo"),
        cwd=ROOT, env=os.environ | {"TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    yield process
    if process.returncode is None:
        process.terminate()
        await process.communicate()


async def said_until(process: asyncio.subprocess.Process, last: str) -> str:
    """All that it says until a line that begins with ``last``."""
    assert process.stdout is not None
    said = ""
    async for line in process.stdout:
        said += line.decode()
        if line.decode().startswith(last):
            return said
    raise AssertionError(said)


def found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    assert match, said
    return match[1]


def living(folder: Path) -> list[str]:
    """The processes that work in the folder, or were told of it, whoever runs them."""
    processes = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes().decode(errors="replace")
            place = os.readlink(entry / "cwd")
        except OSError:  # it has ended meanwhile
            continue
        if str(folder) in told or place.startswith(str(folder)):
            processes.append(told)
    return processes


@pytest.mark.timeout(180)
async def test_the_demo_shows_people_talking_and_leaves_nothing_behind(
    demo: asyncio.subprocess.Process, folder: Path
) -> None:
    async with asyncio.timeout(START_S), aiohttp.ClientSession() as http:
        said = await said_until(demo, "Ctrl-C")
        page = found(r"The page: +(\S+)", said)
        assert (await read(http.get(page))).status == 200
        client = SlidingClient(http, page.removesuffix("/client/"), found(r"token: (\S+)", said))
        await client.sync(lists={"all": window(0, 20)})
        assert len(client.order("all")) > 10
        known = {room: len(client.rooms[room].timeline) for room in client.order("all")}
        await client.until(
            lambda: any(len(client.rooms[room].timeline) > known[room] for room in known)
        )
    assert any("synapse" in name for name in living(folder))
    demo.send_signal(signal.SIGINT)
    rest, _ = await demo.communicate()
    assert (demo.returncode, living(folder), os.listdir(folder)) == (0, [], [])
    assert "Nothing is left behind." in rest.decode()
    assert "Traceback" not in rest.decode()
