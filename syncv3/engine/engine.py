"""Answers sliding-sync requests, of whatever dialect.

The way of one request (``Engine.sync``):

1. Its ``pos`` is read, and names the connection (``positions.py``, ``connections.py``). Without a
   ``pos`` a new connection is made. Older requests on it that still wait are ended.
2. Its device's poll is seen to: is somebody asking the homeserver for this device, and if the poll
   has paused, what has it left?
3. One request of a connection is answered at a time. It is completed by what its dialect
   remembers, which gives the ``CompleteRequest``; the ``pos`` gives the view.
4. Extensions take the request's acknowledgements. From here on they are done, also if the answer
   is lost.
5. The answer is computed from the view, the complete request and the data now, if need be several
   times, until there is news or the time is over (``answering.py``).
6. The view that it leaves behind is kept, and signed as the new ``pos``.
"""

import asyncio
import secrets
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import asyncpg

from syncv3 import logs
from syncv3.cache.cache import Cache
from syncv3.engine.answering import Answering, FetchesPast, Troubles
from syncv3.engine.computed import Naming, Want
from syncv3.engine.computing import Computing, Question
from syncv3.engine.connection import Connection, Waiter
from syncv3.engine.connections import Connections
from syncv3.engine.dialect import Dialect
from syncv3.engine.extensions import ExtensionRunner
from syncv3.engine.loading import Loader, Members
from syncv3.engine.positions import NOWHERE, Positions
from syncv3.engine.turns import DeviceTurns
from syncv3.engine.view import View
from syncv3.engine.waiting import Waiters
from syncv3.metrics import Metrics
from syncv3.protocol.pos import PosToken, Signer
from syncv3.protocol.request import CompleteRequest, Request
from syncv3.protocol.response import SyncResponse
from syncv3.types import Device

Polled = asyncio.Future[None] | None


class Pollers(Troubles, Protocol):
    """Makes sure that a device's data comes in; see ``syncv3.ingest.pollers``."""

    async def ensure(self, device: Device, token: str) -> None:
        """Return when there is something to serve."""

    def attend(self, device: Device, token: str) -> Polled:
        """None: it comes in. Else it is being seen to; the future's exception says why not."""

    def present(self, device: Device, presence: str, *, for_s: float) -> None:
        """A request that may wait for so long wants others to be told this of the user."""

    def wake(self, device: Device, *, for_s: float) -> Coroutine[Any, Any, None] | None:
        """A request that may take so long came; what it has to wait for if the device's poll has
        paused, about a second at most."""

    async def first_answer(self, device: Device) -> bool:
        """Wait for the first answer of the device's own poll; whether there was need to."""

    def is_arriving(self, user_key: int) -> bool:
        """Whether an answer of the homeserver to one of the user's devices is here, and not stored
        yet."""

    async def catch_up(self, device: Device, most_s: float) -> None:
        """Wait until what the homeserver is sending to the device just now has come in."""


class History(FetchesPast, Protocol):
    """Fetches what is older than what is stored; see ``syncv3.history``."""

    def want(self, device: Device, rooms: Mapping[int, Want]) -> None:
        """Fetch it in the background, by room key. It may be asked for any number of times."""


