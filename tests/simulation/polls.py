"""The pollers of a story: polls are computed at one time and delivered at another.

In between the worker may be killed, another may take the lease, the answer may get lost, or
be delivered twice. The clock is a counter: when the homeserver made an answer. ``dated``: it also
follows the times of the events.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import asyncpg

from syncv3.batch import DeviceData, Lease, Part
from syncv3.errors import HomeserverError, LeaseLost
from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserID, UserKey
from syncv3.upstream.decode import Frame, SyncAnswer
from tests.simulation.processes import Processes
from tests.simulation.reader import Violation
from tests.simulation.story import Setting
from tests.support.v2 import Filter, Syncer
from tests.support.world import Device as HomeDevice
from tests.support.world import World


@dataclass(eq=False)
class Flight:
    """A poll whose answer is under way. ``worker`` is a number."""

    worker: int
    lease: Lease
    parts: list[Part]
    gapped: set[str]
    frame: Frame
    body: bytes


@dataclass(eq=False)
class Poller:
    """One device's poller. ``owner`` is the number of the worker that has its lease."""

    device: Device
    home: HomeDevice
    owner: int = 0
    lease_no: int = 1
    since: int | None = None
    flight: Flight | None = None


@dataclass(eq=False)
class Question:
    """Who is in a room behind its gap? ``gap_ord`` None: it was not put yet."""

    worker: int
    room_id: str
    gap_ord: int | None = None
    joined: list[UserID] = field(default_factory=list)


