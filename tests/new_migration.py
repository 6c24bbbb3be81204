"""``make migration NAME=topic``: writes the migration for what has changed in ``models/``.

aerich compares the models with those that the newest migration notes, and looks into a database
for what it knows of that; so one is started for it, with our own PostgreSQL, and goes at the end.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from syncv3.embedded import opened
from syncv3.store.migrate import apply_migrations

ROOT = Path(__file__).resolve().parent.parent
AERICH = Path(sys.executable).with_name("aerich")


async def write(name: str) -> int:
    """The exit status of aerich, which says what it has written."""
    with tempfile.TemporaryDirectory(prefix="ss-") as folder:
        async with opened(None, Path(folder)) as url:
            await apply_migrations(url)
            command = [str(AERICH), "migrate", "--name", name]
            environment = os.environ | {"SYNCV3_DB": url}
            return subprocess.run(command, cwd=ROOT, env=environment).returncode  # noqa: ASYNC221


if __name__ == "__main__":
    raise SystemExit(asyncio.run(write(sys.argv[1])))
