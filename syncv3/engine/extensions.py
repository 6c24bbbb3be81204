"""Runs the extensions' answer hooks for one request.

An extension is asked only when there may be something to say: its scope has changed since
the client's position, a room is sent whole, or it has not answered on this connection yet.
One that raises or hangs has its key left out, and its bound stays where it was; neither
the other extensions nor the rooms notice.

An answer takes three steps with them. ``active`` finds those that the request has switched on, and
has each read its part of the request (``configure``). ``accept`` gives them what the request
acknowledges, before anything is computed. ``respond`` has them ``load`` and ``respond`` when the
rooms of the answer are made, as some speak only of the timelines that are shown. What they have
told is noted in the answer's view (``ExtensionAnswers.view``), because what is not told now is owed
later.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import asyncpg
import msgspec
from msgspec.structs import replace

from syncv3.engine.asking import Grounds
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.computing import Question
from syncv3.engine.manners import Active, Chosen
from syncv3.engine.scopes import Standing
from syncv3.engine.sources import Sources
from syncv3.engine.view import IN_STEP, Reach, View
from syncv3.errors import MatrixError
from syncv3.extension import COUNTED, HOOK_S, Answer, Arrival, Extension, Scope
from syncv3.protocol.request import CompleteRequest
from syncv3.types import Device, RoomID, UserID
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

NOTHING = Answer()
EVERYWHERE: Final = Chosen(None, None)
PARTLY: Final = IN_STEP._replace(partly=True)


@dataclass(slots=True)
class ExtensionAnswers:
    """What the extensions say in one answer.

    ``bodies`` are their objects as JSON, ``members`` whose member events rooms must show;
    ``reaches`` of those that were asked go into the view (see there), ``counts`` into the access
    line.
    """

    grounds: Grounds | None
    bodies: dict[str, bytes] = field(default_factory=dict)
    news: bool = False
    members: dict[RoomID, frozenset[UserID]] = field(default_factory=dict)
    reaches: dict[str, Reach] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
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
        # Another name only where something else was told than before: else nothing is to be stored.
        if told != before.told:
            after = replace(after, generation=naming.generation, nonce=naming.nonce, told=told)
        elif told != after.told:
            after = replace(after, told=told)
        if self.standing is None or self.grounds is None:
            return after
        hidden = self.standing.hidden
        told_now = (name for name, reach in self.reaches.items() if reach.resumed is not None)
        answered = {
            name: self.grounds.answered(name, hidden.get(name, frozenset())) for name in told_now
        }
        return self.standing.after(after, answered)


def _stopped(view: View, extension: str) -> Reach:
    """How far an extension has told when it says nothing in the answer that follows a view: it is
    not asked for, or has failed."""
    reach = view.told.get(extension)
    if reach is None:
        return Reach(view.since(extension) or 0, 0, None)
    return reach.stopped(view.position, view.generation)


def _resumed(view: View, extension: str, naming: Naming) -> Reach:
    """How far an extension has told when it has answered after a view, perhaps for the first time
    since it was not asked for."""
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

    def active(self, ask: CompleteRequest) -> list[Active]:
        """The extensions that a request has switched on, in the order in which they are asked.

        Raises ``InvalidParam``.
        """
        found = []
        for name, extension in self._extensions.items():
            request = ask.extensions.get(name)
            if request is None or request.get("enabled") is not True:
                continue  # a value that only looks true does not count: it may be anything
            try:
                config = self._watchdog.call(extension.configure, MappingProxyType(request))
            except MatrixError:
                raise
            except Exception:
                self._failed(extension, "configure")
                continue
            if config is not None:  # None: it does not want to take part in this answer
                chosen = Chosen(_names(request.get("lists")), _names(request.get("rooms")))
                found.append(Active(extension, config, chosen))
        return sorted(found, key=lambda each: each.extension.needs_timeline)

    async def accept(self, active: Sequence[Active], view: View, device: Device) -> None:
        """Has extensions take what the request acknowledges. That counts also if the answer is
        then lost: the client has shown that it has got what came before."""
        for each in active:
            if each.extension.name not in self._accepting:
                continue
            acknowledged = None
            if view.has_told(each.extension.name) and not view.first:
                acknowledged = view.since(each.extension.name)
            arrival = Arrival(device, each.config, acknowledged)
            try:
                await self._watchdog.within(HOOK_S, each.extension.accept(arrival, self._pool))
            except MatrixError:
                raise
            except Exception:
                self._failed(each.extension, "accept")

    async def respond(
        self, active: Sequence[Active], question: Question, computed: Computed, sources: Sources
    ) -> ExtensionAnswers:
        """What the extensions say to an answer whose rooms are made."""
        grounds = Grounds(active, question, computed, sources, self._watchdog)
        told = ExtensionAnswers(grounds)
        if grounds.keeps:
            told.standing = Standing(
                sources.cache.changes, question.view, computed, question.naming,
                sources.user, sources.device.device_key,
            )  # fmt: skip
            told.standing.look(  # where nothing can be said nothing is hidden
                (each.extension, grounds.since(each.extension))
                for each in active
                if not grounds.says_nothing(each.extension.name)
            )
        for each in active:
            extension = each.extension
            answer = (
                NOTHING if _says_nothing(grounds, extension) else await self._ask(grounds, each)
            )
            if answer is None:
                told.reaches[extension.name] = _stopped(question.view, extension.name)
                continue
            partly = not grounds.keeps and each.chosen != EVERYWHERE
            told.reaches[extension.name] = PARTLY if partly else IN_STEP
            if answer is not NOTHING:
                _take(told, extension, answer)
        return told

    async def _ask(self, grounds: Grounds, each: Active) -> Answer | None:
        """An extension's answer; None when it failed."""
        extension, scope, _ = grounds.asked(each.extension.name)
        if not (_is_always_asked(grounds, extension) or _may_say(scope)):
            return NOTHING
        try:
            loaded = await self._watchdog.within(HOOK_S, extension.load(scope, self._pool))
            return self._watchdog.call(extension.respond, scope, loaded)
        except MatrixError:
            raise
        except Exception:
            self._failed(extension, "respond")
            return None

    def _failed(self, extension: Extension, hook: str) -> None:
        log.exception("Extension %s failed in %s", extension.name, hook)
        self._on_failure(extension.name, hook)


