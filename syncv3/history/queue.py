"""Whose history is fetched next: few at a time for a user and in all, and after failures later.

A client that scrolls through its list wants the history of hundreds of rooms within a second, and
looks at the last few of them. So of a user's entries the newest goes first, a room that was opened
before those that were only shown, and of too many the oldest are dropped. Users take turns, so that
nobody waits for all rooms of somebody else.

Nothing here waits or asks; time comes in as a number of seconds, of any clock that never goes back.
"""

import heapq
import random
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeVar

from syncv3.types import Device

AT_ONCE: Final = 8
"""Requests at the same time. /messages may make a homeserver ask others for what it lacks: it
takes seconds then, and a worker of the homeserver. A sync must not wait for that."""
AT_ONCE_EACH: Final = 2
"""The same of one user: a client that opens many rooms holds up no other."""
WAITING_EACH: Final = 100
"""Rooms that a user waits for. Who has scrolled past more does not look at them any more; a room
that is dropped is wanted again when it is shown again."""
WAITING: Final = 10_000  # of all users; what is not taken is wanted again when it is shown again
TRIES: Final = 5  # by itself; a client that wants the room again begins anew
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 600.0
REMEMBERED: Final = 10_000
"""Failures that are remembered, so that asking again is no way around a pause."""
SETTLED_S: Final = 5.0
"""For so long a room is not looked at again, as deep as it has just been filled."""

Key = tuple[int, int]
"""User and room."""
V = TypeVar("V")


@dataclass(slots=True)
class WantedHistory:
    """A room of a user that is to have ``depth`` older events.

    ``device`` wanted it last; its token is used. ``opened``: the client has opened the room.
    ``tries``: how often it has failed since it was first wanted.
    """

    device: Device
    room_key: int
    depth: int
    opened: bool
    tries: int = 0

    @property
    def key(self) -> Key:
        return self.device.user_key, self.room_key


@dataclass(slots=True)
class _User:
    """What waits and what runs of one user. ``later``: when it is looked again whether something is
    due, if nothing was."""

    waiting: dict[int, WantedHistory] = field(default_factory=dict)  # by room, the newest last
    running: set[int] = field(default_factory=set)
    paused_until: float = 0.0
    later: float | None = None


@dataclass(frozen=True, slots=True)
class _Failed:
    times: int
    until: float


