"""Runs the extensions' answer hooks for one request.

An extension is asked only when there may be something to say: its scope has changed since
the client's position, a room is sent whole, or it has not answered on this connection yet.
One that raises or hangs has its key left out, and its bound stays where it was; neither
the other extensions nor the rooms notice.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import asyncpg
import msgspec

from syncv3.cache.changes import ChangeLog
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.computing import Question
from syncv3.engine.manners import Chosen
from syncv3.engine.scopes import (
    Answered,
    RoomsOf,
    Standing,
    bounds_of,
    gone_on_with,
    since_of,
)
from syncv3.engine.sources import Sources
from syncv3.engine.view import IN_STEP, Reach, View
from syncv3.errors import MatrixError
from syncv3.extension import HOOK_S, Answer, Arrival, Change, Extension, Scope, Shown
from syncv3.protocol.request import Ask
from syncv3.store.rows import ChangeRow
from syncv3.types import Device, RoomID, UserID
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

NOTHING = Answer()
EVERYWHERE: Final = Chosen(None, None)
PARTLY: Final = IN_STEP._replace(partly=True)


@dataclass(frozen=True, slots=True)
class Active:
    """An extension that a request has switched on."""

    extension: Extension
    config: Any
    chosen: Chosen

    @property
    def name(self) -> str:
        return self.extension.name


@dataclass(frozen=True, slots=True)
class Marks:
    """What the log of changes says about one extension's scope."""

    log: ChangeLog
    name: str
    user_key: int
    device_key: int
    within: Container[int]
    user: CachedUser | None = None

    def changed(self, after: int, room_key: int | None = None) -> bool:
        if room_key is not None:
            return self.log.room_changed(self.name, room_key, after)
        changes = self.log.after(self.name, after)
        return changes is None or any(map(self.concerns, changes))

    def rooms(self, after: int) -> Mapping[RoomID, int] | None:
        """The rooms of the scope in which something has changed."""
        changes = None if self.user is None else self.log.after(self.name, after)
        if changes is None or self.user is None:
            return None
        found = {}
        for change in filter(self.concerns, changes):
            if change.room_key is None:
                return None  # perhaps in all of them
            if self.user.may_see(change.room_key):
                found[RoomID(self.user.known[change.room_key].row.room_id)] = change.room_key
        return found

    def concerns(self, change: ChangeRow) -> bool:
        """Whether a change lies in the scope."""
        return (
            (change.room_key is None or change.room_key in self.within)
            and (change.device_key is None or change.device_key == self.device_key)
            and (change.user_key is None or change.user_key == self.user_key)
        )


@dataclass(frozen=True, slots=True)
class Watch:
    """What wakes a waiting connection: changes in the scopes of its extensions."""

    scopes: Mapping[str, tuple[Extension, Scope, Marks]]
    watchdog: Watchdog

    def wakes(self, change: ChangeRow) -> bool:
        """Whether to wake for a change. A hook that raises or hangs counts as yes."""
        watched = self.scopes.get(change.extension)
        if watched is None:
            return False
        extension, scope, marks = watched
        if not marks.concerns(change):
            return False
        told = Change(change.pos, change.user_key, change.device_key, change.room_key)
        try:
            return self.watchdog.call(extension.wakes, told, scope)
        except Exception:
            log.exception("Extension %s failed in wakes", extension.name)
            return True


@dataclass(slots=True)
class Told:
    """What the extensions say in one answer.

    ``bodies`` are their objects as JSON, ``members`` whose member events rooms must show;
    ``reaches`` of those that were asked go into the view (see there).
    """

    watch: Watch
    bodies: dict[str, bytes] = field(default_factory=dict)
    news: bool = False
    members: dict[RoomID, frozenset[UserID]] = field(default_factory=dict)
    reaches: dict[str, Reach] = field(default_factory=dict)
    standing: Standing | None = None  # for clients that keep rooms

    def view(self, before: View, after: View, naming: Naming, *, keeps: bool) -> View:
        """The answer's view with what its extensions have told.

        Of those which were not asked, or did not answer before, it ``keeps`` how far they were;
        or that is forgotten, and who answers counts as having told everything.
        """
        told = dict(self.reaches)
        if keeps:
            told = {name: _stopped(before, name) for name in before.told} | {
                name: reach if reach.resumed is None else _resumed(before, name, naming)
                for name, reach in told.items()
            }
        if told != before.told:
            after = replace(after, generation=naming.generation, nonce=naming.nonce)
        after = replace(after, told=told)
        if self.standing is None:
            return after
        hidden = self.standing.hidden
        answered = {
            name: Answered(extension, scope.since, marks.within, hidden.get(name, frozenset()))
            for name, (extension, scope, marks) in self.watch.scopes.items()
            if name in self.reaches and self.reaches[name].resumed is not None
        }
        return self.standing.after(after, answered)


