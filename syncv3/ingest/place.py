"""Which worker this is, and whether another one of this place is still alive.

A worker that was killed leaves its leases behind, and its pollers would stand still for
one lease time. Its successor on the same machine can know better. A worker's name says where it
runs and its process number, and there a process of this number either exists or does not. A number
that was given to another process since only costs the wait that there would be without this.
"""

import os
import socket
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex


def worker_name() -> str:
    """A name that no other worker has: where it runs, its process number, and a random part."""
    return f"{_place()}-{os.getpid()}-{token_hex(4)}"


def dead_workers(names: Iterable[str], me: str) -> list[str]:
    """Those of the names whose workers ran in the place of ``me``, and whose processes are gone."""
    place = me.split("-", 1)[0]
    dead = []
    for name in names:
        there, _, rest = name.partition("-")
        number = rest.partition("-")[0]
        if name != me and there == place and number.isdigit() and not _runs(int(number)):
            dead.append(name)
    return dead


def _runs(number: int) -> bool:
    if number == os.getpid():
        return False  # the number is ours now: its former owner has ended
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _place() -> str:
    """A digest of one boot of one machine, and in it one space of process numbers: two containers
    of one host may have the same numbers, and so may a machine before and after a boot."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            file = Path(path)
            parts.append(str(file.readlink()) if file.is_symlink() else file.read_text())
        except OSError:
            parts.append("")
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
