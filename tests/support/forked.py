"""Services that are forked off a process that has loaded their code: see ``forking``."""

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

END_S = 10.0
ROOT = Path(__file__).resolve().parents[2]


class Forker:
    """The process that forks; it ends with ours. ``forker`` gives the one there is."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forking"], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        atexit.register(self.close)

    def fork(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> "Forked":  # fmt: skip
        """Run ``python -m command`` at the root of the tree, with its output behind a file's."""
        pid = self.ask({
            "command": list(command), "environment": dict(environment), "log": str(log),
            "folder": str(ROOT),
        })  # fmt: skip
        return Forked(self, pid)

    def ask(self, what: Mapping[str, Any]) -> Any:
        """Its answer to one line. Raises ``RuntimeError`` when it has died."""
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None and answering is not None
        asking.write(b"%s\n" % json.dumps(what).encode())
        asking.flush()
        line = answering.readline()
        if not line:
            raise RuntimeError("the process that forks services has died")
        return json.loads(line)

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=END_S)
        self._process.stdout.close()


@cache
def forker() -> Forker:
    """The one of this process, started when it is first wanted."""
    return Forker()


class Forked:
    """A forked process, as far as tests use ``subprocess.Popen``."""

    def __init__(self, forker: Forker, pid: int) -> None:
        self.pid = pid
        self._forker = forker
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status, the negative number of a signal; None while it runs."""
        if self._status is None:
            self._status = self._forker.ask({"pid": self.pid})
        return self._status

    def wait(self) -> int:
        while (status := self.poll()) is None:
            time.sleep(0.005)  # between two looks
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)
