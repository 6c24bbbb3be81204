"""One user in the cache: their rooms, what touched them lately, and their sorted lists.

Which rooms must an answer look at? Those *touched* after the client's position: so there is a log
of (position, room), in order. An example: R is touched at 7, S at 8, R at 9. For a client from 7
that is S and R, for one from 8 it is R alone. The log is bounded; for a client from before its
beginning (``_floor``) any room may have been touched.

A room is touched whenever what its user is told of it may read differently: something happened in
it, the user's own relation to it changed, it became a DM, or another room has replaced it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from syncv3.cache.perspective import Perspective
from syncv3.cache.replaced import Replaced
from syncv3.cache.rooms import CachedRoom
from syncv3.cache.seen import Direct, SeenRooms
from syncv3.cache.spaces import Spaces
from syncv3.store.rows import FilledRow, UserRoomRow, UserRow
from syncv3.types import UserID

LOG_MOST: Final = 10_000
DIRECT_KEPT: Final = 8
SPACE: Final = "m.space"
TOMBSTONE: Final = ("m.room.tombstone", "")


class CachedUser:
    """A user who is served here. ``rooms`` has all rooms they have or had to do with."""

    def __init__(
        self,
        row: UserRow,
        rooms: dict[int, UserRoomRow],
        known: Mapping[int, CachedRoom],
        spaces: Spaces,
        position: int,
        filled: Mapping[int, FilledRow] | None = None,
    ) -> None:
        self.row = row
        self.rooms = rooms
        self.known = known  # the cache's rooms; holds every room of ``rooms``
        self._spaces = spaces  # the cache's
        self.ignored = frozenset(row.ignored)
        self.direct = frozenset(row.direct)
        self.used = 0.0
        self.by_id: dict[str, int] = {known[key].row.room_id: key for key in rooms}
        self._floor = position  # the log of touched rooms is complete after it
        self._touched_at: list[int] = []  # positions, ascending
        self._touched: list[int] = []  # the rooms, one for each of these
        self._seen: dict[Perspective, SeenRooms] = {}
        self._since = position
        newest_last = sorted((filled or {}).items(), key=lambda item: item[1].pos)
        self._filled: dict[int, FilledRow] = dict(newest_last)
        self._direct: list[tuple[int, int, frozenset[str], int]] = []  # as CachedRoom._labels
        self.replaced = Replaced(self._joined)
        for key in rooms:
            self.note_successor(key)
        self.replaced.settle()

    @property
    def user_id(self) -> UserID:
        """The user's Matrix ID."""
        return UserID(self.row.user_id)

    @property
    def direct_us(self) -> int:
        """When the ``m.direct`` was made that counts, in microseconds."""
        return self.row.direct_us

    # -- what changed ----------------------------------------------------------------

    def touch(self, position: int, room_key: int) -> None:
        """Something about the room may read differently since ``position``."""
        if self._touched and self._touched[-1] == room_key and self._touched_at[-1] == position:
            return
        self._touched_at.append(position)
        self._touched.append(room_key)
        for seen in self._seen.values():
            seen.forget(room_key)
        if len(self._touched) > LOG_MOST:
            half = LOG_MOST // 2
            self._floor = self._touched_at[half - 1]
            del self._touched_at[:half], self._touched[:half]

    def touch_all(self, position: int) -> None:
        """Everything may read differently (the ignored users changed)."""
        self._seen.clear()
        for room_key in self.rooms:
            self.touch(position, room_key)

    def touched_since(self, position: int) -> Iterable[int]:
        """The rooms touched after ``position``, in order of their last change."""
        if position < self._floor:
            return list(self.rooms)
        at = bisect_right(self._touched_at, position)
        newest_first = dict.fromkeys(reversed(self._touched[at:]))
        return list(reversed(newest_first))

    def moved_since(self, position: int) -> Iterable[int]:
        """The rooms that may have changed places after ``position``, the last one last.

        Those touched; of what happened before this worker knew the user, those that have
        changed themselves. All rooms would be too many: a client would be told of moves
        that have not happened whenever it comes to another worker.
        """
        if self.remembers(position):
            return self.touched_since(position)
        changed = {key: self.changed_at(key) for key in self.rooms}
        return sorted((key for key in changed if changed[key] > position), key=changed.__getitem__)

    def remembers(self, position: int) -> bool:
        """Whether this worker has known the user since a position."""
        return position >= self._floor

    def changed_at(self, room_key: int) -> int:
        """When something last changed that the user may know of: in an invite only itself."""
        stay = self.rooms[room_key]
        return max(stay.pos, self.known[room_key].row.pos) if _is_in(stay) else stay.pos

    # -- history that was asked for --------------------------------------------------

    def fill(self, row: FilledRow) -> None:
        """More of a room's history is stored for this user. Nothing else in the room changes:
        it stays where it is in the lists."""
        self._filled.pop(row.room_key, None)
        self._filled[row.room_key] = row

    def filled_since(self, position: int) -> Sequence[int]:
        """The rooms whose history has grown after ``position``."""
        found = []
        for key in reversed(self._filled):
            if self._filled[key].pos <= position:
                break
            found.append(key)
        return found

    def filled_at(self, room_key: int) -> int:
        """When the history before what is shown of a room last grew; 0: there is none."""
        row, stay = self._filled.get(room_key), self.rooms[room_key]
        if row is None or not _is_in(stay):
            return 0
        start = max(self.known[room_key].row.gap_ord or 0, stay.joined_ord or 0)
        return row.pos if row.base_ord >= start else 0

    # -- what was told before --------------------------------------------------------

    def set_direct(self, row: UserRow, after: int, upto: int) -> Iterable[int]:
        """Takes over which rooms are DMs; gives the rooms of which it may have changed.

        The old ones hold for the positions up to ``after``, the new ones from ``upto`` on.
        """
        before, self.direct = self.direct, frozenset(row.direct)
        if before == self.direct and row.direct_us == self.direct_us:
            return ()
        self._direct.append((after, upto, before, self.direct_us))
        if len(self._direct) > DIRECT_KEPT:
            self._since = self._direct.pop(0)[1]
        moved = [self.by_id[room_id] for room_id in before ^ self.direct if room_id in self.by_id]
        # An invite says itself whether it is to a DM, until a newer ``m.direct`` speaks.
        invites = [key for key, stay in self.rooms.items() if stay.membership == "invite"]
        return dict.fromkeys((*moved, *invites))

    def direct_at(self, position: int) -> Direct | None:
        """The DMs at an earlier position, and when they were made; None: not known."""
        if self.row.pos <= position:
            return self.direct, self.direct_us
        direct: Direct | None = (self.direct, self.direct_us)
        for upto, until, rooms, made_us in reversed(self._direct):
            if position >= until:
                return direct
            direct = (rooms, made_us) if position <= upto else None
        return direct if position >= self._since else None

    # -- lists -----------------------------------------------------------------------

    def seen(self, perspective: Perspective) -> SeenRooms:
        """The rooms as a dialect sees them."""
        found = self._seen.get(perspective)
        if found is None:
            found = self._seen[perspective] = SeenRooms(self, perspective)
        return found

    def is_replaced(self, room_key: int) -> bool:
        """Whether the user is joined to the room that this one's tombstone names (L-2)."""
        return self.replaced.hides(room_key)

    def _joined(self, room_id: str) -> int | None:
        """The key of a room that the user is joined to."""
        key = self.by_id.get(room_id)
        return key if key is not None and self.rooms[key].membership == "join" else None

    def note_successor(self, room_key: int) -> None:
        """Takes over which room replaces a joined one; of others nothing must show (X-1)."""
        room, joined = self.known[room_key].row, self.rooms[room_key].membership == "join"
        self.replaced.note(room_key, room.room_id, room.successor if joined else None)

    def touch_replaced(self, position: int) -> None:
        """Touches the rooms that became replaced, or are replaced no longer."""
        for room_key in self.replaced.settle():
            self.touch(position, room_key)

    def decide_replaced(self) -> set[int]:
        """Decides which room of a circle of replaced ones stays in the lists.

        Gives the rooms whose state must be loaded before that can be told.
        """
        missing: set[int] = set()
        for circle in self.replaced.undecided():
            unknown = {key for key in circle.rooms if self.known[key].state is None}
            missing |= unknown
            if not unknown:
                circle.kept = max(circle.rooms, key=self._tombstoned)
                for room_key in circle.rooms:
                    for seen in self._seen.values():
                        seen.look_again(room_key)
        return missing

    def _tombstoned(self, room_key: int) -> tuple[int, str]:
        """When the room's tombstone was sent, as its sender says, and the room's ID."""
        room = self.known[room_key]
        tombstone = (room.state or {}).get(TOMBSTONE)
        return (tombstone.timestamp if tombstone is not None else 0), room.row.room_id

    def may_see(self, room_key: int) -> bool:
        """Whether the user is joined to the room, behind its newest gap too (B-1, X-2)."""
        stay = self.rooms[room_key]
        return stay.membership == "join" and confirmed(stay, self.known[room_key].row.gap_ord)

    def predecessors(self, room_key: int, most: int) -> Iterator[int]:
        """The chain of rooms that the room has replaced, as long as the user is in them (D-70)."""
        seen = {room_key}
        for _ in range(most):
            before = self.by_id.get(self.known[room_key].row.predecessor or "")
            if before is None or before in seen or not self.may_see(before):
                return
            room_key = before
            seen.add(room_key)
            yield room_key

    def parents(self, room_id: str) -> frozenset[str]:
        """The spaces this user is joined to that have the room as a child (L-19, SP-2)."""
        spaces = self._spaces.parents(room_id)
        return frozenset(self.known[key].row.room_id for key in spaces if self._is_space(key))

    def spaces_to_load(self, room_ids: Iterable[str]) -> set[int]:
        """Those of some spaces that count for this user, but whose children are not known."""
        keys = (self.by_id.get(room_id, -1) for room_id in room_ids)
        return {key for key in keys if self._is_space(key) and not self._spaces.holds(key)}

    def _is_space(self, room_key: int) -> bool:
        """Whether this is a space that the user is joined to."""
        stay = self.rooms.get(room_key)
        return stay is not None and _is_in(stay) and self.known[room_key].row.room_type == SPACE


def _is_in(stay: UserRoomRow) -> bool:
    return stay.membership == "join"


def confirmed(stay: UserRoomRow, gap_ord: int | None) -> bool:
    """Whether the user is known to be in the room behind its newest gap."""
    return gap_ord is None or (stay.confirmed_ord or 0) >= gap_ord
