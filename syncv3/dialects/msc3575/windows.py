"""Which operations bring a client's copy of a list up to date (L-50 to L-124).

A request may change the list (new, other ranges, other order): the first half of
``list_operations``. Or rooms moved: what follows is the theory of that.

The specification describes one update as a move of one room from one index to another,
cut into at most one DELETE/INSERT pair per range (L-71, L-72). Each such pair concerns
the rows of one range only, and can be read off that range alone: a row that is there no
more is deleted (the moved room, or the one pushed out over an edge), or the empty row
after the last one if there is none (L-78); the room that is new there, or moved, is
inserted. So the rooms outside the windows need not be known. Which room moved decides
only where two adjacent rows changed places, and which range comes first (L-72).

An example: ranges [0, 1] and [4, 5] of a list A B C D E F, and F gets a message: F A B C D E.
The range that F left comes first: its rows were E F and are D E, so F's is deleted and D, which
was pushed in, inserted: DELETE 5, INSERT 4 D. The other's rows were A B and are F A: DELETE 1,
INSERT 0 F. What C is need not be known.

The same works for several updates: the rooms that did not move keep their order, so in
each range every moved or new room is put behind the room that precedes it now and is
already in place. Only rooms of the windows now are ever named. What has not the expected
effect on a simulated client becomes INVALIDATE and SYNC: longer, but right in every case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from syncv3.dialects.msc3575.operations import (
    Delete,
    Insert,
    Invalidate,
    Operation,
    Ranges,
    Sync,
    apply_operations,
)
from syncv3.protocol.response import ListChange, Window
from syncv3.types import RoomID

__all__ = [
    "MAX_MOVED",
    "Delete",
    "Insert",
    "Invalidate",
    "Operation",
    "Ranges",
    "Sync",
    "apply_operations",
    "list_operations",
    "window_rows",
]

MAX_MOVED = 8
"""More moved rooms than this are cheaper to send, and to apply, as a SYNC."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows that belonged to one range before and now: half-open, cut at the list's end."""

    start: int
    stop: int
    before: Window
    after: Window


def list_operations(change: ListChange) -> list[Operation]:
    """Operations that turn the client's copy of the list into what it is now, in order.

    Empty when there is nothing to tell. Every room they name is in the windows now (or,
    for ``all_rooms``, in the list), so exactly those rooms need data if they are new.
    """
    before = change.before
    if change.spec.all_rooms:
        return _all_rooms(change)
    if before is None and not change.forgotten:
        return _syncs(zip(change.spec.ranges, change.windows, strict=True))
    if before is None or change.forgotten or before.all_rooms or _reordered(change):
        return _restart(change)
    if before.ranges == change.spec.ranges and change.windows_before == change.windows:
        return []  # rooms may have moved, but outside the windows or to where they were
    return _continue(change)


def window_rows(ranges: Ranges, windows: Iterable[Window]) -> dict[int, RoomID]:
    """The rows (index → room) of the windows of these ranges, one by one."""
    rows: dict[int, RoomID] = {}
    for (start, _), window in zip(ranges, windows, strict=True):
        rows.update(enumerate(window, start))
    return rows


def _all_rooms(change: ListChange) -> list[Operation]:
    """One SYNC of everything when the list is new or its filters changed (L-121, L-124).

    Rows are not deleted in this mode (L-122): clients cut the list at its ``count``.
    """
    before = change.before
    if before is not None and before.filters == change.spec.filters:
        return []
    assert change.full_order is not None, "a list of all rooms comes with its order"
    return _syncs([((0, change.count), change.full_order)])


def _reordered(change: ListChange) -> bool:
    before = change.before
    return before is not None and (
        before.sort != change.spec.sort or before.filters != change.spec.filters
    )


