"""Where extensions may speak: which rooms, and up to where their client was told of these.

A client that keeps rooms which it is shown no longer has, of each room, what some extension said
when the room was last in its scope. What came later is owed when the room is in the scope again.
Such rooms are exceptions: all others were told up to one position, that of the view.

An example: a receipt comes at 8 in a room that the client has, and that no window shows. The
client goes on to 12. The window shows the room: its bound is what it was before 8.
"""

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from syncv3.cache.changes import ChangeLog
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.view import Off, Quiet, Sent, View
from syncv3.extension import Extension
from syncv3.store.rows import ChangeRow
from syncv3.types import RoomID

NEVER: Final = -1
"""Among the bounds of rooms: nothing was told of this one."""


class RoomsOf(Mapping[RoomID, int]):
    """Some of a user's rooms with their keys: those of some keys that they are joined to.

    It is made without looking at any of them: an answer with one message has a scope of all rooms
    that are shown.
    """

    def __init__(self, user: CachedUser, keys: Collection[int]) -> None:
        self._user = user
        self.keys_ = keys

    def __getitem__(self, room_id: RoomID) -> int:
        key = self._user.by_id[room_id]
        if key not in self.keys_ or not self._user.may_see(key):
            raise KeyError(room_id)
        return key

    def __iter__(self) -> Iterator[RoomID]:
        known = self._user.known
        return (RoomID(known[key].row.room_id) for key in self.keys_ if self._user.may_see(key))

    def __len__(self) -> int:
        return sum(map(self._user.may_see, self.keys_))


def since_of(extension: Extension, view: View, *, keeps: bool) -> int | None:
    """Up to where the client was told by an extension; None: it is to be told everything.

    One that was not asked for in between goes on where it was (S-345).
    """
    if view.first:
        return None
    if not keeps or extension.name in view.told:
        return view.behind.get(extension.name, view.position)
    off = view.off.get(extension.name)
    if off is not None:
        return off.upto
    return None if extension.catches_up else view.position


def bounds_of(
    extension: Extension, view: View, computed: Computed, keys: Collection[int], since: int | None
) -> dict[int, int | None]:
    """The rooms of a scope of which the client was told less than up to ``since``, and up to
    where; None: nothing."""
    if not extension.catches_up or view.first:
        return {}
    if since is None:
        return dict.fromkeys(keys)
    found = {}
    for key in _perhaps(extension.name, view, computed, keys):
        bound = _bound(extension.name, view, key, since)
        if bound is None or bound < since:
            found[key] = bound
    return found


def _perhaps(name: str, view: View, computed: Computed, keys: Collection[int]) -> Collection[int]:
    """The rooms that may be exceptions: nearly always few, and not one after most messages."""
    if name in view.off or view.visible is None:
        return keys
    lagging = view.lagging.get(name, {})
    entered = computed.visible.keys() - view.visible.keys()
    return [key for key in (*entered, *lagging) if key in keys]


def _bound(name: str, view: View, key: int, since: int) -> int | None:
    sent = view.rooms.get(key)
    lag = view.lagging.get(name, {}).get(key, since)
    off = view.off.get(name)
    if sent is None or lag == NEVER or (off is not None and sent.generation > off.generation):
        return None
    upto = since if sent.upto is None else sent.upto
    return min(since, lag, upto, view.quiet_of(key, sent))


@dataclass(frozen=True, slots=True)
class Reach:
    """What one extension was asked: since when, and about which rooms (their keys)."""

    extension: Extension
    since: int | None
    keys: Container[int]


@dataclass(slots=True)
class Standing:
    """How a view stands towards its extensions after an answer: what they owe (see ``View``)."""

    log: ChangeLog
    before: View
    computed: Computed
    naming: Naming
    user_key: int
    device_key: int
    off: dict[str, Off] = field(default_factory=dict)
    lagging: dict[str, dict[int, int]] = field(default_factory=dict)
    quiet: Quiet | None = None
    untold: set[int] = field(default_factory=set)  # rooms outside, in which something is owed

    def after(self, view: View, answered: Mapping[str, Reach]) -> View:
        """The answer's ``view`` with that. ``answered`` are those that were asked and did."""
        self.quiet = self.before.quiet
        self._turn_off(answered)
        for name, reach in answered.items():
            self._reached(name, reach)
        rooms = self._rooms(view)
        now = (self.off, self.lagging, self.quiet)
        same = now == (self.before.off, self.before.lagging, self.before.quiet)
        if not same or rooms is not view.rooms:
            view = replace(view, generation=self.naming.generation, nonce=self.naming.nonce)
        return replace(view, rooms=rooms, off=self.off, lagging=self.lagging, quiet=self.quiet)

    def _turn_off(self, answered: Mapping[str, Reach]) -> None:
        """Extensions that were not asked, or failed, stay where they were."""
        before = self.before
        for name in (before.told | before.off.keys()) - answered.keys():
            upto = before.behind.get(name, before.position)
            self.off[name] = before.off.get(name) or Off(upto, before.generation)
        self.lagging = {name: dict(rooms) for name, rooms in before.lagging.items()}

    def _reached(self, name: str, reach: Reach) -> None:
        """All in its scope is told now. What is owed elsewhere?"""
        if not reach.extension.catches_up:
            return
        lagging = self.lagging.pop(name, {})
        lagging = {key: at for key, at in lagging.items() if key not in reach.keys}
        since = self.before.position if reach.since is None else reach.since
        shown = self.computed.visible
        if reach.keys is not shown:
            new = (key for key in shown.keys() - self.before.rooms.keys() if key not in reach.keys)
            lagging |= dict.fromkeys(new, NEVER)
        changes = () if self.before.first else self.log.after(name, since)
        if changes is None:
            self._be_quiet(since)
        for key in {key for change in changes or () if (key := self._concerns(change))}:
            if key in reach.keys or key not in self.before.rooms:
                continue
            if key in shown or since < self.before.position:
                lagging.setdefault(key, since)
            else:
                self.untold.add(key)
        if lagging:
            self.lagging[name] = lagging

    def _concerns(self, change: ChangeRow) -> int | None:
        mine = change.user_key in (None, self.user_key)
        return change.room_key if mine and change.device_key in (None, self.device_key) else None

    def _be_quiet(self, since: int) -> None:
        """It is not known any more what has changed where."""
        before, generation = self.quiet, self.before.generation
        if before is not None:
            since = min(since, before.position)
            generation = max(generation, before.generation)
        self.quiet = Quiet(generation, since)

    def _rooms(self, view: View) -> Mapping[int, Sent]:
        """The rooms, of which some were told less than the view, and some more than ``quiet``."""
        changed = {}
        for key in self.untold:
            sent = view.rooms.get(key)
            if sent is not None and sent.upto is None:
                changed[key] = replace(sent, upto=self.before.bound(key))
        before, quiet = self.before.visible, self.before.quiet
        if quiet is not None:
            entered = view.visible.keys() - before.keys() if before and view.visible else ()
            for key in entered:
                sent = view.rooms.get(key)
                if sent is not None and sent.generation <= quiet.generation:
                    changed[key] = replace(sent, generation=self.naming.generation)
        return {**view.rooms, **changed} if changed else view.rooms
