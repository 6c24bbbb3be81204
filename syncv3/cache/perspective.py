"""How a dialect of sliding sync sees a user's rooms.

Which rooms may be in a list, what they are called and when they were last active is told by
rules of the dialect. They are pure functions of what the cache holds. The cache keeps what
follows from them per user and perspective, so that clients of two dialects on one account do
not get in each other's way.

An example: a room without a name, in which Alice is with Bob. In one dialect the server calls it
"Bob" and shows his avatar if it is a DM; in others it says that there is no name, and the client
makes one of the heroes. In one an invite counts as a highlight, in others as nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from syncv3.cache.rooms import CachedRoom, Labels
from syncv3.protocol.invites import Invite
from syncv3.protocol.listing import UNKNOWN, RoomType
from syncv3.protocol.response import Hero
from syncv3.store.rows import UserRoomRow
from syncv3.types import UserID

__all__ = ["UNKNOWN", "Perspective", "RoomSummary", "RoomType", "Rooms"]


class RoomSummary(msgspec.Struct, frozen=True, gc=False):
    """What is said of a room's name, avatar, counts and DM flag; None: not known.

    ``heroes`` are empty if the name was not made from them. ``avatar`` is in a tuple, so that
    "no avatar" can be said.
    """

    name: str | None = None
    heroes: tuple[Hero, ...] | None = None
    avatar: tuple[str | None] | None = None
    joined: int | None = None
    invited: int | None = None
    is_dm: bool | None = None


class Rooms(Protocol):
    """What may decide whether a room can be in a user's lists."""

    @property
    def rooms(self) -> Mapping[int, UserRoomRow]: ...

    def may_see(self, room_key: int) -> bool:
        """Whether the user is known to be joined to the room."""

    def is_replaced(self, room_key: int) -> bool:
        """Whether the user is joined to the room that this one's tombstone names."""

    def is_invited_by_ignored(self, room_key: int) -> bool:
        """Whether somebody sent the invite whom the user ignores: some homeservers pass it on."""

    def is_left_by_self(self, room_key: int) -> bool:
        """Whether it was the user who ended the membership, not somebody else."""


class Perspective(Protocol):
    """One dialect's rules. Equal ones share lists, so it must be hashable."""

    def __hash__(self) -> int: ...

    def candidate(self, rooms: Rooms, room_key: int) -> bool:
        """Whether the room can be in a list at all, whatever the list's filters."""

    def told(
        self, labels: Labels, heroes: Iterable[Hero], me: UserID, *, is_dm: bool | None
    ) -> RoomSummary:
        """What is said of a joined room with these labels, and all its heroes, to a member.

        ``is_dm`` None: it is not known, nor is what follows from it.
        """

    def told_of_invite(self, invite: Invite, *, is_dm: bool) -> RoomSummary:
        """What is said of a room that the user is invited to, or has knocked on."""

    def is_dm(self, listed: bool, invite: Invite | None, *, invited_later: bool) -> bool:
        """Whether the room is a DM. ``listed``: the user's account data says so.

        ``invited_later``: the pending invite came after this account data was written.
        """

    def is_encrypted(
        self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None
    ) -> bool | None:
        """Whether the room is encrypted, as far as the user may know; None: that is not known.

        ``invite`` has the facts of a pending invite or knock; None: the user is in the room.
        """

    def room_type(self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None) -> RoomType:
        """What kind of room it is, as far as the user may know."""

    def unread(self, stay: UserRoomRow) -> tuple[int, int]:
        """The notification and the highlight count."""

    def activity(
        self,
        stay: UserRoomRow,
        room: CachedRoom,
        ignored: frozenset[str],
        bump_types: frozenset[str] | None,
    ) -> int:
        """When the room was last active, in milliseconds: a function of stored rows, so that it
        is the same on every worker. ``bump_types`` are those that the list asks for."""