def _restart(change: ListChange) -> list[Operation]:
    """INVALIDATE the old ranges, SYNC the new ones (L-52), both in the client's order.

    ``count_before`` 0 of forgotten windows means "not known": nothing is clamped then.
    """
    old = change.before or change.spec
    ranges: Ranges = [(0, change.count_before)] if old.all_rooms else old.ranges
    end = change.count_before
    if change.forgotten and not end:
        end = max((stop for _, stop in ranges), default=0)
    dropped = [Invalidate(start, min(stop, end)) for start, stop in ranges if start < end]
    return [*dropped, *_syncs(zip(change.spec.ranges, change.windows, strict=True))]


def _syncs(windows: Iterable[tuple[tuple[int, int], Window]]) -> list[Operation]:
    """A SYNC per range that has rooms (L-60 to L-63)."""
    return [Sync(start, window) for (start, _), window in windows if window]


def _continue(change: ListChange) -> list[Operation]:
    """Operations for a list in the same order: other ranges, moved rooms, or both.

    Dropped rows are invalidated, kept ones edited, added ones sent (L-51).
    """
    before = change.before
    assert before is not None
    one = _one_moved(change)
    if one is not None:
        return one
    dropped, kept, added = _cut(change)
    edited = _edits(change, kept)
    operations = [*dropped, *edited, *added]
    # The client has the old and the new ranges while it applies these: do they have their effect?
    union = (*before.ranges, *change.spec.ranges)
    rows = apply_operations(window_rows(before.ranges, change.windows_before), union, operations)
    if rows == window_rows(change.spec.ranges, change.windows):
        return operations
    resent = [operation for run in kept for operation in _resend(run)]
    return [*dropped, *resent, *added]


def _one_moved(change: ListChange) -> list[Operation] | None:
    """One room that moved inside the only range: what most messages do. None: it is not that.

    Nothing here is done room by room, as windows of thousands of rooms are usual.
    """
    if len(change.windows) != 1 or len(change.windows_before) != 1:
        return None
    before, after, moved = change.windows_before[0], change.windows[0], set(change.moved)
    if change.before is None or change.before.ranges != change.spec.ranges or len(moved) != 1:
        return None
    (room,) = moved
    # It may also have come in over an edge, or left over one: that is for ``_edits``.
    if len(before) != len(after) or room not in before or room not in after:
        return None
    was, now = before.index(room), after.index(room)
    if before[:was] + before[was + 1 :] != after[:now] + after[now + 1 :]:
        return None
    start = change.spec.ranges[0][0]
    return [Delete(start + was), Insert(start + now, room)] if was != now else []


def _cut(change: ListChange) -> tuple[list[Operation], list[_Run], list[Operation]]:
    """Rows dropped (as INVALIDATE), kept, and added (as SYNC) by a change of ranges.

    They are cut wherever an old or a new range begins or ends, ascending (L-51, L-64).
    With the same ranges as before, the kept runs are the ranges in the client's order.
    """
    before = change.before
    assert before is not None
    old, new = before.ranges, change.spec.ranges
    if old == new:
        windows = zip(new, change.windows_before, change.windows, strict=True)
        return [], [_Run(*ends, was, now) for ends, was, now in windows], []
    dropped: list[Operation] = []
    kept: list[_Run] = []
    added: list[Operation] = []
    for start, stop in pairwise(sorted({end for ends in (*old, *new) for end in ends})):
        was = _rows_between(old, change.windows_before, start, stop)
        now = _rows_between(new, change.windows, start, stop)
        if was is not None and now is not None:
            kept.append(_Run(start, stop, was, now))
        elif was:
            dropped.append(Invalidate(start, start + len(was)))
        elif now:
            added.append(Sync(start, now))
    return dropped, kept, added


def _rows_between(
    ranges: Ranges, windows: tuple[Window, ...], start: int, stop: int
) -> Window | None:
    """The rooms from ``start`` to ``stop`` in the one range that covers both, else None."""
    for (first, end), window in zip(ranges, windows, strict=True):
        if first <= start < end:
            return window[start - first : stop - first]
    return None


