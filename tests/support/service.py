"""The real service as processes of its own, against any homeserver and database."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import aiohttp

from tests.support.balancer import Balancer
from tests.support.forked import Forked, forker
from tests.support.ports import free_port
from tests.support.shapes import Shape, chosen

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret for tests"
FRESH = sys.executable
START_S = 20.0
STOP_S = 15.0


class Process:
    """One process of the service, with its workers if it has several.

    ``python`` runs it. Without one a single worker is forked off a process that has loaded the
    code, which spares most of the start.
    """

    def __init__(self, port: int, workers: int, python: str | None, log: Path) -> None:
        self.port = port
        self._forked = python is None and workers == 1
        self._python = python or FRESH
        self._command = ["sanic", "app", "serve"]
        if workers > 1:
            self._command.append(f"--workers={workers}")
        self._log = log
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self, environment: Mapping[str, str]) -> None:
        """Start it, with its workers in a process group of their own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SYNCV3_")}
        ours = {**environment, "SYNCV3_BINDADDR": f"127.0.0.1:{self.port}"}
        if self._forked:
            self._process = forker().fork(self._command, kept | ours, self._log)
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", *self._command], cwd=ROOT, env=kept | ours, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    async def stop(self) -> int:
        """End it as an operator does (SIGTERM); its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await self._ended()

    async def kill9(self) -> None:
        """End it and its workers as the kernel does when memory is short."""
        self._kill_group()
        await self._ended()

    def close(self) -> None:
        if self._process is not None and self.runs:
            self._kill_group()
            self._process.wait()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _ended(self) -> int:
        assert self._process is not None
        deadline = time.monotonic() + STOP_S
        while (status := self._process.poll()) is None:
            if time.monotonic() > deadline:
                self._kill_group()
                raise AssertionError(f"it did not stop within {STOP_S} s")
            await asyncio.sleep(0.02)  # between two looks
        return status


class Service:
    """A running service of some shape, behind one URL. ``start`` waits until it is ready.

    ``output`` is what all its processes said. Everything is asynchronous: the homeserver it
    talks to may live in the same loop.
    """

    def __init__(
        self, http: aiohttp.ClientSession, environment: dict[str, str], shape: Shape,
        python: str | None,
    ) -> None:  # fmt: skip
        self.shape = shape
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = environment["SYNCV3_DB"]
        self._http = http
        self._environment = environment
        self._folder = tempfile.TemporaryDirectory(prefix="syncv3-test-")
        self._log = Path(self._folder.name) / "output"
        several = shape.serving > 1
        ports = [free_port() for _ in range(shape.processes)] if several else [self.port]
        self._processes = [Process(port, shape.workers, python, self._log) for port in ports]
        self.balancer = Balancer(self.port, ports, shape.serving) if several else None

    @classmethod
    async def start(
        cls, http: aiohttp.ClientSession, *, homeserver: str, database: str,
        python: str | None = None, **settings: str,
    ) -> Self:  # fmt: skip
        """Of the shape that the tests are run with; see ``deploy``."""
        return await cls.deploy(
            chosen(), http, homeserver=homeserver, database=database, python=python, **settings
        )

    @classmethod
    async def deploy(
        cls, shape: Shape, http: aiohttp.ClientSession, *, homeserver: str, database: str,
        python: str | None = None, **settings: str,
    ) -> Self:  # fmt: skip
        """``settings`` are further variables, e.g. ``SYNCV3_MAX_BODY_BYTES="100"``.

        ``python``: ``FRESH``, whose process loads its code by itself, so that all it holds and
        does is its own; or that of another environment. See ``Process``.
        """
        service = cls(http, {
            "SYNCV3_SERVER": homeserver, "SYNCV3_DB": database, "SYNCV3_SECRET": SECRET,
            "SYNCV3_LOG_LEVEL": "debug", "SYNCV3_REQUESTS_PER_SECOND": "0",  # tests never rest
            **shape.settings, **settings,
        }, shape, python)  # fmt: skip
        try:
            if service.balancer is not None:
                await service.balancer.start()
            await service.launch()
        except BaseException:
            service.close()
            raise
        return service

    async def launch(self) -> None:
        """Start all processes (again) and wait until each is healthy."""
        for process in self._processes:
            process.launch(self._environment)
        deadline = time.monotonic() + START_S * self.shape.serving
        for process in self._processes:
            while not await self._is_ready(process):
                if not process.runs or time.monotonic() > deadline:
                    raise RuntimeError(f"the service did not start:\n{self.output[-4000:]}")
                await asyncio.sleep(0.05)  # between two looks
        if self.balancer is not None:
            await self.balancer.find_workers(START_S * self.shape.serving)

    async def stop(self) -> int:
        """End it as an operator does (SIGTERM); its exit status, 0 if that of all is."""
        statuses = await asyncio.gather(*(process.stop() for process in self._processes))
        self._gone()
        return max(statuses, key=abs)

    async def kill9(self) -> None:
        """End it as the kernel does when memory is short."""
        await asyncio.gather(*(process.kill9() for process in self._processes))
        self._gone()

    async def restart(self, *, kill: bool = False) -> None:
        await (self.kill9() if kill else self.stop())
        await self.launch()

    def close(self) -> None:
        """Whatever state it is in: no process and no files are left."""
        if self.balancer is not None:
            self.balancer.close()
        for process in self._processes:
            process.close()
        self._folder.cleanup()

    @property
    def addresses(self) -> list[str]:
        """The URLs of its processes, past the balancer: the kernel picks a worker of several."""
        return [f"http://127.0.0.1:{process.port}" for process in self._processes]

    @property
    def pid(self) -> int:
        """The number of its first process."""
        return self._processes[0].pid

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _gone(self) -> None:
        if self.balancer is not None:
            self.balancer.forget()

    async def _is_ready(self, process: Process) -> bool:
        try:
            async with self._http.get(f"http://127.0.0.1:{process.port}/health") as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
