"""All connections of this worker: found again, made, stored, forgotten.

With one worker a connection's sent state is written behind, at most once a second for all
together, and at shutdown. A kill in that second is survived: the ``pos`` says which rooms are
certain, and the others are sent once more (``stored.py``).

With several workers any of them may be asked next. So a request takes the connection's *turn*,
a number in the connection's row that counts its requests, and the state is stored before the
answer leaves, if the turn is still that one. An example: worker 1 has answered in turn 5. The
next request comes to worker 2, which makes the turn 6, sees that its own copy is older, and loads
what was written since. The one after comes to worker 1 again: the turn is now 7, not the 6 that
it would be if nobody else had been asked, so worker 1 loads, too. If worker 2 was still computing,
its answer is not stored any more, as the row says 7: its client gets its own ``pos`` back, and
nothing else.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final
from weakref import WeakValueDictionary

import asyncpg
from msgspec.structs import replace

from syncv3.bus.local import DROPPED, HELLO, TURN, WHO_ELSE, Bus
from syncv3.cache.cache import Cache
from syncv3.cache.users import CachedUser
from syncv3.engine.connection import At, Connection
from syncv3.engine.dialect import Dialect
from syncv3.engine.due import last_in, with_news
from syncv3.engine.limits import ConnectionLimits
from syncv3.engine.stored import LastChanges, rebuilt
from syncv3.engine.view import View
from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import CompleteRequest
from syncv3.store import connections as store
from syncv3.store.connections import Remembered
from syncv3.types import Device

log = logging.getLogger(__name__)

FLUSH_S: Final = 1.0
REFRESH_S: Final = 3600.0
"""A connection in use is stored this often, or it would be taken for an idle one."""
SMALL_BYTES: Final = 64 * 1024  # a sticky request up to this size is not added up with others
EXPIRED: Final = "the position is not known; start the connection anew"


class Connections:
    """Finds a request's connection, and the view that its ``pos`` names."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        cache: Cache,
        bus: Bus,
        limits: ConnectionLimits,
        on_surplus: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._pool = pool
        self._cache = cache
        self._bus = bus
        self._limits = limits
        self._on_surplus = on_surplus
        self.alone = True  # no other worker is known of
        self._known: dict[At, Connection] = {}
        # Weak: one that was replaced or dropped is found as long as a request waits on it.
        self._by_key: WeakValueDictionary[int, Connection] = WeakValueDictionary()
        self._dirty: dict[int, Connection] = {}  # by key: to be stored with the next flush
        self._flusher: asyncio.Task[None] | None = None
        bus.subscribe(self._heard)

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._known.values())

    async def start(self) -> None:
        self._flusher = asyncio.create_task(self._flush_often(), name="connections")

    async def stop(self) -> None:
        """Stores everything that is not stored yet."""
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        await self._flush()

    async def share(self, *, alone: bool) -> None:
        """Other workers have come or gone. What is not stored yet is stored now, as a client may
        be answered by another of them next."""
        self.alone = alone
        await self._flush()

    def interrupt(self, device_key: int) -> None:
        """Ends the waits of a device's connections."""
        for connection in self._known.values():
            if connection.device.device_key == device_key:
                connection.interrupt()

    async def create(self, device: Device, conn_id: str, dialect: Dialect) -> Connection:
        """A new connection, in place of any of that name (C-2), whose requests wait no longer.

        A device that has too many loses those which it has not used for longest.
        """
        named = self._known.get((device.device_key, dialect.tag, conn_id))
        if named is not None and named.ask is not None and named.ask.resumable:
            await self._settle(named)  # its client may come back with a token of it
        idle_s = {connection.key: idle_s for connection, idle_s in self._held(device).items()}
        created = await store.create_connection(
            self._pool, device.device_key, conn_id, dialect.tag, self._cache.epoch,
            self._limits.per_device, idle_s,
        )  # fmt: skip
        if created.surplus:
            self._drop(created.surplus)
        if created.replaced is not None:
            self._tell_others(created.replaced)
        key = created.connection_key
        connection = Connection(key, device, conn_id, dialect)
        old = self._known.get(connection.at)
        if old is not None:
            old.interrupt()
            self._dirty.pop(old.key, None)  # its row has no name any more, or is the new one's
        connection.used = time.monotonic()
        connection.stored_epoch = self._cache.epoch
        self._known[connection.at] = self._by_key[key] = connection
        return connection

    async def earlier(self, device: Device, dialect: Dialect, key: int) -> Connection | None:
        """The device's connection of that key as it is stored, also if it has lost its name to
        another. It is only for looking at."""
        here = self._by_key.get(key)
        if here is not None:
            await self._settle(here)
        stored = await store.load_earlier(self._pool, device.device_key, dialect.tag, key)
        if stored is None:
            return None
        connection = Connection(key, device, "", dialect)
        connection.restore(stored, self._cache.epoch, None)
        return connection

    async def _settle(self, connection: Connection) -> None:
        """Stores what is not stored yet of a connection."""
        async with connection.storing:
            dirty = self._dirty.pop(connection.key, None) is not None
        if dirty:
            try:
                await self._save([connection])
            except BaseException:
                self._soil([connection])
                raise

    def _held(self, device: Device) -> dict[Connection, float]:
        """The device's connections in memory, and how long they have not been used."""
        now = time.monotonic()
        return {
            connection: 0.0 if connection.lock.locked() else now - connection.used
            for connection in self._known.values()
            if connection.device.device_key == device.device_key
        }

    async def allow(self, connection: Connection, ask: CompleteRequest) -> None:
        """Makes sure that a device may have this request remembered on this connection.

        Connections that it has not used lately make room. Raises ``InvalidParam`` when that is
        not enough. Small requests need not be added up: there are only so many.
        """
        self._limits.check(ask)
        size = len(ask.sticky)
        if size <= max(connection.remembers, SMALL_BYTES):
            connection.remembers = size
            return
        others = await self._others(connection)
        await self._forget(self._limits.makes_room_for_bytes(size, others))
        connection.remembers = size

    async def _others(self, connection: Connection) -> dict[int, Remembered]:
        """What is remembered of the other connections of its device, by key."""
        known = await store.remembered(self._pool, connection.device.device_key)
        for other, idle_s in self._held(connection.device).items():
            rooms = len(other.newest.has if other.newest is not None else other.stored)
            known[other.key] = Remembered(other.remembers, rooms, idle_s)
        known.pop(connection.key, None)
        return known

    async def _make_room(self, connection: Connection) -> None:
        """Forgets other connections of a device if all of them together have too many rooms.

        That takes a query, so it is looked at only when this one has grown by an eighth.
        """
        newest = connection.newest
        rooms = 0 if newest is None else len(newest.rooms) + len(newest.kept)
        if rooms > max(connection.rooms_allowed, self._limits.few_rooms):
            others = await self._others(connection)
            await self._forget(self._limits.makes_room_for_rooms(rooms, others))
            connection.rooms_allowed = rooms + rooms // 8

    async def _forget(self, keys: Sequence[int]) -> None:
        if keys:
            await store.forget_connections(self._pool, keys)
            self._drop(keys)

    def _drop(self, surplus: Sequence[int]) -> None:
        """Forgets connections whose rows are gone; requests that wait on them return."""
        log.info("Dropped connections that a device has too many", extra={"dropped": len(surplus)})
        self._on_surplus(len(surplus))
        for key in surplus:
            connection = self._by_key.get(key)
            self._dirty.pop(key, None)
            self._tell_others(key)
            if connection is not None and self._known.get(connection.at) is connection:
                del self._known[connection.at]
                connection.interrupt()

    async def find(
        self, device: Device, conn_id: str, token: PosToken, dialect: Dialect
    ) -> Connection:
        """The connection that a token belongs to. Raises ``UnknownPosition``."""
        if token.epoch > self._cache.epoch:  # another worker has noticed that it began
            await self._cache.refresh()
        connection = self._known.get((device.device_key, dialect.tag, conn_id))
        if connection is None or connection.key != token.connection:
            connection = await self._load(device, conn_id, token, dialect)
        elif not self.alone:
            connection = await self._take_turn(connection, device, conn_id, token, dialect)
        connection.interrupt()
        return connection

    async def _take_turn(
        self,
        connection: Connection,
        device: Device,
        conn_id: str,
        token: PosToken,
        dialect: Dialect,
    ) -> Connection:
        """The connection, with this request as its newest in the whole deployment."""
        turn = await store.take_turn(self._pool, connection.key)
        if turn == connection.turn + 1 and token.epoch <= connection.stored_epoch:
            connection.turn = turn
        else:  # another worker has answered in between, perhaps after this one's turn was lost
            connection.interrupt()
            connection = await self._load(device, conn_id, token, dialect)
        self._tell_others(connection.key, connection.turn)
        return connection

    async def _load(
        self, device: Device, conn_id: str, token: PosToken, dialect: Dialect
    ) -> Connection:
        """The connection as it is stored, with what memory knows better. Raises
        ``UnknownPosition`` if it is gone, or if another has its name now."""
        # The turn first: what is read afterwards is not written by an older request any more.
        turn = None if self.alone else await store.take_turn(self._pool, token.connection)
        before = self._known.get((device.device_key, dialect.tag, conn_id))
        if before is not None and before.key != token.connection:
            before = None
        same = before is not None and before.is_copy(self._cache.epoch)
        copy = before if same else None  # then only what was written since is loaded of its rooms
        since = store.NEVER if copy is None else copy.stored_turn
        stored = await store.load_connection(
            self._pool, device.device_key, dialect.tag, conn_id, since
        )
        if stored is None or stored.connection_key != token.connection:
            raise UnknownPosition(EXPIRED)
        connection = Connection(stored.connection_key, device, conn_id, dialect)
        connection.restore(stored, self._cache.epoch, copy)
        if before is not None:
            connection.hold = before.hold  # or alternating workers would hold for ever
            connection.recall(before, (token.generation, token.nonce, token.position))
        connection.turn = turn if turn is not None else stored.turn
        connection.ask = dialect.restore(stored.request, me=device.user_id)
        connection.remembers = len(stored.request)
        connection.used = time.monotonic() - stored.idle_s
        self._known[connection.at] = self._by_key[connection.key] = connection
        self._tell_others(connection.key, connection.turn)
        return connection

    def view_of(self, connection: Connection, token: PosToken, user: CachedUser | None) -> View:
        """The view that a token names, rebuilt from what is stored if memory has lost it.

        ``user`` None: the connection has no rooms. Raises ``UnknownPosition`` if the view is
        given up (S-60).
        """
        key = (token.generation, token.nonce, token.position)
        view = connection.views.get(key)
        held = dict(token.held)
        if view is not None and view.held != held:  # an answer since then has sent these
            view = replace(view, held=held, met={})
        surely = None
        keeps = connection.dialect.manners.keeps_unshown
        if view is None:
            assert connection.ask is not None
            stored = connection.stored_view()
            surely = stored.surely(token)
            last = (
                LastChanges({}) if surely is None or user is None else last_in(user, stored.rooms)
            )
            view = rebuilt(stored, token, connection.ask, last, keeps=keeps)
            if keeps:  # of the answers at that position some may be lost
                sure = token.position - bool(held) if surely is None else surely[1] - 1
                connection.unlearn(sure)
        idle_s = time.monotonic() - connection.used
        if keeps and user and self._limits.is_stale(idle_s, with_news(view, user)):
            raise UnknownPosition(EXPIRED, "stale")
        connection.present(view, surely)
        return view

    async def keep(
        self, connection: Connection, view: View, epoch: int, *, newest: bool = True
    ) -> bool:
        """Remembers an answer's view of that epoch.

        False: another request has taken the turn meanwhile, so this answer must not be given.

        With one worker most answers are only noted, and stored a moment later. At once is stored
        a sticky request that has changed: a client never repeats what it has said, so it must not
        be forgotten by a restart. If a newer request has come meanwhile (``newest`` is False)
        only memory has the view (S-58).
        """
        ask = connection.ask
        lost = connection.stored_epoch != self._cache.epoch
        urgent = ask is not None and (lost or ask.sticky != connection.stored_request)
        connection.used = time.monotonic()
        if not newest and not urgent:
            connection.keep_aside(view)
            return self.alone  # with others, what is not stored must not be believed
        connection.keep(view, epoch)
        await self._make_room(connection)
        if not self.alone or urgent:
            kept = await self._save([connection])
            if not kept and lost and self.alone:
                return True  # its row is lost, too: it goes on while this process does
            if not kept and self._known.get(connection.at) is connection:
                del self._known[connection.at]  # what another worker has stored is newer
            return kept
        same = connection.stored_key[:2] == (view.generation, view.nonce)
        same = same and connection.unstored.isdisjoint(view.rooms)
        if not same or connection.used - connection.saved_at > REFRESH_S:
            self._dirty[connection.key] = connection
        return True

    def _tell_others(self, connection_key: int, turn: int | None = None) -> None:
        """Ends the wait of an older request on this connection at another worker.

        A hint may be late: when that of turn 5 arrives, the client may have its answer, and have
        sent the next request to the other worker, which waits in turn 6. That one waits on.
        ``turn`` None: the connection is gone, and any request on it ends.
        """
        if not self.alone:
            self._bus.publish(TURN, f"{connection_key}" + ("" if turn is None else f" {turn}"))

    def _heard(self, topic: str, payload: str) -> None:
        """What other workers say on the bus.

        That one is there (``HELLO``); that it answers a connection now, so an older wait here ends
        (``TURN``); that a device's token is dead (``DROPPED``), so its waits end, and its client
        is refused when it comes again.
        """
        if topic in (HELLO, TURN) and self.alone:
            self.alone = False
            self._bus.others = True
        if topic == HELLO and payload == WHO_ELSE:
            self._bus.publish(HELLO)  # every newcomer must hear of somebody
        if topic == DROPPED and payload.isdecimal():
            self.interrupt(int(payload))
        if topic == TURN and not self.alone:
            self._turn_taken(payload)

    def _turn_taken(self, payload: str) -> None:
        key, _, turn = payload.partition(" ")
        connection = self._by_key.get(int(key)) if key.isdecimal() else None
        if connection is None or (turn.isdecimal() and int(turn) <= connection.turn):
            return
        connection.interrupt()

    async def _flush_often(self) -> None:
        """Runs until it is cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self._flush()

    async def _flush(self) -> None:
        """Stores what is dirty, as far as it is not being stored just now."""
        dirty = [c for c in self._dirty.values() if not c.storing.locked()]
        if not dirty:
            return
        for connection in dirty:
            del self._dirty[connection.key]
        try:
            await self._save(dirty)
        except Exception as error:  # the flusher goes on, whatever it was
            log.warning("Connections could not be stored, trying again: %r", error)
            self._soil(dirty)
        except asyncio.CancelledError:
            self._soil(dirty)
            raise

    def _soil(self, connections: list[Connection]) -> None:
        """Has them stored with the next flush, but for those that were replaced meanwhile."""
        for connection in connections:
            if self._known.get(connection.at) is connection:
                self._dirty[connection.key] = connection

    async def _save(self, connections: list[Connection]) -> bool:
        """Stores connections; whether all of them still had their turn.

        One save of a connection at a time (``storing``): each writes the difference to the one
        before.
        """
        async with AsyncExitStack() as held:
            for connection in connections:
                await held.enter_async_context(connection.storing)
            pairs = [
                (connection, save)
                for connection in connections
                if (save := connection.save(self._cache.epoch, windows=not self.alone)) is not None
            ]
            if not pairs:
                return True
            for connection, save in pairs:
                connection.saving(save)
            saved = await store.save_connections(self._pool, [save for _, save in pairs])
            for connection, save in pairs:
                if connection.key in saved:
                    connection.saved(save)
            return len(saved) == len(pairs)

    def sweep(self) -> None:
        """Forgets connections in memory that were not used lately; they stay stored."""
        now = time.monotonic()
        for at, connection in list(self._known.items()):
            idle = now - connection.used > self._limits.in_memory_s
            if idle and not connection.lock.locked() and connection.key not in self._dirty:
                del self._known[at]

    async def expire(self) -> int:
        """Deletes stored connections that nobody has used for the idle time; how many."""
        return await store.expire_connections(self._pool, self._limits.idle_s, 10_000)
