"""The core without a homeserver: parts made by hand, committed, cached, answered.

A ``World`` is one worker: a committer, a cache and connections over a database; two on one
database are two workers. Times are small numbers: when the homeserver made an answer.
"""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg

from syncv3.batch import AccountData, JoinedRoom, Lease, LeftRoom, Part, StrippedRoom, Summary
from syncv3.bus.local import Bus, LocalBus
from syncv3.cache.cache import Cache
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.engine.computed import Want
from syncv3.engine.connections import Connections
from syncv3.engine.engine import Engine
from syncv3.engine.extensions import ExtensionRunner
from syncv3.engine.limits import ConnectionLimits
from syncv3.errors import MatrixError
from syncv3.extension import Extension
from syncv3.ingest.committer import Committer
from syncv3.ingest.learning import Learning
from syncv3.metrics import Metrics
from syncv3.protocol.pos import Signer, SigningKeys
from syncv3.protocol.response import RoomAnswer, SyncResponse
from syncv3.types import Device, DeviceID, DeviceKey, Event, EventID, RoomID, UserID, UserKey
from tests.support import pools
from tests.support.tasks import Tasks, begun, cut_off
from tests.support.waiting import until

KEYS = SigningKeys.of(b"secret")
ROOM = RoomID("!room:hs")
ALICE = UserID("@alice:hs")
BOB = UserID("@bob:hs")
CAROL = UserID("@carol:hs")
ALL_ROOMS: Mapping[str, Any] = {
    "lists": {
        "all": {
            "ranges": [[0, 20]],
            "sort": ["by_recency"],
            "timeline_limit": 20,
            "required_state": [["m.room.topic", ""], ["m.room.member", "$ME"]],
        }
    }
}
WITH_TOPIC = {"lists": {"all": {"required_state": [["m.room.topic", ""]]}}}
"""A request that adds the topic to the required state of the list ``all``."""


def event(
    name: str,
    type: str = "m.room.message",
    sender: UserID = ALICE,
    *,
    content: Mapping[str, Any] | None = None,
    key: str | None = None,
    redacts: str | None = None,
    before: str | None = None,
    transaction_id: str | None = None,
    at: int = 1,
) -> Event:
    """An event named ``$name``; ``before`` is the membership that a member event ended."""
    whole: dict[str, Any] = {
        "event_id": f"${name}",
        "type": type,
        "sender": sender,
        "origin_server_ts": at,
        "content": {"body": name} if content is None else content,
    }
    if key is not None:
        whole["state_key"] = key
    if redacts is not None:
        whole["redacts"] = f"${redacts}"
    return Event(
        event_id=EventID(f"${name}"),
        type=type,
        sender=sender,
        timestamp=at,
        json=json.dumps(whole).encode(),
        state_key=key,
        redacts=None if redacts is None else EventID(f"${redacts}"),
        prev_membership=before,
        transaction_id=transaction_id,
    )


def member(
    name: str,
    user: UserID,
    membership: str = "join",
    *,
    sender: UserID | None = None,
    before: str | None = None,
    **content: Any,
) -> Event:
    content["membership"] = membership
    return event(name, "m.room.member", sender or user, content=content, key=user, before=before)


def topic(name: str, sender: UserID = ALICE) -> Event:
    return event(name, "m.room.topic", sender, content={"topic": name}, key="")


def visibility(rule: str) -> Event:
    """Who may see the history."""
    kind = "m.room.history_visibility"
    return event(f"seen-{rule}", kind, content={"history_visibility": rule}, key="")


def messages(*names: str, sender: UserID = ALICE) -> tuple[Event, ...]:
    return tuple(event(name, sender=sender) for name in names)


def founding(*users: UserID) -> tuple[Event, ...]:
    """The state of a room in which these users are."""
    created = event("create", "m.room.create", ALICE, content={"room_version": "10"}, key="")
    return (created, *(member(f"in-{user}", user, before="invite") for user in users))


def chunk(
    *timeline: Event, state: Sequence[Event] = (), limited: bool = False, **more: Any
) -> JoinedRoom:
    return JoinedRoom(
        timeline=timeline,
        state=tuple(state),
        limited=limited,
        prev_batch="before" if limited else None,
        **more,
    )


def left(*timeline: Event, state: Sequence[Event] = (), limited: bool = False) -> LeftRoom:
    return LeftRoom(timeline=timeline, state=tuple(state), limited=limited)


def invite(user: UserID, by: UserID = ALICE) -> StrippedRoom:
    whole = {"type": "m.room.member", "state_key": user, "sender": by,
             "content": {"membership": "invite"}}  # fmt: skip
    return StrippedRoom((json.dumps(whole).encode(),))


def heroes(*users: UserID, joined: int | None = None) -> Summary:
    return Summary(heroes=users, joined=joined)


def account_data(type: str, content: Mapping[str, Any]) -> AccountData:
    return AccountData(type, json.dumps({"type": type, "content": content}).encode())


