"""Where the new events of one timeline chunk belong in their room. No I/O, and no planning.

Each event of a room's timeline has a number, its *order* (``ord``). Many pollers bring the same
room with different lag, so events do not come here in the order in which they happened. What
helps is that an answer of ``/sync`` ends at the homeserver's *now*. So two chunks can be compared
by when they were made (``Part.generated_us``), whichever came here first.

Say that A, B and C are stored, C is the newest, and a chunk brings X and Y, which are new:

- ``C X Y``: they follow the newest event. They are *live*: appended, and news for everyone who may
  see them.
- ``B X C``: X lies between two known events. The others' pollers were not shown it, say because
  their users ignore its sender. It gets an order between those of B and C, and is live, too.
- ``X Y``, of a poller that has brought the room up to now, and not ``limited``: nothing is missing
  in front of X, so they are appended.
- ``X Y`` of another poller, or ``limited``, and newer than C: events may be missing between C and
  X. Both are live, and a *gap* is noted in front of X.
- ``X Y`` of another poller, or ``limited``, and older than C (a *late* chunk): if the room has a
  gap, they become *history* below the newest gap: never sent live, and changing no state but
  whether their own user has joined (``state``). If it has none, they are left out.

Orders go up in steps of ``STEP``, so that events such as that X find room between two others. A
gap leaves room for a million steps; history below it is counted down from its upper end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from syncv3.types import Event

START = 1 << 40  # of a room's first event; what is found to precede it goes below
STEP = 1 << 10  # so many orders, less one, are free between two events that were appended
GAP = STEP << 20  # room for a billion events of history below a gap


class Place(Enum):
    """What a new event is to clients, by where it has its place."""

    FIRST = auto()  # the room's first chunk: in the timeline, and nobody's news
    LIVE = auto()  # gets a position: whoever waits hears of it
    HISTORY = auto()  # below the newest gap; nobody's news


@dataclass(frozen=True, slots=True)
class Placed:
    """One new event with its order. ``first`` marks the first event of its chunk."""

    event: Event
    ord: int
    place: Place
    first: bool


@dataclass(frozen=True, slots=True)
class RoomEnd:
    """What is known of the end of a room's timeline.

    ``head_ord``: the order of its newest event; None for a new room. ``gap_ord``: the order of the
    first event behind its newest gap; None: it has no gap. ``filled_ord``: the lowest order that
    history below this gap has taken so far; at first it is ``gap_ord``.
    """

    head_ord: int | None
    gap_ord: int | None
    filled_ord: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """New events in chunk order, and the end of the room afterwards.

    ``gap``: events are missing before the first of them. ``start_ord``: the order of the chunk's
    first event that has a place, known or new. None: none has one, since the chunk is empty or was
    left out.
    """

    placed: tuple[Placed, ...]
    end: RoomEnd
    gap: bool = False
    start_ord: int | None = None

    def followed_by(self, other: "Placement") -> "Placement":
        """This placement and ``other``, which is that of the next piece of the same chunk, as
        one."""
        start = other.start_ord if self.start_ord is None else self.start_ord
        placed = (*self.placed, *other.placed)
        return Placement(placed, other.end, self.gap or other.gap, start)


def place(
    timeline: Sequence[Event],
    orders: Sequence[int | None],
    end: RoomEnd,
    *,
    stored: Sequence[bool],
    limited: bool,
    continues: bool,
    late: bool,
    ended: bool = False,
    entering: int | None = None,
    before: int | None = None,
    behind_lost: bool = False,
) -> Placement:
    """Places the new events of ``timeline`` (oldest first) behind, between or below known ones.

    - ``orders``: for each event its order, where it has a place in this room already.
    - ``stored``: for each event whether it is stored, with a place or as state only. Such an event
      is not placed again.
    - ``end``: the room's end before the chunk.
    - ``continues``: the polling user was in the room and has reported past its newest gap, so
      without ``limited`` nothing is missing between what their poller has brought and this chunk.
    - ``late``: the chunk is older than the newest one of the room.
    - ``ended``: it ends where its user left, which may be long ago. It opens no gap.
    - ``entering``: the index at which its user comes in. What precedes that join may have a hole
      where they were out. So a new join does not follow the known event before it: it is appended.
    - ``before``: used if the chunk is late. Say Carol's poller has reported her join (J) after this
      chunk was made. What is new here happened before J; placed behind J, it would be shown to
      her, who must not see it (X-4). ``before`` is the order of the first such join.
    - ``behind_lost``: it begins with an event that could not be used: a gap, even in a new room.
    """
    fresh = [not known for known in stored]
    if end.head_ord is None:
        return _first(timeline, fresh, behind_lost)
    last = max((i for i, ord_ in enumerate(orders) if ord_ is not None), default=None)
    if last is None:
        if not timeline:
            return Placement((), end)
        # A late chunk of a room with a gap may be from either side of the gap.
        if continues and not limited and not (late and end.gap_ord is not None):
            if late and before is not None:
                return _ending_at(timeline, fresh, end, before)
            return _append(timeline, fresh, end, end.head_ord)
        if late:
            return _history(timeline, fresh, end)
        # Of an ended stay it is left out: those who are still in the room will bring all of it.
        return Placement((), end) if ended else _after_gap(timeline, fresh, end)
    between = _between(timeline, orders, fresh, end.gap_ord, whole=continues and not limited)
    rest = [f and i > last for i, f in enumerate(fresh)]
    start = next(o for o in orders if o is not None)
    if not any(rest):
        return Placement(between, end, start_ord=start)
    known = orders[last] or 0
    if end.gap_ord is not None and known < end.gap_ord and not (late or ended):
        # The known event came late, as history: between it and the gap anything may be missing.
        return _after_gap(timeline, rest, end)
    comes_in = entering is not None and rest[entering]
    whole = comes_in or (continues and not limited)
    if late and not comes_in and before is not None and (end.gap_ord or 0) <= known < before:
        tail = Placement(_numbered(timeline, rest, known + 1, Place.LIVE, step=1), end)
    else:
        tail = _behind(timeline, rest, end, known, whole)
    return Placement((*between, *tail.placed), tail.end, start_ord=start)


def _behind(
    timeline: Sequence[Event], rest: Sequence[bool], end: RoomEnd, known: int, whole: bool
) -> Placement:
    """Places what follows the last known event of a chunk, whose order is ``known``.

    Say A, B and C are stored, C is the newest, and the chunk is ``B X``. C is not in it, so it was
    most likely made before C happened: X takes its place directly behind B. A chunk of which
    nothing is missing (``whole``) is appended instead.
    """
    assert end.head_ord is not None
    if end.gap_ord is not None and known < end.gap_ord:
        return _history(timeline, rest, end)
    if known == end.head_ord or whole:
        return _append(timeline, rest, end, end.head_ord)
    return Placement(_numbered(timeline, rest, known + 1, Place.LIVE, step=1), end)


def _first(timeline: Sequence[Event], fresh: Sequence[bool], gap: bool) -> Placement:
    """Places the first chunk of a room that was not known, or known from state alone."""
    placed = _numbered(timeline, fresh, START, Place.FIRST)
    head = placed[-1].ord if placed else START
    start = placed[0].ord if placed else None
    gap_ord = start if gap else None
    return Placement(placed, RoomEnd(head, gap_ord, gap_ord), gap_ord is not None, start)


def _append(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd, head: int) -> Placement:
    """Places new events behind the room's newest one."""
    placed = _numbered(timeline, fresh, head + STEP, Place.LIVE)
    if not placed:
        return Placement((), end)
    after = RoomEnd(placed[-1].ord, end.gap_ord, end.filled_ord)
    return Placement(placed, after, start_ord=placed[0].ord)


