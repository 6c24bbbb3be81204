"""A client's sparse copy of one list, kept by applying operations (L-81, MSC3575-S-4 and S-5)."""

from collections.abc import Iterable, Sequence
from typing import Any

Range = tuple[int, int]  # both ends inclusive, as on the wire


class ListCopy:
    """What a client knows of one list: ``rooms`` maps index to room ID.

    Never clever: it believes every operation, and ``check`` says where that led.
    """

    def __init__(self) -> None:
        self.rooms: dict[int, str] = {}
        self.count = 0
        self.ranges: tuple[Range, ...] = ()
        self.everything = False  # slow_get_all_rooms: operations ignore the ranges

    def configure(self, request: dict[str, Any]) -> None:
        """Remember what the client asked for; absent fields are sticky."""
        if request.get("ranges") is not None:
            self.ranges = tuple((first, last) for first, last in request["ranges"])
        if request.get("slow_get_all_rooms") is not None:
            self.everything = request["slow_get_all_rooms"]

    def apply(self, count: int, ops: Iterable[dict[str, Any]]) -> None:
        """One answer's part about this list, in order."""
        self.count = count
        gap: int | None = None
        for op in ops:
            if gap is not None and op["op"] != "INSERT":
                self._close(gap)
                gap = None
            if op["op"] == "SYNC":
                self._sync(op)
            elif op["op"] == "INVALIDATE":
                self._invalidate(op)
            elif op["op"] == "DELETE":
                gap = op["index"]
                self.rooms.pop(gap, None)
            else:
                self._insert(op["index"], op["room_id"], gap)
                gap = None
        if gap is not None:
            self._close(gap)

    def window(self) -> list[str]:
        """The known rooms in order."""
        return [self.rooms[index] for index in sorted(self.rooms)]

    def problems(self) -> list[str]:
        """How the copy differs from what any correct server leads to; empty is good."""
        wanted = self._indexes()
        missing = sorted(wanted - self.rooms.keys())
        extra = sorted(self.rooms.keys() - wanted)
        twice = sorted(r for r in set(self.rooms.values()) if self.window().count(r) > 1)
        found = {"nothing at": missing, "something at": extra, "twice": twice}
        return [f"{what} {which}" for what, which in found.items() if which]

    def _indexes(self) -> set[int]:
        if self.everything:
            return set(self.rooms)
        return {i for first, last in self.ranges for i in range(first, min(last + 1, self.count))}

    def _sync(self, op: dict[str, Any]) -> None:
        first, last = op["range"]
        room_ids: Sequence[str] = op.get("room_ids", ())
        assert len(room_ids) == last - first + 1, f"L-62: {op}"
        self.rooms.update(enumerate(room_ids, first))

    def _invalidate(self, op: dict[str, Any]) -> None:
        first, last = op["range"]
        assert first <= last, f"L-64: {op}"
        for index in range(first, last + 1):
            self.rooms.pop(index, None)

    def _insert(self, index: int, room_id: str, gap: int | None) -> None:
        """Entries between the gap and the index move one towards the gap."""
        if gap is None:
            assert index not in self.rooms, f"INSERT {index} without DELETE onto an entry"
        elif gap > index:
            for i in range(gap, index, -1):
                self._move(i - 1, i)
        elif gap < index:
            for i in range(gap, index):
                self._move(i + 1, i)
        self.rooms[index] = room_id

    def _close(self, gap: int) -> None:
        """A lone DELETE: everything above it moves down by one."""
        for i in range(gap, max(self.rooms, default=gap)):
            self._move(i + 1, i)

    def _move(self, source: int, target: int) -> None:
        self.rooms.pop(target, None)
        if source in self.rooms:
            self.rooms[target] = self.rooms.pop(source)
