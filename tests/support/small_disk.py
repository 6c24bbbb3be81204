"""A disk of a few megabytes that one server sees, and that a test fills.

It is a tmpfs in a mount namespace of the server's own: it needs root, or a kernel that
lets users make namespaces, and ends with the server.
"""

import os
import pwd
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

PIECE = bytes(256 * 1024)


class SmallDisk:
    """``prefix`` is put before the server's command; then ``fill`` and ``free`` work.

    ``account`` is the user that the server shall run as, None for who runs the test.
    """

    def __init__(self, folder: Path, mib: int, account: str | None) -> None:
        self.folder = folder
        self._pid = 0
        folder.mkdir(exist_ok=True)
        place = shlex.quote(str(folder))
        if account is not None:
            entry = pwd.getpwnam(account)
            uid, gid = entry.pw_uid, entry.pw_gid
            outer = ["unshare", "--mount"]
            inner = f"setpriv --reuid={uid} --regid={gid} --clear-groups"
        else:
            uid, gid = 0, 0  # inside the namespace, where who runs the test is root
            outer = ["unshare", "--user", "--map-root-user", "--mount"]
            inner = f"unshare --user --map-user={os.geteuid()} --map-group={os.getegid()}"
        mount = f"mount -t tmpfs -o size={mib}m,mode=700,uid={uid},gid={gid} none {place}"
        self.prefix = (*outer, "sh", "-c", f'{mount} && exec {inner} -- "$0" "$@"')

    def works(self) -> bool:
        """Whether such a disk can be made here."""
        try:
            done = subprocess.run([*self.prefix, "true"], capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def used_by(self, pid: int) -> None:
        """The server runs as this process."""
        self._pid = pid

    def fill(self) -> None:
        """Nothing more fits, however small."""
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(PIECE):
                pass
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(PIECE[:1024]):
                pass

    def free(self) -> None:
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        """Seen through the server, whose namespace has the disk."""
        return Path(f"/proc/{self._pid}/root{self.folder}") / "filler"