def _stopped(view: View, extension: str) -> Reach:
    """How far an extension is that tells nothing after a view."""
    reach = view.told.get(extension)
    if reach is None:
        return Reach(view.since(extension) or 0, 0, None)
    return reach.stopped(view.position, view.generation)


def _resumed(view: View, extension: str, naming: Naming) -> Reach:
    """How far an extension is that tells what there is to tell after a view."""
    if view.first:
        return IN_STEP
    return view.told.get(extension, Reach(resumed=None)).going_on(naming.generation)


class ExtensionRunner:
    """The enabled extensions, in their configured order.

    ``on_failure`` is told the name of an extension and of the hook that failed.
    """

    def __init__(
        self,
        extensions: Sequence[Extension],
        pool: asyncpg.Pool,
        on_failure: Callable[[str, str], None] = lambda name, hook: None,
        watchdog: Watchdog | None = None,
    ) -> None:
        self._extensions = {extension.name: extension for extension in extensions}
        self._accepting = {e.name for e in extensions if type(e).accept is not Extension.accept}
        self._pool = pool
        self._on_failure = on_failure
        self._watchdog = watchdog or Watchdog()

    def active(self, ask: Ask) -> list[Active]:
        """The extensions that a request has switched on. Raises ``InvalidParam``."""
        found = []
        for name, extension in self._extensions.items():
            request = ask.extensions.get(name)
            if request is None or request.get("enabled") is not True:
                continue
            try:
                config = self._watchdog.call(extension.configure, MappingProxyType(request))
            except MatrixError:
                raise
            except Exception:
                self._failed(extension, "configure")
                continue
            if config is not None:
                chosen = Chosen(_names(request.get("lists")), _names(request.get("rooms")))
                found.append(Active(extension, config, chosen))
        return found

    async def accept(self, active: Sequence[Active], view: View, device: Device) -> None:
        """Acknowledgements, also if the answer is then lost."""
        for each in active:
            if each.name not in self._accepting:
                continue
            acknowledged = None
            if view.has_told(each.name) and not view.first:
                acknowledged = view.since(each.name)
            arrival = Arrival(device, each.config, acknowledged)
            try:
                async with asyncio.timeout(HOOK_S):
                    await self._watchdog.drive(each.extension.accept(arrival, self._pool))
            except MatrixError:
                raise
            except Exception:
                self._failed(each.extension, "accept")

    async def respond(
        self, active: Sequence[Active], question: Question, computed: Computed, sources: Sources
    ) -> Told:
        """What the extensions say to an answer whose rooms are made."""
        scopes = self._scopes(active, question, computed, sources)
        told = Told(Watch(scopes, self._watchdog))
        keeps = question.dialect.manners.keeps_unshown
        partly = {each.name for each in active if not keeps and each.chosen != EVERYWHERE}
        if keeps:
            told.standing = Standing(
                sources.cache.changes, question.view, computed, question.naming,
                sources.user, sources.device.device_key,
            )  # fmt: skip
            told.standing.look((each, scope.since) for each, scope, _ in scopes.values())
        for extension, scope, _ in sorted(
            scopes.values(), key=lambda entry: entry[0].needs_timeline
        ):
            answer = await self._ask(extension, scope)
            if answer is None:
                told.reaches[extension.name] = _stopped(question.view, extension.name)
                continue
            told.reaches[extension.name] = PARTLY if extension.name in partly else IN_STEP
            for room_id, members in answer.members.items():
                told.members[room_id] = told.members.get(room_id, frozenset()) | members
            if answer.body is not None:
                told.bodies[extension.name] = msgspec.json.encode(answer.body)
            told.news = told.news or _is_news(extension, answer)
        return told

    async def _ask(self, extension: Extension, scope: Scope) -> Answer | None:
        """Its answer; None when it failed."""
        whole = scope.complete and extension.has_whole
        if not (whole or extension.always or _may_say(scope)):
            return NOTHING
        try:
            async with asyncio.timeout(HOOK_S):
                loaded = await self._watchdog.drive(extension.load(scope, self._pool))
            return self._watchdog.call(extension.respond, scope, loaded)
        except MatrixError:
            raise
        except Exception:
            self._failed(extension, "respond")
            return None

    def _failed(self, extension: Extension, hook: str) -> None:
        log.exception("Extension %s failed in %s", extension.name, hook)
        self._on_failure(extension.name, hook)

    def _scopes(
        self, active: Sequence[Active], question: Question, computed: Computed, sources: Sources
    ) -> dict[str, tuple[Extension, Scope, Marks]]:
        """Each extension's scope. Most clients ask the same of all: it is found once."""
        device, cache, view = sources.device, sources.cache, question.view
        manners = question.dialect.manners
        keeps = manners.keeps_unshown
        found: dict[Chosen, tuple[Mapping[RoomID, int], dict[RoomID, Shown], Collection[int]]] = {}
        scopes = {}
        ignored = frozenset(map(UserID, sources.user.ignored)) - {device.user_id}
        for each in active:
            if each.chosen not in found:
                rooms = manners.scope(each.chosen, question.ask, computed, sources.user)
                keys = rooms.keys_ if isinstance(rooms, RoomsOf) else frozenset(rooms.values())
                found[each.chosen] = rooms, _shown(rooms, computed), keys
            rooms, shown, keys = found[each.chosen]
            since = since_of(each.extension, view, keeps=keeps)
            bounds: Mapping[int, int | None] = {}
            if keeps:
                bounds = bounds_of(each.extension, view, computed, keys, since)
            elif going_on := gone_on_with(each.extension, view, computed):
                bounds = {key: going_on[key] for key in going_on.keys() & keys}
            marks = Marks(
                cache.changes, each.name, device.user_key, device.device_key, keys, sources.user
            )
            scope = Scope(
                device=device,
                config=each.config,
                since=since,
                upto=computed.view.position,
                epoch=cache.epoch,
                told=view.has_told(each.name),
                rooms=rooms,
                shown=shown,
                watermarks=marks,
                ignored=ignored,
                bounds=_by_id(sources.user, bounds),
                complete=keeps,
                counts_wake=not keeps,
                repeats=not keeps,
                keeps=keeps,
            )
            scopes[each.name] = (each.extension, scope, marks)
        return scopes


def _may_say(scope: Scope) -> bool:
    """Whether there may be something to say that was not said."""
    if not scope.told or scope.initial or scope.bounds or scope.expanded:
        return True
    return scope.changed


def _by_id(user: CachedUser, bounds: Mapping[int, int | None]) -> Mapping[RoomID, int | None]:
    """The same of the rooms that the user is joined to."""
    return {
        RoomID(user.known[key].row.room_id): bound
        for key, bound in bounds.items()
        if user.may_see(key)
    }


def _is_news(extension: Extension, answer: Answer) -> bool:
    if answer.news is not None:
        return answer.news
    return answer.body is not None and not answer.body.keys() <= extension.constant


def _names(value: object) -> tuple[str, ...] | None:
    """Names of lists or rooms; None: all of them (E-2)."""
    if not isinstance(value, list) or value[:1] == ["*"]:
        return None
    return tuple(name for name in value if isinstance(name, str))


def _shown(rooms: Collection[RoomID], computed: Computed) -> dict[RoomID, Shown]:
    return {
        room_id: Shown(
            room.initial,
            tuple([event.event_id for event in room.timeline.events]),
            room.expanded and not room.initial,
        )
        for room_id, room in computed.shown.items()
        if room_id in rooms
    }