class Everybody:
    """Stands for the pollers, the member lists and the history: nothing has to be asked for.

    ``wanted`` notes of which rooms, by device and key, how many older events are wanted.
    ``polled`` ends when the devices are polled (None: they are), ``ails`` is what is wrong
    with their polls, ``arriving`` the users to whom an answer is here.
    """

    polled: "asyncio.Future[None] | None" = None
    ails: MatrixError | None = None
    imports = False

    def __init__(self) -> None:
        self.wanted: dict[tuple[Device, int], Want] = {}
        self.arriving: set[int] = set()

    def want(self, device: Device, rooms: Mapping[int, Want]) -> None:
        self.wanted.update(((device, key), want) for key, want in rooms.items())

    async def fetched(self, device: Device, rooms: Mapping[int, Want], most_s: float) -> None:
        self.want(device, rooms)

    async def first_answer(self, device: Device) -> bool:
        return False

    async def ensure(self, device: Device, token: str) -> None:
        return None

    def attend(self, device: Device, token: str) -> "asyncio.Future[None] | None":
        return self.polled

    def wake(self, device: Device, *, for_s: float) -> Coroutine[Any, Any, None] | None:
        return None

    def present(self, device: Device, presence: str, *, for_s: float) -> None:
        return None

    def is_arriving(self, user_key: int) -> bool:
        return user_key in self.arriving

    async def catch_up(self, device: Device, most_s: float) -> None:
        return None

    def importing(self, device: Device) -> bool:
        return self.imports

    def trouble(self, device: Device) -> MatrixError | None:
        return self.ails

    async def complete(self, rooms: Sequence[int]) -> None:
        return None


