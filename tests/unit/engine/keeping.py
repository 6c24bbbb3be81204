"""A stage for a dialect whose clients keep what they are shown no longer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from syncv3.cache.events import CachedEvent
from syncv3.cache.perspective import Perspective
from syncv3.cache.rooms import CachedRoom
from syncv3.dialects.simplified.manners import SimplifiedManners
from syncv3.dialects.simplified.perspective import SeenSimply
from syncv3.engine.computed import Computed
from syncv3.engine.manners import Manners
from syncv3.engine.view import View
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.protocol.required_state import StateKey, Wanted
from syncv3.protocol.response import RoomAnswer
from syncv3.store.rows import UserRoomRow
from syncv3.types import EventID, RoomID
from tests.unit.engine.build import BOB, NEW, Stage, room_id

MEMBER = "m.room.member"


@dataclass(frozen=True)
class Asked:
    """Some state entries by type and key, and perhaps lazily loaded members."""

    pairs: tuple[StateKey, ...] = ()
    lazy: bool = False
    types: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return hash((self.pairs, self.lazy, self.types)) & 0xFFFF

    @property
    def wanted(self) -> Wanted:
        return Wanted(frozenset(self.pairs), frozenset(self.types), lazy=self.lazy)


@dataclass(frozen=True)
class Plain(SeenSimply):
    """Rooms are in the order of their last change, which the stages note in no other way."""

    def activity(
        self,
        view: UserRoomRow,
        room: CachedRoom,
        ignored: frozenset[str],
        bump_types: frozenset[str] | None,
    ) -> int:
        return room.row.pos * 1_000 + view.joined_ts


def state(
    name: str, pos: int, type_: str, key: str = "", sender: str = BOB, membership: str = "join"
) -> CachedEvent:
    """A state event at a position, which is also its place in the room."""
    whole = {"event_id": f"${name}", "content": {"name": name, "membership": membership}}
    return CachedEvent(
        pos, pos, pos, EventID(f"${name}"), type_, key, sender, pos, None, None,
        json.dumps(whole).encode(), False,
    )  # fmt: skip


class Keeping(Stage):
    """Plays one client from answer to answer, or from an earlier view again.

    ``ask`` is what it asks for next, ``view`` what it has.
    """

    manners: Manners = SimplifiedManners()
    perspective: Perspective = Plain()

    def __init__(self, *keys: int, stop: int = 9, limit: int = 5, **asked: Asked) -> None:
        super().__init__(*keys)
        self.view = NEW
        self.asks(stop, limit, **asked)

    def asks(self, stop: int, limit: int = 5, state: Asked | None = None) -> None:
        config = RoomConfig(limit, (state or Asked(),))
        self.ask = CompleteRequest(lists={"all": ListSpec(ranges=((0, stop),), config=config)})

    def asks_for_no_rooms(self) -> None:
        self.ask = CompleteRequest()

    def sets(self, key: int, event: str, type_: str, state_key: str = "", /, **row: object) -> None:
        """Somebody changes the state of a room, by an event of that name."""
        self.happens(key, event=state(event, self.cache.position + 1, type_, state_key), **row)

    def goes_on(self, view: View | None = None) -> dict[int, RoomAnswer]:
        """The next answer, from the client's view or an earlier one, by room key."""
        return self.rooms_of(self.answers_from(view))

    def answers_from(self, view: View | None = None) -> Computed:
        computed = self.answer(self.view if view is None else view, self.ask)
        self.view = computed.view
        return computed

    def rooms_of(self, computed: Computed) -> dict[int, RoomAnswer]:
        return {
            key: computed.rooms[RoomID(room_id(key))]
            for key in self.user.rooms
            if room_id(key) in computed.rooms
        }


def names(events: Iterable[bytes]) -> list[str]:
    return [json.loads(event)["event_id"][1:] for event in events]


def timelines(rooms: dict[int, RoomAnswer]) -> dict[int, list[str]]:
    return {key: names(room.timeline) for key, room in rooms.items()}
