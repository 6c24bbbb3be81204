"""Says when the process can open no more files, which is when connections are refused.

Nobody is told otherwise: the kernel hands a new connection to the event loop, and the loop
has no number left for it and closes it again.
"""

import asyncio
import errno
import logging
import os
import resource
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
CALM_LOOKS: Final = 10
"""Looks without trouble until it counts as over: at the limit each closed connection lets one
in, so single looks succeed."""


def can_open_a_file() -> bool:
    """Whether there is a number left for one more file or connection."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return False
        raise
    return True


class OpenFiles:
    """Logs once when the limit is reached, and once when that is over."""

    def __init__(self, can_open: Callable[[], bool] = can_open_a_file) -> None:
        self._can_open = can_open
        self._calm_in = 0  # looks without trouble until it is over; 0: it is

    async def watch(self) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Log what has changed since the last look."""
        if not self._can_open():
            if not self._calm_in:
                most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
                log.error("No more files can be opened: connections are refused. Raise the limit"
                          " (LimitNOFILE= of systemd)", extra={"limit": most})  # fmt: skip
            self._calm_in = CALM_LOOKS
        elif self._calm_in:
            self._calm_in -= 1
            if not self._calm_in:
                log.info("Files can be opened again")
