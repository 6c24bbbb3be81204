"""Where the events of one timeline chunk belong in their room.

A ``/sync`` answer always ends at the homeserver's *now*, so chunks are ordered by when
they were generated, not by when they arrived here. Many pollers bring the same room with
different lag, hence for each chunk:

- an event that is stored already is not placed again;
- what follows the room's newest event, or a chunk that continues without a gap what its
  own poller had brought before, is *live*: appended, and news for everyone who may see it;
- so is a new event between two known ones: the other pollers' users were not shown it;
- a chunk that touches nothing known and is newer than all we have opens a *gap*;
- a chunk that touches nothing known but is older than the newest gap is *late*: kept as
  history below that gap, never sent live, never changing state (docs/architecture/planning.md).

Orders are spaced by ``STEP`` so that an event which one user's poller was not shown (its
sender is ignored, say) can still take its place between two others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from syncv3.types import Event

START = 1 << 40
STEP = 1 << 10
GAP = STEP << 20


class Place(Enum):
    FIRST = auto()  # the room's first chunk: nobody's news
    LIVE = auto()
    HISTORY = auto()


@dataclass(frozen=True, slots=True)
class Placed:
    """One new event with its order. ``first`` marks the first event of its chunk."""

    event: Event
    ord: int
    place: Place
    first: bool


@dataclass(frozen=True, slots=True)
class RoomEnd:
    """What is known of the end of a room's timeline; orders are None for a new room."""

    head_ord: int | None
    gap_ord: int | None
    filled_ord: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """New events in chunk order, and the end of the room afterwards.

    ``gap`` says that events are missing before the first of them. ``start_ord`` is the
    order of the chunk's first event, known or new; None for an empty chunk that says
    nothing.
    """

    placed: tuple[Placed, ...]
    end: RoomEnd
    gap: bool = False
    start_ord: int | None = None

    def followed_by(self, other: "Placement") -> "Placement":
        """Both together: ``other`` is what comes behind in the same chunk."""
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
    """Places a chunk. ``orders`` has each event's order where it is in the timeline already.

    ``stored`` marks events that exist (perhaps as state only). ``continues``: the polling
    user was in the room and has reported past its newest gap. ``late``: the chunk is older
    than the newest one of the room. ``ended``: it ends where its user left, which may be
    long ago; it opens no gap. ``entering``: where its user comes in. What precedes may have a
    hole where they were out, so a join that is new does not go on from what is before it.
    ``before``: the order of the first join that a newer report than this chunk has told. What is
    new here is not in that report, so it happened before that user came in, and must not be placed
    behind the join, where they would see it (X-4). ``behind_lost``: the
    chunk begins with an event that could not be used: it opens a gap also in a new room.
    """
    fresh = [not known for known in stored]
    if end.head_ord is None:
        return _first(timeline, fresh, behind_lost)
    last = max((i for i, ord_ in enumerate(orders) if ord_ is not None), default=None)
    if last is None:
        if not timeline:
            return Placement((), end)
        if continues and not limited and not (late and end.gap_ord is not None):
            if late and before is not None:
                return _ending_at(timeline, fresh, end, before)
            return _append(timeline, fresh, end, end.head_ord)
        if late:
            return _history(timeline, fresh, end)
        # Where it ends others may go on, and bring it all: it is only left out for now.
        return Placement((), end) if ended else _after_gap(timeline, fresh, end)
    between = _between(timeline, orders, fresh, end.gap_ord, whole=continues and not limited)
    rest = [f and i > last for i, f in enumerate(fresh)]
    start = next(o for o in orders if o is not None)
    if not any(rest):
        return Placement(between, end, start_ord=start)
    known = orders[last] or 0
    if end.gap_ord is not None and known < end.gap_ord and not (late or ended):
        return _after_gap(timeline, rest, end)  # what is known of it came late, as history
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
    """What follows the last known event of a chunk."""
    assert end.head_ord is not None
    if end.gap_ord is not None and known < end.gap_ord:
        return _history(timeline, rest, end)
    if known == end.head_ord or whole:
        return _append(timeline, rest, end, end.head_ord)
    return Placement(_numbered(timeline, rest, known + 1, Place.LIVE, step=1), end)


def _first(timeline: Sequence[Event], fresh: Sequence[bool], gap: bool) -> Placement:
    placed = _numbered(timeline, fresh, START, Place.FIRST)
    head = placed[-1].ord if placed else START
    start = placed[0].ord if placed else None
    gap_ord = start if gap else None
    return Placement(placed, RoomEnd(head, gap_ord, gap_ord), gap_ord is not None, start)


def _append(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd, head: int) -> Placement:
    placed = _numbered(timeline, fresh, head + STEP, Place.LIVE)
    if not placed:
        return Placement((), end)
    after = RoomEnd(placed[-1].ord, end.gap_ord, end.filled_ord)
    return Placement(placed, after, start_ord=placed[0].ord)


def _ending_at(
    timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd, before: int
) -> Placement:
    at = before - sum(fresh)
    return Placement(_numbered(timeline, fresh, at, Place.LIVE, step=1), end, start_ord=at)


def _after_gap(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd) -> Placement:
    assert end.head_ord is not None
    gap_ord = end.head_ord + GAP
    placed = _numbered(timeline, fresh, gap_ord, Place.LIVE)
    if not placed:
        return Placement((), end)
    return Placement(placed, RoomEnd(placed[-1].ord, gap_ord, gap_ord), gap=True, start_ord=gap_ord)


def _history(timeline: Sequence[Event], fresh: Sequence[bool], end: RoomEnd) -> Placement:
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

    In a chunk that is not ``whole`` what precedes its first known event may lie in a gap.
    What lies in the newest gap is left out.
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
