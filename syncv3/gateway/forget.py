"""Notices that a user forgets a room: nothing else tells the service of it (S-602).

Whoever polls the user is not told. So what counts is the homeserver's answer to the request.
"""

import asyncio
from typing import NamedTuple

from sanic import Request

from syncv3.gateway.guard import token_of
from syncv3.gateway.paths import Target
from syncv3.types import RoomID
from syncv3.untrusted import is_id
from syncv3.web.callers import Caller
from syncv3.web.ports import Service


class Forget(NamedTuple):
    """A request to forget a room; ``asked`` is the loop's time before it is passed on."""

    token: str
    room_id: RoomID
    address: str
    asked: float

    async def is_done(self, service: Service) -> None:
        """The homeserver has done it. Raises ``MatrixError``: the client may ask once more."""
        await service.forget(self.token, self.room_id, self.asked, self.address)


def forget_of(request: Request, target: Target, caller: Caller) -> Forget | None:
    """What a request asks to forget; None if it is another request.

    Of one by which an application service may act for a user, the token does not say who it is
    for: then nothing is noticed. Raises ``InvalidParam`` for several tokens.
    """
    room_id = target.forgets
    if request.method != "POST" or room_id is None or not is_id(room_id) or target.masquerades:
        return None
    token = token_of(request, target)
    if token is None:
        return None
    now = asyncio.get_running_loop().time()
    return Forget(token, RoomID(room_id), caller.address, now)
