"""A room as one user's lists see it: what filters and sorts read."""

from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from syncv3.cache.rooms import CachedRoom
from syncv3.cache.told import HEROES_SHOWN
from syncv3.protocol.listing import canonical_name
from syncv3.protocol.names import UNTOLD, Invite, Named, invite_room, room_avatar, room_name
from syncv3.protocol.response import Hero
from syncv3.store.newest import ANY_TYPE
from syncv3.store.rows import UserRoomRow
from syncv3.types import UserID
from syncv3.untrusted import is_fit, raw_list


class Owner(Protocol):
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

    def __init__(self, user: Owner, view: UserRoomRow, room: CachedRoom) -> None:
        self._user = user
        self.view = view
        self.room = room
        self.room_id = room.row.room_id

    @cached_property
    def invite(self) -> Invite | None:
        """The facts of a pending invite or knock; None for a room that its user is in.

        Of any other room there are only those: nothing of the real one shows (X-5).
        """
        if self.view.membership == "join":
            return None
        return invite_room(self.stripped, self._user.user_id) or UNTOLD

    @cached_property
    def stripped(self) -> tuple[bytes, ...]:
        return tuple(filter(is_fit, raw_list(self.view.stripped or b"[]")))

    @property
    def is_invite(self) -> bool:
        return self.view.membership == "invite"

    @property
    def is_dm(self) -> bool:
        return self.is_direct(self._user.direct, self._user.direct_us)

    def is_direct(self, direct: frozenset[str], direct_us: int) -> bool:
        """Whether the room is a DM by an ``m.direct`` of these rooms, made at ``direct_us``."""
        if self.room_id in direct:
            return True
        invited_later = self.view.generated_us > direct_us
        return self.invite is not None and self.invite.is_direct and invited_later

    @property
    def is_encrypted(self) -> bool:
        return self.invite.is_encrypted if self.invite else self.room.row.encrypted

    @property
    def is_tombstoned(self) -> bool:
        return self.invite is None and self.room.row.successor is not None

    @cached_property
    def heroes(self) -> tuple[Hero, ...]:
        if self.invite is not None:
            return self.invite.heroes
        me = self._user.user_id
        return tuple(hero for hero in self.room.heroes if hero.user_id != me)[:HEROES_SHOWN]

    @cached_property
    def named(self) -> Named:
        if self.invite is not None:
            return self.invite.named
        row = self.room.row
        return room_name(row.name, row.alias, row.joined, row.invited, self.heroes)

    @property
    def name(self) -> str:
        return self.named.name

    @cached_property
    def canonical_name(self) -> str:
        return canonical_name(self.name)

    @property
    def avatar(self) -> str | None:
        if self.invite is not None:
            return room_avatar(self.invite.avatar_url, self.is_dm, self.heroes)
        return room_avatar(self.room.row.avatar, self.is_dm, self.heroes)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(self.view.tags)

    @property
    def room_type(self) -> str | None:
        return self.invite.room_type if self.invite else self.room.row.room_type

    @property
    def parents(self) -> frozenset[str]:
        return self._user.parents(self.room_id)

    @property
    def highlight_count(self) -> int:
        return 1 if self.is_invite else self.view.highlight_count

    @property
    def notification_count(self) -> int:
        return 0 if self.is_invite else self.view.notification_count

    def activity(self, bump_types: frozenset[str] | None) -> int:
        """When the room was last active, milliseconds (L-48): a function of the data alone.

        Events of ignored senders do not count; never below the user's own join.
        """
        if self.view.membership != "join":
            learned = self.view.generated_us // 1000
            return self.view.joined_ts if 0 < self.view.joined_ts <= learned else learned
        ignored = self._user.ignored
        newest = self.room.newest() if bump_types is None else self.room.newest_of(bump_types)
        seen = [timestamp for timestamp, sender in newest if sender not in ignored]
        latest = seen[0] if bump_types is None and seen else max(seen, default=0)
        return max(latest, self.view.joined_ts)

    def stamp(self, types: Iterable[str] = (ANY_TYPE,)) -> int:
        """When the newest event of some types arrived, in milliseconds (S-110, S-280).

        Of a room that is not joined, and where no such event is known: when the user's own
        membership did (S-111, S-281).
        """
        joined = self.view.membership == "join"
        found = self.room.stamp(types) if joined else None
        return self.view.stamp if found is None else found
