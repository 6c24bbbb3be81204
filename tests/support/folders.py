"""Where the servers that tests start keep their files: in memory, if there is room."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
ROOM_BYTES: Final = 2 * 1024**3
"""Free memory below which the disk is used. A PostgreSQL of the tests takes 60 MB when it is new
and 300 MB when its log is full; with standbys, two processes run up to six of them."""


def new_folder(name: str, *, memory: Path = MEMORY, room_bytes: int = ROOM_BYTES) -> Path:
    """An empty folder for a server, which whoever made it deletes.

    Creating and dropping a database makes and deletes 300 files: a disk takes several times as
    long for that, even where nothing is synced to it. Containers often have 64 MB of memory
    for files; they get a folder on the disk.
    """
    fits = memory.is_dir() and os.access(memory, os.W_OK)
    fits = fits and shutil.disk_usage(memory).free >= room_bytes
    return Path(tempfile.mkdtemp(prefix=f"syncv3-{name}-", dir=memory if fits else None))
