"""What extensions are asked for one answer: who has to be asked at all, and about what.

Nearly always no extension has anything to say: a message has come, or nothing has. That must cost
next to nothing, so an extension's ``Scope`` is made when somebody looks at it: when it is asked,
or when something has changed that may wake a request which waits.

An example: a message comes into room A, and a client has receipts and typing switched on. Both have
told everything up to the client's position, and the log of changes says that nothing of theirs has
changed since. The answer shows no room that the client did not have. So neither is asked, and no
scope is made. If a receipt comes while the next request waits, its scope is made, and
``Extension.wakes`` is asked whether the receipt is news to this client.
"""

import logging
from collections.abc import Collection, Container, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from syncv3.cache.changes import ChangeLog
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed
from syncv3.engine.computing import Question
from syncv3.engine.manners import Active, Chosen
from syncv3.engine.scopes import AnsweredScope, RoomsOf, bounds_of, gone_on_with, since_of
from syncv3.engine.sources import Sources
from syncv3.extension import Change, Extension, Scope, Shown
from syncv3.store.rows import ChangeRow
from syncv3.types import RoomID, UserID
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)


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
        """Whether something may have changed after a position: in one room, or in the scope."""
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


class ExtensionQuestion(NamedTuple):
    """What an extension is asked about in one answer."""

    extension: Extension
    scope: Scope
    marks: Marks


class ChosenRooms(NamedTuple):
    """The rooms that a request has chosen for an extension: by ID, their keys, and those of them
    that are in the answer."""

    rooms: Mapping[RoomID, int]
    keys: Collection[int]
    shown: Mapping[RoomID, Shown]


class Grounds:
    """What one answer's extensions may speak about: made from it, piece by piece, when needed.

    While the answer waits, changes in there wake it.
    """

    def __init__(
        self,
        active: Collection[Active],
        question: Question,
        computed: Computed,
        sources: Sources,
        watchdog: Watchdog,
    ) -> None:
        self.active = {each.extension.name: each for each in active}
        self.view = question.view
        self.computed = computed
        self.keeps = question.dialect.manners.keeps_unshown
        self._question = question
        self._sources = sources
        self._watchdog = watchdog
        self._asked: dict[str, ExtensionQuestion] = {}
        self._places: dict[Chosen, ChosenRooms] = {}
        self._epoch = sources.cache.epoch  # all else here stays as it is
        self._calm = self._is_calm()

    def says_nothing(self, name: str) -> bool:
        """Whether it is plain, without a look at its scope, that an extension has nothing to say:
        nothing of its has changed, for anybody, and all else was told."""
        reach = self.view.told.get(name)
        if not self._calm or reach is None or reach.resumed is None:
            return False
        return self._sources.cache.changes.is_silent(name, self.view.position)

    def asked(self, name: str) -> ExtensionQuestion:
        """What an active extension is asked about."""
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = self._ask(self.active[name])
        return asked

    def answered(self, name: str, hidden: Set[int]) -> AnsweredScope:
        """What an extension was asked that has answered: the view remembers it (``Standing``)."""
        each = self.active[name]
        keys = self._place(each.chosen).keys
        return AnsweredScope(each.extension, self.since(each.extension), keys, hidden)

    def since(self, extension: Extension) -> int | None:
        """See ``since_of``."""
        return since_of(extension, self.view, keeps=self.keeps)

    def wakes(self, change: ChangeRow) -> bool:
        """Whether a change is news to one of the active extensions."""
        name = change.extension
        return name in self.active and wakes(self.asked(name), change, self._watchdog)

    def _is_calm(self) -> bool:
        """Whether this answer shows no room in another way than the one before it."""
        view, computed = self.view, self.computed
        if view.first or view.lagging or computed.view.kept is not view.kept:
            return False
        if computed.renewed:
            return False
        if any(room.initial or room.expanded for room in computed.shown.values()):
            return False
        shown = computed.visible
        return (
            shown is view.visible or not self.keeps or shown.keys() == (view.visible or {}).keys()
        )

    def _ask(self, each: Active) -> ExtensionQuestion:
        """Makes an extension's scope: all that it may look at and speak about."""
        sources, device = self._sources, self._sources.device
        place = self._place(each.chosen)
        name, changes = each.extension.name, sources.cache.changes
        marks = Marks(changes, name, device.user_key, device.device_key, place.keys, sources.user)
        since = self.since(each.extension)
        scope = Scope(
            device=device,
            config=each.config,
            since=since,
            upto=self.computed.view.position,
            epoch=self._epoch,
            told=self.view.has_told(name),
            rooms=place.rooms,
            shown=place.shown,
            watermarks=marks,
            ignored=frozenset(map(UserID, sources.user.ignored)) - {device.user_id},
            bounds=self._bounds(each.extension, place.keys, since),
            complete=self.keeps,
            counts_wake=not self.keeps,
            repeats=not self.keeps,
            keeps=self.keeps,
        )
        return ExtensionQuestion(each.extension, scope, marks)

    def _place(self, chosen: Chosen) -> ChosenRooms:
        """The rooms of a choice, found once: most clients choose the same for all extensions."""
        place = self._places.get(chosen)
        if place is None:
            question, user = self._question, self._sources.user
            rooms = question.dialect.manners.scope(chosen, question.ask, self.computed, user)
            keys = rooms.keys_ if isinstance(rooms, RoomsOf) else frozenset(rooms.values())
            place = self._places[chosen] = ChosenRooms(rooms, keys, _shown(rooms, self.computed))
        return place

    def _bounds(
        self, extension: Extension, keys: Collection[int], since: int | None
    ) -> Mapping[RoomID, int | None]:
        """See ``Scope``: of the rooms that the user is joined to."""
        if self.keeps:
            bounds = bounds_of(extension, self.view, self.computed, keys, since)
        else:
            going_on = gone_on_with(extension, self.view, self.computed)
            bounds = {key: going_on[key] for key in going_on.keys() & keys}
        user = self._sources.user
        return {
            RoomID(user.known[key].row.room_id): bound
            for key, bound in bounds.items()
            if user.may_see(key)
        }


def wakes(asked: ExtensionQuestion, change: ChangeRow, watchdog: Watchdog) -> bool:
    """Whether to wake for a change. A hook that raises or hangs counts as yes."""
    extension, scope, marks = asked
    if not marks.concerns(change):
        return False
    told = Change(change.pos, change.user_key, change.device_key, change.room_key)
    try:
        return watchdog.call(extension.wakes, told, scope)
    except Exception:
        log.exception("Extension %s failed in wakes", extension.name)
        return True  # an answer too many is better than news that nobody hears of


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
