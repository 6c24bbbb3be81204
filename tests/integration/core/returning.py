"""A client that begins a connection with a delta token, or without."""

from collections.abc import Mapping
from typing import Any

from syncv3.protocol.response import SyncResponse
from syncv3.types import RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    ROOM,
    World,
    both_in,
    told,
)

OTHER = RoomID("!other:hs")
LIST: Mapping[str, Any] = ALL_ROOMS["lists"]["all"]


async def begin(
    world: World, token: str | None = "", *, user: UserID = ALICE, device: str = "PHONE",
    conn_id: str = "", subscribe: bool = False, **changed: Any,
) -> SyncResponse:  # fmt: skip
    """A first request with this token: one list of all rooms, or as changed."""
    body: dict[str, Any] = {"lists": {"all": {**LIST, **changed}}, "conn_id": conn_id}
    if subscribe:
        body |= {"lists": {}, "room_subscriptions": {ROOM: {"timeline_limit": 20}}}
    if token is not None:
        body["delta_token"] = token
    return await world.sync(user, body=body, device=device)


async def begun(world: World, **more: Any) -> SyncResponse:
    """Alice has the room, up to m1, on a connection that gives tokens."""
    await both_in(world)
    answer = await begin(world, **more)
    assert told(answer) == ["t1", "m1"] and answer.resume
    return answer


def whole(answer: SyncResponse) -> bool:
    return answer.rooms[ROOM].initial