class Queue:
    """Entries by user; users take turns.

    Only users of whom something may be due are looked at. Of the others it is known when that
    may be, so that a client that wants something costs nothing for all who have to wait.
    """

    def __init__(self, jitter: random.Random | None = None) -> None:
        self._users: dict[int, _User] = {}
        self._turns: OrderedDict[int, None] = OrderedDict()  # of whom something may be due
        self._later: list[tuple[float, int]] = []  # a heap: when, and of whom
        self._failed: OrderedDict[Key, _Failed] = OrderedDict()
        self._settled: OrderedDict[Key, tuple[int, float]] = OrderedDict()
        self._jitter = random.Random() if jitter is None else jitter
        self._waiting = 0
        self.running = 0

    def __len__(self) -> int:
        return self._waiting

    def want(self, entry: WantedHistory, now: float) -> bool:
        """Queues an entry, or makes a waiting one of the same room as deep and as urgent.

        False: it is not queued, because the room was filled as deep a moment ago, or too many wait.
        """
        depth, until = self._settled.get(entry.key, (0, 0.0))
        if depth >= entry.depth and now < until:
            return False
        user = self._users.get(entry.device.user_key)
        before = user.waiting.pop(entry.room_key, None) if user is not None else None
        if before is not None:
            self._waiting -= 1
            entry.depth = max(entry.depth, before.depth)
            entry.opened = entry.opened or before.opened
            entry.tries = before.tries
        elif self._waiting >= WAITING:
            return False
        user = self._users.setdefault(entry.device.user_key, _User())
        if len(user.waiting) >= WAITING_EACH:
            self._drop_one(user)
        user.waiting[entry.room_key] = entry
        self._waiting += 1
        self._turns[entry.device.user_key] = None
        return True

    def _drop_one(self, user: _User) -> None:
        """Drops the entry that was wanted the longest time ago; rooms that the client has opened go
        last."""
        passed_by = (key for key, entry in user.waiting.items() if not entry.opened)
        del user.waiting[next(passed_by, next(iter(user.waiting)))]
        self._waiting -= 1

    def take(self, now: float) -> WantedHistory | None:
        """The next entry that may be fetched now; it is running until ``over``."""
        if self.running >= AT_ONCE:
            return None
        while self._later and self._later[0][0] <= now:
            self._wake(*heapq.heappop(self._later))
        while self._turns:
            user_key = next(iter(self._turns))
            user = self._users[user_key]
            entry = self._due(user, now)
            if entry is not None:
                del user.waiting[entry.room_key]
                user.running.add(entry.room_key)
                self._waiting -= 1
                self.running += 1
                self._turns.move_to_end(user_key)
                return entry
            del self._turns[user_key]  # looked at again when something happens, or at a time
            self._put_off(user_key, user, now)
        return None

    def _wake(self, time: float, user_key: int) -> None:
        """Has a user looked at again whose time has come, if that is still the time they were put
        off to."""
        user = self._users.get(user_key)
        if user is not None and user.later == time:
            user.later = None
            self._turns[user_key] = None

    def _put_off(self, user_key: int, user: _User, now: float) -> None:
        """Notes when to look at a user again of whom nothing is due: when one of their pauses ends.
        Until then only a new wish, or the end of a fill, brings them back."""
        if self._forget_idle(user_key, now):
            return
        idle = [entry for entry in user.waiting.values() if entry.room_key not in user.running]
        time = max(user.paused_until, min(map(self._not_before, idle), default=0.0))
        if time > now and (user.later is None or time < user.later):
            user.later = time
            heapq.heappush(self._later, (time, user_key))

    def _due(self, user: _User, now: float) -> WantedHistory | None:
        """The entry of a user that may run now: the newest of the rooms that were opened, else the
        newest of all."""
        if len(user.running) >= AT_ONCE_EACH or now < user.paused_until:
            return None
        due = [entry for entry in reversed(user.waiting.values()) if self._may(user, entry, now)]
        return next((entry for entry in due if entry.opened), due[0] if due else None)

    def _may(self, user: _User, entry: WantedHistory, now: float) -> bool:
        return entry.room_key not in user.running and now >= self._not_before(entry)

    def _not_before(self, entry: WantedHistory) -> float:
        failed = self._failed.get(entry.key)
        return failed.until if failed is not None else 0.0

    def wait_s(self, now: float) -> float | None:
        """In how many seconds a user who was put off is to be looked at again; None: nobody was, or
        all places are taken. To be called when ``take`` has given None."""
        if self.running >= AT_ONCE or not self._later:
            return None
        return max(self._later[0][0] - now, 0.0)

    def over(self, entry: WantedHistory) -> None:
        """An entry that was taken runs no more, however it ended."""
        user = self._users[entry.device.user_key]
        user.running.discard(entry.room_key)
        self.running -= 1
        self._turns[entry.device.user_key] = None

    def succeeded(self, entry: WantedHistory, now: float) -> None:
        """The entry's room is as deep as it was wanted, or as it can be."""
        self.over(entry)
        self._failed.pop(entry.key, None)
        _remember(self._settled, entry.key, (entry.depth, now + SETTLED_S))
        self._forget_idle(entry.device.user_key, now)

    def failed(
        self, entry: WantedHistory, now: float, *, again: bool, user_pause_s: float | None = None
    ) -> None:
        """An entry could not be filled. The pause doubles with each failure of the same room.

        ``again``: it may succeed later, and is tried by itself, ``TRIES`` times at most; else only
        a client's wish brings it back. ``user_pause_s``: the homeserver wants no request of this
        user for so long.
        """
        self.over(entry)
        times = self._failed[entry.key].times + 1 if entry.key in self._failed else 1
        longest = min(FIRST_PAUSE_S * 2 ** min(times - 1, 20), LONGEST_PAUSE_S)
        pause = longest if again else LONGEST_PAUSE_S
        pause *= self._jitter.uniform(0.75, 1.0)
        _remember(self._failed, entry.key, _Failed(times, now + max(pause, user_pause_s or 0)))
        user = self._users[entry.device.user_key]
        if user_pause_s is not None:
            user.paused_until = max(user.paused_until, now + user_pause_s)
        entry.tries += 1
        if again and entry.tries < TRIES and entry.room_key not in user.waiting:
            # In front, as the oldest: what was wanted meanwhile goes before it.
            user.waiting = {entry.room_key: entry, **user.waiting}
            self._waiting += 1
        self._forget_idle(entry.device.user_key, now)

    def _forget_idle(self, user_key: int, now: float) -> bool:
        """Forgets a user for whom nothing waits, runs or pauses; whether that was so."""
        user = self._users[user_key]
        idle = not user.waiting and not user.running and now >= user.paused_until
        if idle:
            del self._users[user_key]
            self._turns.pop(user_key, None)
        return idle


def _remember(known: OrderedDict[Key, V], key: Key, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
