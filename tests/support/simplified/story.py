"""Random histories of an account, and what its client asks meanwhile.

A story is a function of its seed. An action has a kind and some numbers; what they mean is
decided when it is carried out, by taking them modulo what there is. So any part of a story is
a story too. An action that makes no sense, such as leaving a room that one is not in, does
nothing.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

NUMBERS: Final = 4
LENGTHS: Final = (30, 70)

AT_THE_HOMESERVER: Final = {
    "message": 14,
    "talk": 4,
    "name": 3,
    "unname": 1,
    "topic": 3,
    "avatar": 1,
    "mark": 4,
    "reaction": 2,
    "redact": 3,
    "create": 3,
    "chat": 1,
    "join": 6,
    "leave": 3,
    "invite": 4,
    "kick": 3,
    "ban": 1,
    "unban": 1,
    "knock": 1,
    "others_come": 4,
    "others_go": 3,
    "others_invite": 2,
    "others_rename": 1,
    "encrypt": 1,
    "direct": 2,
    "tag": 3,
    "untag": 1,
    "room_data": 2,
    "data": 2,
    "read": 4,
}
OF_THE_CLIENT: Final = {
    "ask": 22,
    "lose": 5,
    "wish": 6,
    "subscribe": 4,
    "forget": 1,
}
WEIGHTS: Final = AT_THE_HOMESERVER | OF_THE_CLIENT


@dataclass(frozen=True, slots=True)
class Action:
    """One step; ``numbers`` are any numbers below 2**16."""

    kind: str
    numbers: tuple[int, ...]


def story(seed: int) -> list[Action]:
    random = Random(seed)
    length = random.randint(*LENGTHS)
    kinds = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    beginning = ["create", "create", "create", "create", "others_come", "others_come", "ask"]
    return [Action(kind, _numbers(random)) for kind in (*beginning, *kinds)]


def _numbers(random: Random) -> tuple[int, ...]:
    return tuple(random.randrange(2**16) for _ in range(NUMBERS))
