"""Stories: what happens, in which order. A story is a function of its seed.

An action has a kind and six numbers; what they mean is decided when it is carried out, by
taking them modulo what there is (users, rooms, polls under way). So any part of a story is
a story too, which is what shrinking needs. An action that makes no sense does nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Final

NUMBERS: Final = 6
LENGTHS: Final = ((5, 14), (15, 30), (31, 80))
SHARES: Final = (70, 25, 5)
"""How many actions are drawn, at least and at most, and in how many of a hundred stories."""

WEIGHTS: Final[dict[str, int]] = {
    # the homeserver
    "message": 16,
    "talk": 3,
    "name": 4,
    "topic": 4,
    "join": 6,
    "leave": 4,
    "kick": 6,
    "ban": 2,
    "unban": 2,
    "invite": 4,
    "redact": 3,
    "direct": 2,
    "unread": 2,
    "visibility": 2,
    "upgrade": 1,
    "reset": 3,
    "profile": 2,
    # the pollers
    "poll": 14,
    "deliver": 16,
    "hear": 14,
    "deliver_together": 4,
    "lose_poll": 2,
    "deliver_twice": 2,
    "truncate": 1,
    "confirm": 3,
    "takeover": 2,
    # older messages
    "ask_history": 8,
    "store_history": 8,
    # the workers
    "refresh": 5,
    "flush": 2,
    "stop": 1,
    "kill": 1,
    "kill_before_commit": 1,
    "kill_after_commit": 1,
    "cut_before_commit": 1,
    "cut_after_commit": 1,
    "kill_at_statement": 2,
    "kill_confirming": 1,
    "clean": 1,
    "keep": 1,
    "lose": 1,
    "fail_over": 1,
    "fence": 1,
    "release": 1,
    # the clients
    "sync": 24,
    "lose_answer": 5,
    "overlap": 3,
    "delayed": 2,
    "change": 6,
    "subscribe": 3,
    "rewind": 3,
    "start_anew": 1,
    "come_back": 6,
    "expire": 1,
    "invent": 1,
}

ALWAYS: Final = ("poll", "hear", "deliver", "sync")
"""No story is without these."""
TURNING: Final = ("join", "leave", "kick", "ban", "invite")
ABOUT_ROOMS: Final = ("message", "talk", "topic", "unban", *TURNING)
AFTERWARDS: Final = (
    ("message", "hear", "sync", "sync"),
    ("message", "message", "hear", "sync", "hear"),
    ("hear", "message", "hear", "sync"),
    ("join", "message", "hear", "sync"),
    ("talk", "hear", "sync", "hear", "sync"),
    ("talk", "hear", "confirm", "message", "confirm", "sync"),
    ("talk", "hear", "confirm", "kill_confirming", "sync"),
)
"""What is told soon after a change of memberships: there most can go wrong."""
RESTARTS: Final = (
    ("lose_answer", "flush", "kill", "sync"),
    ("flush", "lose_answer", "kill", "sync"),
    ("sync", "flush", "rewind", "kill", "sync"),
)
"""What is told soon after a client wants something else, about this client."""
RETURNS: Final = (
    ("hear", "sync", "lose_answer", "come_back", "sync"),
    ("hear", "sync", "message", "hear", "sync", "rewind", "come_back", "sync"),
    ("sync", "kick", "hear", "come_back", "sync", "lose_answer", "come_back", "sync"),
    ("change", "sync", "talk", "hear", "come_back", "sync"),
    ("hear", "sync", "flush", "kill", "hear", "come_back", "sync"),
    ("hear", "sync", "kill", "come_back", "sync", "come_back", "lose_answer", "sync"),
)
"""What is told soon after a client has come back with what it had stored, about this client."""
JOINED: Final = ("hear", "lose_answer", "flush", "kill", "sync")
"""What is told after a join: a new room is in an answer that is lost, but stored."""
LOSSES: Final = (
    ("hear", "sync", "lose", "sync"),
    ("message", "hear", "sync", "fence", "hear", "sync", "lose", "sync"),
    ("join", "message", "hear", "sync", "lose", "message", "hear", "sync"),
    ("change", "sync", "lose", "sync"),
    ("hear", "sync", "fail_over", "sync", "hear", "sync"),
    ("join", "message", "hear", "sync", "fail_over", "sync", "message", "hear", "sync"),
    ("sync", "talk", "hear", "flush", "fail_over", "hear", "sync"),
)

"""What is told soon after a backup."""
OPENED: Final = (
    ("hear", "sync", "ask_history", "kick", "hear", "store_history", "sync"),
    ("hear", "sync", "ask_history", "talk", "hear", "store_history", "ask_history", "sync"),
    ("hear", "sync", "ask_history", "kill", "sync", "store_history", "sync"),
    ("hear", "sync", "ask_history", "leave", "hear", "join", "hear", "store_history", "sync"),
    ("hear", "sync", "ask_history", "redact", "hear", "store_history", "sync"),
    ("hear", "sync", "ask_history", "ask_history", "store_history", "store_history", "sync"),
)
"""What is told soon after a client has opened a room."""


@dataclass(frozen=True, slots=True)
class Action:
    """One step. ``numbers`` are any numbers below 2**16."""

    kind: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind}{self.numbers}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a story starts from: it stays when the story is shortened.

    ``devices`` has each device's user; ``joined`` the pairs (user, room) that are in a room
    at the start, besides its creator, who is user ``room % users``.
    """

    users: int
    devices: tuple[int, ...]
    rooms: int
    joined: frozenset[tuple[int, int]]
    limit: int
    state_after: bool
    workers: int
    deaf: bool  # hints between workers get lost
    faults: bool
    warm: bool  # everybody is served already
    prompt: bool = False  # caches follow each delivery, as a rule


