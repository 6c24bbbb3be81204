"""What a cache holds, without a database."""

from typing import Any

from syncv3.cache.held import Held
from syncv3.cache.users import CachedUser
from syncv3.store.rows import EventRow, RoomRow, UserRoomRow, UserRow

POSITION = 10


def room_id(key: int) -> str:
    return f"!{key}:hs"


def room_row(key: int, **row: Any) -> RoomRow:
    return RoomRow(key, room_id(key), **row)


def stay(user: int, key: int, membership: str = "join", **row: Any) -> UserRoomRow:
    """What the user has to do with the room."""
    known: dict[str, Any] = {"pos": 1, "reset_pos": 0, "generated_us": 0} | row
    return UserRoomRow(user, key, membership=membership, **known)


def user_row(user: int, **row: Any) -> UserRow:
    known: dict[str, Any] = {
        "pos": 1,
        "direct": (),
        "direct_us": 0,
        "ignored": (),
        "ignored_us": 0,
    } | row
    return UserRow(user, f"@{user}:hs", **known)


def event_row(name: str, key: int, pos: int, type: str = "m.room.message", **row: Any) -> EventRow:
    """An event at a position, which is also its place in the room."""
    wire = b'{"event_id":"$%s","type":"%s","sender":"@1:hs","origin_server_ts":1,"content":{}}'
    known: dict[str, Any] = {
        "event_key": pos, "ord": pos, "history": False, "event_id": name.encode(),
        "state_key": None, "redacts": None, "prev_batch": None,
        "json": wire % (name.encode(), type.encode()), "unsigned": None,
    } | row  # fmt: skip
    return EventRow(room_key=key, pos=pos, type=type, **known)


def held(**memberships: dict[int, str]) -> Held:
    """Users ``u1``, ``u2`` ... with their memberships by room; all rooms are held."""
    made = Held()
    made.changes.start(POSITION)
    for name, rooms in memberships.items():
        number = int(name[1:])
        for key in rooms:
            if key not in made.rooms:
                made.hold_room(room_row(key), POSITION)
            made.enter(key, number)
        stays = {key: stay(number, key, membership) for key, membership in rooms.items()}
        made.users[number] = CachedUser(user_row(number), stays, made.rooms, made.spaces, POSITION)
    return made