def _says_nothing(grounds: Grounds, extension: Extension) -> bool:
    """Whether an extension need not be asked, and its scope not even be made."""
    return not _is_always_asked(grounds, extension) and grounds.says_nothing(extension.name)


def _is_always_asked(grounds: Grounds, extension: Extension) -> bool:
    if extension.always or (grounds.keeps and extension.has_whole):
        return True
    return extension.with_rooms and bool(grounds.computed.shown)


def _may_say(scope: Scope) -> bool:
    """Whether there may be something to say that was not said."""
    if not scope.told or scope.initial or scope.bounds or scope.expanded:
        return True
    return scope.changed


def _take(told: ExtensionAnswers, extension: Extension, answer: Answer) -> None:
    """Adds what an extension says to what others have said."""
    for room_id, members in answer.members.items():
        told.members[room_id] = told.members.get(room_id, frozenset()) | members
    if answer.body is not None:
        told.bodies[extension.name] = msgspec.json.encode(answer.body)
    if answer.counts:
        counts = answer.counts
        told.counts |= {name: counts[name] for name in COUNTED & counts.keys() if counts[name]}
    told.news = told.news or _is_news(extension, answer)


def _is_news(extension: Extension, answer: Answer) -> bool:
    if answer.news is not None:
        return answer.news
    return answer.body is not None and not answer.body.keys() <= extension.constant


def _names(value: object) -> tuple[str, ...] | None:
    """Names of lists or rooms; None: all of them (E-2)."""
    if not isinstance(value, list) or value[:1] == ["*"]:
        return None
    return tuple(name for name in value if isinstance(name, str))
