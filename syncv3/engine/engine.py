"""Answers sliding-sync requests, of whatever dialect.

A request finds its connection and the view its ``pos`` names, merges its parameters, and
is answered from the view, the merged request and the data now. If there is nothing to
say it waits on a condition, "something concerning this user came after the position I
looked at", never on an edge; so nothing that happens while it computes is missed.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import asyncpg

from syncv3 import logs
from syncv3.cache.cache import Cache
from syncv3.cache.users import CachedUser
from syncv3.engine.added import add_members
from syncv3.engine.compute import compute
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.connection import Connection, Waiter
from syncv3.engine.connections import EXPIRED, Connections
from syncv3.engine.extensions import Active, ExtensionRunner, Watch
from syncv3.engine.progress import Progress
from syncv3.engine.sources import Loaded, Missing, Sources
from syncv3.engine.timeline import LIVE_MOST, LOOK_BACK
from syncv3.engine.turns import Turns
from syncv3.engine.view import ListState, View
from syncv3.errors import MatrixError, Unavailable, UnknownPosition
from syncv3.metrics import Metrics
from syncv3.protocol.codec import Codec
from syncv3.protocol.pos import MAX_HELD, Signer, Token
from syncv3.protocol.request import Ask
from syncv3.protocol.response import Answer
from syncv3.store import loads
from syncv3.store.rows import ChangeRow
from syncv3.store.stream import Epoch, load_epochs
from syncv3.types import Device

log = logging.getLogger(__name__)

SHORTEST_WAIT_S: Final = 0.1
HOLD_S: Final = 1.0
CONFIRM_S: Final = 1.0
PATIENCE_S: Final = 0.015
ROUNDS: Final = 8
ATTEMPTS: Final = 20_000
MUCH: Final = 100
"""So much is loaded for one answer of a user at a time."""
NOWHERE: Final = 0
"""The connection of a position that no connection belongs to yet."""


class Pollers(Protocol):
    """Makes sure that a device's data comes in; see ``syncv3.ingest.pollers``."""

    async def ensure(self, device: Device, token: str) -> None:
        """Return when there is something to serve."""

    def attend(self, device: Device, token: str) -> "asyncio.Future[None] | None":
        """None: it comes in. Else it is being seen to; the future's exception says why not."""

    def trouble(self, device: Device) -> MatrixError | None:
        """Why nothing has come in lately; None: all is well."""

    async def first_answer(self, device: Device) -> bool: ...


class Members(Protocol):
    """Completes the member lists of rooms, for requests that ask for all members."""

    async def complete(self, rooms: Sequence[int]) -> None: ...


@dataclass(slots=True)
class Charged:
    """What a piece of computing has taken, when it is over."""

    seconds: float = 0.0


