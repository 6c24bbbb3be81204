"""Random schedules: pollers that lag, answers with gaps, kicks, rejoins, lost answers.

A naive model of one room is the truth. Whatever the order in which answers come in, what
a client is told must be the room in order and without holes, never anything from outside
of its user's membership, and in the end the same as the truth. A failing seed replays.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from syncv3.batch import JoinedRoom, LeftRoom, Summary
from syncv3.engine.computing import HOLD_S
from syncv3.store.insiders import doubtful_users
from syncv3.types import Event, UserID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    CAROL,
    ROOM,
    World,
    event,
    member,
    name_of,
)

USERS = (ALICE, BOB, CAROL)
LIMIT = 4
STEPS = 70


@dataclass
class Room:
    """The truth: all events in order, and who was in the room behind each of them."""

    events: list[Event] = field(default_factory=list)
    joined: list[frozenset[UserID]] = field(default_factory=list)

    def add(self, new: Event) -> None:
        now = set(self.joined[-1]) if self.joined else set()
        if new.type == "m.room.member" and new.state_key is not None:
            change = now.add if b'"join"' in new.json else now.discard
            change(UserID(new.state_key))
        self.events.append(new)
        self.joined.append(frozenset(now))

    def is_joined(self, user: UserID, at: int) -> bool:
        return 0 <= at < len(self.joined) and user in self.joined[at]

    def may_see(self, user: UserID, at: int) -> bool:
        """Events from the join on to the event that ends the membership."""
        return self.is_joined(user, at) or self.is_joined(user, at - 1)

    def state(self, type: str, key: str, upto: int) -> Event | None:
        """The value of a state key before an index."""
        found = (e for e in reversed(self.events[:upto]) if (e.type, e.state_key) == (type, key))
        return next(found, None)


@dataclass
class Poller:
    user: UserID
    name: str
    seen: int = 0  # events up to here are in answers made so far
    was_in: bool = False
    pending: tuple[int, JoinedRoom | LeftRoom | None] | None = None

    def ask(self, room: Room, now: int) -> None:
        """The homeserver makes the next answer."""
        upto = len(room.events)
        is_in = room.is_joined(self.user, upto - 1)
        section: JoinedRoom | LeftRoom | None = None
        if is_in and (upto > self.seen or not self.was_in):
            section = self._joined(room, upto)
        elif self.was_in and not is_in:
            section = self._left(room, upto)
        self.seen, self.was_in, self.pending = upto, is_in, (now, section)

    def _joined(self, room: Room, upto: int) -> JoinedRoom:
        since = self.seen if self.was_in else 0
        first = max(since, upto - LIMIT)
        while not all(room.may_see(self.user, i) for i in range(first, upto)):
            first += 1
        limited = first > since or not self.was_in
        timeline = room.events[first:upto]
        state = self._state(room, timeline, 0 if not self.was_in else since, first)
        summary = Summary(joined=len(room.joined[-1]))
        return JoinedRoom(tuple(state) if limited else self._lazy(room, timeline, first), False,
                          tuple(timeline), limited, "t" if limited else None,
                          summary=summary)  # fmt: skip

    def _state(self, room: Room, timeline: Sequence[Event], since: int, first: int) -> list[Event]:
        keys = {(e.type, e.state_key) for e in room.events[since:first] if e.state_key is not None}
        keys = {key for key in keys if key[0] != "m.room.member"}
        found = [room.state(type, key or "", first) for type, key in sorted(keys)]
        return [e for e in found if e is not None] + list(self._lazy(room, timeline, first))

    def _lazy(self, room: Room, timeline: Sequence[Event], first: int) -> tuple[Event, ...]:
        senders = {e.sender for e in timeline} | {self.user}
        found = (room.state("m.room.member", user, first) for user in sorted(senders))
        return tuple(e for e in found if e is not None)

    def _left(self, room: Room, upto: int) -> LeftRoom:
        end = next(i for i in range(self.seen, upto) if not room.is_joined(self.user, i)) + 1
        last = max(i for i in range(upto) if room.may_see(self.user, i)) + 1
        end = max(end, last)
        first = max(self.seen, end - LIMIT)
        while not all(room.may_see(self.user, i) for i in range(first, end)):
            first += 1
        return LeftRoom((), tuple(room.events[first:end]), first > self.seen)


@dataclass
class Client:
    """What one client believes; checks whatever it is told."""

    user: UserID
    room: Room
    pos: str | None = None
    timeline: list[int] = field(default_factory=list)
    last_told: int = -1

    async def sync(self, world: World, *, lose: bool) -> bool:
        answer = await world.sync(self.user, self.pos, None if self.pos else ALL_ROOMS)
        told = answer.rooms.get(ROOM)
        if told is not None:
            indexes = [int(name_of(raw)) for raw in told.timeline]
            for at in indexes:
                assert self.room.may_see(self.user, at), f"{self.user} must not see {at}"
            before = [] if told.initial else self.timeline
            after = [*before, *indexes]
            if told.membership == "join":
                assert after == list(range(after[0], after[0] + len(after))) if after else True, (
                    f"{self.user}: {before} then {indexes}, initial: {told.initial}"
                )
            if not lose:
                self.timeline = after
        if not lose:
            self.pos = answer.pos
        return told is not None


class Play:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.workers = [world]
        self.random = Random(seed)
        self.room = Room()
        self.now = 10
        devices = [(ALICE, "PHONE"), (BOB, "PHONE"), (BOB, "LAPTOP"), (CAROL, "PHONE")]
        self.pollers = [Poller(*device) for device in devices]
        self.clients = [Client(user, self.room) for user in USERS]
        self.question: tuple[int, list[UserID]] | None = None
        self.room.add(event("0", "m.room.create", ALICE, content={}, key=""))
        for user in USERS:
            self.room.add(member(str(len(self.room.events)), user, before="invite"))

    def happen(self) -> None:
        """Something happens in the room."""
        name = str(len(self.room.events))
        there = sorted(self.room.joined[-1])
        kind = self.random.random()
        user = self.random.choice(USERS[1:])
        if kind < 0.12 and user in there:
            sender = self.random.choice([ALICE, user])
            self.room.add(member(name, user, "leave", sender=sender, before="join"))
        elif kind < 0.30 and user not in there:
            self.room.add(member(name, user, before="leave"))
        elif kind < 0.40:
            self.room.add(event(name, "m.room.topic", ALICE, content={"topic": name}, key=""))
        else:
            sender = self.random.choice(there)
            self.room.add(event(name, sender=sender, transaction_id=None))

    async def deliver(self, poller: Poller) -> None:
        assert poller.pending is not None
        (at, section), poller.pending = poller.pending, None
        joined = section if isinstance(section, JoinedRoom) else None
        left = {"left": {ROOM: section}} if isinstance(section, LeftRoom) else {}
        await self.world.poll(poller.user, at, joined, device=poller.name, **left)

    async def inquire(self) -> None:
        """The question who is there: its answer is made now, and stored later.

        It cannot tell a member who left and came back; such are left out here.
        """
        if self.question is None:
            gap, doubtful = await doubtful_users(self.world.pool, ROOM)
            stayed = frozenset.intersection(*self.room.joined[-30:])
            self.question = gap, [u for u in doubtful if u in stayed]
        else:
            await self.world.learning.confirm(ROOM, *self.question)
            await self.world.cache.refresh()
            self.question = None

    async def step(self) -> None:
        self.now += 1
        kind = self.random.random()
        poller = self.random.choice(self.pollers)
        if kind < 0.40:
            self.happen()
        elif kind < 0.60 and poller.pending is None:
            poller.ask(self.room, self.now)
        elif kind < 0.78 and poller.pending is not None:
            await self.deliver(poller)
        elif kind < 0.82:
            await self.inquire()
        else:
            client = self.random.choice(self.clients)
            answering = self.random.choice(self.workers)
            if self.random.random() < 0.8:
                await answering.cache.refresh()
            await client.sync(answering, lose=self.random.random() < 0.2)

    async def end(self) -> None:
        """Everything is delivered, and everybody has asked often enough."""
        self.room.add(event(str(len(self.room.events)), sender=ALICE))
        for poller in self.pollers * 2:
            self.now += 1
            if poller.pending is None:
                poller.ask(self.room, self.now)
            await self.deliver(poller)
        for client in self.clients:
            await client.sync(self.world, lose=False)
        if any(connection.hold for connection in self.world.connections):
            await asyncio.sleep(HOLD_S)  # what they were spared so long is due then
        for client in self.clients * 2:
            await client.sync(self.world, lose=False)

    async def check(self) -> None:
        there = self.room.joined[-1]
        last = len(self.room.events) - 1
        row = await self.world.pool.fetchrow("SELECT joined FROM ss_rooms")
        topic = self.room.state("m.room.topic", "", last + 1)
        assert await self.world.state("m.room.topic") == (topic and topic.event_id[1:])
        assert row is not None and row["joined"] == len(there)
        for client in self.clients:
            membership = await self.world.membership(client.user)
            assert (membership == "join") == (client.user in there), client.user
            if client.user in there:
                assert client.timeline and client.timeline[-1] == last, client.user


@pytest.mark.rules("X-1", "X-2", "X-4", "U-91", "U-92", "P-12", "U-94")
@pytest.mark.parametrize("seed", range(12))
async def test_clients_are_told_the_room_in_order_and_nothing_else(world: World, seed: int) -> None:
    play = Play(world, seed)
    world.engine.waiters.stopping = True  # no answer waits
    for _ in range(STEPS):
        await play.step()
    await play.end()
    await play.check()


@pytest.mark.rules("P-2")
@pytest.mark.parametrize("seed", range(100, 106))
async def test_two_workers_tell_it_like_one(world: World, database_url: str, seed: int) -> None:
    other = await World.start(database_url)
    try:
        play = Play(world, seed)
        play.workers.append(other)
        for worker in play.workers:
            worker.engine.waiters.stopping = True
            worker.connections.alone = False
        for _ in range(STEPS):
            await play.step()
        await play.end()
        await play.check()
    finally:
        await other.stop()


@pytest.mark.rules("P-2")
@pytest.mark.parametrize("seed", range(200, 206))
async def test_a_worker_that_is_killed_now_and_then_loses_nothing(
    world: World, database_url: str, seed: int
) -> None:
    play = Play(world, seed)
    for number in range(STEPS):
        play.workers[0].engine.waiters.stopping = True
        await play.step()
        if number % 20 == 19:  # what is not stored of its connections is lost
            killed, play.workers = play.workers[0], [await World.start(database_url)]
            if killed is not world:
                await killed.kill()
    last = play.workers[0]
    last.engine.waiters.stopping = True
    play.workers = [world]
    try:
        for client in play.clients:
            await client.sync(last, lose=False)
        await play.end()
        await play.check()
    finally:
        await last.kill()
