"""Computes an answer in slices, and loads in between what turns out missing.

Computing itself (``frame.py``) is a pure function that neither waits nor asks the database. So an
answer takes several attempts, for two reasons. One is that something is not in memory: the
attempt notes it as missing, it is loaded, and the next attempt gets further. The other is that a
slice of time is over: others compute meanwhile, and the next attempt takes over the rooms that
are built already (``progress.py``).

An example: a first answer with a window of 500 rooms. The first attempt finds that the timelines
and states of 100 rooms are not in memory, and stops there (``MISSING_MOST``). They are loaded.
The second builds rooms for five milliseconds. Between two slices a message comes into a room A
that is built already: the next attempt is made at the new position of the cache, and builds A
once more. So the whole answer is true of one position, whenever its parts were built.
"""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from syncv3.cache.cache import Cache
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.connection import Connection
from syncv3.engine.dialect import Dialect
from syncv3.engine.frame import compute
from syncv3.engine.loading import Loader
from syncv3.engine.progress import AnswerProgress
from syncv3.engine.sources import Loaded, Sources
from syncv3.engine.turns import DeviceTurns
from syncv3.engine.view import View
from syncv3.errors import Unavailable
from syncv3.protocol.request import CompleteRequest
from syncv3.store.rows import UserRow
from syncv3.types import Device

HOLD_S: Final = 1.0  # so long an own event waits at most for its transaction ID (TX-3)
# Two or three rounds of loading reach any answer. Where eight do not, something that was loaded
# does not stay: the client is asked to come again.
ROUNDS: Final = 8
ATTEMPTS: Final = 20_000  # slices: no answer takes so many, and a loop should have an end
MUCH: Final = 100
"""An answer that lacks more than this is long: a user's long answers come one after another."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is computed for: the same in all its attempts and waits, but for ``view``,
    which changes when another epoch begins meanwhile."""

    connection: Connection
    dialect: Dialect
    view: View
    ask: CompleteRequest
    naming: Naming


class Computing:
    """Computes answers of all devices; ``turns`` says when each of them may go on."""

    def __init__(self, cache: Cache, loader: Loader, turns: DeviceTurns) -> None:
        self._cache = cache
        self._loader = loader
        self.turns = turns

    async def compute(self, question: Question) -> tuple[Computed, Sources]:
        """The answer at the cache's position, and what it was made from.

        Raises ``Unavailable`` if it is still not complete after ``ROUNDS`` of loading.
        """
        device = question.connection.device
        rooms = question.dialect.manners.may_have_rooms(question.ask)
        loaded, progress = Loaded(), AnswerProgress()
        rounds, is_long = 0, False
        async with AsyncExitStack() as alone:
            for _ in range(ATTEMPTS):
                if rooms:  # who waits for messages does not wait for what lists have cost (S-535)
                    await self.turns.pause(device.device_key)
                computed, sources, seconds = await self._attempt(question, loaded, progress)
                if not sources.missing and not computed.unfinished:
                    return computed, sources
                rounds += not computed.unfinished  # a slice that is over is no failed round
                if rounds >= ROUNDS:
                    break
                much = computed.unfinished or len(sources.missing) > MUCH
                if much and not is_long:
                    is_long = True
                    await alone.enter_async_context(self.turns.long(device.user_key))
                    continue  # what was missing may have been loaded for another meanwhile
                await self._loader.load(sources.missing, loaded)
                await self.turns.between_slices(device.device_key, seconds)
        raise Unavailable("the answer could not be completed, try again")

    async def _attempt(
        self, question: Question, loaded: Loaded, progress: AnswerProgress
    ) -> tuple[Computed, Sources, float]:
        """One slice, what it was made from, and how many seconds it took."""
        connection, dialect = question.connection, question.dialect
        device = connection.device
        needed = question.view.rooms or dialect.manners.may_have_rooms(question.ask)
        user, transactions = await self._user(device) if needed else self._nobody(device)
        # Nothing waits until it is computed: the cache stays at one position.
        now = time.monotonic()
        released = frozenset(k for k, t in connection.hold.items() if now - t >= HOLD_S)
        seen = user.seen(dialect.perspective)
        sources = Sources(self._cache, user, seen, device, transactions, loaded)
        progress.over = self.turns.slice()
        with self.turns.charged(device.device_key) as charged:
            computed = compute(
                sources,
                question.view,
                question.ask,
                question.naming,
                dialect.manners,
                connection.members,
                released,
                progress,
            )
        for event_key in computed.waits:
            connection.hold.setdefault(event_key, now)
        if not sources.missing and not computed.unfinished:
            for key in computed.visible:
                user.known[key].used = now  # the cache drops rooms that nobody is shown any more
        return computed, sources, charged.seconds

    async def _user(self, device: Device) -> tuple[CachedUser, Mapping[int, str | None]]:
        """The device's user, and which of their events the device's own poller has reported: by
        event key, with the transaction ID, or None where there is none.

        The user is asked for twice: while the device was loaded the cache may have begun anew,
        and the user from before is none of its users any more.
        """
        await self._cache.user(device.user_key)
        transactions = await self._cache.device(device.device_key)
        return await self._cache.user(device.user_key), transactions

    def _nobody(self, device: Device) -> tuple[CachedUser, Mapping[int, str | None]]:
        """For an answer without rooms: a user who has none need not be loaded."""
        known = self._cache.users.get(device.user_key)
        if known is not None:
            return known, {}
        row = UserRow(device.user_key, device.user_id, 0, (), 0, (), 0)
        return CachedUser(row, {}, {}, self._cache.spaces, self._cache.position), {}