class NoHistory:
    """Nothing older is fetched."""

    def want(self, device: Device, rooms: Mapping[int, Want]) -> None:
        return None

    async def fetched(self, device: Device, rooms: Mapping[int, Want], most_s: float) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and when it came."""

    device: Device
    token: str
    dialect: Dialect
    request: Request
    arrived: float


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
        history: History | None = None,
    ) -> None:
        self._metrics = metrics
        self._history = history or NoHistory()
        self._cache = cache
        self._connections = connections
        self._pollers = pollers
        self._extensions = extensions
        self.turns = DeviceTurns()
        self.waiters = Waiters(cache, pollers.is_arriving)
        self.loader = Loader(pool, cache, members)
        self._positions = Positions(pool, cache, connections, signer)
        computing = Computing(cache, self.loader, self.turns)
        self._answering = Answering(
            cache,
            computing,
            self._positions,
            extensions,
            self.waiters,
            pollers,
            self._history,
            metrics,
        )

    def heard_from(self, user_keys: Iterable[int]) -> None:
        """The own pollers of these users have just delivered."""
        self.waiters.heard_from(user_keys)

    def stop(self) -> None:
        """Ends all waits."""
        self.waiters.stop()

    async def sync(
        self, device: Device, token: str, dialect: Dialect, request: Request, *, timeout_ms: int
    ) -> SyncResponse:
        """The answer to one request; see ``syncv3.web.ports.Engine``."""
        call = Call(device, token, dialect, request, time.monotonic())
        if request.presence is not None:
            self._pollers.present(device, request.presence, for_s=timeout_ms / 1000)
        if request.blank and not request.pos:
            return self._nothing(call)
        connection, named, polled = await self._found(call, for_s=timeout_ms / 1000)
        # ``asked`` counts requests: if it has moved when this one's turn has come, a newer one is
        # there. Then this one does not wait, and its view is kept beside the newest one's.
        number, manners = connection.asked, dialect.manners
        async with connection.lock:
            question, epoch = await self._question(call, connection, named)
            deadline = time.monotonic() + max(timeout_ms / 1000, manners.shortest_wait_s)
            self._measure(time.monotonic() - call.arrived, first=not request.pos)
            active = connection.active  # the same request switches the same extensions on
            if active is None or question.ask is not connection.ask:
                active = self._extensions.active(question.ask)
            await self._extensions.accept(active, question.view, device)
            # The request is valid, and its acknowledgements are done.
            connection.ask, connection.active = question.ask, active
            own = question.view.first and any(each.extension.sections for each in active)
            if own and await self._pollers.first_answer(device):
                await self._cache.refresh()  # the device's messages and keys have come in
            if question.view.first and question.ask.subscriptions and manners.settle_s:
                await self._pollers.catch_up(device, manners.settle_s)
                await self._cache.refresh()  # an event of which a push has told
            waiter = Waiter(polled, rooms=manners.may_have_rooms(question.ask))
            waiter.ended = connection.asked != number
            answered = await self._answering.answer(question, epoch, active, waiter, deadline)
            if answered.wants:
                self._history.want(device, answered.wants)
            newest = connection.asked == number
            if not await self._connections.keep(
                connection, answered.view, answered.epoch, newest=newest
            ):
                # A newer request took over elsewhere: this answer must not be believed.
                resume = self._resume(question, question.view, epoch)
                return SyncResponse(request.pos or "", txn_id=request.txn_id, resume=resume)
            resume = self._resume(question, answered.view, answered.epoch)
            pos = self._positions.sign(connection, answered.view, answered.epoch)
            return replace(answered.answer, pos=pos, txn_id=request.txn_id, resume=resume)

    def _resume(self, question: Question, view: View, epoch: int) -> str | None:
        """The token for a later connection, if the client wants one and this view was told."""
        if not question.ask.resumable or view.first:
            return None
        return self._positions.sign_resume(question.connection, view, epoch)

    def _nothing(self, call: Call) -> SyncResponse:
        """The answer to a client that perhaps only tries whether there is sliding sync here.

        It has no effect: were the device polled now, its to-device messages would be taken
        from where it really syncs; were there a connection now, it would replace another.
        The connection is made when the client goes on from this position.
        """
        return SyncResponse(
            self._positions.nowhere(call.dialect.tag, call.device, call.request.conn_id)
        )

    async def _found(
        self, call: Call, *, for_s: float
    ) -> tuple[Connection, PosToken | None, Polled]:
        """The request's connection; the token of its ``pos``, if it has one; what to watch in case
        nobody polls its device (None: somebody does). What a pause has left has come in, or is
        late.

        A new connection waits for its device's poll before it is made: were it made first, a
        request that fails would have replaced one that works.
        """
        device, request, dialect = call.device, call.request, call.dialect
        named = None
        if request.pos:
            named = self._positions.read(request.pos, dialect.tag, device, request.conn_id)
        if named is not None and named.connection != NOWHERE:
            connection = await self._connections.find(device, request.conn_id, named, dialect)
            await self._awake(device, for_s)
            return connection, named, self._pollers.attend(device, call.token)
        await self._pollers.ensure(device, call.token)
        await self._awake(device, for_s)
        earlier = await self._positions.earlier(request.resume, device, dialect)
        connection = await self._connections.create(device, request.conn_id, dialect)
        connection.earlier = earlier
        return connection, None, None

    async def _awake(self, device: Device, for_s: float) -> None:
        """End the pause of the device's poll, and wait for what it has left."""
        behind = self._pollers.wake(device, for_s=for_s)
        if behind is not None:
            await behind
            await self._cache.refresh()

    async def _question(
        self, call: Call, connection: Connection, named: PosToken | None
    ) -> tuple[Question, int]:
        """What is asked for, and the epoch of its view."""
        device, dialect = call.device, call.dialect
        view = await self._positions.view(connection, named)
        epoch = self._cache.epoch
        if not dialect.manners.keeps_unshown:  # else that is for requests that ask for rooms
            await self.turns.pause(device.device_key)
        ask = self._complete(call, connection)
        await self._connections.allow(connection, ask)
        naming = Naming(connection.generation + 1, secrets.randbits(32))
        return Question(connection, dialect, view, ask, naming), epoch

    def _complete(self, call: Call, connection: Connection) -> CompleteRequest:
        """The complete request. Nearly all requests of a connection say the same: what has changed
        nothing once changes nothing the next time, so it is not read again."""
        known, said = connection.ask, call.request.said
        if known is not None and said is not None and said == connection.repeats:
            return known
        with self.turns.charged(call.device.device_key):
            ask = call.dialect.ask(call.request, known, me=call.device.user_id)
        connection.repeats = said if ask is known else None
        return ask

    def _measure(self, seconds: float, *, first: bool) -> None:
        self._metrics.setup_duration.labels("1" if first else "0").observe(seconds)
        logs.note(setup_s=seconds)
