"""Places in events: their fields, their content, and what lists and names are made from."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.integration.hostile.scene import (
    Path,
    Place,
    Scene,
    events_of,
    joined_room,
    put_at,
)
from tests.integration.hostile.values import Value
from tests.support.room import JSON


def anything(value: Value) -> bool:
    """The event must arrive unless nobody could be sent it."""
    return value.can_be_passed_on


def always(_value: Value) -> bool:
    return True


def never(_value: Value) -> bool:
    return False


def text_or_nothing(value: Value) -> bool:
    return value.can_be_passed_on and (value.is_text or value.raw == b"null")


def any_text(value: Value) -> bool:
    return value.can_be_passed_on and value.is_text


def message(scene: Scene) -> str:
    return scene.world.send(scene.room, scene.alice, "m.room.message", {"body": "hostile"})


def state(kind: str, content: JSON, key: str = "") -> Callable[[Scene], str]:
    """A state event of this kind."""

    def send(scene: Scene) -> str:
        changed = {**content, "hostile": True}  # else it might be the event that is there
        return scene.world.send(scene.room, scene.alice, kind, changed, state_key=key)

    return send


def carols(content: JSON) -> Callable[[Scene], str]:
    """A change of Carol's member event."""

    def change(scene: Scene) -> str:
        return scene.world.append(
            scene.world.room(scene.room), scene.carol, "m.room.member",
            {"membership": "join", **content}, state_key=scene.carol,
        )  # fmt: skip

    return change


def redaction(scene: Scene) -> str:
    return scene.world.redact(scene.room, scene.alice, scene.others[0])


def redacted(scene: Scene) -> str:
    """A message that has been redacted: ``redacted_because`` is in its ``unsigned``."""
    event_id = message(scene)
    scene.world.redact(scene.room, scene.alice, event_id)
    return event_id


def in_event(path: Path) -> Callable[[JSON, Scene], bool]:
    """Puts the value into the hostile event, wherever that is in an answer.

    It is also in the ``prev_content`` of what takes its place.
    """

    def put(answer: JSON, scene: Scene) -> bool:
        room = joined_room(answer, scene)
        there = False
        for event in events_of(room) if room else ():
            unsigned = event.get("unsigned", {})
            if path[0] == "content" and unsigned.get("replaces_state") == scene.hostile:
                put_at(unsigned.setdefault("prev_content", {}), path[1:] or ("x",), scene.marker)
            if event.get("event_id") == scene.hostile:
                put_at(event, path, scene.marker)
                there = True
        return there

    return put


def whole_event(answer: JSON, scene: Scene) -> bool:
    """Puts the value where the event was."""
    room = joined_room(answer, scene) or {}
    there = False
    for section in ("timeline", "state", "state_after"):
        events = room.get(section, {}).get("events", [])
        for i, event in enumerate(events):
            if isinstance(event, dict) and event.get("event_id") == scene.hostile:
                events[i] = scene.marker
                there = True
    return there


def key_of_content(answer: JSON, scene: Scene) -> bool:
    """Makes the value a key."""
    room = joined_room(answer, scene)
    for event in events_of(room) if room else ():
        if event.get("event_id") == scene.hostile:
            event["content"] = {"body": "hostile", scene.marker: 1}
            return True
    return False


def heal_by(kind: str, content: JSON, key: str = "") -> Callable[[Scene], None]:
    def heal(scene: Scene) -> None:
        scene.world.send(scene.room, scene.alice, kind, content, state_key=key)

    return heal


def shows(name: str, value: Any) -> Callable[[JSON, Scene], bool]:
    return lambda room, scene: bool(room.get(name) == value)


def has_state(kind: str, content: JSON, key: str = "") -> Callable[[JSON, Scene], bool]:
    """Whether the client has this content of a state key."""

    def healed(room: JSON, scene: Scene) -> bool:
        wanted = key or ""
        return any(
            event["content"] == content
            for event in room.get("required_state", ())
            if (event["type"], event["state_key"]) == (kind, wanted)
        )

    return healed


