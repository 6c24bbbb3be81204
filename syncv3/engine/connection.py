"""One connection in memory, and how it is kept in the database."""

import asyncio
import time
from collections.abc import Mapping

import msgspec

from syncv3.engine.view import UNMET, ListState, Sent, View, ViewKey
from syncv3.protocol.pos import Token
from syncv3.protocol.request import Ask
from syncv3.store.connections import Save, StoredConnection, StoredRoom
from syncv3.types import Device

VIEWS_MOST = 12
SIBLINGS_BYTES = 128 * 1024
LAZY_MOST = 100
At = tuple[int, str, str]
"""A device's key, the tag of a dialect, and what the client calls the connection."""
UNSURE = StoredRoom(-1, -1, None)
"""A room whose save is under way: whether it is stored shows only when that ends."""


class Waiter(asyncio.Event):
    """Set when something changed for a waiting request; ``ended``: it must answer now.

    ``polled`` ends when somebody polls the request's device, or cannot; None: it is polled.
    ``rooms``: what happens in rooms may be news for it.
    """

    def __init__(self, polled: "asyncio.Future[None] | None" = None, *, rooms: bool = True) -> None:
        super().__init__()
        self.ended = False
        self.rooms = rooms
        self._polled = polled
        if polled is not None:
            polled.add_done_callback(self._wake)

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