@dataclass
class World:
    """One worker. ``poll`` takes in what a user's device was told; ``sync`` answers."""

    pool: asyncpg.Pool
    bus: Bus
    committer: Committer
    cache: Cache
    connections: Connections
    engine: Engine
    dialect: MSC3575
    devices: dict[tuple[str, str], Device] = field(default_factory=dict)
    since: dict[int, str | None] = field(default_factory=dict)
    tokens: int = 0
    others: list["World"] = field(default_factory=list)
    everybody: Everybody = field(default_factory=Everybody)
    tasks: Tasks = frozenset()

    @classmethod
    async def start(
        cls,
        url: str,
        extensions: Iterable[Extension] = (),
        *,
        bus: Bus | None = None,
        pool: int = 4,
        limits: ConnectionLimits | None = None,
    ) -> Self:
        connections = await pools.pool(url, most=pool)
        return await cls.over(connections, list(extensions), bus or LocalBus(), limits)

    @classmethod
    async def over(
        cls,
        pool: asyncpg.Pool,
        extensions: list[Extension],
        bus: Bus,
        limits: ConnectionLimits | None = None,
    ) -> Self:
        committer = Committer(pool, bus, extensions)
        cache = Cache(pool)
        kept = Connections(pool, cache, bus, limits or ConnectionLimits())
        everybody = Everybody()
        engine = Engine(
            pool, cache, kept, everybody, everybody, Signer(KEYS),
            ExtensionRunner(extensions, pool), Metrics(), everybody,
        )  # fmt: skip
        dialect = MSC3575(frozenset(e.name for e in extensions))
        world = cls(pool, bus, committer, cache, kept, engine, dialect, everybody=everybody)
        world.tasks = await begun(committer.start())
        await cache.start()
        world.tasks |= await begun(kept.start())
        return world

    async def stop(self) -> None:
        """Ends as a service does that is told to."""
        self.engine.stop()
        await self.committer.stop()
        await self.connections.stop()
        await self.pool.close()

    async def kill(self) -> None:
        """Ends as a killed process does: nothing is stored any more."""
        self.engine.stop()
        await cut_off(self.tasks)
        self.pool.terminate()

    async def flush(self) -> None:
        """Stores what is not stored yet of connections, as happens once a second."""
        await self.connections.share(alone=self.connections.alone)

    async def forget_connections(self) -> None:
        """Nobody has used the connections for long: they are stored, and in no memory."""
        await self.flush()
        for connection in self.connections:
            connection.used = float("-inf")
        self.connections.sweep()

    @property
    def learning(self) -> Learning:
        """Takes in what the homeserver says apart from any sync."""
        return Learning(self.committer.writer)

    async def device(self, user: UserID, name: str = "PHONE") -> Device:
        """A device whose poller this worker owns."""
        known = self.devices.get((user, name))
        if known is not None:
            return known
        user_key = await self.pool.fetchval(
            "INSERT INTO ss_users (user_id) VALUES ($1) ON CONFLICT (user_id)"
            " DO UPDATE SET user_id = excluded.user_id RETURNING id", user,
        )  # fmt: skip
        key = await self.pool.fetchval(
            "INSERT INTO ss_devices (user_key, device_id) VALUES ($1, $2)"
            " ON CONFLICT (user_key, device_id) DO UPDATE SET device_id = excluded.device_id"
            " RETURNING id", user_key, name,
        )  # fmt: skip
        await self.pool.execute(
            "INSERT INTO ss_pollers (device_key, owner, lease_no) VALUES ($1, 'worker', 1)"
            " ON CONFLICT (device_key) DO NOTHING", key,
        )  # fmt: skip
        made = Device(user, DeviceID(name), UserKey(user_key), DeviceKey(key))
        self.devices[(user, name)] = made
        self.since[key] = await self.pool.fetchval(
            "SELECT since FROM ss_pollers WHERE device_key = $1", key
        )
        return made

    async def part(
        self,
        user: UserID,
        at: int,
        room: JoinedRoom | None = None,
        *,
        device: str = "PHONE",
        last: bool = True,
        **sections: Any,
    ) -> Part:
        """A part of an answer made at ``at``; ``room`` is ``ROOM``'s section."""
        if "device_data" in sections:
            sections["device"] = sections.pop("device_data")
        who = await self.device(user, device)
        self.tokens += 1
        since = self.since[who.device_key]
        end = f"s{self.tokens}-{who.device_key}"
        if last:
            self.since[who.device_key] = end
        if room is not None:
            sections["joined"] = {ROOM: room, **sections.get("joined", {})}
        lease = Lease(who.device_key, "worker", 1)
        return Part(
            user, DeviceID(device), who.user_key, lease, since, end if last else None, at,
            next_batch=end, **sections,
        )  # fmt: skip

    async def poll(
        self, user: UserID, at: int, room: JoinedRoom | None = None, **more: Any
    ) -> None:
        await self.committer.commit(await self.part(user, at, room, **more))
        await self.cache.refresh()

    async def poll_together(self, *parts: Part) -> None:
        """Commits parts in one group."""
        await asyncio.gather(*map(self.committer.commit, parts))
        await self.cache.refresh()

    async def sync(
        self,
        user: UserID,
        pos: str | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        timeout_ms: int = 0,
        device: str = "PHONE",
    ) -> SyncResponse:
        asked = body if body is not None else ({} if pos else ALL_ROOMS)
        request = self.dialect.read(json.dumps(asked).encode(), {"pos": pos or ""})
        who = await self.device(user, device)
        return await self.engine.sync(who, "token", self.dialect, request, timeout_ms=timeout_ms)

    async def until_waiting(self, user: UserID) -> None:
        """Wait until a request of the user is here, which is answered when there is news."""
        user_key = (await self.device(user)).user_key
        await until(lambda: any(self.engine.waiters.of(user_key)))

    async def timeline(self) -> list[tuple[str, bool]]:
        """The room's stored timeline in room order: (name, whether it is history)."""
        rows = await self.pool.fetch(
            "SELECT json, history FROM ss_events WHERE ord IS NOT NULL ORDER BY ord, event_key"
        )
        return [(name_of(row["json"]), row["history"]) for row in rows]

    async def state(self, type: str, key: str = "") -> str | None:
        """The name of the event that is the current value of a state key."""
        found = await self.pool.fetchval(
            "SELECT e.json FROM ss_room_state s JOIN ss_events e USING (event_key)"
            " WHERE s.type = $1 AND s.state_key = $2 AND s.to_pos IS NULL", type, key,
        )  # fmt: skip
        return None if found is None else name_of(found)

    async def membership(self, user: UserID) -> str | None:
        found: str | None = await self.pool.fetchval(
            "SELECT membership FROM ss_user_rooms JOIN ss_users u ON u.id = user_key"
            " WHERE u.user_id = $1", user,
        )  # fmt: skip
        return found


async def both_in(world: World) -> None:
    """Alice and Bob are in the room, and were told everything up to m1."""
    room = chunk(topic("t1"), *messages("m1", sender=CAROL), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


async def says(world: World, at: int, *names: str) -> None:
    """Carol, who is nobody's client here, writes; Bob's poller brings it."""
    await world.poll(BOB, at, chunk(*messages(*names, sender=CAROL)))
    for worker in world.others:
        await worker.cache.refresh()


def name_of(raw: bytes) -> str:
    whole = json.loads(raw)
    return str(whole["event_id"])[1:]


def names(room: RoomAnswer | None) -> list[str]:
    """The events of a room's timeline in an answer; none when the room is not in it."""
    return [] if room is None else [name_of(raw) for raw in room.timeline]


def told(answer: SyncResponse) -> list[str]:
    """The events of ``ROOM`` in an answer."""
    return names(answer.rooms.get(ROOM))


def state_told(answer: SyncResponse) -> list[str]:
    room = answer.rooms.get(ROOM)
    state = () if room is None else room.required_state
    return [str(event["event_id"])[1:] for event in json.loads(b"[" + b",".join(state) + b"]")]
