"""A user, their rooms and what is loaded of these, without a database."""

from typing import Any

from syncv3.cache.cache import Cache
from syncv3.cache.events import CachedEvent
from syncv3.cache.perspective import Perspective
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.spaces import Spaces
from syncv3.cache.users import CachedUser
from syncv3.dialects.msc3575.manners import Manners3575
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.frame import compute
from syncv3.engine.manners import Manners
from syncv3.engine.past import NO_PAST
from syncv3.engine.sources import Loaded, Sources
from syncv3.engine.view import View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.store.rows import RoomRow, UserRoomRow, UserRow
from syncv3.types import Device, DeviceID, DeviceKey, EventID, UserID, UserKey

ME, BOB = UserID("@me:hs"), UserID("@bob:hs")
EVERYBODY = RoomConfig(1, (RequiredState((("m.room.member", "*"),)),))
NEW = View(0, 0, 0, first=True)


def room_id(key: int) -> str:
    return f"!{key}:hs"


def room_in(key: int, **row: Any) -> CachedRoom:
    """A room of which all is loaded, and nothing has happened."""
    room = CachedRoom(RoomRow(key, room_id(key), **row), 0)
    room.fill_timeline((), 0)
    room.state = {}
    return room


def own(key: int, membership: str = "join", **row: Any) -> UserRoomRow:
    """What the user has to do with the room."""
    known: dict[str, Any] = {"pos": 1, "reset_pos": 0, "generated_us": 0} | row
    return UserRoomRow(1, key, membership=membership, joined_ord=1, joined_ts=key, **known)


def user_in(*keys: int) -> CachedUser:
    """A user who is in these rooms."""
    rooms = {key: room_in(key) for key in keys}
    row = UserRow(1, ME, 0, (), 0, (), 0)
    return CachedUser(row, {key: own(key) for key in keys}, rooms, Spaces(), 0)


def message(name: str, pos: int, *, sender: UserID = BOB) -> CachedEvent:
    """A message at a position, which is also its place in the room."""
    wire = b'{"event_id":"$%s"}' % name.encode()
    return CachedEvent(
        pos, pos, pos, EventID(f"${name}"), "m.room.message", None, sender, pos, None, None,
        wire, False,
    )  # fmt: skip


class Stage:
    """A cache with one user, at a position that grows with what happens."""

    manners: Manners = Manners3575()
    perspective: Perspective = Seen3575()

    def __init__(self, *keys: int) -> None:
        self.cache = Cache(None)
        self.cache.position = 10
        self.user = user_in(*keys)
        self.cache.rooms.update(self.user.known)
        self.transactions: dict[int, str | None] = {}
        self.members: dict[int, dict[str, int]] = {}
        self.loaded = Loaded()
        self.answers = 0

    def happens(self, key: int, *, event: CachedEvent | None = None, **row: Any) -> None:
        """Something happens in a room, to which its row bears witness."""
        self.cache.position += 1
        room = self.cache.rooms[key]
        position = self.cache.position
        changed = {name: getattr(room.row, name) for name in RoomRow.__struct_fields__} | row
        room.replace_row(RoomRow(**(changed | {"pos": position})), position - 1, position)
        if event is not None:
            room.add(event)
        self.user.touch(position, key)

    def says(self, key: int, name: str, sender: UserID = BOB) -> None:
        self.happens(key, event=message(name, self.cache.position + 1, sender=sender))

    def becomes(self, key: int, membership: str, **row: Any) -> None:
        """The user's own relation to a room changes."""
        self.cache.position += 1
        at = {"pos": self.cache.position} | row
        self.user.rooms[key] = own(key, membership, **at)
        self.user.touch(self.cache.position, key)

    def restarts(self) -> None:
        """Another process serves the user: of what touched the rooms until now it knows nothing."""
        user = self.user
        self.user = CachedUser(user.row, user.rooms, user.known, Spaces(), self.cache.position)

    def answer(self, view: View, ask: CompleteRequest) -> Computed:
        """The answer to who comes from a view, of which nothing may be missing."""
        device = Device(ME, DeviceID("PHONE"), UserKey(1), DeviceKey(1))
        seen = self.user.seen(self.perspective)
        sources = Sources(self.cache, self.user, seen, device, self.transactions, self.loaded)
        self.answers += 1
        naming = Naming(self.answers, self.answers)
        computed = compute(sources, view, ask, naming, self.manners, self.members)
        if sources.missing.pasts:  # nobody has fetched anything older
            nothing = self.cache.position, NO_PAST
            self.loaded.pasts.update(dict.fromkeys(sources.missing.pasts, nothing))
            sources.missing.pasts.clear()
            computed = compute(sources, view, ask, naming, self.manners, self.members)
        assert not computed.unfinished
        assert not sources.missing, sources.missing
        return computed