class Connection:
    """A connection of a device: its sticky request, the views it may be asked from."""

    def __init__(self, key: int, device: Device, conn_id: str, dialect: str) -> None:
        self.key = key
        self.device = device
        self.conn_id = conn_id
        self.dialect = dialect
        self.ask: Ask | None = None
        self.remembers = 0  # bytes of the sticky request
        self.views: dict[ViewKey, View] = {}
        self.members: dict[int, dict[str, int]] = {}
        self.unstored: set[int] = set()  # rooms whose ``members`` are not stored as they are
        self.hold: dict[int, float] = {}
        self.stored: dict[int, StoredRoom] = {}
        self.stored_key: ViewKey = (0, 0, 0)
        self.stored_request = b""
        self.stored_epoch = 0  # in which this was stored, or read
        self.saved_at = 0.0
        self.storing = asyncio.Lock()
        self.windows: bytes | None = None
        self.generation = 0
        self.turn = 0
        self.used = 0.0
        self.lock = asyncio.Lock()
        self.waiting: Waiter | None = None
        self.newest: View | None = None
        self.asked = 0  # requests so far, and what else ends the waits of older ones

    @property
    def at(self) -> At:
        """What a request finds it by."""
        return self.device.device_key, self.dialect, self.conn_id

    @property
    def has_rooms(self) -> bool:
        """Whether a client may have been sent rooms on it."""
        return bool(self.stored) or any(view.rooms for view in self.views.values())

    def interrupt(self) -> None:
        """Ends the waits of older requests, also of those whose turn has not come (C-8)."""
        self.asked += 1
        if self.waiting is not None:
            self.waiting.ended = True
            self.waiting.set()

    def present(self, view: View) -> None:
        """A client came back with this view: only it and what was made from it may follow.

        It is kept, also when it was rebuilt from what is stored: its answer may get lost, and
        what is stored is soon that of the answer.
        """
        self._learn(view)
        base = (view.generation, view.position)
        self.views = {
            key: other
            for key, other in self.views.items()
            if (other.base_generation, other.base_position) == base
        }
        self.views[view.key] = view

    def _learn(self, view: View) -> None:
        """The client has the answer of this view: what that says of members counts now."""
        for room_key, met in view.met.items():
            known = {} if met.anew else self.members.setdefault(room_key, {})
            self.members[room_key] = known
            for user_id in met.struck:
                known.pop(user_id, None)
            self.sent_members(room_key, met.members, met.unmet, view.position, anew=False)
            self.unstored.add(room_key)

    def keep(self, view: View) -> None:
        """Remembers an answer's view; the oldest surplus is forgotten."""
        self.views.pop(view.key, None)
        self.views[view.key] = view
        self.newest = view
        self.generation = max(self.generation, view.generation)
        while len(self.views) > VIEWS_MOST or self._siblings_bytes() > SIBLINGS_BYTES:
            del self.views[next(iter(self.views))]

    def _siblings_bytes(self) -> int:
        """What the requests take that older siblings of the newest view were made from.

        The view that was presented, and the newest one, must stay.
        """
        older = list(self.views.values())[:-2]
        requests = {id(view.subscriptions): view.request_bytes for view in older}
        return sum(requests.values())

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
        known = {} if anew else before
        for user_ids, value in ((members, at), (unmet, UNMET)):
            for user_id in user_ids:
                known.pop(user_id, None)
                known[user_id] = value
        while len(known) > LAZY_MOST:
            del known[next(iter(known))]
        self.members[room_key] = known
        self.unstored.add(room_key)

    # -- the stored form -------------------------------------------------------------

    def save(self, epoch: int, *, windows: bool) -> Save | None:
        """What differs from the stored form; None if there is nothing to store."""
        view = self.newest
        if view is None or self.ask is None:
            return None
        whole = epoch != self.stored_epoch  # the database may have lost what it had
        if whole:
            self.stored.clear()
        now = {
            key: StoredRoom(sent.generation, sent.config_id, self._members_of(key))
            for key, sent in view.rooms.items()
            if key not in self.stored
            or key in self.unstored
            or self.stored[key].generation != sent.generation
            or self.stored[key].config_id != sent.config_id
        }
        dropped = [key for key in self.stored if key not in view.rooms]
        return Save(
            connection_key=self.key,
            request=self.ask.sticky,
            generation=view.generation,
            nonce=view.nonce,
            pos=view.position,
            epoch=epoch,
            windows=write_windows(view) if windows else None,
            turn=self.turn,
            dropped=dropped,
            added=now,
            whole=whole,
        )

    def saving(self, save: Save) -> None:
        """The save begins: if it is cut off, whatever it wrote is written again."""
        self.stored.update(dict.fromkeys(save.added, UNSURE))
        self.unstored.difference_update(save.added)

    def saved(self, save: Save) -> None:
        """The save is stored."""
        self.saved_at = time.monotonic()
        self.stored_request = save.request
        self.stored_epoch = save.epoch
        for key in save.dropped:
            self.stored.pop(key, None)
        self.stored.update(save.added)
        self.stored_key = (save.generation, save.nonce, save.pos)
        self.windows = save.windows

    def _members_of(self, room_key: int) -> bytes | None:
        members = self.members.get(room_key)
        return msgspec.json.encode(members) if members else None

    def stored_form(self) -> StoredConnection:
        """What the database has of it, from memory."""
        generation, nonce, pos = self.stored_key
        return StoredConnection(
            self.key,
            self.dialect,
            b"",
            generation,
            nonce,
            pos,
            0,
            self.turn,
            self.windows,
            {key: room for key, room in self.stored.items() if room is not UNSURE},
        )

    def restore(self, stored: StoredConnection, epoch: int) -> None:
        """Takes over what the database has, in this epoch."""
        self.stored_epoch = epoch
        self.stored = dict(stored.rooms)
        self.stored_key = (stored.generation, stored.nonce, stored.pos)
        self.stored_request = stored.request
        self.generation = max(self.generation, stored.generation)
        self.windows = stored.windows
        self.members = {
            key: msgspec.json.decode(room.members, type=dict[str, int])
            for key, room in stored.rooms.items()
            if room.members
        }

    def view_from_stored(
        self, stored: StoredConnection, token: Token, changed_after: Mapping[int, int]
    ) -> View:
        """The view of an authentic token, as far as what is stored can tell.

        If the stored sent state is the token's, it is exact. Otherwise (killed before a
        flush, or the answer before it is what the client has) a room is taken as live only
        if it was already when the token's base was made and nothing happened in it since:
        ``changed_after`` has each room's last change. All else is sent as initial, and the
        end of a membership is told even if the room is not among these (``unsure``).
        """
        exact = (stored.generation, stored.nonce) == (token.generation, token.nonce)
        quiet_since = min(stored.pos, token.base_position)
        rooms = {
            key: Sent(room.config_id, room.generation)
            for key, room in stored.rooms.items()
            if exact
            or (
                room.generation <= token.base_generation
                and changed_after.get(key, quiet_since + 1) <= quiet_since
            )
        }
        assert self.ask is not None
        known = exact and stored.pos == token.position and stored.windows is not None
        left = _windows.decode(stored.windows) if known and stored.windows else _Windows()
        windows = left.lists
        lists = {
            name: ListState(spec, *windows[name])
            if name in windows
            else ListState(spec, known=False)
            for name, spec in self.ask.lists.items()
        }
        return View(
            generation=token.generation,
            nonce=token.nonce,
            position=token.position,
            base_generation=token.base_generation,
            base_position=token.base_position,
            lists=lists,
            rooms=rooms,
            subscriptions=self.ask.subscriptions,
            held=dict(token.held),
            unsure=not exact,
            told=left.told,
        )


class _Windows(msgspec.Struct):
    lists: dict[str, tuple[tuple[tuple[int, ...], ...], int]] = {}
    told: frozenset[str] = frozenset()


_windows = msgspec.json.Decoder(_Windows)


def write_windows(view: View) -> bytes:
    """A view's windows and extensions, for the next worker that is asked."""
    lists = {name: (state.windows, state.count) for name, state in view.lists.items()}
    return msgspec.json.encode(_Windows(lists, view.told - view.behind.keys()))
