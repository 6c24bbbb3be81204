"""Places in sections of an answer: of a room, of an invite, of the user and the device."""

from collections.abc import Callable, Iterator

from tests.integration.hostile.events import always, message, never
from tests.integration.hostile.scene import (
    Path,
    Place,
    Scene,
    is_moment,
    joined_room,
    put_at,
)
from tests.integration.hostile.values import Value
from tests.support.room import JSON

Put = Callable[[JSON, Scene], bool]
Change = Callable[[JSON, JSON, Scene], None]
"""Changes an answer in which the hostile event is; also given its room's part of it."""


def at_its_moment(change: Change) -> Put:
    """``change``, of the answer that has the hostile event."""

    def put(answer: JSON, scene: Scene) -> bool:
        room = joined_room(answer, scene)
        if room is None or not is_moment(room, scene):
            return False
        change(answer, room, scene)
        return True

    return put


def in_room(path: Path) -> Put:
    """Somewhere in the room's part of the answer."""
    return at_its_moment(lambda answer, room, scene: put_at(room, path, scene.marker))


def beside(path: Path) -> Put:
    """Somewhere at the top of the answer."""
    return at_its_moment(lambda answer, room, scene: put_at(answer, path, scene.marker))


@at_its_moment
def whole_room(answer: JSON, room: JSON, scene: Scene) -> None:
    answer["rooms"]["join"][scene.room] = scene.marker


def among(section: str, entry: JSON | None, path: Path = ()) -> Put:
    """In an entry more of one of the room's lists; None: instead of an entry."""
    return at_its_moment(lambda answer, room, scene: _insert(room, section, scene, entry, path))


def listed(section: str, entry: JSON | None, path: Path = ()) -> Put:
    """The same of a list of the user or the device."""
    return at_its_moment(lambda answer, room, scene: _insert(answer, section, scene, entry, path))


def _insert(holder: JSON, section: str, scene: Scene, entry: JSON | None, path: Path) -> None:
    made: JSON | str = scene.marker
    if entry is not None:
        made = {**entry, "content": dict(entry["content"])}
        put_at(made, path, scene.marker)
    holder.setdefault(section, {}).setdefault("events", []).insert(0, made)


def device_list(name: str) -> Put:
    """In a list of users whose devices have changed."""
    return at_its_moment(
        lambda answer, room, scene: (
            answer.setdefault("device_lists", {}).setdefault(name, []).insert(0, scene.marker)
        )
    )


def receipt_of(*way: str) -> Put:
    """As a key of a receipt: an event, or behind ``way`` a user."""
    read: JSON = {"ts": 5} if way else {"m.read": {"@x:hs": {"ts": 5}}}

    def change(_answer: JSON, room: JSON, scene: Scene) -> None:
        content: JSON = {}
        put_at(content, (*way, scene.marker), read)
        events = room.setdefault("ephemeral", {}).setdefault("events", [])
        events.insert(0, {"type": "m.receipt", "content": content})

    return at_its_moment(change)


def in_stripped(path: Path | None, *, member: bool = True) -> Put:
    """In the stripped state of an invite that comes at the same time: in the user's own member
    event or in the room's name; None: instead of an event."""

    def change(answer: JSON, _room: JSON, scene: Scene) -> None:
        own: JSON = {"type": "m.room.member", "state_key": scene.bob, "sender": scene.carol,
                     "content": {"membership": "invite"}}  # fmt: skip
        named: JSON = {"type": "m.room.name", "state_key": "", "sender": scene.carol,
                       "content": {"name": "invited"}}  # fmt: skip
        events: list[JSON | str] = [named, own]
        if path is None:
            events.insert(0, scene.marker)
        else:
            put_at(own if member else named, path, scene.marker)
        invites = answer["rooms"].setdefault("invite", {})
        invites[f"!invite{scene.number}:hs"] = {"invite_state": {"events": events}}

    return at_its_moment(change)


def other_room(section: str, path: Path) -> Put:
    """In what another section says of a room of its own."""

    def change(answer: JSON, _room: JSON, scene: Scene) -> None:
        rooms = answer["rooms"].setdefault(section, {})
        put_at(rooms, (f"!other{scene.number}:hs", *path), scene.marker)

    return at_its_moment(change)


def paths(*written: str) -> Iterator[Path]:
    """Paths with spaces between their steps; an empty one is the place itself."""
    return (tuple(path.split()) for path in written)


def room_places() -> Iterator[Place]:
    """Everything in a room but its events."""
    for path in paths(
        "timeline limited", "timeline prev_batch", "timeline x", "state", "state events",
        "ephemeral", "ephemeral events", "account_data", "account_data events", "summary",
        "summary m.heroes", "summary m.joined_member_count", "summary m.invited_member_count",
        "unread_notifications", "unread_notifications notification_count",
        "unread_notifications highlight_count", "unread_thread_notifications", "x",
    ):  # fmt: skip
        yield Place(f"room.{'.'.join(path)}", message, in_room(path), always)
    for path in paths("timeline", "timeline events"):
        yield Place(f"room.{'.'.join(path)}", message, in_room(path), never)
    yield Place("room", message, whole_room, never)
    yield Place("room.state entry", message, among("state", None), always)
    yield Place("room.account_data entry", message, among("account_data", None), always)
    tag = {"type": "m.tag", "content": {}}
    for path in paths("content", "content tags", "content tags u.x"):
        yield Place(f"tag.{'.'.join(path)}", message, among("account_data", tag, path), always)


