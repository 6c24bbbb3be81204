"""The operations of a list as values, and the client that they are meant for.

Indexes are those of the whole list, 0-based; ``start`` and ``stop`` are half-open here
(the codec makes them inclusive). ``apply_operations`` is what a client does with them
(L-81): it defines when operations are right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncv3.types import RoomID

Ranges = Sequence[tuple[int, int]]
"""Half-open ranges of list indexes that do not overlap."""


@dataclass(frozen=True, slots=True)
class Sync:
    """The rows from ``start`` on are these rooms; never empty."""

    start: int
    rooms: tuple[RoomID, ...]

    @property
    def stop(self) -> int:
        return self.start + len(self.rooms)


@dataclass(frozen=True, slots=True)
class Invalidate:
    """The rows from ``start`` up to ``stop`` (exclusive) are no longer known."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Delete:
    """The row at ``index`` is gone; the next operation says how the gap closes."""

    index: int


@dataclass(frozen=True, slots=True)
class Insert:
    """``room_id`` is at ``index``; the rows between it and the gap move into the gap."""

    index: int
    room_id: RoomID


Operation = Sync | Invalidate | Delete | Insert


def apply_operations(
    rows: Mapping[int, RoomID], ranges: Ranges, operations: Iterable[Operation]
) -> dict[int, RoomID]:
    """What a client with ``rows`` (index → room) has after the operations (L-81).

    ``ranges`` are the client's windows: no row outside them outlives a shift. A DELETE
    that no INSERT follows moves all rows above it down by one.
    """
    now: dict[int, RoomID | None] = dict(rows)
    gap: int | None = None  # the row that the last DELETE has emptied
    for operation in operations:
        if isinstance(operation, Insert):
            _insert(now, gap, operation)
            gap = None
            continue
        if gap is not None:
            _close(now, gap, ranges)
            gap = None
        if isinstance(operation, Delete):
            now[operation.index] = None
            gap = operation.index
        elif isinstance(operation, Invalidate):
            now.update(dict.fromkeys(range(operation.start, operation.stop)))
        else:
            now.update(enumerate(operation.rooms, operation.start))
    if gap is not None:
        _close(now, gap, ranges)
    return {index: room for index, room in now.items() if room is not None}


def _insert(rows: dict[int, RoomID | None], gap: int | None, insert: Insert) -> None:
    """Shift the rows between the gap and the new row into the gap, then fill the row.

    Without a gap everything from the new row on moves up.
    """
    at = insert.index
    if gap is None:
        gap = max(rows, default=-1) + 1
    if gap > at:
        between = list(map(rows.get, range(at, gap)))
        rows.update(zip(range(at + 1, gap + 1), between, strict=True))
    elif gap < at:
        between = list(map(rows.get, range(gap + 1, at + 1)))
        rows.update(zip(range(gap, at), between, strict=True))
    rows[at] = insert.room_id


def _close(rows: dict[int, RoomID | None], gap: int, ranges: Ranges) -> None:
    """Shift all rows above the gap down by one; what falls below its range is lost."""
    above = [index for index in rows if index > gap]
    shifted = {index - 1: rows.pop(index) for index in above}
    rows.pop(gap, None)
    rows.update(shifted)
    for start, _ in ranges:
        below = start - 1
        if not any(first <= below < stop for first, stop in ranges):
            rows.pop(below, None)
