"""One connection in memory, and how it is kept in the database.

A client asks again and again on its connection, each time with the ``pos`` of an answer. Each
answer leaves a *view* behind (``view.py``), which its ``pos`` names. Answers get lost, so which
view the client really has is only known when a ``pos`` comes back. An example: A was answered,
and from A both B and C were made, as the client has asked twice with A's ``pos``. It may come
next with A, B or C. So memory keeps one *presented* view (A) and those made from it. When C is
presented, A and B go. If the client comes with one of these after all, or if the process was
started anew, the view is rebuilt from what is stored (``stored.py``).

The database has one view of each connection, the one saved last, as a row for each room. A save
writes what differs from the save before; it takes three calls: ``save`` gives the difference,
``saving`` notes that it is on its way, ``saved`` that it has arrived. If it is cut off between,
``uncertain`` has the rooms whose rows may be of before or of after. And what is stored may be of
an answer that the client never gets: ``perhaps_stored`` and ``surely_stored`` keep count of that,
for the tokens that are given out (``base_of``).

Members who are loaded lazily are remembered for the connection, each with the position of the
answer that had them: a client that comes back with an older view lacks those sent later.
"""

import asyncio
import operator
import time
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from syncv3.engine.configs import Configs
from syncv3.engine.dialect import Dialect
from syncv3.engine.manners import Active
from syncv3.engine.stored import (
    StoredView,
    members_of,
    row_of,
    sent_rooms_of,
    write_told,
    write_windows,
)
from syncv3.engine.view import UNMET, Met, Sent, View, ViewKey
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import CompleteRequest
from syncv3.store.connections import Save, StoredConnection, StoredRoom
from syncv3.types import Device

# A client may repeat one ``pos`` as often as it likes, and each answer leaves a view behind. These
# bound how many views, and how much in all of them, it can make this process remember.
VIEWS_MOST: Final = 12
SIBLINGS_BYTES: Final = 128 * 1024
SIBLINGS_ROOMS: Final = 20_000
# How many lazily sent members are remembered for a room; the oldest are sent again when needed.
LAZY_MOST: Final = 100
At = tuple[int, str, str]
"""A device's key, the tag of a dialect, and what the client calls the connection."""


Base = tuple[int, int]
"""The generation and position of a view that others were made from."""


def _least(one: Base | None, other: Base) -> Base:
    """The lower generation and the lower position of the two, each by itself."""
    return other if one is None else (min(one[0], other[0]), min(one[1], other[1]))


class Waiter(asyncio.Event):
    """A waiting request's alarm: it is set when the request should look again.

    ``ended``: the request must answer now, with what it has. ``polled`` ends when somebody polls
    the request's device, or when it is known that nobody can; None: the device is polled.
    ``rooms``: what happens in rooms may be news for the request. ``behind``: something has
    changed since its answer was computed, be it news or not.
    """

    def __init__(self, polled: "asyncio.Future[None] | None" = None, *, rooms: bool = True) -> None:
        super().__init__()
        self.ended = False
        self.behind = False
        self.rooms = rooms
        self._polled = polled
        if polled is not None:
            polled.add_done_callback(self._wake)

    def clear(self) -> None:
        """The answer is computed from now on: what changes later is not in it."""
        super().clear()
        self.behind = False

    def _wake(self, _polled: object) -> None:
        self.set()

    def close(self) -> None:
        """The request waits no longer; its device may still be seen to for others."""
        if self._polled is not None:
            self._polled.remove_done_callback(self._wake)

    def raise_if_unpolled(self) -> None:
        """Raises why nobody can poll the device: it would be waited for in vain."""
        if self._polled is not None and self._polled.done() and not self._polled.cancelled():
            self._polled.result()


def with_met(before: Mapping[str, int], met: Met, at: int) -> dict[str, int]:
    """The members of a room whom the client has, by user ID with the position of the answer that
    had them: ``before``, and after an answer at position ``at`` that says ``met`` of them."""
    known = {} if met.anew else dict(before)  # others go on using ``before``
    for user_id in met.struck:
        known.pop(user_id, None)
    for user_ids, value in ((met.members, at), (met.unmet, UNMET)):
        for user_id in user_ids:
            known.pop(user_id, None)  # to the end of the order: the first ones are forgotten first
            known[user_id] = value
    while len(known) > LAZY_MOST:
        del known[next(iter(known))]
    return known


