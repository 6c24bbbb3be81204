"""What a transfer of 1 GB through the gateway does to everybody else, and to memory.

    .venv/bin/python -m tests.integration.gateway.measure_transfers [--mib 1024] [--rounds 3]
        [--only-processor]

The service runs as a process of its own, with a fake of what answers sliding sync; a
homeserver that only moves bytes is another one, and curl is the client. Meanwhile requests
to sliding sync arrive at a steady rate. Each round measures them without a transfer, beside
a download and beside an upload; the figures to look at are the ratios. They mean nothing on a
machine that has other things to do: who uses much of the processor waits longest for it. The
processor's time that a MiB takes, measured with nothing beside it, holds there too.
"""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.support.ports import free_port
from tests.support.usage import memory_mib, processor_s
from tests.unit.web.fakes import SYNC

ROOT = Path(__file__).resolve().parents[3]
MIB = 1024 * 1024
RATE = 200  # requests a second
ALONE_S = 5.0


def homeserver(port: int) -> None:
    """Gives as many bytes as the query says, and takes all that come."""
    piece = bytes(MIB)

    async def handle(request: web.Request) -> web.StreamResponse:
        async for _ in request.content.iter_any():
            pass
        response = web.StreamResponse()
        count = int(request.query.get("mib", 0))
        response.content_length = count * MIB
        await response.prepare(request)
        for _ in range(count):
            await response.write(piece)
        return response

    app = web.Application(client_max_size=0)
    app.router.add_route("*", "/{path:.*}", handle)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


async def latencies(http: aiohttp.ClientSession, until: asyncio.Event) -> list[float]:
    """Of requests that start at a steady rate, whether or not earlier ones are answered."""
    found: list[float] = []

    async def one() -> None:
        begun = time.perf_counter()
        async with http.post(SYNC, headers={"Authorization": "Bearer good"}) as response:
            assert response.status == 200
            await response.read()
        found.append((time.perf_counter() - begun) * 1000)

    async with asyncio.TaskGroup() as group:
        due = time.perf_counter()
        while not until.is_set():
            group.create_task(one())
            due += 1 / RATE
            await asyncio.sleep(max(due - time.perf_counter(), 0))  # the rate
    return found


async def beside(
    http: aiohttp.ClientSession, command: list[str] | None
) -> tuple[list[float], float]:
    """The latencies while the command runs (None: for some seconds), and for how long it did."""
    until = asyncio.Event()
    measuring = asyncio.create_task(latencies(http, until))
    begun = time.perf_counter()
    if command is None:
        await asyncio.sleep(ALONE_S)  # is what is measured
    else:
        process = await asyncio.create_subprocess_exec(*command)
        assert await process.wait() == 0
    took = time.perf_counter() - begun
    until.set()
    return await measuring, took


async def processor_ms(pid: int, command: list[str]) -> float:
    """The processor's time that the service uses while the command runs."""
    before = processor_s(pid)
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0
    return (processor_s(pid) - before) * 1000


async def ready(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with http.get("/_matrix/client/v3/x") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)  # between two tries


def p(found: list[float], part: float) -> float:
    return statistics.quantiles(found, n=1000)[int(part * 10) - 1]


def transfers(url: str, mib: int, folder: Path) -> dict[str, list[str]]:
    """The commands that move so much, each in its direction."""
    big = folder / "big"
    with big.open("wb") as file:
        file.truncate(mib * MIB)
    quiet = ["curl", "-sf", "-o", "/dev/null"]
    media = f"{url}/_matrix/media/v3"
    return {
        "download": [*quiet, f"{media}/download/a/b?mib={mib}"],
        "upload": [*quiet, "-T", str(big), f"{media}/upload/a/b"],
    }


async def measure(url: str, pid: int, given: argparse.Namespace, folder: Path) -> None:
    commands = transfers(url, given.mib, folder)
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as http:
        await ready(http)
        for _ in range(given.rounds if given.only_processor else 0):
            for kind, command in commands.items():
                print(f"{kind:9} {await processor_ms(pid, command) / given.mib:5.2f} ms/MiB")
        for _ in range(0 if given.only_processor else given.rounds):
            await beside(http, None)  # everything is loaded and warm
            await beside_each(http, pid, given.mib, commands)


async def beside_each(
    http: aiohttp.ClientSession, pid: int, mib: int, commands: dict[str, list[str]]
) -> None:
    """What requests take alone, and beside each transfer."""
    alone = 0.0
    for kind, command in {"alone": None, **commands}.items():
        before = memory_mib(pid)
        found, took = await beside(http, command)
        alone = alone or p(found, 99)
        print(
            f"{kind:9} p50 {p(found, 50):6.2f} ms  p99 {p(found, 99):6.2f} ms"
            f"  x{p(found, 99) / alone:4.2f}  memory {memory_mib(pid) - before:+6.1f} MiB"
            + (f"  {mib / took:6.0f} MiB/s" if command else "")
        )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mib", type=int, default=1024)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only-processor", action="store_true", help="no requests beside it")
    arguments.add_argument("--homeserver", type=int)
    given = arguments.parse_args()
    if given.homeserver:
        return homeserver(given.homeserver)
    home, port = free_port(), free_port()
    settings = {
        "SYNCV3_SERVER": f"http://127.0.0.1:{home}", "SYNCV3_BINDADDR": f"127.0.0.1:{port}",
        "SYNCV3_GATEWAY": "on", "SYNCV3_DB": "host=nowhere", "SYNCV3_SECRET": "a secret for tests",
        "SYNCV3_LOG_LEVEL": "warn",
    }  # fmt: skip
    serve = [sys.executable, "-m", "sanic", "tests.integration.gateway.served:app", "serve"]
    behind = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, "--homeserver", str(home)], cwd=ROOT
    )
    service = subprocess.Popen(
        serve,
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(f"http://127.0.0.1:{port}", service.pid, given, Path(folder)))
    finally:
        for process in (service, behind):
            process.send_signal(signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    main()
