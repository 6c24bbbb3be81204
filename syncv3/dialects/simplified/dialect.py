"""The unstable simplified sliding sync: what clients on today's SDKs speak.

Three things make it simpler than MSC3575. Nothing is sticky: each request says all that it wants.
Lists have no operations that a client must follow: it sorts by the rooms' ``bump_stamp`` itself.
And a client keeps every room that it was sent, so a room that left a window and comes back is told
as what has changed since (``manners.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from syncv3.dialects.simplified import requests, responses
from syncv3.dialects.simplified.configs import read_config, write_config
from syncv3.dialects.simplified.manners import SimplifiedManners
from syncv3.dialects.simplified.perspective import SeenSimply
from syncv3.dialects.simplified.values import complete, wait_ms
from syncv3.protocol.request import CompleteRequest, Request, RoomConfig
from syncv3.protocol.response import SyncResponse
from syncv3.types import UserID


@dataclass(frozen=True, slots=True)
class Simplified:
    """``extensions`` names the enabled ones: requests to others are ignored.

    ``ops``: lists are told with operations, besides their count.
    """

    extensions: frozenset[str] = frozenset()
    ops: bool = True
    tag: ClassVar[str] = "u"
    paths: ClassVar[tuple[str, ...]] = (
        "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
    )
    reads_after_token: ClassVar[bool] = True  # S-9
    takes_token_in_query: ClassVar[bool] = True  # S-2
    manners: ClassVar[SimplifiedManners] = SimplifiedManners()
    perspective: ClassVar[SeenSimply] = SeenSimply()

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        """One request; ``pos``, ``timeout`` and ``set_presence`` are in the query."""
        return requests.read(raw, query, self.extensions)

    def timeout_ms(self, request: Request) -> int:
        """0 on a first request."""
        return wait_ms(request)

    def ask(
        self, request: Request, previous: CompleteRequest | None, *, me: UserID
    ) -> CompleteRequest:
        """Just what is said: nothing is sticky (S-22)."""
        return complete(request, previous, me=me)

    def restore(self, sticky: bytes, *, me: UserID) -> CompleteRequest:
        """Nothing was remembered: each request says all that it wants."""
        return CompleteRequest()

    def write_config(self, config: RoomConfig) -> bytes:
        """How a config is stored."""
        return write_config(config)

    def read_config(self, stored: bytes) -> RoomConfig | None:
        """The config that was stored."""
        return read_config(stored)

    def write(self, answer: SyncResponse) -> bytes:
        """The response body."""
        return responses.write(answer, ops=self.ops)
