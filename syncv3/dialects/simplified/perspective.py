"""Which rooms lists have, what they are called and when they were active (sections 4, 5 and 10).

A room that its user has left by themselves is in no list: each connection that knows the room is
told of that once, whatever its lists show (S-82, S-83). Rooms that others have put the user out
of stay in the lists, where their end is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from syncv3.cache.perspective import UNKNOWN, Rooms, RoomSummary, RoomType
from syncv3.cache.rooms import CachedRoom, Labels
from syncv3.protocol.invites import Invite
from syncv3.protocol.response import HEROES_MOST, Hero
from syncv3.store.remnant import was_in
from syncv3.store.rows import UserRoomRow
from syncv3.types import UserID

JOIN = "join"
PENDING = ("invite", "knock")


@dataclass(frozen=True, slots=True)
class SeenSimply:
    """See ``syncv3.cache.perspective.Perspective``.

    ``lists_strangers``: also rooms whose user was banned without ever having been in them.
    ``names_invites``: of an invite a name and an avatar is said, as its stripped state has them.
    """

    lists_strangers: bool = True
    names_invites: bool = True

    def candidate(self, rooms: Rooms, room_key: int) -> bool:
        """Whether the room belongs to the server's list (S-80 to S-87)."""
        stay = rooms.rooms.get(room_key)
        if stay is None or stay.forgotten:
            return False
        match stay.membership:
            case "join":
                return rooms.may_see(room_key)
            case "invite":
                return not rooms.is_invited_by_ignored(room_key)
            case "knock":
                return True
            case "ban":
                return self.lists_strangers or was_in(stay)
        return not rooms.is_left_by_self(room_key)

    def told(
        self, labels: Labels, heroes: Iterable[Hero], me: UserID, *, is_dm: bool | None
    ) -> RoomSummary:
        """The name that the room was given, and nobody's but the room's avatar (S-271 to S-276)."""
        others = () if labels.name else tuple(hero for hero in heroes if hero.user_id != me)
        return RoomSummary(
            name=labels.name or "",
            heroes=others[:HEROES_MOST],
            avatar=(labels.avatar or None,),
            joined=labels.joined,
            invited=labels.invited,
            is_dm=is_dm,
        )

    def told_of_invite(self, invite: Invite, *, is_dm: bool) -> RoomSummary:
        """Neither heroes nor counts: they are of joined rooms only (S-273 to S-276)."""
        if not self.names_invites:
            return RoomSummary(is_dm=is_dm)
        return RoomSummary(name=invite.name or "", avatar=(invite.avatar_url,), is_dm=is_dm)

    def is_dm(self, listed: bool, invite: Invite | None, *, invited_later: bool) -> bool:
        """What the user's account data says, nothing else (S-131)."""
        return listed

    def is_encrypted(
        self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None
    ) -> bool | None:
        """As of the end of a membership that has ended (S-132).

        Of the room after the end nothing shows. So if it is encrypted now, and something has
        happened in it since, it is not known whether it was encrypted at the end.
        """
        if stay.membership == JOIN:
            return room.row.encrypted
        if _is_told(stay):
            return invite.is_encrypted if invite is not None and invite.has_create else None
        # Encryption is never switched off: if there is none now, there was none at the end.
        went_on = (room.row.head_ord or 0) > (stay.left_ord or 0)
        return None if room.row.encrypted and went_on else room.row.encrypted

    def room_type(self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None) -> RoomType:
        """It never changes, so whoever was in the room knows it (S-134)."""
        if _is_told(stay):
            return invite.room_type if invite is not None and invite.has_create else UNKNOWN
        return room.row.room_type

    def unread(self, stay: UserRoomRow) -> tuple[int, int]:
        """The homeserver's own numbers (S-284); none of rooms that the user is not in."""
        if stay.membership != JOIN:
            return 0, 0
        return stay.notification_count, stay.highlight_count

    def activity(
        self,
        stay: UserRoomRow,
        room: CachedRoom,
        ignored: frozenset[str],
        bump_types: frozenset[str] | None,
    ) -> int:
        """When the newest event of whatever type arrived; of a room that the user is not in, when
        that came about (S-110, S-111)."""
        stamp = room.stamp(ignored=ignored) if stay.membership == JOIN else None
        return stay.stamp if stamp is None else stamp


def _is_told(stay: UserRoomRow) -> bool:
    """Whether the user knows of the room only what they were told with an invite, or of an end
    from before they came here."""
    return stay.membership in PENDING or (stay.membership != JOIN and stay.joined_ord is None)