def places() -> Iterator[Place]:
    """Fields of a message, then state that means something."""
    for path, keeps in (
        (("content", "x"), anything),
        (("content", "body"), anything),
        (("content",), anything),
        (("x",), anything),
        (("sender",), anything),
        (("origin_server_ts",), anything),
        (("type",), any_text),
        (("state_key",), text_or_nothing),
        (("event_id",), never),
        (("room_id",), anything),
    ):
        shown = None if path[0] == "event_id" else path
        yield Place(f"message.{'.'.join(path)}", message, in_event(path), keeps, shown)
    for name in ("prev_content", "transaction_id", "replaces_state", "redacted_because", "age"):
        yield Place(f"unsigned.{name}", message, in_event(("unsigned", name)), always)
    yield Place("unsigned", message, in_event(("unsigned",)), always)
    inside = ("unsigned", "redacted_because", "content")
    yield Place("unsigned.redacted_because.content", redacted, in_event(inside), always)
    yield Place("message", message, whole_event, never)
    yield Place("key of content", message, key_of_content, lambda v: v.can_be_passed_on)
    yield Place("redaction.redacts", redaction, in_event(("redacts",)), anything, ("redacts",))
    yield Place("redaction.content", redaction, in_event(("content",)), anything, ("content",))
    yield from _of_state()
    yield from _of_members()


def _of_state() -> Iterator[Place]:
    server = "m.room.server_acl"
    for kind, content, path, shown in (
        ("m.room.name", {"name": "good"}, ("name",), "name"),
        ("m.room.avatar", {"url": "mxc://hs/good"}, ("url",), "avatar"),
        ("m.room.canonical_alias", {"alias": "#good:hs"}, ("alias",), None),
        ("m.room.topic", {"topic": "good"}, ("topic",), None),
        ("m.room.encryption", {"algorithm": "good"}, ("algorithm",), None),
        ("m.room.history_visibility", {"history_visibility": "shared"},
         ("history_visibility",), None),
        ("m.room.join_rules", {"join_rule": "public"}, ("join_rule",), None),
        ("m.room.power_levels", {"users": {}}, ("users",), None),
        ("m.room.tombstone", {"body": "x", "replacement_room": "!no:hs"},
         ("replacement_room",), None),
        (server, {"allow": ["*"]}, ("allow",), None),
    ):  # fmt: skip
        good = {**content, "good": True}
        healed = shows(shown, content[path[0]]) if shown else has_state(kind, good)
        inside: tuple[tuple[str, Path], ...] = (
            (path[0], ("content", *path)),
            ("content", ("content",)),
        )
        for name, at in inside:
            yield Place(
                f"{kind}.{name}", state(kind, content), in_event(at), anything, at,
                heal_by(kind, good), healed,
            )  # fmt: skip
    for key in ("state_key", "type", "event_id"):
        keeps = {"state_key": text_or_nothing, "type": any_text, "event_id": never}[key]
        yield Place(f"state.{key}", state(server, {"allow": []}), in_event((key,)), keeps)
    child = state("m.space.child", {"via": ["hs"]}, "!child:hs")
    yield Place("space.via", child, in_event(("content", "via")), anything, ("content", "via"))
    yield Place("space.child", child, in_event(("state_key",)), text_or_nothing)
    created: tuple[tuple[str, Path], ...] = (
        ("create.type", ("content", "type")),
        ("create.room_version", ("content", "room_version")),
        ("create.creator", ("content", "creator")),
        ("create.predecessor", ("content", "predecessor")),
        ("create.predecessor.room_id", ("content", "predecessor", "room_id")),
        ("create.content", ("content",)),
        ("create.state_key", ("state_key",)),
        ("create.event_id", ("event_id",)),
    )
    for name, where in created:
        yield Place(name, _create, in_event(where), never, first_only=True)
    yield Place("create", _create, whole_event, never, first_only=True)


def _create(scene: Scene) -> str:
    created = scene.world.room(scene.room).current[("m.room.create", "")]
    event_id: str = created.event["event_id"]
    return event_id


def _of_members() -> Iterator[Place]:
    for field, good in (("displayname", "Good"), ("avatar_url", "mxc://hs/good"), ("reason", "x")):
        at = ("content", field)
        yield Place(f"member.{field}", carols({field: good}), in_event(at), anything, at)
    at = ("content", "membership")
    yield Place("member.membership", carols({}), in_event(at), any_text, at)
    yield Place("member.content", carols({}), in_event(("content",)), never)
    yield Place("member.state_key", carols({}), in_event(("state_key",)), text_or_nothing)
    prev = ("unsigned", "prev_content")
    yield Place("member.prev_content", carols({}), in_event(prev), always)
    inner = (*prev, "membership")
    yield Place("member.prev_content.membership", carols({}), in_event(inner), always)
