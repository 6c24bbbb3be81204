"""Profiles, read by the program that they are for: ``go tool pprof`` comes with Go."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from syncv3.profiling.listener import ProfilingListener
from syncv3.settings import ListenAddress

kept: list[bytes] = []


@pytest.fixture
async def pages() -> AsyncIterator[str]:
    """Where profiles of this process can be asked for, while it works."""
    listener = ProfilingListener(ListenAddress("", 0), asyncio.get_running_loop())
    working = asyncio.create_task(work())
    yield f"http://127.0.0.1:{listener.port}/debug/pprof"
    working.cancel()
    kept.clear()
    await asyncio.to_thread(listener.close)


async def work() -> None:
    while True:
        burn()
        kept.append(bytes(10_000))
        await asyncio.sleep(0)


def burn() -> int:
    return sum(number * number for number in range(20_000))


async def top(url: str, folder: Path) -> str:
    """What ``go tool pprof -top`` prints of a profile."""
    file = folder / "profile"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        file.write_bytes(await response.read())
    done = await asyncio.create_subprocess_exec(
        "go", "tool", "pprof", "-top", "-nodecount=1000", file,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await done.communicate()
    assert done.returncode == 0, said
    return said.decode()


@pytest.mark.timeout(300)  # a first time builds the program
@pytest.mark.parametrize(
    ("page", "kind", "function"),
    [
        ("profile?seconds=1", "Type: cpu", "burn"),
        ("heap?seconds=1", "Type: inuse_space", "test_profiles.py"),
        ("goroutine", "Type: goroutine", "work"),
    ],
)
async def test_go_tool_pprof_shows_it(
    pages: str, tmp_path: Path, page: str, kind: str, function: str
) -> None:
    said = await top(f"{pages}/{page}", tmp_path)
    assert kind in said.splitlines()
    assert function in said
