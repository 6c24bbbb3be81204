"""Whose history is fetched next: few at a time for a user and in all, and after failures later.

Nothing here waits or asks; time comes in as a number of seconds.
"""

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
WAITING: Final = 10_000
TRIES: Final = 5
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
class Entry:
    """A room of a user that is to have ``depth`` older events. ``device`` wanted it last."""

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
    waiting: dict[int, Entry] = field(default_factory=dict)  # by room, the newest last
    running: set[int] = field(default_factory=set)
    paused_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Failed:
    times: int
    until: float


class Queue:
    """Entries by user; users take turns."""

    def __init__(self, jitter: random.Random | None = None) -> None:
        self._users: OrderedDict[int, _User] = OrderedDict()
        self._failed: OrderedDict[Key, _Failed] = OrderedDict()
        self._settled: OrderedDict[Key, tuple[int, float]] = OrderedDict()
        self._jitter = random.Random() if jitter is None else jitter
        self._waiting = 0
        self.running = 0

    def __len__(self) -> int:
        return self._waiting

    def want(self, entry: Entry, now: float) -> bool:
        """Adds an entry, or makes one of the same room as deep; False: there is no need or no
        place for it."""
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
        return True

    def _drop_one(self, user: _User) -> None:
        """The one that has been wanted the longest; rooms that the client opened go last."""
        passed_by = (key for key, entry in user.waiting.items() if not entry.opened)
        del user.waiting[next(passed_by, next(iter(user.waiting)))]
        self._waiting -= 1

    def take(self, now: float) -> Entry | None:
        """The next entry that may be fetched now; it is running until ``over``."""
        if self.running >= AT_ONCE:
            return None
        for user_key, user in list(self._users.items()):
            entry = self._due(user, now)
            if entry is None:
                self._forget_idle(user_key, now)
            else:
                del user.waiting[entry.room_key]
                user.running.add(entry.room_key)
                self._waiting -= 1
                self.running += 1
                self._users.move_to_end(user_key)
                return entry
        return None

    def _due(self, user: _User, now: float) -> Entry | None:
        """Of a user's entries an opened room, and the one that was wanted last."""
        if len(user.running) >= AT_ONCE_EACH or now < user.paused_until:
            return None
        due = [entry for entry in reversed(user.waiting.values()) if self._may(user, entry, now)]
        return next((entry for entry in due if entry.opened), due[0] if due else None)

    def _may(self, user: _User, entry: Entry, now: float) -> bool:
        return entry.room_key not in user.running and now >= self._not_before(entry)

    def _not_before(self, entry: Entry) -> float:
        failed = self._failed.get(entry.key)
        return failed.until if failed is not None else 0.0

    def wait_s(self, now: float) -> float | None:
        """After how long something may be due that is not now; None: nothing waits for a time."""
        times = (
            max(user.paused_until, self._not_before(entry))
            for user in self._users.values()
            for entry in user.waiting.values()
        )
        later = [time for time in times if time > now]
        return min(later) - now if later else None

    def over(self, entry: Entry) -> None:
        """An entry that was taken does not run any more."""
        user = self._users[entry.device.user_key]
        user.running.discard(entry.room_key)
        self.running -= 1

    def succeeded(self, entry: Entry, now: float) -> None:
        """It is as deep as it can be."""
        self.over(entry)
        self._failed.pop(entry.key, None)
        _remember(self._settled, entry.key, (entry.depth, now + SETTLED_S))
        self._forget_idle(entry.device.user_key, now)

    def failed(
        self, entry: Entry, now: float, *, again: bool, user_pause_s: float | None = None
    ) -> None:
        """It could not be fetched. Each time the pause doubles; ``again``: it is then tried anew
        by itself, a few times. ``user_pause_s``: the homeserver wants no request of this user
        for so long."""
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
            user.waiting = {entry.room_key: entry, **user.waiting}
            self._waiting += 1
        self._forget_idle(entry.device.user_key, now)

    def _forget_idle(self, user_key: int, now: float) -> None:
        user = self._users[user_key]
        if not user.waiting and not user.running and now >= user.paused_until:
            del self._users[user_key]


def _remember(known: OrderedDict[Key, V], key: Key, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