def _ending_at(
    timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd, before: int
) -> Placement:
    """Places new events directly in front of the join at ``before``."""
    at = before - sum(fresh)
    return Placement(_numbered(timeline, fresh, at, Place.LIVE, step=1), end, start_ord=at)


def _after_gap(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd) -> Placement:
    """Places new events behind a new gap, far enough away for the history that may come."""
    assert end.head_ord is not None
    gap_ord = end.head_ord + GAP
    placed = _numbered(timeline, fresh, gap_ord, Place.LIVE)
    if not placed:
        return Placement((), end)
    return Placement(placed, RoomEnd(placed[-1].ord, gap_ord, gap_ord), gap=True, start_ord=gap_ord)


def _history(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd) -> Placement:
    """Places new events below the newest gap and its history; nowhere if there is no gap."""
    below = end.filled_ord if end.filled_ord is not None else end.gap_ord
    count = sum(fresh)
    if below is None or not count:
        return Placement((), end)
    start = below - count
    placed = _numbered(timeline, fresh, start, Place.HISTORY, step=1)
    return Placement(placed, RoomEnd(end.head_ord, end.gap_ord, start), start_ord=start)


def _numbered(
    timeline: Sequence[Event],
    fresh: Sequence[bool],
    start: int,
    where: Place,
    *,
    step: int = STEP,
) -> tuple[Placed, ...]:
    picked = [(i, event) for i, event in enumerate(timeline) if fresh[i]]
    return tuple(
        Placed(event, start + n * step, where, first=i == 0) for n, (i, event) in enumerate(picked)
    )


def _between(
    timeline: Sequence[Event],
    orders: Sequence[int | None],
    fresh: Sequence[bool],
    gap_ord: int | None,
    *,
    whole: bool,
) -> tuple[Placed, ...]:
    """New events before known ones: this user was shown more than those who brought these.

    Each gets the order below that of the event that follows it. In a chunk that is not ``whole``
    what precedes the first known event is left out: there may be a gap before that event. So is
    what would stand below the upper end of the newest gap.
    """
    floor = 0 if whole else next(i for i, ord_ in enumerate(orders) if ord_ is not None)
    placed: list[Placed] = []
    following: int | None = None
    for i in range(len(timeline) - 1, floor - 1, -1):
        ord_ = orders[i]
        if ord_ is not None:
            following = ord_
        elif fresh[i] and following is not None and following > (gap_ord or 0):
            following -= 1
            placed.append(Placed(timeline[i], following, Place.LIVE, first=i == 0))
    placed.reverse()
    return tuple(placed)
