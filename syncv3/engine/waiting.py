"""Who waits for news, and what wakes them.

A request that has nothing to say waits on a condition, "something concerning this user came
after the position I looked at", never on an edge; so nothing that happens while it computes
is missed. (Its waiter is cleared when a computation begins: what comes later sets it again.)

*Patience.* One message concerns a user twice. Say Bob sends M to a room in which Alice waits, and
Carol's poll is the first to bring it. M is in Alice's timeline now. That her unread count is 1 only
her own poll can tell, some milliseconds later. Were she woken at once, she would get M, and the
count in an answer of its own. So a user whose own poll has not spoken yet is woken
``PATIENCE_S`` later; if its answer is here already, and only waits to be stored, up to
``ARRIVING_S`` later. When the own poll has delivered (``heard_from``), the rest of a long wait
is cut to ``PATIENCE_S``. Changes of extensions are not waited for: they wake at once.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from syncv3.cache.cache import Cache
from syncv3.engine.asking import Grounds
from syncv3.engine.connection import Waiter
from syncv3.store.rows import ChangeRow

PATIENCE_S: Final = 0.015
"""How long who is told of something waits for what their own poll says of it."""
ARRIVING_S: Final = 0.3
"""The same, at most, where an answer to their own poll is here, and its turn has not come yet."""


class Waiters:
    """The waiting requests of this worker. ``stopping``: none of them may wait any more."""

    def __init__(self, cache: Cache, arriving: Callable[[int], bool]) -> None:
        self._cache = cache
        self._arriving = arriving
        self._waiting: dict[int, dict[Waiter, Grounds | None]] = {}  # by user key
        self._patient: dict[int, asyncio.TimerHandle] = {}  # users who are to be woken then
        self._heard_from: dict[int, float] = {}  # when the own pollers of users last delivered
        self.stopping = False
        cache.listeners.append(self.wake)

    @property
    def users(self) -> set[int]:
        """The users of whom a request waits."""
        return set(self._waiting)

    def of(self, user_key: int) -> Iterable[Waiter]:
        """A user's waiting requests."""
        return self._waiting.get(user_key, ())

    @contextmanager
    def one(self, user_key: int) -> Iterator[dict[Waiter, Grounds | None]]:
        """Where a request of the user puts its waiter, with what its extensions watch.

        None in place of that: the request is computing just now. Any change wakes it, as its
        scope is not known; it looks again afterwards.
        """
        waiters = self._waiting.setdefault(user_key, {})
        try:
            yield waiters
        finally:
            if not waiters:
                self._waiting.pop(user_key, None)

    def wake(self, users: set[int], changes: Sequence[ChangeRow] = ()) -> None:
        """Something changed for these users, or in what extensions watch.

        A request that asks for no rooms is woken by its extensions only: a client that keeps one
        waiting for its messages would compute at each event in any room (S-324).

        A user whose own poller has said nothing of it yet is woken a moment later: see the module.
        """
        loop = asyncio.get_running_loop()
        lately = loop.time() - PATIENCE_S
        for user_key in users & self._waiting.keys():
            for waiter in self._waiting[user_key]:
                waiter.behind = True
            if self._heard_from.get(user_key, 0.0) >= lately:
                self._wake(user_key)
            elif user_key not in self._patient:
                patience_s = ARRIVING_S if self._arriving(user_key) else PATIENCE_S
                self._patient[user_key] = loop.call_later(patience_s, self._wake, user_key)
        for change in changes:
            for user_key in self._concerned(change):
                for waiter, watch in self._waiting[user_key].items():
                    waiter.behind = True
                    if not waiter.is_set() and (watch is None or watch.wakes(change)):
                        waiter.set()

    def heard_from(self, user_keys: Iterable[int]) -> None:
        """The own pollers of these users have just delivered."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        soon = now + PATIENCE_S
        for user_key in user_keys:
            if user_key in self._waiting:
                self._heard_from[user_key] = now
            if (handle := self._patient.get(user_key)) is not None and handle.when() > soon:
                handle.cancel()
                self._patient[user_key] = loop.call_at(soon, self._wake, user_key)

    def _wake(self, user_key: int) -> None:
        """Wakes the user's requests that may be told of rooms; patience with them is over."""
        handle = self._patient.pop(user_key, None)
        if handle is not None:
            handle.cancel()
        self._heard_from.pop(user_key, None)
        for waiter in self._waiting.get(user_key, ()):
            if waiter.rooms:
                waiter.set()

    def _concerned(self, change: ChangeRow) -> Iterable[int]:
        """The waiting users whom a change may concern."""
        if change.user_key is not None:
            return (change.user_key,) if change.user_key in self._waiting else ()
        if change.room_key is not None:
            return self._waiting.keys() & self._cache.users_in(change.room_key)
        return tuple(self._waiting)

    def stop(self) -> None:
        """Ends all waits."""
        self.stopping = True
        for waiters in self._waiting.values():
            for waiter in waiters:
                waiter.set()
