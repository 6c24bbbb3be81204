"""What lists sort and filter by, computed from a room's events.

Clients ask for lists such as "encrypted rooms by name". To answer that from state would mean to
decode events of each room, so the row of a room has columns for what lists look at, and these are
written when the state changes.

Everything here is a function of one event's content. Members write what they like there, so each
field is looked at by itself: a name that is a number, or that no table can hold, is no name, and
the rest of the event counts all the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from syncv3.types import Event
from syncv3.untrusted import LONGEST_ID, UNREADABLE, is_id, object_of, raw_object, text

MEMBER: Final = "m.room.member"
CREATE: Final = "m.room.create"
ENDED: Final = ("leave", "ban")
"""Memberships of those who are out of a room."""
CHILD: Final = "m.space.child"
LONGEST_NAME: Final = 1000
"""Of names and URLs: homeservers allow their users less."""
MAX_HEROES: Final = 6  # five that a summary names, and the user whom it is for
HIDING: Final = ("invited", "joined")
"""History visibilities under which a member is not shown what was before they came."""
Hero = tuple[str, str | None, str | None, bool]
"""User ID, display name, URL of the avatar, and whether the user is only invited."""


class _Content(msgspec.Struct):
    content: dict[str, Any] = {}


_content = msgspec.json.Decoder(_Content)


def content_of(json: bytes) -> dict[str, Any]:
    """What can be read of an event's ``content``; an empty object where there is none."""
    try:
        return _content.decode(json).content
    except UNREADABLE:  # perhaps one value of many
        return object_of(raw_object(json).get("content", b""))


def keys_of(json: bytes, name: str) -> list[str]:
    """The keys of the object ``name`` in an event's content that can be identifiers, sorted.

    The values are not decoded, so nothing in them can make the event unreadable.
    """
    content = raw_object(raw_object(json).get("content", b""))
    return sorted(filter(is_id, raw_object(content.get(name, b""))))


def name(value: object) -> str | None:
    """A non-empty string, cut where no name reaches: names go with each write of their room."""
    found = text(value)
    return found[:LONGEST_NAME] if found else None


def identifier(value: object) -> str | None:
    """A non-empty string that is short enough to be an ID, an alias or a type; or None."""
    found = text(value)
    return found if is_id(found) else None


def address(value: object) -> str | None:
    """A non-empty string that is short enough to be a URL of a picture; or None."""
    found = text(value)
    return found if found and len(found) <= LONGEST_NAME else None


def membership_of(json: bytes | None) -> str:
    """The membership of a member event; ``leave`` where there is no event."""
    value = content_of(json).get("membership") if json is not None else None
    return value if isinstance(value, str) and value else "leave"


def hides_history(event: Event) -> bool:
    """Whether an event says that history is not visible to all members."""
    return event.type == "m.room.history_visibility" and (
        content_of(event.json).get("history_visibility") in HIDING
    )


def hero_of(user_id: str, content: Mapping[str, Any]) -> Hero:
    """One hero from a member event's content."""
    invited = content.get("membership") == "invite"
    return user_id, name(content.get("displayname")), address(content.get("avatar_url")), invited


def key_changes(type_: str, state_key: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the room that a state event sets, with their new values.

    Empty for all other events. Members, counts and heroes are in ``summary``. No event takes
    encryption back: a room that was encrypted once stays so.
    """
    if state_key != "":
        return {}
    match type_:
        case "m.room.name":
            return {"name": name(content.get("name"))}
        case "m.room.canonical_alias":
            return {"alias": identifier(content.get("alias"))}
        case "m.room.avatar":
            return {"avatar": address(content.get("url"))}
        case "m.room.encryption":
            return {"encrypted": True}
        case "m.room.tombstone":
            return {"successor": identifier(content.get("replacement_room"))}
        case "m.room.create":
            predecessor = content.get("predecessor")
            before = predecessor.get("room_id") if isinstance(predecessor, dict) else None
            return {
                "room_type": identifier(content.get("type")),
                "room_version": identifier(content.get("room_version")) or "1",
                "predecessor": identifier(before),
            }
    return {}


def names_child(state_key: str, content: Mapping[str, Any]) -> bool | None:
    """Whether an ``m.space.child`` event names a child, or takes one away (SP-1).

    None: its state key is no room ID, so no room is meant.
    """
    if not state_key.startswith("!") or len(state_key) > LONGEST_ID:
        return None
    return isinstance(content.get("via"), list)


def read_heroes(stored: bytes) -> list[Hero]:
    """The heroes of a room row."""
    return [(h[0], h[1], h[2], len(h) > 3) for h in msgspec.json.decode(stored)]


def write_heroes(heroes: Sequence[Hero]) -> bytes:
    """Heroes as a room row keeps them: at most six, joined ones first, ordered by user ID.

    Who is invited has a fourth element, ``true``.
    """
    ordered = sorted(heroes, key=lambda hero: (hero[3], hero[0]))[:MAX_HEROES]
    return msgspec.json.encode([hero if hero[3] else hero[:3] for hero in ordered])