def stripped_places() -> Iterator[Place]:
    """Invites and knocks, and rooms that were left."""
    for path in paths(
        "content", "content membership", "content displayname", "content avatar_url",
        "content is_direct", "origin_server_ts", "sender", "state_key", "type", "x",
    ):  # fmt: skip
        yield Place(f"invite.member.{'.'.join(path)}", message, in_stripped(path), always)
    name = in_stripped(("content", "name"), member=False)
    yield Place("invite.name", message, name, always)
    yield Place("invite.event", message, in_stripped(None), always)
    for section, key in (("invite", "invite_state"), ("knock", "knock_state")):
        for path in paths("", key, f"{key} events"):
            place = f"{section}.{'.'.join(path) or 'room'}"
            yield Place(place, message, other_room(section, path), always)
    for path in paths("", "timeline", "timeline events", "state"):
        place = f"leave.{'.'.join(path) or 'room'}"
        yield Place(place, message, other_room("leave", path), always)
    yield Place("rooms.x", message, beside(("rooms", "x")), always, section="rooms.x")


def user_places() -> Iterator[Place]:
    """What belongs to the user, and is read by the core."""
    for path in paths("account_data", "account_data events", "presence", "presence events",
                      "groups", "x"):  # fmt: skip
        name = f"user.{'.'.join(path)}"
        yield Place(name, message, beside(path), always, section=path[0], spoils=True)
    for section in ("account_data", "presence"):
        put = listed(section, None)
        yield Place(f"{section} entry", message, put, always, section=section)
    for kind, key in (("m.direct", "@x:hs"), ("m.ignored_user_list", "ignored_users")):
        for path in paths("content", f"content {key}", "x"):
            put = listed("account_data", {"type": kind, "content": {}}, path)
            name = f"{kind}.{'.'.join(path)}"
            yield Place(name, message, put, always, section="account_data")


def device_places() -> Iterator[Place]:
    """What belongs to extensions: of the device, and beside a room's events."""
    for path in paths(
        "to_device", "to_device events", "device_lists", "device_lists changed",
        "device_lists left", "device_one_time_keys_count",
        "device_one_time_keys_count signed_curve25519", "device_unused_fallback_key_types",
    ):  # fmt: skip
        name = f"device.{'.'.join(path)}"
        spoils = path[0] == "to_device"
        yield Place(name, message, beside(path), always, section=path[0], spoils=spoils)
    asked = {"type": "m.room_key_request", "sender": "@x:hs",
             "content": {"request_id": "r", "requesting_device_id": "d"}}  # fmt: skip
    for path in paths("content", "content request_id", "content requesting_device_id",
                      "content action", "type", "sender", "x"):  # fmt: skip
        put = listed("to_device", asked, path)
        name = f"to_device.{'.'.join(path)}"
        yield Place(name, message, put, always, section="to_device")
    put = listed("to_device", None)
    yield Place("to_device entry", message, put, always, section="to_device")
    for list_ in ("changed", "left"):
        name = f"device_lists.{list_} entry"
        yield Place(name, message, device_list(list_), always, section="device_lists")
    yield from _ephemeral_places()
    odd = {"type": "m.odd", "content": {}}
    for path in paths("content", "type", "x"):
        put = among("account_data", odd, path)
        yield Place(f"room data.{'.'.join(path)}", message, put, always)
        put = listed("account_data", odd, path)
        name = f"user data.{'.'.join(path)}"
        yield Place(name, message, put, always, section="account_data")


def _ephemeral_places() -> Iterator[Place]:
    yield Place("ephemeral entry", message, among("ephemeral", None), always)
    typing = {"type": "m.typing", "content": {"user_ids": []}}
    for path in paths("content", "content user_ids", "type"):
        yield Place(f"typing.{'.'.join(path)}", message, among("ephemeral", typing, path), always)
    receipt = {"type": "m.receipt", "content": {}}
    for path in paths(
        "content", "content $e", "content $e m.read", "content $e m.read @x:hs",
        "content $e m.read @x:hs ts", "content $e m.read @x:hs thread_id",
    ):  # fmt: skip
        put = among("ephemeral", receipt, path)
        yield Place(f"receipt.{'.'.join(path)}", message, put, always)
    yield Place("receipt of event", message, receipt_of(), always)
    yield Place("receipt of user", message, receipt_of("$e", "m.read"), always)


def suits(place: Place, value: Value) -> bool:
    """Whether the value can stand there: only a text is a key, and a room or a timeline that
    just has nothing in it is none that hides anything."""
    match place.name:
        case "key of content" | "receipt of event" | "receipt of user":
            return value.is_text
        case "room":
            return not value.is_object
        case "room.timeline":
            cannot_be_read = not value.is_object or b'"events":5' in value.raw
            return cannot_be_read and value.raw != b"null"
        case "room.timeline.events":
            return value.raw not in (b"null", b"[]")
    return True