class Engine:
    """See the module. ``stop`` ends all waits; they answer with what they have."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        cache: Cache,
        connections: Connections,
        pollers: Pollers,
        members: Members,
        signer: Signer,
        extensions: ExtensionRunner,
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._pool = pool
        self._cache = cache
        self._connections = connections
        self._pollers = pollers
        self._members = members
        self._signer = signer
        self._extensions = extensions
        self._waiters: dict[int, dict[asyncio.Event, Watch | None]] = {}
        self._turns = Turns()
        self._epochs: dict[int, Epoch] = {}
        self._patient: dict[int, asyncio.TimerHandle] = {}
        self._heard_from: dict[int, float] = {}
        self._stopping = False

    def wake(self, users: set[int], changes: Sequence[ChangeRow] = ()) -> None:
        """Something changed for these users, or in what extensions watch.

        What another user's poller brought is soon followed by what the user's own poller
        says of it, the unread counts above all: they are told together, so a user whose
        own poller has said nothing yet is woken a moment later. A waiter without a watch
        is computing just now: it looks again afterwards.
        """
        loop = asyncio.get_running_loop()
        lately = loop.time() - PATIENCE_S
        for user_key in users & self._waiters.keys():
            if self._heard_from.get(user_key, 0.0) >= lately:
                self._wake(user_key)
            elif user_key not in self._patient:
                self._patient[user_key] = loop.call_later(PATIENCE_S, self._wake, user_key)
        for change in changes:
            for user_key in self._concerned(change):
                for waiter, watch in self._waiters[user_key].items():
                    if not waiter.is_set() and (watch is None or watch.wakes(change)):
                        waiter.set()

    def heard_from(self, user_keys: Iterable[int]) -> None:
        """The own pollers of these users have just delivered."""
        now = asyncio.get_running_loop().time()
        for user_key in user_keys:
            if user_key in self._waiters:
                self._heard_from[user_key] = now

    def _wake(self, user_key: int) -> None:
        handle = self._patient.pop(user_key, None)
        if handle is not None:
            handle.cancel()
        self._heard_from.pop(user_key, None)
        for waiter in self._waiters.get(user_key, ()):
            waiter.set()

    def _concerned(self, change: ChangeRow) -> Iterable[int]:
        """The waiting users whom a change may concern."""
        if change.user_key is not None:
            return (change.user_key,) if change.user_key in self._waiters else ()
        if change.room_key is not None:
            return self._waiters.keys() & self._cache.users_in(change.room_key)
        return tuple(self._waiters)

    def stop(self) -> None:
        """Ends all waits."""
        self._stopping = True
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.set()

    @property
    def waiting_users(self) -> set[int]:
        return set(self._waiters)

    async def sync(
        self,
        device: Device,
        token: str,
        codec: Codec[Any],
        body: Any,
        *,
        pos: str | None,
        timeout_ms: int,
    ) -> Answer:
        """The answer to one request; see ``syncv3.web.ports.Engine``."""
        arrived = time.monotonic()
        conn_id = body.conn_id
        named = None
        if pos:
            named = self._signer.read(
                pos, user_id=device.user_id, device_id=device.device_id, conn_id=conn_id
            )
        elif body.blank:
            return self._nothing(device, codec, body)
        if named is not None and named.connection != NOWHERE:
            connection = await self._connections.find(device, conn_id, named, codec)
            polled = self._pollers.attend(device, token)
        else:
            named = polled = None
            await self._pollers.ensure(device, token)
            connection = await self._connections.create(device, conn_id, codec)
        number = connection.asked
        async with connection.lock:
            view = await self._view(connection, named)
            epoch = self._cache.epoch
            await self._turns.pause(device.device_key)
            with self._charged(device):
                ask = codec.merge(body, connection.ask, me=device.user_id)
            await self._connections.allow(connection, ask)
            deadline = time.monotonic() + max(timeout_ms / 1000, SHORTEST_WAIT_S)
            initial = "0" if pos else "1"
            setup_s = time.monotonic() - arrived
            self._metrics.setup_duration.labels(initial).observe(setup_s)
            logs.note(setup_s=setup_s)
            active = self._extensions.active(ask)
            await self._extensions.accept(active, view, device)
            connection.ask = ask  # valid, and its acknowledgements are done
            own = view.first and any(each.extension.sections for each in active)
            if own and await self._pollers.first_answer(device):
                await self._cache.refresh()  # the device's messages and keys have come in
            waiter = Waiter(polled)
            waiter.ended = connection.asked != number
            answer, after, epoch = await self._answer(
                connection, view, epoch, ask, active, waiter, deadline
            )
            if not await self._connections.keep(connection, after):
                # A newer request took over elsewhere: this answer must not be believed.
                return Answer(pos or "", txn_id=ask.txn_id)
            return replace(answer, pos=self._sign(connection, after, epoch), txn_id=body.txn_id)

    def _nothing(self, device: Device, codec: Codec[Any], body: Any) -> Answer:
        """The answer to a client that perhaps only tries whether there is sliding sync here.

        It has no effect: were the device polled now, its to-device messages would be taken
        from where it really syncs; were there a connection now, it would replace another.
        The connection is made when the client goes on from this position.
        """
        nowhere = Token(codec.name[:1], NOWHERE, 0, 0, 0, 0, 0, self._cache.epoch)
        pos = self._signer.sign(
            nowhere, user_id=device.user_id, device_id=device.device_id, conn_id=body.conn_id
        )
        return Answer(pos)

    # -- positions -------------------------------------------------------------------

    async def _view(self, connection: Connection, named: Token | None) -> View:
        if named is None:
            return View(0, 0, 0, first=True)
        if connection.ask is None:
            raise UnknownPosition(EXPIRED)
        await self._cache.reach(named.position)
        if named.epoch > self._cache.epoch:  # another worker has noticed that it began
            await self._cache.refresh()
        user = await self._user_behind(connection, named.epoch)
        # Nothing waits from here on: the cache stays at this position and epoch.
        if named.epoch > self._cache.epoch:
            raise UnknownPosition(EXPIRED)
        if named.epoch == self._cache.epoch and named.position > self._cache.position:
            raise UnknownPosition(EXPIRED)
        view = self._connections.view_of(connection, named, user)
        return self._carried_over(connection, view, named.epoch)

    async def _user_behind(self, connection: Connection, epoch: int) -> CachedUser:
        """The connection's user, and it is known where the epoch ended, if it has."""
        user = await self._cache.user(connection.device.user_key)
        while epoch != self._cache.epoch and not self._knows(epoch):
            await self._cache.refresh()  # opens an epoch if nobody has yet
            self._epochs = await load_epochs(self._pool)
            user = await self._cache.user(connection.device.user_key)
        return user

    def _carried_over(self, connection: Connection, view: View, epoch: int) -> View:
        """A view of that epoch in the present one."""
        ended = self._end_of(epoch)
        if ended is None or view.position <= ended:
            return view
        connection.members = {}
        return _rewound(view, ended)

    def _knows(self, epoch: int) -> bool:
        """Whether it is known where this epoch ended, or that there was none of that number."""
        if self._cache.epoch not in self._epochs:
            return False
        found = self._epochs.get(epoch)
        return found is None or found.last_pos is not None

    def _end_of(self, epoch: int) -> int | None:
        """Where an epoch ended, before a crash of the database; None: it goes on."""
        if epoch == self._cache.epoch:
            return None
        # An epoch that is not known was lost as a whole: it followed what is known before it.
        known = max((number for number in self._epochs if number <= epoch), default=None)
        return 0 if known is None else self._epochs[known].last_pos

    def _sign(self, connection: Connection, view: View, epoch: int) -> str:
        held = tuple(view.held.items())[:MAX_HELD]
        return self._signer.sign(
            Token(
                dialect=connection.dialect,
                connection=connection.key,
                generation=view.generation,
                nonce=view.nonce,
                base_generation=view.base_generation,
                position=view.position,
                base_position=view.base_position,
                epoch=epoch,
                held=held,
            ),
            user_id=connection.device.user_id,
            device_id=connection.device.device_id,
            conn_id=connection.conn_id,
        )

    # -- answering -------------------------------------------------------------------

    async def _answer(
        self,
        connection: Connection,
        view: View,
        epoch: int,
        ask: Ask,
        active: Sequence[Active],
        waiter: Waiter,
        deadline: float,
    ) -> tuple[Answer, View, int]:
        """Computes until there is something to say, or the time is over.

        ``view`` is one of that epoch; gives the answer with its view and the epoch of that.
        """
        naming = Naming(connection.generation + 1, secrets.randbits(32))
        user_key = connection.device.user_key
        waiters = self._waiters.setdefault(user_key, {})
        connection.waiting = waiter
        doubtful_since: float | None = None
        started: float | None = time.monotonic()
        try:
            while True:
                waiter.clear()
                waiters[waiter] = None
                computed, sources = await self._compute(connection, view, ask, naming)
                told = await self._extensions.respond(active, ask, view, computed, sources)
                if told.members:
                    await add_members(
                        self._cache, computed, sources, connection.members, told.members
                    )
                if self._cache.epoch != epoch:  # what this view was told may be lost
                    await self._user_behind(connection, epoch)
                    view = self._carried_over(connection, view, epoch)
                    epoch = self._cache.epoch
                    continue
                waiters[waiter] = told.watch
                now = time.monotonic()
                remaining = deadline - now
                if computed.unconfirmed and doubtful_since is None:
                    doubtful_since = now
                doubtful = computed.unconfirmed and now - (doubtful_since or 0) < CONFIRM_S
                if started is not None:  # what follows a wait would count the wait
                    logs.note(process_s=now - started)
                    if computed.news:
                        initial = "1" if view.first else "0"
                        self._metrics.process_duration.labels(initial).observe(now - started)
                    started = None
                news = computed.news or told.news or view.first
                if (news and not doubtful) or self._stopping or waiter.ended:
                    break
                if not news:
                    self._raise_if_in_vain(waiter, connection.device, remaining)
                if remaining <= 0:
                    break
                pause = self._pause(connection, computed, remaining, doubtful)
                await self._wait(waiter, pause)
        finally:
            waiter.close()
            waiters.pop(waiter, None)
            if not waiters:
                self._waiters.pop(user_key, None)
            if connection.waiting is waiter:
                connection.waiting = None
        self._remember(connection, computed)
        answer = Answer("", computed.lists, computed.rooms, told.bodies)
        return answer, told.view(view, computed.view, naming), epoch

    def _raise_if_in_vain(self, waiter: Waiter, device: Device, remaining: float) -> None:
        """There is no news, because none can come in: raises why.

        If nobody can poll the device that is said at once. If its poll fails, the request
        waits as usual, as other users' polls may have news for it, and is told in the end.
        """
        waiter.raise_if_unpolled()
        trouble = self._pollers.trouble(device) if remaining <= 0 else None
        if trouble is not None:
            raise trouble

    def _pause(
        self, connection: Connection, computed: Computed, remaining: float, doubtful: bool
    ) -> float:
        """How long to wait at most before computing again."""
        pause = min(remaining, CONFIRM_S) if doubtful else remaining
        for event_key in computed.waits:
            left = HOLD_S - (time.monotonic() - connection.hold[event_key])
            pause = min(pause, max(left, 0.005))
        return pause

    async def _wait(self, waiter: Waiter, seconds: float) -> None:
        """Waits until the waiter is set, at most so long."""
        handle = asyncio.get_running_loop().call_later(seconds, waiter.set)
        try:
            await waiter.wait()
        finally:
            handle.cancel()

    async def _compute(
        self, connection: Connection, view: View, ask: Ask, naming: Naming
    ) -> tuple[Computed, Sources]:
        """Computes the answer at the cache's position, loading what turns out missing."""
        device = connection.device
        loaded, progress = Loaded(), Progress()
        rounds, is_long = 0, False
        async with AsyncExitStack() as alone:
            for _ in range(ATTEMPTS):
                await self._turns.pause(device.device_key)
                user = await self._cache.user(device.user_key)
                transactions = await self._cache.device(device.device_key)
                user = await self._cache.user(device.user_key)
                # Nothing waits until it is computed: the cache stays at one position.
                now = time.monotonic()
                released = frozenset(k for k, t in connection.hold.items() if now - t >= HOLD_S)
                sources = Sources(self._cache, user, device, transactions, loaded)
                progress.over = self._turns.slice()
                with self._charged(device) as charged:
                    computed = compute(
                        sources, view, ask, naming, connection.members, released, progress
                    )
                for event_key in computed.waits:
                    connection.hold.setdefault(event_key, now)
                if not sources.missing and not computed.unfinished:
                    for key in computed.visible:
                        user.known[key].used = now
                    return computed, sources
                rounds += not computed.unfinished
                if rounds >= ROUNDS:
                    break
                much = computed.unfinished or len(sources.missing) > MUCH
                if much and not is_long:
                    is_long = True
                    await alone.enter_async_context(self._turns.long(device.user_key))
                    continue  # what was missing may have been loaded for another meanwhile
                await self._load(device, sources.missing, loaded)
                await self._turns.between_slices(device.device_key, charged.seconds)
        raise Unavailable("the answer could not be completed, try again")

    @contextmanager
    def _charged(self, device: Device) -> Iterator[Charged]:
        """What a device's request makes us compute counts as its debt."""
        charged, started = Charged(), time.perf_counter()
        try:
            yield charged
        finally:
            charged.seconds = time.perf_counter() - started
            self._turns.charge(device.device_key, charged.seconds)

    async def _load(self, device: Device, missing: Missing, loaded: Loaded) -> None:
        if missing.all_members:
            await self._members.complete(sorted(missing.all_members))
            for key in sorted(missing.all_members):
                members = await self._cache.list_members(key)
                if members is not None:
                    loaded.all_members[key] = members
        if missing.live:
            wanted = sorted(missing.live)
            top, lists = await loads.load_live(self._pool, wanted, LIVE_MOST + 1)
            if top < self._cache.position:  # the database may have lost what the cache has
                await self._cache.refresh()
            for asked, rows in zip(wanted, lists, strict=True):
                loaded.live[asked] = top, self._cache.events(rows)
        if missing.older:
            wanted = sorted(missing.older)
            top, lists = await loads.load_older(self._pool, wanted, LOOK_BACK)
            for asked, rows in zip(wanted, lists, strict=True):
                loaded.older[asked] = top, self._cache.events(reversed(rows))
        if missing.gaps:
            lacking = await loads.load_gaps(self._pool, sorted(missing.gaps))
            loaded.gaps.update((stretch, stretch in lacking) for stretch in missing.gaps)
        if missing.spaces:
            await self._cache.fill_spaces(sorted(missing.spaces))
        if missing.timelines or missing.states or missing.members:
            await self._cache.fill(
                timelines=sorted(missing.timelines),
                states=sorted(missing.states),
                members=missing.members,
            )

    def _remember(self, connection: Connection, computed: Computed) -> None:
        """Notes what the answer says of members, and drops what need not be held any more."""
        at = computed.view.position
        for key, members in computed.members.items():
            unmet = computed.unmet.get(key, frozenset())
            connection.sent_members(key, members, unmet, at, anew=key in computed.renewed)
        connection.hold = {k: t for k, t in connection.hold.items() if k in computed.waits}


def _rewound(view: View, ended: int) -> View:
    """What was told beyond the end of its epoch has un-happened: told again, initially.

    Nobody knows which rooms that was about. What was lost comes in once more, also in rooms
    in which nothing has happened yet: so every room is sent anew. Windows may have rooms whose
    keys were lost, too.
    """
    lists = {name: ListState(state.spec, known=False) for name, state in view.lists.items()}
    return replace(view, position=ended, lists=lists, rooms={}, held={}, unsure=True, visible=None)