def _edits(change: ListChange, runs: list[_Run]) -> list[Operation]:
    """Operations for the kept rows, range by range.

    One update keeps the order of L-72. Several go from the end of the list to its start:
    a lone DELETE then finds nothing above its own range that it could shift.
    """
    moved = tuple(dict.fromkeys(change.moved))  # each once, in order of the last change
    if len(moved) > MAX_MOVED:
        return [operation for run in runs for operation in _resend(run)]
    if len(moved) == 1:
        runs = _in_order_of_travel(_joined_at_the_end(runs, change), moved[0], change)
    else:
        runs = sorted(runs, key=lambda run: -run.start)
    return [operation for run in runs for operation in _edit(run, moved)]


def _joined_at_the_end(runs: list[_Run], change: ListChange) -> list[_Run]:
    """The runs; the last row's joined with an adjacent one if that row is removed.

    The client has the room that moves up over the border between the two, so a lone
    DELETE says it all (L-76).
    """
    end = change.count
    lower = next((run for run in runs if run.stop == end and run.start < end), None)
    upper = next((run for run in runs if run.start == end and run.before), None)
    if change.count_before != end + 1 or lower is None or upper is None:
        return runs
    before, after = lower.before + upper.before, lower.after + upper.after
    joined = _Run(lower.start, upper.stop, before, after)
    return [joined if run is lower else run for run in runs if run is not upper]


def _in_order_of_travel(runs: list[_Run], room: RoomID, change: ListChange) -> list[_Run]:
    """The range the room left, the one it came to, the others in client's order (L-72).

    An added room comes from behind the end of the list, a removed one goes to its end.
    """
    n, now = change.count_before, change.count

    def rank(run: _Run) -> int:
        if run.start <= n < run.stop if now > n else room in run.before:
            return 0
        return 1 if (run.start < now <= run.stop if now < n else room in run.after) else 2

    return sorted(runs, key=rank)


def _resend(run: _Run) -> list[Operation]:
    """INVALIDATE and SYNC of a run that changed."""
    if run.before == run.after:
        return []
    dropped = [Invalidate(run.start, run.start + len(run.before))] if run.before else []
    return [*dropped, *_syncs([((run.start, run.stop), run.after)])]


def _edit(run: _Run, moved: tuple[RoomID, ...]) -> list[Operation]:
    """DELETE and INSERT pairs that turn a run's rows into what they are now (L-74, L-76).

    ``moved`` rooms come first, in their order, then those that shifted into the range.
    """
    if run.before == run.after:
        return []
    was, now = set(run.before), set(run.after)
    gone, new = was - now, now - was
    if max(len(gone), len(new)) > len(moved):  # not what one move each can do
        return _resend(run)
    leaving = sorted(gone, key=run.before.index)
    entering = sorted(new, key=run.after.index)
    pending = [room for room in moved if room in now]
    pending += [room for room in entering if room not in moved]
    unsettled = set(pending)
    rows = list(run.before)
    operations: list[Operation] = []
    for room in pending:
        stays = room in was
        freed = _freed_row(rows, room if stays else None, leaving)
        del rows[freed : freed + 1]
        at = _place(room, run.after, rows, unsettled)
        rows.insert(at, room)
        unsettled.remove(room)
        if not stays or freed != at:  # L-75
            operations += [Delete(run.start + freed), Insert(run.start + at, room)]
    # What leaves without a room coming in: the list has become shorter. From the end to the start,
    # as each deletion moves up what lies behind it.
    lone = sorted((rows.index(room) for room in leaving), reverse=True)
    return operations + [Delete(run.start + row) for row in lone]


def _freed_row(rows: list[RoomID], room: RoomID | None, leaving: list[RoomID]) -> int:
    """The row to delete before an INSERT; takes the room it chose from ``leaving``.

    That of ``room`` itself if it is given, else of one that leaves, else the empty row
    after the last one (L-78).
    """
    if room is not None:
        return rows.index(room)
    return rows.index(leaving.pop()) if leaving else len(rows)


def _place(room: RoomID, order: Window, rows: list[RoomID], unsettled: set[RoomID]) -> int:
    """The row behind the nearest room before ``room`` in ``order`` that is in place."""
    for index in range(order.index(room) - 1, -1, -1):
        if order[index] not in unsettled:
            return rows.index(order[index]) + 1
    return 0
