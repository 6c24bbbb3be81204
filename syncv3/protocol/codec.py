"""What a dialect of sliding sync has to offer: JSON in, JSON out, and nothing waits.

A codec turns one request body into the engine's ``Ask`` and one ``Answer`` into the bytes
of a response. It knows nothing of HTTP, connections or the database.
"""

from typing import Protocol, TypeVar

from syncv3.protocol.request import Ask
from syncv3.protocol.response import Answer
from syncv3.types import UserID


class Body(Protocol):
    """One parsed and valid request body; beyond these it is its codec's own affair."""

    @property
    def conn_id(self) -> str:
        """Names one of the device's connections; empty when the client has only one."""

    @property
    def txn_id(self) -> str | None:
        """What the response has to repeat, or None."""

    @property
    def blank(self) -> bool:
        """Whether the request came without a body."""


B = TypeVar("B", bound=Body)


class Codec(Protocol[B]):
    """One dialect. ``B`` is the type of its bodies: only the codec looks inside."""

    @property
    def name(self) -> str:
        """The dialect's name in logs and metrics."""

    def parse(self, raw: bytes) -> B:
        """The body of one request, validated; no bytes at all are an empty object.

        Raises ``BadJSON`` for what is not JSON of the right shape, ``InvalidParam`` for
        values out of range.
        """

    def merge(self, body: B, previous: Ask | None, *, me: UserID) -> Ask:
        """The complete request: ``body`` on top of what the connection had asked before.

        ``previous`` is the connection's last ``Ask``, or None on a new connection. When
        only ``txn_id`` differs, ``Ask.sticky`` is the very object of ``previous``: nothing
        has to be stored. Raises ``InvalidParam`` when the sum of all requests is too large.
        """

    def restore(self, sticky: bytes, *, me: UserID) -> Ask:
        """The ``Ask`` whose ``sticky`` was stored, for a connection that memory forgot."""

    def encode(self, answer: Answer) -> bytes:
        """The response body."""
