"""Asks the homeserver about members, where syncs have not told enough.

*Complete lists*: upstream syncs load members lazily, so most rooms' lists are partial. When
a client asks for all members the list is fetched once, with the token of a user who is in
the room, and kept current by the stream from then on; a gap makes it partial again.

*Who is still there*: a gap in one user's sync may hide that another user has left. Until
that user's own poller reports the room, one question for the joined members confirms
those who are in it; the others are shown nothing behind the gap.

*Strangers*: a homeserver may leave out the member event of somebody who sent a message. It
is asked for, as of that message if the homeserver can tell; for many at once the whole list is.

*Senders of older messages* that were fetched when a room was opened, in the same way: but they
may have left long ago, so they are asked for as they are now.

*Doubtful senders*: what changed of a member in a gap comes with the answer that has the gap. If
such an answer got lost, its messages are asked for once more, with the members who wrote them.

What is learned so is knowledge, not news. It must not be newer than what syncs have brought: say
Bob leaves (A), no sync has told that yet, and a list that is fetched now has A. Stored as knowledge
now, A is known when a sync brings it, and nobody hears that Bob has left. So lists are asked for as
of the ``since`` of an answer that is stored, and of single members only what is no newer is taken.

All questions run in the background, a few at a time, and failures only cost the knowledge: they are
told to the log, and the next occasion asks again.
"""

import asyncio
import logging
from collections.abc import (
    Awaitable,
    Callable,
    Container,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from functools import partial
from typing import Any, Final, Protocol

import asyncpg

from syncv3.complaints import Hourly
from syncv3.errors import HomeserverError, UnknownToken
from syncv3.ingest.filters import PAUSED_TIMELINE
from syncv3.ingest.planning.room_keys import membership_of
from syncv3.store.insiders import Inside
from syncv3.types import DeviceKey, Event, EventID, RoomID, UserID

log = logging.getLogger(__name__)

AT_ONCE: Final = 8  # questions for lists, gaps and senders, of all rooms together
ROOMS_A_REQUEST: Final = 40  # whose lists a request has fetched; the others come with later ones
WAIT_S: Final = 5.0  # a request waits for lists
SENDERS_ALONE: Final = 3
"""So many senders are asked about one by one; for more the room's list is fetched."""
RECALLED: Final = 20
"""So many senders of older messages are asked about at a time, one by one: a screenful has no
more. The list of a large room would cost far more than they do."""
RECALLS_AT_ONCE: Final = 2
"""Nobody waits for these senders, and there are many: the lists that clients wait for have other
slots."""
RECALLS_MOST: Final = 1_000
"""So many rooms are to be asked about; the senders of a further one stay without member event
until they come or speak, or the room's list is fetched."""
MEMBER: Final = "m.room.member"
TRIES: Final = 3
"""How often a list is fetched while gaps open behind it."""
FAULTS: Final = (HomeserverError, UnknownToken, OSError, asyncpg.PostgresError)


class Page(Protocol):
    """A page of a room's messages, with the member events of those who wrote them."""

    @property
    def events(self) -> tuple[Event, ...]: ...

    @property
    def state(self) -> tuple[Event, ...]: ...


class Homeserver(Protocol):
    """What is asked of the homeserver here; see ``syncv3.upstream.client``."""

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]: ...

    async def joined_members(self, token: str, room_id: RoomID) -> Mapping[UserID, object]: ...

    async def messages(
        self, token: str, room_id: RoomID, *, start: str | None, limit: int
    ) -> Page: ...

    async def sender_of(
        self, token: str, room_id: RoomID, event_id: EventID, user_id: UserID
    ) -> Event | None: ...

    async def member(self, token: str, room_id: RoomID, user_id: UserID) -> Event | None: ...


class Tokens(Protocol):
    async def tokens_of(self, device_key: DeviceKey) -> list[str]: ...


class Learner(Protocol):
    """Stores what was asked; see ``Learning``."""

    async def confirm(self, room_id: RoomID, gap_ord: int, user_ids: Sequence[UserID]) -> None: ...

    async def learn_members(
        self, room_id: RoomID, members: Sequence[Event], gap_ord: int | None
    ) -> bool: ...

    async def learn_senders(
        self, room_id: RoomID, members: Sequence[Event], behind: EventID | None = None
    ) -> None: ...


Incomplete = Callable[[int], RoomID | None]
"""The ID of a room whose list is partial, by its key; None if it is complete."""

Newest = Callable[[RoomID], Awaitable[Inside | None]]
"""The newest look into a room that is stored; see ``newest_inside``."""

