"""Rows of the hot tables as values, in the order of their columns.

``columns()`` is what ``ss_commit_group`` takes. Positions written by ingest are relative
while a group is planned: -1 is the group's first position (see ``sql/30_commit_group.sql``).

What the columns' names mean, wherever they come: ``*_pos`` is a position of the stream, so when
*we* learned something. ``*_ord`` is an order, the place of an event in its room's timeline.
``*_us`` is a time of the database's clock in microseconds, when the answer was made that reports
something; of two reports on one thing the later one wins. ``*_key`` is the number that stands for a
user, a device, a room or an event. What each column holds is said in ``models/``.
"""

from collections.abc import Iterable
from typing import Any, Self

import msgspec


class Row(msgspec.Struct, frozen=True, gc=False):
    """A table row; its fields are the table's columns in order."""

    @classmethod
    def of(cls, record: Iterable[Any]) -> Self:
        """The row of a database record. Arrays become tuples: a row never changes."""
        return cls(*[tuple(v) if type(v) is list else v for v in record])

    def columns(self) -> tuple[Any, ...]:
        """Its values in the order of the table's columns."""
        return msgspec.structs.astuple(self)


class RoomRow(Row, frozen=True, gc=False):
    """``ss_rooms``: what is the same for everybody, see ``models.rooms.Room``."""

    room_key: int
    room_id: str
    version: int = 0
    pos: int = 0
    reset_pos: int = 0
    head_ord: int | None = None
    gap_ord: int | None = None
    filled_ord: int | None = None
    generated_us: int = 0
    name: str | None = None
    alias: str | None = None
    avatar: str | None = None
    room_type: str | None = None
    room_version: str | None = None
    encrypted: bool = False
    predecessor: str | None = None
    successor: str | None = None
    joined: int = 0
    invited: int = 0
    heroes: bytes = b"[]"
    newest: bytes = b"{}"
    name_pos: int = 0
    avatar_pos: int = 0
    counts_pos: int = 0
    members_complete: bool = False
    head_token: str | None = None
    history_hidden: bool = False


class ChildRow(Row, frozen=True, gc=False):
    """``ss_space_children``: a room that a space names as its child, or does no longer."""

    room_key: int
    child: str
    valid: bool
    pos: int


class EventRow(Row, frozen=True, gc=False):
    """``ss_events``: one event. ``json`` is the event as it came, without its ``unsigned``.

    ``pos`` None: it is nobody's news. ``ord`` None: it has no place in the timeline.
    """

    event_key: int
    room_key: int
    pos: int | None
    ord: int | None
    history: bool
    event_id: bytes
    type: str
    state_key: str | None
    redacts: str | None
    prev_batch: str | None
    json: bytes
    unsigned: bytes | None


class UserRoomRow(Row, frozen=True, gc=False):
    """``ss_user_rooms``: one user's relation to one room."""

    user_key: int
    room_key: int
    pos: int
    membership: str
    reset_pos: int
    generated_us: int
    joined_ord: int | None = None
    visible_ord: int | None = None
    left_ord: int | None = None
    confirmed_ord: int | None = None
    confirmed_pos: int = 0
    joined_ts: int = 0
    member_json: bytes | None = None
    stripped: bytes | None = None
    notification_count: int = 0
    highlight_count: int = 0
    unread_pos: int = 0
    unread_us: int = 0
    tags: tuple[str, ...] = ()
    tags_us: int = 0
    forgotten: bool = False
    stamp: int = 0

    @property
    def ended_pos(self) -> int:
        """Of a membership that has ended: when the last was heard of its end. ``reset_pos`` is
        when it ended, ``confirmed_pos`` when it was told otherwise, say as a ban after a leave."""
        return max(self.reset_pos, self.confirmed_pos)

    @property
    def entered_pos(self) -> int:
        """Of a membership that has ended: when it was known here that the user had come in; 0: that
        is not kept. The join itself may have been known before, by what others were told."""
        return self.confirmed_pos if self.confirmed_pos < self.reset_pos else 0


class HistoryRow(Row, frozen=True, gc=False):
    """``ss_history``: older events of a room that a user asked for, the newest first."""

    user_key: int
    room_key: int
    base_ord: int
    number: int
    pos: int
    events: tuple[bytes, ...]
    start: str
    next: str | None = None
    done: bool = False


class FilledRow(Row, frozen=True, gc=False):
    """What of ``ss_history`` tells that a user's history of a room has grown."""

    user_key: int
    room_key: int
    base_ord: int
    pos: int


class UserRow(Row, frozen=True, gc=False):
    """``ss_users``: a local user. ``direct``: the rooms that ``m.direct`` names; ``ignored``: the
    users of ``m.ignored_user_list``."""

    user_key: int
    user_id: str
    pos: int
    direct: tuple[str, ...]
    direct_us: int
    ignored: tuple[str, ...]
    ignored_us: int


class TxnRow(Row, frozen=True, gc=False):
    """``ss_txns`` without its time: a device's poller has brought one of its user's own events;
    ``txn_id`` None: without a transaction ID, as it was sent from another device."""

    device_key: int
    event_key: int
    txn_id: str | None
    pos: int


class ChangeRow(Row, frozen=True, gc=False):
    """``ss_changes``: something an extension stored changed, for the user, device or room that is
    named; None: for any."""

    pos: int
    extension: str
    user_key: int | None
    device_key: int | None
    room_key: int | None
