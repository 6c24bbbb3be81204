"""Which version of the service this is: shown at start, sent upstream, served to clients."""

import os
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

VIA: Final = "1.1 syncv3"
"""Its hop in ``Via`` headers, by which a request that comes back to it is known."""

_ROOT = Path(__file__).resolve().parent.parent


@cache
def service_version() -> str:
    """The version of the installed package; ``unknown`` when run without installing it."""
    try:
        return version("syncv3")
    except PackageNotFoundError:
        return "unknown"


@cache
def service_commit() -> str:
    """The first 7 characters of the commit, or ``unknown`` (rule O-3).

    Looked up once: it is in an answer that strangers may ask for, and finding it starts a
    program.
    A container image has no repository: its build sets ``SYNCV3_COMMIT``.
    """
    if given := os.environ.get("SYNCV3_COMMIT"):
        return given[:7]
    if not (_ROOT / ".git").exists():
        return "unknown"
    try:
        return _git("rev-parse", "--short=7", "HEAD")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(*arguments: str) -> str:
    """What git says of the source tree. Raises ``OSError`` and ``SubprocessError``."""
    command = ["git", "-C", str(_ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    return done.stdout.strip()
