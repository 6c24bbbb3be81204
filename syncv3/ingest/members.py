"""Completes the member list of a room, when a client asks for all members.

Upstream syncs load members lazily, so most rooms' lists are partial. A list is fetched
once, with the token of a user who is in the room, and kept current by the stream from then
on; a gap makes it partial again. What is learned so is knowledge, not news.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, Protocol

from syncv3.errors import HomeserverError, UnknownToken
from syncv3.types import Device, DeviceKey, Event, RoomID

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
ROOMS_A_REQUEST: Final = 40
WAIT_S: Final = 5.0


class Source(Protocol):
    """Where member lists come from: the homeserver."""

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]: ...


class Tokens(Protocol):
    async def tokens_of(self, device_key: DeviceKey) -> list[str]: ...


class Learner(Protocol):
    """Stores a complete member list; see ``Committer.learn_members``."""

    async def learn_members(self, room_id: RoomID, members: Sequence[Event]) -> None: ...


Incomplete = Callable[[int], RoomID | None]
"""The ID of a room whose list is partial, by its key; None if it is complete."""

Since = Callable[[int], Awaitable[str | None]]


class MemberLists:
    """Fetches lists on demand, each room once at a time, a bounded number at once."""

    def __init__(
        self,
        source: Source,
        tokens: Tokens,
        learner: Learner,
        incomplete: Incomplete,
        since: Since,
    ) -> None:
        self._source = source
        self._tokens = tokens
        self._learner = learner
        self._incomplete = incomplete
        self._since = since
        self._running: dict[RoomID, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def complete(self, device: Device, rooms: Sequence[int]) -> None:
        """Waits at most five seconds for the lists of rooms that the device's user is in.

        What has not come by then is answered with the members known.
        """
        tasks = []
        for key in rooms[:ROOMS_A_REQUEST]:
            room_id = self._incomplete(key)
            if room_id is None:
                continue
            if room_id not in self._running:
                task = asyncio.create_task(self._fetch(device, room_id))
                task.add_done_callback(partial(self._done, room_id))
                self._running[room_id] = task
            tasks.append(self._running[room_id])
        if tasks:
            await asyncio.wait(tasks, timeout=WAIT_S)

    def _done(self, room_id: RoomID, _task: asyncio.Task[None]) -> None:
        self._running.pop(room_id, None)

    async def stop(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _fetch(self, device: Device, room_id: RoomID) -> None:
        async with self._slots:
            try:
                tokens = await self._tokens.tokens_of(device.device_key)
                since = await self._since(device.device_key)
                if tokens and since:
                    members = await self._source.members(tokens[0], room_id, at=since)
                    await self._learner.learn_members(room_id, members)
            except (HomeserverError, UnknownToken) as error:
                log.warning("The members of %s could not be fetched: %s", room_id, error)