Doubtful = Callable[[RoomID], Awaitable[tuple[int, list[UserID]]]]
"""A room's newest gap, and the local users of whom it is not known whether they are in the
room behind it."""


def _uncounted() -> None:
    """Stands for a counter where nobody counts."""


class MemberLists:
    """Fetches lists on demand, each room once at a time, a bounded number at once."""

    def __init__(
        self,
        source: Homeserver,
        tokens: Tokens,
        learner: Learner,
        incomplete: Incomplete,
        newest: Newest,
        doubtful: Doubtful,
    ) -> None:
        self._source = source
        self._tokens = tokens
        self._learner = learner
        self._incomplete = incomplete
        self._newest = newest
        self._doubtful = doubtful
        self._asking: set[asyncio.Task[None]] = set()
        self._strangers: dict[RoomID, dict[UserID, EventID]] = {}  # of rooms that are asked about
        self._doubted: set[RoomID] = set()  # of whose gaps nobody has been asked yet
        self._running: dict[RoomID, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._recalls = asyncio.Semaphore(RECALLS_AT_ONCE)
        self._recalling = 0
        self._told = Hourly()

    async def complete(self, rooms: Sequence[int]) -> None:
        """Waits at most five seconds for the member lists of rooms, given by their keys.

        A list that has not come by then is answered with the members known, and goes on being
        fetched. Requests for the same room share one question.
        """
        tasks = []
        for key in rooms[:ROOMS_A_REQUEST]:
            room_id = self._incomplete(key)
            if room_id is None:
                continue
            if room_id not in self._running:
                task = asyncio.create_task(self._fetch(room_id))
                task.add_done_callback(partial(self._done, room_id))
                self._running[room_id] = task
            tasks.append(self._running[room_id])
        if tasks:
            await asyncio.wait(tasks, timeout=WAIT_S)

    def _done(self, room_id: RoomID, _task: asyncio.Task[None]) -> None:
        self._running.pop(room_id, None)

    def confirm(
        self, device_key: DeviceKey, room_id: RoomID, asking: Callable[[], None] = _uncounted
    ) -> None:
        """Finds out, in the background, who is in a room behind its new gap.

        A question that still waits for its turn will be about this gap too: it looks up the newest
        gap only when it begins. ``asking`` is called if the homeserver has to be asked, which is
        not so if all local users in the room are confirmed by then.
        """
        if room_id not in self._doubted:
            self._doubted.add(room_id)
            self._ask(self._confirm(device_key, room_id, asking))

    def meet(
        self, device_key: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID]
    ) -> None:
        """Asks, in the background, for the member events of these senders, each as of the
        message given."""
        if room_id in self._strangers:  # they come with the next round
            self._strangers[room_id].update(senders)
        else:
            self._strangers[room_id] = dict(senders)
            self._ask(self._meet(device_key, room_id))

    def recall(
        self, device_key: DeviceKey, room_id: RoomID, senders: Sequence[UserID], before_ms: int
    ) -> None:
        """Asks, in the background, for senders of older messages as they are now.

        ``before_ms``: member events that were sent later are not taken, because they are known, or
        a sync has still to bring them.
        """
        if self._recalling < RECALLS_MOST:
            self._recalling += 1
            self._ask(self._recall(device_key, room_id, senders[:RECALLED], before_ms))
        elif self._told.due("recalls"):
            log.warning("Earlier senders in some rooms are not asked about: there are too many")

    def check(
        self, device_key: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID], upto: str
    ) -> None:
        """Asks, in the background, whether the member events of these senders are still what was
        known.

        ``upto`` is the ``next_batch`` of the answer that had their messages. The question is asked
        as of then, so that what a sync has still to bring is not in it.
        """
        self._ask(self._check(device_key, room_id, senders, upto))

    def _ask(self, asking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _confirm(
        self, device_key: DeviceKey, room_id: RoomID, asking: Callable[[], None]
    ) -> None:
        async with self._slots:
            self._doubted.discard(room_id)  # a gap from now on needs a question of its own
            try:
                gap_ord, doubtful = await self._doubtful(room_id)
                tokens = await self._tokens.tokens_of(device_key) if doubtful else []
                if not tokens:
                    return
                asking()
                joined = await self._source.joined_members(tokens[0], room_id)
                await self._learner.confirm(room_id, gap_ord, [u for u in doubtful if u in joined])
            except FAULTS as error:
                log.warning("Who is in %s could not be asked: %s", room_id, error)

    async def _recall(
        self, device_key: DeviceKey, room_id: RoomID, senders: Sequence[UserID], before_ms: int
    ) -> None:
        async with self._recalls:
            try:
                tokens = await self._tokens.tokens_of(device_key)
                asked = [
                    await self._source.member(tokens[0], room_id, user_id)
                    for user_id in (senders if tokens else ())
                ]
                if found := settled(asked, before_ms):
                    await self._learner.learn_senders(room_id, found)
            except FAULTS as error:
                log.warning("Earlier senders in %s could not be asked about: %s", room_id, error)
            finally:
                self._recalling -= 1

    async def _check(
        self, device_key: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID], upto: str
    ) -> None:
        async with self._slots:
            try:
                tokens = await self._tokens.tokens_of(device_key)
                if not tokens:
                    return
                page = await self._source.messages(
                    tokens[0], room_id, start=upto, limit=PAUSED_TIMELINE
                )
                if members := _members_of(page, senders):
                    *_, behind = senders.values()  # the newest of their messages, behind the gap
                    await self._learner.learn_senders(room_id, members, behind)
            except FAULTS as error:
                log.warning("Senders in %s could not be checked: %s", room_id, error)

    async def stop(self) -> None:
        tasks = [*self._running.values(), *self._asking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, room_id: RoomID) -> None:
        async with self._slots:
            try:
                await self._fetch_list(room_id)
            except FAULTS as error:
                log.warning("The members of %s could not be fetched: %s", room_id, error)

    async def _fetch_list(self, room_id: RoomID) -> bool:
        """Fetch and store a room's list, as of the newest answer to somebody in the room.

        One as of an older answer would not know who has left in a gap since; one as of now has what
        no timeline has brought yet. False: nobody can be asked at the moment, or gaps open too
        fast.
        """
        for _ in range(TRIES):
            inside = await self._newest(room_id)
            tokens = await self._tokens.tokens_of(inside.device_key) if inside else []
            if inside is None or not tokens:
                return False
            members = await self._source.members(tokens[0], room_id, at=inside.since)
            if await self._learner.learn_members(room_id, members, inside.gap_ord):
                return True
        return False

    async def _meet(self, device_key: DeviceKey, room_id: RoomID) -> None:
        """Asks about one room's senders in rounds, until none has been added meanwhile."""
        async with self._slots:
            try:
                while senders := self._strangers[room_id]:
                    self._strangers[room_id] = {}
                    await self._ask_about(device_key, room_id, senders)
            except FAULTS as error:
                log.warning("Senders in %s could not be asked about: %s", room_id, error)
            finally:
                del self._strangers[room_id]

    async def _ask_about(
        self, device_key: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID]
    ) -> None:
        tokens = await self._tokens.tokens_of(device_key)
        if not tokens:
            return
        if len(senders) > SENDERS_ALONE and await self._fetch_list(room_id):
            return
        asked = [
            await self._sender(tokens[0], room_id, event_id, user_id)
            for user_id, event_id in senders.items()
        ]
        if found := [event for event in asked if event is not None]:
            await self._learner.learn_senders(room_id, found)

    async def _sender(
        self, token: str, room_id: RoomID, event_id: EventID, user_id: UserID
    ) -> Event | None:
        """A sender's member event as of an event of theirs; None: the homeserver does not tell.

        Dendrite gives no state around an event, so the current one stands for it. If that is no
        join, the sender has left since. A sync has still to bring that, so it is not taken.
        """
        told = await self._source.sender_of(token, room_id, event_id, user_id)
        if told is not None:
            return told
        current = await self._source.member(token, room_id, user_id)
        return current if current and membership_of(current.json) == "join" else None


def settled(members: Iterable[Event | None], before_ms: int) -> list[Event]:
    """Those of the member events that may be stored as knowledge: sent at ``before_ms`` or earlier.

    A later one may be news that a sync has still to bring. If it were stored now, it would not be
    news any more when the sync brings it, and nobody would be told.
    """
    return [event for event in members if event is not None and event.timestamp <= before_ms]


def _members_of(page: Page, senders: Container[str]) -> list[Event]:
    """The member events of these senders that a page of messages has, as of the messages.

    Some homeservers give the current ones. Those that are newer than the messages are left out: a
    sync has still to bring them (see ``settled``).
    """
    newest = max((event.timestamp for event in page.events), default=0)
    return [
        event
        for event in page.state
        if event.type == MEMBER and event.state_key in senders and event.timestamp <= newest
    ]
