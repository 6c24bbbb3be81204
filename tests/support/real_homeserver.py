"""A homeserver of somebody else's making: a process on loopback, with a folder of its own."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

START_S = 60.0
STOP_S = 10.0
VERSIONS = "/_matrix/client/versions"


@dataclass(frozen=True, slots=True)
class Program:
    """How to run a homeserver: its name, its command, and variables besides our own.

    ``ready`` is a path that answers 200 once it serves. ``logs`` are files in its folder.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    ready: str = VERSIONS
    logs: Sequence[str] = ()


class RealHomeserver:
    """A running homeserver. Made by ``run``; ``close`` ends it and deletes its files."""

    def __init__(self, program: Program, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._program = program
        self._process = self._launch()

    @classmethod
    def run(cls, program: Program, folder: Path, port: int) -> Self:
        """Raises ``RuntimeError`` with the logs' ends when it does not come up."""
        running = cls(program, folder, port)
        try:
            running._wait_until_ready()
        except BaseException:
            running.close()
            raise
        return running

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def restart(self) -> None:
        """End it and start it again, with the same address and data."""
        self._end()
        self._process = self._launch()
        self._wait_until_ready()

    def close(self) -> None:
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                self._program.command, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, **self._program.environment},
            )  # fmt: skip

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._answers(self._program.ready):
            if self._process.poll() is not None or time.monotonic() > deadline:
                files = [self.folder / name for name in ("output", *self._program.logs)]
                logs = "".join(f.read_text()[-2000:] for f in files if f.exists())
                raise RuntimeError(f"{self._program.name} did not start:\n{logs}")
            time.sleep(0.1)  # between two looks

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False