@dataclass(frozen=True, slots=True)
class Story:
    """A setting and what happens in it."""

    seed: int
    setting: Setting
    actions: tuple[Action, ...]

    def only(self, actions: tuple[Action, ...]) -> "Story":
        return replace(self, actions=actions)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.setting}", *map(str, self.actions)]
        return "\n  ".join(lines)


def read(line: str) -> tuple[str, Story]:
    """What a stored story is about, and the story: one line of JSON."""
    stored = json.loads(line)
    setting = stored["setting"]
    setting["joined"] = frozenset(map(tuple, setting["joined"]))
    setting["devices"] = tuple(setting["devices"])
    actions = tuple(Action(kind, tuple(numbers)) for kind, numbers in stored["actions"])
    return stored["what"], Story(stored["seed"], Setting(**setting), actions)


def write(what: str, story: Story) -> str:
    """The line that ``read`` reads."""
    setting = asdict(story.setting)
    setting["joined"] = sorted(story.setting.joined)
    actions = [(action.kind, action.numbers) for action in story.actions]
    return json.dumps({"what": what, "seed": story.seed, "setting": setting, "actions": actions})


def tell(seed: int) -> Story:
    """The story of a seed."""
    random = Random(seed)
    users = random.randint(2, 3)
    devices = [*range(users), *([random.randrange(users)] if random.random() < 0.4 else [])]
    rooms = random.randint(1, 4)
    joined = frozenset((u, r) for u in range(users) for r in range(rooms) if random.random() < 0.6)
    setting = Setting(
        users=users,
        devices=tuple(devices),
        rooms=rooms,
        joined=joined,
        limit=random.choice((1, 2, 3, 5, 20)),
        state_after=random.random() < 0.35,
        workers=random.choice((1, 1, 2)),
        deaf=random.random() < 0.3,
        faults=random.random() < 0.7,
        warm=random.random() < 0.85,
        prompt=random.random() < 0.7,
    )
    return Story(seed, setting, weave(random, WEIGHTS))


def weave(
    random: Random,
    weights_of: Mapping[str, int],
    *,
    always: Sequence[str] = ALWAYS,
    length: int | None = None,
) -> tuple[Action, ...]:
    """Actions of these kinds, as often as they weigh, each with what is told soon after it."""
    kinds, weights = list(weights_of), list(weights_of.values())
    # Each story has habits: some kinds come often, others not at all.
    weights = [w * random.choice((0, 1, 1, 1, 3)) for w in weights]
    for kind in always:
        at = kinds.index(kind)
        weights[at] = max(weights[at], weights_of[kind])
    length = length or random.randint(*random.choices(LENGTHS, SHARES)[0])
    chosen = random.choices(kinds, weights, k=length)
    actions: list[Action] = []
    for kind in chosen:
        actions.append(_action(random, kind))
        if kind == "join" and random.random() < 0.3:
            client = actions[-1].numbers[1]  # most devices have their user's number
            actions += [_about(random, kind, client) for kind in JOINED]
        elif kind == "ban" and random.random() < 0.5:
            room, _, banned = actions[-1].numbers[:3]
            actions += [_action(random, "hear"), _action(random, "unban", room, whom=banned)]
            actions += [_action(random, "hear"), _action(random, "join", room, by=banned)]
        elif kind in TURNING and random.random() < 0.6:
            room = actions[-1].numbers[0]
            actions += [_action(random, kind, room) for kind in random.choice(AFTERWARDS)]
        elif kind == "come_back" and random.random() < 0.5:
            client = actions[-1].numbers[0]
            actions += [_about(random, kind, client) for kind in random.choice(RETURNS)]
        elif kind in ("change", "subscribe") and random.random() < 0.2:
            client = actions[-1].numbers[0]
            actions += [_about(random, kind, client) for kind in random.choice(RESTARTS)]
        elif kind == "subscribe" and random.random() < 0.7:
            client, room = actions[-1].numbers[:2]
            actions += [
                _about(random, kind, client) if kind == "sync" else _action(random, kind, room)
                for kind in random.choice(OPENED)
            ]
        elif kind in ("name", "topic") and random.random() < 0.1:
            actions += [_action(random, kind) for kind in ("hear", "reset", "hear", "sync")]
        elif kind == "keep" and random.random() < 0.7:
            actions += [_action(random, kind) for kind in random.choice(LOSSES)]
    return tuple(actions)


def _action(
    random: Random,
    kind: str,
    room: int | None = None,
    *,
    by: int | None = None,
    whom: int | None = None,
) -> Action:
    numbers = [random.randrange(1 << 16) for _ in range(NUMBERS)]
    chosen = (room if kind in ABOUT_ROOMS else None, by, whom)
    for at, number in enumerate(chosen):
        if number is not None:
            numbers[at] = number
    return Action(kind, tuple(numbers))


def _about(random: Random, kind: str, client: int) -> Action:
    """An action of this client, or of the worker of the same number."""
    return Action(kind, (client, *_action(random, kind).numbers[1:]))