class Polls:
    """All pollers, what is under way, and who must be asked after."""

    def __init__(
        self, pool: asyncpg.Pool, world: World, processes: Processes, setting: Setting
    ) -> None:
        self.pool = pool
        self.world = world
        self.processes = processes
        self.setting = setting
        self.clock_us = 0
        self.dated = False
        self.pollers: list[Poller] = []
        self.stale: list[Flight] = []  # of pollers that have lost their lease
        self.doubtful: list[Question] = []
        self.gapped: set[str] = set()  # rooms in which a gap has hidden events
        self.filled: set[str] = set()  # rooms of which older messages have been fetched
        self.on_delivery: Callable[[Poller, Flight], None] = lambda poller, flight: None

    def served(self, device: Device) -> bool:
        """Whether the device's poller has delivered its first answer."""
        return any(p.device == device and p.since is not None for p in self.pollers)

    async def resume(self, number: int) -> None:
        """A new worker takes its pollers up again; what the old one wanted to ask is lost."""
        for poller in self.pollers:
            if poller.owner == number:
                await self.own(poller, number)
        self.doubtful = [asked for asked in self.doubtful if asked.worker != number]

    async def go_back(self) -> None:
        """The database is an older one: pollers go on from there."""
        self.doubtful.clear()
        for poller in self.pollers:
            await self.own(poller, poller.owner)

    async def new_poller(self, user: str, name: str) -> Device:
        self.world.create_token(user, name)
        row = await self.pool.fetchrow(
            "WITH u AS (INSERT INTO ss_users (user_id) VALUES ($1) ON CONFLICT (user_id)"
            " DO UPDATE SET user_id = excluded.user_id RETURNING id),"
            " d AS (INSERT INTO ss_devices (user_key, device_id) SELECT id, $2 FROM u"
            " RETURNING id, user_key), p AS (INSERT INTO ss_pollers (device_key, owner, lease_no)"
            " SELECT id, 'w0', 1 FROM d) SELECT id, user_key FROM d", user, name,
        )  # fmt: skip
        device = Device(UserID(user), DeviceID(name), UserKey(row[1]), DeviceKey(row[0]))
        self.pollers.append(Poller(device, self.world.devices[(user, name)]))
        return device

    def poller(self, number: int, *, asking: bool = False) -> Poller:
        """One of the pollers, of those with an answer under way (or without) if there are."""
        fitting = [p for p in self.pollers if (p.flight is None) == asking] or self.pollers
        return fitting[number % len(fitting)]

    def do_poll(self, number: int, split: int, *_: int) -> bool:
        poller = self.poller(number, asking=True)
        if poller.flight is None:
            poller.flight = self.compute(poller, split=split % 4 == 0)
        return poller.flight is not None

    def compute(self, poller: Poller, *, split: bool = False) -> Flight | None:
        """The homeserver's answer now; None: it has no news."""
        wanted = Filter(limit=self.setting.limit, lazy=True, redundant=True)
        upto = self.world.position
        reply = Syncer(
            self.world, poller.home, poller.since, upto, wanted,
            state_after=self.setting.state_after,
        ).reply()  # fmt: skip
        if not reply.news:
            return None
        self.clock_us += 1
        if self.dated:
            self.clock_us = max(self.clock_us, self.world.clock_ms * 1000)
        lease = Lease(poller.device.device_key, f"w{poller.owner}", poller.lease_no)
        frame = Frame(
            poller.device.user_id,
            poller.device.device_id,
            poller.device.user_key,
            lease,
            None if poller.since is None else f"s{poller.since}",
            self.clock_us,
        )
        body = json.dumps(reply.body).encode()
        answer = SyncAnswer(body, state_after=self.setting.state_after)
        parts = [part for part in answer.parts(frame) if part is not None]
        if split:
            parts = _split(parts[0])
        gapped = {
            room_id
            for section in ("join", "leave")
            for room_id, room in reply.body.get("rooms", {}).get(section, {}).items()
            if room["timeline"]["limited"]
        }
        return Flight(poller.owner, lease, parts, gapped, frame, body)

    async def do_deliver(self, number: int, *_: int) -> bool:
        poller = self.poller(number)
        flight, poller.flight = poller.flight, None
        if flight is None:
            return await self.deliver_stale(number)
        await self.deliver(poller, flight)
        return True

    async def deliver_stale(self, number: int) -> bool:
        """A worker that has lost the lease, and does not know it, delivers."""
        if not self.stale:
            return False
        flight = self.stale.pop(number % len(self.stale))
        try:
            for part in flight.parts:
                await self.processes.workers[flight.worker].committer.commit(part)
        except LeaseLost:
            return True
        raise Violation("a poller without a lease has written")

    async def deliver(self, poller: Poller, flight: Flight) -> None:
        """All parts are committed; what fails is asked for again, from what is stored."""
        self.gapped |= flight.gapped
        self.on_delivery(poller, flight)
        for part in flight.parts:
            await self.processes.workers[flight.worker].committer.commit(part)
            if part.next_since is not None:
                poller.since = int(part.next_since[1:])

    async def do_hear(self, number: int, *_: int) -> bool:
        """A poll without delay."""
        poller = self.poller(number, asking=True)
        flight = None if poller.flight else self.compute(poller)
        if flight is not None:
            await self.deliver(poller, flight)
        return flight is not None

    async def do_deliver_together(self, *_: int) -> bool:
        """In one group, as far as they are of one worker."""
        flights = [p for p in self.pollers if p.flight and len(p.flight.parts) == 1]
        entries = []
        for poller in flights:
            flight, poller.flight = poller.flight, None
            assert flight is not None
            entries.append(self.deliver(poller, flight))
        await asyncio.gather(*entries)
        return bool(flights)

    def do_lose_poll(self, number: int, *_: int) -> bool:
        """The answer never arrives."""
        poller = self.poller(number)
        lost, poller.flight = poller.flight is not None, None
        return lost

    async def do_truncate(self, number: int, length: int, *_: int) -> bool:
        """The answer ends in the middle: nothing of it may be taken in."""
        poller = self.poller(number)
        flight, poller.flight = poller.flight, None
        if flight is None:
            return False
        cut = flight.body[: length % len(flight.body)]
        try:
            parts = list(SyncAnswer(cut, state_after=self.setting.state_after).parts(flight.frame))
        except HomeserverError:
            return True
        raise Violation(f"a truncated answer was taken for {len(parts)} parts")

    async def do_deliver_twice(self, number: int, *_: int) -> bool:
        """The poller does not learn that its commit succeeded, and commits again."""
        poller = self.poller(number)
        flight, poller.flight = poller.flight, None
        if flight is None:
            return False
        await self.deliver(poller, flight)
        await self.processes.workers[flight.worker].committer.commit(flight.parts[-1])
        return True

    async def do_takeover(self, number: int, *_: int) -> bool:
        """Another worker takes the poller's lease; the answer under way comes too late."""
        poller = self.poller(number)
        if len(self.processes.workers) < 2:
            return False
        if poller.flight is not None:
            self.stale.append(poller.flight)
        await self.own(poller, (poller.owner + 1) % len(self.processes.workers))
        return True

    async def own(self, poller: Poller, worker: int) -> None:
        poller.flight = None
        poller.owner = worker
        poller.lease_no += 1
        since = await self.pool.fetchval(
            "UPDATE ss_pollers SET owner = $2, lease_no = $3 WHERE device_key = $1"
            " RETURNING since", poller.device.device_key, f"w{worker}", poller.lease_no,
        )  # fmt: skip
        poller.since = None if since is None else int(since[1:])

    def ask_members(self, worker: int, room_id: str) -> None:
        """A gap: who is in the room must be found out."""
        self.doubtful.append(Question(worker, room_id))

    async def do_confirm(self, number: int, *_: int) -> bool:
        """The homeserver is asked who is in a room; later its answer comes in."""
        if not self.doubtful:
            return False
        question = self.doubtful[number % len(self.doubtful)]
        if question.gap_ord is None:
            question.gap_ord = await self.pool.fetchval(
                "SELECT gap_ord FROM ss_rooms WHERE room_id = $1", question.room_id
            )
            members = self.world.rooms[question.room_id].members(self.world.position, "join")
            question.joined = [UserID(m.event["state_key"]) for m in members]
            return True
        self.doubtful.remove(question)
        await self.processes.workers[question.worker].learning.confirm(
            RoomID(question.room_id), question.gap_ord, question.joined
        )
        return True

    async def cut(self, number: int, fault: str) -> bool:
        """A commit during which the process, or its line to the database, ends."""
        poller = self.poller(number)
        flight = poller.flight
        if flight is None or not self.setting.faults:
            return False
        poller.flight = None
        worker = self.processes.workers[flight.worker]
        worker.line.fault = fault
        if fault.startswith("cut"):
            await self.deliver(poller, flight)
            return True
        committing = asyncio.create_task(self.deliver(poller, flight))
        await asyncio.gather(*worker.tasks, return_exceptions=True)
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)
        await worker.kill()
        await self.processes.restart(flight.worker)
        return True

    async def do_kill_before_commit(self, number: int, *_: int) -> bool:
        return await self.cut(number, "kill before")

    async def do_kill_after_commit(self, number: int, *_: int) -> bool:
        return await self.cut(number, "kill after")

    async def do_cut_before_commit(self, number: int, *_: int) -> bool:
        return await self.cut(number, "cut before")

    async def do_cut_after_commit(self, number: int, *_: int) -> bool:
        return await self.cut(number, "cut after")

    async def do_kill_at_statement(self, number: int, statement: int, *_: int) -> bool:
        """The process ends before any statement: also between two parts of one answer."""
        poller = self.poller(number)
        flight, poller.flight = poller.flight or self.compute(poller, split=True), None
        if flight is None or not self.setting.faults:
            return False
        worker = self.processes.workers[flight.worker]
        worker.line.left = statement % 6
        committing = asyncio.create_task(self.deliver(poller, flight))
        await self.end_at_statement(flight.worker, committing)
        return True

    async def do_kill_confirming(self, number: int, statement: int, *_: int) -> bool:
        """The same while it is stored who is in a room."""
        asked = [q for q in self.doubtful if q.gap_ord is not None]
        if not asked or not self.setting.faults:
            return False
        question = asked[number % len(asked)]
        self.doubtful.remove(question)
        worker = self.processes.workers[question.worker]
        worker.line.left = statement % 3
        assert question.gap_ord is not None
        committing = asyncio.create_task(worker.learning.confirm(
            RoomID(question.room_id), question.gap_ord, question.joined
        ))  # fmt: skip
        await self.end_at_statement(question.worker, committing)
        return True

    async def end_at_statement(self, number: int, committing: "asyncio.Task[None]") -> None:
        """Waits until the worker is done or dies, then starts another in its place."""
        worker = self.processes.workers[number]
        died = asyncio.create_task(worker.line.died.wait())
        await asyncio.wait((committing, died), return_when=asyncio.FIRST_COMPLETED)
        for task in (committing, died):
            task.cancel()
        await asyncio.gather(committing, died, return_exceptions=True)
        await worker.kill()
        await self.processes.restart(number)

    async def poll_all(self) -> bool:
        news = False
        for poller in self.pollers:
            flight, poller.flight = poller.flight, None
            flight = flight or self.compute(poller)
            if flight is not None:
                news = True
                await self.deliver(poller, flight)
        return news


def _split(part: Part) -> list[Part]:
    """One part as two: its first room alone, without the token that makes it whole, nor what
    becomes durable together with that (``syncv3.upstream.decode``)."""
    if len(part.joined) < 2:
        return [part]
    first = next(iter(part.joined))
    alone = replace(
        part,
        next_since=None,
        joined={first: part.joined[first]},
        left={},
        invited={},
        knocked={},
        device=DeviceData(),
        presence=(),
    )
    rest = replace(
        part, joined={r: v for r, v in part.joined.items() if r != first}, account_data=()
    )
    return [alone, rest]
