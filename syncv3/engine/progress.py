"""What earlier attempts at one answer have built, as far as it still holds.

A long answer is not computed in one go: others would wait. An attempt stops after some time,
others have their turn, and the next attempt computes the answer anew, at the position where
the cache is then. So the answer belongs to one position, as every other does. Rooms that
were built already are taken over: what is built of a room is a function of what is known
of it, and of the request; it is the same as long as nothing has touched the room. If nothing
has touched any room of the user, the computation goes on where it was.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Protocol

from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed
from syncv3.engine.rooms import Built
from syncv3.engine.sources import Sources

Own = tuple[tuple[int, str | None], ...]
"""The device's own events in a room object, with their transaction IDs."""


class Paused(Protocol):
    """A computation that can go on."""

    def resume(self, sources: Sources, released: frozenset[int]) -> Computed: ...


class AnswerProgress:
    """``over`` tells whether an attempt has taken enough time, from its first call on."""

    def __init__(self, over: Callable[[], bool] = lambda: False) -> None:
        self.over = over
        self.built = 0  # rooms that the attempt has built
        self.paused: Paused | None = None
        self._rooms: dict[int, tuple[Hashable, Own, Built]] = {}
        self._user: CachedUser | None = None
        self._position = 0

    def begin(self, sources: Sources) -> None:
        """An attempt begins: forgets what does not hold any more.

        If there is nothing of that kind, the ``paused`` computation can go on as it is.
        """
        touched: Iterable[int] = ()
        if self._user is not sources.user:
            self._rooms.clear()
            self.paused = None
        else:
            user = sources.user
            touched = (*user.touched_since(self._position), *user.filled_since(self._position))
        for room_key in touched:
            self._rooms.pop(room_key, None)
            self.paused = None
        if self.paused is not None and not all(
            _holds(own, sources) for _, own, _ in self._rooms.values()
        ):
            self.paused = None
        self._user, self._position = sources.user, sources.cache.position
        self.built = 0

    def take(self) -> Paused | None:
        """The computation that can go on. It does so once: unless it pauses again, the next
        attempt begins anew, for this one may find at its end that something is missing."""
        paused, self.paused = self.paused, None
        return paused

    def pause(self, computation: Paused, sources: Sources) -> None:
        """The attempt ends here. What was built without what is missing is built anew."""
        self.paused = None if sources.missing else computation

    def room(
        self, sources: Sources, room_key: int, how: Hashable, build: Callable[[], Built | None]
    ) -> Built | None:
        """What ``build`` gives, or gave in an earlier attempt.

        ``how`` stands for all that the request says of the room.
        """
        before = self._rooms.get(room_key)
        if before is not None and before[0] == how and _holds(before[1], sources):
            return before[2]
        if not self.built:
            self.over()  # the clock of what is new in this slice starts: see ``turns.Slice``
        lacking = len(sources.missing) if sources.missing else 0
        built = build()
        self.built += 1
        whole = not sources.missing or len(sources.missing) == lacking
        if built is not None and whole:
            self._rooms[room_key] = how, _own(sources, built), built
        return built


def _holds(own: Own, sources: Sources) -> bool:
    """Whether a room would be built with the same transaction IDs now. They come without a change
    of the room, so they are compared apart."""
    return all(sources.transactions.get(key) == txn_id for key, txn_id in own)


def _own(sources: Sources, built: Built) -> Own:
    return tuple(
        [
            (event.event_key, sources.transactions.get(event.event_key))
            for event in built.timeline.events
            if event.sender == sources.me
        ]
    )
