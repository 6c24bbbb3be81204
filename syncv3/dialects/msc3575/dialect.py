"""MSC3575, sliding sync as it was first proposed.

A client shows windows of sorted lists: say, rooms 0 to 20 of all rooms by recency. The server tells
by *operations* how the windows change (``windows.py``), and sends the rooms that come into them
whole. What leaves them the client forgets. Parameters are *sticky*: the server remembers them, and
a request says only what it changes (``sticky.py``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec

from syncv3.dialects.msc3575 import sticky
from syncv3.dialects.msc3575.bodies import Body
from syncv3.dialects.msc3575.codec import encode, parse
from syncv3.dialects.msc3575.configs import read_config, write_config
from syncv3.dialects.msc3575.manners import Manners3575
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest, Request, RoomConfig
from syncv3.protocol.response import SyncResponse
from syncv3.types import UserID

DEFAULT_TIMEOUT_MS: Final = 10_000  # W-1
SHORTEST_TIMEOUT_MS: Final = 100  # W-2


@dataclass(frozen=True, slots=True)
class MSC3575:
    """``extensions`` names the enabled ones: requests to others are ignored."""

    extensions: frozenset[str] = frozenset()
    tag: ClassVar[str] = "m"
    paths: ClassVar[tuple[str, ...]] = (
        "/_matrix/client/unstable/org.matrix.msc3575/sync",
        "/_matrix/client/v3/sync",
    )  # H-1
    reads_after_token: ClassVar[bool] = False  # H-10
    takes_token_in_query: ClassVar[bool] = False  # H-3
    manners: ClassVar[Manners3575] = Manners3575()
    perspective: ClassVar[Seen3575] = Seen3575()

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        """One request; ``pos`` and ``timeout`` are in the query."""
        body = parse(raw, known=self.extensions)
        return Request(
            conn_id=body.conn_id,
            pos=query.get("pos") or None,
            timeout=query.get("timeout"),
            txn_id=body.txn_id,
            resume=body.delta_token,
            blank=body.blank,
            said=msgspec.structs.replace(body, txn_id=None),  # the same as what was said before
            lists=len(body.lists),
            subscriptions=len(body.room_subscriptions),
            unsubscribed=len(body.unsubscribe_rooms),
        )

    def timeout_ms(self, request: Request) -> int:
        """H-31, W-1, W-2."""
        if not request.timeout:
            return DEFAULT_TIMEOUT_MS
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", request.timeout):
            raise InvalidParam("timeout is not a whole number of milliseconds")
        return max(int(request.timeout), SHORTEST_TIMEOUT_MS)

    def ask(
        self, request: Request, previous: CompleteRequest | None, *, me: UserID
    ) -> CompleteRequest:
        """Adds what is said to what was said before: parameters are sticky."""
        body = request.said
        assert isinstance(body, Body)
        return sticky.merge(body, previous, me=me)

    def restore(self, remembered: bytes, *, me: UserID) -> CompleteRequest | None:
        """None: the connection was made, but its first request never taken in."""
        if not remembered:
            return None
        return sticky.restore(remembered, me=me, known=self.extensions)

    def write_config(self, config: RoomConfig) -> bytes | None:
        """Needed for rooms that a later connection goes on from (R-7)."""
        return write_config(config)

    def read_config(self, stored: bytes) -> RoomConfig | None:
        """The written config again."""
        return read_config(stored)

    def write(self, answer: SyncResponse) -> bytes:
        """The response body."""
        return encode(answer)
