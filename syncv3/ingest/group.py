"""A planned group: the rows that one call of ``ss_commit_group`` writes.

All positions in the rows are relative, because the real ones are given away when the group is
written: -1 stands for its first position, -2 for its second. Numbers that are not negative stand
for themselves. Rows of a table are in the order of planning; the tables' order is the function's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from syncv3.store.rows import ChildRow, EventRow, HistoryRow, RoomRow, UserRoomRow
from syncv3.types import DeviceKey, EventID, RoomID, UserID

Columns = tuple[Any, ...]


def hook_row(name: str, statement: str, rows: Iterable[str], tells: bool) -> Columns:
    """A statement of the extension ``name`` (empty: of the core) with its rows as JSON."""
    return name, statement, f"[{','.join(rows)}]", tells


class KeySource:
    """Hands out surrogate keys from blocks that the database reserved.

    The committer reserves ``blocks_for`` what it needs and calls ``refill`` before it plans.
    """

    BLOCK = 1000

    def __init__(self) -> None:
        self._free: list[range] = []
        self._next: Iterator[int] = iter(())
        self.left = 0

    def refill(self, block: int) -> None:
        """Adds the keys of a block; ``block`` is the number that the database's sequence gave."""
        self._free.append(range(block * self.BLOCK, (block + 1) * self.BLOCK))
        self.left += self.BLOCK

    def blocks_for(self, need: int) -> int:
        """How many blocks must be reserved so that ``need`` keys can be taken, and one more to
        spare."""
        return max(0, -(-(need + 1 - self.left) // self.BLOCK))

    def take(self) -> int:
        """One key that nobody else has. There must be one left."""
        key = next(self._next, None)
        while key is None:
            self._next = iter(self._free.pop(0))
            key = next(self._next, None)
        self.left -= 1
        return key


@dataclass(slots=True)
class Group:
    """Rows by table. ``guards`` and ``expect`` are no rows: by them the function refuses the group.

    ``guards``: lease, ``since`` and next ``since`` of each part's poller. ``expect``: the version
    that each known room was planned from. ``new_rooms``: rooms that must still be unknown.
    """

    positions: int = 0
    guards: list[Columns] = field(default_factory=list)
    expect: list[Columns] = field(default_factory=list)
    new_rooms: list[RoomID] = field(default_factory=list)
    rooms: list[RoomRow] = field(default_factory=list)
    children: list[ChildRow] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    """Keys of events that only somebody's history had: rows of ``events`` take their places."""
    events: list[EventRow] = field(default_factory=list)
    history: list[HistoryRow] = field(default_factory=list)
    state: list[Columns] = field(default_factory=list)
    redacted: list[Columns] = field(default_factory=list)
    gaps: list[Columns] = field(default_factory=list)
    user_rooms: list[UserRoomRow] = field(default_factory=list)
    unread: list[Columns] = field(default_factory=list)
    tags: list[Columns] = field(default_factory=list)
    users: list[Columns] = field(default_factory=list)
    txns: list[Columns] = field(default_factory=list)
    hooks: list[Columns] = field(default_factory=list)
    changes: list[Columns] = field(default_factory=list)
    complete: list[DeviceKey] = field(default_factory=list)
    """Devices whose rooms are all there now, which were due."""
    strangers: dict[RoomID, dict[UserID, EventID]] = field(default_factory=dict)
    """Not written: by room, the senders without member event, each with an event of theirs."""
    doubtful: dict[RoomID, dict[UserID, EventID]] = field(default_factory=dict)
    """Not written: the senders whose member event may be older than a gap, in the same way."""
    remarks: list[tuple[RoomID, str]] = field(default_factory=list)
    """Not written: what the log is told of rooms."""

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.rooms or self.events or self.user_rooms)

    def take_position(self) -> int:
        """The next position, relative to the group: -1, -2, ..."""
        self.positions += 1
        return -self.positions

    def arguments(self, epoch: int) -> tuple[Any, ...]:
        """What ``ss_commit_group`` is called with; None stands for no rows."""
        rows = (
            self.guards,
            self.expect,
            self.new_rooms,
            [row.columns() for row in self.rooms],
            [row.columns() for row in self.children],
            self.taken,
            [row.columns() for row in self.events],
            [row.columns() for row in self.history],
            self.state,
            self.redacted,
            self.gaps,
            [row.columns() for row in self.user_rooms],
            self.unread,
            self.tags,
            self.users,
            self.txns,
            self.hooks,
            self.changes,
            self.complete,
        )
        return (epoch, max(self.positions, 1), *[each or None for each in rows])
