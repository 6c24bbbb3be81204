"""The real service as a process of its own, against any homeserver and database."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import aiohttp

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret for tests"
START_S = 20.0
STOP_S = 15.0


class Service:
    """A running service. ``start`` waits until it is ready; ``output`` is what it said.

    Everything is asynchronous: the homeserver it talks to may live in the same loop.
    """

    def __init__(self, http: aiohttp.ClientSession, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = environment["SYNCV3_DB"]
        self.python = sys.executable
        self._http = http
        self._environment = environment | {"SYNCV3_BINDADDR": f"127.0.0.1:{self.port}"}
        self._folder = tempfile.TemporaryDirectory(prefix="syncv3-test-")
        self._log = Path(self._folder.name) / "output"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(
        cls, http: aiohttp.ClientSession, *, homeserver: str, database: str,
        python: str = sys.executable, **settings: str,
    ) -> Self:  # fmt: skip
        """``settings`` are further variables, e.g. ``SYNCV3_MAX_BODY_BYTES="100"``."""
        service = cls(http, {
            "SYNCV3_SERVER": homeserver, "SYNCV3_DB": database, "SYNCV3_SECRET": SECRET,
            "SYNCV3_LOG_LEVEL": "debug", **settings,
        })  # fmt: skip
        service.python = python
        try:
            await service.launch()
        except BaseException:
            service.close()
            raise
        return service

    async def launch(self) -> None:
        """Start the process (again) and wait until ``/health`` is good."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SYNCV3_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 a fork is short
                [self.python, "-m", "sanic", "app", "serve"], cwd=ROOT,
                env=kept | self._environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not await self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the service did not start:\n{self.output[-4000:]}")
            await asyncio.sleep(0.05)

    async def stop(self) -> int:
        """End it as an operator does (SIGTERM); its exit status."""
        return await self._end(signal.SIGTERM)

    async def kill9(self) -> None:
        """End it as the kernel does when memory is short."""
        await self._end(signal.SIGKILL)

    async def restart(self, *, kill: bool = False) -> None:
        await (self.kill9() if kill else self.stop())
        await self.launch()

    def close(self) -> None:
        """Whatever state it is in: no process and no files are left."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        deadline = time.monotonic() + STOP_S
        while (status := self._process.poll()) is None:
            if time.monotonic() > deadline:
                self._process.kill()
                raise AssertionError(f"it did not stop within {STOP_S} s:\n{self.output[-4000:]}")
            await asyncio.sleep(0.02)
        return status

    async def _is_ready(self) -> bool:
        try:
            async with self._http.get(f"{self.url}/health") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False
