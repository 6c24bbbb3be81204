"""What the client of a story asks for, now and at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from tests.support.room import JSON
from tests.support.simplified.wire import Pair, room_config, window

ME: Final = ("m.room.member", "$ME")
LAZY: Final = ("m.room.member", "$LAZY")
NAME: Final = ("m.room.name", "")
TOPIC: Final = ("m.room.topic", "")
AVATAR: Final = ("m.room.avatar", "")
MARKS: Final = ("org.example.mark", "*")

STATE: Final[tuple[tuple[Pair, ...], ...]] = (
    (ME, NAME),
    (ME, LAZY, NAME, TOPIC, MARKS),
    (ME, LAZY, AVATAR, ("org.example.mark", "k0")),
    (ME, ("*", "*")),
    (ME, TOPIC, ("*", "k1")),
)
"""Own membership is always asked for: without it clients take every room as joined."""
LIMITS: Final = (0, 1, 2, 5, 8)
SPANS: Final = (0, 1, 3, 99)
FILTERS: Final[Mapping[str, JSON]] = {
    "dms": {"is_dm": True},
    "invites": {"is_invite": True},
    "favourites": {"tags": ["m.favourite"]},
    "work": {"not_tags": ["u.work"], "is_invite": False},
    "secret": {"is_encrypted": True},
    "rooms": {"not_room_types": ["m.space"]},
}
EXTENSIONS: Final[Mapping[str, JSON]] = {
    name: {"enabled": True} for name in ("account_data", "receipts", "typing")
}

LAST_LIMIT: Final = 8
LAST_STATE: Final[tuple[Pair, ...]] = (ME, LAZY, NAME, TOPIC, AVATAR, MARKS, ("m.room.create", ""))


@dataclass(frozen=True, slots=True)
class Wish:
    """``lists`` and ``subscriptions`` as they are asked for."""

    lists: Mapping[str, JSON]
    subscriptions: Mapping[str, JSON] = field(default_factory=dict)

    @classmethod
    def first(cls) -> Self:
        return cls({"all": window(0, 1, timeline_limit=2, required_state=STATE[0])})

    @classmethod
    def last(cls) -> Self:
        """Everything, so that clients that were told different parts know the same."""
        lists = {"all": window(timeline_limit=LAST_LIMIT, required_state=LAST_STATE)}
        few: JSON = {"timeline_limit": 1, "required_state": [ME]}
        return cls(lists | {k: window(**few, filters=v) for k, v in FILTERS.items()})

    def changed(self, numbers: tuple[int, ...]) -> Self:
        """With another range, limit, state or filter."""
        span, limit, state, other = numbers
        whole = window(
            0, SPANS[span % len(SPANS)], timeline_limit=LIMITS[limit % len(LIMITS)],
            required_state=STATE[state % len(STATE)],
        )  # fmt: skip
        name = list(FILTERS)[other % len(FILTERS)]
        filtered = window(0, 2, timeline_limit=1, required_state=[ME], filters=FILTERS[name])
        return replace(self, lists={"all": whole} | ({name: filtered} if other % 2 else {}))

    def subscribed(self, rooms: list[str], numbers: tuple[int, ...]) -> Self:
        """With a subscription to one room more, or with none."""
        which, limit, state, many = numbers
        if not rooms or many % 3 == 0:
            return replace(self, subscriptions={})
        config = room_config(LIMITS[limit % len(LIMITS)], STATE[state % len(STATE)])
        room = rooms[which % len(rooms)]
        return replace(self, subscriptions={**self.subscriptions, room: config})
