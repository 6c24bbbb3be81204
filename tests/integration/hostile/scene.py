"""One case while it is played: a room of two users, and the event that has the value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.integration.hostile.values import Value
from tests.support.room import JSON
from tests.support.world import World

Path = tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """``hostile`` is the event (or the room's moment) that has the value.

    ``others`` are what must arrive whatever happens to it, in this order. ``healed`` is the
    name that the room gets in the end.
    """

    number: int
    value: Value
    world: World
    alice: str
    bob: str
    carol: str
    room: str = ""
    hostile: str = ""
    others: list[str] = field(default_factory=list)
    healed: str = ""

    @property
    def marker(self) -> str:
        """What stands for the value until the answer is written: a JSON text of its own."""
        return f"@@{self.number}@@"

    def say(self, body: str) -> str:
        """A message that must arrive."""
        event_id = self.world.send(
            self.room, self.alice, "m.room.message", {"msgtype": "m.text", "body": body}
        )
        self.others.append(event_id)
        return event_id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is put. ``provoke`` has the world do something, whose event or moment
    ``put`` then finds in an answer; ``put`` returns whether it was there.

    ``keeps`` says whether the event that has the value must arrive all the same, with the
    value at ``path`` unless that is None. ``heal`` makes it good later; ``is_healed`` looks at
    a room as a new client has it. Of the places in one ``section`` of a user or device only one
    can be taken at a time; one that ``spoils`` it costs all of it.
    """

    name: str
    provoke: Callable[[Scene], str]
    put: Callable[[JSON, Scene], bool]
    keeps: Callable[[Value], bool]
    path: Path | None = None
    heal: Callable[[Scene], None] = lambda scene: rename(scene)
    is_healed: Callable[[JSON, Scene], bool] = lambda room, scene: room["name"] == scene.healed
    first_only: bool = False
    section: str | None = None
    spoils: bool = False


def rename(scene: Scene) -> None:
    """The room gets a good name."""
    scene.healed = f"healed {scene.number}"
    scene.world.send(scene.room, scene.alice, "m.room.name", {"name": scene.healed}, state_key="")


def joined_room(answer: JSON, scene: Scene) -> JSON | None:
    """The room's part of an answer."""
    found: JSON | None = answer.get("rooms", {}).get("join", {}).get(scene.room)
    return found


def events_of(room: JSON) -> Iterator[JSON]:
    """The events of all of a room's lists."""
    for section in ("timeline", "state", "state_after"):
        yield from room.get(section, {}).get("events", ())


def is_moment(room: JSON, scene: Scene) -> bool:
    """Whether this is the answer in which the hostile event comes."""
    return any(event.get("event_id") == scene.hostile for event in events_of(room))


def put_at(holder: Any, path: Path, value: Any) -> None:
    """Sets a value deep in an object; the objects on the way are made."""
    *way, last = path
    for name in way:
        holder = holder.setdefault(name, {})
    holder[last] = value


def value_at(holder: Any, path: Path) -> Any:
    for name in path:
        holder = holder[name]
    return holder
