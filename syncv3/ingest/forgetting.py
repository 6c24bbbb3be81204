"""Stores which rooms users have forgotten, as the homeserver's answers to them tell.

Polls say nothing of it (S-602). So it is known of those who forget through the gateway.
"""

import asyncio
from typing import Final

from syncv3.errors import Unavailable
from syncv3.ingest.learning import Writer
from syncv3.ingest.planning.forgets import plan_forgotten
from syncv3.store.knowledge import Wants
from syncv3.store.stream import clock_us
from syncv3.types import RoomID, UserID

TRIES: Final = 20  # with growing pauses, two seconds in all: a client waits for the answer
PAUSE_S: Final = 0.01


class Forgetting:
    """Notes rooms as forgotten, in groups of its own."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def forget(self, user_id: UserID, room_id: RoomID, asked: float) -> None:
        """Stores that a user has forgotten a room, if they had to do with it.

        ``asked`` is the loop's time before the homeserver was asked to forget it. Raises
        ``Unavailable`` if others write the room all the time.
        """
        for number in range(TRIES):
            if await self._try(user_id, room_id, asked):
                return
            await asyncio.sleep(number * PAUSE_S)
        raise Unavailable("the room cannot be forgotten here just now; try again")

    async def _try(self, user_id: UserID, room_id: RoomID, asked: float) -> bool:
        """Looks up, plans and writes once; False: the room was written meanwhile."""
        writer = self._writer
        async with writer.pool.acquire() as db:
            # The request was timed by the loop's clock, memberships are by the database's.
            now_us = await clock_us(db)
            passed_s = asyncio.get_running_loop().time() - asked
            want = Wants({room_id}, user_rooms={(user_id, room_id)})
            known = await writer.look_up(db, want)
            asked_us = now_us - int(passed_s * 1_000_000)
            group = plan_forgotten(user_id, room_id, asked_us, known, writer.keys)
            return await writer.write(db, group) is not None
