"""A client that keeps what it is shown no longer, over the real core and a real database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from syncv3.cache.perspective import Perspective
from syncv3.dialects.simplified.manners import SimplifiedManners
from syncv3.engine.manners import Manners
from syncv3.protocol.request import CompleteRequest, ListSpec, Request, RoomConfig
from syncv3.protocol.response import RoomAnswer, SyncResponse
from syncv3.types import RoomID, UserID
from tests.integration.core.build import ROOM, World
from tests.unit.engine.keeping import Asked, Plain

STATE = Asked((("m.room.topic", ""), ("m.room.name", "")))


@dataclass(frozen=True)
class KeepingDialect:
    """Requests are what the engine asks: nothing is read or written."""

    tag: ClassVar[str] = "k"
    manners: Manners = field(default_factory=SimplifiedManners)
    perspective: Perspective = field(default_factory=Plain)

    def ask(
        self, request: Request, previous: CompleteRequest | None, *, me: UserID
    ) -> CompleteRequest:
        assert isinstance(request.said, CompleteRequest)
        return request.said

    def write_config(self, config: RoomConfig) -> bytes:
        source = config.required_state[0] if config.required_state else Asked()
        assert isinstance(source, Asked)
        said = [config.timeline_limit, source.pairs, source.lazy, source.types]
        return json.dumps(said).encode()

    def read_config(self, stored: bytes) -> RoomConfig:
        limit, pairs, lazy, types = json.loads(stored)
        source = Asked(tuple(map(tuple, pairs)), lazy, tuple(types))
        return RoomConfig(limit, (source,))

    def restore(self, sticky: bytes, *, me: UserID) -> CompleteRequest:
        return CompleteRequest()


def window(
    limit: int = 10, state: Asked = STATE, stop: int = 20, **lists: RoomConfig
) -> CompleteRequest:
    config = RoomConfig(limit, (state,))
    return CompleteRequest(lists={"all": ListSpec(ranges=((0, stop),), config=config)})


@dataclass
class Client:
    """Asks for ``ask``, from the position of its last answer."""

    world: World
    user: UserID
    ask: CompleteRequest = field(default_factory=window)
    dialect: KeepingDialect = field(default_factory=KeepingDialect)
    pos: str | None = None
    conn_id: str = ""

    async def sync(self, pos: str | None = None, *, timeout_ms: int = 0) -> SyncResponse:
        """The next answer, or once more the one from an earlier position."""
        request = Request(conn_id=self.conn_id, pos=pos or self.pos, said=self.ask)
        who = await self.world.device(self.user)
        answer = await self.world.engine.sync(
            who, "token", self.dialect, request, timeout_ms=timeout_ms
        )
        self.pos = answer.pos
        return answer

    async def rooms(self, pos: str | None = None) -> Mapping[RoomID, RoomAnswer]:
        return (await self.sync(pos)).rooms

    async def room(self) -> RoomAnswer:
        """``ROOM``'s entry of the next answer."""
        return (await self.rooms())[ROOM]


def named(events: tuple[bytes, ...]) -> list[str]:
    """The names of events, of which several may be in one piece."""
    return [e["event_id"][1:] for e in json.loads(b"[" + b",".join(events) + b"]")]
