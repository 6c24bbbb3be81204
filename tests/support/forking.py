"""``python -m tests.support.forking``: starts services without loading their code each time.

Loading it takes 1.5 of the 1.7 seconds of processor time that a start costs, and the tests start
the service some 150 times. This process has it all loaded, but has run none of it: it has no
loop, no thread and no signal handler. For each line on its standard input that describes a
service it forks, and the child goes on as ``python -m sanic`` does from its first line.
Another kind of line asks how a child has ended. It ends itself when its input does.
"""

import gc
import importlib
import json
import os
import runpy
import sys
from importlib.metadata import entry_points
from typing import Any, Final

PRELOADED: Final = (
    "sanic.cli.app", "syncv3.web.server", "syncv3.service", "syncv3.gateway.gateway",
    "syncv3.doctor.arrival", "syncv3.web.gathered", "syncv3.web.listener", "syncv3.embedded",
    "tortoise.backends.asyncpg", "uvloop",
)  # fmt: skip
"""What ``app.py`` loads, now or later; not itself, since it heeds signals from its first line."""


def preload() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    for extension in entry_points(group="syncv3.extensions"):
        importlib.import_module(extension.value.partition(":")[0])
    gc.collect()
    gc.freeze()  # else a child's collections would copy all of it


def serve() -> dict[str, Any] | None:
    """Answer each line with one; in a forked child, give what it shall do. None: the end."""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "command" not in asked:
            answer = _ended(asked["pid"])
        elif (answer := _fork(asked)) == 0:
            return dict(asked)
        sys.stdout.buffer.write(b"%s\n" % json.dumps(answer).encode())
        sys.stdout.buffer.flush()
    return None


def _ended(pid: int) -> int | None:
    """The exit status of a child, as ``subprocess`` gives it; None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _fork(asked: dict[str, Any]) -> int:
    """The number of a child that has a session of its own; in the child 0."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        _become(asked)
        os.close(reading)
        os.close(writing)
        return 0
    os.close(writing)
    os.read(reading, 1)  # nothing, once it has
    os.close(reading)
    return pid


def _become(asked: dict[str, Any]) -> None:
    """Take over the environment, the folder and the files of what was asked for."""
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    os.close(nothing)
    os.close(log)


def main() -> None:
    preload()
    asked = serve()
    if asked is not None:
        module, *sys.argv[1:] = asked["command"]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
