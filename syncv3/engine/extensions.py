"""Runs the extensions' answer hooks for one request.

A hook that raises leaves its key out of the answer; the other extensions and the rooms are
not touched by it.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from syncv3.engine.compute import Computed
from syncv3.engine.sources import Sources
from syncv3.engine.view import View
from syncv3.errors import MatrixError
from syncv3.extension import Answer, Extension, Scope, Shown
from syncv3.protocol.request import Ask
from syncv3.types import Device, RoomID

log = logging.getLogger(__name__)


class ExtensionRunner:
    """The enabled extensions, in their configured order."""

    def __init__(
        self,
        extensions: Sequence[Extension],
        pool: asyncpg.Pool,
        on_failure: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._extensions = {extension.name: extension for extension in extensions}
        self._pool = pool
        self._on_failure = on_failure

    def enabled(self, ask: Ask) -> Iterable[tuple[Extension, Any]]:
        """The extensions that a request has switched on, with their validated config."""
        for name, extension in self._extensions.items():
            request = ask.extensions.get(name)
            if request is not None and request.get("enabled") is True:
                yield extension, extension.configure(request)

    async def accept(self, extension: Extension, config: Any, device: Device) -> None:
        """Acknowledgements, also if the answer is then lost."""
        try:
            await extension.accept(config, device, self._pool)
        except MatrixError:
            raise
        except Exception:
            self._failed(extension, "accept")

    async def respond(
        self, ask: Ask, view: View, computed: Computed, sources: Sources
    ) -> tuple[dict[str, bytes], bool]:
        """The extensions' objects as JSON, and whether one of them ends a long poll."""
        bodies: dict[str, bytes] = {}
        news = False
        for extension, config in self.enabled(ask):
            scope = self._scope(extension.name, config, ask, view, computed, sources)
            answer = await self._one(extension, scope)
            if answer.body is not None:
                bodies[extension.name] = msgspec.json.encode(answer.body)
            news = news or answer.news
        return bodies, news

    async def _one(self, extension: Extension, scope: Scope) -> Answer:
        try:
            loaded = await extension.load(scope, self._pool)
            return extension.respond(scope, loaded)
        except MatrixError:
            raise
        except Exception:
            self._failed(extension, "respond")
            return Answer()

    def _failed(self, extension: Extension, hook: str) -> None:
        log.exception("Extension %s failed in %s", extension.name, hook)
        self._on_failure(extension.name)

    def _scope(
        self,
        name: str,
        config: Any,
        ask: Ask,
        view: View,
        computed: Computed,
        sources: Sources,
    ) -> Scope:
        request = ask.extensions[name]
        rooms = _rooms_in_scope(request, ask, computed, sources)
        shown = {
            room_id: Shown(initial, tuple(event.event_id for event in timeline.events))
            for room_id, (initial, timeline) in computed.shown.items()
            if room_id in rooms
        }
        since = None if view.first else view.position
        upto = sources.cache.position
        return Scope(sources.device, config, since, upto, rooms, shown)


def _rooms_in_scope(
    request: Any, ask: Ask, computed: Computed, sources: Sources
) -> dict[RoomID, int]:
    """Which rooms an extension may speak about (E-3), never one the user is not in (X-3)."""
    user = sources.user
    lists = request.get("lists")
    named = request.get("rooms")
    all_lists = lists is None or lists[:1] == ["*"]
    all_rooms = named is None or named[:1] == ["*"]
    keys: set[int] = set()
    for key in computed.visible:
        room_id = RoomID(user.known[key].row.room_id)
        subscribed = room_id in ask.subscriptions
        in_lists = computed.in_lists.get(key, ())
        if (
            (all_lists and in_lists)
            or (not all_lists and set(in_lists) & set(lists))
            or (subscribed and all_rooms)
        ):
            keys.add(key)
    if not all_rooms:
        keys.update(user.by_id[room_id] for room_id in named if room_id in user.by_id)
    return {
        RoomID(user.known[key].row.room_id): key
        for key in keys
        if user.rooms[key].membership == "join"
    }
