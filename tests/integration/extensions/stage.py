"""An extension on its stage: a real database, the real committer and cache, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg

from syncv3.batch import DeviceData, Lease, Part
from syncv3.bus.local import LocalBus
from syncv3.cache.cache import Cache
from syncv3.engine.asking import Marks
from syncv3.extension import Answer, Arrival, Extension, Scope, Shown
from syncv3.ingest.committer import Committer
from syncv3.ingest.publishing import Publishing
from syncv3.store.rows import ChangeRow
from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserID, UserKey

ROOM = """
INSERT INTO ss_rooms (room_key, room_id, version, pos, reset_pos, generated_us, encrypted,
    joined, invited, heroes, newest, name_pos, avatar_pos, counts_pos, members_complete,
    history_hidden)
VALUES ($1, $2, 0, 0, 0, 0, false, 0, 0, '[]', '{}', 0, 0, 0, false, false)
"""
USER = """
INSERT INTO ss_users (user_id) VALUES ($1)
ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id RETURNING id
"""
DEVICE = "INSERT INTO ss_devices (user_key, device_id) VALUES ($1, $2) RETURNING id"
POLLER = """
INSERT INTO ss_pollers (device_key, owner, lease_no, since) VALUES ($1, 'worker', 1, '0')
"""


@dataclass(slots=True)
class CountingPool:
    """A pool that counts the statements it is asked to run."""

    pool: asyncpg.Pool
    statements: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.pool, name)

        async def counted(statement: str, *arguments: object) -> Any:
            self.statements.append(statement)
            return await method(statement, *arguments)

        return counted


class Stage:
    """``report`` is what a poller brings, ``ask`` what a client asks."""

    def __init__(self, pool: asyncpg.Pool, extension: Extension) -> None:
        self.pool = pool
        self.extension = extension
        self.queries = CountingPool(pool)
        self.rooms: dict[RoomID, int] = {}
        self.changes: list[ChangeRow] = []
        self.cache = Cache(pool)
        self.cache.listeners.append(lambda users, changes: self.changes.extend(changes))
        self.committer = Committer(pool, LocalBus(), [extension])
        self.clock_us = 1_700_000_000_000_000
        self.since: dict[int, int] = {}  # what each device has polled, by its key

    async def __aenter__(self) -> Self:
        await self.committer.start()
        await self.cache.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.committer.stop()

    @property
    def publishing(self) -> Publishing:
        """Writes what the extension says by itself."""
        return Publishing(self.committer.writer)

    async def device(self, user: str = "@alice:hs", device_id: str = "PHONE") -> Device:
        user_key = await self.pool.fetchval(USER, user)
        device_key = await self.pool.fetchval(DEVICE, user_key, device_id)
        await self.pool.execute(POLLER, device_key)
        return Device(UserID(user), DeviceID(device_id), UserKey(user_key), DeviceKey(device_key))

    async def room(self, name: str = "!room:hs") -> RoomID:
        room_id = RoomID(name)
        self.rooms[room_id] = len(self.rooms) + 1
        await self.pool.execute(ROOM, self.rooms[room_id], room_id)
        return room_id

    def part(self, who: Device, *, at_us: int | None = None, **sections: Any) -> Part:
        """What a poller brings next. ``at_us``: when it was made; else a second later."""
        self.clock_us += 1_000_000
        since = self.since.get(who.device_key, 0)
        self.since[who.device_key] = since + 1
        return Part(
            user_id=who.user_id,
            device_id=who.device_id,
            user_key=who.user_key,
            lease=Lease(who.device_key, "worker", 1),
            since=str(since),
            next_since=str(since + 1),
            generated_us=self.clock_us if at_us is None else at_us,
            **sections,
        )

    async def report(self, who: Device, **sections: Any) -> None:
        """A poller's answer is ingested, and the cache knows."""
        await self.ingest(self.part(who, **sections))

    async def ingest(self, part: Part) -> None:
        """Only what the extension makes of it: rooms of the part are taken as stored."""
        gave = self.extension.ingest(part)
        await self.publishing.publish(self.extension.name, gave.writes)
        await self.pool.execute(
            "UPDATE ss_pollers SET generated_us = $2 WHERE device_key = $1",
            part.lease.device_key,
            part.generated_us,
        )
        await self.cache.refresh()

    async def report_device(self, who: Device, **data: Any) -> None:
        await self.report(who, device=DeviceData(**data))

    def scope(
        self,
        device: Device,
        *,
        since: int | None = None,
        told: bool | None = None,
        config: Any = None,
        rooms: Sequence[RoomID] | None = None,
        shown: Mapping[RoomID, Shown] | None = None,
        ignored: Sequence[str] = (),
    ) -> Scope:
        chosen = {room: self.rooms[room] for room in (self.rooms if rooms is None else rooms)}
        return Scope(
            device=device,
            config=self.extension.configure({} if config is None else config),
            since=since,
            upto=self.cache.position,
            epoch=self.cache.epoch,
            told=since is not None if told is None else told,
            rooms=chosen,
            shown=shown or {},
            watermarks=Marks(
                self.cache.changes,
                self.extension.name,
                device.user_key,
                device.device_key,
                frozenset(chosen.values()),
            ),
            ignored=frozenset(map(UserID, ignored)),
        )

    async def ask(self, device: Device, **scope: Any) -> Answer:
        """The extension's answer as the core would get it."""
        return await self.answer(self.scope(device, **scope))

    async def answer(self, scope: Scope) -> Answer:
        extension = self.extension
        always = extension.always or (extension.with_rooms and scope.shown)
        if not (always or not scope.told or scope.initial or scope.changed):
            return Answer()
        pool: Any = self.queries
        return extension.respond(scope, await extension.load(scope, pool))

    async def accept(
        self, device: Device, *, config: Any = None, acknowledged: int | None = None
    ) -> None:
        pool: Any = self.queries
        chosen = self.extension.configure({} if config is None else config)
        await self.extension.accept(Arrival(device, chosen, acknowledged), pool)
