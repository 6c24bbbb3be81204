"""How requests of the fake homeserver find their handlers, and what these are given."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from tests.support.room import JSON, Room
from tests.support.world import Device, Refused, World


class Home(Protocol):
    """What a handler may touch of the homeserver."""

    world: World
    filters: dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. ``path`` has the parts of the path by name."""

    home: Home
    device: Device
    token: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JSON

    @property
    def world(self) -> World:
        return self.home.world

    @property
    def user(self) -> str:
        return self.device.user_id

    @property
    def room_id(self) -> str:
        room = self.path["room"]
        return self.world.aliases.get(room, room)

    def readable_room(self) -> tuple[Room, int]:
        """The room and up to where the user may read it. Raises ``Refused``."""
        room = self.world.room(self.room_id)
        now = room.membership(self.user, self.world.position)
        if now == "join":
            return room, self.world.position
        changes = room.own_changes(self.user, 0, self.world.position)
        was_in = [s for s in changes if s.replaces
                  and s.replaces["content"].get("membership") == "join"]  # fmt: skip
        if not was_in:
            raise Refused(403, "M_FORBIDDEN", "not in the room")
        return room, was_in[-1].position


Handler = Callable[[Call], JSON]
Open = Callable[[Home, JSON], JSON]


@dataclass(slots=True)
class Routes:
    """Method and path pattern → handler; ``{name}`` is one part of a path."""

    handlers: list[tuple[str, re.Pattern[str], Handler]] = field(default_factory=list)
    open: dict[str, Open] = field(default_factory=dict)

    def on(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        parts = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]*)", pattern)

        def register(handler: Handler) -> Handler:
            self.handlers.append((method, re.compile(parts), handler))
            return handler

        return register

    def without_token(self, path: str) -> Callable[[Open], Open]:
        def register(handler: Open) -> Open:
            self.open[path] = handler
            return handler

        return register

    def answer(
        self, home: Home, method: str, path: str, query: Mapping[str, str], body: JSON, token: str
    ) -> JSON:
        """The answer's object. Raises ``Refused``."""
        if path in self.open:
            return self.open[path](home, body)
        for known, pattern, handler in self.handlers:
            if known == method and (found := pattern.fullmatch(path)):
                parts = {name: unquote(value) for name, value in found.groupdict().items()}
                device = home.world.device_of(token)
                return handler(Call(home, device, token, parts, query, body))
        raise Refused(404, "M_UNRECOGNIZED", f"{method} {path}")
