"""What happens at the homeserver meanwhile: messages, and people who come and go.

One ``random.Random`` decides, so the same seed tells the same life, whatever breaks.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.support.room import Room
from tests.support.world import Device, World

FEWEST, MOST = 3, 7  # members of a room
START_MEMBERS = 5
LEAST_ROOMS = 2  # of a user, if they had more


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything; ``rate``: acts a second."""

    users: int = 20
    devices: int = 50
    rooms: int = 14
    rate: float = 20.0


FULL = Size()


@dataclass(slots=True)
class Life:
    """Acts upon the world. ``sent``: event ID → when, by the monotonic clock.

    ``messages``: how many to-device messages each device was sent. ``only_talk``: nobody comes
    or goes meanwhile, and no to-device messages are sent.
    """

    world: World
    size: Size
    seed: int = 1
    sent: dict[str, float] = field(default_factory=dict)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    users: list[str] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    only_talk: bool = False
    chance: random.Random = field(init=False)
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        world, size = self.world, self.size
        world.dates_invites = True  # or their place in lists depends on when they are heard of
        self.users = [world.create_user(f"user{n}") for n in range(size.users)]
        for n in range(size.devices):
            token = world.create_token(self.users[n % size.users], f"DEVICE{n}")
            self.devices.append(world.device_of(token))
        for n in range(size.rooms):
            members = self.chance.sample(self.users, START_MEMBERS)
            room_id = world.create_room(members[0], name=f"Room {n}", preset="public_chat")
            for user in members[1:]:
                world.member(room_id, user, user, "join")
            self.rooms.append(world.room(room_id))
        self._note()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="life")

    async def stop(self) -> None:
        """Nothing happens from now on. Raises what went wrong meanwhile."""
        assert self._task is not None
        self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            self._task = None

    async def _run(self) -> None:
        """Keep the rate on average, also when the machine is late."""
        due = time.monotonic()
        while True:
            due += 1 / self.size.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))  # the rate
            act = self.chance.choices(ACTS, WEIGHTS)[0]
            if self.only_talk and act not in TALK:
                continue
            if act(self, self.chance.choice(self.rooms)):
                self.acts[act.__name__] += 1
                self._note()

    def _note(self) -> None:
        now = time.monotonic()
        for room in self.rooms:
            for stored in reversed(room.timeline):
                if stored.event["event_id"] in self.sent:
                    break
                self.sent[stored.event["event_id"]] = now

    def busy(self, user: str) -> bool:
        """Whether the user is in so many rooms that one less does not leave them alone: what
        is measured is when somebody is told of an event, so there must be some."""
        inside = [r for r in self.rooms if r.membership(user, self.world.position) == "join"]
        return len(inside) > LEAST_ROOMS

    def with_membership(self, room: Room, *memberships: str | None) -> list[str]:
        return [user for user in self.users
                if room.membership(user, self.world.position) in memberships]  # fmt: skip


def message(life: Life, room: Room) -> bool:
    """Half of them come back with a transaction ID."""
    sender = life.chance.choice(life.with_membership(room, "join"))
    content = {"msgtype": "m.text", "body": f"{len(life.sent)}"}
    own = [d for d in life.devices if d.user_id == sender] if life.chance.random() < 0.5 else []
    device = life.chance.choice(own) if own else None
    txn_id = f"txn{len(life.sent)}" if device else None
    life.world.send(room.room_id, sender, "m.room.message", content, device=device, txn_id=txn_id)
    return True


def redaction(life: Life, room: Room) -> bool:
    latest = room.timeline[-life.chance.randint(1, 20) :][0]
    if latest.event["type"] != "m.room.message":
        return False
    sender = life.chance.choice(life.with_membership(room, "join"))
    life.world.redact(room.room_id, sender, latest.event["event_id"])
    return True


def rename(life: Life, room: Room) -> bool:
    sender = life.chance.choice(life.with_membership(room, "join"))
    name = f"Room {life.rooms.index(room)} {len(life.sent)}"
    life.world.send(room.room_id, sender, "m.room.name", {"name": name}, state_key="")
    return True


def join(life: Life, room: Room) -> bool:
    """Whoever was invited, or anybody else; rooms do not grow for ever."""
    others = life.with_membership(room, "invite") or life.with_membership(room, None, "leave")
    if len(life.with_membership(room, "join")) >= MOST or not others:
        return False
    user = life.chance.choice(others)
    life.world.member(room.room_id, user, user, "join")
    return True


def leave(life: Life, room: Room) -> bool:
    return _end(life, room, kicked=False)


def kick(life: Life, room: Room) -> bool:
    return _end(life, room, kicked=True)


def _end(life: Life, room: Room, *, kicked: bool) -> bool:
    members = life.with_membership(room, "join")
    if len(members) <= FEWEST:
        return False
    target, other = life.chance.sample(members, 2)
    if not life.busy(target):
        return False
    life.world.member(room.room_id, other if kicked else target, target, "leave")
    return True


def invite(life: Life, room: Room) -> bool:
    others = life.with_membership(room, None, "leave")
    if len(life.with_membership(room, "invite")) >= 2 or not others:
        return False
    sender = life.chance.choice(life.with_membership(room, "join"))
    life.world.member(room.room_id, sender, life.chance.choice(others), "invite")
    return True


def to_device(life: Life, _room: Room) -> bool:
    target = life.chance.choice(life.devices)
    number = life.messages[target.key]
    life.messages[target.key] += 1
    sender = life.chance.choice(life.users)
    life.world.to_device(sender, target.user_id, target.device_id, "m.test", {"number": number})
    return True


Act = Callable[[Life, Room], bool]
TALK: Sequence[Act] = (message, redaction, rename)
ACTS: Sequence[Act] = (message, redaction, rename, join, leave, kick, invite, to_device)
WEIGHTS: Sequence[int] = (76, 3, 3, 4, 3, 3, 4, 4)
