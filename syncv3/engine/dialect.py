"""What the engine must be told of a dialect of sliding sync. It knows nothing else of any.

There is one object for each dialect (``dialects/*/dialect.py``). What it must do for the web edge,
which is reading and writing JSON, is in ``web/ports.py``.
"""

from typing import Protocol

from syncv3.cache.perspective import Perspective
from syncv3.engine.manners import Manners
from syncv3.protocol.request import CompleteRequest, Request, RoomConfig
from syncv3.types import UserID


class Dialect(Protocol):
    """One dialect; everything in it is a pure function."""

    @property
    def tag(self) -> str:
        """One ASCII character, in each ``pos`` and with each stored connection.

        It must never change. Connections and positions of dialects with other tags are strangers.
        """

    @property
    def manners(self) -> Manners: ...

    @property
    def perspective(self) -> Perspective: ...

    def ask(
        self, request: Request, previous: CompleteRequest | None, *, me: UserID
    ) -> CompleteRequest:
        """The complete request. ``previous`` is what the connection asked last, None on a new one.

        ``CompleteRequest.sticky`` has what must be remembered of it. If nothing of that changes
        it is the very object of ``previous``, and nothing has to be stored. Raises ``InvalidParam``
        when the sum of all requests is too large.
        """

    def restore(self, sticky: bytes, *, me: UserID) -> CompleteRequest | None:
        """The ``CompleteRequest`` whose ``sticky`` was stored, for a connection that memory forgot.

        None if a connection with nothing remembered cannot go on.
        """

    def write_config(self, config: RoomConfig) -> bytes | None:
        """How a config is stored, for the rooms that were sent with it.

        None: only its number is remembered. Then it is not known after a restart what these
        rooms were sent with (``Sent.config`` is None), unless it is just what is asked for.
        """

    def read_config(self, stored: bytes) -> RoomConfig | None:
        """The config that ``write_config`` wrote, perhaps in an earlier version of the dialect.

        It equals the one that was written, and has the same number. None: it cannot be read any
        more; of rooms that were sent with it all counts as not sent.
        """
