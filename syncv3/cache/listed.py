"""A room as one user's lists see it: what filters and sorts read.

The same room may be called otherwise for two users, be a DM for one of them, and have other tags.
Of a room that its user is not in, all of this comes from what they were told with the invite:
nothing of the real room may show (X-5).
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from syncv3.cache.perspective import Perspective, RoomSummary, RoomType
from syncv3.cache.rooms import CachedRoom
from syncv3.protocol.invites import UNTOLD, Invite, invite_room
from syncv3.protocol.listing import canonical_name
from syncv3.store.newest import ANY_TYPE
from syncv3.store.remnant import Remnant, remnant_of
from syncv3.store.rows import UserRoomRow
from syncv3.types import UserID
from syncv3.untrusted import is_fit, object_of, raw_list


class Onlooker(Protocol):
    """What a room looks like depends on this much of its user."""

    direct: frozenset[str]
    ignored: frozenset[str]

    @property
    def user_id(self) -> UserID: ...

    @property
    def direct_us(self) -> int:
        """When ``direct`` was made."""

    def parents(self, room_id: str) -> frozenset[str]: ...


class ListedRoom:
    """Computed when asked, once; a change of the room makes a new one."""

    def __init__(
        self, user: Onlooker, stay: UserRoomRow, room: CachedRoom, perspective: Perspective
    ) -> None:
        self._user = user
        self._perspective = perspective
        self.stay = stay
        self.room = room
        self.room_id = room.row.room_id

    @cached_property
    def invite(self) -> Invite | None:
        """The facts of a pending invite or knock; None for a room that its user is in.

        Of any other room there are only those: nothing of the real one shows (X-5). Of one that
        the user was put out of before they came here there are the same of what they were told.
        """
        if self.stay.membership == "join":
            return None
        told = self.stripped
        if self.remnant is not None:
            told = (*self.remnant.events, self.stay.member_json or b"{}")
        return invite_room(told, self._user.user_id) or UNTOLD

    @cached_property
    def stripped(self) -> tuple[bytes, ...]:
        """The stripped state of an invite or a knock: those events that clients can be sent."""
        return tuple(filter(is_fit, raw_list(self.stay.stripped or b"[]")))

    @cached_property
    def remnant(self) -> Remnant | None:
        """What is kept for the user alone of a membership that has ended, if anything is."""
        return remnant_of(self.stay)

    @property
    def is_invite(self) -> bool:
        return self.stay.membership == "invite"

    @property
    def is_dm(self) -> bool:
        return self.is_direct(self._user.direct, self._user.direct_us)

    def is_direct(self, direct: frozenset[str], direct_us: int) -> bool:
        """Whether the room is a DM by an ``m.direct`` of these rooms, made at ``direct_us``."""
        invited_later = self.stay.generated_us > direct_us
        listed = self.room_id in direct
        return self._perspective.is_dm(listed, self.invite, invited_later=invited_later)

    @property
    def is_encrypted(self) -> bool | None:
        return self._perspective.is_encrypted(self.stay, self.room, self.invite)

    @cached_property
    def is_left_by_self(self) -> bool:
        """Whether the user ended the membership. Ends without an event are rejected invites."""
        if self.stay.membership != "leave":
            return False
        sender = object_of(self.stay.member_json or b"{}").get("sender")
        return sender in (None, self._user.user_id)

    @property
    def is_tombstoned(self) -> bool:
        """Whether the joined room has a tombstone; of others that would tell something (X-5)."""
        return self.invite is None and self.room.row.successor is not None

    @cached_property
    def told(self) -> RoomSummary:
        """What its dialect says of it now."""
        if self.invite is not None:
            return self._perspective.told_of_invite(self.invite, is_dm=self.is_dm)
        labels, heroes = self.room.labels, self.room.heroes
        return self._perspective.told(labels, heroes, self._user.user_id, is_dm=self.is_dm)

    @property
    def name(self) -> str:
        return self.told.name or ""

    @cached_property
    def canonical_name(self) -> str:
        return canonical_name(self.name)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(self.stay.tags)

    @property
    def room_type(self) -> RoomType:
        return self._perspective.room_type(self.stay, self.room, self.invite)

    @property
    def parents(self) -> frozenset[str]:
        return self._user.parents(self.room_id)

    @property
    def notification_count(self) -> int:
        return self._perspective.unread(self.stay)[0]

    @property
    def highlight_count(self) -> int:
        return self._perspective.unread(self.stay)[1]

    def activity(self, bump_types: frozenset[str] | None) -> int:
        """When the room was last active, in milliseconds (L-48)."""
        return self._perspective.activity(self.stay, self.room, self._user.ignored, bump_types)

    def stamp(self, types: Iterable[str] = (ANY_TYPE,)) -> int:
        """When the newest event of some types arrived, in milliseconds (S-110, S-280).

        Of a room that is not joined, and where no such event is known: when the user's own
        membership did (S-111, S-281).
        """
        joined = self.stay.membership == "join"
        found = self.room.stamp(types, self._user.ignored) if joined else None
        return self.stay.stamp if found is None else found
