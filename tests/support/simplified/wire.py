"""How requests look in both forms of simplified sliding sync, and what answers call things.

U is the unstable form that Synapse serves itself, S the stable one of MSC4186. Tests write
their requests once, in the words of U; what says the same in S (rule S-235) is found here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from tests.support.room import JSON

Pair = tuple[str, str] | list[str]

ME = "$ME"
LAZY = "$LAZY"
MEMBER = "m.room.member"


class Dialect(Enum):
    U = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
    S = "/_matrix/client/v4/sync"

    @property
    def path(self) -> str:
        return self.value

    @property
    def stripped(self) -> str:
        """The field with the stripped state of an invite or a knock."""
        return "invite_state" if self is Dialect.U else "stripped_state"

    @property
    def expanded(self) -> str:
        """The field which says that a timeline reaches back behind what was sent before."""
        return "unstable_expanded_timeline" if self is Dialect.U else "expanded_timeline"


EVERYBODY: Final = (["m.room.member", LAZY], ["*", "*"])
"""Selectors that bring the members whom a timeline needs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, in the words of U. ``pos`` None: a new connection. ``has_device``: the
    access token belongs to one."""

    conn_id: str = ""
    pos: str | None = None
    timeout_ms: int | None = None
    lists: Mapping[str, JSON] = field(default_factory=dict)
    subscriptions: Mapping[str, JSON] = field(default_factory=dict)
    extensions: Mapping[str, JSON] = field(default_factory=dict)
    has_device: bool = True

    @property
    def brings_members(self) -> bool:
        """Whether all rooms must come with the members whom their timelines need."""
        return any(
            config.get("ranges") == [[0, 99]]
            and not config.get("filters")
            and any(pair in config["required_state"] for pair in EVERYBODY)
            for config in self.lists.values()
        )


def window(
    first: int = 0, last: int = 99, *more: tuple[int, int], timeline_limit: int = 10,
    required_state: Iterable[Pair] = (), **fields: Any,
) -> JSON:  # fmt: skip
    """A list with these ranges, both ends inclusive."""
    ranges = [[first, last], *map(list, more)]
    return {"ranges": ranges, **room_config(timeline_limit, required_state), **fields}


def room_config(timeline_limit: int = 10, required_state: Iterable[Pair] = ()) -> JSON:
    """A room subscription."""
    pairs = [list(pair) for pair in required_state]
    return {"timeline_limit": timeline_limit, "required_state": pairs}


def encode(dialect: Dialect, asked: Asked, me: str) -> tuple[dict[str, str | int], JSON]:
    """The query and the body of a request of the user ``me``."""
    loose = {"pos": asked.pos, "timeout": asked.timeout_ms}
    given = {name: value for name, value in loose.items() if value is not None}
    body: JSON = {"conn_id": asked.conn_id} if asked.conn_id else {}
    parts = {
        "lists": {k: _config(dialect, v, me) for k, v in asked.lists.items()},
        "room_subscriptions": {k: _config(dialect, v, me) for k, v in asked.subscriptions.items()},
        "extensions": dict(asked.extensions),
    }
    body |= {name: part for name, part in parts.items() if part}
    return (given, body) if dialect is Dialect.U else ({}, body | given)


def _config(dialect: Dialect, config: JSON, me: str) -> JSON:
    """A list or a subscription. Raises ``ValueError`` for what S cannot say."""
    if dialect is Dialect.U:
        return config
    kept = {k: v for k, v in config.items() if k not in ("ranges", "required_state", "filters")}
    if "ranges" in config:
        (kept["range"],) = config["ranges"]
    if "filters" in config:
        kept["filters"] = {_filter(name): value for name, value in config["filters"].items()}
    return kept | {"required_state": include(config["required_state"], me)}


def _filter(name: str) -> str:
    if name == "room_name_like":
        raise ValueError("S has no filter by name")
    return "is_invited" if name == "is_invite" else name


def include(pairs: Iterable[Pair], me: str) -> JSON:
    """The ``required_state`` of S that selects the same as pairs of U."""
    selectors = [(kind, key) for kind, key in pairs]
    elements = [_element(kind, key, me) for kind, key in selectors if key != LAZY]
    selected: JSON = {"include": elements} if elements else {}
    return selected | ({"lazy_members": True} if (MEMBER, LAZY) in selectors else {})


def _element(kind: str, key: str, me: str) -> JSON:
    both = {"type": kind, "state_key": me if key == ME else key}
    return {name: value for name, value in both.items() if value != "*"}
