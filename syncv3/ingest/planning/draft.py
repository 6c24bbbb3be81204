"""One room while a group is planned: its row so far, and what must be written of it.

``version`` and ``pos`` of a room are different things. ``version`` moves with every write, so that
others who have planned for the room plan again. ``pos`` moves with all writes but *quiet* ones,
such as the state that comes ahead of a large room: clients are not to hear of it yet. If a quiet
write has replaced a value that somebody may have seen, it sets ``reset_pos``, which is then above
``pos``. By that the next who writes the room sees that something was not told, and tells it.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from syncv3.ingest.planning.newest import note_newest
from syncv3.ingest.planning.placement import RoomEnd
from syncv3.ingest.planning.room_keys import Hero, read_heroes, write_heroes
from syncv3.protocol.redaction import redaction_target
from syncv3.store.newest import NewestByType, read_newest, write_newest
from syncv3.store.rows import RoomRow, UserRoomRow
from syncv3.types import Event, EventID, RoomID
from syncv3.untrusted import UNREADABLE

NAME_FIELDS = ("name", "alias", "joined", "invited")


@dataclass(slots=True)
class RoomDraft:
    """The row as it will be; ``started`` is the row as it was when this group came to the room.

    ``new``: the room is not stored yet. ``touched``: the row must be written. ``quiet``: it is
    written without telling anybody, as more is to come that belongs to it.
    """

    row: RoomRow
    new: bool
    touched: bool = False
    quiet: bool = False
    _newest: NewestByType | None = None
    started: RoomRow = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.row

    @property
    def end(self) -> RoomEnd:
        """Where the room's timeline ends, as planned so far."""
        return RoomEnd(self.row.head_ord, self.row.gap_ord, self.row.filled_ord)

    @property
    def key(self) -> int:
        return self.row.room_key

    @property
    def room_id(self) -> RoomID:
        return RoomID(self.row.room_id)

    def confirmed(self, stay: UserRoomRow) -> bool:
        """Whether a joined user is known to be in the room behind its newest gap.

        Always true of a room without gaps. See ``joins`` for what a gap may hide.
        """
        return self.row.gap_ord is None or (stay.confirmed_ord or 0) >= self.row.gap_ord

    def set(self, **changes: Any) -> None:
        """Replaces columns of the row, which must then be written."""
        if changes:
            self.row = msgspec.structs.replace(self.row, **changes)
            self.touched = True

    def target_of(self, event: Event) -> EventID | None:
        """What a redaction redacts, by the rules of the room's version (RD-1); None: nothing.

        Up to version 10 homeservers check what ``redacts`` on top names, and then what
        ``content.redacts`` does. Whatever stands in the other place anybody may have written.
        """
        if event.redacts is None:
            return None
        try:
            target = redaction_target(event.json, self.row.room_version)
        except UNREADABLE:
            return None
        return target if target == event.redacts else None

    def tell_quiet_changes(self) -> None:
        """Makes sure that the row is written, if something was written before without telling."""
        if self._untold:
            self.touched = True

    @property
    def _untold(self) -> bool:
        return self.started.reset_pos > self.started.pos

    def appended(self, event: Event, stamp: int) -> None:
        """Notes that an event was appended to the timeline. ``stamp`` is when it arrived, in
        milliseconds: lists are sorted by such stamps."""
        if self._newest is None:
            self._newest = read_newest(self.row.newest)
        note_newest(self._newest, event, stamp)
        self.touched = True

    @property
    def heroes(self) -> list[Hero]:
        return read_heroes(self.row.heroes)

    def set_heroes(self, heroes: list[Hero]) -> None:
        written = write_heroes(heroes)
        if written != self.row.heroes:
            self.set(heroes=written)

    def finish(self, pos: int) -> RoomRow:
        """The row to write; ``pos`` (relative) stands where something changed.

        A room's name can change without any event that names it, as heroes come and go. So there
        are positions for name, avatar and counts: a client is sent those that are above its own.
        """
        if self._newest is not None:
            self.set(newest=write_newest(self._newest))
        if self.quiet:
            return self.row
        before, row = self.started, self.row
        changes: dict[str, Any] = {}
        # Of a hero (user ID, name, avatar, invited) the name is made of the first two, the avatar
        # of the first and third.
        names_before, names = read_heroes(before.heroes), read_heroes(row.heroes)
        if any(getattr(before, f) != getattr(row, f) for f in NAME_FIELDS) or (
            [h[:2] for h in names_before] != [h[:2] for h in names]
        ):
            changes["name_pos"] = pos
        if before.avatar != row.avatar or (
            [(h[0], h[2]) for h in names_before] != [(h[0], h[2]) for h in names]
        ):
            changes["avatar_pos"] = pos
        if (before.joined, before.invited) != (row.joined, row.invited):
            changes["counts_pos"] = pos
        if self._untold:
            changes |= dict.fromkeys(("reset_pos", "name_pos", "avatar_pos", "counts_pos"), pos)
        changes["pos"] = pos  # also for a membership alone: who joins needs the row
        return msgspec.structs.replace(row, **changes)
