"""A client that knows nothing of windows: a sparse copy of a list, as real clients keep.

It differs from ``apply_operations`` in what it does beyond the rules: rows outside the
windows live on, and an INSERT into an empty row shifts nothing.
"""

from collections.abc import Iterable

from syncv3.dialects.msc3575.operations import Delete, Insert, Invalidate, Operation
from syncv3.types import RoomID


class BenchList:
    """Index → room. A DELETE leaves a gap, which an INSERT or the next operation closes."""

    def __init__(self) -> None:
        self.rows: dict[int, RoomID] = {}

    def window(self, start: int, stop: int, count: int) -> tuple[RoomID | None, ...]:
        """The rows of a half-open range, None where the client has nothing."""
        return tuple(self.rows.get(index) for index in range(start, min(stop, count)))

    def apply(self, operations: Iterable[Operation]) -> None:
        gap = -1
        for operation in operations:
            if isinstance(operation, Delete):
                if gap >= 0:
                    self._close(gap)
                self.rows.pop(operation.index, None)
                gap = operation.index
            elif isinstance(operation, Insert):
                self._insert(gap, operation)
                gap = -1
            elif isinstance(operation, Invalidate):
                for index in range(operation.start, operation.stop):
                    self.rows.pop(index, None)
            else:
                self.rows.update(enumerate(operation.rooms, operation.start))
        if gap >= 0:
            self._close(gap)

    def _insert(self, gap: int, insert: Insert) -> None:
        at = insert.index
        if at in self.rows:
            if gap < 0:
                gap = self._last() + 1
            step = -1 if gap > at else 1
            for index in range(gap, at, step):
                self._put(index, self.rows.get(index + step))
        self.rows[at] = insert.room_id

    def _close(self, gap: int) -> None:
        end = self._last()
        for index in range(gap, end):
            self._put(index, self.rows.get(index + 1))
        if end >= gap:
            self.rows.pop(end, None)

    def _put(self, index: int, room: RoomID | None) -> None:
        if room is None:
            self.rows.pop(index, None)
        else:
            self.rows[index] = room

    def _last(self) -> int:
        return max(self.rows, default=-1)
