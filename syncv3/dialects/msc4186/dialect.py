"""MSC4186 as it was accepted: simplified sliding sync at its stable path.

It decides nearly everything as the unstable dialect does (``dialects/simplified``). What differs is
given to that as settings: a changed membership or DM flag is worth an entry of its own
(``tells_changes``), rooms whose user was banned without having been in them are in no list, and
an invite's name is not said beside its stripped state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from syncv3.dialects.msc4186 import requests, responses
from syncv3.dialects.simplified.configs import read_config, write_config
from syncv3.dialects.simplified.manners import SimplifiedManners
from syncv3.dialects.simplified.perspective import SeenSimply
from syncv3.dialects.simplified.values import complete, wait_ms
from syncv3.protocol.request import CompleteRequest, Request, RoomConfig
from syncv3.protocol.response import SyncResponse
from syncv3.types import UserID


@dataclass(frozen=True, slots=True)
class MSC4186:
    """``extensions`` names the enabled ones: requests to others are ignored."""

    extensions: frozenset[str] = frozenset()
    tag: ClassVar[str] = "4"
    paths: ClassVar[tuple[str, ...]] = ("/_matrix/client/v4/sync",)
    reads_after_token: ClassVar[bool] = True  # S-9
    takes_token_in_query: ClassVar[bool] = True  # S-2
    manners: ClassVar[SimplifiedManners] = SimplifiedManners(tells_changes=True)
    perspective: ClassVar[SeenSimply] = SeenSimply(lists_strangers=False, names_invites=False)

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        """One request; all of it is in the body, the query says nothing (S-20)."""
        return requests.read(raw, self.extensions)

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
        return CompleteRequest()  # an empty one, never None: the connection can go on

    def write_config(self, config: RoomConfig) -> bytes:
        """How a config is stored."""
        return write_config(config)

    def read_config(self, stored: bytes) -> RoomConfig | None:
        """The config that was stored."""
        return read_config(stored)

    def write(self, answer: SyncResponse) -> bytes:
        """The response body."""
        return responses.write(answer)
