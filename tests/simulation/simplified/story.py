"""Stories of the simplified dialects: the actions of all stories, and more."""

from dataclasses import replace
from random import Random
from typing import Final

from tests.simulation.story import WEIGHTS, Setting, Story, tell, weave

MORE: Final[dict[str, int]] = {
    "unname": 2,
    "avatar": 2,
    "receipt": 6,
    "datum": 3,
    "tag": 3,
    "whisper": 5,
    "devices": 2,
    "extend": 3,
    "fall_back": 4,
}
ALL: Final = {**WEIGHTS, **MORE, "sync": 36, "change": 9, "subscribe": 6}


PLAYED: Final = [
    "message",
    "talk",
    "name",
    "topic",
    "join",
    "leave",
    "kick",
    "ban",
    "unban",
    "invite",
    "redact",
    "direct",
    "unread",
    "visibility",
    "upgrade",
    "reset",
    "profile",
    "sync",
    "lose_answer",
    "overlap",
    "delayed",
    "change",
    "subscribe",
    "rewind",
    "start_anew",
    "invent",
]
"""What there is of all stories where nothing is between the homeserver and its clients."""
OFTEN: Final = {"sync": 70, "talk": 6, "change": 14, "direct": 4, "invite": 6, "invent": 2}
LONG: Final = (60, 140)


def tell_simplified(seed: int) -> Story:
    """The story of a seed."""
    random = Random(f"simplified {seed}")
    return Story(seed, _setting(seed, random), weave(random, ALL))


def tell_played(seed: int) -> Story:
    """The same without pollers, workers and their faults, for a server that has none."""
    random = Random(f"played {seed}")
    weights = {kind: ALL[kind] for kind in (*PLAYED, *MORE)} | OFTEN
    actions = weave(random, weights, always=("sync",), length=random.randint(*LONG))
    kept = tuple(action for action in actions if action.kind in weights)
    return Story(seed, _setting(seed, random), kept)


def _setting(seed: int, random: Random) -> Setting:
    setting = tell(seed).setting
    rooms = random.randint(1, 5)
    pairs = [(user, room) for user in range(setting.users) for room in range(rooms)]
    joined = frozenset(pair for pair in pairs if random.random() < 0.6)
    return replace(setting, rooms=rooms, joined=joined)