class Connection:
    """A connection of a device: its sticky request, and the views it may be asked from."""

    def __init__(self, key: int, device: Device, conn_id: str, dialect: Dialect) -> None:
        self.key = key
        self.device = device
        self.conn_id = conn_id
        self.dialect = dialect
        self.ask: CompleteRequest | None = None
        self.active: Sequence[Active] | None = None  # the extensions that it has switched on
        self.repeats: object = None  # what a request has said that changed nothing of it
        self.remembers = 0  # bytes of the sticky request
        self.rooms_allowed = 0  # so many rooms may be remembered
        self.views: dict[ViewKey, View] = {}  # the presented one, and those made from it
        self.members: dict[int, dict[str, int]] = {}  # by room key: see ``with_met``
        self.unstored: set[int] = set()  # rooms whose ``members`` are not stored as they are
        self.hold: dict[int, float] = {}  # since when own events wait for their transaction IDs
        self.opened: set[int] = set()  # rooms that a subscription has shown to lack history
        self.configs = Configs(dialect, needed=dialect.manners.keeps_unshown)
        self.stored: Mapping[int, Sent] = {}  # the rooms of ``stored_key``
        self.uncertain: set[int] = set()  # a save of them was begun, and perhaps cut off
        self._in_save: View | None = None
        self.stored_met: Mapping[int, Met] = {}  # of the stored view; stored, not yet learned
        self.perhaps_stored: Base = (0, 0)  # the most that any save may have stored
        self.surely_stored: Base | None = None  # the stored rooms that the client has; None: all
        self.stored_key: ViewKey = (0, 0, 0)
        self.stored_request = b""
        self.stored_told: bytes | None = None
        self.old = False  # it was read, and had been stored in an epoch that had ended
        self.stored_configs = b""
        self.stored_turn = 0
        self.stored_epoch = 0  # in which this was stored, or read
        self.saved_at = 0.0
        self.storing = asyncio.Lock()
        self.windows: bytes | None = None  # as stored
        self.generation = 0  # the highest of any of its views: the next one gets a higher one
        self.turn = 0  # of the newest request, among several workers
        self.used = 0.0  # on the monotonic clock
        self.lock = asyncio.Lock()  # its requests are answered one after another
        self.waiting: Waiter | None = None  # of the request that waits for news
        self.earlier: tuple[PosToken, Connection] | None = None  # to begin with its rooms
        self.newest: View | None = None
        self.newest_epoch = 0
        self._presented: Base = (0, 0)
        self._since_presented: set[ViewKey] = set()  # that view, and those made since
        self.asked = 0  # requests so far, and what else ends the waits of older ones

    @property
    def at(self) -> At:
        """What a request finds it by."""
        return self.device.device_key, self.dialect.tag, self.conn_id

    @property
    def has_rooms(self) -> bool:
        """Whether a client may have been sent rooms on it."""
        return bool(self.stored) or any(view.rooms or view.kept for view in self.views.values())

    def interrupt(self) -> None:
        """Ends the waits of older requests, also of those whose turn has not come (C-8)."""
        self.asked += 1
        if self.waiting is not None:
            self.waiting.ended = True
            self.waiting.set()

    def present(self, view: View, surely_stored: Base | None = None) -> None:
        """A client came back with this view: only it and what was made from it may follow.

        The view is kept in memory, also when it was rebuilt from what is stored: the answer that
        is made from it may be stored and yet get lost, and then the client comes with this view
        once more. ``surely_stored``: what is stored was not this view; only the rooms that it
        had up to there are known to be the client's.
        """
        self.unstored.update(self.stored_met)  # which may be that of an answer that got lost
        self.stored_met = {}
        self._learn(view)
        base = (view.generation, view.position)
        self.views = {
            key: other
            for key, other in self.views.items()
            if (other.base_generation, other.base_position) == base
        }
        self.views[view.key] = view
        self._presented, self._since_presented = base, {view.key}
        self.generation = max(self.generation, view.generation, view.base_generation)
        if surely_stored is None and any(map(operator.gt, self.perhaps_stored, base)):
            surely_stored = base  # of an answer that the client has not got
        if surely_stored is not None:
            self.surely_stored = _least(self.surely_stored, surely_stored)

    def _learn(self, view: View) -> None:
        """The client has the answer of this view: what that says of members counts now."""
        for room_key, met in view.met.items():
            self.members[room_key] = with_met(self.members.get(room_key, {}), met, view.position)
            self.unstored.add(room_key)

    def unlearn(self, after: int) -> None:
        """Forgets the members that were sent after this position: perhaps by lost answers."""
        for room_key, known in self.members.items():
            if any(at > after for at in known.values()):
                self.members[room_key] = {user: at for user, at in known.items() if at <= after}
                self.unstored.add(room_key)

    def rewind(self, ended: int) -> None:
        """The epoch of the presented view has ended there: later positions mean something else."""
        self.members = {}
        end = self._presented[0], ended
        self._presented = _least(self._presented, end)
        if self.surely_stored is not None:
            self.surely_stored = _least(self.surely_stored, end)

    def base_of(self, view: View) -> Base:
        """What the token of a view says that it was made from.

        After a kill only this tells which of the stored rooms the client has. An example: an
        answer of generation 2 is stored and gets lost. The client comes back with its old
        ``pos``, of generation 1, and gets an answer of generation 3, and one made from that. If
        all this is not stored yet, rooms that were only in the lost answer are stored, with
        generation 2. So the last token must not say 3: only 1 is sure.
        """
        return _least(self.surely_stored, (view.base_generation, view.base_position))

    def keep(self, view: View, epoch: int) -> None:
        """Remembers an answer's view of that epoch, which is to be stored."""
        self.newest_epoch = epoch
        self.newest = self._with_few_configs(view)
        self.keep_aside(self.newest)

    def keep_aside(self, view: View) -> None:
        """Remembers the view of an answer that a newer request has ended: it is not stored."""
        self.views.pop(view.key, None)
        self.views[view.key] = view
        self._since_presented.add(view.key)
        self.generation = max(self.generation, view.generation)
        while len(self.views) > VIEWS_MOST or self._siblings_are_large():
            del self.views[next(iter(self.views))]

    def _with_few_configs(self, view: View) -> View:
        """The view, in which rooms whose configs are too many count as not sent."""
        wanted, newest = self.configs.wanted, self.newest
        self.configs.wanted = wanted or (self.ask is not None and self.ask.resumable)
        same = newest is not None and view.rooms is newest.rooms and view.kept is newest.kept
        if not self.configs.wanted or (wanted and same):
            return view
        before = newest.has if newest is not None and wanted else {}
        rooms = view.has
        if not wanted:
            self.unstored.update(rooms)  # their rows have no configs yet
        for key, sent in rooms.items():
            if before.get(key) is not sent:
                self.configs.add(sent)
        if not self.configs.too_many():
            return view
        rooms = self.configs.forget_surplus(rooms, view.visible or {})
        shown, kept = ({key: rooms[key] for key in part} for part in (view.rooms, view.kept))
        return replace(view, rooms=shown, kept=kept)

    def _siblings_are_large(self) -> bool:
        """Whether older siblings of the newest view take too much: the requests that they were
        made from, or their rooms, as far as those are not the rooms of others.

        The view that was presented, and the newest one, must stay.
        """
        views = list(self.views.values())
        older, kept = views[:-2], views[-2:]
        requests = {id(view.subscriptions): view.request_bytes for view in older}
        rooms = {id(part): len(part) for view in older for part in view.parts}
        for view in kept:
            for part in view.parts:
                rooms.pop(id(part), None)
        return sum(requests.values()) > SIBLINGS_BYTES or sum(rooms.values()) > SIBLINGS_ROOMS

    def sent_members(
        self,
        room_key: int,
        members: frozenset[str],
        unmet: frozenset[str],
        at: int,
        *,
        anew: bool,
    ) -> None:
        """Notes who was sent lazily, and with which position; also who is still to be sent."""
        before = self.members.get(room_key, {})
        if not anew and not members and all(before.get(user_id) == UNMET for user_id in unmet):
            return
        self.members[room_key] = with_met(before, Met(members, unmet, anew=anew), at)
        self.unstored.add(room_key)

    def inherit(self, members: Mapping[int, Mapping[str, int]]) -> None:
        """Takes over which members were sent in the rooms of an earlier connection."""
        self.members = {key: dict(known) for key, known in members.items()}
        self.unstored.update(self.members)

    def recall(self, before: "Connection", key: ViewKey) -> None:
        """Takes over from ``before``, this connection as it was in memory, the view of that key.

        So it is when workers take turns: the client had view A from this worker. Another worker
        made B from A and stored it, and B got lost. The client comes back here with A. What is
        stored does not tell any more which rooms came with A itself; memory does.
        """
        if key in before.views:
            self.views[key] = before.views[key]
            both = self.members.keys() | before.members.keys()
            self.unstored |= {k for k in both if self.members.get(k) != before.members.get(k)}
            self.members = before.members

    # -- the stored form -------------------------------------------------------------

    def save(self, epoch: int, *, windows: bool) -> Save | None:
        """What differs from the stored form; None if there is nothing to store.

        A view of an epoch that has ended is not stored: its positions mean something else now.
        ``epoch`` is the present one; ``windows``: they are stored, too, for other workers.
        """
        view = self.newest
        if view is None or self.ask is None or self.newest_epoch != epoch:
            return None
        whole = epoch != self.stored_epoch  # the database may have lost what it had
        stored: Mapping[int, Sent] = {} if whole else self.stored
        if whole:
            self.uncertain.clear()
        self._in_save, rooms = view, view.has
        configs = self.configs.write()
        return Save(
            connection_key=self.key,
            request=self.ask.sticky,
            generation=view.generation,
            nonce=view.nonce,
            pos=view.position,
            epoch=epoch,
            windows=write_windows(view) if windows else None,
            turn=self.turn,
            told=write_told(view),
            configs=configs if whole or configs != self.stored_configs else None,
            rooms=len(rooms),
            dropped=self._dropped(rooms, stored),
            added=self._added(rooms, stored),
            resumable=self.ask.resumable,
            whole=whole,
        )

    def _dropped(self, rooms: Mapping[int, Sent], stored: Mapping[int, Sent]) -> list[int]:
        """The rooms whose rows are to be deleted."""
        gone = [] if rooms is stored else [key for key in stored if key not in rooms]
        return gone + [key for key in self.uncertain if key not in rooms and key not in stored]

    def _added(
        self, rooms: Mapping[int, Sent], stored: Mapping[int, Sent]
    ) -> dict[int, StoredRoom]:
        """The rows that are new or changed."""
        met = self._in_save.met if self._in_save is not None else {}
        written = self.unstored | self.uncertain | met.keys()
        found = {}
        for key in written & rooms.keys() if rooms is stored else rooms:
            sent, before = rooms[key], stored.get(key)
            if before is sent and key not in written:
                continue  # of thousands of rooms nearly all: no row is made to be compared
            members = self._members_with(self._in_save, key)
            row = row_of(sent, self.configs, members)
            if before is None or key in written or row != row_of(before, self.configs, members):
                found[key] = row
        return found

    def _members_with(self, view: View | None, key: int) -> Mapping[str, int]:
        """The members of a room for a client that has this view's answer."""
        known = self.members.get(key, {})
        met = None if view is None else view.met.get(key)
        return known if view is None or met is None else with_met(known, met, view.position)

    def saving(self, save: Save) -> None:
        """The save begins: if it is cut off, whatever it wrote is written again."""
        self.uncertain.update(save.added, save.dropped)
        generation, pos = self.perhaps_stored
        self.perhaps_stored = max(generation, save.generation), max(pos, save.pos)
        assert self._in_save is not None
        if self._in_save.key not in self._since_presented:  # it is known to be lost already
            self.surely_stored = _least(self.surely_stored, self._presented)
        self.unstored.difference_update(save.added)  # what changes from now on is for the next save

    def saved(self, save: Save) -> None:
        """The save is stored."""
        self.saved_at = time.monotonic()
        self.stored_request = save.request
        self.old = False
        self.stored_epoch = save.epoch
        self.stored_turn = save.turn
        assert self._in_save is not None
        self.stored = self._in_save.has
        if self._in_save.key in self._since_presented:
            self.stored_met = self._in_save.met
        else:  # its client has gone on from another one meanwhile
            self.unstored.update(self._in_save.met)
        if self._in_save.key in self._since_presented:
            self.perhaps_stored, self.surely_stored = (save.generation, save.pos), None
        self.stored_told = save.told
        if save.configs is not None:
            self.stored_configs = save.configs
        self.uncertain.clear()
        self.stored_key = (save.generation, save.nonce, save.pos)
        self.windows = save.windows

    def is_copy(self, epoch: int) -> bool:
        """Whether it is known here what the database had of each room after ``stored_turn``."""
        known = not self.uncertain and not self.unstored
        return known and self.stored_epoch == epoch

    def stored_view(self) -> StoredView:
        """What the database has of it for certain, without asking."""
        rooms = self.stored
        if self.uncertain:
            rooms = {key: sent for key, sent in rooms.items() if key not in self.uncertain}
        return StoredView(self.stored_key, rooms, self.windows, self.stored_told, self.old)

    def members_as_stored(self) -> dict[int, dict[str, int]]:
        """The members for a client that has the stored view."""
        known, at = self.members, self.stored_key[2]
        return known | {
            key: with_met(known.get(key, {}), met, at) for key, met in self.stored_met.items()
        }

    def restore(self, stored: StoredConnection, epoch: int, before: "Connection | None") -> None:
        """Takes over what the database has, in this epoch.

        ``before`` is how it was known here, if only what was written since was loaded.
        """
        keeps = self.dialect.manners.keeps_unshown
        self.configs = Configs(self.dialect, stored.configs, needed=keeps)
        self.stored_configs = stored.configs or b""
        rooms, members = sent_rooms_of(stored.rooms, self.configs), members_of(stored.rooms)
        if before is not None and stored.partial:
            emptied = stored.rooms.keys() - members.keys()
            kept = {k: m for k, m in before.members_as_stored().items() if k not in emptied}
            rooms, members = {**before.stored, **rooms}, kept | members
        self.stored, self.members = rooms, members
        self.stored_epoch, self.old = epoch, stored.epoch != epoch
        self.stored_turn = stored.turn
        self.stored_key = (stored.generation, stored.nonce, stored.pos)
        self.stored_request = stored.request
        self.stored_told = stored.told
        self.generation = max(self.generation, stored.generation)
        self.perhaps_stored = stored.generation, stored.pos
        self.windows = stored.windows
