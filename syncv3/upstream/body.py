"""The body of one answer: in memory while small, in an unlinked mapped file when large.

A first sync may be tens of megabytes. Collected in memory it costs twice its size; as a
mapped file it costs pages that the kernel may drop. The file has no name any more, so it goes with
the process, however that ends. Whoever reads it must copy what is to outlive it: one view kept pins
the whole mapping.
"""

import logging
import mmap
import tempfile
from dataclasses import dataclass
from typing import IO

from syncv3.errors import HomeserverError

SPOOL_FROM_BYTES = 1024 * 1024  # most answers are a few KiB, and never touch a file

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SyncBody:
    """One answer to /sync.

    ``first_byte`` is the loop's time when it began to arrive, which stands for when the
    homeserver made it. ``state_after``: it was asked for MSC4222's ``state_after``.
    """

    data: bytes | mmap.mmap
    first_byte: float
    state_after: bool = False

    def close(self) -> None:
        """Gives the mapped file back. Nothing may look into ``data`` any more."""
        if isinstance(self.data, mmap.mmap):
            try:
                self.data.close()
            except BufferError:
                logger.warning("a view into a spooled answer outlives it")


class BodySink:
    """Collects the pieces of one body; raises ``HomeserverError`` beyond ``limit`` bytes.

    Writing to the spool file blocks, but only as long as copying to the page cache takes.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._limit:
            raise HomeserverError(f"the answer is larger than {self._limit} bytes")
        if self._file is not None:
            self._file.write(piece)
            return
        self._pieces.append(piece)
        if self.size > SPOOL_FROM_BYTES:
            self._spool()

    def finish(self) -> bytes | mmap.mmap:
        """The whole body. The sink cannot be used afterwards."""
        if self._file is None:
            return b"".join(self._pieces)
        with self._file as file:
            file.flush()
            # The mapping holds the file, which may be closed now.
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def discard(self) -> None:
        """Give up what was collected."""
        if self._file is not None:
            self._file.close()

    def _spool(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by finish or discard)
        for piece in self._pieces:
            self._file.write(piece)
        self._pieces = []
