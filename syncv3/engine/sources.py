"""What an answer is made from, and what was found missing while making it.

Making an answer is pure, at the cache's position: wherever something is not in memory it
is noted as missing, everything missing is then loaded in one go, and the answer is made
again. Two or three rounds reach any answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncv3.cache.cache import Cache
from syncv3.cache.events import CachedEvent
from syncv3.cache.members import MemberList
from syncv3.cache.seen import SeenRooms
from syncv3.cache.users import CachedUser
from syncv3.engine.past import Past
from syncv3.protocol.required_state import StateKey
from syncv3.store.loads import Stretch
from syncv3.store.room_state import End, RoomSince
from syncv3.types import Device


@dataclass(slots=True)
class Missing:
    """What must be loaded before the answer can be made: keys of rooms, unless it says otherwise.

    A set for each kind, as all of a kind is loaded with one query.
    """

    timelines: set[int] = field(default_factory=set)
    states: set[int] = field(default_factory=set)
    members: set[tuple[int, str]] = field(default_factory=set)
    all_members: set[int] = field(default_factory=set)
    live: set[tuple[int, int, int]] = field(default_factory=set)  # room, from order, after
    gaps: set[Stretch] = field(default_factory=set)  # whether events are missing there
    older: set[tuple[int, int, int]] = field(default_factory=set)  # room, from order, to order
    spaces: set[int] = field(default_factory=set)  # of which the children are not known
    changed: set[RoomSince] = field(default_factory=set)
    ended: set[tuple[int, int, int]] = field(default_factory=set)  # room, from order, to order
    frozen: set[End] = field(default_factory=set)  # of which the state is not known
    frozen_members: set[tuple[End, str]] = field(default_factory=set)
    all_frozen_members: set[End] = field(default_factory=set)
    pasts: set[tuple[int, int]] = field(default_factory=set)  # user, room

    def __bool__(self) -> bool:
        """Whether something is missing: asked after each room, and nearly always nothing is."""
        return bool(
            self.timelines
            or self.states
            or self.members
            or self.all_members
            or self.live
            or self.gaps
            or self.older
            or self.spaces
            or self.changed
            or self.ended
            or self.frozen
            or self.frozen_members
            or self.all_frozen_members
            or self.pasts
        )

    def __len__(self) -> int:
        return (
            len(self.timelines)
            + len(self.states)
            + len(self.members)
            + len(self.all_members)
            + len(self.live)
            + len(self.gaps)
            + len(self.older)
            + len(self.spaces)
            + len(self.changed)
            + len(self.ended)
            + len(self.frozen)
            + len(self.frozen_members)
            + len(self.all_frozen_members)
            + len(self.pasts)
        )


Frozen = dict[StateKey, tuple[int, CachedEvent]]
"""State at the end of a stay: since when each value was the current one, and the value."""


@dataclass(slots=True)
class Loaded:
    """What was loaded for this answer alone, and is not kept.

    Events have the head at which they were read: they are complete only as long as nothing
    has happened in their room since.
    """

    live: dict[tuple[int, int, int], tuple[int, list[CachedEvent]]] = field(default_factory=dict)
    all_members: dict[int, MemberList] = field(default_factory=dict)  # follow the stream
    gaps: dict[Stretch, bool] = field(default_factory=dict)  # whether events are missing
    older: dict[tuple[int, int, int], tuple[int, list[CachedEvent]]] = field(default_factory=dict)
    changed: dict[RoomSince, tuple[int, frozenset[StateKey] | None]] = field(default_factory=dict)
    ended: dict[tuple[int, int, int], list[CachedEvent]] = field(default_factory=dict)
    frozen: dict[End, Frozen] = field(default_factory=dict)
    frozen_members: dict[tuple[End, str], tuple[int, CachedEvent] | None] = field(
        default_factory=dict
    )
    all_frozen_members: dict[End, Frozen] = field(default_factory=dict)
    pasts: dict[tuple[int, int], tuple[int, Past]] = field(default_factory=dict)


@dataclass(slots=True)
class Sources:
    """Everything a room object is made from."""

    cache: Cache
    user: CachedUser
    seen: SeenRooms
    device: Device
    transactions: Mapping[int, str | None]
    loaded: Loaded
    missing: Missing = field(default_factory=Missing)

    @property
    def me(self) -> str:
        return self.device.user_id

    def members_of(self, room_key: int, user_ids: set[str]) -> dict[str, CachedEvent]:
        """The member events of users, as far as they exist."""
        known = self.cache.rooms[room_key].members
        found = {}
        for user_id in user_ids:
            if user_id not in known:
                self.missing.members.add((room_key, user_id))
                continue
            event = known[user_id]
            if event is not None:
                found[user_id] = event
        return found
