"""Where extensions may speak: which rooms, and up to where their client was told of these.

A client that keeps rooms which it is shown no longer has, of each room, what some extension said
when the room was last in its scope. What came later is owed when the room is in the scope again.
Such rooms are exceptions: all others were told up to one position, that of the view.

An example: a receipt comes at 8 in a room that the client has, and that no window shows. The
client goes on to 12. The window shows the room: its bound is what it was before 8.

Another: a room is tagged at 8, and its user is kicked at 9. The client is told of the kick alone,
as nothing else may be said of a room that its user is out of. When they are in it again its bound
is from before 8, though the room itself is sent whole: the client keeps the tags that it has.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from syncv3.cache.changes import ChangeLog
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.view import Quiet, Sent, View
from syncv3.extension import Extension
from syncv3.store.rows import ChangeRow
from syncv3.types import RoomID

NEVER: Final = -1
"""Among the bounds of rooms: nothing was told of this one."""


class RoomsOf(Mapping[RoomID, int]):
    """Some of a user's rooms with their keys: those of some keys that they are joined to.

    It is made without looking at any of them: an answer with one message has a scope of all rooms
    that are shown. Who goes through all of them has them looked at once.
    """

    def __init__(self, user: CachedUser, keys: Collection[int]) -> None:
        self._user = user
        self._all: dict[RoomID, int] | None = None
        self.keys_ = keys

    def __getitem__(self, room_id: RoomID) -> int:
        if self._all is not None:
            return self._all[room_id]
        key = self._user.by_id[room_id]
        if key not in self.keys_ or not self._user.may_see(key):
            raise KeyError(room_id)
        return key

    def __iter__(self) -> Iterator[RoomID]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[RoomID, int]:
        if self._all is None:
            known = self._user.known
            shown = filter(self._user.may_see, self.keys_)
            self._all = {RoomID(known[key].row.room_id): key for key in shown}
        return self._all


def since_of(extension: Extension, view: View, *, keeps: bool) -> int | None:
    """Up to where the client was told by an extension; None: it is to be told everything.

    One that is asked for in the middle of a connection tells everything, if that can be owed to
    a client that ``keeps`` rooms (S-345).
    """
    new = keeps and extension.catches_up and extension.name not in view.told
    return None if new else view.since(extension.name)


def gone_on_with(extension: Extension, view: View, computed: Computed) -> dict[int, int | None]:
    """The rooms of an earlier connection that this answer is the first to show, not whole, and up
    to where the client was told of each; None: perhaps nothing.

    For dialects whose clients keep no other rooms.
    """
    if not extension.catches_up or computed.view.kept is view.kept:
        return {}
    heard = view.heard.get(extension.name, {})
    whole = computed.renewed
    return {k: heard.get(k) for k in view.kept if k in computed.visible and k not in whole}


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
        bound = _bound(extension.name, view, computed, key)
        if bound is None or bound < since:
            found[key] = bound
    return found


def _perhaps(name: str, view: View, computed: Computed, keys: Collection[int]) -> Collection[int]:
    """The rooms that may be exceptions: nearly always few, and not one after most messages."""
    reach = view.told.get(name)
    if view.visible is None or reach is None or reach.resumed is None:
        return keys
    lagging = view.lagging.get(name, {})
    entered = computed.visible.keys() - view.visible.keys()
    return [key for key in {*entered, *lagging, *computed.renewed} if key in keys]


def _bound(name: str, view: View, computed: Computed, key: int) -> int | None:
    """Up to where the client was told of a room by an extension; None: nothing.

    A room that comes whole, and that the client knew from outside only (an invite), has nothing.
    """
    sent = view.rooms.get(key)
    if key in computed.renewed and sent is not None and not sent.inside:
        return None
    lag = view.lagging.get(name, {}).get(key)
    bound = view.bound_of(name, key)
    if bound is None or lag == NEVER:
        return None
    return bound if lag is None else min(bound, lag)


@dataclass(frozen=True, slots=True)
class AnsweredScope:
    """What an extension was asked, and has answered: what came after ``since``, in the rooms
    ``keys``. In the ``hidden`` ones of these it could say nothing, as their user is out of them."""

    extension: Extension
    since: int | None
    keys: Container[int]
    hidden: Set[int] = frozenset()

    def tells(self, key: int) -> bool:
        return key in self.keys and key not in self.hidden


@dataclass(slots=True)
class Standing:
    """What extensions owe a client that keeps rooms, after an answer.

    An example: the client has A, B and C, told up to 10. The windows show A and B, and the request
    asks for receipts in A alone. At 12 a receipt comes into each of the three. That in A is told. B
    is shown and not in the scope: it *lags*, as it was told up to 10 (``View.lagging``). C is not
    shown: it counts as told up to 10, whatever comes into it (``Sent.upto``). Where it is not known
    which rooms have changed, one doubt stands for all that are not shown (``Quiet``).
    """

    log: ChangeLog
    before: View
    computed: Computed
    naming: Naming
    user: CachedUser
    device_key: int
    hidden: dict[str, Set[int]] = field(default_factory=dict)
    lagging: dict[str, Mapping[int, int]] = field(default_factory=dict)
    quiet: Quiet | None = None
    untold: set[int] = field(default_factory=set)  # rooms outside, in which something is owed

    def look(self, asked: Iterable[tuple[Extension, int | None]]) -> None:
        """Notes which rooms extensions must not tell of, before any of them is asked: if a user
        comes back into a room while the answer is made, this answer has not told of it."""
        self.hidden = {
            extension.name: self._hidden(extension.name, since)
            for extension, since in asked
            if extension.catches_up
        }

    def _hidden(self, name: str, since: int | None) -> Set[int]:
        """The rooms in which something may have changed, and whose user is out of them, or may be.

        Rooms that the client knows from outside only, by an invite say, are not among them: they
        are told completely when their user is in them.
        """
        shown, after = self.computed.visible, self.computed.view
        changed = self._changed(name, self.before.position if since is None else since)
        perhaps = {
            *self.before.lagging.get(name, ()),
            *(shown if changed is None else changed),
            *self._perhaps_untold(name),
            *self._entered(after),
        }
        return {key for key in perhaps & after.rooms.keys()
                if after.rooms[key].inside and not self.user.may_see(key)}  # fmt: skip

    def after(self, view: View, answered: Mapping[str, AnsweredScope]) -> View:
        """The answer's ``view``, with what extensions owe then. ``answered`` has those that have
        answered: of others the view knows how far they were."""
        before = self.before
        self.quiet, self.lagging = before.quiet, dict(before.lagging)
        for name, asked in answered.items():
            if asked.extension.catches_up:
                self._told(name, asked)
        rooms = self._rooms(view, answered)
        same = self.lagging == before.lagging and self.quiet == before.quiet
        if not same or rooms is not view.rooms:
            view = replace(view, generation=self.naming.generation, nonce=self.naming.nonce)
        return replace(view, rooms=rooms, lagging=self.lagging, quiet=self.quiet)

    def _told(self, name: str, asked: AnsweredScope) -> None:
        """All in its scope is told now. What is owed elsewhere?

        In rooms that are shown and not in the scope it is noted; rooms that are not shown were
        told up to where the client is. (An extension that was off owes there what ``Reach`` says.)
        """
        before, shown = self.before, self.computed.visible
        rooms = self.computed.view.rooms
        lagging = {k: at for k, at in self.lagging.pop(name, {}).items()
                   if k in rooms and not asked.tells(k)}  # fmt: skip
        elsewhere = () if asked.keys is shown else self._perhaps_untold(name)
        for key in (*elsewhere, *asked.hidden):
            if not asked.tells(key) and _bound(name, before, self.computed, key) is None:
                lagging[key] = NEVER
        since = before.position if asked.since is None else asked.since
        changed = self._changed(name, since)
        if changed is None:  # any room may be meant: one doubt stands for all of them
            self.quiet = Quiet(before.generation, since).also(self.quiet)
            changed = {*asked.hidden, *(() if asked.keys is shown else shown)}
        for key in changed:
            if asked.tells(key) or key not in before.rooms:
                continue
            if key in shown or key in asked.hidden:
                lagging.setdefault(key, since)
            elif since == before.position:
                self.untold.add(key)
        if lagging:
            self.lagging[name] = lagging

    def _perhaps_untold(self, name: str) -> Collection[int]:
        """The shown rooms of which an extension may have told nothing: those that are new to the
        client; all, if the extension has not told of every room that was sent."""
        shown, reach = self.computed.visible, self.before.told.get(name)
        if reach is None or reach.resumed is None:
            return shown.keys()
        return (shown.keys() - self.before.rooms.keys()) | (shown.keys() & self.computed.renewed)

    def _changed(self, name: str, since: int) -> set[int] | None:
        """The rooms in which something has changed for the extension; None: it is not known any
        more in which."""
        changes = () if self.before.first else self.log.after(name, since)
        if changes is None:
            return None
        return {key for change in changes if (key := self._concerns(change))}

    def _concerns(self, change: ChangeRow) -> int | None:
        """The room of a change that is one for this user and device; None: it is not, or of no
        room."""
        mine = change.user_key in (None, self.user.row.user_key)
        return change.room_key if mine and change.device_key in (None, self.device_key) else None

    def _rooms(self, view: View, answered: Mapping[str, AnsweredScope]) -> Mapping[int, Sent]:
        """The rooms: some were told less than the view, and some more than was known of them."""
        changed = {}
        for key in self.untold:
            sent = view.rooms.get(key)
            if sent is not None and sent.upto is None:
                changed[key] = replace(sent, upto=self.before.bound(key))
        for key in self._entered(view):
            sent = view.rooms.get(key)
            if sent is not None and self._doubtful(sent, answered):
                changed[key] = replace(sent, generation=self.naming.generation)
                self._owe_outside(key, answered)
        for key in self._caught_up():
            if (sent := changed.get(key) or view.rooms.get(key)) is not None:
                changed[key] = replace(sent, generation=self.naming.generation)
        return {**view.rooms, **changed} if changed else view.rooms

    def _caught_up(self) -> Set[int]:
        """The rooms of which an extension has told now what it owed: a client that has not got this
        answer, while nothing else is known of it any more, is owed it still."""
        now = self.lagging
        return {
            key
            for name, rooms in self.before.lagging.items()
            for key in rooms
            if key not in now.get(name, ())
        }

    def _entered(self, view: View) -> Collection[int]:
        """The rooms that were not shown before; all, if it is not known any more which were."""
        return (view.visible or {}).keys() - (self.before.visible or {}).keys()

    def _owe_outside(self, key: int, answered: Mapping[str, AnsweredScope]) -> None:
        """Notes what is in doubt of a room for extensions in whose scope it is not: the doubt
        itself ends, for the sake of those which have told all of it now."""
        for name, asked in answered.items():
            if not asked.extension.catches_up or asked.tells(key):
                continue
            bound = _bound(name, self.before, self.computed, key)
            if bound is not None and self.quiet is not None:
                bound = min(bound, self.quiet.position)
            lag = NEVER if bound is None else bound
            self.lagging[name] = {**self.lagging.get(name, {}), key: lag}

    def _doubtful(self, sent: Sent, answered: Mapping[str, AnsweredScope]) -> bool:
        """Whether less was known to be told of a room than is told now: only once, therefore."""
        quiet = self.quiet
        if quiet is not None and sent.generation <= quiet.generation:
            return True
        reaches = (self.before.told.get(name) for name in answered)
        return any(r is not None and sent.generation < (r.resumed or 0) for r in reaches)
